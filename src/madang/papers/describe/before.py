"""What comes before the evaluation: eligibility, the review, other bodies' checks, opinions."""

from __future__ import annotations

from collections.abc import Iterator

from madang.core.callspec.model import OutsideCheck
from madang.papers.describe.teller import Teller, marked
from madang.papers.outline import Bullets, Part, TableRow, Words


class Before(Teller):
    def eligibility(self) -> Iterator[Part]:
        if self.d.eligibility:
            yield Words(self.label("eligibility.intro"))
            yield Bullets(
                tuple(
                    Words(self.w.of(rule.otherwise), marked(rule), self.label("rule", rule=rule.rule))
                    for rule in self.d.eligibility
                )
            )

    def review(self) -> Iterator[Part]:
        items = []
        for item in self.d.review:
            notes = [self.label("review.excludes" if item.excludes else "review.notes")]
            sample = marked(item)
            if item.correction:
                told = {"days": item.correction.days, "rounds": item.correction.rounds}
                word = f" [{self.label('sample')}]" if marked(item.correction) and not sample else ""
                notes.insert(0, self.label("review.correction", **told) + word)
            if item.four_eyes:
                notes.append(self.label("review.four_eyes"))
            if item.when:
                notes.append(self.label("review.only", condition=self._condition(item.when)))
            items.append(Words(self.w.of(item.label), sample, "; ".join(notes)))
        if items:
            yield Words(self.label("review.intro"))
            yield Bullets(tuple(items))
        if self.d.outside_checks:
            yield Words(self.label("review.outside_intro"))
            yield Bullets(tuple(self._outside(check) for check in self.d.outside_checks))

    def _outside(self, check: OutsideCheck) -> Words:
        text = self.label("review.outside", label=self.w.of(check.label), source=self.w.of(check.source))
        notes = [self.label("review.found_excludes" if check.excludes else "review.notes")]
        if check.when:
            notes.append(self.label("review.only", condition=self._condition(check.when)))
        return Words(text, marked(check), "; ".join(notes))

    def opinions(self) -> Iterator[Part]:
        rows = []
        for opinion in self.d.opinions:
            scale = f"{opinion.scale[0]}-{opinion.scale[1]}" if opinion.scale else ""
            silence = self.label(f"opinions.{opinion.silence}")
            cells = (self._name(opinion.ask), self.w.of(opinion.question), scale, silence)
            rows.append(TableRow(cells, marked(opinion, "scale", "silence")))
        if not rows:
            return
        yield self._table(("opinions.asked", "opinions.question", "opinions.scale", "opinions.silence"), rows)
        shown = [self._name(opinion.ask) for opinion in self.d.opinions if opinion.visible_to_evaluators]
        told = self.label("opinions.shown", titles=self.w.listed(shown)) if shown else self.label("opinions.not_shown")
        yield Words(told)
