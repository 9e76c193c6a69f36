"""`madang receipt` judges a receipt with nothing but files."""

import datetime as dt
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from madang.core.record.canonical import canonical, text_digest
from madang.core.record.filing import signed
from madang.core.record.filing_check import OF_RECORDS
from madang.core.record.keylist import Key, KeyList
from madang.core.record.numbers import number_of
from madang.words import catalogue

ROOT = Path(__file__).resolve().parents[2]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw().hex()
FORM = canonical({"madang_filed_form": 1, "answers": {"name": "한빛"}}).decode()


def run(*words):
    environment = {**os.environ, "MADANG_LANGUAGE": "en"}
    command = [sys.executable, "-m", "madang.cli.main", "receipt", *map(str, words)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path):
    receipt = signed(
        KEY, number=number_of(12345), revision=2, call="small-2027", track="plan", definition_version=1,
        definition_sha256="0" * 64, form_sha256=text_digest(FORM), files=2, arrived_at="2027-12-01T18:00:00+09:00",
        counts_until="2027-12-01T18:00:00+09:00", zone="Asia/Seoul", site="https://example.org", sample=False,
    )  # fmt: skip
    (tmp_path / "receipt.json").write_text(receipt)
    (tmp_path / "form.json").write_text(FORM)
    (tmp_path / "keys.json").write_text(KeyList((Key(PUBLIC, dt.date(2026, 1, 1)),)).text())
    return tmp_path


def test_a_receipt_with_its_form_and_the_offices_keys_holds(folder):
    done = run(folder / "receipt.json", "--form", folder / "form.json", "--keys", folder / "keys.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("This receipt holds.\n")
    assert f"Receipt {number_of(12345)}-2, revision 2, call small-2027." in done.stdout
    assert done.stdout.count("✓") == 4


def test_without_form_and_key_it_says_what_it_could_not_check(folder):
    done = run(folder / "receipt.json")
    assert done.returncode == 0
    assert done.stdout.startswith("Nothing contradicts. What was not checked is named below.")
    assert done.stdout.count("–") == 2


def test_another_form_another_key_or_one_changed_letter_is_a_contradiction(folder):
    (folder / "other.json").write_text(FORM.replace("한빛", "한밭"))
    done = run(folder / "receipt.json", "--form", folder / "other.json", "--key", PUBLIC)
    assert done.returncode == 1
    assert "This form is not the one that was filed" in done.stdout
    assert run(folder / "receipt.json", "--key", "0" * 64).returncode == 1
    changed = (folder / "receipt.json").read_text().replace("18:00:00+09:00", "17:59:59+09:00", 1)
    (folder / "receipt.json").write_text(changed)
    done = run(folder / "receipt.json", "--json", "--key", PUBLIC)
    told = json.loads(done.stdout)
    assert done.returncode == told["exit_code"] == 1
    assert [one["check"] for one in told["findings"] if one["state"] == "fails"] == ["filing_signature", "filing_key"]


def test_a_receipt_copied_from_a_mail_is_mended(folder):
    text = (folder / "receipt.json").read_text()
    (folder / "copied.txt").write_text("> " + "\n> ".join(text[i : i + 76] for i in range(0, len(text), 76)))
    assert run(folder / "copied.txt", "--key", PUBLIC).returncode == 0


@pytest.mark.parametrize("content", ["", "{}", '{"madang_receipt": 1}', "\ufeff[]", '{"madang_filing_receipt": 1}'])
def test_what_is_no_receipt_is_unreadable(folder, content):
    (folder / "receipt.json").write_text(content)
    done = run(folder / "receipt.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr
    assert run(folder / "nowhere.json").returncode == 2


def test_the_sample_holds_and_the_document_shows_it(monkeypatch):
    monkeypatch.chdir(ROOT / "examples" / "receipt-sample")
    done = run("receipt.json", "--form", "form.json", "--keys", "keys.json")
    assert (done.returncode, done.stdout.split("\n")[0]) == (0, "This receipt holds.")
    blocks = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "formats" / "receipts.md").read_text("utf-8"), re.DOTALL)
    for name, shown in zip(("receipt", "form"), blocks, strict=True):
        assert json.loads(shown) == json.loads(Path(f"{name}.json").read_text("utf-8"))
        stated = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "formats" / "receipts.md").read_text("utf-8")))
        assert set(json.loads(shown)) <= stated, "every field is described"


def test_every_reason_of_a_key_has_its_sentence_for_receipts():
    assert [code for code in OF_RECORDS if f"filing_{code}" not in catalogue()] == []
