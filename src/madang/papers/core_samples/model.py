"""What a screen of the decision core shows, in the reader's language; whoever draws it escapes every text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from madang.papers.blocks import Block

Tone = Literal["", "plain", "done", "wait", "danger", "closed", "open"]


@dataclass(frozen=True, slots=True)
class Span:
    """An interval with its middle, in thousandths of the width of the column; `line` marks a place, if any."""

    low: int
    middle: int
    high: int
    strong: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a board: text, as a badge where it has a tone; lines below; a bar (0..100) or an interval."""

    text: str
    tone: Tone = ""
    lines: tuple[str, ...] = ()
    bar: int | None = None
    span: Span | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    text: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Rung:
    """A row of a board; `line_after` is the text of a line drawn below it, `soft` stands back."""

    cells: tuple[Cell, ...]
    line_after: str = ""
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """A table whose first cell names the row. On a phone each row folds into a small card."""

    id: str
    caption: str
    columns: tuple[Head, ...]
    rows: tuple[Rung, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shade:
    """A cell of a shaded table: `level` 0 (none) to 5, and what stands on it (`chosen`, `barred`) in words."""

    text: str
    level: int
    mark: Literal["", "chosen", "barred"] = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Shaded:
    """A table of numbers with shading: rows (name, detail, cells) and columns (name, detail)."""

    id: str
    caption: str
    corner: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str, tuple[Shade, ...]], ...]
    legend: tuple[Shade, ...] = ()
    sums: tuple[str, tuple[str, ...]] | None = None  # heading and one cell for each row


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting of a plan. `mark` says in words what is new about it."""

    top: str
    bottom: str
    weight: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Planner:
    """A plan: a row for each slot (name, cells), a column for each table; None is a free place."""

    id: str
    caption: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Meeting | None, ...]], ...]
    free: str
    rest: tuple[int, ...] = ()  # after these rows there is a longer pause


Part = Block | Board | Shaded | Planner


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`headline` is the answer in a sentence; the tiles are its numbers."""

    headline: str
    tiles: tuple[Tile, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What is guaranteed, as names and values, and the commands that check and repeat it."""

    facts: tuple[tuple[str, str, str], ...]  # name, value, note
    check: str
    repeat: str
    schema: str


@dataclass(frozen=True, slots=True)
class File:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    kind: str
    title: str
    question: str
    shown: str
    state: str
    proven: bool


@dataclass(frozen=True, slots=True)
class Screen:
    kind: str
    title: str
    question: str
    story: str
    answer: Answer
    proof: Proof
    files: tuple[File, ...]
