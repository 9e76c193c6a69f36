"""Sealed records of the shipped definitions over invented cases, for papers to be made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from madang.core.callspec import parse
from madang.core.deciding import Case, decide
from madang.core.record import seal
from madang.core.record.canonical import text_digest
from madang.core.record.read import Record, read
from madang.papers.classifications import for_call
from madang.papers.library import programmes
from madang.papers.samples import sample_case

RANK, VOTE, THRESHOLD, MATCH = (
    "kcity-network-2021", "alliance-membership-2019", "service-certification-2023", "small-cities-2022",
)  # fmt: skip
ALL = (RANK, VOTE, THRESHOLD, MATCH)


def definition_text(name: str) -> str:
    return programmes()[name].read_text("utf-8")


def case_of(text: str, *, applications: int = 24, seed: int = 1) -> Case:
    return sample_case(parse(text), seed=seed, applications=applications)


def sealed(
    text: str,
    case: Case,
    *,
    deviations: Mapping[str, Mapping[str, str]] | None = None,
    sample: bool = True,
    signed: bool = True,
) -> Record:
    definition = parse(text)
    sets = for_call(definition.classifications)
    values = seal.contents(
        meta=seal.Meta(
            call=definition.id,
            definition_sha256=text_digest(text),
            decided_at="2022-01-28 18:00",
            program="madang test",
            sample=sample,
            note={"en": "Invented for a test.", "ko": "시험을 위해 지어낸 자료입니다."},
        ),
        definition_text=text,
        definition=definition,
        classifications=sets,
        case=replace(case, sample=sample),
        computed=decide(definition, case, sets),
        deviations=deviations,
    )
    record = seal.build(values, salt_key=bytes(32))
    if signed:
        record = seal.sign(record, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    return read(seal.write(record).decode())


def sample_record(name: str, *, applications: int = 24, seed: int = 1) -> Record:
    text = definition_text(name)
    return sealed(text, case_of(text, applications=applications, seed=seed))


HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://evil.example","x")',
    "@SUM(1+1)",
    "+1+1",
    "-2+3",
    "</style><b>&amp;</title>",
    "\u202egnp.exe\u202c & co",
    "a\x0bb\x00c",
    "{score.__class__} %s {0}",
)


def hostile_case(text: str) -> Case:
    """Applicants whose names are attacks, with comments and notes to match."""
    case = case_of(text)
    named = tuple(
        replace(application, applicant=HOSTILE[number % len(HOSTILE)] + f" {number}")
        for number, application in enumerate(case.applications)
    )
    sheets = tuple(
        replace(sheet, comment=HOSTILE[number % len(HOSTILE)], notes={"confidence": HOSTILE[2]})
        for number, sheet in enumerate(case.sheets)
    )
    return replace(case, applications=named, sheets=sheets)
