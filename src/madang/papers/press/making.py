"""Files of a paper made in a process of its own: no web process loads a typesetter or a writer of documents.

`python -m madang.papers.press.making FORM…` reads a paper from standard input and writes a ZIP of the files, each named
by its form, to standard output.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import madang
from madang.papers import office, pdf_child
from madang.papers.blocks import Paper

FORMS: Final = ("pdf", "docx", "hwpx")
SECONDS: Final = 60


class NotMade(Exception):
    """The files could not be made: a limit was met, or the paper holds what no format can."""


def files_of(paper: Paper, forms: Sequence[str]) -> dict[str, bytes]:
    """Form -> file. Raises `NotMade`. Cost: one process, about a second, and a fifth of one for each form."""
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module; forms are of FORMS
        [sys.executable, "-s", "-P", "-X", "utf8", "-m", __name__, *forms],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # No secret and no data folder; the same source as ours, wherever that lies.
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(Path(madang.__file__).parents[1])},
        start_new_session=True,
    )
    try:
        content, told = child.communicate(pdf_child.as_json(paper), timeout=SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        raise NotMade(f"no answer within {SECONDS} s") from None
    if child.returncode:
        raise NotMade(told.decode("utf-8", "replace")[-1000:])
    return office.parts_of(content)


def main() -> None:
    from madang.papers import docx, hwpx, pdf  # the writers: here alone

    writers = {"pdf": pdf.render, "docx": docx.render, "hwpx": hwpx.render}
    paper = pdf_child.from_json(sys.stdin.buffer.read())
    sys.stdout.buffer.write(office.archive({form: writers[form](paper) for form in sys.argv[1:]}, stored=FORMS))


if __name__ == "__main__":
    main()
