"""What is wrong with the meaning of a `conflicts` problem whose form is right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from madang.core.conflicts.days import EARLIEST, LATEST, spread
from madang.core.conflicts.domains import canonical, domain_of, is_public
from madang.core.conflicts.model import ConflictsProblem, Span
from madang.core.conflicts.naming import organisation_name, person_name, registry_number
from madang.core.conflicts.parents import parent_cycle
from madang.core.reasons import Fault, Malformed

#: More of any of these is refused at once; a call of this size is split, by track for example.
MOST = {"applications": 100_000, "evaluators": 100_000, "organisations": 500_000, "earlier": 500_000}


def require_sound(problem: ConflictsProblem) -> None:
    """Raises `Malformed` with every fault of meaning."""
    if faults := faults_in(problem):
        raise Malformed(faults)


def faults_in(problem: ConflictsProblem) -> list[Fault]:
    """Every fault of meaning with its JSON pointer. Cost: linear in the problem."""
    if too_large := list(_size_faults(problem)):
        return too_large
    if not EARLIEST <= problem.day <= LATEST:
        return [Fault("conflict_day_out_of_reach", "/as_of")]
    known = _Known(problem)
    found = [
        *_repeated(problem),
        *_organisation_faults(problem, known),
        *_application_faults(problem, known),
        *_evaluator_faults(problem, known),
        *_earlier_faults(problem, known),
        *_challenge_faults(problem, known),
        *_public_domain_faults(problem),
    ]
    if not found and (cycle := parent_cycle(problem)):
        found.append(Fault("conflict_parent_cycle", "/organisations", {"organisations": cycle}))
    return found


class _Known:
    """Ids that may be referred to."""

    def __init__(self, problem: ConflictsProblem) -> None:
        self.organisation = {one.id for one in problem.organisations}
        self.application = {one.id for one in problem.applications}
        self.evaluator = {one.id for one in problem.evaluators}
        self.person = {
            person.id
            for application in problem.applications
            for party in application.parties
            for person in party.people
            if person.id is not None
        }

    def faults(self, at: str, one: object, names: Sequence[str]) -> Iterator[Fault]:
        """Of the references `names` exactly one is to be given (`name` is a name and not looked up)."""
        given = [(name, getattr(one, name)) for name in names if getattr(one, name) is not None]
        if len(given) != 1:
            yield Fault("conflict_one_reference", at, {"expected": list(names)})
        for name, value in given:
            if name == "name":
                yield from _name_faults([value], f"{at}/name")
            elif value not in getattr(self, name):
                yield self.unknown(name, value, f"{at}/{name}")

    @staticmethod
    def unknown(name: str, value: str, at: str) -> Fault:
        return Fault(f"conflict_unknown_{name}", at, {"id": value})


def _size_faults(problem: ConflictsProblem) -> Iterator[Fault]:
    for name, most in MOST.items():
        if (given := len(getattr(problem, name))) > most:
            yield Fault("conflicts_too_large", f"/{name}", {"given": given, "most": most})


def _repeated(problem: ConflictsProblem) -> Iterator[Fault]:
    lists = {
        "organisations": [one.id for one in problem.organisations],
        "applications": [one.id for one in problem.applications],
        "evaluators": [one.id for one in problem.evaluators],
        "earlier": [one.id for one in problem.earlier],
        "rules": [one.id for one in problem.rules],
    }
    for name, ids in lists.items():
        seen: set[str] = set()
        for number, id_ in enumerate(ids):
            if id_ in seen:
                yield Fault("conflict_duplicate_id", f"/{name}/{number}/id", {"id": id_})
            seen.add(id_)


def _organisation_faults(problem: ConflictsProblem, known: _Known) -> Iterator[Fault]:
    more = _more_public(problem)
    for number, one in enumerate(problem.organisations):
        at = f"/organisations/{number}"
        yield from _name_faults(one.names, f"{at}/names", listed=True)
        for place, text in enumerate(one.registry_numbers):
            if not registry_number(text):
                yield Fault("conflict_no_number", f"{at}/registry_numbers/{place}", {"given": text})
        for place, text in enumerate(one.domains):
            yield from _read(canonical, text, f"{at}/domains/{place}")
            if _reads(canonical, text) and is_public(canonical(text), more):
                yield Fault("conflict_domain_is_public", f"{at}/domains/{place}", {"domain": text})
        for place, parent in enumerate(one.parents):
            if parent.organisation not in known.organisation:
                yield known.unknown("organisation", parent.organisation, f"{at}/parents/{place}/organisation")
            yield from _span_faults(parent, f"{at}/parents/{place}")
        for place, other in enumerate(one.same_as):
            if other not in known.organisation:
                yield known.unknown("organisation", other, f"{at}/same_as/{place}")


def _application_faults(problem: ConflictsProblem, known: _Known) -> Iterator[Fault]:
    for number, application in enumerate(problem.applications):
        for place, party in enumerate(application.parties):
            at = f"/applications/{number}/parties/{place}"
            yield from known.faults(at, party, ("organisation", "name"))
            for index, person in enumerate(party.people):
                here = f"{at}/people/{index}"
                if person.email is not None:
                    yield from _read(domain_of, person.email, f"{here}/email")
                if person.name is not None and not person_name(person.name):
                    yield Fault("conflict_empty_name", f"{here}/name", {"given": person.name})


def _evaluator_faults(problem: ConflictsProblem, known: _Known) -> Iterator[Fault]:
    for number, evaluator in enumerate(problem.evaluators):
        at = f"/evaluators/{number}"
        for place, name in enumerate(evaluator.names):
            if not person_name(name):
                yield Fault("conflict_empty_name", f"{at}/names/{place}", {"given": name})
        for place, email in enumerate(evaluator.emails):
            yield from _read(domain_of, email, f"{at}/emails/{place}")
        for place, affiliation in enumerate(evaluator.affiliations):
            here = f"{at}/affiliations/{place}"
            yield from known.faults(here, affiliation, ("organisation", "name"))
            yield from _span_faults(affiliation, here)
        for place, declaration in enumerate(evaluator.declared):
            here = f"{at}/declared/{place}"
            yield from known.faults(here, declaration, ("application", "organisation", "name", "person"))
            yield from _span_faults(declaration, here)


def _earlier_faults(problem: ConflictsProblem, known: _Known) -> Iterator[Fault]:
    for number, event in enumerate(problem.earlier):
        for place, party in enumerate(event.parties):
            at = f"/earlier/{number}/parties/{place}"
            yield from known.faults(at, party, ("organisation", "name", "evaluator", "person"))


def _challenge_faults(problem: ConflictsProblem, known: _Known) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for number, one in enumerate(problem.challenges):
        at = f"/challenges/{number}"
        yield from known.faults(at, one, ("application",))
        yield from known.faults(at, one, ("evaluator",))
        if (one.application, one.evaluator) in seen:
            params = {"application": one.application, "evaluator": one.evaluator}
            yield Fault("conflict_challenged_twice", at, params)
        seen.add((one.application, one.evaluator))


def _public_domain_faults(problem: ConflictsProblem) -> Iterator[Fault]:
    for number, text in enumerate(problem.public_domains):
        yield from _read(canonical, text, f"/public_domains/{number}")


def _more_public(problem: ConflictsProblem) -> frozenset[str]:
    return frozenset(canonical(text) for text in problem.public_domains if _reads(canonical, text))


def _name_faults(names: Iterable[str], at: str, *, listed: bool = False) -> Iterator[Fault]:
    for place, name in enumerate(names):
        if not organisation_name(name):
            yield Fault("conflict_empty_name", f"{at}/{place}" if listed else at, {"given": name})


def _span_faults(span: Span, at: str) -> Iterator[Fault]:
    begins, ends = spread(span.from_, span.to)
    if begins[0] > ends[1]:
        yield Fault("conflict_from_after_to", at, {"from": span.from_ or "", "to": span.to or ""})


def _read(reader: Callable[[str], str], text: str, at: str) -> Iterator[Fault]:
    try:
        reader(text)
    except ValueError as error:
        yield Fault(str(error), at, {"given": text})


def _reads(reader: Callable[[str], str], text: str) -> bool:
    return not list(_read(reader, text, ""))
