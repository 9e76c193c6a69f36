"""Tables of numbers from and into `.npz` files, read without trusting anything in them.

A `.npz` is a ZIP of NumPy arrays. Objects (which could run code) are never read, and the size that the header claims is
checked before a byte of content is unpacked.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic_core import PydanticCustomError

from madang.core.matrix import MOST_CELLS, Matrix
from madang.core.reasons import Fault, Malformed


def read_matrix(reference: str, folder: Path, at: str) -> Matrix:
    """`scores.npz#affinity`, relative to `folder` and inside it, as a `Matrix`. Raises `Malformed` at `at`."""
    name, _, member = reference.partition("#")
    if not name.endswith(".npz") or not member:
        raise Malformed([Fault("matrix_reference", at, {"given": reference[:200]})])
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Malformed([Fault("matrix_outside_folder", at, {"given": name[:200]})])
    try:
        return Matrix.of_floats(_member(path, member, at))
    except Malformed:
        raise
    except PydanticCustomError as error:
        raise Malformed([Fault(error.type, at, dict(error.context or {}))]) from None
    except OSError as error:
        raise Malformed([Fault("file_not_read", at, {"system": error.strerror or str(error)})]) from None
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, NotImplementedError, RuntimeError):
        raise Malformed([Fault("matrix_file_broken", at, {"given": name[:200]})]) from None


def _member(path: Path, member: str, at: str) -> NDArray[Any]:
    with zipfile.ZipFile(path) as archive:
        names = [name.removesuffix(".npy") for name in archive.namelist()]
        if member not in names:
            raise Malformed([Fault("matrix_member_missing", at, {"given": member[:200], "known": names[:50]})])
        with archive.open(archive.namelist()[names.index(member)]) as file:
            version = np.lib.format.read_magic(file)
            read_header = (
                np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            )
            shape, _, dtype = read_header(file)
            cells = int(np.prod([int(side) for side in shape], dtype=object)) if shape else 1
            if cells > MOST_CELLS or dtype.itemsize > 16:
                raise PydanticCustomError("matrix_too_large", "{most}", {"cells": cells, "most": MOST_CELLS})
        with archive.open(archive.namelist()[names.index(member)]) as file:
            array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
            return array


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
