"""Keys, parts, choices and places of a definition in the reader's words."""

from __future__ import annotations

from typing import Any

from babel import Locale, UnknownLocaleError

from madang.core.callspec.blocks import Block
from madang.core.callspec.edit.blank import NAMED_BY
from madang.core.callspec.edit.shape import ROOT, Path, block_of, data_at, kind_of, shape_at
from madang.web.public.call_view import reader
from madang.words.labels import label, labels

AREA = "definition"
MOST_SHOWN = 160  # characters of a value in a line


def key_words(key: str, block: type[Block] | None = None) -> str:
    """What a key is called; a part may have words of its own for it."""
    known = labels(AREA)
    name = f"key.{block.__name__}.{key}" if block and f"key.{block.__name__}.{key}" in known else f"key.{key}"
    return label(AREA, name, reader().language) if name in known else key


def key_help(key: str, block: type[Block] | None = None) -> str:
    """The sentence beside a key; blank where its words say enough."""
    known = labels(AREA)
    own = f"key.{block.__name__}.{key}" in known if block else False
    name = f"help.{block.__name__}.{key}" if own and block else f"help.{key}"
    return label(AREA, name, reader().language) if name in known else ""


def choice_words(key: str, choice: str) -> str:
    name = f"choice.{key}.{choice}"
    return label(AREA, name, reader().language) if name in labels(AREA) else choice


def part_words(block: type[Block] | None) -> str:
    return label(AREA, f"part.{block.__name__}", reader().language) if block else "?"


def language_name(code: str) -> str:
    """`ko` -> `Korean`, `한국어`; the code itself where nobody knows it."""
    try:
        name = Locale.parse(code, sep="-").get_display_name(reader().locale)
    except (UnknownLocaleError, ValueError):
        name = None
    return name or code


def named(data: Any) -> str:
    """How a part calls itself: its title or label, else its id; blank where it says neither."""
    if not isinstance(data, dict):
        return ""
    for key in ("title", "label", "question", "otherwise"):
        words = data.get(key)
        if isinstance(words, dict) and (said := reader().of({k: v for k, v in words.items() if isinstance(v, str)})):
            return shortened(said)
    if isinstance(data.get("kind"), str):
        return choice_words("kind", data["kind"])
    for key in (*NAMED_BY, "applicant", "version", "at"):
        if isinstance(data.get(key), str):
            return shortened(data[key])
    return ""


def shortened(text: str, most: int = MOST_SHOWN) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def part_name(path: Path, data: Any) -> str:
    """What stands at this path, for headings and links: `Smart-city plan`, `Panel`, `default`."""
    if not path:
        return part_words(ROOT.block)
    shape, here = shape_at(path, data), data_at(path, data)
    last = path[-1]
    if isinstance(last, int):
        block = block_of(shape, here) if shape else None
        return named(here) or f"{part_words(block)} {last + 1}"
    above = shape_at(path[:-1], data)
    if above is not None and above.kind in ("block_map", "map"):
        return str(last)
    if above is not None and above.kind == "text":
        return language_name(str(last))
    return key_words(str(last), block_of(above, data_at(path[:-1], data)) if above else None)


def place_words(path: Path, data: Any) -> str:
    """The way to a place: `Scored stages › Written evaluation › Weight (per cent)`."""
    names = [part_name(path[: depth + 1], data) for depth in range(len(path))]
    return " › ".join(names) if names else part_words(ROOT.block)


def kind_words(path: Path, data: Any) -> str:
    """The kind of a part that can be of several: `long text`, `by rank`; blank for others."""
    shape = shape_at(path, data)
    kind = kind_of(shape, data_at(path, data)) if shape and shape.kind == "union" else ""
    if not kind or shape is None:
        return ""
    return choice_words(shape.tag or "rules", kind)


def value_words(path: Path, value: Any) -> str:
    """A value in a line of a list of changes."""
    wording = reader()
    match value:
        case None:
            return ""
        case bool():
            return wording.label("yes" if value else "no")
        case dict() if value and all(isinstance(one, str) for one in value.values()):
            return shortened(" / ".join(f"{key}: {one}" for key, one in value.items()))
        case dict():
            return named(value) or shortened(", ".join(map(str, value)))
        case list():
            return shortened(", ".join(named(one) if isinstance(one, dict) else str(one) for one in value))
        case str() if path and isinstance(path[-1], str):
            return shortened(choice_words(path[-1], value))
        case int() if (path and str(path[-1]) in ("budget_krw",)) or (
            isinstance(value, int) and len(path) > 1 and str(path[-2]) in ("cost_krw", "grant_krw")
        ):
            return wording.won(value)
    return shortened(str(value))
