"""Reads: how far a review is, line by line, and what stands against an application."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from django.db.models import Count, Exists, Min, OuterRef, Q, Subquery

from madang.apps.accounts.models import Person
from madang.apps.applications.models import Application, Dossier, Supplement
from madang.apps.applications.queries import row_of
from madang.apps.calls.models import Call
from madang.apps.calls.queries import current_definition
from madang.apps.directory.models import FormerName, Organisation, RegistryNumber
from madang.apps.review import rules
from madang.apps.review.models import Closing, Handling, OutsideResult, Verdict
from madang.apps.review.rules import CLEAR, FOUND, Said
from madang.core.callspec import Definition, expressions
from madang.core.callspec.model import OutsideCheck, ReviewItem
from madang.core.checklist import AGAINST, PASS, SETTLED, Line, Opinion, line_of
from madang.core.conflicts.naming import registry_number
from madang.core.deciding import case
from madang.core.deciding.case import Case
from madang.core.deciding.eligibility import Counts, Examined, examine, facts_of, identity
from madang.core.identity import name_key
from madang.core.lifecycle import REVIEW, check
from madang.core.lifecycle.review import OPEN
from madang.core.lifecycle.supplement import CANCELLED as SUPPLEMENT_CANCELLED
from madang.core.lifecycle.supplement import EXPIRED as SUPPLEMENT_EXPIRED
from madang.core.lifecycle.supplement import OPEN as SUPPLEMENT_OPEN
from madang.core.reasons import Fault, Param, Reason
from madang.core.record.canonical import digest
from madang.papers.refusal import shown
from madang.papers.result_list import NUMBER, ORGANISATION, REFERENCE, Listed, ResultList, read_results
from madang.papers.tables import Table

# --- Review -----------------------------------------------------------------------------------------------------------

FEW: Final = 100
"""Applications up to which only those of the same applicants are read for counting; beyond it the whole call is."""


@dataclass(frozen=True, slots=True)
class ItemState:
    """One line of the checklist for one application. `asked`: its condition holds. `rows`: the oldest first."""

    spec: ReviewItem
    asked: bool
    line: Line
    rows: tuple[Verdict, ...]

    @property
    def answered(self) -> bool:
        return not self.asked or self.line.state == SETTLED

    @property
    def against(self) -> bool:
        """Whether what counts speaks against the application; whether it excludes is the definition's to say."""
        return self.asked and self.line.verdict in AGAINST

    def row(self, id_: int) -> Verdict:
        return next(row for row in self.rows if row.pk == id_)


@dataclass(frozen=True, slots=True)
class CheckState:
    """One outside check of one application; the last of its rows counts."""

    spec: OutsideCheck
    asked: bool
    rows: tuple[OutsideResult, ...]

    @property
    def last(self) -> OutsideResult | None:
        return self.rows[-1] if self.rows else None

    @property
    def result(self) -> str:
        """One of `RESULTS`; blank where nobody has asked yet."""
        return self.last.result if self.last else ""

    @property
    def answered(self) -> bool:
        return not self.asked or self.result in (CLEAR, FOUND)

    @property
    def found(self) -> bool:
        return self.asked and self.result == FOUND


@dataclass(frozen=True)
class Reviewed:
    """All that a review rests on, for one dossier. `application`: the row that stands, or the last one that did.

    `supplement`: the state of the last one asked for, blank where none was (or it was cancelled); while it is `open`
    nothing is closed. `counts`: how often its applicant applied, as the rules see it. `revisions`: row -> its number,
    of every revision.
    """

    dossier: Dossier
    application: Application
    definition: Definition
    examined: Examined
    items: tuple[ItemState, ...]
    checks: tuple[CheckState, ...]
    handling: Handling | None = None
    supplement: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    revisions: Mapping[int, int] = field(default_factory=dict)

    @property
    def awaits_supplement(self) -> bool:
        return self.supplement == SUPPLEMENT_OPEN

    @property
    def state(self) -> str:
        return self.handling.state if self.handling else OPEN

    @property
    def revision(self) -> int:
        """Of what stands: 1 for what came in a batch."""
        return self.application.filing.revision if self.application.filing else 1

    def item(self, id_: str) -> ItemState | None:
        return next((one for one in self.items if one.spec.id == id_), None)

    def check(self, id_: str) -> CheckState | None:
        return next((one for one in self.checks if one.spec.id == id_), None)

    @cached_property
    def ineligible(self) -> list[Reason]:
        """What the rules say against it, without the checklist and other bodies; what they cannot answer stops too."""
        told = Examined(self.examined.rules, self.examined.before).reasons
        stumbles = [
            Reason("rule_not_answerable", {"rule": rule.id, "problem": str(error)})
            for rule, error in self.examined.unanswered
        ]
        return [*told, *stumbles]

    @cached_property
    def items_open(self) -> list[str]:
        return [one.spec.id for one in self.items if not one.answered]

    @cached_property
    def items_against(self) -> list[str]:
        return [one.spec.id for one in self.items if one.against and one.spec.excludes]

    @cached_property
    def checks_open(self) -> list[str]:
        return [one.spec.id for one in self.checks if not one.answered and one.spec.excludes]

    @cached_property
    def checks_found(self) -> list[str]:
        return [one.spec.id for one in self.checks if one.found and one.spec.excludes]

    @cached_property
    def facts(self) -> frozenset[str]:
        """What the lifecycle of a review asks, but for what an act itself gives (a ground, a reason)."""
        holds = {
            "stands": self.application.undone_at is None,
            "not_decided": self.dossier.call.decided_at is None,
            "every_item_judged": not self.items_open,
            "no_item_fails": not self.items_against,
            "eligible": not self.ineligible,
            "checks_answered": not self.checks_open,
            "checks_clear": not self.checks_found,
            "no_supplement_open": not self.awaits_supplement,
        }
        return frozenset(fact for fact, true in holds.items() if true)

    def against(self, move: str, *given: str) -> list[Reason]:
        """Why the move is not possible now, each reason with what it is about. `given`: facts that the act brings."""
        return [
            said for reason in check(REVIEW, move, self.state, self.facts | {*given}) for said in self._told(reason)
        ]

    def _told(self, reason: Reason) -> Iterator[Reason]:
        about = {
            "review_items_open": ("items", self.items_open),
            "review_item_fails": ("items", self.items_against),
            "review_checks_open": ("checks", self.checks_open),
            "review_check_found": ("checks", self.checks_found),
        }
        if reason.code in about:
            name, ids = about[reason.code]
            yield Reason(reason.code, {name: ids})
            return
        yield reason
        if reason.code == "review_not_eligible":
            yield from self.ineligible

    @property
    def clean(self) -> bool:
        """Whether it can be passed now."""
        return not self.against("pass")

    @cached_property
    def grounds(self) -> dict[str, list[Reason]]:
        """Under which published grounds it can be excluded now, and why: what is found against it, in order."""
        found: dict[str, list[Reason]] = defaultdict(list)
        for reason in self.examined.reasons:
            found[rules.ground_of(reason)].append(reason)
        if self.supplement == SUPPLEMENT_EXPIRED:
            found[rules.SUPPLEMENT] = []
        if self.definition.sisters is not None:
            found.setdefault(rules.SISTERS, [])
        return dict(found)

    def decision_rows(self) -> tuple[list[case.Check], list[case.OutsideAnswer]]:
        """What `decide` takes of this review: settled lines of the checklist, and what other bodies said."""
        return _rows_of(self.application.reference, self.items, self.checks)


def reviewed(call: Call, dossiers: Sequence[Dossier], definition: Definition | None = None) -> list[Reviewed]:
    """The reviews of these dossiers of one call, in their order. Five statements, whatever their number; four where the
    definition in force is given.

    Cost: each rule once for each application (0.1 ms), and the answers of all of the same applicants, for counting.
    """
    definition = definition or current_definition(call)
    for one in dossiers:
        one.call = call
    applications, revisions = _last_of(dossiers)
    verdicts = _by_dossier(Verdict.objects.filter(dossier__in=dossiers).select_related("by").order_by("pk"))
    results = _by_dossier(OutsideResult.objects.filter(dossier__in=dossiers).select_related("by").order_by("pk"))
    whole = _counted(call, [applications[one.pk] for one in dossiers])
    counts = Counts(Case(applications=tuple(whole.values())))
    states: dict[int, tuple[tuple[ItemState, ...], tuple[CheckState, ...]]] = {}
    checklist: list[case.Check] = []
    answers: list[case.OutsideAnswer] = []
    for dossier in dossiers:
        application = applications[dossier.pk]
        facts = facts_of(definition, whole[application.pk], counts)
        items = tuple(_item(spec, facts, verdicts[dossier.pk], application) for spec in definition.review)
        checks = tuple(_check(spec, facts, results[dossier.pk]) for spec in definition.outside_checks)
        states[dossier.pk] = items, checks
        rows = _rows_of(application.reference, items, checks)
        checklist += rows[0]
        answers += rows[1]
    examined = dict(
        examine(
            definition,
            Case(applications=tuple(whole.values()), checklist=tuple(checklist), outside_checks=tuple(answers)),
        )
    )
    return [
        Reviewed(
            dossier,
            applications[dossier.pk],
            definition,
            examined[dossier.reference],
            *states[dossier.pk],
            getattr(applications[dossier.pk].dossier, "handling", None),
            supplement=_supplement_of(applications[dossier.pk]),
            counts=counts.of(whole[applications[dossier.pk].pk]),
            revisions=revisions,
        )
        for dossier in dossiers
    ]


def review_of(dossier: Dossier) -> Reviewed:
    """The review of one dossier."""
    return reviewed(dossier.call, [dossier])[0]


def said_by(row: OutsideResult) -> Said:
    return Said(row.result, row.source, row.on, row.note)


def changes(state: CheckState | None, said: Said) -> bool:
    """Whether this is news: another result, source, day or note than what stands."""
    return state is None or state.last is None or said_by(state.last) != said


def closings_of(dossier: Dossier) -> list[Closing]:
    """How the review ended and was opened again, the last one first. One statement."""
    return list(Closing.objects.filter(dossier=dossier).select_related("by").order_by("-pk"))


@dataclass(frozen=True, slots=True)
class BulkAct:
    """What was passed together under one name: how many, and how many of them are still passed by it."""

    name: str
    by: str
    at: dt.datetime
    count: int
    still: int


def bulk_acts(call: Call, person: Any) -> list[BulkAct]:
    """The bulk acts on dossiers that this person handles, the last one first. Two statements at most."""
    mine = rules.handled_by(person, Dossier.objects.filter(call=call))
    later = Closing.objects.filter(dossier=OuterRef("dossier"), pk__gt=OuterRef("pk"))
    rows = Closing.objects.filter(dossier__call=call, dossier__in=mine.values("pk"), act="pass").exclude(together="")
    made = rows.order_by().annotate(is_last=~Exists(later)).values("together", "by")
    found = list(made.annotate(n=Count("pk"), still=Count("pk", filter=Q(is_last=True)), at=Min("at")).order_by("-at"))
    people = Person.objects.in_bulk({one["by"] for one in found}) if found else {}
    return [BulkAct(one["together"], people[one["by"]].shown, one["at"], one["n"], one["still"]) for one in found]


def language_of(application: Application) -> str:
    """In which language the applicant wrote; of a batch the call's first. At most two statements."""
    if application.filing is not None:
        return application.filing.draft.language
    return current_definition(application.call).languages[0]


def _last_of(dossiers: Collection[Dossier]) -> tuple[dict[int, Application], dict[int, int]]:
    """Dossier -> its row that stands, or the last one that did; and the number of the revision of each row."""
    asked = Supplement.objects.filter(dossier=OuterRef("dossier")).exclude(state=SUPPLEMENT_CANCELLED)
    rows = Application.objects.filter(dossier__in=dossiers).annotate(
        supplement=Subquery(asked.order_by("-round").values("state")[:1])
    )
    rows = rows.select_related("filing__draft", "dossier__handling__closed_by")
    rows = rows.defer("filing__form", "filing__receipt").order_by("pk")
    found: dict[int, Application] = {}
    for one in rows:
        if one.undone_at is None or one.dossier_id not in found or found[one.dossier_id].undone_at is not None:
            found[one.dossier_id] = one
    return found, {one.pk: one.filing.revision if one.filing else 1 for one in rows}


def _supplement_of(application: Application) -> str:
    return getattr(application, "supplement", None) or ""


def _counted(call: Call, applications: Collection[Application]) -> dict[int, case.Application]:
    """The rows of the core for these and for all standing ones of the same applicants, in the order of the call."""
    rows = Application.objects.filter(call=call, undone_at__isnull=True)
    if len(applications) <= FEW:
        names = {identity(row_of(one)) for one in applications}
        rows = rows.filter(Q(organisation__in=names) | Q(organisation="", applicant_name__in=names))
    found = {one.pk: row_of(one) for one in rows.order_by("pk")}
    for one in applications:
        found.setdefault(one.pk, row_of(one))  # does not stand any more: looked at all the same
    return found


def _by_dossier(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.dossier_id].append(row)
    return found


def _asked(rule: str | None, facts: Mapping[str, Any]) -> bool:
    """Whether a condition holds; one that cannot be answered asks, so that a person looks."""
    if rule is None:
        return True
    try:
        return expressions.compile_rule(rule)(facts)
    except expressions.RuleError:
        return True


def _item(
    spec: ReviewItem, facts: Mapping[str, Any], verdicts: Iterable[Verdict], application: Application
) -> ItemState:
    rows = tuple(row for row in verdicts if row.item == spec.id)
    said = [Opinion(row.pk, row.verdict, row.by_id, row.application_id, row.confirms_id) for row in rows]
    return ItemState(spec, _asked(spec.when, facts), line_of(said, application.pk, four_eyes=spec.four_eyes), rows)


def _check(spec: OutsideCheck, facts: Mapping[str, Any], results: Iterable[OutsideResult]) -> CheckState:
    return CheckState(spec, _asked(spec.when, facts), tuple(row for row in results if row.check_id == spec.id))


def _rows_of(
    reference: str, items: Iterable[ItemState], checks: Iterable[CheckState]
) -> tuple[list[case.Check], list[case.OutsideAnswer]]:
    """What can be mended and was not, fails when it comes to the decision; what is open is left out."""
    lines = []
    for one in items:
        if not one.asked:
            lines.append(case.Check(reference, one.spec.id, "not_applicable"))
        elif one.line.state == SETTLED:
            verdict = PASS if one.line.verdict == PASS else "fail"
            reason = "" if verdict == PASS else one.row(one.line.opinions[0].id).reason
            lines.append(case.Check(reference, one.spec.id, verdict, reason))
    answers = []
    for state in checks:
        if state.asked and (last := state.last) is not None:
            verdict = last.result if last.result in (CLEAR, FOUND) else "unknown"
            told = {"source": last.source, "on": last.on.isoformat(), "by": last.by.uid, "reason": last.note}
            answers.append(case.OutsideAnswer(reference, state.spec.id, verdict, **told))
    return lines, answers


# --- The same applicant elsewhere -------------------------------------------------------------------------------------

Named = tuple[str, str]
"""What an application says of who applies: its `organisation` (a key of the directory, or whatever came), its name."""


def identities(named: Collection[Named]) -> dict[Named, frozenset[str]]:
    """By what each of these may be known: two of them that share a mark may be one applicant.

    `u:UID` is the entry of the directory that counts, where the application names one; `n:KEY` the
    look of a name, with the other and former ones of an entry that looks the same. A shared `u:` is one organisation, a
    shared `n:` alone only a hint.
    Four statements, and one for each step of merges.
    """
    looks = {one: {key for text in one if (key := name_key(text)[:500])} for one in named}
    given = {text for one in named for text in one if text}
    entries = _entries(given, {key for keys in looks.values() for key in keys})
    roots = {pk: _root(entries, pk) for pk in entries}
    marks: dict[int, set[str]] = defaultdict(set)
    by_uid = {one.uid: roots[pk] for pk, one in entries.items()}
    by_look: dict[str, set[int]] = defaultdict(set)
    texts = [(pk, text) for pk, one in entries.items() for text in (one.name, *one.names.values())]
    texts += FormerName.objects.filter(organisation__in=entries).values_list("organisation", "name")
    for pk, text in texts:
        if key := name_key(text)[:500]:
            by_look[key].add(roots[pk])
            marks[roots[pk]].add(f"n:{key}")
    found = {}
    for one in named:
        root = by_uid.get(one[0])
        alike = {root} if root is not None else {root for key in looks[one] for root in by_look.get(key, ())}
        found[one] = frozenset(mark for root in alike for mark in marks[root]) | {f"n:{key}" for key in looks[one]}
        if root is not None:
            found[one] |= {f"u:{entries[root].uid}"}
    return found


def _entries(given: Collection[str], looks: Collection[str]) -> dict[int, Organisation]:
    """The entries of the directory that these may be, with everything that was merged with them."""
    first = Q(uid__in=given) | Q(name_key__in=looks) | Q(former_names__name__in=given)
    new = {one.pk: one for one in Organisation.objects.filter(first).distinct()}
    found: dict[int, Organisation] = {}
    while new:
        found |= new
        above = [one.merged_into_id for one in new.values() if one.merged_into_id]
        linked = Organisation.objects.filter(Q(pk__in=above) | Q(merged_into__in=new)).exclude(pk__in=found)
        new = {one.pk: one for one in linked}
    return found


def _root(entries: Mapping[int, Organisation], pk: int) -> int:
    while (above := entries[pk].merged_into_id) is not None:
        pk = above
    return pk


# --- Lists of what other bodies found ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """What one line of a list would do. `before`: what stands now; `kind`: `new`, `change` or `same`."""

    row: int
    review: Reviewed
    said: Said
    before: OutsideResult | None
    kind: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a list would do, before anything is stored. `faults`: lines left out; `whole`: why it cannot be read."""

    changes: tuple[Change, ...] = ()
    faults: tuple[Fault, ...] = ()
    remarks: tuple[Fault, ...] = ()
    whole: tuple[Fault, ...] = ()

    @property
    def news(self) -> tuple[Change, ...]:
        return tuple(one for one in self.changes if one.kind != "same")

    @property
    def seal(self) -> str:
        """A hash of everything that would be stored, and over what: whoever confirms says which preview was read."""
        lines = [
            [one.review.dossier.uid, one.said.result, one.said.source, one.said.on.isoformat(), one.said.note,
             one.before.pk if one.before else 0]
            for one in self.news
        ]  # fmt: skip
        return digest({"lines": lines, "faults": [fault.as_json() for fault in self.faults]})


def preview(person: Any, call: Call, check_id: str, table: Table, *, source: str, on: dt.date) -> Preview:
    """What the list says of the applications that this person handles. `source` and `on` hold where it says nothing.

    Nothing is stored. An application of another desk is as unknown as one that is nobody's.
    """
    listed = read_results(table)
    if listed.whole:
        return Preview(whole=listed.whole, remarks=listed.remarks)
    standing = Application.objects.filter(undone_at__isnull=True)
    mine = rules.handled_by(person, Dossier.objects.filter(call=call, applications__in=standing))
    reviews = {one.dossier.pk: one for one in reviewed(call, list(mine.select_related("call").order_by("pk")))}
    found = _Found(table, listed, check_id, reviews)
    for row in listed.rows:
        said = rules.tidied(Said(row.result, row.source or source, row.on or on, row.note))
        for dossier in found.of(row):
            found.take(row, dossier, said)
    return Preview(found.changes(), found.told(listed.faults), (*listed.remarks, *found.remarks))


class _Found:
    """Which applications the lines of a list are about, and what stands against each line."""

    def __init__(self, table: Table, listed: ResultList, check_id: str, reviews: Mapping[int, Reviewed]) -> None:
        self._table, self._check, self._reviews = table, check_id, reviews
        self._columns = {name: table.header.index(title) for name, title in (listed.columns or {}).items()}
        self._by_reference = {one.dossier.reference: pk for pk, one in reviews.items()}
        by = {row.by for row in listed.rows}
        self._marks = self._marked() if ORGANISATION in by or NUMBER in by else {}
        known = {mark[2:] for mark in self._marks if mark.startswith("u:")}
        self._numbers = _holders(known) if NUMBER in by else {}
        self._taken: dict[int, tuple[Listed, Said]] = {}
        self._contradicted: set[int] = set()
        self._faults: list[tuple[int, Fault]] = []
        self.remarks: list[Fault] = []

    def _marked(self) -> dict[str, set[int]]:
        """Mark of `identities` -> the dossiers whose applicant bears it."""
        named = {
            pk: (one.application.organisation, one.application.applicant_name) for pk, one in self._reviews.items()
        }
        marks = identities(set(named.values()))
        found: dict[str, set[int]] = defaultdict(set)
        for pk, one in named.items():
            for mark in marks[one]:
                found[mark].add(pk)
        return found

    def of(self, row: Listed) -> list[int]:
        """The dossiers that a line is about; of an organisation all of its applications."""
        if row.by == REFERENCE:
            hit = self._by_reference.get(row.key)
            return [hit] if hit else self._unknown(row, "list_reference_unknown")
        if row.by == NUMBER:
            holder = self._numbers.get(registry_number(row.key), "")
            hits = sorted(self._marks.get(f"u:{holder}", ()))
            return hits or self._unknown(row, "list_number_unknown")
        hits = sorted(self._marks.get(f"n:{name_key(row.key)[:500]}", ()))
        of = [self._reviews[pk].application for pk in hits]
        applicants = {one.organisation or f"{one.applicant_name} {one.country}" for one in of}
        if len(applicants) > 1:
            self._fault(row, row.by, "list_organisation_ambiguous", given=shown(row.key), count=str(len(applicants)))
            return []
        return hits or self._unknown(row, "list_organisation_unknown")

    def _unknown(self, row: Listed, code: str) -> list[int]:
        self._fault(row, row.by, code, given=shown(row.key))
        return []

    def take(self, row: Listed, pk: int, said: Said) -> None:
        """Enter one line for one application, unless something stands against it."""
        review = self._reviews[pk]
        state = review.check(self._check)
        if state is None or not state.asked:
            self._fault(row, row.by, "list_check_not_asked", application=review.dossier.reference)
            return
        if closed := review.against("judge"):
            self._fault(row, row.by, closed[0].code)
            return
        if wrong := rules.against_said(said):
            for reason in wrong:
                self._fault(row, _COLUMN_OF.get(reason.code, "note"), reason.code, **dict(reason.params))
            return
        first = self._taken.get(pk)
        if first is None:
            self._taken[pk] = row, said
        elif first[1] == said:
            told = {"application": review.dossier.reference, "row": str(first[0].row)}
            self.remarks.append(Fault("list_row_twice", self._at(row, row.by), told))
        else:
            self._contradicted.add(pk)
            self._fault(
                row, "result", "list_rows_contradict", application=review.dossier.reference, row=str(first[0].row)
            )

    def _fault(self, line: Listed, column: str, code: str, **told: Param) -> None:
        self._faults.append((line.row, Fault(code, self._at(line, column), told)))

    def _at(self, row: Listed, column: str) -> str:
        return self._table.at(row.row, self._columns.get(column))

    def told(self, before: Sequence[tuple[int, Fault]]) -> tuple[Fault, ...]:
        """Every fault, those of single cells (`before`) too, in the order of the rows."""
        contradicted = [(self._taken[pk][0], self._reviews[pk].dossier.reference) for pk in self._contradicted]
        first = [
            (line.row, Fault("list_rows_contradict_later", self._at(line, "result"), {"application": reference}))
            for line, reference in contradicted
        ]
        return tuple(fault for _, fault in sorted([*before, *first, *self._faults], key=lambda pair: pair[0]))

    def changes(self) -> tuple[Change, ...]:
        found = []
        for pk, (row, said) in self._taken.items():
            if pk in self._contradicted:
                continue
            state = self._reviews[pk].check(self._check)
            before = state.last if state else None
            kind = "new" if before is None else "change" if changes(state, said) else "same"
            found.append(Change(row.row, self._reviews[pk], said, before, kind))
        return tuple(sorted(found, key=lambda one: (one.row, one.review.dossier.reference)))


_COLUMN_OF: Final = {
    "review_no_such_result": "result",
    "review_needs_source": "source",
    "review_day_ahead": "on",
    "review_day_too_early": "on",
}


def _holders(uids: Collection[str]) -> dict[str, str]:
    """Number in a register, as compared -> which of these organisations holds it now; of two that do, neither.

    A number of another country's register is known without its country: the list does not say it.
    """
    rows = RegistryNumber.objects.filter(organisation__uid__in=uids, ended_at__isnull=True)
    held: dict[str, set[str]] = defaultdict(set)
    for scheme, number, uid in rows.values_list("scheme", "number", "organisation__uid"):
        held[number.partition("-")[2] if scheme == "other" else number].add(uid)
    return {number: next(iter(uids)) for number, uids in held.items() if len(uids) == 1}
