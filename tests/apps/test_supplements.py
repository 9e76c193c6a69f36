"""A supplement: asked with its places and its end, answered by a press, expired, extended, cancelled, on paper."""

import datetime as dt
import io

import pytest

from madang.apps.accounts.commands import actor_of
from madang.apps.applications import commands, queries, tasks
from madang.apps.applications.models import Application, Draft, Filing, Supplement
from madang.apps.calls.queries import definition_of
from madang.core.clocks import Stop, Terms, count_days, stops_of
from madang.core.deciding import eligibility
from madang.core.record.filing import read_filing_receipt
from madang.core.record.filing_check import check_filing
from madang.kernel import clock, keyring
from madang.kernel.commands import Refused
from madang.kernel.journal import JournalEntry
from madang.kernel.mail import OutgoingMail
from madang.papers import calendars
from tests.factories.filing import PDF
from tests.factories.people import person
from tests.factories.supplements import (
    ASKED,
    DEFINITION_WITH_REVIEW,
    REASON,
    SEOUL,
    THINGS,
    UNTIL,
    SupplementWorld,
    in_a_batch,
)

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)
_CLOSES = ", closes: {at: 2027-01-20 18:00}"


@pytest.fixture
def world():
    return SupplementWorld()


def refused_for(act, **given) -> list[str]:
    with pytest.raises(Refused) as refused:
        act(**given)
    return [reason.code for reason in refused.value.reasons]


def mails(template: str) -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(template=template))


# --- Asked -----------------------------------------------------------------------------------------------------------


def test_the_end_is_counted_over_seollal_and_told_in_the_readers_zone(world):
    supplement = world.ask()
    assert supplement.until == UNTIL
    assert supplement.places == ["why", "named", "documents.letter"]  # `named` is asked where `why` is empty
    asked = mails("supplement-asked")
    assert {mail.to for mail in asked} == {world.aram.email, world.boram.email}
    [away] = [mail for mail in asked if mail.to == world.boram.email]
    assert "2027-02-10 23:59:59 (Asia/Seoul)" in away.text
    assert "2027-02-10 21:59:59 (Asia/Jakarta)" in away.text
    assert "The letter bears no signature." in away.text
    [entry] = JournalEntry.objects.filter(command="applications.ask_supplement")
    assert "서명" not in str(entry.payload)


def test_of_several_items_the_longest_period_counts_and_a_closed_last_day_rolls_on(world):
    things = {"review.papers": "incomplete", "review.words": "incorrect", "why": "incorrect"}
    with clock.at(dt.datetime(2027, 1, 31, 12, tzinfo=SEOUL)):
        plan = commands.plan_supplement(world.dossier, things, clock.now())
    assert plan.item == "words"
    assert plan.count.rolled_from == dt.date(2027, 2, 7)
    assert plan.until == dt.datetime(2027, 2, 10, 23, 59, 59, tzinfo=SEOUL)


def test_what_the_definition_does_not_allow_cannot_be_asked(world):
    def asked(things, **more):
        return refused_for(world.ask, things=things, **more)

    assert asked({"review.place": "incorrect", "why": "incorrect"}) == ["supplement_not_correctable"]
    assert asked({"why": "incorrect"}) == ["supplement_needs_item"]
    assert asked({"review.papers": "incorrect"}) == ["supplement_needs_place"]
    assert asked({"review.papers": "wrong", "why": "incorrect"}) == ["supplement_no_such_thing"]
    assert asked({"review.papers": "incorrect", "nowhere": "incorrect"}) == ["supplement_no_such_thing"]
    assert asked(THINGS, reason={"en": "Only English"}) == ["supplement_needs_reason_in"]
    assert asked(THINGS, reason={"ko": "\u202e거꾸로"}) == ["words_turn_direction"]
    assert asked(THINGS, until=UNTIL + SECOND) == ["supplement_day_changed"]
    assert asked(THINGS, at=dt.datetime(2027, 1, 20, 18, tzinfo=SEOUL)) == ["supplement_call_open"]
    assert not Supplement.objects.exists()


def test_nobody_else_asks(world):
    with clock.at(ASKED):
        given = {"dossier": world.dossier, "things": THINGS, "reason": REASON}
        other = actor_of(person("other", role="secretariat", programme="another"))
        assert refused_for(commands.ask_supplement, actor=other, **given) == ["not_permitted"]
        assert refused_for(commands.ask_supplement, actor=world.first, **given) == ["not_permitted"]


def test_a_withdrawn_application_is_not_asked_and_a_withdrawal_ends_what_was_asked(world):
    supplement = world.ask()
    with clock.at(ASKED):
        commands.withdraw_application(actor=world.first, draft=world.draft)
    supplement.refresh_from_db()
    assert (supplement.state, world.now().supplement) == ("cancelled", None)
    assert refused_for(world.ask) == ["supplement_nothing_stands"]


# --- Only there ------------------------------------------------------------------------------------------------------


def test_every_other_place_is_refused_with_its_reason(world):
    world.ask()
    row = Draft.objects.get().entries.get(key="goals").typed[0]
    with clock.at(ASKED):
        draft = world.draft = commands.revise_filed(actor=world.first, draft=world.draft)
        done = world.save(base={"name": 10_000, "why": 10_000}, name="Other", why="For all", people="5000")
        assert dict(done.refused)["name"].code == "supplement_not_this_place"
        assert set(done.saved) == {"why", "people"}  # what stands there already is no change
        closed = ["supplement_not_this_place"]
        given = {"actor": world.first, "draft": draft, "key": "goals"}
        assert refused_for(commands.add_row, **given) == closed
        assert refused_for(commands.remove_row, row=row, **given) == closed
        assert refused_for(world.attach, key="paper", name="a.pdf", content=PDF + b"2") == closed
        paper = draft.files.get(key="paper")
        assert refused_for(commands.remove_file, actor=world.first, draft=draft, file=paper) == closed
        upload = {"key": "paper", "name": "a.pdf", "size": 9}
        assert refused_for(commands.start_upload, actor=world.first, draft=draft, **upload) == closed
        partner = {"partner": "Ministry", "email": "m@example.org", "language": "en"}
        ask_partner = {"actor": world.first, "draft": draft, **partner}
        assert refused_for(commands.ask_for_paper, keys=["paper"], **ask_partner) == closed
        words = {"key": "name", "language": "en", "text": "Hanbit"}
        assert refused_for(commands.set_translation, actor=world.first, draft=draft, **words) == closed
        world.attach("documents.letter", "signed.pdf", PDF + b"signed")
        assert commands.ask_for_paper(keys=["documents.letter"], **ask_partner)


def test_changes_from_before_the_request_are_not_filed_with_it(world):
    with clock.at(dt.datetime(2027, 1, 19, tzinfo=SEOUL)):
        commands.revise_filed(actor=world.first, draft=world.draft)
        world.save(base={"name": 10_000}, name="Changed")
    world.ask()
    world.mend()
    with clock.at(ASKED), pytest.raises(Refused) as refused:
        world.file(at=ASKED)
    [reason] = refused.value.reasons
    assert (reason.code, reason.params["places"]) == ("supplement_changes_elsewhere", ["name"])
    with clock.at(ASKED):
        commands.keep_filed(actor=world.first, draft=world.now())
    world.mend()
    with clock.at(ASKED):
        assert world.file(at=ASKED).revision == 2


def test_a_press_that_changes_nothing_is_no_answer(world):
    world.ask()
    with clock.at(ASKED):
        commands.revise_filed(actor=world.first, draft=world.draft)
        assert refused_for(world.file, at=ASKED) == ["supplement_nothing_changed"]
    assert Supplement.objects.get().state == "open"


def test_an_amended_call_and_a_renamed_city_change_nothing_of_what_is_answered(world):
    world.ask()
    world.city.name = "City of Boram"
    world.city.save()
    world.mend()
    with clock.at(ASKED):
        filing = world.file(at=ASKED)
    assert filing.content["applicant"]["name"] == "City of Aram"
    assert Application.objects.get(undone_at=None).applicant_name == "City of Aram"


# --- In time ---------------------------------------------------------------------------------------------------------


def test_what_arrives_at_the_last_second_counts_and_answers(world):
    supplement = world.ask()
    world.mend(at=UNTIL)
    late = UNTIL + dt.timedelta(seconds=1)
    with clock.at(late):
        assert refused_for(world.file, at=late) == ["press_after_deadline"]
        filing = world.file(at=UNTIL + dt.timedelta(milliseconds=999))
    supplement.refresh_from_db()
    assert (supplement.state, supplement.filing) == ("answered", filing)
    assert world.now().supplement is None
    receipt = read_filing_receipt(filing.receipt)
    assert receipt["supplement"] == supplement.uid
    assert receipt["counts_until"] == "2027-02-10T23:59:59+09:00"
    assert receipt["late_admission"] == ""
    assert check_filing(receipt, form=filing.form, keys=keyring.publish(dt.date(2022, 1, 1))).exit_code == 0
    assert "supplement" not in read_filing_receipt(Filing.objects.get(revision=1).receipt)
    assert [mail.to for mail in mails("supplement-answered")] == [world.secretary.email]
    told = [mail.text for mail in mails("application-filed") if supplement.uid in mail.text]
    assert len(told) == 2
    assert all("file it again until" not in text for text in told)


def test_the_answer_is_in_time_by_the_first_press_and_counts_once_on_every_day(world):
    world.ask()
    world.mend()
    with clock.at(ASKED):
        filing = world.file(at=ASKED)
        row = Application.objects.get(filing=filing)
        first = Application.objects.exclude(pk=row.pk).get()
        assert row.received == first.received
        [one] = queries.reception(world.call).applications
        assert not list(eligibility._on_time(definition_of(filing.version), one))
        for day in (first.received_at.astimezone(SEOUL).date(), dt.date(2027, 1, 31), ASKED.date()):
            assert len(queries.reception(world.call, as_of=day).applications) == 1


def test_pressed_twice_it_is_one_answer_and_nothing_more_can_be_changed(world):
    world.ask()
    world.mend()
    with clock.at(ASKED):
        seen = world.now().revision
        assert world.file(at=ASKED, seen=seen) == world.file(at=ASKED, seen=seen)
        assert refused_for(commands.revise_filed, actor=world.first, draft=world.draft) == ["call_takes_no_drafts"]
    assert JournalEntry.objects.filter(command="applications.answer_supplement").count() == 1


def test_after_its_end_nothing_can_be_written_and_it_expires_once(world):
    supplement = world.ask()
    over = UNTIL + SECOND
    with clock.at(over):
        assert refused_for(commands.revise_filed, actor=world.first, draft=world.draft) == ["supplement_over"]
        assert tasks.expire_supplements() == 0
        assert queries.open_supplement_of(world.dossier) == supplement
    with clock.at(UNTIL + dt.timedelta(days=3)):  # nothing ran meanwhile
        assert tasks.expire_supplements() == 1
        assert tasks.expire_supplements() == 0
    assert queries.open_supplement_of(world.dossier) is None
    assert queries.expired_supplement_of(world.dossier) == supplement
    assert len(mails("supplement-expired")) == 2
    assert [mail.to for mail in mails("supplement-expired-office")] == [world.secretary.email]
    with clock.at(UNTIL + dt.timedelta(days=3)):
        assert refused_for(commands.revise_filed, actor=world.first, draft=world.draft) == ["supplement_over"]


def test_a_press_in_time_whose_turn_comes_after_it_expired_answers_it(world):
    world.ask()
    world.mend()
    with clock.at(UNTIL + dt.timedelta(minutes=5)):
        tasks.expire_supplements()
        assert world.file(at=UNTIL).revision == 2
    assert Supplement.objects.get().state == "answered"


def test_one_reminder_two_days_before_the_end_and_again_after_that_has_moved(world):
    supplement = world.ask()
    for before, posted in ((dt.timedelta(days=2, seconds=1), 0), (dt.timedelta(days=2), 2), (dt.timedelta(days=1), 0)):
        with clock.at(UNTIL - before):
            assert tasks.remind_of_supplements() == posted
    with clock.at(UNTIL):
        commands.extend_supplement(
            actor=world.office, supplement=supplement, day=dt.date(2027, 2, 20), reason="The post was late."
        )
    with clock.at(dt.datetime(2027, 2, 19, tzinfo=SEOUL)):
        assert tasks.remind_of_supplements() == 2
        assert tasks.remind_of_supplements() == 0


# --- Rounds, more time, cancelled ------------------------------------------------------------------------------------


def test_a_second_round_is_refused_unless_the_definition_has_one(world):
    world.ask()
    assert refused_for(world.ask) == ["supplement_is_open"]
    world.mend()
    with clock.at(ASKED):
        world.file(at=ASKED)
    with pytest.raises(Refused) as refused:
        world.ask()
    [reason] = refused.value.reasons
    assert (reason.code, reason.params) == ("supplement_no_round_left", {"item": "papers", "rounds": 1})
    again = {"review.words": "incorrect", "why": "incorrect"}
    assert world.ask(again).round == 2


def test_more_time_only_before_the_end_and_the_same_for_everybody_of_the_round(world):
    supplement, other = world.ask(), _second_dossier(world)
    given = {"actor": world.office, "supplement": supplement}
    day = dt.date(2027, 2, 15)
    with clock.at(ASKED):
        assert refused_for(commands.extend_supplement, day=dt.date(2027, 2, 10), reason="x", **given) == [
            "supplement_ends_no_later"
        ]
        assert refused_for(commands.extend_supplement, day=day, reason=" ", **given) == ["supplement_needs_reason"]
        assert refused_for(commands.extend_supplement, day=dt.date(2027, 8, 1), reason="x", **given) == [
            "supplement_ends_too_late"
        ]
        assert commands.extend_round(day=day, reason="The post was on strike.", **given) == 2
    with clock.at(dt.datetime(2027, 2, 16, tzinfo=SEOUL)):
        assert refused_for(commands.extend_supplement, day=dt.date(2027, 3, 1), reason="x", **given) == [
            "supplement_over"
        ]
    for one in (supplement, other):
        one.refresh_from_db()
        assert one.until == dt.datetime(2027, 2, 15, 23, 59, 59, tzinfo=SEOUL)
    assert len(mails("supplement-extended")) == 2  # nobody writes in the one that came in a batch
    assert "The post was on strike." in mails("supplement-extended")[0].text
    with clock.at(ASKED):
        assert commands.cancel_round(reason="Our mistake.", **given) == 2
    assert world.now().supplement is None
    assert world.ask().round == 2  # what was cancelled used up no round


# --- On paper --------------------------------------------------------------------------------------------------------


def _second_dossier(world) -> Supplement:
    """Of an application that came in a batch."""
    dossier = in_a_batch(world.call)
    with clock.at(ASKED):
        return commands.ask_supplement(
            actor=world.office, dossier=dossier, things={"review.papers": "incomplete"}, reason=REASON
        )


def test_what_came_on_paper_is_entered_with_its_day_and_scan(world):
    supplement = _second_dossier(world)
    given = {"actor": world.office, "supplement": supplement, "name": "letter.pdf"}
    day = dt.date(2027, 2, 3)

    def entering(note="Signed letter", arrived_on=day, content=PDF):
        file = io.BytesIO(content) if content is not None else None
        return {**given, "note": note, "arrived_on": arrived_on, "content": file}

    with clock.at(dt.datetime(2027, 2, 4, tzinfo=SEOUL)):
        assert refused_for(commands.enter_paper_answer, **entering(note=" ")) == ["supplement_needs_note"]
        assert refused_for(commands.enter_paper_answer, **entering(arrived_on=None)) == ["supplement_needs_day"]
        assert refused_for(commands.enter_paper_answer, **entering(content=None)) == ["supplement_needs_scan"]
        assert refused_for(commands.enter_paper_answer, **entering(content=b"MZ")) == ["supplement_scan_format"]
        before, ahead = dt.date(2027, 1, 31), dt.date(2027, 2, 5)
        assert refused_for(commands.enter_paper_answer, **entering(arrived_on=before)) == ["supplement_arrived_before"]
        assert refused_for(commands.enter_paper_answer, **entering(arrived_on=ahead)) == ["supplement_arrives_later"]
        done = commands.enter_paper_answer(**entering())
    assert (done.state, done.arrived_on, done.scan_format) == ("answered", day, "pdf")
    assert queries.stopped_spans(supplement.dossier, SEOUL) == [("supplement", ASKED.date(), day)]


def test_paper_that_came_in_time_is_entered_after_it_expired_and_what_came_late_is_not(world):
    supplement = _second_dossier(world)
    given = {"actor": world.office, "supplement": supplement, "note": "Letter", "name": "letter.pdf"}
    with clock.at(dt.datetime(2027, 2, 15, tzinfo=SEOUL)):
        tasks.expire_supplements()
        late = {"arrived_on": dt.date(2027, 2, 11), "content": io.BytesIO(PDF)}
        supplement.refresh_from_db()
        assert refused_for(commands.enter_paper_answer, **late, **given) == ["supplement_over"]
        in_time = {"arrived_on": dt.date(2027, 2, 10), "content": io.BytesIO(PDF)}
        assert commands.enter_paper_answer(**in_time, **given).state == "answered"


def test_an_application_that_was_filed_here_is_not_answered_on_paper(world):
    supplement = world.ask()
    with clock.at(ASKED):
        assert refused_for(
            commands.enter_paper_answer, actor=world.office, supplement=supplement, note="Letter",
            arrived_on=ASKED.date(), name="a.pdf", content=io.BytesIO(PDF),
        ) == ["supplement_is_answered_here"]  # fmt: skip


# --- The clock -------------------------------------------------------------------------------------------------------


def test_the_legal_clock_stands_while_a_supplement_is_open(world):
    world.ask()
    zone, terms = SEOUL, Terms(days=10, count="business")
    start, calendar = dt.date(2027, 1, 29), calendars.load("kr")
    spans = queries.stopped_spans(world.dossier, zone)
    assert stops_of(["supplement"], spans) == (Stop(ASKED.date(), None),)
    assert stops_of(["survey"], spans) == ()
    assert count_days(terms, start, calendar, stops_of(["supplement"], spans), ASKED.date()).last is None
    answered = dt.datetime(2027, 2, 3, 9, tzinfo=SEOUL)
    world.mend(at=answered)
    with clock.at(answered):
        world.file(at=answered)
    stops = stops_of(["supplement"], queries.stopped_spans(world.dossier, zone))
    assert stops == (Stop(dt.date(2027, 2, 1), dt.date(2027, 2, 3)),)
    assert count_days(terms, start, calendar, stops).last == dt.date(2027, 2, 19)
    assert count_days(terms, start, calendar).last == dt.date(2027, 2, 16)


def test_a_call_without_an_end_is_limited_too_until_it_is_answered():
    world = SupplementWorld(DEFINITION_WITH_REVIEW.replace("mode: window", "mode: rolling").replace(_CLOSES, ""))
    world.ask()
    with clock.at(ASKED):
        commands.revise_filed(actor=world.first, draft=world.draft)
        done = world.save(base={"name": 10_000}, name="Other")
        assert dict(done.refused)["name"].code == "supplement_not_this_place"
    with clock.at(UNTIL + SECOND):
        done = refused_for(world.save, base={"why": 10_000}, why="Late")
        assert done == ["supplement_over"]
