"""People: who may change what about whom, what the journal says of it, and what it never says."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.apps.accounts.commands import (
    actor_of,
    change_address,
    close_account,
    edit_person,
    end_role,
    grant_role,
    open_account,
    register_person,
    set_consents,
    set_password,
)
from madang.apps.accounts.enums import Role
from madang.apps.accounts.events import AccountClosed, RoleEnded
from madang.apps.accounts.models import Person
from madang.apps.accounts.queries import consents_of, holders, matching_people
from madang.apps.accounts.rules import READ_PERSON
from madang.kernel.actors import SYSTEM, Actor
from madang.kernel.commands import Refused
from madang.kernel.events import listen
from madang.kernel.journal import JournalEntry
from madang.kernel.mail import OutgoingMail
from madang.kernel.permissions import may, visible_to
from tests.factories.people import acting, person

pytestmark = pytest.mark.django_db


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def test_an_address_is_one_person_whatever_its_letters():
    first = register_person(actor=SYSTEM, email="Sari@Example.org", name=" Sari ")
    again = register_person(actor=SYSTEM, email="sari@EXAMPLE.ORG", name="Somebody")
    assert (first.pk, again.name) == (again.pk, "Sari")
    assert EmailAddress.objects.get().email == "sari@example.org"
    assert JournalEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"email": "nobody"}, "not_an_address"),
        ({"email": "a@example.org\nBcc: b@example.org"}, "not_an_address"),
        ({"language": "xx"}, "no_such_language"),
        ({"zone": "Mars/Base"}, "no_such_zone"),
        ({"name": "a" * 201}, "name_too_long"),
        ({"name": "Sari\u202egnp"}, "name_has_controls"),
        ({"name": "Sari\0"}, "name_has_controls"),
        ({"consents": {"everything": "1"}}, "no_such_consent"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason_and_nothing_is_written(wrong, reason):
    with pytest.raises(Refused) as refused:
        register_person(**{"actor": SYSTEM, "email": "sari@example.org"} | wrong)
    assert codes(refused) == [reason]
    assert not Person.objects.exists()
    assert not JournalEntry.objects.exists()


ACTS: list[Callable[[Actor, Person], Any]] = [
    lambda actor, sari: edit_person(actor=actor, person=sari, name="New", language="en", zone="Asia/Jakarta"),
    lambda actor, sari: set_password(actor=actor, person=sari, password_hash="!"),
    lambda actor, sari: change_address(actor=actor, person=sari, email="new@example.org"),
    lambda actor, sari: set_consents(actor=actor, person=sari, given={"news": ("1", True)}),
]


@pytest.mark.parametrize("act", ACTS)
def test_only_oneself_changes_what_is_ones_own(act):
    sari = person("sari")
    for other in (acting("other"), acting("admin", role="administrator"), SYSTEM):
        with pytest.raises(Refused):
            act(other, sari)
    act(actor_of(sari), sari)


def test_the_journal_holds_neither_names_nor_addresses_nor_passwords():
    sari = person("sari")
    for act in ACTS:
        act(actor_of(sari), sari)
    close_account(actor=actor_of(sari), person=sari)
    rows = " ".join(
        f"{row.payload} {row.actor_id} {row.actor_label} {row.object_id}" for row in JournalEntry.objects.all()
    )
    assert JournalEntry.objects.count() == 1 + len(ACTS) + 1
    for personal in ("sari@", "Sari", "new@", "New"):
        assert personal not in rows


def test_consents_are_acts_and_the_last_one_counts():
    sari = register_person(actor=SYSTEM, email="sari@example.org", consents={"terms": "1", "privacy": "1"})
    actor = actor_of(sari)
    set_consents(actor=actor, person=sari, given={"news": ("1", True)})
    set_consents(actor=actor, person=sari, given={"news": ("1", True), "terms": ("2", True)})
    set_consents(actor=actor, person=sari, given={"news": ("1", False)})
    assert consents_of(sari) == {"terms": ("2", True), "privacy": ("1", True), "news": ("1", False)}
    assert sari.consents.count() == 5


def test_a_new_address_is_nobody_elses_and_both_are_told():
    sari, _other = person("sari", language="en"), person("other")
    with pytest.raises(Refused) as refused:
        change_address(actor=actor_of(sari), person=sari, email="Other@example.org")
    assert codes(refused) == ["address_has_an_account"]
    change_address(actor=actor_of(sari), person=sari, email="New@example.org")
    sari.refresh_from_db()
    assert sari.email == "new@example.org"
    assert [(one.email, one.verified, one.primary) for one in EmailAddress.objects.filter(user=sari)] == [
        ("new@example.org", True, True)
    ]
    assert set(OutgoingMail.objects.values_list("to", flat=True)) == {"sari@example.org", "new@example.org"}


# --- Roles ------------------------------------------------------------------------------------------------------------


def test_a_role_is_given_once_and_ended_not_removed():
    admin, sari = acting("admin", role="administrator"), person("sari")
    grant = grant_role(actor=admin, person=sari, role="secretariat", programme="kcity-network", secretariat="kaia")
    assert (
        grant_role(actor=admin, person=sari, role="secretariat", programme="kcity-network", secretariat="kaia") == grant
    )
    sari = Person.objects.get(pk=sari.pk)
    assert sari.holds("secretariat", programme="kcity-network", secretariat="kaia")
    assert not sari.holds("secretariat", programme="another")
    end_role(actor=admin, grant=grant)
    assert not Person.objects.get(pk=sari.pk).holds("secretariat")
    assert sari.grants.count() == 1
    row = JournalEntry.objects.get(command="accounts.grant_role", actor_id=admin.id)
    assert json.loads(row.payload) == {"role": "secretariat", "programme": "kcity-network", "secretariat": "kaia"}


@pytest.mark.parametrize("role", [role.value for role in Role if role != Role.ADMINISTRATOR] + [""])
def test_nobody_but_an_administrator_gives_roles(role):
    with pytest.raises(Refused) as refused:
        grant_role(actor=acting("somebody", role=role), person=person("sari"), role="officer")
    assert codes(refused) == ["not_permitted"]


def test_the_last_administrator_stays():
    admin = person("admin", role="administrator")
    for act in (
        lambda: end_role(actor=actor_of(admin), grant=admin.held[0]),
        lambda: close_account(actor=actor_of(admin), person=admin),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert codes(refused) == ["last_administrator"]
    person("second", role="administrator")
    close_account(actor=actor_of(admin), person=admin)
    assert [one.email for one in holders(Role.ADMINISTRATOR)] == ["second@example.org"]


def test_an_account_is_closed_with_all_that_opens_it_and_opened_again_without(django_capture_on_commit_callbacks):
    sari, admin = person("sari", role="officer", language="en"), acting("admin", role="administrator")
    TOTP.activate(sari, "SECRET")
    heard: list[Any] = []
    ends = [listen(event, heard.append) for event in (AccountClosed, RoleEnded)]
    with django_capture_on_commit_callbacks(execute=True):
        close_account(actor=actor_of(sari), person=sari)
    for end in ends:
        end()
    assert {type(event) for event in heard} == {AccountClosed, RoleEnded}
    sari = Person.objects.get(pk=sari.pk)
    assert (sari.is_active, sari.held, sari.has_usable_password()) == (False, (), False)
    assert not Authenticator.objects.exists()
    assert sari.email == "sari@example.org"
    with pytest.raises(Refused) as refused:
        grant_role(actor=admin, person=sari, role="officer")
    assert codes(refused) == ["account_is_closed"]
    open_account(actor=admin, person=sari)
    sari = Person.objects.get(pk=sari.pk)
    assert (sari.is_active, sari.held) == (True, ())


def test_secrets_of_an_authenticator_app_lie_enciphered():
    sari = person("sari")
    TOTP.activate(sari, "JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in json.dumps(Authenticator.objects.get().data)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["", *(role.value for role in Role)]), min_size=1, max_size=6))
def test_the_list_of_people_shows_exactly_those_whom_one_may_read(roles):
    people = [person(f"p{n}-{role or 'none'}", role=role) for n, role in enumerate(roles)]
    for reader in (*people, None):
        shown = set(visible_to(reader, READ_PERSON, Person.objects.all()).values_list("pk", flat=True))
        assert shown == {one.pk for one in Person.objects.all() if may(reader, READ_PERSON, one)}


def test_people_are_found_by_parts_of_two_letters_at_least():
    person("sari"), person("aram")
    assert [one.email for one in matching_people("AR")] == ["aram@example.org", "sari@example.org"]
    assert [one.email for one in matching_people("ari@ex")] == ["sari@example.org"]
    assert list(matching_people("a")) == list(matching_people("%")) == list(matching_people("  ")) == []
