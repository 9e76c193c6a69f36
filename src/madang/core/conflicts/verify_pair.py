"""One pair and one rule, looked at directly: the checker's own reading of the rules, slow and plain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from madang.core.conflicts import explain
from madang.core.conflicts.explain import Fact
from madang.core.conflicts.model import (
    Affiliation,
    Application,
    ConflictsProblem,
    Declaration,
    Earlier,
    Evaluator,
    Participation,
    Party,
)
from madang.core.conflicts.rules import (
    Challenged,
    Declared,
    EmailDomain,
    Participant,
    Rule,
    SameParent,
    Together,
)
from madang.core.conflicts.verify_terms import (
    first_that_counts,
    held,
    mail_domain,
    own_part,
    same_name,
    same_number,
    tells_an_employer,
)

Said = tuple[str, bool]  # an organisation as written, and whether that is its id
Link = tuple[bool, frozenset[Fact]]  # surely?, by which facts
Finding = tuple[str, frozenset[Fact]]  # strength, facts


def said(one: Party | Affiliation | Participation | Declaration) -> Said | None:
    if one.organisation is not None:
        return one.organisation, True
    return (one.name, False) if one.name is not None else None


class Reader:
    """What the list of organisations says, asked pair by pair."""

    def __init__(self, problem: ConflictsProblem) -> None:
        self.problem, self.day = problem, problem.day
        self.numbers = {one.id: {*map(same_number, one.registry_numbers)} for one in problem.organisations}
        self.one = self._unions()
        self.name_of = {name: min(union) for name, union in self.one.items()}
        self.umbrella = {self.name_of[one.id] for one in problem.organisations if one.umbrella}
        self.listed: dict[str, set[str]] = defaultdict(set)  # name -> organisations of that name
        self.names: dict[str, set[str]] = defaultdict(set)
        for one in problem.organisations:
            self.names[self.name_of[one.id]] |= {*map(same_name, one.names)}
        for name, spelled in self.names.items():
            for spelling in spelled:
                self.listed[spelling].add(name)
        self.public = frozenset(map(mail_domain, problem.public_domains))
        self.agree, self.kin, self.meant = cache(self._agree), cache(self._kin), cache(self._meant)
        self.above, self.parents = cache(self._above), cache(self._parents)
        self.events = self._everything_together()
        self.places = self._places()
        self.evaluator_places, self.applicant_places = cache(self._evaluator_places), cache(self._applicant_places)
        self.holders = cache(self._holders)
        self.challenges = {(one.application, one.evaluator): one.state for one in problem.challenges}

    def _unions(self) -> dict[str, frozenset[str]]:
        """Organisation -> all that are one with it: spread along same_as and shared numbers until nothing is added."""
        beside: dict[str, set[str]] = {one.id: {one.id} for one in self.problem.organisations}
        with_number: dict[str, list[str]] = defaultdict(list)
        for one in self.problem.organisations:
            for other in one.same_as:
                beside[one.id].add(other)
                beside[other].add(one.id)
            for number in self.numbers[one.id]:
                with_number[number].append(one.id)
        for together in with_number.values():
            for other in together[1:]:
                beside[together[0]].add(other)
                beside[other].add(together[0])
        found: dict[str, frozenset[str]] = {}
        for start in beside:
            if start not in found:
                reached, edge = {start}, {start}
                while edge:
                    edge = {other for name in edge for other in beside[name]} - reached
                    reached |= edge
                found |= dict.fromkeys(reached, frozenset(reached))
        return found

    def _meant(self, one: Said) -> dict[str, bool]:
        """Organisations that may be meant -> surely?"""
        label, by_id = one
        spelled = self.names[self.name_of[label]] if by_id else {same_name(label)}
        found = dict.fromkeys(sorted(set().union(*(self.listed.get(name, set()) for name in spelled))), False)
        return found | ({self.name_of[label]: True} if by_id else {})

    def _agree(self, one: Said, other: Said) -> Link | None:
        first, second = self.meant(one), self.meant(other)
        both = [first[name] and second[name] for name in first.keys() & second.keys()]
        same_words = not one[1] and not other[1] and same_name(one[0]) == same_name(other[0])
        if any(both):
            if one == other:
                return True, frozenset()
            shared = self.numbers[one[0]] & self.numbers[other[0]]
            why = explain.same_number(one[0], other[0], min(shared)) if shared else explain.same_as(one[0], other[0])
            return True, frozenset([why])
        return (False, frozenset([explain.name_alike(one[0], other[0])])) if both or same_words else None

    def _kin(self, one: Said, other: Said, years: int) -> list[Link]:
        """The ways in which two are different organisations of one group."""
        links: list[Link] = []
        for first, sure in self.meant(one).items():
            for second, sure_too in self.meant(other).items():
                if first == second:
                    continue
                near, dated = self._nearest(first, second, years, True), True
                if near is None:
                    near, dated = self._nearest(first, second, years, False), False
                if near is None:
                    continue
                names = (one[0] if sure else first, other[0] if sure_too else second)
                facts = {explain.same_group(*names, near)}
                facts |= set() if dated else {explain.link_open(*names)}
                facts |= set() if sure else {explain.name_alike(one[0], first)}
                facts |= set() if sure_too else {explain.name_alike(other[0], second)}
                links.append((sure and sure_too and dated, frozenset(facts)))
        return links

    def _nearest(self, one: str, other: str, years: int, dated: bool) -> str | None:
        first, second = self.above(one, years, dated), self.above(other, years, dated)
        shared = [
            (first[name] + second[name], name)
            for name in first.keys() & second.keys()
            if name in (one, other) or name not in self.umbrella
        ]
        return min(shared)[1] if shared else None

    def _above(self, name: str, years: int, dated: bool) -> dict[str, int]:
        found, edge, depth = {name: 0}, {name}, 0
        parents = self.parents(years, dated)
        while edge:
            depth += 1
            open_ = {one for one in edge if one == name or one not in self.umbrella}
            edge = {above for one in open_ for above in parents.get(one, ())} - found.keys()
            found |= dict.fromkeys(edge, depth)
        return found

    def _parents(self, years: int, dated: bool) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for one in self.problem.organisations:
            for link in one.parents:
                state = held(link.from_, link.to, self.day, years)
                if state or (state is None and not dated):
                    found[self.name_of[one.id]].add(self.name_of[link.organisation])
        return found

    # --- one pair, one rule ---

    def find(self, application: Application, evaluator: Evaluator, rule: Rule) -> Finding | None:
        """What the rule has against the pair: the strongest strength, and all facts."""
        found = [*self._by(application, evaluator, rule)] if rule.active else []
        if not found:
            return None
        strength = next(level for level in ("found", "declared", "suspected") if any(level == s for s, _ in found))
        return strength, frozenset(fact for _, facts in found for fact in facts)

    def _by(self, application: Application, evaluator: Evaluator, rule: Rule) -> Iterator[Finding]:
        match rule:
            case Together():
                yield from self._stood_together(application, evaluator, rule)
            case EmailDomain():
                yield from self._mail(application, evaluator)
            case Participant():
                yield from self._takes_part(application, evaluator)
            case Declared():
                yield from self._said_so(application, evaluator, rule)
            case Challenged():
                state = self.challenges.get((application.id, evaluator.id), "rejected")
                if state != "rejected":
                    strength = "declared" if state == "accepted" else "suspected"
                    yield strength, frozenset([explain.challenged(state)])
            case _:
                years = 0 if isinstance(rule, SameParent) else rule.years
                for affiliation in evaluator.affiliations:
                    if affiliation.kind in rule.kinds:
                        for party in application.parties:
                            yield from self._tied(affiliation, party, rule, years)

    def _tied(self, one: Affiliation, party: Party, rule: Rule, years: int) -> Iterator[Finding]:
        tie, mine, theirs = self._tie(one, years), said(one), said(party)
        if tie is None or mine is None or theirs is None:
            return
        links = [] if isinstance(rule, SameParent) else [self.agree(mine, theirs)]
        if isinstance(rule, SameParent) or getattr(rule, "group", False):
            links += self.kin(mine, theirs, getattr(rule, "years", 0))
        for link in links:
            if link is not None:
                facts = tie[1] | link[1] | {explain.party(theirs[0], party.role)}
                yield ("found" if tie[0] and link[0] else "suspected"), facts

    def _tie(self, one: Affiliation, years: int) -> Link | None:
        state, mine = held(one.from_, one.to, self.day, years), said(one)
        if state is False or mine is None:
            return None
        facts = {explain.tie(one.kind, mine[0], one.period)}
        return bool(state), frozenset(facts | self._open(state, one.period, years))

    def _open(self, state: bool | None, period: str, years: int) -> set[Fact]:
        return set() if state else {explain.day_open(period, first_that_counts(self.day, years).isoformat())}

    def _stood_together(self, application: Application, evaluator: Evaluator, rule: Together) -> Iterator[Finding]:
        theirs = self.applicant_places(application.id)
        for number, n, sure_here, ours in self.evaluator_places(evaluator.id, rule.through_employer):
            for m, sure_there, leading in theirs.get(number, ()):
                if n == m:
                    continue
                event, own = self.events[number]
                names = [p.evaluator or p.person or p.organisation or p.name or "" for p in (event[n], event[m])]
                state: bool | None = True
                if isinstance(own, Earlier):
                    state = held(own.on, own.on, self.day, rule.years) if own.kind == rule.kind else False
                    facts = {explain.together(rule.kind, own.id, own.on, names[0], names[1])}
                    facts |= self._open(state, own.on, rule.years)
                else:
                    state = rule.kind == "application" and own.id != application.id
                    facts = {explain.applies_together(own.id, names[0], names[1])}
                if state is not False:
                    strength = "found" if state and sure_here and sure_there else "suspected"
                    yield strength, frozenset(facts | ours | leading)

    def _everything_together(self) -> list[tuple[tuple[Participation, ...], Earlier | Application]]:
        """What was earlier, and the applications of this call: who stands in it, and what it is."""
        now = [
            (tuple(Participation(organisation=one.organisation, name=one.name) for one in each.parties), each)
            for each in self.problem.applications
        ]
        return [*((each.parties, each) for each in self.problem.earlier), *now]

    def _places(self) -> dict[str, list[tuple[int, int]]]:
        """Where somebody stands together with others, by what may be meant; only a first sieve."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, (parties, _) in enumerate(self.events):
            for n, one in enumerate(parties):
                for key in self._keys(one):
                    found[key].append((number, n))
        return found

    def _keys(self, one: Participation | Party | Affiliation) -> set[str]:
        """Texts of which two that mean one have at least one in common."""
        written = said(one)
        if written is not None:
            spelled = set() if written[1] else {f"name {same_name(written[0])}"}
            return spelled | {f"organisation {name}" for name in self.meant(written)}
        assert isinstance(one, Participation)
        return {f"evaluator {one.evaluator}" if one.evaluator is not None else f"person {one.person}"}

    def _evaluator_places(self, name: str, through_employer: bool) -> list[tuple[int, int, bool, frozenset[Fact]]]:
        evaluator = next(one for one in self.problem.evaluators if one.id == name)
        keys = {f"evaluator {name}"}.union(*map(self._keys, evaluator.affiliations))
        return [
            (number, n, *link)
            for number, n in sorted({place for key in keys for place in self.places.get(key, ())})
            for link in self._is_evaluator(self.events[number][0][n], evaluator, through_employer)
        ]

    def _applicant_places(self, name: str) -> dict[int, list[tuple[int, bool, frozenset[Fact]]]]:
        application = next(one for one in self.problem.applications if one.id == name)
        people = {f"person {person.id}" for party in application.parties for person in party.people}
        keys = people.union(*map(self._keys, application.parties))
        found: dict[int, list[tuple[int, bool, frozenset[Fact]]]] = defaultdict(list)
        for number, n in sorted({place for key in keys for place in self.places.get(key, ())}):
            found[number] += [(n, *link) for link in self._is_applicant(self.events[number][0][n], application)]
        return found

    def _is_evaluator(self, one: Participation, evaluator: Evaluator, through_employer: bool) -> Iterator[Link]:
        if one.evaluator is not None and one.evaluator == evaluator.id:
            yield True, frozenset()
        theirs = said(one)
        for post in evaluator.affiliations if theirs is not None and through_employer else ():
            mine = said(post)
            if post.kind in ("employment", "director") and mine is not None and theirs is not None:
                tie, link = self._tie(post, 0), self.agree(theirs, mine)
                if tie is not None and link is not None:
                    yield tie[0] and link[0], tie[1] | link[1]

    def _is_applicant(self, one: Participation, application: Application) -> Iterator[Link]:
        theirs = said(one)
        for party in application.parties:
            if one.person is not None and any(person.id == one.person for person in party.people):
                yield True, frozenset()
            mine = said(party)
            link = self.agree(theirs, mine) if theirs is not None and mine is not None else None
            if link is not None and mine is not None:
                yield link[0], link[1] | {explain.party(mine[0], party.role)}

    def _mail(self, application: Application, evaluator: Evaluator) -> Iterator[Finding]:
        domains = [d for d in map(mail_domain, evaluator.emails) if tells_an_employer(d, self.public)]
        for party in application.parties:
            mine = said(party)
            if mine is None:
                continue
            for domain in domains:
                for holder, shown in self.holders(domain):
                    link = self.agree((holder, True), mine)
                    if link is not None:
                        facts = {explain.email_registered(shown, holder), explain.party(mine[0], party.role)}
                        yield ("found" if link[0] else "suspected"), link[1] | facts
                for person in party.people:
                    theirs = mail_domain(person.email) if person.email is not None else ""
                    if theirs and tells_an_employer(theirs, self.public) and own_part(theirs) == own_part(domain):
                        fact = explain.email_shared(_shown(own_part(domain)), person.label, mine[0])
                        yield "suspected", frozenset([fact])

    def _holders(self, domain: str) -> list[tuple[str, str]]:
        """Organisations that registered a domain or one above it, and that domain as the solver shows it."""
        return [
            (holder.id, _shown(mail_domain(given)))
            for holder in self.problem.organisations
            for given in holder.domains
            if f".{domain}".endswith(f".{mail_domain(given)}")
        ]

    def _takes_part(self, application: Application, evaluator: Evaluator) -> Iterator[Finding]:
        names = {same_name(name, person=True) for name in evaluator.names}
        mails = {_address(email) for email in evaluator.emails} - {None}
        for party in application.parties:
            mine = said(party)
            for person in party.people if mine is not None else ():
                assert mine is not None
                if person.email is not None and _address(person.email) in mails:
                    yield "found", frozenset([explain.person_email(person.label, mine[0])])
                if person.name is not None and same_name(person.name, person=True) in names:
                    yield "suspected", frozenset([explain.person_alike(person.label, mine[0])])

    def _said_so(self, application: Application, evaluator: Evaluator, rule: Declared) -> Iterator[Finding]:
        for one in evaluator.declared:
            state = True if rule.years is None else held(one.from_, one.to, self.day, rule.years)
            if state is False or (rule.relations and one.relation not in rule.relations):
                continue
            target = one.application or one.person or one.organisation or one.name or ""
            facts = {explain.declared(one.relation, target, one.period)}
            facts |= self._open(state, one.period, rule.years or 0)
            reached: list[Link] = [(True, frozenset())] if one.application == application.id else []
            reached += self._is_applicant(
                Participation(organisation=one.organisation, name=one.name, person=one.person), application
            )
            for sure, why in reached:
                yield ("declared" if sure and state else "suspected"), why | facts


def _address(email: str) -> str | None:
    local = email.strip()[: email.strip().rindex("@")]
    return f"{local.casefold()}@{mail_domain(email)}" if local else None


def _shown(domain: str) -> str:
    return ".".join(
        label[4:].encode().decode("punycode") if label.startswith("xn--") else label for label in domain.split(".")
    )
