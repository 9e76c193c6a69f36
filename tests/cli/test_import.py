"""`madang import`: the same import as on the screen, from a folder or a file."""

from pathlib import Path

import pytest

from madang.apps.applications.models import Application, BatchSource, Import, ReceivedFile
from madang.cli.main import main
from madang.kernel import spool
from tests.factories.calls import published
from tests.factories.imports import PDF, as_csv, row, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    where = tmp_path / "agency"
    (where / "A1").mkdir(parents=True)
    (where / "applications.xlsx").write_bytes(sheet(row(1), row(2)))
    (where / "A1" / "plan.pdf").write_bytes(PDF)
    (where / "A2 letter.txt").write_bytes(b"hello")
    return where


def told(capsys, *arguments: object) -> tuple[int, str, str]:
    code = main(["import", *map(str, arguments), "--language", "en"])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_a_folder_is_previewed_then_taken_in_and_the_second_time_changes_nothing(
    folder, capsys, django_capture_on_commit_callbacks
):
    call = published()
    with django_capture_on_commit_callbacks(execute=True):
        code, out, err = told(capsys, folder, "--call", call.slug, "--preview")
    assert (code, out) == (
        0,
        "2 applications: 2 new, 0 changed, 0 as before, 0 filed here already and left out. Files: 1.\n",
    )
    assert "A2 letter.txt: left out" in err
    assert not Application.objects.exists()
    assert spool.uids() == []
    code, out, _ = told(capsys, folder, "--call", call.slug, "--note", "The agency's folder")
    assert code == 0
    assert "Taken in as batch" in out
    assert (Application.objects.count(), ReceivedFile.objects.get().name) == (2, "plan.pdf")
    assert BatchSource.objects.get().name == "agency.zip"
    code, out, _ = told(capsys, folder, "--call", call.slug, "--note", "The agency's folder")
    assert (code, "0 new, 0 changed, 2 as before" in out) == (0, True)
    assert Import.objects.filter(state="done").count() == 1


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (as_csv(row(1, country="KOR")), 2, "list.csv, row 2, column country: “KOR” is not a country code"),
        (
            as_csv(["A1", "One", "plan"], header=["No.", "Town", "track"]),
            2,
            "Column A: “No.” is no column of this call",
        ),
        (b"", 1, "is empty"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_stored(tmp_path, capsys, content, code, words):
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    done, _, err = told(capsys, path, "--call", published().slug, "--preview")
    assert (done, words in err) == (code, True), err
    assert not Application.objects.exists()


def test_a_call_a_file_or_a_note_that_is_missing_is_named(folder, capsys):
    call = published()
    assert "no published call" in told(capsys, folder, "--call", "nowhere", "--preview")[2]
    assert told(capsys, Path("nowhere"), "--call", call.slug, "--preview")[0] == 2
    assert told(capsys, folder, "--call", call.slug)[0] == 1
