"""Receiving a batch, undoing it, and counting again what was counted before."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from madang.apps.applications import queries
from madang.apps.applications.commands import receive_from_folder, undo_batch
from madang.apps.applications.models import Application, PreviousRound, ReceptionBatch
from madang.apps.calls.commands import mark_decided
from madang.apps.calls.queries import all_calls, current_definition
from madang.core.deciding.case import Case, Round
from madang.core.statistics import of_call
from madang.kernel import clock
from madang.kernel.actors import OFFICE, SYSTEM
from madang.kernel.commands import Refused
from madang.kernel.journal import JournalEntry
from madang.papers import classifications
from tests.factories.applications import application, case
from tests.factories.calls import published

SEOUL = ZoneInfo("Asia/Seoul")


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def everything() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (ReceptionBatch, Application, PreviousRound))


def references(call, **when) -> list[str]:
    return [one.id for one in queries.reception(call, **when).applications]


@pytest.mark.django_db
def test_what_was_received_comes_back_as_it_came():
    call, given = published(), case(3, 1, 2, rounds=(Round(2020, 5, 3), Round(2021, 8, 4)))
    batch = receive_from_folder(actor=OFFICE, call=call, case=given)
    assert queries.reception(call) == given
    row = Application.objects.get(reference="A2")
    assert (row.field, row.track, row.country, row.is_sample, row.batch) == ("transport", "trial", "XA", True, batch)
    assert row.received_at == dt.datetime(2022, 1, 12, 9, tzinfo=SEOUL)
    assert JournalEntry.objects.last().details["applications"] == 3


@pytest.mark.django_db
def test_the_same_batch_again_changes_nothing():
    call = published()
    first = receive_from_folder(actor=OFFICE, call=call, case=case(1, 2))
    rows = JournalEntry.objects.count()
    assert receive_from_folder(actor=OFFICE, call=call, case=case(1, 2), source="again") == first
    assert (everything(), JournalEntry.objects.count()) == ((1, 2, 0), rows)


def test_two_who_import_the_same_at_once_make_one_batch(together):
    call = published()
    one = lambda: receive_from_folder(actor=OFFICE, call=call, case=case(1, 2)).pk  # noqa: E731
    first, second = together(one, one)
    assert first == second
    assert everything() == (1, 2, 0)


def test_two_batches_with_one_reference_in_common_cannot_both_come_in(together):
    call = published()
    results = together(
        lambda: receive_from_folder(actor=OFFICE, call=call, case=case(1, 2)),
        lambda: receive_from_folder(actor=OFFICE, call=call, case=case(2, 3)),
    )
    refused = [result for result in results if isinstance(result, Refused)]
    assert [reason.code for one in refused for reason in one.reasons] == ["application_received_before"]
    assert refused[0].reasons[0].params == {"applications": ["A2"], "count": 1}
    assert everything() == (1, 2, 0)


@pytest.mark.django_db
def test_everything_wrong_with_a_batch_is_named_and_nothing_of_it_comes_in():
    call = published()
    receive_from_folder(actor=OFFICE, call=call, case=case(1, rounds=(Round(2021, 8, 4),)))
    bad = Case(
        (application(1), application(2), application(2), application(3, track="lab"), application(4, track="")),
        rounds=(Round(2021, 9, 4),),
    )
    with pytest.raises(Refused) as refused:
        receive_from_folder(actor=OFFICE, call=call, case=bad)
    assert codes(refused) == [
        "type_not_in_call", "type_not_in_call", "application_received_before", "round_received_before"
    ]  # fmt: skip
    assert refused.value.reasons[2].params == {"applications": ["A1", "A2"], "count": 2}
    assert everything() == (1, 1, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(("opens", "code"), [("2999-01-01", "call_not_open_yet")])
def test_a_call_that_is_not_open_takes_nothing(opens, code):
    call = published(opens=opens, closes="2999-02-01 18:00")
    with pytest.raises(Refused) as refused:
        receive_from_folder(actor=OFFICE, call=call, case=case(1))
    assert codes(refused) == [code]


@pytest.mark.django_db
def test_a_decided_call_keeps_what_it_was_decided_from():
    call = published()
    batch = receive_from_folder(actor=OFFICE, call=call, case=case(1))
    mark_decided(actor=OFFICE, call=call, root="0" * 64)
    for attempt in (
        lambda: receive_from_folder(actor=OFFICE, call=call, case=case(2)),
        lambda: undo_batch(actor=OFFICE, batch=batch, reason="wrong list"),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert codes(refused) == ["call_already_decided"]
    assert references(call) == ["A1"]


@pytest.mark.django_db
def test_undoing_takes_a_reason_and_makes_room_for_the_right_list():
    call = published()
    batch = receive_from_folder(actor=OFFICE, call=call, case=case(1, 2, rounds=(Round(2021, 8, 4),)))
    for reason, actor, code in [(" ", OFFICE, "undoing_needs_reason"), ("x", SYSTEM, "people_publish")]:
        with pytest.raises(Refused) as refused:
            undo_batch(actor=actor, batch=batch, reason=reason)
        assert codes(refused) == [code]
    undo_batch(actor=OFFICE, batch=batch, reason="wrong list")
    rows = JournalEntry.objects.count()
    undo_batch(actor=OFFICE, batch=batch, reason="wrong list")
    assert JournalEntry.objects.count() == rows
    assert (references(call), queries.reception(call).rounds) == ([], ())
    receive_from_folder(actor=OFFICE, call=call, case=case(1, 2, rounds=(Round(2021, 8, 4),)))
    assert references(call) == ["A1", "A2"]
    assert [batch.undone_at is None for batch in queries.batches(call)] == [False, True]


@pytest.mark.django_db
def test_a_published_number_can_be_counted_again_after_later_edits():
    call = published()
    march, april, may = (dt.datetime(2022, month, 1, 12, tzinfo=SEOUL) for month in (3, 4, 5))
    with clock.at(march):
        wrong = receive_from_folder(actor=OFFICE, call=call, case=case(1, 2, 3, rounds=(Round(2021, 2, 1),)))
    with clock.at(april):
        undo_batch(actor=OFFICE, batch=wrong, reason="one was missing")
        receive_from_folder(actor=OFFICE, call=call, case=case(1, 2, 3, 4))
    assert references(call) == references(call, known_at=may) == ["A1", "A2", "A3", "A4"]
    assert references(call, known_at=march) == references(call, known_at=march.date()) == ["A1", "A2", "A3"]
    assert queries.reception(call, known_at=march).rounds == (Round(2021, 2, 1),)
    assert references(call, known_at=march - dt.timedelta(seconds=1)) == []
    assert references(call, known_at=april - dt.timedelta(seconds=1)) == ["A1", "A2", "A3"]
    assert references(call, as_of=dt.date(2022, 1, 12), known_at=march) == ["A1", "A2"]
    definition = current_definition(call)
    sets = classifications.for_call(definition.classifications)
    now, then = (
        of_call(definition, queries.reception(call, known_at=at), sets)["total"]["cases"] for at in (None, march)
    )
    assert (now, then) == (4, 3)


@pytest.mark.django_db
def test_without_a_day_of_its_own_an_application_counts_from_its_import():
    call = published()
    with clock.at(dt.datetime(2022, 3, 1, tzinfo=SEOUL)):
        receive_from_folder(actor=OFFICE, call=call, case=replace(case(), applications=(application(1, received=""),)))
    assert references(call, as_of=dt.date(2022, 2, 28)) == []
    assert references(call, as_of=dt.date(2022, 3, 1)) == ["A1"]
    assert queries.reception(call).applications[0].received == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "field"), [("transport", "transport"), (["water", "safety"], "water"), ([], ""), (None, "")]
)
def test_the_field_is_the_first_one_named_and_blank_is_not_itemised(answer, field):
    call = published()
    one = application(1, answers={"requested": 1, **({} if answer is None else {"field": answer})})
    receive_from_folder(actor=OFFICE, call=call, case=replace(case(), applications=(one,)))
    assert Application.objects.get().field == field


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 30])
def test_numbers_of_statements_do_not_grow(size, django_assert_num_queries):
    a, b = published("one-call"), published("two-call")
    receive_from_folder(actor=OFFICE, call=a, case=case(*range(1, size + 1)))
    with django_assert_num_queries(3):
        queries.reception(a)
    with django_assert_num_queries(1):
        assert {call.slug: call.cases for call in queries.with_counts(all_calls())} == {a.slug: size, b.slug: 0}
