"""Tables of numbers from and into `.npz` files, read without trusting anything in them.

A `.npz` is a ZIP of NumPy arrays. Objects (which could run code) are never read, and the size that the header claims is
checked before a byte of content is unpacked.
"""

from __future__ import annotations

import io
import lzma
import math
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic_core import PydanticCustomError

from madang.core.matrix import MOST_CELLS, Matrix
from madang.core.problem import LARGEST
from madang.core.reasons import Fault, Malformed

#: A longer header is refused unread; NumPy itself writes about a hundred bytes.
LONGEST_HEADER: Final = 64 * 1024

#: What the readers of ZIP, of compressed data and of NumPy's headers raise for files that are none.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, tokenize.TokenError, EOFError, SyntaxError,
    ArithmeticError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError,
)  # fmt: skip


def read_matrix(reference: str, folder: Path, at: str) -> Matrix:
    """`scores.npz#affinity`, relative to `folder` and inside it, as a `Matrix`. Raises `Malformed` at `at`."""
    name, _, member = reference.partition("#")
    if not name.endswith(".npz") or not member or "\0" in name:
        raise Malformed([Fault("matrix_reference", at, {"given": reference[:200]})])
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise Malformed([Fault("matrix_outside_folder", at, {"given": name[:200]})])
        return Matrix.of_floats(_member(path, member, at))
    except Malformed:
        raise
    except PydanticCustomError as error:
        raise Malformed([Fault(error.type, at, dict(error.context or {}))]) from None
    except OSError as error:
        raise Malformed([Fault("file_not_read", at, {"system": error.strerror or str(error)})]) from None
    except _BROKEN:
        raise Malformed([Fault("matrix_file_broken", at, {"given": name[:200]})]) from None


def _member(path: Path, member: str, at: str) -> NDArray[Any]:
    with zipfile.ZipFile(path) as archive:
        names = [name.removesuffix(".npy") for name in archive.namelist()]
        if member not in names:
            raise Malformed([Fault("matrix_member_missing", at, {"given": member[:200], "known": names[:50]})])
        with archive.open(archive.namelist()[names.index(member)]) as file:
            _require_small(file)
        with archive.open(archive.namelist()[names.index(member)]) as file:
            array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
            return array


def _require_small(file: IO[bytes]) -> None:
    """Refuses an array by what its header claims, before any of its content is unpacked."""
    shape, dtype = _header(file)
    if any(type(side) is not int or side < 0 for side in shape):  # a bool is no length
        raise ValueError("shape")
    cells = max([math.prod(shape), *shape])  # one long side is too large even where the other is 0
    if cells > MOST_CELLS or dtype.itemsize > 16:
        raise PydanticCustomError("matrix_too_large", "{most}", {"cells": min(cells, LARGEST), "most": MOST_CELLS})


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Shape and type of an array, from a header whose length is looked at before it is read."""
    start = file.read(12)  # magic, version, and the length of the header in two bytes (version 1) or four
    version = np.lib.format.read_magic(io.BytesIO(start))
    length = int.from_bytes(start[8:10] if version == (1, 0) else start[8:12], "little")
    if length > LONGEST_HEADER:
        raise ValueError("header")
    whole = io.BytesIO(start + file.read(length))
    whole.seek(8)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(whole)
    return shape, dtype


def matrix_bytes(member: str, matrix: Matrix) -> bytes:
    """A `.npz` with this one member; the same matrix gives the same bytes."""
    content = io.BytesIO()
    np.lib.format.write_array(content, matrix.floats(), allow_pickle=False)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(f"{member}.npy", date_time=(1980, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, content.getvalue())
    return packed.getvalue()
