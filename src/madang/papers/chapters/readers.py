"""Who read what, where evaluators were assigned: how good the plan is, loads, conflicts found, each application."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from madang.core.callspec.scored import Judged
from madang.core.deciding.case import Assignment, AssignmentPlan
from madang.core.problem import decimal_text
from madang.papers.blocks import Block, Facts, Grid, Heading, Line, Paragraph, Row, Words
from madang.papers.chapters.telling import Teller, grid
from madang.papers.plan_assigning import OBJECTIVES, RULES, STATUSES
from madang.words.labels import label

_LONGEST = 20  # digits of a number that is read
_SHORT = 12  # letters of a pseudonym that are shown


def readers(t: Teller) -> Iterator[Block]:
    """A section for each stage that assigns. Nothing where an edition keeps the assignments closed."""
    if not t.case.assignments:
        return
    judged = t.definition.judged()
    stages = [stage for stage in judged if stage.assign is not None]
    for stage in stages:
        rows = [row for row in t.case.assignments if (row.stage or judged[0].id) == stage.id]
        if len(stages) > 1:
            yield Heading(2, t.labels.stage(stage.id))
        yield from _Stage(t, stage, rows).blocks()
    yield from _by_rule(t)


class _Stage:
    """One stage's plan, and the sheets that came of it."""

    def __init__(self, t: Teller, stage: Judged, rows: list[Assignment]) -> None:
        self.t, self.stage, self.rows = t, stage, rows
        lone = len(t.definition.judged()) == 1
        own = [sheet for sheet in t.case.sheets if sheet.stage == stage.id or (lone and not sheet.stage)]
        self.sheets = {(sheet.application, sheet.evaluator) for sheet in own}
        self.plan = next((plan for plan in t.case.assignment_plans if plan.stage == stage.id), None)
        self.kept = "_kept" if self.plan and self.plan.kept is True else ""
        self.measured = all(row.affinity for row in rows)

    def own(self, key: str, **params: object) -> str:
        return label("assign", key, self.t.language, **params)

    def blocks(self) -> Iterator[Block]:
        assert self.stage.assign is not None
        yield Paragraph(self.own("chapter.lead", each=self.stage.assign.each))
        yield Facts(tuple(self._facts()))
        yield from self._departures()
        yield self._applications()
        yield self._evaluators()

    def _facts(self) -> Iterator[Row]:
        loads = Counter(row.evaluator for row in self.rows)
        told = {
            "applications": len({row.application for row in self.rows}),
            "evaluators": len(loads),
            "pairs": len(self.rows),
            "sheets": len(self.sheets),
        }
        facts = {"chapter.counts": self.own("chapter.counts_told", **told)}
        facts["loads"] = self.own("chapter.load_told", least=min(loads.values()), most=max(loads.values()))
        if plan := self.plan:
            facts |= {"objective": self.own(f"objective.{plan.objective}")} if plan.objective in OBJECTIVES else {}
            status = f"chapter.status.{plan.status}{self.kept}"
            facts |= {"chapter.proven": self.own(status)} if plan.status in STATUSES else {}
            facts |= {key: self._with_bound(plan, key) for key in ("worst", "total") if getattr(plan, key)}
            facts |= {"chapter.problem": plan.problem_sha256} if plan.problem_sha256 else {}
        for key, value in facts.items():
            yield Row(self.own(key), (Words(value),))

    def _with_bound(self, plan: AssignmentPlan, key: str) -> str:
        value, bound = getattr(plan, key), getattr(plan, f"{key}_bound")
        if not bound:
            return _short(value)
        best = "proven_best_so" if key == "total" and plan.objective == "fair" else "proven_best"
        return self.own((best if value == bound else "bounded") + self.kept, value=_short(value), bound=_short(bound))

    def _departures(self) -> Iterator[Block]:
        """Where the plan is not as announced, or not as it was solved, and which sheets did not come in."""
        asked = self.stage.assign
        assert asked is not None
        each = Counter(row.application for row in self.rows)
        fewer = sorted(name for name, count in each.items() if count < asked.each)
        if fewer:
            yield Paragraph(self.own("chapter.fewer", each=asked.each, applications=fewer), "alert")
        loads = Counter(row.evaluator for row in self.rows)
        over = sorted(name[:_SHORT] for name, count in loads.items() if asked.load.max and count > asked.load.max)
        if over:
            yield Paragraph(self.own("chapter.overloaded", most=asked.load.max, evaluators=over), "alert")
        if self.plan and self.plan.total and self.measured:
            found = sum((_exact(row.affinity) for row in self.rows), Fraction(0))
            if found != _exact(self.plan.total):
                told = {"stated": _short(self.plan.total), "found": decimal_text(found, 2)}
                yield Paragraph(self.own("chapter.sums_differ", **told), "alert")
        missing = [row.application for row in self.rows if (row.application, row.evaluator) not in self.sheets]
        if missing:
            told_missing = sorted(set(missing))
            yield Paragraph(self.own("chapter.missing", count=len(missing), applications=told_missing), "note")

    def _applications(self) -> Grid:
        mine: dict[str, list[Assignment]] = {}
        for row in self.rows:
            mine.setdefault(row.application, []).append(row)
        sums = {name: sum((_exact(r.affinity) for r in rows), Fraction(0)) for name, rows in mine.items()}
        order = sorted(mine, key=lambda name: (sums[name], name)) if self.measured else list(mine)
        heads = [(self.t.column("id"), False), (self.t.column("applicant"), False)]
        heads += [(self.own("column.sum"), True)] if self.measured else []
        heads += [(self.own("column.sheets"), True), (self.own("column.evaluators"), False)]
        lines = []
        for name in order:
            came = sum((name, row.evaluator) in self.sheets for row in mine[name])
            cells = [name, self.t.applicant(name)]
            cells += [decimal_text(sums[name], 2)] if self.measured else []
            cells += [f"{came} / {len(mine[name])}", ", ".join(map(_told, mine[name]))]
            lines.append(Line(tuple(cells)))
        title = "chapter.by_application" if self.measured else "readers"
        return grid(self.own(title), heads, lines, self.own("readers_note") if self.measured else "")

    def _evaluators(self) -> Grid:
        reads: dict[str, list[str]] = {}
        for row in self.rows:
            reads.setdefault(row.evaluator, []).append(row.application)
        heads = [(self.own(f"column.{name}"), numeric) for name, numeric in
                 (("evaluator", False), ("load", True), ("sheets", True), ("applications", False))]  # fmt: skip
        lines = [
            Line((name[:_SHORT], str(len(of)), str(sum((one, name) in self.sheets for one in of)), ", ".join(of)))
            for name, of in sorted(reads.items(), key=lambda item: (-len(item[1]), item[0]))
        ]
        return grid(self.own("chapter.by_evaluator"), heads, lines, self.own("chapter.pseudonyms"))


def _told(row: Assignment) -> str:
    return f"{row.evaluator[:_SHORT]} ({_short(row.affinity)})" if row.affinity else row.evaluator[:_SHORT]


def _short(value: str) -> str:
    return decimal_text(_exact(value), 2)


def _exact(value: str) -> Fraction:
    """A number of a record that may be hostile: `verify` names what is none."""
    return Fraction(value) if len(value) <= _LONGEST and value.replace(".", "", 1).isdecimal() else Fraction(0)


def _by_rule(t: Teller) -> Iterator[Block]:
    """How many pairs each announced rule kept apart."""
    counts = Counter(conflict.rule for conflict in t.case.conflicts)
    if not counts:
        return
    heads = [(label("assign", "column.rule", t.language), False), (label("assign", "column.pairs", t.language), True)]
    named = {rule: label("assign", f"rule.{rule}", t.language) if rule in ("", *RULES) else rule for rule in counts}
    lines = [Line((named[rule], str(count))) for rule, count in counts.most_common()]
    title = label("assign", "chapter.by_rule", t.language)
    yield grid(title, heads, lines, label("assign", "chapter.by_rule_note", t.language))
