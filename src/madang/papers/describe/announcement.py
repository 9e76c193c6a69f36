"""What is published, who hears how, and objections."""

from __future__ import annotations

from collections.abc import Iterator

from madang.papers.describe.teller import Teller, marked
from madang.papers.outline import Facts, Part, Row, Words


class Announcement(Teller):
    def announcement(self) -> Iterator[Part]:
        a = self.d.announcement
        open_, closed = [], []
        for name in ("selected", "ranking", "scores", "panel"):
            told = getattr(a.publish, name)
            if told == "none":
                closed.append(self.label(f"publish.{name}"))
            else:
                narrow = f"publish.{name}_selected" if told == "selected" else f"publish.{name}"
                open_.append(self.label(narrow))
        outer = marked(a)
        sample = outer or marked(a.publish, "selected", "ranking", "scores", "panel", "sites")
        rows = [
            *self._row("publish.title", self.w.listed(open_), sample=sample),
            *self._row("publish.not", self.w.listed(closed), sample=sample),
            *self._row("publish.sites", self._names(a.publish.sites), sample=sample),
        ]
        own = [self.label("party.own_scores")] if a.party.own_scores else []
        own += [self.label("party.comments")] if a.party.comments == "released_by_rule" else []
        rows += self._row("party.title", self.w.listed(own), sample=outer or marked(a.party, "own_scores", "comments"))
        for notice in a.notify:
            applicant = self.label(f"organisation.{notice.applicant}")
            told = [self.label(f"notify.{notice.by}")]
            told += [self.label("notify.through", through=self._name(notice.through))] if notice.through else []
            told += [self.label("notify.own_date")] if notice.own_date else []
            words = Words(self.w.listed(told), outer or marked(notice))
            rows.append(Row(self.label("notify.title", applicant=applicant), (words,)))
        if a.objections:
            text = self.label("when.within", clock=self._clock(a.objections))
            rows += self._row("objections.title", text, sample=outer or marked(a, "objections") or marked(a.objections))
        else:
            rows += self._row("objections.title", self.label("objections.none"))
        yield Facts(tuple(rows))
