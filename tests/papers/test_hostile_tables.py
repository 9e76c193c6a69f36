"""Files that mean harm end in a named fault, within bounds on time and memory that do not depend on what they claim."""

from __future__ import annotations

import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from madang.core.reasons import Malformed
from madang.papers.tables import read_table
from tests.papers.spreadsheets import MAIN, write

BOUND_MB = 700  # of address space for the whole process; a good small table needs about 150
_READ = """
import resource, sys
from pathlib import Path
from madang.papers.tables import csv_file, ods_file, xlsx_file, read_table
from madang.core.reasons import Malformed
limit = int(sys.argv[2]) * 10**6
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
try:
    print(*(fault.code for _, _, fault in read_table(Path(sys.argv[1])).found))
except Malformed as error:
    print(error.faults[0].code)
"""


def told(path: Path) -> str:
    """The first fault of a file, read by a process that may use little memory."""
    command = [sys.executable, "-c", _READ, str(path), str(BOUND_MB)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    return done.stdout.strip()


def replaced(path: Path, part: str, pieces: Iterable[bytes]) -> Path:
    """A good workbook with one part of it put in the place of another, written piece by piece."""
    write(path, [["a", "b"], [1, 2]], "ods" if path.suffix == ".ods" else "excel")
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist() if name != part}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in kept.items():
            archive.writestr(name, data)
        with archive.open(part, "w") as stream:
            for piece in pieces:
                stream.write(piece)
    return path


def sheet(*rows: bytes) -> list[bytes]:
    return [f'<worksheet xmlns="{MAIN}"><sheetData>'.encode(), *rows, b"</sheetData></worksheet>"]


SHEET, SHARED = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
TOO_LARGE, UNREADABLE, EMPTY = "workbook_too_large", "workbook_unreadable", "table_empty"


@pytest.mark.parametrize(
    ("part", "pieces", "code"),
    [
        pytest.param(SHEET, [b" " * 10**6] * 260, TOO_LARGE, id="a bomb of spaces"),
        pytest.param(SHARED, [b"<sst>", *([b"<si><t>" + b"x" * 10**6 + b"</t></si>"] * 160)],
                     TOO_LARGE, id="huge shared texts"),
        pytest.param(SHARED, [b"<sst>", *([b"<si/>" * 100_000] * 60), b"</sst>"],
                     UNREADABLE, id="millions of empty shared texts"),
        pytest.param(SHEET, [b"<a>" * 100_000] * 10, UNREADABLE, id="nested without end"),
        pytest.param(SHEET, [b'<worksheet a="', *([b"x" * 10**6] * 100)], UNREADABLE, id="a tag without end"),
        pytest.param(SHEET, [b"<!--", *([b"x" * 10**6] * 100)], UNREADABLE, id="a comment without end"),
        pytest.param(SHEET, sheet(*([b"<row>" + b"<c/>" * 16_384 + b"</row>"] * 400)), EMPTY, id="only empty cells"),
        pytest.param(SHEET, sheet(b"<row>" + b"<c><v>1</v></c>" * 2_000_000 + b"</row>"),
                     "table_too_many_columns", id="millions of columns"),
        pytest.param(SHEET, sheet(b'<row r="9000000000"><c><v>1</v></c></row>'),
                     "table_too_many_rows", id="a row far away"),
        pytest.param(SHEET, sheet(b'<row r="2"><c r="B1"><v>1</v></c><c r="A3"><v>1</v></c></row>'),
                     UNREADABLE, id="cells of other rows"),
        pytest.param(SHEET, sheet(b'<row><c t="s"><v>99999999999999999999</v></c></row>'),
                     UNREADABLE, id="no such text"),
        pytest.param(SHEET, sheet(b"<row><c><v>1e999</v></c></row>"), UNREADABLE, id="infinity"),
        pytest.param(SHEET, sheet(b"<row><c><v>nan</v></c></row>"), UNREADABLE, id="no number"),
        pytest.param(SHEET, [b"<worksheet><sheetData/>", *([b'<mergeCell ref="A1:XFD1048576"/>' * 10_000] * 100),
                             b"</worksheet>"], EMPTY, id="a million merged areas"),
        pytest.param(SHEET, [b"<worksheet>", *([b'<col min="1" max="999999999" hidden="1"/>' * 10_000] * 50),
                             b"</worksheet>"], EMPTY, id="hidden columns without end"),
        pytest.param(SHEET, [b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'], UNREADABLE, id="an entity"),
        pytest.param(SHEET, [b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><worksheet/>'], UNREADABLE, id="a file of ours"),
        pytest.param("xl/styles.xml", [b"<styleSheet><cellXfs>", *([b"<xf/>" * 10_000] * 20)], UNREADABLE, id="styles"),
        pytest.param("xl/_rels/workbook.xml.rels",
                     [b'<R><Relationship Id="rId4" Type="x/worksheet" Target="../../../etc/passwd"/></R>'],
                     UNREADABLE, id="a way out of the archive"),
    ],
)  # fmt: skip
def test_a_workbook_that_means_harm(tmp_path: Path, part: str, pieces: list[bytes], code: str) -> None:
    assert told(replaced(tmp_path / "t.xlsx", part, pieces)) == code


def _ods(body: bytes) -> list[bytes]:
    names = b' xmlns:table="t" xmlns:office="o" xmlns:text="x"'
    return [b"<d", names, b'><table:table table:name="a">', body, b"</table:table></d>"]


CELL = b'<table:table-cell office:value-type="float" office:value="1"'


@pytest.mark.parametrize(
    ("pieces", "code"),
    [
        (_ods(b"<table:table-row>" + CELL + b' table:number-columns-repeated="999999999"/></table:table-row>'),
         "table_too_many_columns"),
        (_ods(b'<table:table-row table:number-rows-repeated="999999999">' + CELL + b"/></table:table-row>"),
         "table_too_many_rows"),
        (_ods(b'<table:table-row table:number-rows-repeated="999999">' + CELL
              + b' table:number-columns-repeated="900"/></table:table-row>'), "table_too_many_cells"),
        (_ods(b'<table:table-row table:number-rows-repeated="-1"/>'), "workbook_unreadable"),
        (_ods(b'<table:table-row><table:table-cell><text:p><text:s text:c="999999999"/></text:p></table:table-cell>'
              b"</table:table-row>"), "table_empty"),
        ([b'<!DOCTYPE a [<!ENTITY b "c">]><d/>'], "workbook_unreadable"),
        ([b"<a>" * 100_000], "workbook_unreadable"),
    ],
)  # fmt: skip
def test_an_ods_that_means_harm(tmp_path: Path, pieces: list[bytes], code: str) -> None:
    assert told(replaced(tmp_path / "t.ods", "content.xml", pieces)) == code


def test_a_list_of_parts_that_would_fill_the_memory(tmp_path: Path) -> None:
    """The end of the archive says how long its list of parts is; the list is not read where that is too long."""
    path = write(tmp_path / "t.xlsx", [["a"]], "excel")
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x05\x06")
    data[at + 12 : at + 16] = struct.pack("<L", 90_000_000)
    path.write_bytes(bytes(data))
    with pytest.raises(Malformed) as caught:
        read_table(path)
    assert caught.value.faults[0].code == "workbook_too_large"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name(tmp_path: Path) -> None:
    """Programs would disagree on which of them is the table."""
    path = write(tmp_path / "t.xlsx", [["a"]], "excel")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(SHEET, b"<worksheet/>")
    with pytest.raises(Malformed) as caught:
        read_table(path)
    assert caught.value.faults[0].code == "workbook_unreadable"


def test_a_csv_of_one_endless_line(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"a," * 20_000_000)
    assert told(tmp_path / "t.csv") == "table_too_many_columns"
