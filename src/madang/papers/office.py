"""What Word's and Hancom's files share: A4 and its colours, texts made safe, shares of a width, sheets on their side,
and a ZIP archive that is the same bytes for the same content."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from madang.papers import charts
from madang.papers.blocks import Block, Column, Figure, Grid, Heading, PageBreak, Paper, Tile, Words

A4_MM = (210, 297)
MARGIN_MM = 20
TALLEST_MM = 225
"""So tall may a picture be, that its heading and its caption stand on the same page."""

TEXT, SOFT, RULE, GROUND = "1E2124", "464C53", "B1B8BE", "EEF2F7"
PRIMARY, WARN, SAMPLE = "0B50D0", "8A240F", "4A1D78"
TILE_GROUND = {"selected": PRIMARY, "received": GROUND}

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
#: Characters that turn the direction of the text after them, with which a name could disguise itself.
_TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_SVG = re.compile(r"<svg\b[^>]*>")
_LINE = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")


def plain(text: str) -> str:
    """The text without what XML forbids (shown as U+FFFD) and without what turns its direction; one line."""
    return " ".join(lines(text))


def lines(text: str) -> list[str]:
    """The same, line by line; a tab is a space."""
    return [_TURNING.sub("", _CONTROL.sub("\ufffd", line.replace("\t", " "))) for line in _LINE.split(text)]


def marked(words: Words, paper: Paper) -> str:
    """The words with the mark of a sample before them, where they are one."""
    return f"[{paper.sample_word}] {words.text}" if words.sample and paper.sample_word else words.text


def told(heading: Heading) -> str:
    return f"{heading.number}. {heading.text}" if heading.number else heading.text


def language(paper: Paper) -> str:
    return "ko-KR" if paper.language == "ko" else "en-US"


def moment(paper: Paper) -> datetime:
    """When the paper was made: the moment of the decision. Never now, or the same paper would be other bytes."""
    try:
        made = datetime.fromisoformat(paper.made)
    except ValueError:
        made = datetime(2000, 1, 1)  # noqa: DTZ001 - wall time, as the decision tells it
    return (made.astimezone(UTC) if made.tzinfo else made).replace(tzinfo=None, microsecond=0)


def text_width_mm(wide: bool) -> int:
    return A4_MM[1 if wide else 0] - 2 * MARGIN_MM


def widths(columns: Sequence[Column], total: int) -> list[int]:
    """`total` divided among the columns by their shares, in whole units that add up to it."""
    shares = [max(column.width, 1) for column in columns]
    edges = [total * sum(shares[:n]) // sum(shares) for n in range(len(shares) + 1)]
    return [right - left for left, right in pairwise(edges)]


def tile_rows(tiles: Sequence[Tile]) -> list[list[Tile | None]]:
    """The tiles in rows of one length, at most four and as even as can be; what is over in the last row is None."""
    rows = -(-len(tiles) // 4)
    across = -(-len(tiles) // max(rows, 1))
    padded = [*tiles, *[None] * (rows * across - len(tiles))]
    return [padded[n * across : (n + 1) * across] for n in range(rows)]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Parts that stand on pages of one kind: upright, or on their side (`wide`)."""

    wide: bool
    parts: tuple[Block, ...]


def stretches(parts: Sequence[Block]) -> list[Stretch]:
    """The paper cut where its pages turn. A wide table takes the headings right before it along, so that none of them
    is left alone on an upright page; a page break where the page turns anyway is dropped."""
    turned = [isinstance(part, Grid) and part.wide for part in parts]
    for index in range(len(parts) - 2, -1, -1):
        turned[index] = turned[index] or (turned[index + 1] and isinstance(parts[index], Heading))
    cuts = [0, *(n for n in range(1, len(parts)) if turned[n] != turned[n - 1]), len(parts)]
    found = [Stretch(turned[a], tuple(parts[a:b])) for a, b in pairwise(cuts) if a < b]
    if len(found) < 2:
        return found
    trimmed = [Stretch(one.wide, _without_breaks(one.parts, n > 0, n + 1 < len(found))) for n, one in enumerate(found)]
    return list(_joined(one for one in trimmed if one.parts))


def _without_breaks(parts: Sequence[Block], first: bool, last: bool) -> tuple[Block, ...]:
    start, end = 0, len(parts)
    while first and start < end and isinstance(parts[start], PageBreak):
        start += 1
    while last and start < end and isinstance(parts[end - 1], PageBreak):
        end -= 1
    return tuple(parts[start:end])


def _joined(found: Iterator[Stretch]) -> Iterator[Stretch]:
    """Neighbours of one kind (only page breaks stood between them) made one again."""
    held: Stretch | None = None
    for one in found:
        if held and held.wide == one.wide:
            held = Stretch(one.wide, (*held.parts, *one.parts))
            continue
        if held:
            yield held
        held = one
    if held:
        yield held


def pixels(figure: Figure) -> bytes:
    """The picture as PNG, twice its size, on white: a reader with a dark ground must not swallow its letters."""
    paper = '<rect width="100%" height="100%" fill="#ffffff"/>'
    return charts.png(_SVG.sub(lambda found: found[0] + paper, figure.svg.decode(), count=1), scale=2)


def archive(content: Mapping[str, bytes], *, stored: Sequence[str] = ()) -> bytes:
    """A ZIP file of the parts in their order, all dated 1980-01-01; those `stored` are not compressed."""
    file = io.BytesIO()
    with ZipFile(file, "w") as out:
        for name, data in content.items():
            info = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = ZIP_STORED if name in stored else ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            info.create_system = 3
            out.writestr(info, data)
    return file.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    """The parts of an archive, in their order."""
    with ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}
