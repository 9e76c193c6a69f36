"""`madang decide` and `madang verify` as an office and an auditor type them."""

import csv
import json
import shutil
import stat

import pytest

from madang.cli.main import main
from madang.papers.library import example, examples

DECIDABLE = [name for name in examples() if name != "kcity-network-2021"]


@pytest.fixture(autouse=True)
def _data(tmp_path, monkeypatch):
    monkeypatch.setenv("MADANG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MADANG_LANGUAGE", "en")


@pytest.fixture
def decided(tmp_path):
    out = tmp_path / "decided"
    assert main(["decide", str(example("small-cities-2022-sample")), "--out", str(out)]) == 0
    return out


def public_key(out):
    return json.loads((out / "record.json").read_text("utf-8"))["signatures"][0]["key"]


@pytest.mark.parametrize("name", DECIDABLE)
def test_every_example_is_decided_by_its_own_rule_and_verifies(name, tmp_path, capsys):
    out = tmp_path / "decided"
    assert main(["decide", str(example(name)), "--out", str(out)]) == 0
    assert {"record.json", "record.public.json", "report.html", "results.xlsx"} <= {path.name for path in out.iterdir()}
    assert main(["verify", str(out / "record.json"), "--key", public_key(out)]) == 0
    assert main(["verify", str(out / "record.public.json"), "--key", public_key(out)]) == 0
    assert "✗" not in capsys.readouterr().out


def test_the_four_rules_are_told_by_what_they_leave_in_the_record(tmp_path):
    found = {}
    for name in DECIDABLE:
        main(["decide", str(example(name)), "--out", str(tmp_path / name)])
        leaves = json.loads((tmp_path / name / "record.json").read_text("utf-8"))["leaves"]
        parts = {leaf["name"].split("/")[1] for leaf in leaves if leaf["name"].startswith("computed/")}
        ranks = any("rank" in leaf["value"] for leaf in leaves if leaf["name"].startswith("computed/ranking/"))
        found[name] = ("selections" in parts, ranks, "votes" in parts, "stages" in parts)
    ranked, voted, marked = (True, True, False, True), (False, False, True, False), (False, False, False, True)
    expected = {
        "kcity-network-2021-sample": ranked,
        "small-cities-2022-sample": ranked,
        "alliance-membership-2019-sample": voted,
        "service-certification-2023-sample": marked,
        "digital-public-goods": marked,
    }
    assert expected.items() <= found.items()


def test_the_signing_key_is_made_once_and_is_its_owners_alone(decided, tmp_path):
    (key,) = (tmp_path / "data" / "keys").glob("*.pem")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    first = public_key(decided)
    main(["decide", str(example("small-cities-2022-sample")), "--out", str(tmp_path / "again")])
    assert public_key(tmp_path / "again") == first


def test_faults_are_named_by_file_row_and_column_and_nothing_is_written(tmp_path, capsys):
    folder, out = tmp_path / "folder", tmp_path / "out"
    shutil.copytree(example("small-cities-2022-sample"), folder)
    with (folder / "sheets.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    column = rows[0].index("problem")
    scored = next(number for number, row in enumerate(rows[1:], 1) if row[column])
    rows[scored][column] = "120"
    with (folder / "sheets.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    assert main(["decide", str(folder), "--out", str(out)]) == 2
    told = capsys.readouterr().err
    assert f"sheets.csv, row {scored + 1}, column problem" in told
    assert not out.exists()


def test_an_earlier_record_is_not_overwritten_unasked(decided, capsys):
    before = (decided / "record.json").read_bytes()
    again = ["decide", str(example("small-cities-2022-sample")), "--out", str(decided)]
    assert main(again) == 2
    assert "--replace" in capsys.readouterr().err
    assert (decided / "record.json").read_bytes() == before
    assert main([*again, "--replace"]) == 0
    assert (decided / "record.json").read_bytes() != before  # other salts


def test_verify_tells_a_changed_result_from_a_changed_file(decided, capsys):
    path = decided / "record.json"
    record = json.loads(path.read_text("utf-8"))
    line = next(leaf["value"] for leaf in record["leaves"] if leaf["name"].startswith("computed/ranking/"))
    line["score"] = "99.99"
    path.write_text(json.dumps(record), "utf-8")
    assert main(["verify", str(path)]) == 1
    assert "99.99" in capsys.readouterr().out
    assert main(["verify", str(path), "--content-only", "--language", "ko"]) == 1
    assert "루트:" not in capsys.readouterr().out


def test_another_key_than_the_offices_is_found(decided, capsys):
    assert main(["verify", str(decided / "record.json"), "--key", "ab" * 32]) == 1
    assert "✗" in capsys.readouterr().out


def test_an_unsigned_record_says_so(tmp_path, capsys):
    out = tmp_path / "out"
    main(["decide", str(example("kcity-network-2021-sample")), "--out", str(out), "--unsigned"])
    assert main(["verify", str(out / "record.json")]) == 0
    assert "unsigned" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"no record", b"\xff\xfe", b"[1, 2]"])
def test_what_is_no_record_exits_with_two(content, tmp_path, capsys):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    assert main(["verify", str(path)]) == 2
    told = capsys.readouterr()
    assert told.out + told.err


def test_a_key_that_is_none_and_a_missing_file_are_refused_by_name(decided, tmp_path, capsys):
    assert main(["verify", str(decided / "record.json"), "--key", "z" * 64]) == 2
    assert main(["verify", str(tmp_path / "nothing.json")]) == 2
    assert "nothing.json" in capsys.readouterr().err


def test_the_findings_as_json_name_every_check(decided, capsys):
    capsys.readouterr()
    main(["verify", str(decided / "record.json"), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["exit_code"] == 0
    assert {"root", "signature", "computed", "selection", "decided"} <= {f["check"] for f in told["findings"]}


def test_the_sheets_that_a_definition_asks_for_can_be_written_and_are_never_overwritten(tmp_path, capsys):
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy(example("service-certification-2023-sample") / "call.yaml", folder)
    assert main(["decide", str(folder), "--template"]) == 0
    assert {"applications.xlsx", "sheets.xlsx", "checklist.xlsx"} <= {path.name for path in folder.iterdir()}
    assert main(["decide", str(folder), "--template"]) == 2


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_a_sample_can_be_drawn_for_a_shipped_programme_and_decided(format_, tmp_path):
    folder = tmp_path / "sample"
    words = ["sample", "kcity-network-2021", "--out", str(folder), "--applications", "20", "--format", format_]
    assert main(words) == 0
    assert main(["decide", str(folder), "--out", str(tmp_path / "out")]) == 0
    assert main(words) == 2  # not into a folder that holds something


def test_the_shipped_samples_are_what_their_programmes_say_but_for_what_marks_them():
    from madang.core.callspec import parse
    from madang.papers.library import programmes

    for name, path in programmes().items():
        own, sample = (parse(p.read_text("utf-8")) for p in (path, example(f"{name}-sample") / "call.yaml"))
        told = sample.model_copy(update={"id": own.id, "title": own.title})
        assert told == own
        assert sample.id == f"{own.id}-sample"
        assert "sample" in sample.title["en"]
        assert "예시" in sample.title["ko"]
