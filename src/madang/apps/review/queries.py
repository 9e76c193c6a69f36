"""Reads: how far a review is, line by line, and what stands against an application."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db.models import Q

from madang.apps.applications.models import Application, Dossier
from madang.apps.applications.queries import case_row
from madang.apps.calls.models import Call
from madang.apps.calls.queries import current_definition
from madang.apps.review import rules
from madang.apps.review.models import Closing, Handling, OutsideResult, Verdict
from madang.core.callspec import Definition, expressions
from madang.core.callspec.model import OutsideCheck, ReviewItem
from madang.core.checklist import AGAINST, PASS, SETTLED, Line, Opinion, line_of
from madang.core.deciding import case
from madang.core.deciding.case import Case
from madang.core.deciding.eligibility import Counts, Examined, examine, facts_of, identity
from madang.core.lifecycle import REVIEW, check
from madang.core.lifecycle.review import OPEN
from madang.core.reasons import Reason

# --- Review -----------------------------------------------------------------------------------------------------------

CLEAR, FOUND, ASKED = RESULTS = ("clear", "found", "open")
"""What another body says: nothing there, something there; or it was asked and has not answered."""
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
    """All that a review rests on, for one dossier. `application`: the row that stands, or the last one that did."""

    dossier: Dossier
    application: Application
    definition: Definition
    examined: Examined
    items: tuple[ItemState, ...]
    checks: tuple[CheckState, ...]
    handling: Handling | None = None
    awaits_supplement: bool = False

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
        mending = [one.spec for one in self.items if one.line.verdict in ("incorrect", "incomplete")]
        if any(spec.correction for spec in mending):
            found[rules.SUPPLEMENT] = []
        if self.definition.sisters is not None:
            found.setdefault(rules.SISTERS, [])
        return dict(found)

    def decision_rows(self) -> tuple[list[case.Check], list[case.OutsideAnswer]]:
        """What `decide` takes of this review: settled lines of the checklist, and what other bodies said."""
        return _rows_of(self.application.reference, self.items, self.checks)


def reviewed(call: Call, dossiers: Sequence[Dossier]) -> list[Reviewed]:
    """The reviews of these dossiers of one call, in their order. Six statements, whatever their number.

    Cost: each rule once for each application (0.1 ms), and the answers of all of the same applicants, for counting.
    """
    definition = current_definition(call)
    applications = _last_of(dossiers)
    handlings = {
        one.dossier_id: one for one in Handling.objects.filter(dossier__in=dossiers).select_related("closed_by")
    }
    verdicts = _by_dossier(Verdict.objects.filter(dossier__in=dossiers).select_related("by").order_by("pk"))
    results = _by_dossier(OutsideResult.objects.filter(dossier__in=dossiers).select_related("by").order_by("pk"))
    waiting = awaiting_supplement(dossiers)
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
            handlings.get(dossier.pk),
            dossier.pk in waiting,
        )
        for dossier in dossiers
    ]


def review_of(dossier: Dossier) -> Reviewed:
    """The review of one dossier."""
    return reviewed(dossier.call, [dossier])[0]


def closings_of(dossier: Dossier) -> list[Closing]:
    """How the review ended and was opened again, the last one first. One statement."""
    return list(Closing.objects.filter(dossier=dossier).select_related("by").order_by("-pk"))


def language_of(application: Application) -> str:
    """In which language the applicant wrote; of a batch the call's first. At most two statements."""
    if application.filing is not None:
        return application.filing.draft.language
    return current_definition(application.call).languages[0]


def awaiting_supplement(dossiers: Collection[Dossier]) -> set[int]:
    """Keys of those whose applicant has been asked for a supplement and may still answer."""
    return set()


def _last_of(dossiers: Collection[Dossier]) -> dict[int, Application]:
    """Dossier -> its row that stands, or the last one that did."""
    rows = Application.objects.filter(dossier__in=dossiers).select_related("filing__draft")
    rows = rows.defer("filing__form", "filing__receipt").order_by("pk")
    found: dict[int, Application] = {}
    for one in rows:
        if one.undone_at is None or one.dossier_id not in found or found[one.dossier_id].undone_at is not None:
            found[one.dossier_id] = one
    return found


def _counted(call: Call, applications: Collection[Application]) -> dict[int, case.Application]:
    """The rows of the core for these and for all standing ones of the same applicants, in the order of the call."""
    rows = Application.objects.filter(call=call, undone_at__isnull=True)
    if len(applications) <= FEW:
        names = {identity(case_row(one)) for one in applications}
        rows = rows.filter(Q(organisation__in=names) | Q(organisation="", applicant_name__in=names))
    found = {one.pk: case_row(one) for one in rows}
    for one in applications:
        found.setdefault(one.pk, case_row(one))  # does not stand any more: looked at all the same
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
