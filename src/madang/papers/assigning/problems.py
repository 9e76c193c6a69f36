"""A folder as problems of the decision core: `conflicts`, `affinity`, `assignment`, as JSON that anybody may run again.

Names of people and addresses are in none of them: an evaluator is an id, a mail domain is `@domain`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from madang.core.callspec.asked import TextField
from madang.core.callspec.model import Definition
from madang.core.callspec.scored import Assign, Judged
from madang.core.deciding.case import Application, Case
from madang.papers.assigning.roster import Affiliation, Person, Roster

DECLARED = "declared"
Problem = dict[str, Any]


def as_of(definition: Definition) -> str:
    """The day as of which conflicts are found: when applications close, else open, else were announced; or nothing."""
    schedule = definition.schedule
    cut_offs = definition.intake.cut_offs
    days = (
        schedule.closes.at if schedule.closes else "",
        cut_offs[-1].at if cut_offs else "",
        schedule.opens or "",
        schedule.announced or "",
    )
    return next((day[:10] for day in days if day), "")


# -- conflicts ----------------------------------------------------------------------------------------------------


def conflicts_problem(
    definition: Definition, asked: Assign, applications: Sequence[Application], case: Case, people: Sequence[Person],
    roster: Roster, on: str,
) -> Problem:  # fmt: skip
    """Applicants and members of consortia against the evaluators' ties, by the announced rules, as of the day `on`.

    An organisation is the same where the house says so: by its identity, else by its name, case, width and spacing
    aside. What only looks alike beyond that is for a person to check.
    """
    directory = _Directory(applications)
    mails = [field.id for field in definition.fields() if isinstance(field, TextField) and field.type == "email"]
    ties: dict[str, list[Affiliation]] = {}
    for tie in roster.affiliations:
        ties.setdefault(tie.evaluator, []).append(tie)
    known = {application.id for application in applications}
    declared: dict[str, list[str]] = {}
    for one in case.conflicts:  # those found earlier are found again, or stay barred as the folder has them
        if one.application in known and one.rule in ("", DECLARED):
            declared.setdefault(one.evaluator, []).append(one.application)
    return {
        "kind": "conflicts",
        "version": 1,
        "as_of": on,
        "organisations": directory.organisations(),
        "applications": [
            {"id": application.id, "parties": list(_parties(application, directory, mails))}
            for application in applications
        ],
        "evaluators": [
            {
                "id": person.evaluator,
                "emails": [f"@{person.email_domain}"] if person.email_domain else [],
                "affiliations": [_tie(tie, directory) for tie in ties.get(person.evaluator, ())],
                "declared": [
                    {"application": name, "relation": DECLARED} for name in declared.get(person.evaluator, ())
                ],
            }
            for person in people
        ],
        "rules": list(rules_of(asked)),
        "treat_suspected": "ask",
        "required": asked.each,
    }


def rules_of(asked: Assign) -> Iterator[dict[str, Any]]:
    """The rules that the call announced, under the names that the folder's `conflicts` table uses."""
    given = asked.conflicts
    if given.same_organisation:
        yield {"id": "same_organisation", "type": "same_organisation"}
    for name in ("employment", "service", "shareholding"):
        if (years := getattr(given, f"{name}_years")) is not None:
            yield {"id": name, "type": name, "years": years}
    if given.co_application:
        yield {"id": "co_application", "type": "co_application", "years": 0}
    if given.email_domain:
        yield {"id": "email_domain", "type": "email_domain"}
    yield {"id": DECLARED, "type": "declared"}


def _same(name: str) -> str:
    """As `core.deciding` compares applicants: letter case, width and spacing make nobody somebody else."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


class _Directory:
    """The applicants as organisations: by identity, and by name where one name means one of them."""

    def __init__(self, applications: Iterable[Application]) -> None:
        self._id: dict[str, str] = {}  # identity as compared -> as first written
        self._names: dict[str, dict[str, None]] = {}
        self._meant: dict[str, set[str]] = {}
        for application in applications:
            identity = application.organisation or application.applicant
            name = self._id.setdefault(_same(identity), identity)
            self._names.setdefault(name, {})[application.applicant] = None
            for word in (identity, application.applicant):
                self._meant.setdefault(_same(word), set()).add(name)

    def organisations(self) -> list[dict[str, Any]]:
        return [{"id": identity, "names": list(names)} for identity, names in self._names.items()]

    def reference(self, word: str) -> dict[str, str]:
        """By id where the word surely means one applicant, else by name."""
        meant = self._meant.get(_same(word), set())
        return {"organisation": next(iter(meant))} if len(meant) == 1 else {"name": word}


def _parties(application: Application, directory: _Directory, mails: Sequence[str]) -> Iterator[dict[str, Any]]:
    domains = [str(application.answers[name]).rpartition("@")[2] for name in mails if application.answers.get(name)]
    people = [{"name": f"contact-{n}", "email": f"@{domain}"} for n, domain in enumerate(dict.fromkeys(domains), 1)]
    identity = directory.reference(application.organisation or application.applicant)
    yield {**identity, "role": "applicant", **({"people": people} if people else {})}
    for member in application.members:
        yield {**directory.reference(member["name"]), "role": member.get("role") or "member"}


def _tie(tie: Affiliation, directory: _Directory) -> dict[str, Any]:
    days = {name: day for name, day in (("from", tie.since), ("to", tie.until)) if day}
    return {**directory.reference(tie.organisation), "kind": tie.kind, **days}


# -- affinity -----------------------------------------------------------------------------------------------------


def affinity_problem(
    definition: Definition, asked: Assign, applications: Sequence[Application], people: Sequence[Person],
    roster: Roster, explain: Sequence[Sequence[str]] = (),
) -> Problem:  # fmt: skip
    """What applications say against what evaluators wrote, fields against fields, languages against languages."""
    texts = asked.texts or tuple(
        field.id
        for field in definition.fields()
        if isinstance(field, TextField) and field.type in ("text", "long_text")
    )
    works: dict[str, list[dict[str, str]]] = {}
    for work in roster.works:
        works.setdefault(work.evaluator, []).append({"title": work.title, "text": work.text})
    return {
        "kind": "affinity",
        "version": 1,
        "applications": [
            {
                "id": application.id,
                "text": "\n".join(str(application.answers[name]) for name in texts if application.answers.get(name)),
                "fields": _chosen(application, asked.fields),
                "languages": _chosen(application, asked.languages),
            }
            for application in applications
        ],
        "evaluators": [
            {
                "id": person.evaluator,
                "works": works.get(person.evaluator, []),
                "fields": list(person.fields) if asked.fields else [],
                "languages": list(person.languages) if asked.languages else [],
            }
            for person in people
        ],
        "explain": [list(pair) for pair in explain],
    }


def _chosen(application: Application, field: str | None) -> list[str]:
    answer = application.answers.get(field) if field else None
    return [str(one) for one in answer] if isinstance(answer, list) else [str(answer)] if answer else []


# -- assignment ---------------------------------------------------------------------------------------------------


def assignment_problem(
    stage: Judged, applications: Sequence[Application], people: Sequence[Person], affinity: Any,
    conflicts: Sequence[Sequence[str]], *, objective: str, keep: Sequence[Sequence[str]] = (),
    explain: Sequence[Sequence[str]] = (), time_limit_s: int = 60,
) -> Problem:  # fmt: skip
    """The announced numbers with the affinities and conflicts that were found."""
    asked = stage.assign
    assert asked is not None
    load: dict[str, int] = {"min_load": asked.load.min}
    if asked.load.max is not None:
        load["max_load"] = asked.load.max
    needs: Mapping[str, Any] = {"required": asked.each, **({"at_least": asked.at_least} if asked.at_least else {})}
    return {
        "kind": "assignment",
        "version": 1,
        "applications": [{"id": application.id, **needs} for application in applications],
        "evaluators": [{"id": person.evaluator, **load, "tags": list(person.tags)} for person in people],
        "affinity": affinity,
        "conflicts": [list(pair) for pair in conflicts],
        "keep": [list(pair) for pair in keep],
        "explain": [list(pair) for pair in explain],
        "objective": objective,
        "time_limit_s": time_limit_s,
    }
