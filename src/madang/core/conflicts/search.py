"""Every conflict that the rules name, by hash joins: what the data do not relate is never looked at.

Each rule goes from evaluators to organisations (`directory`, `parents`) and from there to the applications in which
these stand. Cost: the size of the problem, and the facts found.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from madang.core.conflicts import explain
from madang.core.conflicts.classes import Classes
from madang.core.conflicts.days import NO, PERHAPS, SURELY, held_within, since
from madang.core.conflicts.directory import Directory, Match, Ref, ref_of
from madang.core.conflicts.domains import address, canonical, domain_of, is_public, registrable, upwards
from madang.core.conflicts.explain import Fact
from madang.core.conflicts.limits import MOST_WAYS, Steps
from madang.core.conflicts.model import ConflictsProblem, Declaration, Participation, Person
from madang.core.conflicts.naming import person_name
from madang.core.conflicts.parents import Groups, links_within
from madang.core.conflicts.rules import (
    POSTS,
    Challenged,
    Declared,
    EmailDomain,
    Employment,
    Participant,
    Rule,
    SameOrganisation,
    SameParent,
    Service,
    Shareholding,
    TieRule,
    Together,
)

SUSPECTED, DECLARED, FOUND = 1, 2, 3
STRENGTHS = {SUSPECTED: "suspected", DECLARED: "declared", FOUND: "found"}

Facts = tuple[Fact, ...]
Side = list[tuple[str, bool, Facts]]
"""Evaluators, or applications, that something leads to: surely or perhaps, and the facts that lead there."""


@dataclass(slots=True)
class Entry:
    """What one rule has against one pair."""

    strength: int = 0
    facts: set[Fact] = field(default_factory=set)


class Search:
    """Runs the active rules; `entries` holds (application, evaluator, number of the rule) -> what was found."""

    def __init__(self, problem: ConflictsProblem) -> None:
        self.problem = problem
        self.entries: dict[tuple[str, str, int], Entry] = defaultdict(Entry)
        self._steps, self._ways = Steps(), Steps(MOST_WAYS)
        self._classes = Classes(problem)
        self._directory = Directory(self._classes, _refs(problem), self._steps)
        parties = _parties(problem)
        self._parties, self._people, self._with_person = parties.uses, parties.people, parties.with_person
        self._public = frozenset(map(canonical, problem.public_domains))
        self._posts = self._posts_on_the_day()
        self._evaluator_sides: dict[Ref, Side] = {}
        self._application_sides: dict[Ref, Side] = {}

    def run(self) -> None:
        """All rules that are active, in their order. Raises `Malformed` where they find more than is of use."""
        for number, rule in enumerate(self.problem.rules):
            if rule.active:
                for application, evaluator, strength, facts in self._found_by(rule):
                    self._ways.take(1)
                    entry = self.entries[application, evaluator, number]
                    entry.strength = max(entry.strength, strength)
                    entry.facts.update(facts)

    def _found_by(self, rule: Rule) -> Iterator[tuple[str, str, int, Facts]]:
        match rule:
            case SameOrganisation() | Employment() | Service() | Shareholding():
                yield from self._ties(rule)
            case SameParent():
                yield from self._same_parent(rule)
            case Together():
                yield from self._together(rule)
            case EmailDomain():
                yield from self._registered_domains()
                yield from self._shared_domains()
            case Participant():
                yield from self._participants()
            case Declared():
                yield from self._declared(rule)
            case Challenged():
                yield from self._challenged()

    # --- ties of evaluators to organisations ---

    def _ties(self, rule: TieRule) -> Iterator[tuple[str, str, int, Facts]]:
        first = since(self.problem.day, rule.years)
        group = self._in_group(first) if rule.group else None
        yield from self._reaching(
            (evaluator, sure, facts, match)
            for evaluator, ref, sure, facts in self._tied(rule.kinds, first)
            for match in (*self._alike_parties(ref), *(group(ref) if group else ()))
        )

    def _same_parent(self, rule: SameParent) -> Iterator[tuple[str, str, int, Facts]]:
        group = self._in_group(since(self.problem.day, rule.years))
        yield from self._reaching(
            (evaluator, sure, facts, match)
            for evaluator, ref, sure, facts in self._tied(rule.kinds, self.problem.day)
            for match in group(ref)
        )

    def _tied(self, kinds: Iterable[str], first: dt.date) -> Iterator[tuple[str, Ref, bool, Facts]]:
        """Ties of these kinds that held from `first` to the day of the problem: whose, to whom, surely?"""
        for evaluator in self.problem.evaluators:
            for one in evaluator.affiliations:
                ref = ref_of(one)
                held = held_within(one.from_, one.to, first, self.problem.day) if one.kind in kinds else NO
                if held == NO or ref is None:
                    continue
                facts: Facts = (explain.tie(one.kind, ref.label, one.period),)
                if held == PERHAPS:
                    facts += (explain.day_open(one.period, first.isoformat()),)
                yield evaluator.id, ref, held == SURELY, facts

    def _reaching(self, ways: Iterable[tuple[str, bool, Facts, Match]]) -> Iterator[tuple[str, str, int, Facts]]:
        """From evaluators and parties to applications; too many are refused before any is made."""
        ways = list(ways)
        Steps(MOST_WAYS).take(sum(len(self._parties[match.ref]) for *_, match in ways))
        for evaluator, sure, facts, match in ways:
            strength = FOUND if sure and match.sure else SUSPECTED
            for application, role in self._parties[match.ref]:
                yield application, evaluator, strength, (*facts, *match.facts, explain.party(match.ref.label, role))

    def _alike_parties(self, ref: Ref) -> Iterator[Match]:
        return (match for match in self._directory.alike(ref) if match.ref in self._parties)

    def _in_group(self, first: dt.date) -> Callable[[Ref], list[Match]]:
        """From a reference to the parties of its group by the links since `first`; each asked for once."""
        problem, directory = self.problem, self._directory
        surely, perhaps = (
            links_within(problem, self._classes, first, problem.day, least) for least in (SURELY, PERHAPS)
        )
        targets = {name for ref in self._parties for name, _, _ in directory.meaning(ref)}
        groups = [(Groups(surely, self._classes.umbrellas, targets, self._steps), True)]
        if perhaps != surely:
            groups.append((Groups(perhaps, self._classes.umbrellas, targets, self._steps), False))
        known: dict[Ref, list[Match]] = {}
        made = Steps(MOST_WAYS)

        def group(ref: Ref) -> list[Match]:
            if ref not in known:
                known[ref] = [*self._group_of(ref, groups, made)]
            return known[ref]

        return group

    def _group_of(self, ref: Ref, groups: list[tuple[Groups, bool]], made: Steps) -> Iterator[Match]:
        for name, sure, why in self._directory.meaning(ref):
            seen: set[str] = set()
            for some, dated in groups:
                for target, (_, above) in some.related(name).items():
                    if target in seen:
                        continue
                    seen.add(target)
                    for other, sure_too, why_too in self._parties_meaning(target):
                        made.take(1)
                        one, two = ref.label if sure else name, other.label if sure_too else target
                        facts = (*why, *why_too, explain.same_group(one, two, above))
                        facts += () if dated else (explain.link_open(one, two),)
                        yield Match(other, sure and sure_too and dated, facts)

    def _parties_meaning(self, name: str) -> Iterator[tuple[Ref, bool, Facts]]:
        for ref in self._directory.surely(name):
            if ref in self._parties:
                yield ref, True, ()
        for ref in self._directory.perhaps(name):
            if ref in self._parties:
                yield ref, False, (explain.name_alike(ref.label, name),)

    # --- together in something earlier, or in another application of this call ---

    def _together(self, rule: Together) -> Iterator[tuple[str, str, int, Facts]]:
        first = since(self.problem.day, rule.years)
        for event in self.problem.earlier:
            held = held_within(event.on, event.on, first, self.problem.day) if event.kind == rule.kind else NO
            if held == NO:
                continue
            late: Facts = () if held == SURELY else (explain.day_open(event.on, first.isoformat()),)

            def fact(one: str, other: str, event_id: str = event.id, on: str = event.on, late: Facts = late) -> Facts:
                return (explain.together(rule.kind, event_id, on, one, other), *late)

            yield from self._side_by_side(event.parties, rule, held == SURELY, fact, "")
        if rule.kind == "application":
            for application in self.problem.applications:
                own = application.id

                def now(one: str, other: str, own: str = own) -> Facts:
                    return (explain.applies_together(own, one, other),)

                parties = [Participation(organisation=one.organisation, name=one.name) for one in application.parties]
                yield from self._side_by_side(parties, rule, True, now, own)

    def _side_by_side(
        self,
        parties: Iterable[Participation],
        rule: Together,
        sure: bool,
        fact: Callable[[str, str], Facts],
        but: str,
    ) -> Iterator[tuple[str, str, int, Facts]]:
        """Every evaluator whom one party leads to, with every application that another leads to, `but` left out."""
        parties = tuple(parties)
        ours = [(n, _label(one), self._evaluators_of(one, rule)) for n, one in enumerate(parties)]
        theirs = [(n, _label(one), self._applications_of(one)) for n, one in enumerate(parties)]
        for n, label, evaluators in ours:
            if not evaluators:
                continue
            for m, other, applications in theirs:
                if n == m or not applications:
                    continue
                self._steps.take(len(applications))
                how = fact(label, other)
                for application, sure_of_it, leading in applications:
                    if application == but:
                        continue
                    for evaluator, sure_of_them, facts in evaluators:
                        strength = FOUND if sure and sure_of_it and sure_of_them else SUSPECTED
                        yield application, evaluator, strength, (*how, *facts, *leading)

    def _evaluators_of(self, one: Participation, rule: Together) -> Side:
        if one.evaluator is not None:
            return [(one.evaluator, True, ())]
        ref = ref_of(one)
        if ref is None or not rule.through_employer:
            return []
        if ref not in self._evaluator_sides:
            self._evaluator_sides[ref] = [
                (evaluator, sure and match.sure, (*facts, *match.facts))
                for match in self._directory.alike(ref)
                for evaluator, sure, facts in self._posts.get(match.ref, ())
            ]
        return self._evaluator_sides[ref]

    def _applications_of(self, one: Participation) -> Side:
        if one.person is not None:
            return [(application, True, ()) for application in self._with_person.get(one.person, ())]
        ref = ref_of(one)
        if ref is None:
            return []
        if ref not in self._application_sides:
            self._application_sides[ref] = [
                (application, match.sure, (*match.facts, explain.party(match.ref.label, role)))
                for match in self._alike_parties(ref)
                for application, role in self._parties[match.ref]
            ]
        return self._application_sides[ref]

    def _posts_on_the_day(self) -> dict[Ref, Side]:
        posts: dict[Ref, Side] = defaultdict(list)
        for evaluator, ref, sure, facts in self._tied(POSTS, self.problem.day):
            posts[ref].append((evaluator, sure, facts))
        return posts

    # --- mail, people, declarations, challenges ---

    def _registered_domains(self) -> Iterator[tuple[str, str, int, Facts]]:
        holders: dict[str, list[str]] = defaultdict(list)
        for one in self.problem.organisations:
            for domain in one.domains:
                holders[canonical(domain)].append(one.id)
        yield from self._reaching(
            (evaluator, True, (explain.email_registered(part, holder),), match)
            for evaluator, domain in self._mail_domains()
            for part in upwards(domain)
            for holder in holders.get(part, ())
            for match in self._alike_parties(Ref(holder, True))
        )

    def _shared_domains(self) -> Iterator[tuple[str, str, int, Facts]]:
        people: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for application, party, one in self._people:
            if one.email is not None and (domain := self._employer_domain(domain_of(one.email))):
                people[domain].append((application, one.label, party))
        written = [(evaluator, registrable(given) or "") for evaluator, given in self._mail_domains()]
        Steps(MOST_WAYS).take(sum(len(people.get(domain, ())) for _, domain in written))
        for evaluator, domain in written:
            for application, label, party in people.get(domain, ()):
                yield application, evaluator, SUSPECTED, (explain.email_shared(domain, label, party),)

    def _mail_domains(self) -> Iterator[tuple[str, str]]:
        """Domains that evaluators write from, public ones left out."""
        for evaluator in self.problem.evaluators:
            for domain in dict.fromkeys(map(domain_of, evaluator.emails)):
                if self._employer_domain(domain):
                    yield evaluator.id, domain

    def _employer_domain(self, domain: str) -> str | None:
        return None if is_public(domain, self._public) else registrable(domain)

    def _participants(self) -> Iterator[tuple[str, str, int, Facts]]:
        mails: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        names: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for application, party, one in self._people:
            if one.email is not None and (whole := address(one.email)):
                mails[whole].append((application, one.label, party))
            if one.name is not None:
                names[person_name(one.name)].append((application, one.label, party))
        Steps(MOST_WAYS).take(
            sum(len(names.get(person_name(name), ())) for one in self.problem.evaluators for name in one.names)
        )
        for evaluator in self.problem.evaluators:
            for email in evaluator.emails:
                for application, label, party in mails.get(address(email) or "", ()):
                    yield application, evaluator.id, FOUND, (explain.person_email(label, party),)
            for name in evaluator.names:
                for application, label, party in names.get(person_name(name), ()):
                    yield application, evaluator.id, SUSPECTED, (explain.person_alike(label, party),)

    def _declared(self, rule: Declared) -> Iterator[tuple[str, str, int, Facts]]:
        first = None if rule.years is None else since(self.problem.day, rule.years)
        for evaluator in self.problem.evaluators:
            for one in evaluator.declared:
                held = SURELY if first is None else held_within(one.from_, one.to, first, self.problem.day)
                if held == NO or not rule.counts(one.relation):
                    continue
                for application, sure, label, facts in self._declared_of(one):
                    facts = (explain.declared(one.relation, label, one.period), *facts)
                    if held == PERHAPS and first is not None:
                        facts += (explain.day_open(one.period, first.isoformat()),)
                    yield application, evaluator.id, DECLARED if sure and held == SURELY else SUSPECTED, facts

    def _declared_of(self, one: Declaration) -> Iterator[tuple[str, bool, str, Facts]]:
        """The applications that a declaration concerns."""
        if one.application is not None:
            yield one.application, True, one.application, ()
        for application in self._with_person.get(one.person, ()) if one.person is not None else ():
            yield application, True, one.person or "", ()
        ref = ref_of(one)
        if ref is not None:
            for match in self._alike_parties(ref):
                for application, role in self._parties[match.ref]:
                    facts = (*match.facts, explain.party(match.ref.label, role))
                    yield application, match.sure, ref.label, facts

    def _challenged(self) -> Iterator[tuple[str, str, int, Facts]]:
        for one in self.problem.challenges:
            if one.state != "rejected":
                strength = DECLARED if one.state == "accepted" else SUSPECTED
                yield one.application, one.evaluator, strength, (explain.challenged(one.state),)


@dataclass(slots=True)
class _Parties:
    """Where organisations and people stand in the applications."""

    uses: dict[Ref, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))  # (application, role)
    people: list[tuple[str, str, Person]] = field(default_factory=list)  # application, organisation as written, who
    with_person: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # id -> applications


def _parties(problem: ConflictsProblem) -> _Parties:
    found = _Parties()
    for application in problem.applications:
        for party in application.parties:
            ref = ref_of(party)
            if ref is None:
                continue
            found.uses[ref].append((application.id, party.role))
            for person in party.people:
                found.people.append((application.id, ref.label, person))
                if person.id is not None:
                    found.with_person[person.id].append(application.id)
    return found


def _refs(problem: ConflictsProblem) -> Iterator[Ref]:
    """Parties and posts: what a reference may have to agree with."""
    for application in problem.applications:
        yield from (ref for party in application.parties if (ref := ref_of(party)))
    for evaluator in problem.evaluators:
        yield from (ref for one in evaluator.affiliations if (ref := ref_of(one)))


def _label(one: Participation) -> str:
    return one.evaluator or one.person or one.organisation or one.name or ""
