"""A paper set as PDF in a process of its own: no web process loads the typesetter.

`as_json` writes a paper down, `python -m madang.papers.pdf_child` reads it from standard input and writes the PDF to
standard output. What cannot be set ends with a status other than 0 and a line on standard error.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from madang.papers import blocks
from madang.papers.blocks import Paper

_KINDS = {
    kind.__name__: kind
    for kind in (
        blocks.Heading, blocks.Paragraph, blocks.Tiles, blocks.Facts, blocks.Bullets, blocks.Grid, blocks.Contents,
        blocks.Figure, blocks.PageBreak,
    )
}  # fmt: skip


def as_json(paper: Paper) -> bytes:
    """The paper as JSON; of a picture its SVG as text."""
    parts = [{"is": _KINDS[type(part).__name__].__name__, **_told(part)} for part in paper.parts]
    head = {one.name: getattr(paper, one.name) for one in dataclasses.fields(paper) if one.name != "parts"}
    return json.dumps({**head, "parts": parts}, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _told(part: blocks.Block) -> dict[str, Any]:
    told = dataclasses.asdict(part)
    return told | {"svg": part.svg.decode()} if isinstance(part, blocks.Figure) else told


def from_json(text: bytes) -> Paper:
    """The paper that was written down. Raises `ValueError` for anything else."""
    told = json.loads(text)
    parts = tuple(_reader(part.pop("is")).validate_python(part) for part in told.pop("parts"))
    return Paper(parts=parts, **told)


@cache
def _reader(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(_KINDS[kind])


def main() -> None:
    from madang.papers import pdf  # the typesetter: here alone

    sys.stdout.buffer.write(pdf.render(from_json(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
