"""The part of the demo that can be tried: open calls with contacts, a session and an answer; organisations, a draft,
and an application that is filed.

All invented, and made by the same commands as everything else. What is there already is left as it is.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from madang.apps.accounts.models import Person
    from madang.apps.calls.models import Call
    from madang.apps.directory.models import Organisation

#: person -> the organisation that she or he founded: kind, country, name, name in the other language
ORGANISATIONS: Final = {
    "Aram": ("city", "KR", "아람시(예시)", {"en": "City of Aram (sample)"}),
    "Kiran": ("city", "XB", "City of Kiran (sample)", {"ko": "키란시(예시)"}),
    "Mira": ("company", "KR", "Mira Mobility (sample)", {"ko": "미라모빌리티(예시)"}),
}
ANSWER: Final = (
    {"en": "May the letter of the government follow later?", "ko": "정부 추천서를 나중에 제출해도 됩니까?"},
    {"en": "No. It is needed by the closing moment.", "ko": "아니요. 접수 마감 시각까지 제출하여야 합니다."},
)
DRAFT: Final = {
    "name": "Buses on request for the hillside districts",
    "place": "Kiran (-6.9147, 107.6098)",
    "country": "XB",
    "mou": "no",
}
FILED: Final = {
    "name": "옛 장터의 그늘길과 빗물길(예시)",
    "special": "no",
    "basic": "yes",
    "problem": "여름 한낮 장터 바닥의 온도가 올라 손님과 상인이 함께 견디기 어렵습니다. 그늘막과 빗물 저장고를 "
    "두고, 온도와 빗물을 재어 물을 뿌리는 때를 정합니다.",
    "total": "40",
    "local": "20",
}
GOAL: Final = {
    "goal": "장터 바닥의 한낮 온도를 3도 낮춘다",
    "residents": "옛 장터 상인회와 이웃 주민 24명",
    "how": "주민 회의 세 번",
    "when": "2026년 10월",
}
PAPERS: Final = {"plan": "사업계획서", "resolve": "시의회 의결서"}


ANNOUNCEMENT: Final = {
    "en": {
        "subject": "Sample: the briefing session is recorded",
        "text": "Hello,\n\nthe briefing session is recorded. Whoever cannot come can watch it the day after.",
    },
    "ko": {
        "subject": "예시: 설명회를 녹화합니다",
        "text": "안녕하십니까.\n\n설명회를 녹화합니다. 참석하지 못하시는 분은 다음 날 영상을 보실 수 있습니다.",
    },
}


def load() -> None:
    """Open calls with what belongs to them; the sample people must be there already."""
    from madang.papers.library import open_calls

    calls = {name: _published(text) for name, text in open_calls(_today()).items()}
    founded = {name: _founded(name) for name in ORGANISATIONS}
    overseas = calls["overseas-cooperation"]
    if not overseas.contacts.exists():  # the first time
        for call in calls.values():
            _contact(call)
        _session(overseas)
        _answer(overseas)
        _draft(overseas, founded["Kiran"], DRAFT)
        _announcement(overseas)
        _filed(calls["small-city-solutions"], founded["Aram"])
    for name in calls:
        print(f"  {name} (open)", flush=True)


def _today() -> dt.date:
    from zoneinfo import ZoneInfo

    from madang.kernel.clock import now

    return now().astimezone(ZoneInfo("Asia/Seoul")).date()


def _published(text: str) -> Call:
    from madang.apps.calls.commands import publish_definition
    from madang.apps.calls.models import Call
    from madang.core import callspec
    from madang.kernel.actors import DEMO

    standing = Call.objects.filter(slug=callspec.parse(text).id, published_at__isnull=False).first()
    return standing or publish_definition(actor=DEMO, text=text, sample=True).call


def _person(name: str) -> Person:
    from madang.apps.accounts.models import Person

    return Person.objects.get(email=f"{name.lower()}@example.org")


def _founded(name: str) -> Organisation:
    from madang.apps.accounts.commands import actor_of
    from madang.apps.directory.commands import found_organisation
    from madang.apps.directory.models import Organisation

    kind, country, title, names = ORGANISATIONS[name]
    standing = Organisation.objects.filter(name=title, is_sample=True).first()
    return standing or found_organisation(
        actor=actor_of(_person(name)), kind=kind, country=country, name=title, names=names, sample=True
    )


def _contact(call: Call) -> None:
    from madang.apps.enquiries.commands import set_contact
    from madang.kernel.actors import DEMO

    set_contact(
        actor=DEMO,
        call=call,
        name={"en": "Call desk (sample)", "ko": "공모 사무국(예시)"},
        email="desk@example.org",
        hours={"en": "Mondays to Fridays, 9:00 to 18:00", "ko": "월~금 9:00~18:00"},
    )


def _session(call: Call) -> None:
    from madang.apps.enquiries.commands import plan_briefing
    from madang.kernel.actors import DEMO

    begins = dt.datetime.combine(_today() + dt.timedelta(days=5), dt.time(5), dt.UTC)  # 14:00 in Seoul
    plan_briefing(
        actor=DEMO,
        call=call,
        begins_at=begins,
        ends_at=begins + dt.timedelta(hours=2),
        title={"en": "Briefing on the call (sample)", "ko": "공모 설명회(예시)"},
        place={"en": "Sample hall, Seoul", "ko": "서울 예시홀"},
        seats=80,
    )


def _answer(call: Call) -> None:
    from madang.apps.enquiries.commands import publish_answer
    from madang.kernel.actors import DEMO

    publish_answer(actor=DEMO, call=call, question=ANSWER[0], answer=ANSWER[1])


def _draft(call: Call, organisation: Organisation, typed: dict[str, Any]) -> None:
    from madang.apps.accounts.commands import actor_of
    from madang.apps.applications.commands import save_entries, start_draft

    actor = actor_of(_person("Kiran"))
    draft = start_draft(actor=actor, call=call, organisation=organisation, track="development", language="en")
    save_entries(actor=actor, draft=draft, changes=typed, base={})


def _announcement(call: Call) -> None:
    """To whoever writes an application, held: somebody at the desk can look at it and release it."""
    from madang.apps.accounts.models import Person
    from madang.apps.outbox.commands import write_batch
    from madang.kernel.actors import DEMO
    from madang.kernel.mail import Reader

    people = Person.objects.filter(draft_memberships__draft__call=call).distinct().order_by("pk")
    readers = [Reader(one.email, one.language) for one in people]
    write_batch(actor=DEMO, call=call, texts=ANNOUNCEMENT, readers=readers)


def _filed(call: Call, organisation: Organisation) -> None:
    """An application with everything that the call asks for, pressed: so that a receipt can be looked at."""
    import io

    from madang.apps.accounts.commands import actor_of
    from madang.apps.applications.commands import add_row, attach_file, file_draft, save_entries, start_draft
    from madang.kernel.clock import now

    actor = actor_of(_person("Aram"))
    draft = start_draft(actor=actor, call=call, organisation=organisation, track="", language="ko")
    row = add_row(actor=actor, draft=draft, key="goals")
    typed: dict[str, Any] = {**FILED, **{f"goals.{row}.{cell}": text for cell, text in GOAL.items()}}
    save_entries(actor=actor, draft=draft, changes=typed, base={})
    for key, title in PAPERS.items():
        content = io.BytesIO(_paper(title))
        attach_file(actor=actor, draft=draft, key=f"documents.{key}", name=f"{title}(예시).pdf", content=content)
    draft.refresh_from_db()
    file_draft(actor=actor, draft=draft, seen_revision=draft.revision, arrived_at=now())


def _paper(title: str) -> bytes:
    """A page that says what it stands for."""
    from madang.papers import pdf
    from madang.papers.blocks import Heading, Paper, Paragraph

    parts = (Heading(1, title), Paragraph("시험용으로 지어낸 문서입니다."))
    return pdf.render(Paper(f"{title}(예시)", "아람시(예시)", "ko", "예시 자료", parts, sample_word="예시"))
