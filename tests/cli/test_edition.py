"""What an office hands on of a decision: the public edition, a party's, and evaluators' receipts."""

import json

import pytest

from madang.cli.main import main
from madang.papers.library import example


@pytest.fixture(autouse=True)
def _data(tmp_path, monkeypatch):
    monkeypatch.setenv("MADANG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MADANG_LANGUAGE", "en")


@pytest.fixture
def decided(tmp_path):
    out = tmp_path / "decided"
    assert main(["decide", str(example("kcity-network-2021-sample")), "--out", str(out), "--party", "A02"]) == 0
    return out


def root(path):
    return json.loads(path.read_text("utf-8"))["root"]


def test_decide_writes_the_public_edition_the_receipts_and_the_parties_asked_for(decided):
    files = sorted(path.name for path in (decided / "parties").iterdir())
    assert files == ["record.party-A02.json"]
    receipts = list((decided / "receipts").iterdir())
    assert len(receipts) == 7
    whole = [decided / "record.json", decided / "record.public.json", *(decided / "parties").iterdir(), *receipts]
    assert len({root(path) for path in whole}) == 1


def test_each_edition_verifies_with_every_receipt_and_the_deposited_root(decided, tmp_path, capsys):
    note = tmp_path / "note.txt"
    note.write_text(f"root: {root(decided / 'record.json')}\n", "utf-8")
    receipts = [word for path in (decided / "receipts").iterdir() for word in ("--receipt", str(path))]
    for path in (decided / "record.json", decided / "record.public.json", decided / "parties/record.party-A02.json"):
        assert main(["verify", str(path), "--anchor", str(note), *receipts]) == 0
        assert "✗" not in capsys.readouterr().out


def test_deciding_again_leaves_no_receipt_and_no_party_of_the_earlier_root(decided):
    folder = str(example("kcity-network-2021-sample"))
    assert main(["decide", folder, "--out", str(decided), "--replace", "--parties"]) == 0
    found = [*(decided / "parties").iterdir(), *(decided / "receipts").iterdir()]
    assert {root(path) for path in found} == {root(decided / "record.json")}
    assert len(list((decided / "parties").iterdir())) == 36
    assert main(["decide", folder, "--out", str(decided), "--replace"]) == 0
    assert list((decided / "parties").iterdir()) == []


def test_a_receipt_of_another_decision_contradicts_and_names_no_sheet_that_is_equal(decided, tmp_path, capsys):
    other = tmp_path / "other"
    assert main(["decide", str(example("kcity-network-2021-sample")), "--out", str(other)]) == 0
    receipt = next((other / "receipts").iterdir())
    capsys.readouterr()
    assert main(["verify", str(decided / "record.json"), "--receipt", str(receipt)]) == 1
    told = capsys.readouterr().out
    assert "one of the two is not what was sealed" in told
    assert "differs from the one that was sealed" not in told


def test_editions_are_made_from_the_record_without_the_key_and_from_nothing_else(decided, tmp_path, capsys):
    out = tmp_path / "again"
    assert main(["edition", str(decided / "record.json"), "--out", str(out), "--public", "--party", "A02"]) == 0
    for name in ("record.public.json", "parties/record.party-A02.json"):
        assert (out / name).read_bytes() == (decided / name).read_bytes()
    assert main(["edition", str(decided / "record.public.json"), "--out", str(out), "--public"]) == 2
    assert "auditor's edition" in capsys.readouterr().err
    assert main(["edition", str(decided / "record.json"), "--out", str(out), "--party", "nobody"]) == 2
    assert "nobody" in capsys.readouterr().err
    assert main(["edition", str(decided / "record.json"), "--out", str(out)]) == 2


def test_no_edition_is_made_of_a_record_that_was_changed(decided, tmp_path):
    record = json.loads((decided / "record.json").read_text("utf-8"))
    next(leaf for leaf in record["leaves"] if leaf["name"].startswith("sheets/"))["value"]["stage"] = "other"
    (tmp_path / "changed.json").write_text(json.dumps(record), "utf-8")
    assert main(["edition", str(tmp_path / "changed.json"), "--out", str(tmp_path / "x"), "--public"]) == 2
    assert not (tmp_path / "x").exists()


def test_a_file_that_is_none_is_refused_by_its_name(decided, tmp_path, capsys):
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}", "utf-8")
    for option in ("--receipt", "--anchor", "--keys"):
        assert main(["verify", str(decided / "record.json"), option, str(wrong)]) == 2
        assert "wrong.json" in capsys.readouterr().err
