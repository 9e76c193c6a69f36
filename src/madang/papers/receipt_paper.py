"""The receipt of a filing on one page, with what makes the paper checkable: the number, its address as a QR code, and
the signed receipt itself, letter for letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from madang.core.record.keylist import in_fours
from madang.papers import pictures
from madang.papers.blocks import Block, Facts, Heading, Paper, Paragraph, Row, Words
from madang.words.labels import label

MOST_FILES: Final = 4
"""Files that the page names; all of them stand in the form, whose hash the receipt states."""
QR_MM: Final = 34
LONGEST_NAME: Final = 60
"""Characters of a file's name on the page; the end, which says what it is, stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFacts:
    """What the page says, in words of its reader's language. Moments are wall time in the call's `zone`."""

    number: str
    call: str
    call_id: str
    applicant: str
    track: str
    revision: int
    arrived: str
    until: str
    zone: str
    late_admission: str
    supplement: str
    by: str
    files: Sequence[tuple[str, str]]  # name, size
    form_sha256: str
    receipt: str  # its JSON
    address: str  # where it can be checked
    made: str  # ISO 8601
    sample: bool


def receipt_paper(facts: ReceiptFacts, language: str) -> Paper:
    """One page, unless the names are very long."""
    teller = _Teller(facts, language)
    return Paper(
        title=teller.said("title", number=facts.number),
        subtitle=facts.call,
        language=language,
        sample_note=label("application", "paper.sample", language) if facts.sample else "",
        parts=tuple(teller.parts()),
        kicker=teller.said("kicker"),
        footer=teller.said("footer", call=facts.call_id, number=facts.number),
        made=facts.made,
        sample_word=label("application", "paper.sample", language),
    )


class _Teller:
    def __init__(self, facts: ReceiptFacts, language: str) -> None:
        self.facts, self.language = facts, language

    def said(self, key: str, **params: str | int) -> str:
        return label("application", f"receipt.{key}", self.language, **params)

    def parts(self) -> list[Block]:
        facts = self.facts
        alt = self.said("qr", address=facts.address)
        return [
            Facts(
                tuple(Row(name, tuple(Words(one) for one in values)) for name, values in self._rows() if any(values))
            ),
            Heading(1, self.said("check")),
            Paragraph(f"{self.said('check_here')} {facts.address}"),
            replace(pictures.qr(facts.address, alt=alt, caption=self.said("qr_caption")), width=QR_MM),
            Paragraph(self.said("check_text")),
            Paragraph(facts.receipt, "code"),
        ]

    def _rows(self) -> list[tuple[str, list[str]]]:
        facts = self.facts
        until = self.said("at", text=facts.until, zone=facts.zone) if facts.until else ""
        return [
            (self.said("applicant"), [facts.applicant]),
            (label("application", "place.track", self.language), [facts.track]),
            (self.said("arrived"), [self.said("at", text=facts.arrived, zone=facts.zone)]),
            (self.said("until"), [until]),
            (self.said("late"), [facts.late_admission]),
            (self.said("supplement"), [facts.supplement]),
            (self.said("revision"), [self.said("nth", n=facts.revision)]),
            (self.said("by"), [facts.by]),
            (self.said("files"), self._files()),
            (self.said("sha256"), [in_fours(facts.form_sha256)]),
        ]

    def _files(self) -> list[str]:
        named = [f"{_short(name)} ({size})" for name, size in self.facts.files[:MOST_FILES]]
        if len(self.facts.files) > MOST_FILES:
            named.append(self.said("more_files", n=len(self.facts.files) - MOST_FILES))
        return named or [self.said("no_files")]


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 10]} … {name[-7:]}"
