"""Reading and writing for every command: texts come in whole or with a named fault, files go out whole or not."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from madang.core.reasons import Fault, Malformed

MALFORMED = 2
"""Exit code: the input cannot be read as what it claims to be."""


def refuse(faults: Iterable[Fault], asked_language: str | None) -> int:
    """Says every fault on stderr, in the language asked for or the reader's own; the exit code."""
    from madang.cli.main import language
    from madang.words import say_fault

    for fault in faults:
        print(say_fault(fault, asked_language or language()), file=sys.stderr)
    return MALFORMED


def read_text(path: str) -> str:
    """A file's text, or standard input for `-`; raises `Malformed` where there is none to read."""
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise Malformed([Fault("file_not_read", path, {"system": error.strerror or str(error)})]) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed([Fault("not_utf8", path, {"byte": error.start})]) from None


def write_json(value: object, out: Path | None = None) -> None:
    """To standard output, or into the file as a whole."""
    text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    if out is not None:
        write_text(text, out)
        return
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def write_text(text: str, out: Path) -> None:
    """The file is either the old one or all of the new one; raises `Malformed` where it cannot be written."""
    write_bytes(text.encode(), out)


def write_bytes(data: bytes, out: Path) -> None:
    """The same for what is no text."""
    try:
        _replace(out, data)
    except OSError as error:
        raise Malformed([Fault("file_not_written", str(out), {"system": error.strerror or str(error)})]) from None


def make_folder(folder: Path) -> None:
    """The folder and what is missing above it; raises `Malformed` where it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Malformed([Fault("file_not_written", str(folder), {"system": error.strerror or str(error)})]) from None


def _replace(out: Path, data: bytes) -> None:
    if out.exists() and not out.is_file():  # a device or a pipe is written into, never replaced
        out.write_bytes(data)
        return
    out = out.resolve()  # a link stays a link
    descriptor, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes a private file; a result is as readable as any other new file of its owner.
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(out)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
