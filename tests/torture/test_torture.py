"""A few rounds of every fault, on real processes: what `make torture` tries at length. `docs/faults.md`."""

import pytest

from tests.torture.applicant import unclear
from tests.torture.client import Answer
from tests.torture.figures import Figures, read_rows, row, table
from tests.torture.plan import ALONE, SHARED, SHORT, run

DATABASES = ("sqlite", "postgresql")


def _held(found: list[Figures]) -> None:
    for one in found:
        print(one.shown())
    assert all(one.good for one in found), "\n".join(one.shown() for one in found if not one.good)
    if skipped := [f"{one.fault}: {one.skipped}" for one in found if one.skipped]:
        pytest.skip("; ".join(skipped))


@pytest.mark.parametrize("database", DATABASES)
def test_nothing_that_was_acknowledged_is_lost_whatever_dies(database: str) -> None:
    """On one site, one after the other: presses, kills, the deadline, no mail, no database."""
    _held(list(run(SHARED, database, SHORT)))


# What these are about is not the database: one of them each, `make torture` takes both.
@pytest.mark.parametrize(("fault", "database"), list(zip(ALONE, ("sqlite", "postgresql", "postgresql"), strict=True)))
def test_a_fault_that_needs_a_site_of_its_own(fault: str, database: str) -> None:
    _held(list(run([fault], database, SHORT)))


def _said(status: int, body: str, kind: str = "text/html") -> Answer:
    return Answer(status, {"content-type": kind}, body.encode(), 0, 0, 0)


@pytest.mark.parametrize(
    ("answer", "language"),
    [
        (_said(503, "<p>지금은 시스템이 자료를 읽을 수 없습니다.</p>"), "ko"),
        (_said(503, "<p>Please send it again in a minute.</p>"), "en"),
        (_said(422, '{"reasons": ["This arrived after the deadline."]}', "application/json"), "en"),
    ],
)
def test_a_sentence_in_the_readers_language_is_a_clear_message(answer: Answer, language: str) -> None:
    assert not unclear(answer, language)


@pytest.mark.parametrize(
    ("answer", "language"),
    [
        (_said(500, "<p>Please send it again in a minute.</p>"), "en"),
        (_said(503, ""), "en"),
        (_said(503, "<h1>Service Unavailable</h1>"), "en"),
        (_said(503, "<p>Please send it again in a minute.</p>"), "ko"),
        (_said(503, "Traceback (most recent call last): It could not be done."), "en"),
        (_said(422, '{"reasons": []}', "application/json"), "ko"),
    ],
)
def test_a_status_without_words_is_none(answer: Answer, language: str) -> None:
    assert unclear(answer, language)


def test_a_run_in_which_something_was_lost_is_not_good() -> None:
    assert Figures("kills", "SQLite").good
    assert not Figures("kills", "SQLite", lost=1).good
    assert not Figures("kills", "SQLite", doubled=1).good
    slow = Figures("kills", "SQLite", restarts_s=[1, 6])
    slow.ready_in_time()
    assert not slow.good
    assert "**failed**" in table([row(slow)])
    assert "1.0 / 3.5 / 6.0" in table([row(slow)])
    assert [*read_rows(table([row(slow)]))] == [list(row(slow))]
