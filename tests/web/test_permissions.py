"""Every address, every persona, every relevant state: the status that the table states (docs/permissions.md).

The world is built once for each test by the real commands; each cell runs in a savepoint and is undone.
"""

import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from madang.kernel.permissions import PERMISSIONS, UnknownPermission, allowed, may, visible_to
from madang.web.access import PERSONAS, Access, Who
from madang.web.access_table import addresses, table, unnamed
from tests.factories.world import World, build

ROOT = Path(__file__).resolve().parents[2]
AUDIENCES = sorted({route.partition(":")[0] if ":" in route else "account" for route in table()})


def test_every_address_is_in_the_table_and_the_table_names_no_other() -> None:
    assert sorted(set(addresses()) - set(table())) == []
    assert sorted(set(table()) - set(addresses())) == []
    assert {view.__name__ for view in unnamed()} <= {"RedirectView"}  # allauth's old addresses lead on to named ones


def test_the_document_says_what_the_table_says() -> None:
    command = [sys.executable, "scripts/permissions.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def world(db: None, settings: Any) -> World:
    settings.DEMO = False
    return build()


def expected(access: Access, method: str, state: str) -> Who:
    get, post = access.states.get(state, (access.get, access.post))
    return get if method == "GET" else post


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_cell_gives_its_status(world: World, audience: str) -> None:
    clients = {persona: world.client(persona) for persona in PERSONAS}
    wrong = []
    cells = 0
    for route, access in table().items():
        if (route.partition(":")[0] if ":" in route else "account") != audience:
            continue
        assert set(access.states) <= set(world.states(access.thing)), route
        for state in world.states(access.thing):
            address = reverse(route, kwargs=world.parameters(route, access.thing, state))
            for method in ("GET", "POST"):
                who = expected(access, method, state)
                for persona in PERSONAS:
                    cells += 1
                    got = answered(clients[persona], method, address)
                    if got != who.status(persona):
                        wrong.append(f"{method} {route} {state} {persona}: {got}, stated {who.status(persona)}")
    assert "\n".join(wrong) == ""
    assert cells


def answered(client: Client, method: str, address: str) -> int:
    """The status, with everything that the request did undone: in the database, and in the cookies (signing out)."""
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        answer = client.get(address) if method == "GET" else client.post(address)
        if answer.streaming:
            b"".join(answer.streaming_content)  # type: ignore[arg-type]  # a file's pieces
        transaction.set_rollback(True)
    client.cookies = cookies
    return int(answer.status_code)


def test_an_unknown_name_of_a_right_raises_everywhere() -> None:
    from madang.apps.accounts.models import Person
    from madang.kernel.actors import OFFICE, SYSTEM

    for ask in (
        lambda: may(None, "calls.write_defnition"),
        lambda: visible_to(None, "calls.write_defnition", Person.objects.all()),
        lambda: allowed(SYSTEM, "calls.write_defnition"),
        lambda: allowed(OFFICE, "calls.write_defnition"),
    ):
        with pytest.raises(UnknownPermission):
            ask()


def test_nobody_who_is_not_signed_in_has_any_right(world: World) -> None:
    from django.contrib.auth.models import AnonymousUser

    granted = [name for name in PERMISSIONS for nobody in (None, AnonymousUser()) if may(nobody, name, None)]
    assert granted == []
