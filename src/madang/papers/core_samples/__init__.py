"""The samples of the decision core (`examples/solve/`) as screens: a question, its answer, the reasons and the proof.

Nothing is solved or checked here: results are read as they were written, so no web process needs a solver.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from madang.papers.core_samples.before import conflicts, panel
from madang.papers.core_samples.choosing import selection
from madang.papers.core_samples.copied import duplicates
from madang.papers.core_samples.files import SAMPLES, file_text, file_texts, sample_of
from madang.papers.core_samples.matching import affinity, assignment
from madang.papers.core_samples.meeting import timetable
from madang.papers.core_samples.model import Answer, Card, File, Screen
from madang.papers.core_samples.proof import proof_of
from madang.papers.core_samples.ranked import ranking
from madang.papers.core_samples.telling import Teller

_ANSWERS: Mapping[str, Callable[[Teller], Answer]] = {
    "conflicts": conflicts,
    "panel": panel,
    "affinity": affinity,
    "assignment": assignment,
    "ranking": ranking,
    "selection": selection,
    "timetable": timetable,
    "duplicates": duplicates,
}


def cards(language: str) -> tuple[Card, ...]:
    """Every kind for the index, in the order in which a call meets them."""
    return tuple(_card(kind, language) for kind in SAMPLES)


def _card(kind: str, language: str) -> Card:
    t = Teller(kind, language)
    status = t.samples[-1].result["status"]
    return Card(kind, t.own("title"), t.own("question"), t.own("shown"), t.status(status), status == "optimal")


def screen(kind: str, language: str) -> Screen | None:
    """The page of a kind; None where there is none."""
    if kind not in SAMPLES:
        return None
    t = Teller(kind, language)
    return Screen(
        kind=kind,
        title=t.own("title"),
        question=t.own("question"),
        story=t.own("story"),
        answer=_ANSWERS[kind](t),
        proof=proof_of(t),
        files=tuple(
            File(f"{one.name}{ending}", _file_words(t, part, one.name))
            for one in t.samples
            for part, ending in (("problem", ".json"), ("result", ".result.json"))
        ),
    )


def _file_words(t: Teller, part: str, sample: str) -> str:
    """`Problem`, or `Problem: largest total` where a kind has several samples."""
    which = t.own_or(f"sample.{sample}")
    return t.word(f"file.{part}_of", sample=which) if which else t.word(f"file.{part}")


__all__ = ["SAMPLES", "Answer", "Card", "File", "Screen", "cards", "file_text", "file_texts", "sample_of", "screen"]
