"""An application on paper, and a paper that goes to another process and back."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from madang.core import callspec
from madang.core.form import Entered, review
from madang.papers import pdf, pdf_child
from madang.papers.application_paper import About, answered, paper_of
from madang.papers.blocks import Facts, Figure, Grid, Heading, Paper, Paragraph
from madang.papers.receipt_paper import ReceiptFacts, receipt_paper
from tests.factories.rich import rich_text

DEFINITION = callspec.parse(rich_text())
TYPED = {
    "name": "Quiet streets", "mou": "no", "summary": "A long answer. " * 20, "cost": "1,200", "own": "x",
    "goals": ("r1",), "goals.r1.goal": "Less noise",
}  # fmt: skip


def about(**more: Any) -> About:
    given: dict[str, Any] = {
        "uid": "u",
        "revision": 3,
        "applicant": "City of Aram",
        "track": "plan",
        "language": "English",
    }
    return About(**given | {"saved": "now", "made": "2026-12-01T10:00:00+00:00", "sample": True} | more)


def told(language: str = "en", **more: Any) -> Paper:
    state = review(DEFINITION, Entered(typed=TYPED, track="plan", kind="city", country="XA", sample=True))
    return paper_of(DEFINITION, state, about(**more), language)


def test_answers_stand_as_they_are_read_and_what_does_not_apply_is_left_out() -> None:
    texts = list(told().texts())
    for text in ("KRW 1.2 billion", "Less noise", "no", "x"):
        assert text in texts
    notes = [
        value.note for part in told().parts if isinstance(part, Facts) for row in part.rows for value in row.values
    ]
    assert "as typed; cannot be read yet" in notes
    assert "Signed on" not in texts


def test_a_long_answer_stands_below_its_question_with_its_translations() -> None:
    paper = told(translations={"summary": [("Korean", "긴 답변", True)]})
    kinds = [part for part in paper.parts if isinstance(part, Heading | Paragraph)]
    at = kinds.index(Heading(2, "Summary"))
    assert [part.text for part in kinds[at + 1 : at + 4]] == [
        ("A long answer. " * 20).strip(),
        "Translation by machine (Korean)",
        "긴 답변",
    ]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_paper_comes_back_from_another_process_as_it_was(language: str) -> None:
    paper = told(language, missing=["Documents: Project plan"])
    assert pdf_child.from_json(pdf_child.as_json(paper)) == paper
    assert any(isinstance(part, Grid) for part in paper.parts)


def test_the_page_shows_the_same_without_the_head() -> None:
    state = review(DEFINITION, Entered(typed=TYPED, track="plan"))
    assert set(answered(DEFINITION, state, about(), "en")) <= set(paper_of(DEFINITION, state, about(), "en").parts)


def test_a_picture_goes_as_its_svg() -> None:
    paper = Paper("t", "", "en", "", (Figure("<svg>가</svg>".encode(), "a", "c"),))
    assert pdf_child.from_json(pdf_child.as_json(paper)) == paper


@pytest.mark.parametrize("files", [0, 40])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_receipt_is_one_page_with_its_own_proof(language: str, files: int) -> None:
    stated = '{"form_sha256":"' + "a" * 64 + '","signature":"' + "b" * 1000 + '"}'
    facts = ReceiptFacts(
        number="7F3KQ-9XWM2-H-2", call="A call", call_id="a-call", applicant="City of Aram", track="", revision=2,
        arrived="Wed 1 Dec 2027 17:59:58", until="Wed 1 Dec 2027 18:00:00", zone="Asia/Seoul", late_admission="",
        supplement="",
        by="Aram", files=[(f"{n}-{'x' * 100}.pdf", "9 MB") for n in range(files)], form_sha256="a" * 64,
        receipt=stated, address="https://example.org/verify/7F3KQ-9XWM2-H-2", made="2027-12-01T08:59:58+00:00",
        sample=True,
    )  # fmt: skip
    pages = PdfReader(
        io.BytesIO(pdf.render(pdf_child.from_json(pdf_child.as_json(receipt_paper(facts, language)))))
    ).pages
    assert len(pages) == 1
    text = "".join(pages[0].extract_text().replace("\u200b", "").split())
    assert stated in text
    assert "https://example.org/verify/7F3KQ-9XWM2-H-2" in text
