"""Invented applications: most of them eligible, one in twenty kept out by a rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from madang.core.callspec.model import Track
from madang.core.deciding.case import Application, Case
from madang.core.deciding.eligibility import eligibility
from madang.core.reasons import Malformed
from madang.papers.samples.answers import Answers
from madang.papers.samples.common import COUNTRIES, Sampling, named

_TRIES = 200
_DAYS_OPEN = 60


class Applications:
    def __init__(self, sampling: Sampling) -> None:
        self._s = sampling
        self._answers = Answers(sampling)

    def draw(self, count: int) -> tuple[Application, ...]:
        width = max(2, len(str(count)))
        return tuple(self._application(number, count, width) for number in range(1, count + 1))

    def _application(self, number: int, count: int, width: int) -> Application:
        """One that the rules let in, or (one in twenty) one that they keep out, as far as drawing finds it."""
        wanted = not (number % 20 == 7 and self._s.rules)
        made = self._draw(number, count, width, wanted)
        for _ in range(_TRIES):
            if self._eligible(made) == wanted:
                break
            made = self._draw(number, count, width, wanted)
        return made

    def _draw(self, number: int, count: int, width: int, wanted: bool) -> Application:
        tracks = self._s.definition.tracks
        track = tracks[(number - 1) % len(tracks)] if tracks else None
        kind = self._s.random.choice(track.applicants) if track and track.applicants else "city"
        answers = self._answers.draw(number, width, track, adding_up=wanted)
        fields = self._s.definition.fields()
        made = Application(
            id=f"A{number:0{width}}",
            applicant=named(kind, number, width),
            kind=kind,
            organisation=f"sample-{kind.replace('_', '-')}-{number:0{width}}",
            track=track.id if track else "",
            country=next((answers[f.id] for f in fields if f.type == "country" and f.id in answers), ""),
            received=self._received(number, count),
            answers=answers,
            members=tuple(self._members(track, number, width)),
        )
        return self._only_asked(made)

    def _only_asked(self, made: Application) -> Application:
        """Without answers to questions that this application is not asked; dropping one may close another."""
        conditions = self._s.conditions
        while True:
            facts = conditions.facts(made)
            asked = {
                field.id
                for section in self._s.definition.form
                for field in section.fields
                if conditions.asked(section, field, facts)
            }
            kept = {name: answer for name, answer in made.answers.items() if name in asked}
            if len(kept) == len(made.answers):
                return made
            made = replace(made, answers=kept)

    def _eligible(self, made: Application) -> bool:
        """Looked at alone, by the core's own judgement: rules, kinds of applicant, consortium, limits of money."""
        try:
            return not eligibility(self._s.definition, Case(applications=(made,)))[made.id]
        except Malformed:
            return False

    def _received(self, number: int, count: int) -> str:
        """Spread evenly over the time of intake, in the order of the numbers."""
        opens, closes = self._open()
        seconds = max(1, int((closes - opens).total_seconds()))
        moment = opens + dt.timedelta(seconds=seconds * number // (count + 1))
        return moment.isoformat(sep=" ", timespec="seconds")

    def _open(self) -> tuple[dt.datetime, dt.datetime]:
        """The window; where a second cut-off follows, somewhat beyond the first, so that some are late for it."""
        schedule, cut_offs = self._s.definition.schedule, self._s.definition.intake.cut_offs
        opens = dt.datetime.fromisoformat(schedule.opens or schedule.announced or "2021-01-04")
        if schedule.closes:
            return opens, dt.datetime.fromisoformat(schedule.closes.at)
        if len(cut_offs) > 1:
            return opens, opens + (dt.datetime.fromisoformat(cut_offs[0].at) - opens) * 6 // 5
        return opens, opens + dt.timedelta(days=_DAYS_OPEN)

    def _members(self, track: Track | None, number: int, width: int) -> Iterator[dict[str, str]]:
        random = self._s.random
        for role in track.consortium if track else ():
            for place in range(max(role.min, 1)):
                kind = random.choice(role.kinds) if role.kinds else "company"
                name = named(kind, number * 10 + place, width + 1)
                yield {"role": role.role, "name": name, "kind": kind, "country": random.choice(COUNTRIES)}
