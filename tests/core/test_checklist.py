"""What a line of the checklist says, from what people wrote one after the other."""

import pytest

from madang.core.checklist import DIFFER, SECOND, SETTLED, STALE, UNJUDGED, Opinion, line_of

A, B, C = 1, 2, 3


def rows(*said: tuple) -> list[Opinion]:
    """(who, verdict, revision, confirms) -> opinions numbered from 1."""
    return [Opinion(n, verdict, who, *rest) for n, (who, verdict, *rest) in enumerate(said, start=1)]


@pytest.mark.parametrize(
    ("said", "state", "verdict"),
    [
        ([], UNJUDGED, ""),
        ([(A, "pass", 1)], SETTLED, "pass"),
        ([(A, "pass", 1), (B, "fail", 1)], SETTLED, "fail"),
        ([(A, "pass", 1), (B, "open", 1)], UNJUDGED, ""),
        ([(A, "pass", 1), (A, "open", 1), (A, "incomplete", 1)], SETTLED, "incomplete"),
        ([(A, "pass", 0)], STALE, ""),
        ([(A, "pass", 0), (A, "open", 0)], UNJUDGED, ""),
        ([(A, "pass", 0), (A, "open", 1)], UNJUDGED, ""),
        ([(A, "fail", 0), (A, "pass", 1)], SETTLED, "pass"),
    ],
)
def test_by_one_person_the_last_word_about_what_stands_counts(said, state, verdict):
    line = line_of(rows(*said), 1, four_eyes=False)
    assert (line.state, line.verdict) == (state, verdict)
    assert line.to_follow(C) == ()


@pytest.mark.parametrize(
    ("said", "state", "verdict", "standing"),
    [
        ([(A, "pass", 1)], SECOND, "", [1]),
        ([(A, "pass", 1), (A, "fail", 1)], SECOND, "", [2]),
        ([(A, "pass", 1), (B, "pass", 1, 1)], SETTLED, "pass", [1, 2]),
        ([(A, "pass", 1), (B, "fail", 1)], DIFFER, "", [1, 2]),
        ([(A, "pass", 1), (B, "fail", 1), (A, "fail", 1, 2)], SETTLED, "fail", [2, 3]),
        ([(A, "pass", 1), (B, "fail", 1), (B, "pass", 1, 1)], SETTLED, "pass", [1, 3]),
        ([(A, "pass", 1), (B, "fail", 1), (C, "incorrect", 1)], DIFFER, "", [1, 2, 3]),
        ([(A, "pass", 1), (B, "pass", 1, 1), (C, "fail", 1)], SECOND, "", [3]),
        ([(A, "pass", 1), (B, "pass", 1, 1), (C, "open", 1)], UNJUDGED, "", []),
        ([(A, "pass", 0), (B, "pass", 0, 1)], STALE, "", [2]),
        ([(A, "pass", 0), (B, "pass", 1)], SECOND, "", [2]),
        # A confirmation of oneself or of another verdict, however it came in, settles nothing.
        ([(A, "pass", 1), (A, "pass", 1, 1)], SECOND, "", [2]),
        ([(A, "pass", 1), (B, "fail", 1, 1)], DIFFER, "", [1, 2]),
    ],
)
def test_of_two_people_a_verdict_counts_once_somebody_else_follows_it(said, state, verdict, standing):
    line = line_of(rows(*said), 1, four_eyes=True)
    assert (line.state, line.verdict) == (state, verdict)
    assert [one.id for one in line.opinions] == standing


def test_nobody_follows_their_own():
    line = line_of(rows((A, "pass", 1), (B, "fail", 1)), 1, four_eyes=True)
    assert [one.id for one in line.to_follow(A)] == [2]
    assert [one.id for one in line.to_follow(B)] == [1]
    assert [one.id for one in line.to_follow(C)] == [1, 2]


def test_a_confirmation_of_an_earlier_revision_does_not_count_for_a_new_one():
    line = line_of(rows((A, "pass", 0), (B, "pass", 1, 1)), 1, four_eyes=True)
    assert (line.state, line.verdict) == (SECOND, "")
