"""What a result guarantees, how anybody checks it, and how it is made again."""

from __future__ import annotations

from collections.abc import Iterator

from madang.core.reasons import Reason
from madang.papers.core_samples.files import Sample
from madang.papers.core_samples.model import Proof
from madang.papers.core_samples.telling import Teller, short
from madang.words import say


def proof_of(t: Teller) -> Proof:
    """The proof of the kind's last sample (the one that is hardest to believe), in words and commands."""
    shown = t.samples[-1]
    files = {"kind": t.kind, "problem": f"{shown.name}.json", "result": f"{shown.name}.result.json"}
    return Proof(
        facts=tuple(_facts(t)),
        check="madang solve {kind} {problem} --check {result}".format(**files),
        repeat="madang solve {kind} {problem} --out again.json".format(**files),
        schema=f"madang schema {t.kind}",
    )


def _facts(t: Teller) -> Iterator[tuple[str, str, str]]:
    for sample in t.samples:
        status = sample.result["status"]
        name = t.own_or(f"sample.{sample.name}") or t.word("fact.status")
        yield name, t.status(status), _bound(t, sample) or t.word(f"means.{status}")
        by_search = [part for part, by in _closed_by(sample).items() if by == "search"]
        if by_search:
            told = say(Reason("proven_by_search_only", {"parts": by_search}), t.language)
            yield t.word("fact.left"), t.word("fact.left_to_engine"), told
    engines = dict.fromkeys(engine for sample in t.samples for engine in sample.result["engine"].split(", "))
    yield t.word("fact.engine"), ", ".join(engines), t.word("fact.engine_note")
    yield t.word("fact.checked"), t.word("fact.checked_by"), t.own("checks")


def _closed_by(sample: Sample) -> dict[str, str | None]:
    """What closed each part of a fair plan's proof: prices that are added up, or a search."""
    fair = (sample.result.get("certificate") or {}).get("fair") or {}
    return {part: fair.get(f"{part}_by") for part in ("worst", "total")}


def _bound(t: Teller, sample: Sample) -> str:
    """How good any other answer could be at most; empty where nothing is optimised."""
    result = sample.result
    bound = result.get("bound")
    if result["kind"] == "assignment":
        worst = short(result["bound"]["worst"] or result["worst"])
        return t.own(f"bound.{result['objective']}", total=short(result["bound"]["total"]), worst=worst)
    if bound is None:
        return ""
    return t.own("bound_kept" if sample.problem.get("keep") else "bound", bound=bound)
