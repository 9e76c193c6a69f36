"""Single sign-on against a real issuer: PKCE, linking by a verified address, registration, and what is refused."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client

from madang.apps.accounts.models import Person
from madang.apps.accounts.queries import consents_of
from tests.factories.people import person
from tests.web.accounts import code, reader, sign_in
from tests.web.issuer import CLIENT, SECRET, Issuer, running

pytestmark = pytest.mark.django_db
SARI = {"sub": "s-1", "email": "Sari@example.org", "email_verified": True, "name": "Ibu Sari"}
FORM = {"name": "Ibu Sari", "language": "en", "zone": "Asia/Jakarta", "terms": "on", "privacy": "on"}


@pytest.fixture
def issuer(settings: Any) -> Iterator[Issuer]:
    with running() as found:
        app = {
            "provider_id": "sso",
            "name": "City Hall",
            "client_id": CLIENT,
            "secret": SECRET,
            "settings": {"server_url": found.address},
        }
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
        yield found
        assert found.faults == []


def through(client: Client, *, process: str = "login", target: str = "", tamper: str = "") -> Any:
    """The whole way: our button, the issuer, and back; returns our answer to the callback."""
    query = f"?process={process}" + (f"&next={target}" if target else "")
    answer = client.post(f"/account/oidc/sso/login/{query}")
    assert answer.status_code == 302
    back = requests.get(answer["Location"], allow_redirects=False, timeout=10).headers["Location"]
    parts = urlsplit(back)
    return client.get(f"{parts.path}?{parts.query}{tamper}")


def test_the_button_stands_on_the_sign_in_page_only_where_there_is_an_issuer(issuer: Issuer, settings: Any) -> None:
    assert "Sign in with City Hall" in reader().get("/account/login/").content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "City Hall" not in reader().get("/account/login/").content.decode()


def test_somebody_new_consents_and_is_registered_without_another_code(issuer: Issuer) -> None:
    issuer.person = SARI
    client = reader()
    answer = through(client, target="/me/consents")
    assert answer["Location"] == "/account/3rdparty/signup/"
    page = client.get(answer["Location"]).content.decode()
    assert 'value="Ibu Sari"' in page
    assert not Person.objects.exists()
    refused = client.post(answer["Location"], {**FORM, "email": "sari@example.org", "terms": ""})
    assert refused.status_code == 422
    answer = client.post(answer["Location"], {**FORM, "email": "sari@example.org"})
    assert (answer.status_code, answer["Location"]) == (302, "/me/consents")
    sari = Person.objects.get()
    assert (sari.email, sari.name, set(consents_of(sari))) == ("sari@example.org", "Ibu Sari", {"terms", "privacy"})
    assert SocialAccount.objects.get(user=sari).uid == "s-1"
    assert not SocialToken.objects.exists()
    again = reader()
    assert through(again)["Location"] == "/me"
    assert again.get("/me").context["user"] == sari


def test_a_verified_address_leads_to_the_account_that_has_it(issuer: Issuer) -> None:
    sari = person("sari")
    sign_in(reader(), sari.email)  # the address is shown to be theirs
    issuer.person = SARI
    client = reader()
    assert through(client)["Location"] == "/me"
    assert client.get("/me").context["user"] == sari
    assert Person.objects.count() == 1
    issuer.person = SARI | {"email": "moved@example.org"}  # known by its number from now on
    again = reader()
    through(again)
    assert again.get("/me").context["user"] == sari


def test_an_address_that_the_issuer_has_not_verified_leads_nowhere_without_a_code(issuer: Issuer) -> None:
    sari = person("sari")
    issuer.person = SARI | {"email_verified": False}
    client = reader()
    answer = through(client)
    client.get(answer["Location"])
    client.post("/account/3rdparty/signup/", {**FORM, "email": "sari@example.org"})
    assert client.get("/me").status_code == 302
    assert not SocialAccount.objects.exists()
    assert Person.objects.get() == sari


def test_another_address_than_the_issuers_needs_its_code(issuer: Issuer) -> None:
    issuer.person = SARI
    client = reader()
    through(client)
    answer = client.post("/account/3rdparty/signup/", {**FORM, "email": "private@example.org"})
    assert client.get("/me").status_code == 302
    answer = client.post(answer["Location"], {"code": code()})
    assert client.get("/me").context["user"].email == "private@example.org"


def test_who_wrote_down_anothers_address_first_does_not_enter_once_it_is_theirs(issuer: Issuer) -> None:
    issuer.person = SARI
    through(writer := reader())
    writer.post("/account/3rdparty/signup/", {**FORM, "email": "victim@example.org"})
    victim = reader()
    sign_in(victim, "victim@example.org")
    assert victim.get("/me").context["user"].email == "victim@example.org"
    through(again := reader())
    writer.get("/account/confirm-email/")
    assert [client.get("/me").status_code for client in (again, writer)] == [302, 302]
    assert victim.get("/me").status_code == 200


@pytest.mark.parametrize("claims", [{"aud": "somebody-else"}, {"iss": "https://evil.example"}, {"exp": 1}])
def test_a_token_for_somebody_else_or_from_somebody_else_or_too_old_opens_nothing(
    issuer: Issuer, claims: dict[str, Any]
) -> None:
    issuer.person, issuer.claims = SARI, claims
    client = reader()
    answer = through(client)
    assert "failed" in answer.content.decode()
    assert client.get("/me").status_code == 302


def test_an_answer_that_nobody_asked_for_opens_nothing(issuer: Issuer) -> None:
    issuer.person = SARI
    mine, other = reader(), reader()
    answer = mine.post("/account/oidc/sso/login/?process=login")
    back = urlsplit(requests.get(answer["Location"], allow_redirects=False, timeout=10).headers["Location"])
    other.get(f"{back.path}?{back.query}")  # the state belongs to another session
    assert other.get("/me").status_code == 302
    answer = reader().get("/account/oidc/sso/login/callback/?error=access_denied&state=made-up")
    assert answer.status_code == 401


def test_it_is_connected_and_disconnected_on_the_security_page(issuer: Issuer) -> None:
    sari, client = person("sari", language="en"), reader()
    sign_in(client, sari.email)
    issuer.person = SARI | {"email": "office@example.org"}
    assert through(client, process="connect", target="/me/security")["Location"] == "/me/security"
    mine = SocialAccount.objects.get(user=sari)
    assert "Disconnect" in client.get("/me/security").content.decode()
    stranger = reader()
    stranger.force_login(person("stranger"))
    assert stranger.post("/account/3rdparty/", {"account": mine.pk}).status_code == 404
    assert client.post("/account/3rdparty/", {"account": mine.pk}).status_code == 303
    assert not SocialAccount.objects.exists()


def test_the_way_to_the_issuer_never_leads_back_to_another_site(issuer: Issuer) -> None:
    person("sari")
    issuer.person = SARI
    assert through(reader(), target="https://evil.example/")["Location"] == "/me"
