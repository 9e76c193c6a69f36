"""An application that was filed, whose call has closed, and an office that asks for a supplement. All invented."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from madang.apps.accounts.commands import actor_of
from madang.apps.applications import commands
from madang.apps.applications.models import Application, Dossier, ReceptionBatch, Supplement
from madang.apps.calls.models import Call
from madang.kernel import clock
from tests.factories.filing import FilingWorld
from tests.factories.forms import DEFINITION
from tests.factories.people import person

SEOUL = ZoneInfo("Asia/Seoul")
REVIEW = """\
review:
  - id: papers
    label: {en: All papers are there, ko: 구비서류가 모두 있음}
    correction: {days: 5, rounds: 1, clock: {days: 5, count: business}}
  - {id: words, label: {en: The words are clear, ko: 내용이 분명함}, correction: {days: 7, rounds: 2}}
  - {id: place, label: {en: The place is in the country, ko: 대상지가 국내에 있음}}
"""
DEFINITION_WITH_REVIEW = DEFINITION.replace("closes: {at: 2027-12-01 18:00}", "closes: {at: 2027-01-20 18:00}") + REVIEW
ASKED = dt.datetime(2027, 2, 1, 10, 0, tzinfo=SEOUL)
"""A Monday, the week before Seollal, which is on a Sunday that year: 6 to 9 February are closed."""
UNTIL = dt.datetime(2027, 2, 10, 23, 59, 59, tzinfo=SEOUL)
"""Five business days after `ASKED`: 2, 3, 4, 5 and 10 February."""
LONG_CLOSED = (
    DEFINITION_WITH_REVIEW.replace(
        "opens: 2026-01-01, closes: {at: 2027-01-20", "opens: 2022-01-01, closes: {at: 2022-02-01"
    )
    .replace("clock: {days: 5, count: business}", "clock: {days: 5, rolls: none}")
    .replace("correction: {days: 7, rounds: 2}", "correction: {days: 7, rounds: 2, clock: {days: 7, rolls: none}}")
)
"""The same, closed in 2022 and counted without a calendar: whoever asks now is answered now."""
LONG_AGO = dt.datetime(2022, 1, 10, 10, 0, tzinfo=SEOUL)
THINGS = {"review.papers": "incomplete", "why": "incorrect", "documents.letter": "incomplete"}
REASON = {"ko": "추천서에 서명이 없습니다.", "en": "The letter bears no signature."}


def in_a_batch(call: Call, track: str = "plan", reference: str = "B-1") -> Dossier:
    """An application of a city that came in a batch; nobody writes in it here."""
    dossier = Dossier.objects.create(call=call, reference=reference, track=track, opened_at=ASKED)
    batch = ReceptionBatch.objects.create(call=call, source="sheet", sha256="0" * 64, imported_at=ASKED)
    Application.objects.create(
        batch=batch,
        dossier=dossier,
        call=call,
        reference=reference,
        applicant_name="City of Chodan",
        track=track,
        received="2022-01-12",
        received_at=ASKED,
        is_sample=True,
    )
    return dossier


class SupplementWorld(FilingWorld):
    """Filed on time; `office` is the secretariat of the call."""

    def __init__(self, text: str = DEFINITION_WITH_REVIEW) -> None:
        super().__init__(text)
        self.file()
        self.draft.refresh_from_db()
        self.secretary = person("office", role="secretariat", programme="small", zone="Asia/Seoul")
        self.office = actor_of(self.secretary)
        self.dossier = Dossier.objects.get(reference=self.draft.number)

    @classmethod
    def long_closed(cls) -> "SupplementWorld":
        """Of a call that has closed long ago, so that a browser can be asked now."""
        with clock.at(LONG_AGO):
            return cls(LONG_CLOSED)

    def ask(self, things: Any = None, *, at: dt.datetime = ASKED, **more: Any) -> Supplement:
        given = {"things": things or THINGS, "reason": REASON} | more
        with clock.at(at):
            found = commands.ask_supplement(actor=self.office, dossier=self.dossier, **given)
        self.draft.refresh_from_db()
        return found

    def mend(self, *, at: dt.datetime = ASKED, **typed: Any) -> None:
        """Open what is filed, and change these places (`why`, if none is named)."""
        with clock.at(at):
            self.draft = commands.revise_filed(actor=self.first, draft=self.draft)
            typed = typed or {"why": "For all who live here"}
            done = self.save(base=dict.fromkeys(typed, 10000), **typed)
            assert not done.refused, done.refused
            assert not done.conflicts, done.conflicts
        self.draft.refresh_from_db()
