"""Late because of us, by two persons; and papers that a partner hands over by a link."""

import datetime as dt
import io
import re
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from madang.apps.accounts.commands import actor_of
from madang.apps.applications import commands
from madang.apps.applications.commands.papers import link
from madang.apps.applications.models import DraftMember, LateAdmission, PaperRequest
from madang.apps.applications.queries import late_admissions, reception
from madang.apps.calls.queries import definition_of
from madang.core.deciding import eligibility
from madang.core.record.filing import read_filing_receipt
from madang.kernel import clock, outages
from madang.kernel.actors import OFFICE
from madang.kernel.commands import Refused
from madang.kernel.journal import JournalEntry
from madang.kernel.mail import OutgoingMail
from tests.factories.filing import PDF, FilingWorld
from tests.factories.people import belongs, person

CLOSES = dt.datetime(2027, 12, 1, 18, 0, tzinfo=ZoneInfo("Asia/Seoul"))
LATER = CLOSES + dt.timedelta(hours=2)
UNTIL = CLOSES + dt.timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return FilingWorld()


@pytest.fixture
def officers():
    return [actor_of(person(name, role="officer")) for name in ("dami", "erim")]


def outage(began=CLOSES - dt.timedelta(hours=1), ended=CLOSES + dt.timedelta(minutes=5)):
    with clock.at(max(ended, LATER)):
        return outages.enter_outage(actor=OFFICE, began_at=began, ended_at=ended, reason="The line was cut.")


def codes(refused) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def refused_for(act, **given) -> list[str]:
    with pytest.raises(Refused) as refused:
        act(**given)
    return codes(refused)


def admitted(world, officers) -> LateAdmission:
    found = outage()
    asked = commands.ask_late_admission(actor=world.first, draft=world.draft, reason="The page did not come.")
    commands.propose_late_admission(
        actor=officers[0], admission=asked, outage=found.uid, reason="Our line was cut.", until=UNTIL
    )
    return commands.admit_late(actor=officers[1], admission=asked)


def test_two_persons_admit_one_draft_for_a_logged_outage_and_it_counts(world, officers):
    with clock.at(LATER):
        admission = admitted(world, officers)
        filing = world.file(at=LATER)
    receipt = read_filing_receipt(filing.receipt)
    assert receipt["late_admission"] == admission.uid
    assert receipt["arrived_at"] == "2027-12-01T20:00:00+09:00"
    [application] = reception(world.call).applications
    assert application.admitted == admission.uid
    definition = definition_of(filing.version)
    assert not list(eligibility._on_time(definition, application))
    assert list(eligibility._on_time(definition, replace(application, admitted="")))
    assert [one.reason for one in late_admissions(world.call)] == ["Our line was cut."]
    told = OutgoingMail.objects.filter(template="late-admission")
    assert {mail.to for mail in told} == {world.aram.email, world.boram.email}


def test_it_ends(world, officers):
    with clock.at(LATER):
        admitted(world, officers)
    with clock.at(UNTIL + dt.timedelta(minutes=1)):
        assert refused_for(world.file, at=UNTIL + dt.timedelta(seconds=1)) == ["press_after_deadline"]
        assert world.file(at=UNTIL).revision == 1


def test_whoever_proposed_it_does_not_admit_it(world, officers):
    with clock.at(LATER):
        found = outage()
        asked = commands.ask_late_admission(actor=world.first, draft=world.draft, reason="x")
        given = {"admission": asked, "outage": found.uid, "reason": "Cut.", "until": UNTIL}
        commands.propose_late_admission(actor=officers[0], **given)
        assert refused_for(commands.admit_late, actor=officers[0], admission=asked) == ["late_needs_another_person"]
        assert refused_for(world.file, at=LATER) == ["press_after_deadline"]


def test_without_a_logged_outage_of_the_last_day_nobody_is_admitted(world, officers):
    with clock.at(LATER):
        assert refused_for(commands.ask_late_admission, actor=world.first, draft=world.draft, reason="x") == [
            "late_no_outage"
        ]
        old = outage(CLOSES - dt.timedelta(days=3), CLOSES - dt.timedelta(days=2))
        assert refused_for(commands.ask_late_admission, actor=world.first, draft=world.draft, reason="x") == [
            "late_no_outage"
        ]
        outage()
        asked = commands.ask_late_admission(actor=world.first, draft=world.draft, reason="x")
        given = {"admission": asked, "reason": "Cut.", "until": UNTIL}
        assert refused_for(commands.propose_late_admission, actor=officers[0], outage=old.uid, **given) == [
            "late_needs_outage"
        ]
        assert refused_for(commands.propose_late_admission, actor=officers[0], outage="", **given) == [
            "late_needs_outage"
        ]


def test_it_is_refused_with_a_reason_and_can_be_asked_again(world, officers):
    with clock.at(LATER):
        outage()
        asked = commands.ask_late_admission(actor=world.first, draft=world.draft, reason="x")
        assert refused_for(commands.refuse_late_admission, actor=officers[0], admission=asked, reason=" ") == [
            "late_needs_reason"
        ]
        commands.refuse_late_admission(actor=officers[0], admission=asked, reason="It was short.")
        again = commands.ask_late_admission(actor=world.first, draft=world.draft, reason="y")
        assert again.pk != asked.pk
        assert commands.ask_late_admission(actor=world.first, draft=world.draft, reason="z").pk == again.pk


def test_only_those_who_may_ask_and_decide(world, officers):
    with clock.at(LATER):
        found = outage()
        assert refused_for(commands.ask_late_admission, actor=world.second, draft=world.draft, reason="x") == [
            "not_permitted"
        ]
        asked = commands.ask_late_admission(actor=world.first, draft=world.draft, reason="x")
        given = {"admission": asked, "outage": found.uid, "reason": "Cut.", "until": UNTIL}
        for actor in (world.first, world.stranger, actor_of(person("admin", role="administrator"))):
            assert refused_for(commands.propose_late_admission, actor=actor, **given) == ["not_permitted"]


# --- A partner's papers ---------------------------------------------------------------------------------------------


def request_paper(world, **more) -> tuple[PaperRequest, str]:
    given = {"keys": ["documents.letter"], "partner": "Ministry of Aram", "email": "m@example.org", "language": "en"}
    asked = commands.ask_for_paper(actor=world.second, draft=world.draft, **(given | more))
    words = OutgoingMail.objects.filter(template="paper-request").latest("pk").words
    return asked, re.search(r"/papers/(\S+)", words)[1]


def hand_over(asked, content=PDF, key="documents.letter"):
    asked.refresh_from_db()
    return commands.hand_over_paper(asked=asked, key=key, name="letter.pdf", content=io.BytesIO(content))


def test_a_partner_hands_a_paper_over_by_a_link_that_only_the_mail_knows(world):
    asked, token = request_paper(world)
    file = hand_over(asked, b"%PDF-1.7 from the ministry\n%%EOF\n")
    assert (file.handed_by_id, file.by_id) == (asked.pk, world.boram.pk)
    assert token not in str(PaperRequest.objects.values().get())
    entry = JournalEntry.objects.filter(command="applications.hand_over_paper").get()
    assert (entry.actor_kind, entry.actor_id) == ("link", asked.uid)
    assert "Ministry" not in entry.payload
    assert file.uid in {one["uid"] for one in world.file().content["files"]}


def test_what_was_handed_over_can_be_taken_back_by_the_same_link_only(world):
    asked, _ = request_paper(world)
    other, _ = request_paper(world, partner="Somebody else")
    file = hand_over(asked, b"%PDF-1.7 once\n%%EOF\n")
    act = commands.take_back_paper
    assert refused_for(act, actor=link(other), asked=other, file=file) == ["draft_file_not_there"]
    assert act(actor=link(asked), asked=asked, file=file).removed_at is not None


def test_an_ended_link_another_place_and_a_closed_call_take_nothing(world):
    asked, _ = request_paper(world)
    assert refused_for(hand_over, asked=asked, key="paper") == ["form_no_such_place"]
    with clock.at(LATER):
        assert refused_for(hand_over, asked=asked) == ["call_takes_no_drafts"]
    commands.revoke_paper_request(actor=world.first, asked=asked)
    assert refused_for(hand_over, asked=asked) == ["paper_link_ended"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"keys": []}, "paper_needs_place"),
        ({"keys": ["name"]}, "form_no_such_place"),
        ({"partner": " "}, "paper_needs_partner"),
        ({"email": "nobody"}, "not_an_address"),
        ({"language": "<x>"}, "no_such_language"),
        ({"note": "x" * 1001}, "paper_note_too_long"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(world, more, code):
    with pytest.raises(Refused) as refused:
        request_paper(world, **more)
    assert codes(refused) == [code]
    assert not PaperRequest.objects.exists()


def test_nobody_of_the_office_decides_for_an_applicant_of_their_own(world, officers):
    colleague, writer = person("colleague", role="officer"), person("writer", role="officer")
    belongs(world.city, colleague, "contact")
    DraftMember.objects.create(draft=world.draft, person=writer, since=clock.now())
    with clock.at(LATER):
        found = outage()
        asked = commands.ask_late_admission(actor=world.first, draft=world.draft, reason="The page did not come.")
        given = {"admission": asked, "outage": found.uid, "reason": "Our line was cut.", "until": UNTIL}
        for own in (actor_of(colleague), actor_of(writer)):
            assert refused_for(commands.propose_late_admission, actor=own, **given) == ["not_permitted"]
        commands.propose_late_admission(actor=officers[0], **given)
        for own in (actor_of(colleague), actor_of(writer)):
            assert refused_for(commands.admit_late, actor=own, admission=asked) == ["not_permitted"]
            refusing = {"actor": own, "admission": asked, "reason": "No."}
            assert refused_for(commands.refuse_late_admission, **refusing) == ["not_permitted"]
        commands.admit_late(actor=officers[1], admission=asked)
