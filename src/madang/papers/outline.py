"""An outline: what a document says, without how it looks. The terminal, the web page and printed papers draw the same.

Every piece can be a `sample`: invented, never published; whoever draws it must show that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence or a value, with a note in smaller letters."""

    text: str
    sample: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A fact: what it is called, and what it is. Several values stand under each other."""

    label: str
    values: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class TableRow:
    cells: tuple[str, ...]
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`numeric` names the columns (from 0) set flush right, `mark_in` the one where a row is marked as a sample."""

    header: tuple[str, ...]
    rows: tuple[TableRow, ...]
    title: str = ""
    numeric: tuple[int, ...] = ()
    mark_in: int = 0
    sample: bool = False


Part = Words | Facts | Bullets | Table


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """`badges` are the few words beside the title; `sample_word` is what marks a sample in this language."""

    title: str
    summary: str
    badges: tuple[str, ...]
    sections: tuple[Section, ...]
    language: str
    sample_word: str

    def section(self, id_: str) -> Section | None:
        return next((section for section in self.sections if section.id == id_), None)

    def texts(self) -> Iterator[str]:
        """Every text of the outline, in reading order."""
        yield from (self.title, self.summary, *self.badges)
        for section in self.sections:
            yield section.title
            for part in section.parts:
                yield from texts_of(part)


def texts_of(part: Part) -> Iterator[str]:
    match part:
        case Words(text, _, note):
            yield from (text, note)
        case Facts(rows):
            for row in rows:
                yield row.label
                for value in row.values:
                    yield from (value.text, value.note)
        case Bullets(items):
            for item in items:
                yield from (item.text, item.note)
        case Table():
            yield from (part.title, *part.header)
            for table_row in part.rows:
                yield from table_row.cells
