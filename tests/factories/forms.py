"""A small call whose form has one of everything: conditions, rows, a consortium, files, money with a match."""

from madang.apps.calls.commands import publish_definition
from madang.apps.calls.models import Call
from madang.kernel.actors import DEMO

DEFINITION = """\
madang: 1
id: small-2027
programme: small
sample: true
languages: [en, ko]
title: {en: Small, ko: 작은 공모}
host: {organisation: sample-agency}
intake: {mode: window}
schedule: {zone: Asia/Seoul, opens: 2026-01-01, closes: {at: 2027-12-01 18:00}}
tracks:
  - id: plan
    title: {en: Plan, ko: 계획}
    applicants: [city, government]
  - id: trial
    title: {en: Trial, ko: 실증}
    consortium:
      - {role: public, min: 1, kinds: [city, government], subsidy: "false"}
      - {role: member, max: 2, subsidy: member.country == 'XA'}
classifications: {country: iso-user-assigned, field: molit-release-2021}
form:
  - section: check
    title: {en: Project, ko: 사업}
    fields:
      - {id: name, type: text, max_characters: 10, required: true, label: {en: Name, ko: 이름}}
      - {id: why, type: long_text, max_words: 5, label: {en: Why, ko: 이유}}
      - {id: mail, type: email, label: {en: Mail, ko: 전자우편}}
      - {id: page, type: url, label: {en: Page, ko: 누리집}}
      - {id: site, type: place, label: {en: Site, ko: 대상지}}
      - {id: since, type: date, label: {en: Since, ko: 시작}}
      - {id: country, type: country, label: {en: Country, ko: 국가}}
      - {id: people, type: number, min: 1, max: 100000, label: {en: People, ko: 인구}}
      - {id: share, type: number, decimals: 2, min: 0, label: {en: Share, ko: 비율}}
      - {id: fields, type: choice, set: field, many: true, label: {en: Fields, ko: 분야}}
      - {id: agreed, type: yes_no, required: true, label: {en: Agreed, ko: 협약}}
      - {id: paper, type: file, formats: [pdf], max_mb: 1, when: agreed == true, required: true, label: {en: P, ko: 파}}
      - {id: named, type: text, when: why == null && agreed == true, required: people > 10, label: {en: N, ko: 명칭}}
      - id: goals
        type: rows
        min: 2
        max: 3
        required: true
        label: {en: Goals, ko: 목표}
        fields:
          - {id: goal, type: text, required: true, label: {en: Goal, ko: 목표}}
          - {id: public, type: yes_no, label: {en: Public, ko: 공개}}
          - {id: where, type: text, when: public == true, required: agreed == true, label: {en: Where, ko: 어디에}}
  - section: money
    title: {en: Money, ko: 사업비}
    tracks: [trial]
    fields:
      - {id: cost, type: money, unit: eok, label: {en: Cost, ko: 총사업비}}
      - {id: own, type: money, unit: million, label: {en: Own, ko: 자부담}}
documents:
  - {id: letter, required: track != 'trial', formats: [pdf], label: {en: Letter, ko: 추천서}}
eligibility:
  - {id: agreed, rule: agreed == true, otherwise: {en: Agree., ko: 협약이 필요합니다.}}
  - {id: large, rule: people >= 1000 || fields.size() > 0, otherwise: {en: Too small., ko: 너무 작습니다.}}
  - {id: once, rule: applications_of_applicant <= 1, otherwise: {en: Once., ko: 한 번만 신청할 수 있습니다.}}
evaluation:
  - {id: read, kind: judged, scale: {min: 0, max: 10}, criteria: [{id: need, weight: 100, label: {en: Need, ko: 필요}}]}
decide: {by: rank, combine: {read: 100}, seats: {max: 1}, ties: [need, lot]}
outcome: {kind: award}
money: {cost: cost, own: own, match: {grant: 2, own: 1}, limits: {default: {grant_krw: {max: 1000000000}}}}
"""


def form_call(text: str = DEFINITION) -> Call:
    """The call, published; open from 2026-01-01 until 2027-12-01 18:00 in Seoul."""
    return publish_definition(actor=DEMO, text=text, sample=True).call


def amended(call: Call, old: str, new: str) -> Call:
    """The call with one text of its definition replaced, as an amendment."""
    text = call.versions.order_by("-number")[0].text
    assert old in text
    publish_definition(
        actor=DEMO, text=text.replace(old, new, 1), sample=True, reason="Corrected", notice="The agency's page"
    )
    return call
