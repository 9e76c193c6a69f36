"""The review of an application: verdicts by one and by two, what other bodies say, its end, and its opening again."""

import datetime as dt
import io
from typing import Any

import pytest

from madang.apps.accounts.commands import actor_of
from madang.apps.applications.commands import undo_batch
from madang.apps.applications.models import Dossier, ReceptionBatch
from madang.apps.applications.rules import HANDLE_DOSSIER
from madang.apps.review import rules
from madang.apps.review.commands import (
    confirm,
    enter_result,
    exclude,
    import_results,
    judge,
    pass_review,
    pass_together,
    reopen,
    undo_together,
)
from madang.apps.review.models import Closing, Handling, OutsideResult, Verdict
from madang.apps.review.queries import review_of, reviewed
from madang.core.checklist import DIFFER, SECOND, SETTLED, STALE
from madang.core.lifecycle import REVIEW
from madang.core.lifecycle.review import STATES
from madang.kernel import files
from madang.kernel.actors import OFFICE, SYSTEM
from madang.kernel.clock import now
from madang.kernel.commands import Refused
from madang.kernel.models import JournalEntry
from madang.kernel.permissions import may
from tests.factories.filing import PDF
from tests.factories.people import person
from tests.factories.review import PROGRAMME, filed, made_clean, press, received, review_call, said, secretary

pytestmark = pytest.mark.django_db


@pytest.fixture
def first() -> Any:
    return secretary("first")


@pytest.fixture
def second() -> Any:
    return secretary("second")


def refused(function: Any, **given: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        function(**given)
    return [reason.code for reason in caught.value.reasons]


def judged(
    by: Any, dossier: Dossier, item: str = "papers", verdict: str = "pass", reason: str = "", **more: Any
) -> Verdict:
    return judge(actor=actor_of(by), dossier=dossier, item=item, verdict=verdict, reason=reason, **more)


def line(dossier: Dossier, item: str) -> Any:
    found = review_of(dossier).item(item)
    assert found is not None
    return found.line


# --- The table of its life ---


def test_the_lifecycle_is_whole():
    assert {move.name for move in REVIEW.moves} == {"judge", "pass", "exclude", "reopen"}
    assert set(REVIEW.wrong_state) == set(STATES)


# --- Verdicts ---


def test_a_verdict_is_written_with_its_reason_and_one_row_in_the_journal(first):
    [dossier] = received(review_call(), 1)
    before = JournalEntry.objects.count()
    row = judged(first, dossier, "papers", "incomplete", "  The plan\r\nlacks page 3.  ")
    assert (row.verdict, row.reason, row.by, row.application.reference) == (
        "incomplete",
        "The plan\nlacks page 3.",
        first,
        "A1",
    )
    entry = JournalEntry.objects.order_by("-pk")[0]
    assert JournalEntry.objects.count() == before + 1
    assert entry.details == {
        "item": "papers", "verdict": "incomplete", "confirms": None, "dossier": dossier.uid, "revision": 1
    }  # fmt: skip
    assert (line(dossier, "papers").state, line(dossier, "papers").verdict) == (SETTLED, "incomplete")


def test_the_same_verdict_again_changes_nothing_and_another_reason_is_a_new_row(first):
    [dossier] = received(review_call(), 1)
    row = judged(first, dossier, verdict="fail", reason="No plan")
    assert judged(first, dossier, verdict="fail", reason=" No plan ").pk == row.pk
    assert judged(first, dossier, verdict="fail", reason="No plan at all").pk != row.pk
    assert [one.reason for one in review_of(dossier).item("papers").rows] == ["No plan", "No plan at all"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"verdict": "fail"}, "review_verdict_needs_reason"),
        ({"verdict": "incorrect", "reason": " \n "}, "review_verdict_needs_reason"),
        ({"verdict": "incomplete"}, "review_verdict_needs_reason"),
        ({"verdict": "perhaps"}, "review_no_such_verdict"),
        ({"verdict": ""}, "review_no_such_verdict"),
        ({"verdict": "open"}, "review_not_judged_yet"),
        ({"verdict": "fail", "reason": "x" * 2001}, "words_too_long"),
        ({"verdict": "fail", "reason": "a\0b"}, "words_have_control"),
        ({"verdict": "fail", "reason": "a\u202eb"}, "words_turn_direction"),
        ({"item": "nothing", "verdict": "pass"}, "review_no_such_item"),
        ({"item": "large", "verdict": "pass"}, "review_item_not_asked"),
    ],
)
def test_what_cannot_be_a_verdict(first, given, code):
    [dossier] = received(review_call(), 1)
    given = {"item": "papers", **given}
    assert refused(judge, actor=actor_of(first), dossier=dossier, **given) == [code]
    assert not Verdict.objects.exists()


def test_a_line_with_a_condition_is_asked_where_it_holds(first):
    call = review_call()
    [small] = received(call, 1)
    [large] = received(call, 2, answers={"field": "transport", "requested": 600_000_000})
    assert not review_of(small).item("large").asked
    assert "large" in review_of(large).items_open
    judged(first, large, "large")
    assert "large" not in review_of(large).items_open


def test_a_newer_revision_makes_a_verdict_stale_and_asks_again(first):
    draft, dossier = filed(review_call())
    seen = review_of(dossier).application.pk
    row = judged(first, dossier, seen=seen, after=0)
    press(draft, "400")
    review = review_of(dossier)
    state = review.item("papers")
    assert (review.revision, state.line.state, state.line.verdict) == (2, STALE, "")
    assert state.line.opinions[0].id == row.pk
    assert "papers" in review.items_open
    assert refused(judge, actor=actor_of(first), dossier=dossier, item="papers", verdict="pass", seen=seen) == [
        "review_newer_revision"
    ]
    judged(first, dossier, seen=review.application.pk)
    assert line(dossier, "papers").state == SETTLED


def test_what_somebody_else_judged_meanwhile_is_not_overwritten(first, second):
    [dossier] = received(review_call(), 1)
    row = judged(first, dossier, verdict="fail", reason="No plan", after=0)
    assert refused(judge, actor=actor_of(second), dossier=dossier, item="papers", verdict="pass", after=0) == [
        "review_judged_meanwhile"
    ]
    assert judged(second, dossier, after=row.pk).verdict == "pass"


# --- Four eyes ---


def test_of_two_people_the_second_one_settles_it(first, second):
    [dossier] = received(review_call(), 1)
    row = judged(first, dossier, "residents")
    assert line(dossier, "residents").state == SECOND
    assert refused(confirm, actor=actor_of(first), dossier=dossier, verdict=row) == ["review_needs_another_person"]
    done = confirm(actor=actor_of(second), dossier=dossier, verdict=row)
    assert (done.confirms, done.verdict) == (row, "pass")
    assert (line(dossier, "residents").state, line(dossier, "residents").verdict) == (SETTLED, "pass")
    assert confirm(actor=actor_of(second), dossier=dossier, verdict=row).pk == done.pk
    third = secretary("third")
    assert refused(confirm, actor=actor_of(third), dossier=dossier, verdict=row) == ["review_not_waiting"]


def test_two_opinions_stand_open_until_one_follows_the_other(first, second):
    [dossier] = received(review_call(), 1)
    one = judged(first, dossier, "residents", "fail", "Nobody was asked")
    other = judged(second, dossier, "residents", "pass")
    assert other.confirms is None
    assert line(dossier, "residents").state == DIFFER
    assert "residents" in review_of(dossier).items_open
    confirm(actor=actor_of(second), dossier=dossier, verdict=one)
    assert (line(dossier, "residents").state, line(dossier, "residents").verdict) == (SETTLED, "fail")
    assert review_of(dossier).items_against == ["residents"]


def test_the_same_verdict_of_a_second_person_confirms_the_first(first, second):
    [dossier] = received(review_call(), 1)
    row = judged(first, dossier, "residents", "fail", "Nobody was asked")
    assert judged(second, dossier, "residents", "fail", "A list of names is missing").confirms == row
    assert line(dossier, "residents").state == SETTLED


def test_a_line_of_one_person_has_nothing_to_confirm(first, second):
    [dossier] = received(review_call(), 1)
    row = judged(first, dossier)
    assert refused(confirm, actor=actor_of(second), dossier=dossier, verdict=row) == ["review_one_person_judges"]


def test_a_verdict_of_another_application_cannot_be_confirmed_here(first, second):
    one, other = received(review_call(), 1, 2)
    row = judged(first, one, "residents")
    assert refused(confirm, actor=actor_of(second), dossier=other, verdict=row) == ["review_not_waiting"]


# --- Rights ---


def test_only_the_desk_of_the_type_handles_a_review(first):
    [dossier] = received(review_call(), 1)
    others = [
        secretary("south", "south"),
        person("elsewhere", role="secretariat", programme="another-programme"),
        person("stranger"),
        person("auditor", role="auditor"),
    ]
    for one in others:
        for function, given in (
            (judge, {"item": "papers", "verdict": "pass"}),
            (enter_result, {"check": "tax", "said": said()}),
            (pass_review, {}),
            (exclude, {"ground": "review.papers", "words": {"en": "No"}}),
            (reopen, {"reason": "again"}),
        ):
            assert refused(function, actor=actor_of(one), dossier=dossier, **given) == ["not_permitted"]
    for actor in (OFFICE, SYSTEM):
        assert refused(judge, actor=actor, dossier=dossier, item="papers", verdict="pass") == ["people_only"]
    assert judged(person("officer", role="officer", programme=PROGRAMME), dossier)


def test_the_filter_of_who_handles_says_what_the_right_says(first):
    call = review_call()
    received(call, 1)
    received(call, 2, track="trial")
    received(call, 3, track="other")
    everybody = [
        first, secretary("south", "south"), person("both", role="secretariat", programme=PROGRAMME),
        person("elsewhere", role="secretariat", programme="another-programme"), person("officer", role="officer"),
        person("auditor", role="auditor"), person("stranger"),
    ]  # fmt: skip
    rows = Dossier.objects.select_related("call__programme")
    for one in everybody:
        assert set(rules.handled_by(one, rows)) == {row for row in rows if may(one, HANDLE_DOSSIER, row)}, one
    assert set(rules.handled_by(None, rows)) == set()


# --- Outside checks ---


def test_a_result_has_source_day_checker_and_proof(first):
    [dossier] = received(review_call(), 1)
    row = enter_result(
        actor=actor_of(first), dossier=dossier, check="tax", said=said("found", note="3 million won"), after=0,
        proof=("..\\evil\u202egpj.pdf", io.BytesIO(PDF)),
    )  # fmt: skip
    assert (row.result, row.source, row.on, row.by) == ("found", "National tax office", dt.date(2022, 1, 20), first)
    assert (row.proof_name, row.proof_format) == ("evilgpj.pdf", "pdf")
    assert files.read(row.proof_sha256) == PDF
    assert review_of(dossier).checks_found == ["tax"]
    assert "review_check_found" in refused(pass_review, actor=actor_of(first), dossier=dossier)
    same = enter_result(actor=actor_of(first), dossier=dossier, check="tax", said=said("found", note="3 million won"))
    assert same.pk == row.pk


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"said": said("maybe")}, "review_no_such_result"),
        ({"said": said(source="  ")}, "review_needs_source"),
        ({"said": said(source="x" * 201)}, "words_too_long"),
        ({"said": said(source="tax\0office")}, "words_have_control"),
        ({"said": said(on=dt.date(2999, 1, 1))}, "review_day_ahead"),
        ({"said": said(on=dt.date(202, 1, 1))}, "review_day_too_early"),
        ({"said": said(note="\u2066")}, "words_turn_direction"),
        ({"check": "nothing", "said": said()}, "review_no_such_check"),
        ({"said": said(), "proof": ("a.pdf", io.BytesIO(b""))}, "draft_file_empty"),
        ({"said": said(), "proof": ("a.pdf", io.BytesIO(b"MZ program"))}, "draft_file_unknown"),
    ],
)
def test_what_cannot_be_entered(first, given, code):
    [dossier] = received(review_call(), 1)
    assert refused(enter_result, actor=actor_of(first), dossier=dossier, **({"check": "tax"} | given)) == [code]
    assert not OutsideResult.objects.exists()


def test_a_check_that_only_notes_keeps_nobody_out(first, second):
    [dossier] = received(review_call(), 1)
    made_clean(dossier, first, second)
    enter_result(actor=actor_of(first), dossier=dossier, check="press", said=said("found"))
    assert pass_review(actor=actor_of(first), dossier=dossier).state == "passed"


def test_a_list_enters_many_at_once_and_nothing_the_second_time(first):
    call = review_call()
    dossiers = received(call, 1, 3, 5)
    enter_result(actor=actor_of(first), dossier=dossiers[0], check="tax", said=said())
    given = {"call": call, "check": "tax", "results": [(one, said()) for one in dossiers], "sheet_sha256": "a" * 64}
    assert import_results(actor=actor_of(first), **given) == 2
    before = JournalEntry.objects.count()
    assert import_results(actor=actor_of(first), **given) == 0
    assert JournalEntry.objects.count() == before
    assert OutsideResult.objects.filter(sheet_sha256="a" * 64).count() == 2


def test_a_list_with_an_application_of_another_desk_is_refused_whole(first):
    call = review_call()
    rows = [*received(call, 1), *received(call, 2, track="trial")]
    given = {"call": call, "check": "tax", "results": [(one, said()) for one in rows], "sheet_sha256": ""}
    assert refused(import_results, actor=actor_of(first), **given) == ["not_permitted"]
    assert not OutsideResult.objects.exists()


# --- The end ---


def test_everything_that_is_open_or_speaks_against_it_is_named(first, second):
    [dossier] = received(review_call(), 1, answers={"requested": 5})
    assert refused(pass_review, actor=actor_of(first), dossier=dossier) == [
        "review_items_open", "review_not_eligible", "rule_not_met", "review_checks_open"
    ]  # fmt: skip
    judged(first, dossier, "papers", "fail", "No plan")
    with pytest.raises(Refused) as caught:
        pass_review(actor=actor_of(first), dossier=dossier)
    told = {reason.code: dict(reason.params) for reason in caught.value.reasons}
    assert told["review_item_fails"] == {"items": ["papers"]}
    assert told["review_items_open"] == {"items": ["residents", "style"]}
    assert told["rule_not_met"] == {"rule": "enough"}


def test_a_clean_application_is_passed_and_then_judged_no_more(first, second):
    [dossier] = received(review_call(), 1)
    made_clean(dossier, first, second)
    handling = pass_review(actor=actor_of(first), dossier=dossier)
    assert (handling.state, handling.closed_by) == ("passed", first)
    for function, given in (
        (judge, {"item": "papers", "verdict": "fail", "reason": "x"}),
        (enter_result, {"check": "tax", "said": said("found")}),
        (pass_review, {}),
        (exclude, {"ground": "review.papers", "words": {"en": "x"}}),
    ):
        assert refused(function, actor=actor_of(first), dossier=dossier, **given) == ["review_is_passed"]


def test_an_exclusion_needs_a_published_ground_that_is_found_and_words_for_the_applicant(first):
    draft, dossier = filed(review_call())
    actor = actor_of(first)
    words = {"ko": "계획서가 없습니다.", "en": "There is no plan."}
    assert refused(exclude, actor=actor, dossier=dossier, ground="", words=words) == ["review_needs_ground"]
    assert refused(exclude, actor=actor, dossier=dossier, ground="review.papers", words={}) == ["review_needs_reason"]
    for ground in ("review.papers", "review.nothing", "eligibility.enough", "supplement", "late", "because"):
        assert refused(exclude, actor=actor, dossier=dossier, ground=ground, words=words) == ["review_ground_not_found"]
    judged(first, dossier, "papers", "fail", "No plan")
    for given, codes in (
        ({"en": "There is no plan."}, ["review_needs_words"]),
        ({"ko": " ", "en": "x"}, ["review_needs_words"]),
        (words | {"xx": "x"}, ["no_such_language"]),
        (words | {"en": "a\0b"}, ["words_have_control"]),
        (words | {"en": "x" * 2001}, ["words_too_long"]),
    ):
        assert refused(exclude, actor=actor, dossier=dossier, ground="review.papers", words=given) == codes
    handling = exclude(actor=actor, dossier=dossier, ground="review.papers", words=words)
    assert (handling.state, handling.ground) == ("excluded", "review.papers")
    closing = Closing.objects.get()
    assert (closing.act, closing.words, closing.by) == ("exclude", words, first)
    assert "계획서" not in str(JournalEntry.objects.order_by("-pk")[0].details)
    assert draft.language == "ko"


def test_what_only_notes_is_no_ground(first):
    [dossier] = received(review_call(), 1)
    judged(first, dossier, "style", "fail", "Hard to read")
    enter_result(actor=actor_of(first), dossier=dossier, check="press", said=said("found"))
    assert review_of(dossier).grounds == {}


def test_grounds_of_every_kind_are_proposed_where_they_are_found(first):
    [dossier] = received(review_call(), 1, answers={"requested": 5})
    judged(first, dossier, "papers", "incomplete", "Page 3")
    enter_result(actor=actor_of(first), dossier=dossier, check="tax", said=said("found"))
    assert list(review_of(dossier).grounds) == [
        "eligibility.enough", "review.papers", "outside_checks.tax"
    ]  # fmt: skip


def test_a_review_is_opened_again_with_a_reason_and_its_verdicts_stand(first, second):
    [dossier] = received(review_call(), 1)
    made_clean(dossier, first, second)
    assert refused(reopen, actor=actor_of(first), dossier=dossier, reason="x") == ["review_is_open"]
    pass_review(actor=actor_of(first), dossier=dossier)
    assert refused(reopen, actor=actor_of(first), dossier=dossier, reason=" ") == ["review_needs_reason"]
    handling = reopen(actor=actor_of(second), dossier=dossier, reason="A letter arrived")
    assert (handling.state, handling.reason, handling.closed_by) == ("open", "A letter arrived", None)
    assert review_of(dossier).clean
    assert [one.act for one in Closing.objects.order_by("pk")] == ["pass", "reopen"]


def test_what_does_not_stand_is_not_judged(first):
    [dossier] = received(review_call(), 1)
    undo_batch(actor=OFFICE, batch=ReceptionBatch.objects.get(), reason="twice")
    assert refused(judge, actor=actor_of(first), dossier=dossier, item="papers", verdict="pass") == [
        "application_does_not_stand"
    ]


def test_after_the_decision_nothing_moves(first, second):
    call = review_call()
    [dossier] = received(call, 1)
    made_clean(dossier, first, second)
    pass_review(actor=actor_of(first), dossier=dossier)
    type(call).objects.update(decided_at=now())
    assert refused(reopen, actor=actor_of(first), dossier=dossier, reason="x") == ["call_already_decided"]


# --- Many at once ---


def test_all_that_are_clean_are_passed_together_and_opened_again_together(first, second):
    call = review_call()
    dossiers = received(call, 1, 3, 5, 7)
    foreign = received(call, 2, track="trial")
    for one in dossiers[:3]:
        made_clean(one, first, second)
    pass_review(actor=actor_of(first), dossier=dossiers[2])
    done = pass_together(actor=actor_of(first), call=call, dossiers=[*dossiers, *foreign])
    assert set(done.done) == set(dossiers[:2])
    assert Handling.objects.filter(state="passed").count() == 3
    assert pass_together(actor=actor_of(first), call=call, dossiers=dossiers).done == ()
    # One of them was opened again and excluded since: undoing the bulk act leaves that alone.
    reopen(actor=actor_of(first), dossier=dossiers[0], reason="letter")
    south = secretary("south", "south")
    assert refused(undo_together, actor=actor_of(south), call=call, name=done.name, reason="x") == [
        "review_no_such_act"
    ]
    assert refused(undo_together, actor=actor_of(first), call=call, name=done.name, reason=" ") == [
        "review_needs_reason"
    ]
    undone = undo_together(actor=actor_of(first), call=call, name=done.name, reason="too early")
    assert undone.done == (dossiers[1],)
    assert undo_together(actor=actor_of(first), call=call, name=done.name, reason="again").done == ()
    assert refused(undo_together, actor=actor_of(first), call=call, name="", reason="x") == ["review_no_such_act"]
    assert [one.state for one in reviewed(call, dossiers)] == ["open", "open", "passed", "open"]


def test_statements_do_not_grow_with_the_applications(first, django_assert_num_queries):
    call = review_call()
    few = list(Dossier.objects.filter(pk__in=[one.pk for one in received(call, 1, 3)]).select_related("call"))
    for one in few:
        judged(first, one)
    with django_assert_num_queries(5):
        reviewed(call, few)
    many = received(call, *range(11, 41, 2))
    for one in many[:5]:
        judged(first, one)
    many = list(Dossier.objects.filter(pk__in=[one.pk for one in many]).select_related("call"))
    with django_assert_num_queries(5):
        reviewed(call, many)
