"""Applications under review: a call with a checklist, rules, outside checks, and people at its desks. All invented."""

import datetime as dt
import io
from typing import Any

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.applications.commands import (
    attach_file,
    file_draft,
    receive_from_folder,
    revise_filed,
    save_entries,
    start_draft,
)
from madang.apps.applications.models import Dossier, Draft
from madang.apps.calls.models import Call
from madang.apps.review.commands import enter_result, judge
from madang.apps.review.rules import Said
from madang.core.deciding.case import Case
from madang.kernel.actors import OFFICE
from madang.kernel.clock import now
from tests.factories.applications import application
from tests.factories.enquiries import call_with_desks
from tests.factories.filing import PDF
from tests.factories.people import belongs, organisation, person

PROGRAMME = "sample-programme"
CHECKLIST = """\
documents:
  - {id: plan, formats: [pdf], label: {en: Plan, ko: 계획서}}
eligibility:
  - id: enough
    rule: requested >= 100000000
    otherwise: {en: At least 100 million won must be requested., ko: 1억 원 이상을 신청해야 합니다.}
  - id: once
    rule: applications_of_applicant <= 2
    otherwise: {en: An applicant may apply twice at most., ko: 한 기관은 두 번까지만 신청할 수 있습니다.}
review:
  - {id: papers, label: {en: All papers are there and readable, ko: 구비서류가 모두 있고 읽을 수 있음}, correction: {days: 5, rounds: 1}}
  - {id: residents, label: {en: Residents took part, ko: 주민 참여}, four_eyes: true}
  - {id: style, label: {en: The plan is easy to read, ko: 계획서의 가독성}, excludes: false}
  - {id: large, when: requested > 500000000, label: {en: The large sum is explained, ko: 큰 금액의 산출 근거}}
outside_checks:
  - {id: tax, label: {en: Tax arrears, ko: 국세 체납}, source: {en: National tax office, ko: 국세청}}
  - {id: press, label: {en: In the news, ko: 언론 보도}, source: {en: Newspapers, ko: 신문}, excludes: false}
"""  # noqa: E501


def review_call(id: str = "sample-call-open", *, more: str = "", **parts: str) -> Call:
    """An open call whose plans go to the northern office, with everything that a review can ask for."""
    return call_with_desks(id, more=CHECKLIST + more, **parts)


def received(call: Call, *numbers: int, **parts: Any) -> list[Dossier]:
    """These applications, come in as one batch; `parts` change each of them."""
    rows = tuple(application(n, **({"received": "", "track": "plan"} | parts)) for n in numbers)
    receive_from_folder(actor=OFFICE, call=call, case=Case(applications=rows, sample=True))
    return [Dossier.objects.get(call=call, reference=row.id) for row in rows]


def filed(
    call: Call, name: str = "City of Aram", *, requested: str = "300", track: str = "plan"
) -> tuple[Draft, Dossier]:
    """An application of an organisation of its own, filed here."""
    writer = person(f"w{Person.objects.count()}")
    where = organisation(name)
    belongs(where, writer, "manage", "file", "fill")
    draft = start_draft(actor=actor_of(writer), call=call, organisation=where, track=track, language="ko")
    attach_file(actor=actor_of(writer), draft=draft, key="documents.plan", name="plan.pdf", content=io.BytesIO(PDF))
    return draft, press(draft, requested)


def press(draft: Draft, requested: str) -> Dossier:
    """Write this sum and press: the first revision, or the next one."""
    draft.refresh_from_db()
    actor = actor_of(draft.started_by)
    if draft.state == "filed":
        revise_filed(actor=actor, draft=draft)
        draft.refresh_from_db()
    base = dict(draft.entries.values_list("key", "revision"))
    save_entries(actor=actor, draft=draft, changes={"requested": requested}, base=base)
    draft.refresh_from_db()
    file_draft(actor=actor, draft=draft, seen_revision=draft.revision, arrived_at=now())
    draft.refresh_from_db()
    return Dossier.objects.get(call=draft.call, reference=draft.number)


def secretary(name: str = "haneul", desk: str = "north") -> Person:
    return person(name, role="secretariat", programme=PROGRAMME, secretariat=desk)


def said(result: str = "clear", **more: Any) -> Said:
    given = {"source": "National tax office", "on": dt.date(2022, 1, 20), "note": ""}
    return Said(result, **(given | more))


def made_clean(dossier: Dossier, *people: Person) -> None:
    """Everything judged and answered in its favour, by these two people."""
    first, second = people
    for item in ("papers", "style"):
        judge(actor=actor_of(first), dossier=dossier, item=item, verdict="pass")
    for one in (first, second):
        judge(actor=actor_of(one), dossier=dossier, item="residents", verdict="pass")
    enter_result(actor=actor_of(first), dossier=dossier, check="tax", said=said())
