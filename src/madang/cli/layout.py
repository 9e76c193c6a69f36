"""Outlines as text for a terminal: wrapped, aligned, with Korean letters two columns wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from madang.papers.outline import Bullets, Facts, Outline, Part, Table, TableRow, Words

LEAST_COLUMN = 12


def width(text: str) -> int:
    """Columns that a terminal gives to a text."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def pad(text: str, columns: int, *, right: bool = False) -> str:
    blank = " " * max(0, columns - width(text))
    return blank + text if right else text + blank


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most so many columns, broken at spaces; a word longer than a line is cut."""
    lines, line = [], ""
    for word in text.split():
        while width(word) > columns:
            room = columns - width(line) - (1 if line else 0)
            if room < 2:
                lines.append(line)
                line = ""
                continue
            head = _head(word, room)
            lines.append(f"{line} {head}".strip())
            line, word = "", word[len(head) :]
        if line and width(line) + 1 + width(word) > columns:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line] if line or not lines else lines


def _head(word: str, columns: int) -> str:
    taken = 0
    for number, char in enumerate(word):
        taken += width(char)
        if taken > columns:
            return word[: max(number, 1)]
    return word


def outline_lines(outline: Outline, columns: int) -> Iterator[str]:
    """The whole outline, line by line."""
    mark = f"[{outline.sample_word}]"
    yield from wrap(outline.title, columns)
    yield "=" * min(columns, width(outline.title))
    yield from wrap(" · ".join(outline.badges), columns)
    if outline.summary:
        yield ""
        yield from wrap(outline.summary, columns)
    for section in outline.sections:
        yield ""
        yield section.title
        yield "-" * width(section.title)
        for number, part in enumerate(section.parts):
            around = (part, section.parts[number - 1]) if number else ()
            if any(isinstance(each, Table) for each in around) and not isinstance(part, Bullets):
                yield ""
            yield from _part(part, columns, mark)


def _part(part: Part, columns: int, mark: str) -> Iterator[str]:
    match part:
        case Words():
            yield from wrap(_told(part, mark), columns)
        case Bullets(items):
            for item in items:
                yield from _hanging("- ", _told(item, mark), columns)
        case Facts(rows):
            heads = min(max((width(row.label) for row in rows), default=0), columns // 3) + 2
            for row in rows:
                labels = wrap(row.label, heads - 2)
                values = [line for value in row.values for line in wrap(_told(value, mark), columns - heads)]
                for number in range(max(len(labels), len(values))):
                    label = labels[number] if number < len(labels) else ""
                    value = values[number] if number < len(values) else ""
                    yield f"{pad(label, heads)}{value}".rstrip()
        case Table():
            yield from _table(part, columns, mark)


def _told(words: Words, mark: str) -> str:
    return " ".join(
        text for text in (words.text, f"({words.note})" if words.note else "", mark if words.sample else "") if text
    )


def _hanging(head: str, text: str, columns: int) -> Iterator[str]:
    for number, line in enumerate(wrap(text, columns - len(head))):
        yield (head if number == 0 else " " * len(head)) + line


def _table(table: Table, columns: int, mark: str) -> Iterator[str]:
    if table.title:
        yield from wrap(f"{table.title} {mark}" if table.sample else table.title, columns)
    rows = [table.header, *(_marked(table, row, mark) for row in table.rows)]
    widths = _widths(rows, columns)
    for number, row in enumerate(rows):
        cells = [wrap(cell, size) for cell, size in zip(row, widths, strict=True)]
        for line in range(max(map(len, cells))):
            told = [
                pad(cell[line] if line < len(cell) else "", size, right=index in table.numeric)
                for index, (cell, size) in enumerate(zip(cells, widths, strict=True))
            ]
            yield "  ".join(told).rstrip()
        if number == 0:
            yield "  ".join("-" * size for size in widths)


def _marked(table: Table, row: TableRow, mark: str) -> tuple[str, ...]:
    if not row.sample or table.sample:
        return row.cells
    at = table.mark_in
    return (*row.cells[:at], f"{row.cells[at]} {mark}", *row.cells[at + 1 :])


def _widths(rows: Sequence[Sequence[str]], columns: int) -> list[int]:
    """As wide as the content wants; the widest columns give way until the table fits."""
    widths = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    room = columns - 2 * (len(widths) - 1)
    while sum(widths) > room:
        widest = max(range(len(widths)), key=lambda index: widths[index])
        if widths[widest] <= LEAST_COLUMN:
            break
        widths[widest] -= 1
    return widths
