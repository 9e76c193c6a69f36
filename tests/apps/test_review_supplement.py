"""A review around a supplement: nothing is closed while one is open; answered, everything is looked at again."""

import datetime as dt

import pytest

from madang.apps.applications import commands as applications
from madang.apps.review.commands import exclude, judge, pass_review
from madang.apps.review.queries import review_of
from madang.core.checklist import STALE
from madang.kernel import clock
from madang.kernel.actors import SYSTEM
from madang.kernel.commands import Refused
from tests.factories.supplements import ASKED, UNTIL, SupplementWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> SupplementWorld:
    found = SupplementWorld()
    for item in ("words", "place"):
        judge(actor=found.office, dossier=found.dossier, item=item, verdict="pass")
    judge(actor=found.office, dossier=found.dossier, item="papers", verdict="incomplete", reason="No signature")
    return found


def refused(function, **given) -> set[str]:
    with pytest.raises(Refused) as caught:
        function(**given)
    return {reason.code for reason in caught.value.reasons}


def test_while_a_supplement_is_open_nothing_is_closed(world):
    world.ask()
    assert "review_supplement_open" in refused(pass_review, actor=world.office, dossier=world.dossier)
    words = {"en": "The letter bears no signature.", "ko": "서명이 없습니다."}
    assert refused(exclude, actor=world.office, dossier=world.dossier, ground="review.papers", words=words) == {
        "review_supplement_open"
    }


def test_one_that_nobody_answered_is_a_ground_of_its_own(world):
    assert "supplement" not in review_of(world.dossier).grounds
    supplement = world.ask()
    with clock.at(UNTIL + dt.timedelta(days=1)):
        applications.expire_supplement(actor=SYSTEM, supplement=supplement)
        assert set(review_of(world.dossier).grounds) == {"review.papers", "supplement"}
        words = {"en": "It was not completed in time.", "ko": "기한 안에 보완하지 않았습니다."}
        handling = exclude(actor=world.office, dossier=world.dossier, ground="supplement", words=words)
    assert (handling.state, handling.ground) == ("excluded", "supplement")


def test_its_answer_is_a_new_revision_that_is_judged_again(world):
    world.ask()
    world.mend()
    with clock.at(ASKED + dt.timedelta(days=1)):
        world.file()
    review = review_of(world.dossier)
    assert (review.supplement, review.revision) == ("answered", 2)
    assert {item.line.state for item in review.items} == {STALE}
    assert set(review.items_open) == {"papers", "words", "place"}


def test_a_cancelled_one_leaves_the_review_as_if_none_had_been_asked(world):
    supplement = world.ask()
    with clock.at(ASKED):
        applications.cancel_supplement(actor=world.office, supplement=supplement, reason="A mistake")
    assert review_of(world.dossier).supplement == ""
    assert "review_supplement_open" not in refused(pass_review, actor=world.office, dossier=world.dossier)
