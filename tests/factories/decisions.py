"""Sealed records of small cases, made by the real core."""

from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from madang.core import callspec
from madang.core.deciding import Case, decide
from madang.core.deciding.case import Sheet
from madang.core.record import seal
from madang.core.record.canonical import text_digest
from madang.papers import classifications
from tests.factories.applications import case
from tests.factories.calls import definition_text


def judged(*numbers: int, score: int = 60) -> Case:
    """Applications with three sheets each; the later ones are better, so that nothing is tied."""
    sheets = tuple(
        Sheet("written", f"A{n}", f"E{e}", {"need": str(score + n), "quality": str(score + n + e)})
        for n in numbers
        for e in range(3)
    )
    return replace(case(*numbers), sheets=sheets)


def record_text(
    *,
    text: str | None = None,
    of: Case | None = None,
    salt: bytes = b"s" * 32,
    signed: bool = True,
    sample: bool = True,
) -> str:
    """The auditor's edition, as `madang decide` would write it."""
    text = text or definition_text()
    definition, of = callspec.parse(text), replace(of or judged(1, 2, 3, 4), sample=sample)
    sets = classifications.for_call(definition.classifications)
    meta = seal.Meta(
        call=definition.id,
        definition_sha256=text_digest(text),
        decided_at="2022-02-20 18:00",
        program="madang tests",
        sample=sample,
    )
    values = seal.contents(
        meta=meta,
        definition_text=text,
        definition=definition,
        classifications=sets,
        case=of,
        computed=decide(definition, of, sets),
    )
    record = seal.build(values, salt_key=salt)
    if signed:
        record = seal.sign(record, Ed25519PrivateKey.from_private_bytes(b"k" * 32))
    return seal.write(record).decode()
