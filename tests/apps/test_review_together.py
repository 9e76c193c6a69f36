"""Two people judge at the same moment: real threads, real commits."""

import pytest

from madang.apps.accounts.commands import actor_of
from madang.apps.review.commands import confirm, exclude, judge, pass_review
from madang.apps.review.models import Closing, Handling, Verdict
from madang.apps.review.queries import review_of
from madang.core.checklist import DIFFER, SETTLED
from madang.kernel.commands import Refused
from tests.factories.review import made_clean, received, review_call, secretary


@pytest.fixture
def scene(together):
    [dossier] = received(review_call(), 1)
    return together, dossier, secretary("first"), secretary("second")


def judging(person, dossier, verdict, reason=""):
    return lambda: judge(actor=actor_of(person), dossier=dossier, item="residents", verdict=verdict, reason=reason)


def test_the_same_verdict_of_two_at_once_is_one_that_counts(scene):
    together, dossier, first, second = scene
    rows = together(judging(first, dossier, "pass"), judging(second, dossier, "pass"))
    assert [type(row) for row in rows] == [Verdict, Verdict]
    assert sorted(row.confirms_id is None for row in rows) == [False, True]
    assert review_of(dossier).item("residents").line.state == SETTLED


def test_two_verdicts_at_once_stand_as_two_opinions(scene):
    together, dossier, first, second = scene
    together(judging(first, dossier, "pass"), judging(second, dossier, "fail", "Nobody was asked"))
    line = review_of(dossier).item("residents").line
    assert (line.state, sorted(one.verdict for one in line.opinions)) == (DIFFER, ["fail", "pass"])


def test_one_person_in_two_windows_is_never_two(scene):
    together, dossier, first, second = scene
    row = judging(first, dossier, "pass")()
    answers = together(*[lambda: confirm(actor=actor_of(first), dossier=dossier, verdict=row)] * 2)
    assert [answer.reasons[0].code for answer in answers] == ["review_needs_another_person"] * 2
    answers = together(
        judging(first, dossier, "pass"), lambda: confirm(actor=actor_of(second), dossier=dossier, verdict=row)
    )
    assert not [one for one in answers if isinstance(one, Exception)]
    assert review_of(dossier).item("residents").line.state == SETTLED


def test_passed_and_excluded_at_once_is_one_of_both(scene):
    together, dossier, first, second = scene
    made_clean(dossier, first, second)
    answers = together(
        lambda: pass_review(actor=actor_of(first), dossier=dossier),
        lambda: pass_review(actor=actor_of(second), dossier=dossier),
        lambda: exclude(actor=actor_of(second), dossier=dossier, ground="review.papers", words={"en": "x"}),
    )
    assert sum(isinstance(one, Refused) for one in answers) == 2
    assert (Closing.objects.count(), Handling.objects.get().state) == (1, "passed")
