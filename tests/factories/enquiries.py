"""A call with two desks, and questions about it. All invented."""

import datetime as dt
from typing import Any

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.calls.commands import publish_definition
from madang.apps.calls.models import Call
from madang.apps.enquiries.commands import ask, plan_briefing
from madang.apps.enquiries.models import Briefing, Enquiry
from madang.kernel.actors import DEMO, OFFICE
from madang.kernel.clock import now
from tests.factories.calls import definition_text

DESKS = """\
secretariats:
  - {id: north, title: {en: Northern office, ko: 북부 사무국}}
  - {id: south, title: {en: Southern office, ko: 남부 사무국}}
tracks:
  - {id: plan, title: {en: Plan, ko: 계획}, secretariat: north}
  - {id: trial, title: {en: Trial, ko: 실증}, secretariat: south}
  - {id: other, title: {en: Other, ko: 기타}}
"""


def call_with_desks(id: str = "sample-call-open", *, more: str = "", **parts: str) -> Call:
    """An open sample call: plans go to the northern office, trials to the southern one, others to both.

    `more` stands at the end of the definition.
    """
    today = now().date()
    window = {"opens": f"{today - dt.timedelta(days=3)}", "closes": f"{today + dt.timedelta(days=30)} 18:00"}
    text = definition_text(id, **(window | parts))
    before, after = text.index("tracks:"), text.index("classifications:")
    return publish_definition(actor=DEMO, text=text[:before] + DESKS + text[after:] + more, sample=True).call


def asked(call: Call, asker: Person, question: str = "May a city apply twice?", **more: Any) -> Enquiry:
    return ask(actor=actor_of(asker), call=call, question=question, **{"language": "en", **more})


def planned(call: Call, *, in_days: int = 5, **more: Any) -> Briefing:
    begins = now().replace(microsecond=0) + dt.timedelta(days=in_days)
    given: dict[str, Any] = {"begins_at": begins, "ends_at": begins + dt.timedelta(hours=2)}
    return plan_briefing(actor=OFFICE, call=call, **(given | {"place": {"en": "Hall 1", "ko": "제1강당"}} | more))
