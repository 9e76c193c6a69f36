"""Why a pair has its affinity: the words, works, fields and languages that carried it; what is said of the whole table.

Read off numbers that solver and verifier each find for themselves; sentences are in `madang.words`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from madang.core.affinity.model import AffinityProblem, Application, Evaluator, declared, language
from madang.core.matrix import SCALE
from madang.core.reasons import Param, Reason

#: How many words an explanation names, and how many ids a reason.
WORDS = 10
NAMED = 50

#: What carries something (a work's place or a word), and how much in thousand-millionths.
Carried = tuple[Any, int]


@dataclass(frozen=True, slots=True)
class PartTaken:
    """`value` in millionths as it was counted, the row's mean where not `known`; None where the row leaves it out."""

    known: bool
    value: int | None


@dataclass(frozen=True, slots=True)
class Taken:
    """One pair taken apart; `parts` has those that have a weight."""

    affinity: int
    parts: Mapping[str, PartTaken]
    works: Sequence[Carried]
    words: Sequence[Carried]


@dataclass(frozen=True, slots=True)
class Facts:
    """Ids: who has no text to read (where texts count), and applications whose languages nobody reads."""

    silent_applications: frozenset[str]
    silent_evaluators: frozenset[str]
    unread: Sequence[str]


def why(problem: AffinityProblem, application: Application, evaluator: Evaluator, taken: Taken) -> dict[str, Any]:
    """One entry of `why`, ready for JSON."""
    values = {name: part.value if part.known else None for name, part in taken.parts.items()}
    reasons = [
        *_of_text(evaluator, taken),
        *_of_fields(application, evaluator, taken),
        *_of_languages(problem, application, evaluator, taken),
    ]
    if not any(part.known for name, part in taken.parts.items() if name != "languages"):
        reasons.append(Reason("affinity_nothing_known"))
    return {
        "application": application.id,
        "evaluator": evaluator.id,
        "affinity": millionths(taken.affinity),
        **{name: _text_or_null(values.get(name)) for name in ("text", "fields", "languages")},
        "works": [{"work": place, "likeness": rounded(value)} for place, value in taken.works],
        "words": [{"word": word, "likeness": rounded(value)} for word, value in taken.words[:WORDS]],
        "reasons": [reason.as_json() for reason in reasons],
    }


def _of_text(evaluator: Evaluator, taken: Taken) -> Iterator[Reason]:
    part = taken.parts.get("text")
    if part is None:
        return
    if part.value is None:
        yield Reason("affinity_text_left_out")
    elif not part.known:
        yield Reason("affinity_text_mean_counted", {"mean": millionths(part.value)})
    elif not taken.words:
        yield Reason("affinity_no_words_shared")
    else:
        place, likeness = taken.works[0]
        title = " ".join(evaluator.works[place].title.split())[:120]
        yield Reason("affinity_words_shared", {"words": [word for word, _ in taken.words[:WORDS]]})
        params: dict[str, Param] = {"work": title or f"#{place + 1}", "likeness": rounded(likeness)}
        yield Reason("affinity_closest_work", params)


def _of_fields(application: Application, evaluator: Evaluator, taken: Taken) -> Iterator[Reason]:
    part = taken.parts.get("fields")
    if part is None:
        return
    offered = {declared(name) for name in evaluator.fields}
    shared = [name for name in application.fields if declared(name) in offered]
    if part.value is None:
        yield Reason("affinity_fields_left_out")
    elif not part.known:
        yield Reason("affinity_fields_mean_counted", {"mean": millionths(part.value)})
    elif shared:
        yield Reason("affinity_fields_shared", {"fields": shared})
    else:
        yield Reason("affinity_no_fields_shared", {"fields": list(application.fields)})


def _of_languages(
    problem: AffinityProblem, application: Application, evaluator: Evaluator, taken: Taken
) -> Iterator[Reason]:
    read = {language(tag) for tag in evaluator.languages}
    shared = [tag for tag in application.languages if language(tag) in read]
    part = taken.parts.get("languages")
    if problem.languages == "ignore" or (problem.languages == "require" and not application.languages):
        return
    if shared:
        yield Reason("affinity_language_read", {"languages": shared})
    elif part is None and not read:
        yield Reason("affinity_languages_not_declared", {"languages": list(application.languages)})
    elif part is None:
        yield Reason("affinity_language_not_read", {"languages": list(application.languages)})
    elif part.value is None:
        yield Reason("affinity_languages_left_out")
    elif not part.known:
        yield Reason("affinity_languages_mean_counted", {"mean": millionths(part.value)})
    else:
        yield Reason("affinity_no_language_shared", {"languages": list(application.languages)})


def about_all(problem: AffinityProblem, facts: Facts) -> list[Reason]:
    """What the table rests on, and what was lacking."""
    weights = problem.weights
    size: dict[str, Param] = {"applications": len(problem.applications), "evaluators": len(problem.evaluators)}
    reasons = [Reason("affinity_computed", {**size, **weights.model_dump()})]
    silent = [one.id for one in problem.applications if one.id in facts.silent_applications]
    if silent:
        reasons.append(Reason("affinity_applications_without_text", _named("applications", silent)))
    silent = [one.id for one in problem.evaluators if one.id in facts.silent_evaluators]
    if silent:
        reasons.append(Reason("affinity_evaluators_without_works", _named("evaluators", silent)))
    unknown = [
        one.id
        for one in problem.evaluators
        if (one.id in facts.silent_evaluators or not weights.text) and not (one.fields and weights.fields)
    ]
    if unknown:
        reasons.append(Reason("affinity_evaluators_unknown", _named("evaluators", unknown)))
    if problem.languages != "ignore" and any(one.languages for one in problem.applications):
        mute = [one.id for one in problem.evaluators if not one.languages]
        if mute:
            reasons.append(Reason("affinity_evaluators_without_languages", _named("evaluators", mute)))
    if facts.unread:
        reasons.append(Reason("affinity_nobody_reads", _named("applications", facts.unread)))
    return reasons


def _named(what: str, ids: Sequence[str]) -> dict[str, Param]:
    return {"count": len(ids), what: list(ids[:NAMED])}


def millionths(value: int) -> str:
    """A whole number of millionths as decimal text: `644205` -> `0.644205`."""
    return f"{value // SCALE}.{value % SCALE:06d}"


def rounded(value: int) -> str:
    """Thousand-millionths as millionths, half up, as decimal text."""
    return millionths((value + 500) // 1000)


def _text_or_null(value: int | None) -> str | None:
    return None if value is None else millionths(value)
