"""How applications are scored: stages, criteria, panels, how stages combine, points with proof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from madang.core.callspec.rule import ByGrade, ByRank, ByThreshold
from madang.core.callspec.scored import Assign, Computed, Indicator, Judged
from madang.papers.describe.teller import Teller, marked
from madang.papers.outline import Bullets, Facts, Part, Row, Table, TableRow, Words


class Scoring(Teller):
    def scoring(self) -> Iterator[Part]:
        if not self.d.evaluation:
            yield Words(self.label("scoring.none"))
            return
        for stage in self.d.evaluation:
            yield self._criteria(stage)
            yield Bullets(tuple(self._judging(stage) if isinstance(stage, Judged) else self._computing(stage)))
            yield from self._earlier(stage)
        yield from self._combined()
        if self.d.adjustments:
            yield Words(self.label("scoring.adjusted"))
            yield Facts(tuple(self._adjustments()))

    def _criteria(self, stage: Judged | Computed) -> Table:
        title, whole = self._scored_title(stage), marked(stage)
        if isinstance(stage, Computed):
            return self._indicators(stage.criteria, title, whole)
        rows = []
        for criterion in stage.criteria:
            told = [
                self.label("scoring.anchor", mark=mark, words=self.w.of(words))
                for mark, words in criterion.anchors.items()
            ]
            cells = (self.w.of(criterion.label), f"{self.w.number(criterion.weight)} %", "; ".join(told))
            rows.append(TableRow(cells, marked(criterion, "weight") or whole))
        keys: tuple[str, ...] = ("scoring.criterion", "scoring.weight", "scoring.anchors")
        if not any(row.cells[2] for row in rows):
            keys, rows = keys[:2], [TableRow(row.cells[:2], row.sample) for row in rows]
        return self._table(keys, rows, title=title, numeric=(1,), mark_in=1)

    def _indicators(self, criteria: Sequence[Indicator], title: str, sample: bool) -> Table:
        rows = []
        for one in criteria:
            told = [
                self.label("scoring.step", **{"from": self.w.number(step.from_), "points": self.w.number(step.points)})
                for step in one.steps
            ]
            cells = (self.w.of(one.label), f"{self.w.number(one.weight)} %", "; ".join(told))
            rows.append(TableRow(cells, marked(one, "weight", "steps") or sample))
        keys = ("scoring.criterion", "scoring.weight", "scoring.steps")
        return self._table(keys, rows, title=title, numeric=(1,), mark_in=1)

    def _earlier(self, stage: Judged | Computed) -> Iterator[Part]:
        """The sets of indicators before today's, and what they measure."""
        for earlier in stage.earlier if isinstance(stage, Computed) else ():
            told = {"title": self._scored_title(stage), "version": earlier.version}
            title = self.label("scoring.earlier", **told, day=self.w.day(earlier.received_before))
            yield self._indicators(earlier.criteria, title, marked(stage) or marked(earlier))

    def _judging(self, stage: Judged) -> Iterator[Words]:
        whole, scale, score, panel = marked(stage), stage.scale, stage.score, stage.panel
        told = {"min": self.w.number(scale.min), "max": self.w.number(scale.max)}
        if scale.step:
            text = self.label("scoring.scale", **told, step=self.w.number(scale.step))
        else:
            text = self.label("scoring.scale_free", **told)
        if not stage.higher_is_better:
            text += " " + self.label("scoring.lower")
        yield Words(text, whole or marked(scale, "min", "max", "step"))
        if panel:
            yield Words(" ".join(self._panel(panel)), whole or marked(panel))
        if stage.assign:
            for text in self._assigned(stage.assign):
                yield Words(text, whole or marked(stage.assign))
        trim = self.label(f"scoring.trim_{score.trim}", n=score.min_sheets_to_trim)
        if score.min_sheets > 1:
            trim += " " + self.label("scoring.min_sheets", n=score.min_sheets)
        if score.blanks == "skip_sheet":
            trim += " " + self.label("scoring.skip")
        yield Words(trim, whole or marked(score, "trim", "min_sheets_to_trim"))
        if score.comment_required_when:
            text = self.label("scoring.comment", rule=score.comment_required_when)
            yield Words(text, whole or marked(score, "comment_required_when"))
        yield from self._stage_mark(stage)

    def _assigned(self, asked: Assign) -> Iterator[str]:
        """How many read each application, who they are chosen by, and which ties keep somebody away."""
        parts = [self.label("assign.each", n=asked.each)]
        if asked.at_least:
            shares = [self.label("scoring.share_min", name=self._name(t), n=n) for t, n in asked.at_least.items()]
            parts.append(self.label("assign.at_least", shares=self.w.listed(shares)))
        load = asked.load
        if load.max is not None:
            parts.append(self.label("assign.load_both" if load.min else "assign.load_max", min=load.min, max=load.max))
        elif load.min:
            parts.append(self.label("assign.load_min", min=load.min))
        yield " ".join(parts)
        names = [*asked.texts, *filter(None, (asked.fields, asked.languages))]
        fields = [self.w.of(field.label) for name in names if (field := self.d.field(name)) is not None]
        by = self.label("assign.by", fields=self.w.listed(fields)) if fields else self.label("assign.by_texts")
        yield " ".join((by, self.label(f"assign.{asked.objective}")))
        given = asked.conflicts
        ties = [self.label("assign.tie_declared")]
        ties += [self.label("assign.tie_same_organisation")] if given.same_organisation else []
        for name in ("employment", "service", "shareholding"):
            if (years := getattr(given, f"{name}_years")) is not None:
                ties.append(self.label(f"assign.tie_{name}" if years else f"assign.tie_{name}_now", n=years))
        ties += [self.label("assign.tie_co_application")] if given.co_application else []
        ties += [self.label("assign.tie_email_domain")] if given.email_domain else []
        yield self.label("assign.conflicts", ties=self.w.listed(ties))

    def _computing(self, stage: Computed) -> Iterator[Words]:
        if stage.version:
            yield Words(self.label("scoring.version", version=stage.version), marked(stage))
        yield from self._stage_mark(stage)

    def _stage_mark(self, stage: Judged | Computed) -> Iterator[Words]:
        if stage.pass_mark is not None:
            text = self.label("scoring.pass_mark", mark=self.w.number(stage.pass_mark))
            yield Words(text, marked(stage, "pass_mark"))

    def _combined(self) -> Iterator[Part]:
        decide = self.d.decide
        if not isinstance(decide, ByRank | ByThreshold | ByGrade):
            return
        sample = marked(decide, "combine", "decimals")
        if len(decide.combine) == 1:
            yield Words(self.label("scoring.combine_one", decimals=decide.decimals), sample)
            return
        titles = {stage.id: self.w.of(stage.title) or stage.id for stage in self.d.evaluation}
        shares = [
            self.label("scoring.combine_share", title=titles.get(name, name), percent=self.w.number(percent))
            for name, percent in decide.combine.items()
        ]
        yield Words(self.label("scoring.combine", shares=self.w.listed(shares), decimals=decide.decimals), sample)

    def _adjustments(self) -> Iterator[Row]:
        for adjustment in self.d.adjustments:
            told = {"label": self.w.of(adjustment.label), "proof": self.w.of(adjustment.proof)}
            key = "scoring.points_up_to" if adjustment.up_to else "scoring.points"
            text = self.label(key, **told, points=self.w.number(adjustment.points))
            yield from self._row(f"scoring.{adjustment.kind}", text, sample=marked(adjustment))
