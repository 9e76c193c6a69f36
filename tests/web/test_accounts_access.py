"""The table of addresses around accounts says what the site does, and leaves none of them out."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from madang.web.access import PERSONAS
from madang.web.account.access import ACCESS, SHADOWED
from madang.web.office.access import ACCESS as OFFICE
from tests.factories.people import person
from tests.web.accounts import reader

pytestmark = pytest.mark.django_db
ARGUMENTS = {"text": ["terms"], "passkey": [1], "issuer": ["sso"]}
CHECKED = ("visitor", "stranger", "auditor", "administrator")


def names(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from names(one, f"{prefix}{one.namespace}:" if one.namespace else prefix)
        elif isinstance(one, URLPattern) and one.name:
            yield f"{prefix}{one.name}"


def test_every_address_of_allauth_and_of_ones_own_pages_stands_in_the_table():
    known = {name for name in names(get_resolver()) if ":" not in name or name.startswith("account:")}
    known -= {name for name in known if name.startswith("account:organisation")}  # a room of its own
    assert known - SHADOWED == set(ACCESS)


@pytest.mark.parametrize("persona", CHECKED)
def test_each_gets_what_the_table_says(persona):
    assert persona in PERSONAS
    role = persona if persona not in ("visitor", "stranger") else ""
    about = person("about")
    who = None if persona == "visitor" else person("reader", role=role)
    person("second", role="administrator")
    wrong = []
    ours = {name: access for name, access in OFFICE.items() if name.startswith("office:pe")}
    for name, access in (ours if role else ours | ACCESS).items():  # roles make no difference but there
        arguments = [about.uid] if access.thing == "person" else ARGUMENTS.get(access.thing, [])
        for method, asked in (("get", access.get), ("post", access.post)):
            client: Client = reader()
            if who:
                client.force_login(who)
            found = getattr(client, method)(reverse(name, args=arguments)).status_code
            if found != asked.status(persona):
                wrong.append(f"{method} {name}: {found}, not {asked.status(persona)}")
    assert not wrong, wrong
