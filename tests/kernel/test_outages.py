"""The log of our own outages: what the platform notices by its beats, and what somebody enters at the console."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from madang.kernel import clock, running
from madang.kernel.actors import OFFICE, SYSTEM
from madang.kernel.append_only import WrittenOnce
from madang.kernel.commands import Refused
from madang.kernel.journal import JournalEntry
from madang.kernel.outages import Outage, Pulse, Watch, enter_outage, record_outage, standing
from madang.kernel.running import Noticed, State
from tests.factories.people import acting

NOON = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)


def minutes(count: float) -> dt.timedelta:
    return dt.timedelta(minutes=count)


def noticed(**other: Any) -> Noticed:
    return Noticed(**{"kind": "down", "began_at": NOON, "ended_at": NOON + minutes(10), "detail": "died", **other})


@pytest.mark.django_db
def test_what_was_noticed_is_written_once_with_its_journal_row() -> None:
    outage = noticed()
    with clock.at(NOON + minutes(11)):
        first = record_outage(actor=SYSTEM, noticed=outage)
        assert record_outage(actor=SYSTEM, noticed=outage) == first
    [row] = JournalEntry.objects.filter(command="kernel.record_outage")
    assert (row.actor_kind, row.details["began_at"]) == ("system", NOON.isoformat())
    with pytest.raises(WrittenOnce):
        first.save()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("began", "ended", "touches"), [(-5, -1, False), (-5, 0, True), (3, 4, True), (10, 12, True), (11, 12, False)]
)
def test_an_outage_stands_in_every_span_that_it_touches(began: int, ended: int, touches: bool) -> None:
    outage = record_outage(actor=SYSTEM, noticed=noticed())
    assert list(standing(NOON + minutes(began), NOON + minutes(ended))) == ([outage] if touches else [])


@pytest.mark.django_db
def test_somebody_at_the_console_enters_what_nobody_could_notice() -> None:
    with clock.at(NOON):
        outage = enter_outage(
            actor=OFFICE, began_at=NOON - minutes(60), ended_at=NOON - minutes(20), reason=" The line\nwas cut "
        )
    assert (outage.kind, outage.reason, outage.entered_by) == ("entered", "The line was cut", "Office console")
    row = JournalEntry.objects.get(command="kernel.enter_outage")
    assert row.object_id == str(outage.pk)
    assert "line" not in row.payload  # free text may name people: the journal keeps its hash


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("began", "ended", "reason", "code"),
    [
        (-20, -20, "x", "outage_ends_before_it_begins"),
        (-20, 1, "x", "outage_not_over"),
        (-20, -10, " \n ", "outage_needs_reason"),
        (-20, -10, "a\0b", "outage_needs_reason"),
        (-20, -10, "a\u202eb", "outage_needs_reason"),
        (-20, -10, "x" * 501, "outage_reason_too_long"),
    ],
)
def test_an_entry_that_says_nothing_is_refused(began: int, ended: int, reason: str, code: str) -> None:
    with clock.at(NOON), pytest.raises(Refused) as refused:
        enter_outage(actor=OFFICE, began_at=NOON + minutes(began), ended_at=NOON + minutes(ended), reason=reason)
    assert [found.code for found in refused.value.reasons] == [code]
    assert not Outage.objects.exists()


@pytest.mark.django_db
def test_nobody_enters_one_on_screen() -> None:
    with clock.at(NOON), pytest.raises(Refused):
        enter_outage(actor=acting(), began_at=NOON - minutes(60), ended_at=NOON - minutes(20), reason="The line")


def at(moment: dt.datetime, act: Any) -> Any:
    with clock.at(moment):
        return act()


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes_gone", "rows"), [(0.5, 0), (5, 1)])
def test_files_that_were_gone_for_more_than_a_minute_are_an_outage(
    data_folder: Any, minutes_gone: float, rows: int
) -> None:
    watch = Watch()
    at(NOON, watch.look)
    (data_folder / "files").rename(data_folder / "moved")
    (data_folder / "files").write_text("no folder")
    assert at(NOON + minutes(0.1), watch.look) == 1
    (data_folder / "files").unlink()
    (data_folder / "moved").rename(data_folder / "files")
    back = NOON + minutes(minutes_gone)
    assert at(back, watch.look) == 0
    assert at(back, watch.write) == rows
    assert [(row.kind, row.began_at, row.ended_at) for row in Outage.objects.all()] == [("store", NOON, back)] * rows


def test_a_database_that_was_gone_is_an_outage_also_for_a_worker_that_started_meanwhile(committing: None) -> None:
    name = connection.settings_dict["NAME"]
    at(NOON, Watch().look)
    watch = Watch()  # a worker later: the last one has left in run/ when all was well
    connection.close()
    connection.settings_dict["NAME"] = "/nowhere/at/all" if connection.vendor == "sqlite" else "nowhere"
    try:
        assert at(NOON + minutes(2), watch.look) == 1
        assert at(NOON + minutes(3), watch.write) == 0
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
    assert at(NOON + minutes(9), watch.look) == 0
    assert at(NOON + minutes(9), watch.write) == 1
    [row] = Outage.objects.all()
    assert (row.kind, row.began_at, row.ended_at) == ("database", NOON, NOON + minutes(9))
    assert running.noticed() == []


@pytest.mark.django_db
@pytest.mark.parametrize(("other_minutes", "rows"), [(None, [0]), (-5, [0]), (4, [4]), (9.5, [])])
def test_where_another_machine_served_meanwhile_it_was_shorter(other_minutes: float | None, rows: list[int]) -> None:
    """`down` from noon to ten past, as this machine's supervisor noticed; the database tells of a later beat."""
    if other_minutes is not None:
        Pulse.objects.create(name="worker", at=NOON + minutes(other_minutes))
    running.notice(noticed())
    watch = Watch()
    assert at(NOON + minutes(10), watch.write) == 0  # the database was not asked yet
    at(NOON + minutes(10), watch.look)
    assert at(NOON + minutes(10), watch.write) == len(rows)
    assert [row.began_at for row in Outage.objects.all()] == [NOON + minutes(began) for began in rows]
    assert running.noticed() == []


@pytest.mark.django_db
def test_a_database_that_was_restored_elsewhere_tells_since_when_nothing_ran() -> None:
    Pulse.objects.create(name="worker", at=NOON)
    running.write_state(State(pid=1, started_at=NOON + minutes(300), address="", is_first=True))
    watch = Watch()
    at(NOON + minutes(301), watch.look)
    at(NOON + minutes(301), watch.write)
    [row] = Outage.objects.all()
    assert (row.kind, row.began_at, row.detail) == ("down", NOON, "restored")


def test_what_a_power_cut_left_half_written_is_passed_over() -> None:
    running.notice(noticed())
    [path] = running.run_file("noticed").glob("*.json")
    path.with_name("x.json").write_text(path.read_text()[:20])
    path.with_name("y.json").write_text(path.read_text())  # another name than its uid
    running.run_file("state.json").write_text('{"pid": 1')
    assert [outage.uid for outage in running.noticed()] == [path.stem]
    assert running.state() is None
