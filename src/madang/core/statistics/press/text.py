"""A text with figures by name: `{cases}건`, `{by_type.development.cases:application|applications}`, `{year:은}`.

What stands after the colon follows the number: two words by number (one, otherwise), or whatever `after` makes of it
(Korean particles). A brace itself is written twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from madang.core.statistics.press.figures import Figure

After = Callable[[str, str], str]
"""(the printed number, what stands after the colon) -> what follows the number."""

_PART = re.compile(r"\{\{|\}\}|\{([a-z][\w.\-]*)(?::([^{}\n]*))?\}")


@dataclass(frozen=True, slots=True)
class Filled:
    """Where a figure stands in a filled text: the number from `start` to `end`, and what follows it up to `tail`."""

    start: int
    end: int
    tail: int
    name: str
    spec: str


def fill(template: str, figures: Mapping[str, Figure], after: After | None = None) -> tuple[str, list[Filled]]:
    """The text, and where its figures stand. A name that there is no figure for stays as it is written."""
    out: list[str] = []
    places: list[Filled] = []
    length = last = 0

    def add(text: str) -> None:
        nonlocal length
        out.append(text)
        length += len(text)

    for found in _PART.finditer(template):
        add(template[last : found.start()])
        last = found.end()
        if found[0] in ("{{", "}}"):
            add(found[0][0])
        elif (figure := figures.get(found[1])) is None:
            add(found[0])
        else:
            start, spec = length, found[2] or ""
            add(figure.text)
            end = length
            add(_after(figure, spec, after))
            places.append(Filled(start, end, length, figure.name, spec))
    add(template[last:])
    return "".join(out), places


def names_in(template: str) -> Iterator[str]:
    """Every name that a text asks for, as often as it does."""
    return (found[1] for found in _PART.finditer(template) if found[1])


def escaped(text: str) -> str:
    """A text whose braces are letters, so that nothing in it is filled in."""
    return text.replace("{", "{{").replace("}", "}}")


def _after(figure: Figure, spec: str, after: After | None) -> str:
    if "|" in spec:
        one, _, more = spec.partition("|")
        return f" {one if figure.value == 1 else more}"
    return after(figure.text, spec) if spec and after else ""
