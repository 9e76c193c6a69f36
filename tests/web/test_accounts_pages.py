"""One's own pages, people and roles, the demo: without a browser."""

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client

from madang.apps.accounts.models import Grant, Person
from madang.apps.accounts.queries import consents_of
from madang.apps.directory.commands import ask_to_join
from madang.kernel.mail import deliver_due
from tests.factories.applying import begun
from tests.factories.people import acting, person
from tests.web.accounts import code, reader, sign_in, sign_up
from tests.web.apply_parts import signed_in

pytestmark = pytest.mark.django_db
OWN = ["/me", "/me/particulars", "/me/address", "/me/security", "/me/sessions", "/me/consents", "/me/leave"]


def as_person(name: str, *, role: str = "", language: str = "en", **more: str) -> Client:
    client = reader(language)
    client.force_login(person(name, role=role, language=language, **more))
    return client


# --- Pages that anybody may keep --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/calls", "/results", "/texts/terms", "/texts/privacy"])
def test_a_public_page_asks_for_no_session_where_none_came(path, monkeypatch):
    from django.contrib.sessions.backends.base import SessionBase

    def asked(self: object, *args: object) -> None:
        raise AssertionError("the session was asked")

    monkeypatch.setattr(SessionBase, "_get_session", asked)
    answer = reader().get(path)
    assert answer.status_code == 200
    assert "madang-session" not in answer.cookies


def test_screens_follow_the_person_until_a_cookie_says_otherwise():
    client = as_person("sari", language="en")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "ko"
    answer = client.get("/me")
    assert '<html lang="en"' in answer.content.decode()
    assert answer["Content-Language"] == "en"
    client.cookies["madang-language"] = "ko"
    assert '<html lang="ko"' in client.get("/me").content.decode()


def test_reading_pages_writes_nothing(django_assert_max_num_queries):
    client = as_person("sari")
    client.get("/me")
    with django_assert_max_num_queries(12) as asked:
        client.get("/me")
    assert [one["sql"] for one in asked.captured_queries if not one["sql"].startswith("SELECT")] == []


# --- One's own pages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", OWN)
def test_ones_own_pages_lead_strangers_to_the_door_and_back(path):
    answer = reader().get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/account/login/?next={path}")
    assert as_person("sari").get(path).status_code == 200


def test_particulars_are_changed_and_faults_stand_beside_their_fields():
    client = as_person("sari")
    answer = client.post("/me/particulars", {"name": "Sari B", "language": "ko", "zone": "jakarta"})
    assert (answer.status_code, answer["Location"]) == (303, "/me/particulars")
    sari = Person.objects.get()
    assert (sari.name, sari.language, sari.zone) == ("Sari B", "ko", "Asia/Jakarta")
    answer = client.post("/me/particulars", {"name": "<b>Sari</b>", "language": "ko", "zone": "Mars"})
    assert answer.status_code == 422
    assert "&lt;b&gt;Sari" in answer.content.decode()
    assert 'id="id_zone-error"' in answer.content.decode()


def test_a_session_alone_changes_no_address():
    client = as_person("sari")
    answer = client.post("/me/address", {"email": "thief@example.org"})
    assert answer["Location"].startswith("/account/reauthenticate/")
    deliver_due()
    assert [one.to for one in mail.outbox if "thief@example.org" in one.to] == []


def test_the_address_changes_by_the_code_only():
    person("sari")
    sign_in(client := reader(), "sari@example.org")
    client.post("/me/address", {"email": "new@example.org"})
    assert Person.objects.get().email == "sari@example.org"
    assert client.post("/me/address/code", {"code": "0000-0000"}).status_code == 422
    assert client.post("/me/address/code", {"code": code()}).status_code == 303
    assert Person.objects.get().email == "new@example.org"


def test_somebody_elses_address_is_not_given_away_and_not_taken():
    person("sari", language="en")
    sign_in(client := reader(), "sari@example.org")
    person("other")
    answer = client.post("/me/address", {"email": "other@example.org"})
    assert (answer.status_code, answer["Location"]) == (303, "/me/address/code")
    deliver_due()
    assert "belongs to an account" in mail.outbox[-1].body
    assert mail.outbox[-1].to == ["other@example.org"]
    assert client.post("/me/address/code", {"code": "0000-0000"}).status_code == 422


def test_news_is_taken_back_and_terms_are_not():
    client = reader()
    sign_up(client, "sari@example.org", news="on")
    client.post("/me/consents", {"terms": "no"})
    given = {kind: yes for kind, (_, yes) in consents_of(Person.objects.get()).items()}
    assert given == {"terms": True, "privacy": True, "news": False}
    page = client.get("/me/consents").content.decode()
    assert page.count("m-timeline-when") == 4


def test_a_session_is_ended_by_its_owner_and_nobody_else():
    phone, laptop = reader(**{"user-agent": "Chrome Android"}), reader(**{"user-agent": "Firefox Windows"})
    sari = person("sari")
    sign_in(phone, sari.email)
    sign_in(laptop, sari.email)
    page = laptop.get("/me/sessions").content.decode()
    assert "Firefox, Windows" in page
    assert "Chrome, Android" in page
    on_phone = UserSession.objects.get(user_agent__contains="Android")
    stranger = as_person("stranger")
    assert stranger.post("/me/sessions", {"session": on_phone.pk}).status_code == 404
    assert phone.get("/me").status_code == 200
    assert laptop.post("/me/sessions", {"session": on_phone.pk}).status_code == 303
    assert phone.get("/me").status_code == 302
    assert laptop.get("/me").status_code == 200
    assert laptop.post("/me/sessions", {"session": "others"}).status_code == 303
    assert laptop.get("/me").status_code == 200


def test_leaving_takes_ones_own_address_to_confirm():
    client = as_person("sari")
    assert client.post("/me/leave", {"email": "other@example.org"}).status_code == 422
    assert client.post("/me/leave", {"email": " SARI@example.org "}).status_code == 303
    assert not Person.objects.get().is_active
    assert client.get("/me").status_code == 302


# --- People and roles -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["", "officer", "secretariat", "evaluator", "auditor", "administrator"])
def test_people_and_roles_are_for_administrators_and_read_by_auditors(role):
    client, sari = as_person("reader", role=role), person("sari")
    reads, gives = role in ("auditor", "administrator"), role == "administrator"
    assert client.get("/office/people").status_code == (200 if reads else 404)
    assert client.get(f"/office/people/{sari.uid}").status_code == (200 if reads else 404)
    assert client.post(f"/office/people/{sari.uid}", {"role": "officer"}).status_code == (303 if gives else 404)
    assert Person.objects.get(pk=sari.pk).holds("officer") is gives
    assert client.post(f"/office/people/{sari.uid}/close").status_code == (303 if gives else 404)
    assert client.post(f"/office/people/{sari.uid}/end-role", {"grant": "1"}).status_code == 404
    assert client.get("/office/people/nobody").status_code == 404


def test_a_role_is_given_for_a_programme_and_ended_with_its_history():
    from tests.factories.calls import published

    client, sari = as_person("admin", role="administrator"), person("sari")
    call = published()
    slug, page = call.programme.slug, f"/office/people/{sari.uid}"
    assert client.post(page, {"role": "officer", "programme": "no-such"}).status_code == 422
    assert client.post(page, {"role": ""}).status_code == 422
    assert client.post(page, {"role": "emperor"}).status_code == 422
    assert client.post(page, {"role": "officer", "programme": slug}).status_code == 303
    html = client.get(page).content.decode()
    assert f"{slug}" in html
    assert "Role given" in html
    assert "by Admin" in html
    grant = Grant.objects.get(person=sari)
    other = person("other", role="officer")
    assert client.post(f"/office/people/{other.uid}/end-role", {"grant": grant.pk}).status_code == 404
    assert client.post(f"{page}/end-role", {"grant": grant.pk}).status_code == 303
    assert "Role ended" in client.get(page).content.decode()
    assert client.post(f"{page}/close", {}).status_code == 303
    assert client.post(f"{page}/close", {"open": "yes"}).status_code == 303
    assert Person.objects.get(pk=sari.pk).is_active


@pytest.mark.parametrize("query", ["sa", "\0sa", "'; --", "%", "a" * 5000, "\u202e", "sa&page=99999", "sa&page=x"])
def test_any_search_gets_a_page(query):
    person("sari")
    answer = as_person("admin", role="administrator").get(f"/office/people?q={query}")
    assert answer.status_code == 200


# --- The demo ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/demo/people", "/demo/mail"])
def test_the_demo_pages_do_not_exist_elsewhere(path, settings):
    settings.DEMO = False
    person("sari")
    assert reader().get(path).status_code == 404
    assert reader().post(path, {"person": Person.objects.get().uid}).status_code == 404


def test_in_a_demo_one_signs_in_as_an_invented_person_by_one_click(settings):
    from madang.apps.accounts.commands import register_person
    from madang.kernel.actors import SYSTEM

    settings.DEMO = True
    real = register_person(actor=SYSTEM, email="real@example.org")
    sari, client = person("sari", role="officer"), reader()
    page = client.get("/demo/people")
    assert "no-store" in page["Cache-Control"]
    assert "sari@example.org" in page.content.decode()
    assert "real@example.org" not in page.content.decode()
    assert client.post("/demo/people", {"person": real.uid}).status_code == 404
    assert client.post("/demo/people", {"person": "\0"}).status_code == 404
    assert client.post("/demo/people", {"person": sari.uid})["Location"] == "/me"
    assert client.get("/me").context["user"] == sari
    other = person("other")
    client.post("/demo/people", {"person": other.uid})
    assert client.get("/me").context["user"] == other


def test_in_a_demo_the_mail_that_was_written_is_read(settings, tmp_path):
    settings.DEMO = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    client = reader("ko")
    assert "아직 메일이 없습니다" in client.get("/demo/mail").content.decode()
    client.post("/account/login/", {"login": "nobody@example.org", "password": ""})
    deliver_due()
    html = client.get("/demo/mail").content.decode()
    assert "nobody@example.org" in html
    assert "이 주소로 된 계정이 없습니다" in html
    assert "-------" not in html


def test_ones_own_page_lists_what_is_there_and_who_asks_to_join():
    draft = begun()
    ask_to_join(actor=acting("sari"), organisation=draft.organisation)
    page = signed_in(draft.started_by).get("/me", headers={"accept-language": "en"}).content.decode()
    assert f'href="/applications/{draft.uid}"' in page
    assert f'href="/organisations/{draft.organisation.uid}"' in page
    assert '<span class="m-count">1</span>' in page
    assert "1건" in page or "1 request to join" in page
