"""The auditor's quality report: figures beside the decision, papers that others open, nothing for other editions."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from pypdf import PdfReader

from madang.cli.main import main
from madang.core.record.read import read
from madang.papers import pdf
from madang.papers.decision import view
from madang.papers.library import example
from madang.papers.quality import as_json, paper_of, quality


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("ideas")
    assert main(["decide", str(example("idea-fund-sample")), "--out", str(out)]) == 0
    return out


def test_it_speaks_of_everybody_who_was_scored_and_of_every_evaluator(decided: Path) -> None:
    record = read((decided / "record.json").read_text("utf-8"))
    (one,) = quality(record)
    scored = {line["application"] for line in record.computed()["ranking"]}
    assert {line["id"] for line in one.result["estimates"]} == scored
    assert {line["id"] for line in one.result["evaluators"]} == {s["evaluator"] for s in record.sheets().values()}
    assert one.top == 12
    ranks = [one.ranks[line["id"]] for line, _ in one.in_order()]
    assert ranks == sorted(ranks)


def test_its_figures_name_the_record_and_are_the_same_again(decided: Path) -> None:
    record = read((decided / "record.json").read_text("utf-8"))
    first, again = (json.dumps(as_json(record, quality(record))) for _ in range(2))
    assert first == again
    assert json.loads(first)["root"] == record.root


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_paper_shows_chances_and_evaluators(decided: Path, language: str) -> None:
    record = read((decided / "record.json").read_text("utf-8"))
    text = "".join(
        page.extract_text()
        for page in PdfReader(io.BytesIO(pdf.render(paper_of(view(record, language), record, quality(record))))).pages
    )
    assert {"ko": "평균보다 후함", "en": "more lenient than average"}[language].replace(" ", "") in text.replace(
        " ", ""
    ).replace("\n", "")


def test_only_the_auditors_edition_carries_it(decided: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quality", str(decided / "record.public.json"), "--language", "en"]) == 2
    assert not (decided / "quality.json").exists()
    assert "auditor" in capsys.readouterr().err


def test_a_call_without_sheets_has_nothing_to_estimate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["decide", str(example("alliance-membership-2019-sample")), "--out", str(tmp_path)])
    assert main(["quality", str(tmp_path / "record.json"), "--language", "en"]) == 2
    assert "nothing to estimate" in capsys.readouterr().err
