"""Call definitions, and calls published from them."""

from madang.apps.calls.commands import publish_definition
from madang.apps.calls.models import Call
from madang.kernel.actors import DEMO, Actor

DEFINITION = """\
madang: 1
id: {id}
programme: {programme}
sample: true
languages: [en, ko]
title: {{en: "{title}", ko: 견본 공모}}
host: {{organisation: sample-agency}}
intake: {{mode: window}}
schedule:
  zone: Asia/Seoul
  opens: {opens}
  closes: {{at: {closes}}}
tracks:
  - {{id: plan, title: {{en: Plan, ko: 계획}}}}
  - {{id: trial, title: {{en: Trial, ko: 실증}}}}
classifications: {{country: iso-user-assigned, field: molit-release-2021}}
form:
  - section: project
    title: {{en: The project, ko: 사업 개요}}
    fields:
      - {{id: field, type: choice, set: field, label: {{en: Field, ko: 분야}}}}
      - {{id: requested, type: money, unit: million, required: true, label: {{en: Requested, ko: 신청액}}}}
evaluation:
  - id: written
    kind: judged
    scale: {{min: 0, max: 100}}
    criteria:
      - {{id: need, weight: 40, label: {{en: Need, ko: 필요성}}}}
      - {{id: quality, weight: 60, label: {{en: Quality, ko: 완성도}}}}
decide:
  by: rank
  combine: {{written: 100}}
  seats: {{max: 2}}
  ties: [quality, need, lot]
outcome: {{kind: award}}
"""


def definition_text(
    id: str = "sample-call-2022",
    *,
    programme: str = "sample-programme",
    title: str = "Sample call",
    opens: str = "2022-01-03",
    closes: str = "2022-02-04 18:00",
) -> str:
    """A small sound definition: two types, ranked, intake by window."""
    return DEFINITION.format(id=id, programme=programme, title=title, opens=opens, closes=closes)


def published(id: str = "sample-call-2022", *, actor: Actor = DEMO, **parts: str) -> Call:
    """A published sample call; long closed, unless `opens` and `closes` say otherwise."""
    return publish_definition(actor=actor, text=definition_text(id, **parts), sample=True).call
