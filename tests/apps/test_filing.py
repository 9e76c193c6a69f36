"""Filing: one press, what follows it, and the moment that counts."""

import datetime as dt
import json
import subprocess
from zoneinfo import ZoneInfo

import pytest

from madang.apps.accounts.commands import actor_of
from madang.apps.applications import commands
from madang.apps.applications.models import Application, Filing
from madang.apps.applications.queries import filing_of, form_state, reception, standing_of
from madang.apps.outbox import commands as outbox
from madang.core.record import filing as receipts
from madang.core.record.canonical import canonical
from madang.core.record.numbers import read_number
from madang.kernel import clock, keys
from madang.kernel.append_only import WrittenOnce
from madang.kernel.commands import Refused
from madang.kernel.journal import JournalEntry
from madang.kernel.mail import OutgoingMail
from tests.factories.filing import FilingWorld
from tests.factories.forms import amended
from tests.factories.people import person

SEOUL = ZoneInfo("Asia/Seoul")
CLOSES = dt.datetime(2027, 12, 1, 18, 0, tzinfo=SEOUL)
BEFORE = CLOSES - dt.timedelta(hours=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return FilingWorld()


def codes(refused) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def test_a_press_makes_a_revision_a_receipt_a_row_that_counts_and_mails(world):
    filing = world.file()
    draft = world.now()
    assert (draft.state, draft.standing_id, filing.revision) == ("filed", filing.pk, 1)
    receipt = receipts.read_filing_receipt(filing.receipt)
    assert receipts.contradictions(receipt, filing.form) == ()
    assert receipts.signers(receipt) == [keys.public_hex(keys.load_or_make())]
    assert (receipt["number"], receipt["revision"]) == (draft.number, 1)
    assert canonical(json.loads(filing.form)).decode() == filing.form
    [row] = Application.objects.filter(call=world.call)
    assert (row.reference, row.filing_id, row.organisation) == (draft.number, filing.pk, world.city.uid)
    assert row.received_at == filing.arrived_at
    mails = OutgoingMail.objects.filter(template="application-filed")
    assert {mail.to for mail in mails} == {world.aram.email, world.boram.email}
    assert all(filing.receipt in mail.text and draft.number in mail.subject for mail in mails)
    entry = JournalEntry.objects.get(command="applications.file_draft")
    assert entry.details["form_sha256"] == filing.form_sha256
    assert "Hanbit" not in entry.payload


def test_the_mail_with_the_receipt_cannot_be_held_or_changed_by_the_office(world, settings):
    settings.MAIL_HELD = frozenset({"application-filed"})
    world.file()
    sent = OutgoingMail.objects.filter(template="application-filed").first()
    assert (sent.about, str(sent.state)) == (world.call.slug, "waiting")
    officer = actor_of(person("officer", role="officer"))
    for act, given in (
        (outbox.hold_mail, {"reason": "Not yet."}),
        (outbox.cancel_mail, {"reason": "Never."}),
        (outbox.edit_mail, {"subject": "Rejected", "text": "Not received.", "seen": 0}),
    ):
        with pytest.raises(Refused):
            act(actor=officer, mail=sent, **given)


def test_pressed_again_it_is_the_same_receipt(world):
    first = world.file()
    rows = JournalEntry.objects.count(), OutgoingMail.objects.count()
    assert [world.file().receipt for _ in range(3)] == [first.receipt] * 3
    assert (JournalEntry.objects.count(), OutgoingMail.objects.count()) == rows
    assert Filing.objects.count() == 1


def test_the_same_press_sent_again_after_it_was_opened_for_changes_files_nothing(world):
    seen = world.draft.revision
    first = world.file(seen=seen)
    commands.revise_filed(actor=world.first, draft=world.draft)
    world.save(name="Other", base={"name": world.now().revision})
    assert world.file(seen=seen).pk == first.pk
    assert world.now().state == "revising"


def test_a_replacement_keeps_both_revisions_and_the_last_counts(world):
    first = world.file()
    commands.revise_filed(actor=world.second, draft=world.draft)
    world.save(name="Other", base={"name": 999})
    assert reception(world.call).applications[0].answers["name"] == "Hanbit", "what was filed counts on"
    second = world.file()
    assert (second.revision, world.now().state) == (2, "filed")
    assert Filing.objects.get(pk=first.pk).content["answers"]["name"] == "Hanbit"
    assert [a.answers["name"] for a in reception(world.call).applications] == ["Other"]
    assert [standing_of(filing_of(world.draft.number, n)) for n in (1, 2)] == ["replaced", "standing"]
    assert second.content["number"] == first.content["number"]


def test_a_number_published_before_a_replacement_is_counted_again_as_it_was(world):
    with clock.at(BEFORE):
        world.file()
    with clock.at(BEFORE + dt.timedelta(minutes=10)):
        commands.revise_filed(actor=world.first, draft=world.draft)
        world.save(name="Other", base={"name": 999})
        world.file()
    with clock.at(BEFORE + dt.timedelta(minutes=20)):
        commands.withdraw_application(actor=world.first, draft=world.draft)
    then = [BEFORE + dt.timedelta(minutes=n) for n in (-1, 5, 15, 25)]
    names = [[a.answers["name"] for a in reception(world.call, at, at).applications] for at in then]
    assert names == [[], ["Hanbit"], ["Other"], []]
    assert [len(reception(world.call, at).applications) for at in then] == [0, 1, 1, 0]
    assert reception(world.call).applications == ()


def test_pressed_with_nothing_changed_the_filed_revision_stands(world):
    first = world.file()
    commands.revise_filed(actor=world.first, draft=world.draft)
    assert world.file().pk == first.pk
    assert (world.now().state, Filing.objects.count()) == ("filed", 1)


def test_what_was_changed_can_be_dropped_and_everything_stands_as_filed(world):
    filing = world.file()
    commands.revise_filed(actor=world.first, draft=world.draft)
    world.save(name="Other", base={"name": 999})
    row = commands.add_row(actor=world.first, draft=world.draft, key="goals")
    world.save(**{f"goals__{row}__goal": "Third"})
    commands.remove_file(actor=world.first, draft=world.draft, file=world.draft.files.get(key="documents.letter"))
    world.attach("documents.letter", "another.pdf", b"%PDF-1.4 another %%EOF")
    commands.keep_filed(actor=world.first, draft=world.draft)
    assert world.now().state == "filed"
    commands.revise_filed(actor=world.first, draft=world.draft)
    assert world.file().pk == filing.pk, "the form is the filed one, byte for byte"


def test_withdrawn_it_counts_no_more_and_can_be_resumed_and_filed_anew(world):
    first = world.file()
    commands.withdraw_application(actor=world.first, draft=world.draft, reason="The council said no.")
    assert (world.now().state, world.now().standing) == ("withdrawn", None)
    assert reception(world.call).applications == ()
    assert standing_of(filing_of(world.draft.number, 1)) == "withdrawn"
    with pytest.raises(Refused) as refused:
        world.file()
    assert codes(refused) == ["draft_is_withdrawn"]
    commands.resume_application(actor=world.first, draft=world.draft)
    assert reception(world.call).applications == (), "not before it is pressed again"
    second = world.file()
    assert (second.revision, second.content["number"]) == (2, first.content["number"])
    assert len(reception(world.call).applications) == 1


@pytest.mark.parametrize(
    ("late", "counts"),
    [(dt.timedelta(), True), (dt.timedelta(microseconds=999_999), True), (dt.timedelta(seconds=1), False)],
)
def test_whole_seconds_decide_and_the_arrival_not_the_turn(world, late, counts):
    seen = world.draft.revision
    with clock.at(CLOSES + dt.timedelta(minutes=5)):  # its turn came five minutes later
        if counts:
            filing = world.file(at=CLOSES + late, seen=seen)
            assert filing.arrived_at == CLOSES
            assert receipts.read_filing_receipt(filing.receipt)["arrived_at"] == "2027-12-01T18:00:00+09:00"
        else:
            with pytest.raises(Refused) as refused:
                world.file(at=CLOSES + late, seen=seen)
            assert codes(refused) == ["press_after_deadline"]
            assert refused.value.reasons[0].params["arrived"] == "2027-12-01 18:00:01 (Asia/Seoul)"
            assert not Filing.objects.exists()


def test_grace_that_the_notice_prints_counts_and_the_draft_can_be_written_in_it(world):
    amended(world.call, "closes: {at: 2027-12-01 18:00}", "closes: {at: 2027-12-01 18:00, printed_grace_minutes: 10}")
    with clock.at(CLOSES + dt.timedelta(minutes=9)):
        world.save(name="Late", base={"name": 999})
    with clock.at(CLOSES + dt.timedelta(minutes=11)):
        with pytest.raises(Refused) as refused:
            world.file(at=CLOSES + dt.timedelta(minutes=10, seconds=1))
        assert codes(refused) == ["press_after_deadline"]
        filing = world.file(at=CLOSES + dt.timedelta(minutes=10))
    assert filing.content["answers"]["name"] == "Late"
    assert receipts.read_filing_receipt(filing.receipt)["counts_until"] == "2027-12-01T18:10:00+09:00"


def test_a_press_before_the_opening_is_none(world):
    with pytest.raises(Refused) as refused:
        world.file(at=dt.datetime(2025, 12, 31, 14, 59, 59, tzinfo=dt.UTC))
    assert codes(refused) == ["press_before_opening"]


def test_what_is_missing_is_named_and_nothing_is_written(world):
    world.save(name="", people="", base={"name": 999, "people": 999})
    before = JournalEntry.objects.count()
    with pytest.raises(Refused) as refused:
        world.file()
    assert codes(refused)[0] == "draft_incomplete"
    assert len(codes(refused)) > 1
    assert (JournalEntry.objects.count(), Filing.objects.count(), world.now().number) == (before, 0, None)


def test_only_those_who_may_file_press(world):
    for actor in (world.second, world.stranger):
        with pytest.raises(Refused) as refused:
            commands.file_draft(actor=actor, draft=world.draft, seen_revision=99, arrived_at=clock.now())
        assert codes(refused) == ["not_permitted"]


def test_a_filed_application_takes_no_change_before_it_is_opened(world):
    world.file()
    with pytest.raises(Refused) as refused:
        world.save(name="Other")
    assert codes(refused) == ["draft_is_filed"]
    with pytest.raises(Refused) as refused:
        commands.discard_draft(actor=world.first, draft=world.draft)
    assert codes(refused) == ["draft_is_filed"]


def test_after_the_deadline_it_can_be_kept_and_withdrawn_but_not_opened_or_resumed(world):
    world.file()
    commands.revise_filed(actor=world.first, draft=world.draft)
    with clock.at(CLOSES + dt.timedelta(minutes=1)):
        commands.keep_filed(actor=world.first, draft=world.draft)
        with pytest.raises(Refused) as refused:
            commands.revise_filed(actor=world.first, draft=world.draft)
        assert codes(refused) == ["call_takes_no_drafts"]
        commands.withdraw_application(actor=world.first, draft=world.draft)
        with pytest.raises(Refused) as refused:
            commands.resume_application(actor=world.first, draft=world.draft)
        assert codes(refused) == ["call_takes_no_drafts"]


def test_a_limit_on_applications_counts_the_filed_ones_but_not_ones_own(world):
    world.file()
    commands.revise_filed(actor=world.first, draft=world.draft)
    assert form_state(world.now()).complete, "its own filing is not counted beside it"
    other = commands.start_draft(
        actor=world.first, call=world.call, organisation=world.city, track="plan", language="ko"
    )
    assert any(reason.params.get("rule") == "once" for reason in form_state(other).unmet)


def test_the_draft_follows_an_amendment_before_it_is_filed(world):
    version = amended(world.call, "title: {en: Small, ko: 작은 공모}", "title: {en: Smaller, ko: 더 작은 공모}")
    world.draft.refresh_from_db()
    filing = world.file()
    assert filing.version_id == version.versions.order_by("-number").first().pk


def test_a_filing_is_never_changed(world):
    filing = world.file()
    with pytest.raises(WrittenOnce):
        Filing.objects.filter(pk=filing.pk).update(form="{}")
    with pytest.raises(WrittenOnce):
        filing.delete()


def test_numbers_are_read_as_people_type_them(world):
    world.file()
    number = world.now().number
    assert read_number(number.lower().replace("-", " ")) == (number, None)
    assert read_number(f" {number}-2 ") == (number, 2)


def test_the_hash_is_what_any_machine_gives(world, tmp_path):
    filing = world.file()
    (tmp_path / "form.json").write_bytes(filing.form.encode())
    out = subprocess.run(["sha256sum", tmp_path / "form.json"], capture_output=True, text=True, check=True).stdout
    assert out.split()[0] == filing.form_sha256


def test_an_old_press_sent_again_after_withdrawing_and_resuming_files_nothing(world):
    seen = world.now().revision
    first = world.file(seen=seen)
    commands.withdraw_application(actor=world.first, draft=world.draft)
    commands.resume_application(actor=world.first, draft=world.draft)
    assert world.file(seen=seen) == first
    assert world.now().state == "writing"
    assert Filing.objects.count() == 1
    assert world.file().revision == 2
