"""Editing a definition part by part: the rest of the text stays as it was written, whatever is done to a part."""

import copy
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.core.callspec import parse
from madang.core.callspec.edit.blank import EMPTY, free_name, new_part
from madang.core.callspec.edit.changes import changes
from madang.core.callspec.edit.clone import later, next_id, next_round
from madang.core.callspec.edit.document import ABSENT, Document, number_of, same
from madang.core.callspec.edit.operation import Edit, Misplaced, edited
from madang.core.callspec.edit.place import path_of, place
from madang.core.callspec.edit.shape import data_at, every_block, fields_of, kind_of, parts, shape_at
from madang.core.callspec.source import Source
from madang.core.reasons import Malformed
from madang.papers import library
from madang.words.labels import labels

TEXTS = {name: path.read_text("utf-8") for name, path in library.programmes().items()}
KCITY = TEXTS["kcity-network-2021"]


def remarks_of(text: str) -> list[str]:
    return [line[line.index("#") :].strip() for line in text.splitlines() if line.startswith("#") or " #" in line]


def changed_lines(before: str, after: str) -> tuple[set[str], set[str]]:
    old, new = before.splitlines(), after.splitlines()
    return set(old) - set(new), set(new) - set(old)


# --- The model as shapes ----------------------------------------------------------------------------------------------


def test_every_key_part_and_choice_of_the_model_has_its_words():
    known = labels("definition")
    missing = set()
    for block in every_block():
        missing |= {f"part.{block.__name__}"} - known.keys()
        for key, shape in fields_of(block).items():
            missing |= {f"key.{key}"} - known.keys()
            missing |= {f"choice.{key}.{choice}" for choice in shape.choices} - known.keys()
            kinds = [*shape.kinds, *(shape.item.kinds if shape.item else ())]
            tag = shape.tag or (shape.item.tag if shape.item else "") or "rules"
            missing |= {f"choice.{tag}.{kind}" for kind in kinds} - known.keys()
    assert missing == set()
    assert [key for key, words in known.items() if not words.get("en") or not words.get("ko")] == []


def test_no_label_is_for_a_key_that_the_model_does_not_have():
    keys = {key for block in every_block() for key in fields_of(block)}
    blocks = {block.__name__ for block in every_block()}
    for name in labels("definition"):
        area, *steps = name.split(".")
        assert area in ("key", "help", "part", "choice")
        assert steps[-1] in keys or area in ("part", "choice")
        assert steps[0] in blocks or area != "part"


@pytest.mark.parametrize("name", TEXTS)
def test_every_part_of_a_programme_has_its_shape_and_its_address(name):
    data = Source(TEXTS[name]).data
    found = list(parts(data))
    assert len(found) > 30
    for path, shape in found:
        assert shape_at(path, data) == shape
        assert path_of(place(path), data) == path
        assert shape.kind == "block" or kind_of(shape, data_at(path, data))


@pytest.mark.parametrize(
    "written", ["form/99", "form/x", "form/-1", "form/0/fields/0/label/en/x/y", "nowhere/0", "a//b", "\0", "form/" * 30]
)
def test_an_address_that_names_no_place_gives_none(written):
    data = Source(KCITY).data
    path = path_of(written, data)
    assert path is None or shape_at(path, data) is None


# --- Changing one thing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXTS)
def test_saying_the_same_leaves_every_character(name):
    assert Document(TEXTS[name]).rewritten(copy.deepcopy(Source(TEXTS[name]).data)) == TEXTS[name]


def test_one_value_changes_one_line_and_keeps_its_remark():
    text = Document(KCITY).put(("schedule", "closes", "at"), "2022-04-19 18:00")
    gone, new = changed_lines(KCITY, text)
    assert (len(gone), len(new)) == (1, 1)
    assert "closes: {at: 2022-04-19 18:00, printed_grace_minutes: 0, sample: [hour]}   # the day was" in new.pop()


def test_a_new_key_stands_where_the_model_has_it():
    text = Document(KCITY).put(("decide", "reserve", "count"), 5)
    assert "reserve: {per: track, count: 5, sample: true}" in text
    text = Document(KCITY).put(("money", "budget_krw"), 4_000_000_000)
    assert "  budget_krw: 4000000000\n" in text
    assert Source(text).data["money"]["budget_krw"] == 4_000_000_000


def test_parts_move_with_the_remark_above_them_and_come_and_go():
    text = KCITY.replace("  - id: solution-plan", "  # the second type\n  - id: solution-plan")
    moved = Document(text).move(("tracks", 1), -1)
    assert [track["id"] for track in Source(moved).data["tracks"]][:2] == ["solution-plan", "development"]
    assert moved.index("# the second type\n  - id: solution-plan") < moved.index("- id: development")
    doubled = edited(KCITY, Edit("duplicate", ("form", 0, "fields", 1)))
    assert [field["id"] for field in Source(doubled).data["form"][0]["fields"]][1:3] == ["place", "place-1"]
    assert same(Source(edited(doubled, Edit("remove", ("form", 0, "fields", 2)))).data, Source(KCITY).data)


def test_another_kind_keeps_what_both_know():
    text = edited(KCITY, Edit("kind", ("decide",), kind="threshold"))
    assert Source(text).data["decide"] == {
        "by": "threshold", "combine": {"written": 100}, "decimals": 2,
        "sample": ["decimals", "pass_mark", "ties", "list", "seats"],
    }  # fmt: skip
    assert edited(KCITY, Edit("kind", ("decide",), kind="rank")) == KCITY


def test_what_is_not_there_is_refused():
    for edit in (
        Edit("set", values={("nowhere",): 1}),
        Edit("set", values={("tracks", 9, "id"): "x"}),
        Edit("add", ("title",)),
        Edit("up", ("tracks", 0)),
        Edit("down", ("tracks", 2)),
        Edit("remove", ("parent",)),
        Edit("remove", ()),
        Edit("duplicate", ("schedule",)),
        Edit("kind", ("decide",), kind="tombola"),
        Edit("rename", ("money", "limits", "default"), name=""),
    ):
        with pytest.raises(Misplaced):
            edited(KCITY, edit)
    with pytest.raises(Malformed):
        edited("a: [", Edit("set", values={("id",): "x"}))


TRICKY = [
    "a: b", "# no remark", "- x", "'", '"', "\\", "true", "null", "12", "1.50", "{", "&a", "*a", "!t", "a\nb", " lead",
    "trail ", "\u2028", "é\u0085", "한글: 예", "@x", "%x", "`", "[1, 2]", "key: [", "", "2021-04-20 18:00",
]  # fmt: skip


def test_a_broken_value_is_written_as_it_was_typed_and_read_back():
    short = KCITY[: KCITY.index("intake:")]
    for value in TRICKY:
        text = Document(short).put(("title", "en"), value)
        assert Source(text).data["title"]["en"] == value
        assert remarks_of(text) == remarks_of(short)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("a:\n  b: 1\nid: x\n", ("id",), "y"),
        ("id:\nprogramme: p\n", ("id",), "y"),
        ("id: |\n  x\n  y\n\n# said\nprogramme: p\n", ("id",), "y"),
        ("title: {\n  en: a, # one\n  ko: b # two\n}\n", ("title", "ko"), "c"),
        ("tracks:\n- id: a\n- id: b\n", ("tracks", 1, "id"), "c"),
        ("tracks:\n-\n  id: a\n-\n  id: b\n", ("tracks", 1, "title"), {"en": "x"}),
        ("{id: a, programme: b}", ("title",), {"en": "x"}),
        ("? id\n: x\nprogramme: p\n", ("programme",), "q"),
        ('"id": x # r\n', ("programme",), "q"),
        ("id: x", ("tracks",), [{"id": "a", "title": {"en": "x" * 90, "ko": "y" * 90}}]),
    ],
)
def test_unusual_ways_of_writing_still_come_out_right(text, path, value):
    document = Document(text)
    after = Source(document.put(path, value)).data
    target = copy.deepcopy(document.data)
    here = target
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    assert same(after, target)


# --- Anything at all --------------------------------------------------------------------------------------------------

VALUES: list[Any] = [
    "text", "", "한글 낱말", "a: b # c", 7, -3, True, None, [], {}, ["a", "b"], {"en": "x", "ko": "둘"},
    [{"id": "a"}, {"id": "b", "title": {"en": "x"}}], number_of("12.50"), "x\ny", ABSENT,
    {"deep": {"deeper": [1, {"a": []}]}},
]  # fmt: skip


def _paths(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    for step, below in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        found += _paths(below, (*path, step))
    return found


@settings(max_examples=6, deadline=None)
@given(st.sampled_from(sorted(TEXTS)), st.randoms(use_true_random=False))
def test_random_changes_never_lose_another_part(name: str, chance: random.Random) -> None:
    """Each result says exactly what was meant; remarks outside the changed part stay."""
    document = Document(TEXTS[name])
    for _ in range(2):
        path = chance.choice(_paths(document.data))
        target = copy.deepcopy(document.data)
        value = chance.choice(VALUES)
        here = data_at(path[:-1], target)
        if value is ABSENT:
            if isinstance(path[-1], int) or len(here) == 1:
                continue
            here.pop(path[-1])
        else:
            here[path[-1]] = value
        text = document.put(path, value)
        assert same(Source(text).data, target)
        top = [remark for remark in remarks_of(document.text)[:1] if document.text.startswith("#")]
        assert remarks_of(text)[: len(top)] == top
        document = Document(text)


@settings(max_examples=6, deadline=None)
@given(st.sampled_from(sorted(TEXTS)), st.randoms(use_true_random=False))
def test_random_acts_give_a_text_or_say_why_not(name: str, chance: random.Random) -> None:
    text = TEXTS[name]
    for _ in range(2):
        data = Source(text).data
        path = chance.choice([*_paths(data), ("nowhere", 3), ("form", 0, "fields"), ("tracks",)])
        act = chance.choice(["add", "duplicate", "up", "down", "remove", "kind", "rename", "set"])
        kind = chance.choice(["", "rank", "vote", "text", "rows", "quota", "judged", "zebra"])
        edit = Edit(act, path, {path: chance.choice(VALUES)}, kind, chance.choice(["", "x", "default"]))  # type: ignore[arg-type]  # drawn from the acts
        try:
            text = edited(text, edit)
        except Misplaced:
            continue
        untouched = [key for key in data if key != path[0]]
        assert all(same(Source(text).data[key], data[key]) for key in untouched)


@given(st.text(max_size=60))
def test_any_text_can_be_a_value(words: str) -> None:
    if any(char in words for char in "\ud800\udfff") or not words.isprintable():
        return
    text = Document("id: x # keep\ntitle: {en: a}\n").put(("title", "en"), words)
    assert Source(text).data == {"id": "x", "title": {"en": words}}
    assert "# keep" in text


# --- New parts, next year, and what changed ---------------------------------------------------------------------------


def test_the_empty_definition_can_be_read_and_lacks_only_its_days():
    assert parse(EMPTY).id == "new-call"


def test_a_new_part_has_a_name_of_its_own():
    data = Source(KCITY).data
    fields = shape_at(("form", 0, "fields"), data)
    assert fields is not None
    assert fields.item is not None
    assert new_part(fields.item, "rows", data["form"][0]["fields"]) == {"id": "rows-1", "type": "rows"}
    assert free_name("place", data["form"][0]["fields"]) == "place-1"
    assert free_name("mou_text", data["form"][0]["fields"]) == "mou_text_1"
    assert free_name("a-9", [{"id": "a-9"}]) == "a-10"


@pytest.mark.parametrize("name", TEXTS)
def test_the_next_round_is_a_year_later_and_says_no_less(name):
    text = next_round(TEXTS[name])
    old, new = parse(TEXTS[name]), parse(text)
    assert new.id == next_id(old.id) != old.id
    assert new.sources == ()
    assert new.schedule.announced == (later(old.schedule.announced) if old.schedule.announced else None)
    assert [stage.on for stage in new.schedule.stages] == [
        later(stage.on) if stage.on else None for stage in old.schedule.stages
    ]
    assert (new.form, new.decide, new.evaluation) == (old.form, old.decide, old.evaluation)


def test_days_and_ids_a_year_later():
    assert later("2024-02-29 18:00") == "2025-02-28 18:00"
    assert later("soon") == "soon"
    assert (next_id("lab-2099-2021"), next_id("lab"), next_id("")) == ("lab-2099-2022", "lab-2", "new-call")


def test_changes_are_named_by_the_part_and_tell_what_the_law_froze():
    after = Document(KCITY).put_all(
        {
            ("evaluation", 0, "criteria", 1, "weight"): 45,
            ("schedule", "closes", "at"): "2021-04-21 18:00",
            ("summary",): ABSENT,
        }
    )
    after = Document(after).move(("tracks", 0), 1)
    after = Document(after).insert(("documents",), {"id": "extra"})
    found = {(change.what, change.path): change for change in changes(Source(KCITY).data, Source(after).data)}
    assert set(found) == {
        ("changed", ("evaluation", 0, "criteria", 1, "weight")),
        ("changed", ("schedule", "closes", "at")),
        ("removed", ("summary",)),
        ("moved", ("tracks",)),
        ("added", ("documents", 2)),
    }
    assert [path for (_, path), change in found.items() if change.is_law] == [
        ("evaluation", 0, "criteria", 1, "weight")
    ]
    assert found["changed", ("evaluation", 0, "criteria", 1, "weight")].before == 40
