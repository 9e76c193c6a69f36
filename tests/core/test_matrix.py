"""Tables of numbers: exact from text, half even from floats, and nothing that is no number."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from madang.core.matrix import MOST_CELLS, Matrix
from madang.core.problem import read_json
from madang.core.reasons import Malformed
from madang.papers.arrays import matrix_bytes, read_matrix


def test_cells_are_whole_millionths_rounded_half_even() -> None:
    table = Matrix.of_lists([[1, Decimal("0.25"), "0.0000005"], ["0.0000015", "-0.5", 0]])
    assert table.values.tolist() == [[1_000_000, 250_000, 0], [2, -500_000, 0]]


@given(st.lists(st.lists(st.integers(-(10**9), 10**9), min_size=3, max_size=3), min_size=1, max_size=4))
def test_a_table_put_aside_comes_back_as_it_was(millionths: list[list[int]]) -> None:
    table = Matrix(np.array(millionths, dtype=np.int64))
    assert Matrix.of_floats(table.floats()) == table


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([[1, 2], [3]], "matrix_row_length"),
        ([1, 2], "matrix_row_not_a_list"),
        ([[True]], "matrix_cell_wrong"),
        ([["1e3"]], "matrix_cell_wrong"),
        ([["NaN"]], "matrix_cell_wrong"),
        ([["١"]], "matrix_cell_wrong"),
        ([[2**53]], "matrix_cell_wrong"),
        ([[Decimal("1E+40")]], "matrix_cell_wrong"),
    ],
)
def test_what_is_no_table_is_refused_by_name(rows: list[object], code: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        Matrix.of_lists(rows)
    assert refused.value.type == code


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1e300])
def test_what_no_millionth_can_hold_is_refused_with_its_cell(wrong: float) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        Matrix.of_floats(np.array([[0.5, wrong]]))
    assert refused.value.context is not None
    assert (refused.value.context["row"], refused.value.context["column"]) == (0, 1)


def claimed(shape: str) -> bytes:
    """The header of an array file that claims this shape."""
    return f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n".encode()


def written(path: Path, member: str, array: object) -> Path:
    np.savez_compressed(path, allow_pickle=True, **{member: array})
    return path


def test_a_file_beside_the_problem_is_read(tmp_path: Path) -> None:
    table = Matrix.of_lists([["0.5", "0.25"]])
    (tmp_path / "scores.npz").write_bytes(matrix_bytes("affinity", table))
    assert read_matrix("scores.npz#affinity", tmp_path, "/affinity") == table
    assert matrix_bytes("affinity", table) == matrix_bytes("affinity", table)


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("scores.npz", "matrix_reference"),
        ("scores.csv#affinity", "matrix_reference"),
        ("../scores.npz#affinity", "matrix_outside_folder"),
        ("/etc/scores.npz#affinity", "matrix_outside_folder"),
        ("nothing.npz#affinity", "file_not_read"),
        ("scores.npz#other", "matrix_member_missing"),
        ("text.npz#affinity", "matrix_file_broken"),
        ("objects.npz#affinity", "matrix_file_broken"),
        ("words.npz#affinity", "matrix_not_numbers"),
        ("flat.npz#affinity", "matrix_not_two_dimensional"),
        ("bomb.npz#affinity", "matrix_too_large"),
        ("\0.npz#affinity", "matrix_reference"),
    ],
)
def test_a_file_that_is_no_table_is_refused_and_runs_nothing(tmp_path: Path, reference: str, code: str) -> None:
    folder = tmp_path / "problem"
    folder.mkdir()
    written(folder / "scores.npz", "affinity", np.ones((2, 2)))
    written(tmp_path / "scores.npz", "affinity", np.ones((2, 2)))
    (folder / "text.npz").write_text("no archive")
    written(folder / "objects.npz", "affinity", np.array([[object()]]))
    written(folder / "words.npz", "affinity", np.array([["a"]]))
    written(folder / "flat.npz", "affinity", np.ones(3))
    header = io.BytesIO()
    claim = {"descr": "<f8", "fortran_order": False, "shape": (MOST_CELLS, 2)}
    np.lib.format.write_array_header_1_0(header, claim)
    with zipfile.ZipFile(folder / "bomb.npz", "w") as archive:
        archive.writestr("affinity.npy", header.getvalue())
    with pytest.raises(Malformed) as refused:
        read_matrix(reference, folder, "/affinity")
    assert [(fault.code, fault.at) for fault in refused.value.faults] == [(code, "/affinity")]


def test_numbers_of_json_are_read_exactly() -> None:
    assert Matrix.of_lists(read_json(json.dumps([[0.1, 0.7]]))).values.tolist() == [[100_000, 700_000]]


def with_header(path: Path, header: bytes, version: int = 1) -> None:
    """An archive whose member has this header and nothing behind it."""
    length = len(header).to_bytes(2 if version == 1 else 4, "little")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("affinity.npy", b"\x93NUMPY" + bytes([version, 0]) + length + header)


@pytest.mark.parametrize(
    ("header", "version", "code"),
    [
        (claimed("(True, True)"), 1, "matrix_file_broken"),
        (claimed("(-1, 2)"), 1, "matrix_file_broken"),
        (claimed(f"(0, {10**30})"), 1, "matrix_too_large"),
        (claimed(f"({10**30}, {10**30})"), 1, "matrix_too_large"),
        (claimed("()"), 1, "matrix_file_broken"),
        (claimed("(1, 1)").replace(b"<f8", b"nonsense"), 1, "matrix_file_broken"),
        (b"(" * 5000, 1, "matrix_file_broken"),
        (b"", 1, "matrix_file_broken"),
        (claimed("(1, 1)").ljust(70_000), 2, "matrix_file_broken"),
    ],
)
def test_a_header_that_lies_is_refused(tmp_path: Path, header: bytes, version: int, code: str) -> None:
    with_header(tmp_path / "scores.npz", header, version)
    with pytest.raises(Malformed) as refused:
        read_matrix("scores.npz#affinity", tmp_path, "/affinity")
    assert [fault.code for fault in refused.value.faults] == [code]


def test_a_long_header_is_not_unpacked(tmp_path: Path) -> None:
    with_header(tmp_path / "scores.npz", b" " * 50_000_000, 2)
    tracemalloc.start()
    try:
        with pytest.raises(Malformed):
            read_matrix("scores.npz#affinity", tmp_path, "/affinity")
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_number_without_rows_is_told_what_it_is(tmp_path: Path) -> None:
    written(tmp_path / "scores.npz", "affinity", np.float64(1))
    with pytest.raises(Malformed) as refused:
        read_matrix("scores.npz#affinity", tmp_path, "/affinity")
    assert refused.value.faults[0].code == "matrix_not_two_dimensional"
