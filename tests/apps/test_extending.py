"""A later deadline for everybody: by an amendment that two people make, told to all who write, and it counts."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from madang.apps.accounts.commands import actor_of
from madang.apps.applications import commands, tasks
from madang.apps.applications.queries import reception
from madang.apps.calls.commands import approve_definition, extend_deadline, publish_draft, submit_definition
from madang.apps.calls.models import DefinitionDraft
from madang.apps.calls.queries import current_version, inspected, state_of
from madang.core.lifecycle.call import CLOSED, OPEN
from madang.core.record.filing import read_filing_receipt
from madang.kernel import clock
from madang.kernel.actors import SYSTEM
from madang.kernel.commands import Refused
from madang.kernel.journal import JournalEntry
from madang.kernel.mail import OutgoingMail
from tests.factories.calls import published
from tests.factories.filing import FilingWorld
from tests.factories.forms import DEFINITION, form_call
from tests.factories.people import belongs, organisation, person

SEOUL = ZoneInfo("Asia/Seoul")
CLOSES = dt.datetime(2027, 12, 1, 18, 0, tzinfo=SEOUL)
NEW = CLOSES + dt.timedelta(days=7)
BEFORE, BETWEEN, AFTER = (CLOSES - dt.timedelta(hours=1), CLOSES + dt.timedelta(days=2), NEW + dt.timedelta(seconds=1))
GIVEN = {"reason": "The line of the provider was cut.", "notice": "Notice 2027-9"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return FilingWorld()


@pytest.fixture
def officers():
    return [actor_of(person(name, role="officer")) for name in ("dami", "erim")]


@pytest.fixture
def told(django_capture_on_commit_callbacks):
    """Runs what listens to an act."""

    def run(act):
        with django_capture_on_commit_callbacks(execute=True):
            return act()

    return run


def refused_for(act, **given) -> list[str]:
    with pytest.raises(Refused) as refused:
        act(**given)
    return [reason.code for reason in refused.value.reasons]


def extended(call, officers, closes=NEW):
    draft = extend_deadline(actor=officers[0], call=call, closes=closes, **GIVEN)
    approve_definition(actor=officers[1], draft=draft, seen_revision=draft.revision)
    return publish_draft(actor=officers[1], draft=draft, seen_revision=draft.revision)


def mails():
    return OutgoingMail.objects.filter(template="deadline-moved")


def test_only_the_closing_moves_and_the_text_stays_the_officers(world, officers):
    before = current_version(world.call).text
    with clock.at(BEFORE):
        draft = extend_deadline(actor=officers[0], call=world.call, closes=NEW, **GIVEN)
        assert draft.text == before.replace("closes: {at: 2027-12-01 18:00}", "closes: {at: 2027-12-08 18:00}")
        assert (draft.state, draft.reason, draft.notice) == ("submitted", GIVEN["reason"], GIVEN["notice"])
        assert refused_for(approve_definition, actor=officers[0], draft=draft, seen_revision=2) == ["approver_wrote_it"]
        world.call.refresh_from_db()
        assert world.call.closes_at == CLOSES
    assert "line" not in JournalEntry.objects.get(command="calls.extend_deadline").payload


def test_a_press_between_the_old_and_the_new_end_counts_and_after_it_none(world, officers, told):
    with clock.at(BEFORE):
        told(lambda: extended(world.call, officers))
    with clock.at(BETWEEN):
        filing = world.file(at=BETWEEN)
    receipt = read_filing_receipt(filing.receipt)
    assert (receipt["counts_until"], receipt["late_admission"]) == ("2027-12-08T18:00:00+09:00", "")
    assert filing.version.number == 2
    assert len(reception(world.call).applications) == 1
    with clock.at(BETWEEN):
        commands.revise_filed(actor=world.first, draft=world.draft)
        saved = world.save(base={"name": world.now().revision}, name="Other")
        assert not saved.conflicts
    with clock.at(AFTER):
        assert refused_for(world.file, at=AFTER) == ["press_after_deadline"]
        assert world.file(at=NEW).revision == 2


def test_a_closed_call_takes_applications_again(world, officers, told):
    with clock.at(CLOSES + dt.timedelta(hours=1)):
        assert state_of(world.call) == CLOSED
        assert refused_for(world.save, name="x") == ["call_takes_no_drafts"]
        told(lambda: extended(world.call, officers))
    with clock.at(BETWEEN):
        world.call.refresh_from_db()
        assert state_of(world.call) == OPEN
        assert world.file(at=BETWEEN).revision == 1


def test_a_withdrawn_application_is_taken_up_again(world, officers, told):
    world.file()
    commands.withdraw_application(actor=world.first, draft=world.draft)
    with clock.at(CLOSES + dt.timedelta(hours=1)):
        assert refused_for(commands.resume_application, actor=world.first, draft=world.draft) == [
            "call_takes_no_drafts"
        ]
        told(lambda: extended(world.call, officers))
    assert "taken up again" in mails().get(to=world.boram.email).words
    with clock.at(BETWEEN):
        commands.resume_application(actor=world.first, draft=world.now())
        assert world.file(at=BETWEEN).version.number == 2


def test_everybody_who_writes_is_told_once_in_their_language(world, officers, told):
    other = commands.start_draft(
        actor=world.first, call=world.call, organisation=world.city, track="trial", language="ko"
    )
    with clock.at(BEFORE):
        version = told(lambda: extended(world.call, officers))
        assert {mail.to for mail in mails()} == {world.aram.email, world.boram.email}
        mail = mails().get(to=world.boram.email)
        assert "2027-12-08 18:00:00 (Asia/Seoul)" in mail.subject
        assert "2027-12-08 16:00:00 (Asia/Jakarta)" in mail.words
        assert "2027-12-01 18:00:00 (Asia/Seoul)" in mail.words
        assert GIVEN["reason"] in mail.words
        assert "not filed yet" in mail.words
        assert f"/applications/{world.draft.uid}" in mail.words
        assert other.uid not in mails().get(to=world.aram.email).words  # two drafts: the list of both
        assert commands.tell_new_deadline(actor=SYSTEM, version=version) == 0
        assert tasks.tell_new_deadlines() == 0
    assert mails().count() == 2


def test_who_has_filed_hears_that_it_stands(world, officers, told):
    world.file()
    with clock.at(BEFORE):
        told(lambda: extended(world.call, officers))
    assert "What you have filed stands" in mails().get(to=world.boram.email).words


def test_who_was_not_told_after_a_crash_is_told_by_the_worker(world, officers):
    with clock.at(BEFORE):
        extended(world.call, officers)  # nobody listened
        assert not mails().exists()
        late = person("late")
        belongs(other := organisation("City of Cheoram"), late, "file")
    with clock.at(BEFORE + dt.timedelta(minutes=5)):
        commands.start_draft(actor=actor_of(late), call=world.call, organisation=other, track="plan", language="en")
        assert tasks.tell_new_deadlines() == 2
    assert late.email not in {mail.to for mail in mails()}  # began when the new deadline was there already


def test_an_amendment_that_moves_no_closing_and_a_deadline_moved_again_tell_nobody(world, officers, told):
    with clock.at(BEFORE):
        first = extended(world.call, officers)
        second = extended(world.call, officers, NEW + dt.timedelta(days=1))
        assert commands.tell_new_deadline(actor=SYSTEM, version=first) == 0
        assert commands.tell_new_deadline(actor=SYSTEM, version=second) == 2
    assert refused_for(commands.tell_new_deadline, actor=world.first, version=second) == ["not_permitted"]


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ({"closes": CLOSES}, ["extension_not_later"]),
        ({"closes": CLOSES - dt.timedelta(days=1)}, ["extension_not_later"]),
        ({"closes": CLOSES + dt.timedelta(days=400)}, ["extension_too_far"]),
        ({"closes": dt.datetime(9999, 12, 31, 23, 59, tzinfo=ZoneInfo("America/New_York"))}, ["extension_too_far"]),
        ({"reason": " "}, ["amendment_needs_reason"]),
        ({"notice": ""}, ["amendment_needs_notice"]),
        ({"reason": "x" * 5000}, ["reason_too_long"]),
        ({"notice": "\u202etxt"}, ["hidden_character"]),
        ({"reason": "a\x00b"}, ["hidden_character"]),
    ],
)
def test_what_is_no_extension_is_refused(world, officers, more, codes):
    with clock.at(BEFORE):
        given = {"closes": NEW, **GIVEN, **more}
        assert refused_for(extend_deadline, actor=officers[0], call=world.call, **given) == codes
    assert not DefinitionDraft.objects.exists()


def test_a_past_end_and_an_amendment_in_work_stand_in_the_way(world, officers):
    with clock.at(NEW):
        given = {"call": world.call, "closes": NEW - dt.timedelta(days=1), **GIVEN}
        assert refused_for(extend_deadline, actor=officers[0], **given) == ["extension_in_the_past"]
    with clock.at(BEFORE):
        given = {"call": world.call, "closes": NEW, **GIVEN}
        extend_deadline(actor=officers[0], **given)
        assert refused_for(extend_deadline, actor=officers[1], **given) == ["extension_amendment_open"]
        assert refused_for(extend_deadline, actor=world.first, **given) == ["not_permitted"]


def test_a_stage_that_would_lie_before_the_end_is_a_finding_and_nothing_is_shifted(officers):
    stage = "closes: {at: 2027-12-01 18:00}, stages: [{id: read, kind: written, on: 2027-12-03}]}"
    call = form_call(DEFINITION.replace("closes: {at: 2027-12-01 18:00}}", stage))
    with clock.at(BEFORE):
        draft = extend_deadline(actor=officers[0], call=call, closes=NEW, **GIVEN)
        assert [fault.code for _, fault in inspected(draft.text).faults] == ["stage_before_closing"]
        assert (draft.state, draft.reason, draft.notice) == ("writing", GIVEN["reason"], GIVEN["notice"])
        assert refused_for(submit_definition, actor=officers[0], draft=draft, seen_revision=2, **GIVEN) == [
            "draft_has_faults"
        ]


def test_a_decided_call_is_not_extended(officers):
    call = published()
    call.decided_at = clock.now()
    call.save(update_fields=["decided_at"])
    closes = clock.now() + dt.timedelta(days=3)
    assert refused_for(extend_deadline, actor=officers[0], call=call, closes=closes, **GIVEN) == [
        "call_already_decided"
    ]
