"""`madang journal` as an auditor types it."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable

import pytest
from django.db import connection

from madang.cli.main import main
from madang.kernel import keys
from madang.kernel.journal import JournalEntry
from madang.kernel.sealing import Seal, copy_path
from tests.factories.sealed import sealed, written
from tests.factories.tampering import take_down

pytestmark = pytest.mark.django_db

Said = tuple[int, str, str]


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("MADANG_LANGUAGE", "en")


@pytest.fixture
def journal(capsys) -> Callable[..., Said]:
    """`journal("verify")` -> exit code, what was said, what was complained."""

    def run(*words: str) -> Said:
        code = main(["journal", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_verify_says_what_holds_and_what_nobody_can_say(journal):
    sealed(3, 2)
    written(2)
    code, said, _ = journal("verify")
    assert code == 0
    assert said.startswith("Nothing contradicts")
    for part in (
        "5 rows stand at their places", "2 seals: each signature holds", "up to seal 2, all the same",
        "2 rows are not sealed yet", "it seals every 10 s", "The keys were taken from this installation itself",
    ):  # fmt: skip
        assert part in said, part


def test_verify_names_the_first_row(journal):
    ids = sealed(3, 2)
    take_down()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE kernel_journalentry SET command = 'x.y' WHERE object_id IN ('1', '3')")
    code, said, _ = journal("verify")
    assert code == 1
    assert said.startswith("The journal is not as it was sealed")
    assert f"First: the row at place 2 was changed after sealing. Row {ids[1]}, x.y, " in said
    assert "2 of 5 places" in said
    assert "처음: 2번째 자리의 행이 봉인된 뒤 바뀌었습니다" in journal("verify", "--language", "ko")[1]


def test_verify_compares_with_what_was_kept_elsewhere(journal, tmp_path):
    sealed(3, 2)
    outside, root = tmp_path / "seals.jsonl", Seal.objects.get(number=1).root
    outside.write_bytes(copy_path().read_bytes())
    key = keys.public_hex(keys.load_or_make())
    code, said, _ = journal("verify", "--seals", str(outside), "--root", root.upper(), "--key", key, "--json")
    assert code == 0
    findings = json.loads(said)["findings"]
    states = [(one["check"], one["state"]) for one in findings]
    assert states[:6] == [
        ("journal_seals", "holds"), ("journal_rows", "holds"), ("journal_key", "holds"),
        ("journal_copy", "holds"), ("journal_copy", "holds"), ("journal_root", "holds"),
    ]  # fmt: skip
    assert journal("verify", "--key", "0" * 64)[0] == 1
    assert journal("verify", "--root", "0" * 64)[0] == 1
    assert journal("verify", "--root", "abc")[0] == 2
    assert journal("verify", "--key", str(tmp_path / "nowhere"))[0] == 2


def test_a_proof_is_checked_on_another_machine(journal, tmp_path):
    ids = sealed(3, 4, 6)
    out = tmp_path / "proof.json"
    assert journal("proof", str(ids[4]), "--out", str(out))[0] == 0
    key = keys.public_hex(keys.load_or_make())
    elsewhere = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", ""), "MADANG_LANGUAGE": "en"}
    script = (
        "import sys; from madang.cli.main import main; code = main(sys.argv[1:]);"
        "assert 'django' not in sys.modules; sys.exit(code)"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, "journal", "check", str(out), "--key", key],
        env=elsewhere, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (told.returncode, told.stderr) == (0, "")
    assert f"Row {ids[4]} (tests.act, " in told.stdout
    assert "place 5 of the log of 13 rows that seal 3 signs" in told.stdout


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda proof: proof["row"].update(payload="{}"), 1),
        (lambda proof: proof.update(place=proof["place"] - 1), 1),
        (lambda proof: proof.update(place=10**6), 1),
        (lambda proof: proof["path"].pop(), 1),
        (lambda proof: proof["seal"].update(size=7), 1),
        (lambda proof: proof["seal"].update(at="2020-01-01T00:00:00.000000Z"), 1),
        (lambda proof: proof.update(more=1), 2),
        (lambda proof: proof["row"].pop("at"), 2),
        (lambda proof: proof["row"].update(payload="\ud800"), 2),
        (lambda proof: proof["path"].append("zz"), 2),
        (lambda proof: proof.clear(), 2),
    ],
)
def test_a_changed_proof_does_not_hold(journal, tmp_path, change, code):
    ids = sealed(3, 4, 6)
    proof = json.loads(journal("proof", str(ids[4]))[1])
    change(proof)
    (tmp_path / "proof.json").write_text(json.dumps(proof))
    assert journal("check", str(tmp_path / "proof.json"))[0] == code


def test_there_is_no_proof_of_what_is_not_sealed(journal):
    sealed(2)
    [row] = written(1)
    code, said, complained = journal("proof", str(row.pk))
    assert (code, said) == (1, "")
    assert "not sealed yet" in complained
    for nobody in (str(uuid.uuid4()), "nonsense\x00"):
        assert journal("proof", nobody)[0] == 1
    assert JournalEntry.objects.count() == 3


def test_a_folder_without_a_journal_is_said_to_be_one(tmp_path):
    environment = {**os.environ, "MADANG_DATABASE_URL": "", "MADANG_LANGUAGE": "en"}
    words = [sys.executable, "-m", "madang.cli.main", "journal", "verify", "--data", str(tmp_path / "empty")]
    told = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (2, "")
    assert "The journal cannot be read" in told.stderr


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
def test_a_role_is_for_postgresql(capsys):
    assert main(["role"]) == 1
    assert "SQLite" in capsys.readouterr().err
