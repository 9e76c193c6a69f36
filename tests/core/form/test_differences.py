"""A filed form read again, and what differs between two."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.core import callspec
from madang.core.form import Entered, FileFacts, FormState, review
from madang.core.form.differences import Attached, Form, differences, marked
from madang.core.form.filed import entered_of, numbered
from madang.papers.library import programmes
from madang.papers.samples.applications import Applications
from madang.papers.samples.common import Sampling
from tests.core.form.typing_in import typed_in
from tests.factories.forms import DEFINITION

SMALL = callspec.parse(DEFINITION)
LETTER = (FileFacts(name="letter.pdf", size_bytes=9, format="pdf"),)
TYPED: dict[str, Any] = {
    "name": "Hanbit", "why": "For all of us", "agreed": "yes", "people": "5,000", "share": "0.50", "named": "Agreement",
    "fields": ("transport", "energy"), "goals": ("ra", "rb"), "goals.ra.goal": "Less noise", "goals.ra.public": "no",
    "goals.rb.goal": "More shade", "goals.rb.public": "yes", "goals.rb.where": "Along the river",
}  # fmt: skip


def state(**changed: Any) -> FormState:
    typed = {**TYPED, **{key.replace("__", "."): value for key, value in changed.items()}}
    entered = Entered(typed=typed, track="plan", kind="city", country="XA", applicant="City of Aram", organisation="o1")
    return review(SMALL, entered)


def side(files: Any = None, translations: Any = None, **changed: Any) -> Form:
    return Form(state=state(**changed), applicant="City of Aram", files=files or {}, translations=translations or {})


def as_filed(found: FormState, files: Any = ()) -> dict[str, Any]:
    """The parts of a filed form that are read again."""
    of = found.application
    return {
        "track": found.track,
        "applicant": {"organisation": of.organisation, "name": of.applicant, "kind": of.kind, "country": of.country},
        "answers": dict(of.answers),
        "members": [dict(member) for member in of.members],
        "files": list(files),
    }


def test_a_filed_form_read_again_holds_the_same_answers():
    found = state()
    again = review(SMALL, entered_of(SMALL, as_filed(found)))
    assert again.application == found.application
    assert again.places["goals.2.where"].value == "Along the river"


@pytest.mark.parametrize("programme", sorted(programmes()))
def test_of_every_shipped_programme_too(programme):
    definition = callspec.parse(programmes()[programme].read_text("utf-8"))
    for application in Applications(Sampling(definition, 7, None)).draw(10):
        found = review(definition, typed_in(definition, application))
        again = review(definition, entered_of(definition, as_filed(found)))
        files = {field.id for field in definition.fields() if field.type == "file"}
        kept = {key: value for key, value in found.answers.items() if key not in files}
        assert {key: value for key, value in again.answers.items() if key not in files} == kept
        assert again.members == found.members


def test_equal_forms_differ_in_nothing_whatever_their_rows_are_called():
    again = review(SMALL, entered_of(SMALL, as_filed(state())))
    assert differences(side(), Form(state=again, applicant="City of Aram")) == ()


def test_answers_that_came_went_and_changed():
    found = differences(side(), side(name="Hanbit 2", why="", mail="a@example.org", people="x"))
    assert [(one.key, one.what) for one in found] == [
        ("name", "changed"), ("why", "removed"), ("mail", "added"), ("people", "changed"), ("named", "added")
    ]  # fmt: skip
    people = next(one for one in found if one.key == "people").cell
    assert (people.before.value, people.after.value, people.after.typed) == ("5000", None, "x")


def test_what_is_hidden_counts_as_empty():
    [named] = [one for one in differences(side(why=""), side()) if one.key == "named"]
    assert named.what == "removed"
    assert named.cell.after.shown is False


def test_rows_that_moved_changed_came_and_went():
    swapped = differences(side(), side(goals=("rb", "ra")))
    assert [(row.what, row.before, row.after) for row in swapped[0].rows] == [("moved", 2, 1)]
    third = {"goals": ("ra", "rc", "rb"), "goals__rc__goal": "Trees"}
    [added] = differences(side(), side(**third))[0].rows
    assert (added.what, added.after, [cell.key for cell in added.cells]) == ("added", 2, ["goal"])
    [removed] = differences(side(**third), side())[0].rows
    assert (removed.what, removed.before, removed.after) == ("removed", 2, 0)
    [changed] = differences(side(), side(goals__rb__where="In the park"))[0].rows
    assert (changed.what, changed.before, changed.after) == ("changed", 2, 2)
    assert [(cell.key, cell.before.value, cell.after.value) for cell in changed.cells] == [
        ("where", "Along the river", "In the park")
    ]


def test_a_row_that_is_still_blank_is_none():
    assert differences(side(), side(goals=("rx", "ra", "rb"))) == ()


def test_files_go_by_name_and_content_and_translations_by_place():
    one, other = Attached("letter.pdf", 9, "a" * 64), Attached("letter.pdf", 9, "b" * 64)
    before = side(files={"documents.letter": (one,)}, translations={("goals.1.goal", "ko"): "소음"})
    after = side(files={"documents.letter": (other,)}, translations={("goals.1.goal", "ko"): "소음 저감"})
    files, words = differences(before, after)
    assert (files.key, files.removed, files.added) == ("documents.letter", (one,), (other,))
    assert (words.language, words.texts, words.step) == ("ko", ("소음", "소음 저감"), "s-check")


def test_an_answer_that_only_one_version_of_the_call_asks_for_came_or_went():
    phone = "{id: phone, type: text, label: {en: Phone, ko: 전화}}"
    wider = callspec.parse(DEFINITION.replace("{id: mail,", f"{phone}\n      - {{id: mail,"))
    typed = {**TYPED, "phone": "123"}
    new = review(wider, Entered(typed=typed, track="plan", kind="city", country="XA", applicant="City of Aram"))
    assert [(one.key, one.what) for one in differences(side(), Form(state=new, applicant="City of Aram"))] == [
        ("phone", "added")
    ]
    assert [one.what for one in differences(Form(state=new, applicant="City of Aram"), side())] == ["removed"]


def test_the_number_of_a_row_takes_the_place_of_its_id():
    found = state(goals=("blank", "ra", "rb"))
    assert [numbered(found, key) for key in ("goals.rb.goal", "goals.blank.goal", "name", "goals.no.goal")] == [
        "goals.2.goal", "goals.blank.goal", "name", "goals.no.goal"
    ]  # fmt: skip


WORDS = st.text(alphabet="가나 ab\n\t.", max_size=60)


@given(WORDS, WORDS)
def test_marked_words_hold_both_texts(before, after):
    pieces = marked(before, after)
    assert "".join(one.text for one in pieces if one.what != "added") == before
    assert "".join(one.text for one in pieces if one.what != "removed") == after
    if before == after:
        assert all(one.what == "same" for one in pieces)


def test_only_the_words_that_changed_are_marked():
    pieces = marked("The old tram runs daily.", "The new tram runs daily.")
    assert [(one.what, one.text) for one in pieces] == [
        ("same", "The "), ("removed", "old"), ("added", "new"), ("same", " tram runs daily.")
    ]  # fmt: skip


def test_texts_and_tables_without_end_take_no_time_without_end():
    long = " ".join(map(str, range(20_000)))
    assert "".join(one.text for one in marked(long, long[::-1]) if one.what != "added") == long
    many = tuple(f"r{n}" for n in range(400))
    rows = {f"goals__{row}__goal": f"Goal {row}" for row in many}
    other = {f"goals__{row}__goal": f"Aim {row}" for row in many}
    [found] = differences(side(goals=many, **rows), side(goals=many, **other))
    assert len(found.rows) == 400
