"""Organisations: founded, joined, left, handed over, merged and parted again."""

import datetime as dt
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.directory import commands, queries, rules
from madang.apps.directory.enums import KIND_NAMES, SCHEME_NAMES, Duty
from madang.apps.directory.events import HandedOver, OrganisationsMerged
from madang.apps.directory.models import (
    Affiliation,
    Domain,
    FormerName,
    Handover,
    Invitation,
    JoinRequest,
    Organisation,
    RegistryNumber,
)
from madang.core.callspec.model import OrganisationKind
from madang.core.identity import SCHEMES
from madang.kernel import clock
from madang.kernel.actors import DEMO, OFFICE, Actor
from madang.kernel.commands import Refused
from madang.kernel.events import listen
from madang.kernel.journal import JournalEntry
from madang.kernel.mail import OutgoingMail
from madang.kernel.permissions import may, visible_to
from tests.factories.people import acting, belongs, organisation, person

pytestmark = pytest.mark.django_db


def founded(name: str = "City of Aram", by: Actor | None = None, **more: Any) -> Organisation:
    return commands.found_organisation(
        actor=by or OFFICE, **({"kind": "city", "country": "XA", "name": name, "sample": True} | more)
    )


def verified(someone: Person, email: str = "") -> Person:
    EmailAddress.objects.update_or_create(email=email or someone.email, defaults={"user": someone, "verified": True})
    return someone


def codes(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.code for reason in error.value.reasons]


def token_in_last_mail() -> str:
    found = re.search(r"/invitations/organisations/([\w-]+)", OutgoingMail.objects.latest("pk").words)
    assert found
    return found[1]


def code_in_last_mail() -> str:
    found = re.search(r"^ +(\w{4}-\w{4})$", OutgoingMail.objects.latest("pk").words, re.MULTILINE)
    assert found
    return found[1]


def last_row() -> JournalEntry:
    return JournalEntry.objects.latest("id")


# --- What it is -------------------------------------------------------------------------------------------------------


def test_every_kind_and_register_has_its_words() -> None:
    from typing import get_args

    assert set(KIND_NAMES) == set(get_args(OrganisationKind))
    assert set(SCHEME_NAMES) == set(SCHEMES)


def test_whoever_founds_it_manages_files_fills_and_is_its_contact() -> None:
    actor = acting("aram")
    city = founded(by=actor, names={"ko": "아람시", "en": ""}, numbers=[("kr-brn", "120-81-47521")])
    [mine] = queries.mine(actor.person)
    assert (mine.organisation, mine.duties) == (city, ["contact", "file", "fill", "manage"])
    assert city.names == {"ko": "아람시"}
    assert city.is_sample
    assert city.numbers.get().number == "1208147521"
    row = last_row()
    assert (row.command, row.object_id) == ("directory.found_organisation", str(city.pk))
    assert "Aram" not in row.payload


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"kind": "gang"}, "no_such_kind_of_organisation"),
        ({"country": "ZZ"}, "no_such_country"),
        ({"name": "  "}, "organisation_needs_name"),
        ({"name": "…!"}, "organisation_needs_name"),
        ({"name": "x" * 301}, "organisation_name_too_long"),
        ({"name": "x" * 1_000_000}, "organisation_name_too_long"),
        ({"name": "City\u202eof Aram"}, "name_has_hidden_characters"),
        ({"name": "City\0of Aram"}, "name_has_hidden_characters"),
        ({"name": "Ci\u200bty"}, "name_has_hidden_characters"),
        ({"names": {"../x": "Aram"}}, "no_such_language"),
        ({"numbers": [("kr-brn", "120-81-47522")]}, "register_number_check_digit"),
        ({"numbers": [("kr-brn", "12")]}, "register_number_length"),
        ({"numbers": [("passport", "12")]}, "no_such_register"),
        ({"numbers": [("lei", "HWUPKR0MPOU8FGXBT395")]}, "register_number_check_digit"),
        ({"numbers": [("other", "\0")]}, "not_a_register_number"),
        ({"claimed_domains": ["gmail.com"]}, "domain_of_everybody"),
        ({"claimed_domains": ["go.kr"]}, "domain_of_everybody"),
        ({"claimed_domains": ["a b"]}, "not_a_domain"),
    ],
)
def test_what_is_no_organisation_is_refused_with_its_reason(wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        founded(**wrong)
    assert codes(refused) == [code]
    assert not Organisation.objects.exists()


def test_an_invented_country_is_for_samples_only() -> None:
    with pytest.raises(Refused) as refused:
        founded(sample=False)
    assert codes(refused) == ["no_such_country"]


def test_a_persian_name_keeps_its_joiner() -> None:
    name = "شهر می\u200cرود"
    assert founded(name).name == name


def test_a_number_belongs_to_one_organisation_and_its_holder_is_not_named() -> None:
    holder = founded(numbers=[("kr-brn", "1208147521")])
    with pytest.raises(Refused) as refused:
        founded("Another", by=acting("baram"), numbers=[("kr-brn", "120-81-47521")])
    assert codes(refused) == ["number_is_taken"]
    assert "Aram" not in str(refused.value.reasons[0].params)
    assert queries.holder_of_number("kr-brn", "120 81 47521", "KR") == holder
    commands.end_number(actor=OFFICE, number=holder.numbers.get())
    assert founded("Another", numbers=[("kr-brn", "120-81-47521")]).numbers.get().number == "1208147521"


def test_one_number_in_two_countries_registers_is_two_numbers() -> None:
    one = founded(numbers=[("other", "12-345")])
    other = founded("Baram", country="XB", numbers=[("other", "12345")])
    assert {one.numbers.get().number, other.numbers.get().number} == {"XA-12345", "XB-12345"}


def test_a_corporate_number_without_check_digit_needs_a_look_at_the_certificate() -> None:
    with pytest.raises(Refused) as refused:
        founded(numbers=[("kr-crn", "110111-0062431")])
    assert codes(refused) == ["corporate_number_check_digit"]
    assert founded(numbers=[("kr-crn", "110111-0062431")], sure=True).numbers.count() == 1
    assert founded("Baram", numbers=[("kr-crn", "110111-0062432")]).numbers.count() == 1


def test_a_new_name_keeps_the_old_one_and_a_mended_slip_does_not() -> None:
    city = founded("City of Arm")
    same = {"actor": OFFICE, "organisation": city, "kind": "city", "country": "XA", "names": {}, "parent": None}
    commands.edit_organisation(**same, name="City of Aram", correction=True)
    commands.edit_organisation(**same, name="Metropolis of Aram")
    assert list(FormerName.objects.values_list("name", flat=True)) == ["City of Aram"]
    assert queries.matching(Organisation.objects.all(), "city ARAM").count() == 1
    rows = JournalEntry.objects.count()
    commands.edit_organisation(**same, name="Metropolis of Aram")
    assert JournalEntry.objects.count() == rows


def test_only_who_manages_both_puts_one_below_the_other() -> None:
    actor = acting("aram")
    mine, ministry = founded(by=actor), founded("Ministry", kind="government")
    same = {"organisation": mine, "kind": "city", "country": "XA", "name": "City of Aram", "names": {}}
    with pytest.raises(Refused) as refused:
        commands.edit_organisation(actor=actor, **same, parent=ministry)
    assert codes(refused) == ["parent_of_another"]
    belongs(ministry, actor.person, "manage")
    commands.edit_organisation(actor=actor, **same, parent=ministry)
    with pytest.raises(Refused) as refused:
        commands.edit_organisation(
            actor=actor, organisation=ministry, kind="government", country="XA", name="M", names={}, parent=mine
        )
    assert codes(refused) == ["parent_in_a_circle"]


@pytest.mark.parametrize(
    "text",
    ["아람", "\u110b\u1161\u1105\u1161\u11b7", "ARAM", "ａｒａｍ", "aram city", "120-81-47521", "8147521", "арам"],
)
def test_it_is_found_by_any_name_and_number_in_any_script(text: str) -> None:
    founded("City of Aram", names={"ko": "아람시", "ru": "Город Арам"}, numbers=[("kr-brn", "120-81-47521")])
    founded("Other")
    assert [one.name for one in queries.matching(Organisation.objects.all(), text)] == ["City of Aram"]


@pytest.mark.parametrize("name", ["City of Aram", "CITY OF ARAM", "Сity of Arаm", "City of  Aram", "City of Ａram"])
def test_names_that_look_the_same_are_found_as_duplicates(name: str) -> None:
    first, second = founded("City of Aram"), founded(name)
    founded("City of Aram", country="XB")
    assert set(queries.looking_like("city of aram", "XA")) == {first, second}
    [pair] = queries.possible_duplicates(queries.standing_organisations())
    assert (pair.one, pair.other, pair.why) == (first, second, (queries.SAME_NAME,))


def test_entries_with_one_domain_or_nearly_one_name_are_found() -> None:
    first = founded("Hanbit Mobility Co., Ltd.", kind="company", claimed_domains=["hanbit.example"])
    second = founded("Hanbit Mobilty", kind="company")
    third = founded("Something else", kind="company", claimed_domains=["hanbit.example"])
    founded("Wholly different", kind="company")
    pairs = queries.possible_duplicates(queries.standing_organisations())
    assert [(p.one, p.other, p.why) for p in pairs] == [
        (first, third, (queries.SAME_DOMAIN,)),
        (first, second, (queries.NEAR_NAME,)),
    ]


def test_a_person_acting_alone_is_no_hint_for_others() -> None:
    founded("Kim Aram", kind="person")
    assert not queries.looking_like("Kim Aram", "XA")


# --- Domains ----------------------------------------------------------------------------------------------------------


def test_a_domain_is_verified_by_a_code_and_lets_its_people_in() -> None:
    manager = acting("aram")
    city = founded(by=manager)
    domain = commands.claim_domain(actor=manager, organisation=city, domain="@City.Example.")
    assert (domain.domain, domain.verified_at) == ("city.example", None)
    newcomer = verified(person("baram"), "baram@city.example")
    assert not queries.joinable_by_domain(newcomer)
    commands.send_domain_code(actor=manager, domain=domain, mailbox="info")
    sent = OutgoingMail.objects.latest("pk")
    assert (sent.to, sent.is_secret) == ("info@city.example", True)
    assert commands.verify_domain(actor=manager, domain=domain, code="0000-0000").verified_at is None
    assert commands.verify_domain(actor=manager, domain=domain, code=code_in_last_mail().lower()).verified_at
    assert list(queries.joinable_by_domain(newcomer)) == [city]
    affiliation = commands.join_by_domain(actor=actor_of(newcomer), organisation=city)
    assert (affiliation.duties, affiliation.joined_by) == ([], "domain")
    assert not queries.joinable_by_domain(newcomer)


def test_a_code_cannot_be_tried_out_nor_used_late_nor_for_another_domain() -> None:
    manager = acting("aram")
    city = founded(by=manager)
    one = commands.claim_domain(actor=manager, organisation=city, domain="one.example")
    commands.send_domain_code(actor=manager, domain=one, mailbox="info")
    code = code_in_last_mail()
    with pytest.raises(Refused) as refused:
        commands.send_domain_code(actor=manager, domain=one, mailbox="info")
    assert codes(refused) == ["domain_code_just_sent"]
    two = commands.claim_domain(actor=manager, organisation=city, domain="two.example")
    commands.send_domain_code(actor=manager, domain=two, mailbox="info")
    assert commands.verify_domain(actor=manager, domain=two, code=code).verified_at is None
    with clock.at(clock.now() + dt.timedelta(minutes=31)), pytest.raises(Refused) as refused:
        commands.verify_domain(actor=manager, domain=one, code=code)
    assert codes(refused) == ["domain_code_too_old"]
    for _ in range(commands.CODE_TRIES):
        commands.verify_domain(actor=manager, domain=one, code="wrong")
    with pytest.raises(Refused) as refused:
        commands.verify_domain(actor=manager, domain=one, code=code)
    assert codes(refused) == ["domain_code_tried_too_often"]


def test_who_has_a_verified_address_there_verifies_at_once_and_the_domain_is_taken() -> None:
    city = founded(by=actor_of(verified(person("aram"), "aram@city.example")), claimed_domains=["city.example"])
    assert city.domains.get().verified_at
    with pytest.raises(Refused) as refused:
        founded("Another", by=acting("baram"), claimed_domains=["CITY.example"])
    assert codes(refused) == ["domain_is_taken"]
    assert queries.holder_of_domain("city.example") == city


def test_an_address_that_nobody_confirmed_opens_nothing() -> None:
    founded(by=actor_of(verified(person("aram"), "aram@city.example")), claimed_domains=["city.example"])
    stranger = person("baram")
    EmailAddress.objects.create(user=stranger, email="baram@city.example", verified=False)
    with pytest.raises(Refused) as refused:
        commands.join_by_domain(actor=actor_of(stranger), organisation=Organisation.objects.get())
    assert codes(refused) == ["no_address_of_its_domain"]


def test_a_domain_in_another_script_is_one_domain() -> None:
    city = founded(claimed_domains=["아람시.example"])
    assert city.domains.get().domain == "xn--9i1bl1c61p.example" or city.domains.get().domain.startswith("xn--")
    commands.claim_domain(actor=OFFICE, organisation=city, domain=city.domains.get().domain)
    assert city.domains.count() == 1


def test_nobodys_mailbox_is_filled_by_claiming_its_domain_again_and_again() -> None:
    manager = acting("aram")
    for number in range(commands.CODES_A_DAY):
        city = founded(f"City of Aram {number}", by=manager, claimed_domains=["city.example"])
        commands.send_domain_code(actor=manager, domain=city.domains.get(), mailbox="Info")
    last = founded("City of Aram", by=manager, claimed_domains=["city.example"]).domains.get()
    with pytest.raises(Refused) as refused:
        commands.send_domain_code(actor=manager, domain=last, mailbox="iNFO")
    assert codes(refused) == ["domain_codes_of_today"]
    commands.send_domain_code(actor=manager, domain=last, mailbox="postmaster")


def test_nobody_mails_strangers_by_founding_again_and_again() -> None:
    manager = acting("aram")
    cities = [founded(f"City {number}", by=manager) for number in range(commands.FOUNDED_A_DAY)]
    with pytest.raises(Refused) as refused:
        founded("One more", by=manager)
    assert codes(refused) == ["too_many_founded"]
    for number in range(commands.INVITATIONS_A_DAY):
        email = f"stranger-{number % 3}@example.org"
        commands.invite_person(actor=manager, organisation=cities[number % 3], email=email, duties=[])
    with pytest.raises(Refused) as refused:
        commands.invite_person(actor=manager, organisation=cities[-1], email="stranger@example.org", duties=[])
    assert codes(refused) == ["too_many_invitations"]


# --- Who belongs ------------------------------------------------------------------------------------------------------


def test_an_invitation_opens_once_for_the_address_invited_only() -> None:
    manager = acting("aram")
    city = founded(by=manager)
    commands.invite_person(actor=manager, organisation=city, email=" Baram@Example.org ", duties=["fill"])
    token = token_in_last_mail()
    assert Invitation.objects.get().token_sha256 not in OutgoingMail.objects.get().words
    another = verified(person("coram"))
    with pytest.raises(Refused) as refused:
        commands.accept_invitation(actor=actor_of(another), token=token)
    assert codes(refused) == ["invitation_of_another_address"]
    assert refused.value.reasons[0].params == {"address": "b…@example.org"}
    invited = person("baram", verified=False)
    with pytest.raises(Refused):
        commands.accept_invitation(actor=actor_of(invited), token=token)  # the address is not confirmed yet
    verified(invited)
    affiliation = commands.accept_invitation(actor=actor_of(invited), token=token)
    assert (affiliation.duties, affiliation.joined_by) == (["fill"], "invitation")
    with pytest.raises(Refused) as refused:
        commands.accept_invitation(actor=actor_of(invited), token=token)
    assert codes(refused) == ["invitation_used"]


@pytest.mark.parametrize("token", ["", "x", "\0", "x" * 100_000])
def test_a_forged_token_opens_nothing(token: str) -> None:
    with pytest.raises(Refused) as refused:
        commands.accept_invitation(actor=acting("aram"), token=token)
    assert codes(refused) == ["no_such_invitation"]


def test_an_invitation_runs_out_is_revoked_and_is_replaced() -> None:
    manager, guest = acting("aram"), actor_of(verified(person("baram")))
    city = founded(by=manager)
    invite = {"actor": manager, "organisation": city, "email": "baram@example.org"}
    commands.invite_person(**invite, duties=["fill"])
    first = token_in_last_mail()
    with clock.at(clock.now() + dt.timedelta(days=14)), pytest.raises(Refused) as refused:
        commands.accept_invitation(actor=guest, token=first)
    assert codes(refused) == ["invitation_too_old"]
    second = commands.invite_person(**invite, duties=["file"])
    with pytest.raises(Refused) as refused:
        commands.accept_invitation(actor=guest, token=first)
    assert codes(refused) == ["invitation_revoked"]
    token = token_in_last_mail()
    commands.revoke_invitation(actor=manager, invitation=second)
    with pytest.raises(Refused):
        commands.accept_invitation(actor=guest, token=token)
    assert not queries.mine(guest.person)


def test_nobody_sends_mail_to_strangers_by_the_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands.people, "INVITATIONS_A_DAY", 1)
    manager = acting("aram")
    city = founded(by=manager)
    commands.invite_person(actor=manager, organisation=city, email="a@example.org", duties=[])
    with pytest.raises(Refused) as refused:
        commands.invite_person(actor=manager, organisation=city, email="b@example.org", duties=[])
    assert codes(refused) == ["too_many_invitations"]


def test_who_asks_to_join_waits_for_a_manager() -> None:
    manager, asker = acting("aram"), acting("baram")
    city = founded(by=manager)
    request = commands.ask_to_join(actor=asker, organisation=city, note="From the planning office")
    assert commands.ask_to_join(actor=asker, organisation=city) == request
    assert OutgoingMail.objects.latest("pk").to == "aram@example.org"
    with pytest.raises(Refused) as refused:
        commands.answer_request(actor=asker, request=request, approve=True, duties=["manage"])
    assert codes(refused) == ["not_permitted"]
    commands.answer_request(actor=manager, request=request, approve=True, duties=["fill"])
    assert [one.duties for one in queries.mine(asker.person)] == [["fill"]]
    assert OutgoingMail.objects.latest("pk").to == "baram@example.org"


def test_a_request_can_be_refused_and_asked_again() -> None:
    manager, asker = acting("aram"), acting("baram")
    city = founded(by=manager)
    request = commands.ask_to_join(actor=asker, organisation=city)
    commands.answer_request(actor=manager, request=request, approve=False)
    assert not queries.mine(asker.person)
    assert commands.ask_to_join(actor=asker, organisation=city) != request


def test_duties_are_given_by_managers_and_unknown_ones_refused() -> None:
    manager, colleague = acting("aram"), acting("baram")
    city = founded(by=manager)
    affiliation = belongs(city, colleague.person, "fill")
    with pytest.raises(Refused) as refused:
        commands.set_duties(actor=colleague, affiliation=affiliation, duties=["manage"])
    assert codes(refused) == ["not_permitted"]
    with pytest.raises(Refused) as refused:
        commands.set_duties(actor=manager, affiliation=affiliation, duties=["fill", "is_administrator"])
    assert codes(refused) == ["no_such_duty"]
    commands.set_duties(actor=manager, affiliation=affiliation, duties=["fill", "file", "fill"], post=" Officer ")
    affiliation.refresh_from_db()
    assert (affiliation.duties, affiliation.post) == (["file", "fill"], "Officer")
    assert "Officer" not in last_row().payload


def test_it_is_never_left_without_a_manager() -> None:
    manager, colleague = acting("aram"), acting("baram")
    city = founded(by=manager)
    mine, other = city.affiliations.get(), belongs(city, colleague.person, "fill")
    for act in (
        lambda: commands.end_affiliation(actor=manager, affiliation=mine),
        lambda: commands.set_duties(actor=manager, affiliation=mine, duties=["fill"]),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert codes(refused) == ["last_manager"]
    commands.set_duties(actor=manager, affiliation=other, duties=["manage"])
    commands.end_affiliation(actor=manager, affiliation=mine)
    assert [one.person for one in queries.managers_of(city)] == [colleague.person]


def test_a_colleague_cannot_take_another_off_but_may_leave() -> None:
    city = founded(by=acting("aram"))
    one, two = acting("baram"), acting("coram")
    mine, other = belongs(city, one.person, "fill"), belongs(city, two.person, "fill")
    with pytest.raises(Refused):
        commands.end_affiliation(actor=one, affiliation=other)
    commands.end_affiliation(actor=one, affiliation=mine)
    assert one.person not in [a.person for a in queries.people_of(city)]


# --- Handing over -----------------------------------------------------------------------------------------------------


@pytest.fixture
def heard() -> Any:
    events: list[Any] = []
    ends = [listen(HandedOver, events.append), listen(OrganisationsMerged, events.append)]
    yield events
    for end in ends:
        end()


def test_an_officer_hands_over_and_leaves(heard: list[Any], django_capture_on_commit_callbacks: Any) -> None:
    giver, taker = acting("aram"), acting("baram")
    city = founded(by=giver)
    belongs(city, taker.person, "fill")
    with django_capture_on_commit_callbacks(execute=True):
        handover = commands.hand_over(
            actor=giver, giver=giver.person, taker=taker.person, organisation=city, reason="New post"
        )
    assert [(a.person, a.duties) for a in queries.people_of(city)] == [(taker.person, list(commands.ALL_DUTIES))]
    assert heard == [HandedOver(handover_id=handover.pk)]
    assert (handover.giver, handover.taker, handover.reason) == (giver.person, taker.person, "New post")
    assert "New post" not in last_row().payload


def test_a_giver_may_stay_without_duties() -> None:
    giver, taker = acting("aram"), acting("baram")
    city = founded(by=giver)
    belongs(city, taker.person)
    commands.hand_over(
        actor=giver, giver=giver.person, taker=taker.person, organisation=city, leaves=False, reason="Leave"
    )
    assert [a.duties for a in queries.people_of(city)] == [[], list(commands.ALL_DUTIES)]


def test_nobody_hands_over_for_another_nor_to_a_stranger() -> None:
    giver, other, stranger = acting("aram"), acting("baram"), acting("coram")
    city = founded(by=giver)
    belongs(city, other.person, "fill")
    same = {"organisation": city, "reason": "x"}
    for wrong, code in (
        ({"actor": other, "giver": giver.person, "taker": other.person}, "not_permitted"),
        ({"actor": stranger, "giver": giver.person, "taker": stranger.person}, "not_permitted"),
        ({"actor": stranger, "giver": stranger.person, "taker": other.person}, "not_permitted"),
        ({"actor": giver, "giver": giver.person, "taker": stranger.person}, "taker_must_belong"),
        ({"actor": giver, "giver": giver.person, "taker": giver.person}, "hand_over_to_another"),
        ({"actor": giver, "giver": giver.person, "taker": other.person, "reason": " "}, "hand_over_needs_reason"),
    ):
        with pytest.raises(Refused) as refused:
            commands.hand_over(**(same | wrong))
        assert codes(refused) == [code]
    assert not Handover.objects.exists()


def test_who_was_invited_may_take_over() -> None:
    giver, taker = acting("aram"), verified(person("baram"))
    city = founded(by=giver)
    commands.invite_person(actor=giver, organisation=city, email=taker.email, duties=["contact"])
    commands.hand_over(actor=giver, giver=giver.person, taker=taker, organisation=city, reason="New post")
    assert [(a.person, a.joined_by) for a in queries.people_of(city)] == [(taker, "handover")]
    assert not queries.open_invitations(city)


def test_roles_pass_on_by_an_administrator_only() -> None:
    giver = person("aram", role="secretariat", programme="kcity", secretariat="plan")
    taker, admin = person("baram"), acting("root", role="administrator")
    [grant] = giver.held
    with pytest.raises(Refused) as refused:
        commands.hand_over(actor=actor_of(giver), giver=giver, taker=taker, grants=[grant], reason="New post")
    assert codes(refused) == ["not_permitted"]
    with pytest.raises(Refused) as refused:
        commands.hand_over(actor=admin, giver=taker, taker=giver, grants=[grant], reason="New post")
    assert codes(refused) == ["role_of_another"]
    commands.hand_over(actor=admin, giver=giver, taker=taker, grants=[grant], reason="New post")
    assert not Person.objects.get(pk=giver.pk).held
    assert Person.objects.get(pk=taker.pk).holds("secretariat", programme="kcity", secretariat="plan")


# --- Merging ----------------------------------------------------------------------------------------------------------

TABLES = (Organisation, RegistryNumber, Domain, FormerName, Affiliation, Invitation, JoinRequest)


def everything() -> dict[str, list[dict[str, Any]]]:
    return {table.__name__: list(table.objects.order_by("pk").values()) for table in TABLES}


def test_what_stands_moves_and_the_old_entry_leads_on(
    heard: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    manager, both, officer = acting("aram"), person("baram"), acting("officer", role="officer")
    kept = founded("City of Aram", by=manager, claimed_domains=["aram.example"])
    absorbed = founded("Aram City Hall", numbers=[("other", "77-1")], claimed_domains=["hall.example", "aram.example"])
    part = founded("Aram Library", kind="public_body", parent=absorbed)
    belongs(kept, both, "fill")
    belongs(absorbed, both, "file")
    alone = belongs(absorbed, person("coram"), "manage")
    with django_capture_on_commit_callbacks(execute=True):
        merge = commands.merge_organisations(actor=officer, kept=kept, absorbed=absorbed, reason="Same hall")
    assert heard == [OrganisationsMerged(merge_id=merge.pk, kept_id=kept.pk, absorbed_id=absorbed.pk)]
    assert {(a.person, tuple(a.duties)) for a in queries.people_of(kept)} == {
        (manager.person, commands.ALL_DUTIES), (both, ("file", "fill")), (alone.person, ("manage",)),
    }  # fmt: skip
    assert {d.domain for d in kept.domains.all()} == {"aram.example", "hall.example"}
    assert kept.numbers.get().number == "XA-771"
    part.refresh_from_db()
    absorbed.refresh_from_db()
    assert part.parent == kept
    assert queries.the_one_that_counts(absorbed) == kept
    assert list(queries.matching(queries.standing_organisations(), "city hall")) == [kept]
    assert "hall" not in last_row().payload.lower()


def test_a_merged_entry_takes_no_changes() -> None:
    manager = acting("aram")
    kept, absorbed = founded(by=manager), founded("Hall")
    commands.merge_organisations(actor=OFFICE, kept=kept, absorbed=absorbed, reason="Same")
    absorbed.refresh_from_db()
    for act in (
        lambda: commands.add_number(actor=OFFICE, organisation=absorbed, scheme="other", number="1"),
        lambda: commands.claim_domain(actor=OFFICE, organisation=absorbed, domain="x.example"),
        lambda: commands.ask_to_join(actor=acting("baram"), organisation=absorbed),
        lambda: commands.merge_organisations(actor=OFFICE, kept=absorbed, absorbed=kept, reason="Back"),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert codes(refused) == ["organisation_is_merged"]


def test_what_cannot_be_merged_is_refused() -> None:
    kept = founded()
    part = founded("Part", parent=kept)
    real = founded("Real", country="KR", sample=False)
    for wrong, code in (
        ({"absorbed": kept}, "merge_with_itself"),
        ({"absorbed": real}, "merge_mixes_samples"),
        ({"kept": part, "absorbed": kept}, "merge_into_own_part"),
        ({"absorbed": part, "reason": ""}, "merge_needs_reason"),
        ({"absorbed": part, "actor": acting("aram", role="secretariat")}, "not_permitted"),
    ):
        with pytest.raises(Refused) as refused:
            commands.merge_organisations(**({"actor": OFFICE, "kept": kept, "reason": "x"} | wrong))
        assert codes(refused) == [code]
    commands.merge_organisations(actor=OFFICE, kept=kept, absorbed=part, reason="x")


def test_undoing_gives_back_what_moved_and_leaves_what_came_later() -> None:
    one, two, later = acting("aram"), acting("baram"), person("coram")
    kept, absorbed = founded("Aram", by=one), founded("Baram", by=two, numbers=[("other", "5")])
    merge = commands.merge_organisations(actor=OFFICE, kept=kept, absorbed=absorbed, reason="Same")
    belongs(kept, later, "fill")
    moved_number = kept.numbers.get()
    commands.end_number(actor=OFFICE, number=moved_number)
    commands.undo_merge(actor=OFFICE, merge=merge)
    assert {a.person for a in queries.people_of(kept)} == {one.person, later}
    assert [a.person for a in queries.people_of(absorbed)] == [two.person]
    moved_number.refresh_from_db()
    assert moved_number.organisation == absorbed
    assert moved_number.ended_at
    rows = JournalEntry.objects.count()
    commands.undo_merge(actor=OFFICE, merge=merge)
    assert JournalEntry.objects.count() == rows


def test_who_left_meanwhile_gets_no_rights_back_and_nobody_is_left_without_a_manager() -> None:
    one, two = acting("aram"), acting("baram")
    kept, absorbed = founded("Aram", by=one), founded("Baram", by=two)
    belongs(absorbed, one.person, "manage")
    merge = commands.merge_organisations(actor=OFFICE, kept=kept, absorbed=absorbed, reason="Same")
    commands.end_affiliation(actor=two, affiliation=kept.affiliations.get(person=one.person))
    with pytest.raises(Refused) as refused:
        commands.undo_merge(actor=OFFICE, merge=merge)
    assert codes(refused) == ["undo_leaves_no_manager"]
    belongs(kept, person("coram"), "manage")
    commands.undo_merge(actor=OFFICE, merge=merge)
    assert not queries.mine(one.person)


def test_a_chain_of_merges_is_undone_from_its_end() -> None:
    a, b, c = founded("Aram"), founded("Baram"), founded("Coram")
    first = commands.merge_organisations(actor=OFFICE, kept=b, absorbed=a, reason="Same")
    second = commands.merge_organisations(actor=OFFICE, kept=c, absorbed=b, reason="Same")
    a.refresh_from_db()
    assert queries.the_one_that_counts(a) == c
    assert list(queries.matching(queries.standing_organisations(), "aram")) == [c]
    with pytest.raises(Refused) as refused:
        commands.undo_merge(actor=OFFICE, merge=first)
    assert codes(refused) == ["undo_later_merge_first"]
    commands.undo_merge(actor=OFFICE, merge=second)
    commands.undo_merge(actor=OFFICE, merge=first)
    assert queries.standing_organisations().count() == 3


DUTIES = st.lists(st.sampled_from(sorted(Duty)), unique=True)
PEOPLE = st.dictionaries(st.integers(0, 4), DUTIES, max_size=4)
SOME = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SOME
@given(data=st.data())
def test_merging_and_undoing_restores_everything(data: st.DataObject) -> None:
    try:
        with transaction.atomic():
            people = [person(f"p{n}") for n in range(5)]
            inviter = people[0]
            pair = [founded("Aram"), founded("Baram")]
            for place, one in enumerate(pair):
                for n, duties in data.draw(PEOPLE).items():
                    belongs(one, people[n], *duties)
                for n in data.draw(st.lists(st.integers(0, 3), unique=True)):
                    commands.add_number(actor=OFFICE, organisation=one, scheme="other", number=f"{place}{n}")
                for n in data.draw(st.lists(st.integers(0, 2), unique=True)):
                    commands.claim_domain(actor=OFFICE, organisation=one, domain=f"d{n}.example")
                for n in data.draw(st.lists(st.integers(0, 2), unique=True)):
                    Invitation.objects.create(
                        organisation=one, email=f"i{n}@example.org", token_sha256=f"{place}{n}", invited_by=inviter,
                        invited_at=clock.now(), expires_at=clock.now() + dt.timedelta(days=1),
                    )  # fmt: skip
                for n in data.draw(st.lists(st.integers(0, 4), unique=True)):
                    if not rules.standing(people[n], one):
                        JoinRequest.objects.create(organisation=one, person=people[n], asked_at=clock.now())
                if data.draw(st.booleans()):
                    founded(f"Part {place}", parent=one)
            before = everything()
            merge = commands.merge_organisations(actor=DEMO, kept=pair[0], absorbed=pair[1], reason="Same")
            standing = Affiliation.objects.filter(ended_at__isnull=True)
            assert not standing.filter(organisation=pair[1]).exists()
            commands.undo_merge(actor=DEMO, merge=merge)
            assert everything() == before
            raise _Enough
    except _Enough:
        pass


class _Enough(Exception):
    """Leaves the transaction: nothing of one example is there in the next."""


@SOME
@given(data=st.data())
def test_what_one_may_read_and_what_is_listed_are_the_same(data: st.DataObject) -> None:
    try:
        with transaction.atomic():
            roles = ["", "officer", "secretariat", "auditor", "administrator", "evaluator", "opinion_desk"]
            people = [person(f"p{n}", role=data.draw(st.sampled_from(roles))) for n in range(3)]
            places = [organisation(f"O{n}") for n in range(3)]
            for place in places:
                for someone in people:
                    for ended in data.draw(st.sampled_from([(), (True,), (False,), (True, False)])):
                        made = belongs(place, someone, *data.draw(DUTIES))
                        if ended:
                            Affiliation.objects.filter(pk=made.pk).update(ended_at=clock.now())
            if data.draw(st.booleans()):
                commands.merge_organisations(actor=DEMO, kept=places[0], absorbed=places[1], reason="Same")
            everyone: list[Any] = [None, *people]
            for someone in everyone:
                listed = set(visible_to(someone, rules.READ_ORGANISATION, Organisation.objects.all()))
                read = {o for o in Organisation.objects.all() if may(someone, rules.READ_ORGANISATION, o)}
                assert listed == read
                may_list = may(someone, rules.LIST_ORGANISATIONS)
                assert not may_list or read == set(Organisation.objects.all())
            raise _Enough
    except _Enough:
        pass
