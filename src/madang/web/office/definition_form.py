"""The form of one part, drawn from the model, and what came back from it.

Whatever is typed is kept in the draft, even where it is no number and no day: a draft may have faults, and the linter
says them beside the field. A field that comes back as it was shown changes nothing in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext

from madang.core.callspec.blocks import Block
from madang.core.callspec.edit.document import ABSENT, number_of
from madang.core.callspec.edit.place import place
from madang.core.callspec.edit.shape import (
    SCALARS,
    Path,
    Shape,
    block_of,
    data_at,
    fields_of,
    shape_at,
)
from madang.web.office.definition_words import choice_words, key_help, key_words, language_name
from madang.web.public.call_view import reader

MORE_ROWS: Final = 2
"""Blank rows of a map, to be filled; after saving there are as many again."""
NUMBERS: Final = ("int", "exact", "percent", "won")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?: (\d{2}:\d{2}))?")


@dataclass
class Input:
    """One field: `kind` is how it is drawn, `name` its name in the form, `path` its place in the definition."""

    path: Path
    shape: Shape
    name: str
    label: str
    help: str
    kind: str
    value: str = ""
    options: list[tuple[str, str, bool]] = field(default_factory=list)
    parts: list[tuple[str, str, str]] = field(default_factory=list)  # (name, label, value): languages, day and time
    rows: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    note: str = ""

    @property
    def id(self) -> str:
        return "f-" + re.sub(r"[^A-Za-z0-9]+", "-", self.name).strip("-")

    @property
    def anchor(self) -> str:
        return "at-" + self.name.removeprefix("v:").replace("/", "-")

    @property
    def required(self) -> bool:
        return self.shape.required

    @property
    def is_marked(self) -> bool:
        """Of `sample`: whether something is marked."""
        return any(chosen and option != "false" for option, _, chosen in self.options)


@dataclass
class Group:
    """Fields under a heading: those of the part itself (no heading), or of a small part within it."""

    title: str
    help: str
    path: Path
    inputs: list[Input]
    faults: list[str] = field(default_factory=list)
    removable: bool = False
    has_more: bool = False  # further parts can be stated on its own page

    @property
    def anchor(self) -> str:
        return f"at-{self.path[-1]}" if self.path else ""

    @property
    def at(self) -> str:
        return place(self.path)


MOST_WITHIN: Final = 8  # fields of a part that stands in the form of its parent


def within(path: Path, shape: Shape, value: Any) -> bool:
    """Whether the part at `path` stands in the form of its parent: a small one without parts of its own, that is there
    or must be. Top-level parts never do.
    """
    if shape.kind != "block" or shape.block is None or len(path) < 2:
        return False
    fields = fields_of(shape.block)
    simple = [key for key, one in fields.items() if one.kind in SCALARS]
    if len(simple) > MOST_WITHIN or any(one.required for key, one in fields.items() if key not in simple):
        return False
    if not isinstance(value, dict):
        return shape.required and value is None
    return all(key in simple or key not in fields for key in value)


def groups_of(path: Path, data: Any, given: QueryDict | None = None) -> list[Group]:
    """The form of the part at `path`, with what was typed (`given`) where it comes back."""
    shape, here = shape_at(path, data), data_at(path, data)
    block = block_of(shape, here) if shape else None
    if block is None or shape is None:
        return []
    languages = languages_of(data)
    own: list[Input] = []
    more: list[Group] = []
    for key, below in fields_of(block).items():
        value = here.get(key) if isinstance(here, dict) else None
        if shape.kind == "union" and key == shape.tag:
            continue
        if below.kind in SCALARS or below.kind == "map":
            own.append(_input((*path, key), path, below, value, block, languages, given))
        elif within((*path, key), below, value) and below.block:
            inputs = [
                _input(
                    (*path, key, inner),
                    path,
                    one,
                    value.get(inner) if isinstance(value, dict) else None,
                    below.block,
                    languages,
                    given,
                )
                for inner, one in fields_of(below.block).items()
                if one.kind in SCALARS
            ]
            title, told = key_words(key, block), key_help(key, block)
            there = isinstance(value, dict)
            more.append(
                Group(
                    title,
                    told,
                    (*path, key),
                    inputs,
                    removable=there and not below.required,
                    has_more=there and any(one.kind not in SCALARS for one in fields_of(below.block).values()),
                )
            )
    mark = [one for one in own if one.shape.kind == "sample"]
    own = [one for one in own if one.shape.kind != "sample"]
    groups = [Group("", "", path, own)] if own else []
    return [*groups, *more, *([Group("", "", path, mark)] if mark else [])]


def read_form(path: Path, data: Any, given: QueryDict) -> dict[Path, Any]:
    """What is to be set, by path: only what differs from what was shown."""
    found: dict[Path, Any] = {}
    for group in groups_of(path, data):
        for one in group.inputs:
            found.update(_read(one, data_at(one.path, data), given))
    return found


def languages_of(data: Any) -> list[str]:
    """The languages of the call, as far as they can be read."""
    said = data.get("languages") if isinstance(data, dict) else None
    return [one for one in said if isinstance(one, str)][:12] if isinstance(said, list) else []


def _input(
    path: Path,
    page: Path,
    shape: Shape,
    value: Any,
    block: type[Block],
    languages: list[str],
    given: QueryDict | None,
) -> Input:
    key = str(path[-1])
    name = "v:" + "/".join(str(step) for step in path[len(page) :])
    one = Input(path, shape, name, key_words(key, block), key_help(key, block), shape.kind)
    _fill(one, key, value, block, languages, given)
    return one


def _fill(one: Input, key: str, value: Any, block: type[Block], languages: list[str], given: QueryDict | None) -> None:
    shape, name = one.shape, one.name
    kind = shape.kind
    one.value = _typed(given, name, shown(value))
    match kind:
        case "text":
            said = value if isinstance(value, dict) else {}
            codes = [*languages, *(code for code in said if code not in languages)] or ["en"]
            one.parts = [
                (f"{name}@{code}", language_name(code), _typed(given, f"{name}@{code}", shown(said.get(code))))
                for code in codes
            ]
            one.kind = "text_long" if any(len(text) > 70 or "\n" in text for _, _, text in one.parts) else "text"
        case "choice":
            chosen = _typed(given, name, value if isinstance(value, str) else shown(value))
            blank = gettext("not stated")
            if shape.default is not None:
                blank = gettext("not stated: %(default)s") % {"default": choice_words(key, str(shape.default))}
            options = [] if shape.required and chosen else [("", gettext("Please choose") if shape.required else blank)]
            options += [(choice, choice_words(key, choice)) for choice in shape.choices]
            if chosen and chosen not in shape.choices:
                options.append((chosen, gettext("%(value)s (not known)") % {"value": chosen}))
            one.options = [(option, words, option == chosen) for option, words in options]
        case "choices":
            chosen_list = value if isinstance(value, list) else []
            picked = given.getlist(name) if given and f"{name}@is" in given else [shown(item) for item in chosen_list]
            choices = [*shape.choices, *(item for item in picked if item not in shape.choices)]
            one.options = [(choice, choice_words(key, choice), choice in picked) for choice in choices]
            if value is None and shape.default:
                words = ", ".join(choice_words(key, str(item)) for item in shape.default)
                one.note = gettext("not stated: %(default)s") % {"default": words}
        case "names":
            lines = [shown(item) for item in value] if isinstance(value, list) else [shown(value)] if value else []
            one.value = _typed(given, name, "\n".join(lines))
            if value is None and shape.default:
                one.note = gettext("not stated: %(default)s") % {"default": ", ".join(map(str, shape.default))}
        case "bool":
            effective = value if value is not None else shape.default
            typed = _typed(given, name, {True: "true", False: "false"}.get(effective, ""))
            say = reader().label
            one.options = [("true", say("yes"), typed == "true"), ("false", say("no"), typed == "false")]
        case "bool_or_rule":
            effective = value if value is not None else shape.default
            now = {True: "true", False: "false"}.get(effective, "rule") if isinstance(effective, bool) else "rule"
            now = _typed(given, name, now)
            say = reader().label
            options = [("true", say("yes")), ("false", say("no")), ("rule", gettext("by a rule"))]
            one.options = [(option, said, option == now) for option, said in options]
            rule = value if isinstance(value, str) else ""
            one.parts = [(f"{name}@rule", gettext("Rule"), _typed(given, f"{name}@rule", rule))]
        case "day":
            one.kind = "day" if not one.value or _DAY.fullmatch(one.value) else "words"
        case "moment":
            found = _MOMENT.fullmatch(one.value)
            if not one.value or found:
                day, time = found.groups() if found else ("", "")
                one.parts = [
                    (f"{name}@day", gettext("Day"), _typed(given, f"{name}@day", day)),
                    (f"{name}@time", gettext("Hour"), _typed(given, f"{name}@time", time or "")),
                ]
            else:
                one.kind = "words"
        case "pair":
            ends = [shown(item) for item in value][:2] if isinstance(value, list) else []
            ends += [""] * (2 - len(ends))
            titles = (gettext("from"), gettext("to"))
            one.parts = [(f"{name}@{n}", titles[n], _typed(given, f"{name}@{n}", ends[n])) for n in (0, 1)]
        case "map":
            one.rows = list(_rows(one, value, languages, given))
        case "sample":
            now = "some" if isinstance(value, list) else "true" if value is True else "false"
            now = _typed(given, name, now)
            options = [
                ("false", gettext("Everything here is as published")),
                ("true", gettext("All of this part is made up")),
                ("some", gettext("These fields are made up:")),
            ]
            one.options = [(option, said, option == now) for option, said in options]
            marked = value if isinstance(value, list) else []
            picked = given.getlist(f"{name}@some") if given and f"{name}@is" in given else [shown(m) for m in marked]
            keys = [inner for inner in fields_of(block) if inner != "sample"]
            if any(fields_of(block)[inner].kind == "moment" for inner in keys):
                keys.append("hour")
            keys += [extra for extra in picked if extra not in keys]
            one.rows = [
                {"value": inner, "label": gettext("only the hour") if inner == "hour" else key_words(inner, block),
                 "chosen": inner in picked}
                for inner in keys
            ]  # fmt: skip
        case _:
            if kind in NUMBERS:
                one.note = _bounds(shape)
                if kind == "won" and isinstance(value, int) and not isinstance(value, bool):
                    one.note = reader().won(value)
            elif kind in ("name", "words", "language") and "\n" in one.value:
                one.kind = "lines"
            if value is None and shape.default not in (None, ""):
                one.note = gettext("not stated: %(default)s") % {"default": shape.default}


def _rows(one: Input, value: Any, languages: list[str], given: QueryDict | None) -> Iterator[dict[str, Any]]:
    pairs = list(value.items()) if isinstance(value, dict) else []
    count = len(pairs) + MORE_ROWS
    item = one.shape.item
    for number in range(count):
        key, entry = pairs[number] if number < len(pairs) else ("", None)
        name = f"{one.name}@{number}"
        row: dict[str, Any] = {
            "key_name": f"{name}@key",
            "key": _typed(given, f"{name}@key", str(key)),
            "number": number + 1,
        }
        if item and item.kind == "text":
            said = entry if isinstance(entry, dict) else {}
            codes = [*languages, *(code for code in said if code not in languages)] or ["en"]
            row["parts"] = [
                (f"{name}@{code}", language_name(code), _typed(given, f"{name}@{code}", shown(said.get(code))))
                for code in codes
            ]
        else:
            row["parts"] = [(f"{name}@value", gettext("Value"), _typed(given, f"{name}@value", shown(entry)))]
        yield row


def shown(value: Any) -> str:
    """A plain value as a field shows it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case dict() | list():
            return ""
    return str(value)


def _typed(given: QueryDict | None, name: str, otherwise: str) -> str:
    return _lines(given[name]) if given is not None and name in given else otherwise


def _lines(text: Any) -> str:
    return str(text).replace("\r\n", "\n").replace("\r", "\n")


def _bounds(shape: Shape) -> str:
    least, most = shape.least, shape.most
    if shape.kind == "percent":
        return gettext("0 to 100")
    if least is not None and most is not None:
        return gettext("%(least)s to %(most)s") % {"least": least, "most": most}
    if most is not None:
        return gettext("at most %(most)s") % {"most": most}
    return gettext("at least %(least)s") % {"least": least} if least is not None else ""


# --- What came back ---------------------------------------------------------------------------------------------------


def _read(one: Input, value: Any, given: QueryDict) -> Mapping[Path, Any]:
    """`one` was drawn from the definition as it stands; `value` is what stands there."""
    match one.shape.kind:
        case "text":
            return _read_text(one, value, given)
        case "choices":
            return _read_choices(one, value, given)
        case "names":
            return _read_names(one, given)
        case "bool":
            return _read_bool(one, given)
        case "bool_or_rule":
            return _read_bool_or_rule(one, value, given)
        case "moment" if one.parts:
            return _read_moment(one, value, given)
        case "pair":
            return _read_pair(one, given)
        case "map":
            return _read_map(one, value, given)
        case "sample":
            return _read_sample(one, value, given)
    if one.name not in given:
        return {}
    typed = _lines(given[one.name])
    before = next((option for option, _, chosen in one.options if chosen), "") if one.options else one.value
    if typed == before:
        return {}
    if not typed.strip():
        return {one.path: ABSENT} if value is not None else {}
    return {one.path: number_of(typed) if one.shape.kind in NUMBERS else typed.strip()}


def _read_text(one: Input, value: Any, given: QueryDict) -> Mapping[Path, Any]:
    changed = {name.rpartition("@")[2]: _lines(given[name]) for name, _, old in one.parts
               if name in given and _lines(given[name]) != old}  # fmt: skip
    if not changed:
        return {}
    whole = {**(value if isinstance(value, dict) else {})}
    for code, words in changed.items():
        if words.strip():
            whole[code] = words.strip()
        else:
            whole.pop(code, None)
    return {one.path: whole or ABSENT}


def _read_choices(one: Input, value: Any, given: QueryDict) -> Mapping[Path, Any]:
    if f"{one.name}@is" not in given:
        return {}
    picked = list(dict.fromkeys(given.getlist(one.name)))
    old = [option for option, _, chosen in one.options if chosen]
    if set(picked) == set(old):
        return {}
    kept = [item for item in (value if isinstance(value, list) else []) if shown(item) in picked]
    new = [item for item in picked if item not in old]
    return {one.path: [*kept, *new] or ABSENT}


def _read_names(one: Input, given: QueryDict) -> Mapping[Path, Any]:
    if one.name not in given or _lines(given[one.name]) == one.value:
        return {}
    items = [line.strip() for line in _lines(given[one.name]).split("\n") if line.strip()]
    return {one.path: items or ABSENT}


def _read_bool(one: Input, given: QueryDict) -> Mapping[Path, Any]:
    typed = given.get(one.name, "")
    before = next((option for option, _, chosen in one.options if chosen), "")
    return {one.path: typed == "true"} if typed in ("true", "false") and typed != before else {}


def _read_bool_or_rule(one: Input, value: Any, given: QueryDict) -> Mapping[Path, Any]:
    chosen = given.get(one.name, "")
    if chosen == "rule":
        rule = _lines(given.get(f"{one.name}@rule", "")).strip()
        return {} if rule == (value.strip() if isinstance(value, str) else "") else {one.path: rule or ABSENT}
    before = next((option for option, _, picked in one.options if picked), "")
    return {one.path: chosen == "true"} if chosen in ("true", "false") and chosen != before else {}


def _read_moment(one: Input, value: Any, given: QueryDict) -> Mapping[Path, Any]:
    (day_name, _, old_day), (time_name, _, old_time) = one.parts
    day, time = given.get(day_name, old_day).strip(), given.get(time_name, old_time).strip()
    if (day, time) == (old_day, old_time):
        return {}
    if not day:
        return {one.path: ABSENT} if value is not None else {}
    return {one.path: f"{day} {time[:5]}" if time else day}


def _read_pair(one: Input, given: QueryDict) -> Mapping[Path, Any]:
    typed = [given.get(name, old).strip() for name, _, old in one.parts]
    if typed == [old for _, _, old in one.parts]:
        return {}
    return {one.path: [number_of(end) for end in typed] if any(typed) else ABSENT}


def _read_map(one: Input, value: Any, given: QueryDict) -> Mapping[Path, Any]:
    if not any(row["key_name"] in given for row in one.rows):
        return {}
    standing = value if isinstance(value, dict) else {}
    item = one.shape.item
    whole: dict[str, Any] = {}
    touched = False
    for row in one.rows:
        old_key = row["key"]
        key = _lines(given.get(row["key_name"], old_key)).strip()
        typed = {name.rpartition("@")[2]: _lines(given.get(name, old)) for name, _, old in row["parts"]}
        same = all(given.get(name, old) == old or _lines(given.get(name, old)) == old for name, _, old in row["parts"])
        touched = touched or key != old_key or not same
        if not key:
            continue
        if same and old_key in standing:
            whole[key] = standing[old_key]
        elif item and item.kind == "text":
            kept = {k: v.strip() for k, v in typed.items() if v.strip()}
            whole[key] = kept
        else:
            text = typed["value"].strip()
            whole[key] = number_of(text) if item and item.kind in NUMBERS else text
    return {one.path: whole or ABSENT} if touched else {}


def _read_sample(one: Input, value: Any, given: QueryDict) -> Mapping[Path, Any]:
    if f"{one.name}@is" not in given:
        return {}
    chosen, picked = given.get(one.name, "false"), list(dict.fromkeys(given.getlist(f"{one.name}@some")))
    new: Any = True if chosen == "true" else picked if chosen == "some" and picked else ABSENT
    old = value if value is True or isinstance(value, list) else ABSENT
    if new is old or (isinstance(new, list) and isinstance(old, list) and set(new) == set(map(shown, old))):
        return {}
    if isinstance(new, list) and isinstance(old, list):
        new = [*(item for item in old if item in new), *(item for item in new if item not in old)]
    return {one.path: new}
