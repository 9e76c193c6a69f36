"""What every chapter needs: the view, the record, the words of its language, and tables whose columns fit the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any
from unicodedata import east_asian_width

from madang.core.deciding.case import Case
from madang.core.record.read import Record
from madang.papers.blocks import Align, Column, Grid, Line
from madang.papers.decision import ApplicationLine, DecisionView, Labels, Speaker, words
from madang.words.labels import label

_PORTRAIT, _LANDSCAPE = 5600, 8500
"""The width of a table on A4 in hundredths of its letters' size (8.5 pt); so are all widths here."""
_GAP = 115  # the margins of a table's cell
_NARROW, _NUMBER = 650, 900  # a column of text, or of numbers, that is no wider keeps its width
_LABEL = 400  # so much of a heading stands on one line
_WORD, _TEXT = 1100, 7000  # a word, and a text, that is longer counts as so long
_DECENT = 1000  # a column of text that had less would make the table too long: it turns the page


class Teller:
    """A decision for the chapters to tell of. `case` and `computed` are the record's, for what a view leaves out."""

    def __init__(self, seen: DecisionView, record: Record) -> None:
        self.seen = seen
        self.record = record
        self.language = seen.language
        self.definition = record.definition()
        self.labels = Labels(self.definition, seen.language, self.computed["statistics"]["on"])
        self.speaker = Speaker(self.labels)
        self.lines: dict[str, ApplicationLine] = {line.id: line for line in seen.applications}

    @cached_property
    def case(self) -> Case:
        return self.record.open_case()

    @cached_property
    def computed(self) -> dict[str, Any]:
        return self.record.computed()

    def say(self, key: str, **params: Any) -> str:
        """The paper's own words: `say("chapter.rule")`."""
        return label("paper", key, self.language, **params)

    def word(self, code: str, **params: Any) -> str:
        """The words that all reports share: `word("column_rank")`."""
        return words(code, self.language, **params)

    def applicant(self, id_: str) -> str:
        found = self.lines.get(id_)
        return found.applicant if found else ""

    def column(self, name: str) -> str:
        """A column's label, from all reports or from the paper's own."""
        own = {"check", "verdict", "source", "on", "by", "kind", "points", "proof", "task", "condition", "place",
               "chance", "rule", "gain", "enters", "leaves"}  # fmt: skip
        return self.say(f"column.{name}") if name in own else self.word(f"column_{name}")

    def table(self, title: str, columns: str, rows: Iterable[Sequence[str]], note: str = "") -> Grid:
        """A table by the names of its columns; `>score` is set flush right."""
        heads = [(self.column(name.lstrip(">")), name.startswith(">")) for name in columns.split()]
        return grid(title, heads, [Line(tuple(row)) for row in rows], note)


def grid(title: str, heads: Sequence[tuple[str, bool]], rows: Sequence[Line], note: str = "") -> Grid:
    """A table of (label, numeric) columns whose widths follow from what stands in them.

    Numbers and short ids keep their width, so that they never break; the columns of text grow by what they hold, and
    what is left goes to all alike. What does not fit upright lies on its side.
    """
    full = [row.cells for row in rows if row.style != "line"]
    sizes = [_Size.of(head, numeric, [cells[i] for cells in full]) for i, (head, numeric) in enumerate(heads)]
    wide = sum(size.decent for size in sizes) > _PORTRAIT
    room = max((_LANDSCAPE if wide else _PORTRAIT) - sum(size.least for size in sizes), 0)
    wanted = sum(size.wanted for size in sizes)
    grown = min(room, wanted)
    spread = [i for i, (_, numeric) in enumerate(heads) if i or not numeric]  # a place in a list stays at its line
    width = [size.least + grown * size.wanted // max(wanted, 1) for size in sizes]
    for i in spread:
        width[i] += (room - grown) // len(spread)
    aligned: list[Align] = ["right" if numeric else "left" for _, numeric in heads]
    columns = tuple(Column(head, width[i], aligned[i]) for i, (head, _) in enumerate(heads))
    return Grid(title, columns, tuple(rows), note, wide)


@dataclass(frozen=True, slots=True)
class _Size:
    """The width that a column must have, should have on an upright page, and would take beyond what it must."""

    least: int
    decent: int
    wanted: int

    @classmethod
    def of(cls, head: str, numeric: bool, column: Sequence[str]) -> _Size:
        longest = max(map(_width, column), default=0)
        label = max(_word(head), min(_width(head), _LABEL)) * 21 // 20  # it is set bold
        if longest <= (_NUMBER if numeric else _NARROW):
            least = max(longest, label) + _GAP
            return cls(least, least, 0)
        least = max(min(max(map(_word, column), default=0), _WORD), label) + _GAP
        return cls(least, max(least, min(longest, _DECENT) + _GAP), max(min(longest, _TEXT) + _GAP - least, 0))


def _width(text: str) -> int:
    """How wide the widest line is."""
    return max(sum(map(_letter, line)) for line in text.split("\n"))


def _word(text: str) -> int:
    """The widest part that must not break; Korean words may, after a few letters, and very long ones anywhere."""
    return max((min(_width(word), 350) if _breaks(word) else _width(word[:28]) for word in text.split()), default=0)


def _breaks(word: str) -> bool:
    return any(east_asian_width(letter) in "WF" for letter in word)


@cache
def _letter(letter: str) -> int:
    if east_asian_width(letter) in "WF":
        return 90
    if letter in " .,:;'|()[]!ijltfI":
        return 32
    return 88 if letter in "mwMW%@" else 66 if letter.isupper() or letter.isdigit() else 58


def groups_of_four(text: str, in_line: int = 0) -> str:
    """`abcdefgh` -> `abcd efgh`; with `in_line` so many groups in each line."""
    groups = [text[n : n + 4] for n in range(0, len(text), 4)]
    if not in_line:
        return " ".join(groups)
    return "\n".join(" ".join(groups[n : n + in_line]) for n in range(0, len(groups), in_line))
