"""A small rich call: every kind of field, two types, a consortium, match funding, documents. All invented."""

from madang.apps.calls.commands import publish_definition
from madang.apps.calls.models import Call
from madang.kernel.actors import DEMO

RICH = """\
madang: 1
id: {id}
programme: rich-programme
sample: true
languages: [en, ko]
title: {{en: Rich sample call, ko: 견본 종합 공모}}
summary: {{en: Everything that a form can ask., ko: 양식이 물을 수 있는 모든 것을 묻습니다.}}
host: {{organisation: sample-agency}}
secretariats:
  - {{id: desk, title: {{en: Programme desk, ko: 사업 담당}}}}
intake: {{mode: window}}
schedule:
  zone: Asia/Seoul
  opens: {opens}
  closes: {{at: {closes}}}
tracks:
  - id: plan
    title: {{en: Development plan, ko: 계획수립}}
    secretariat: desk
    applicants: [government, city, public_body]
  - id: trial
    title: {{en: Overseas demonstration, ko: 해외실증}}
    secretariat: desk
    applicants: [company, city]
    consortium:
      - {{role: overseas-partner, min: 1, kinds: [government, city, public_body, university], title: {{en: Overseas public partner, ko: 해외 공공 협력기관}}}}
      - {{role: member, min: 0, subsidy: "member.country == 'XA'", title: {{en: Member, ko: 참여기관}}}}
classifications: {{country: iso-user-assigned, field: molit-release-2021}}
form:
  - section: project
    title: {{en: The project, ko: 사업 개요}}
    fields:
      - {{id: name, type: text, max_characters: 60, required: true, public: true, label: {{en: Project name, ko: 사업명}}, help: {{en: "Shown on the public pages.", ko: 공개 화면에 쓰입니다.}}}}
      - {{id: place, type: place, required: true, label: {{en: Where, ko: 대상지}}}}
      - {{id: country, type: country, required: true, label: {{en: Country, ko: 국가}}}}
      - {{id: field, type: choice, set: field, label: {{en: Field, ko: 분야}}}}
      - id: size
        type: choice
        label: {{en: Size, ko: 규모}}
        options:
          - {{id: small, label: {{en: One district, ko: 한 지구}}}}
          - {{id: large, label: {{en: The whole city, ko: 도시 전체}}}}
      - id: means
        type: choice
        many: true
        label: {{en: Means, ko: 수단}}
        options:
          - {{id: sensors, label: {{en: Sensors, ko: 센서}}}}
          - {{id: platform, label: {{en: Data platform, ko: 데이터 플랫폼}}}}
          - {{id: services, label: {{en: Services, ko: 서비스}}}}
      - {{id: summary, type: long_text, max_words: 40, max_characters: 400, required: true, label: {{en: Summary, ko: 요약}}}}
      - {{id: mou, type: yes_no, required: true, label: {{en: Is there an agreement?, ko: 협약이 있습니까?}}}}
      - {{id: mou-text, type: file, formats: [pdf, hwpx], max_mb: 2, when: mou, required: true, label: {{en: The agreement, ko: 협약서}}}}
      - {{id: mou-day, type: date, when: mou, label: {{en: Signed on, ko: 체결일}}}}
  - section: people
    title: {{en: People and reach, ko: 조직과 규모}}
    fields:
      - {{id: contact, type: email, required: true, label: {{en: Contact address, ko: 담당자 전자우편}}}}
      - {{id: site, type: url, label: {{en: Web page, ko: 누리집}}}}
      - {{id: residents, type: number, min: 0, max: 20000000, unit: {{en: people, ko: 명}}, label: {{en: Residents reached, ko: 대상 주민}}}}
      - {{id: operator, type: organisation, label: {{en: Who will run it, ko: 운영 기관}}}}
      - id: goals
        type: rows
        min: 1
        max: 5
        required: true
        label: {{en: Goals set by residents, ko: 주민이 세운 목표}}
        fields:
          - {{id: goal, type: text, max_characters: 80, required: true, label: {{en: Goal, ko: 목표}}}}
          - {{id: by, type: text, required: true, label: {{en: Set by whom, ko: 목표를 세운 주민}}}}
          - {{id: how, type: text, label: {{en: How, ko: 방법}}}}
          - {{id: when, type: date, label: {{en: By when, ko: 기한}}}}
  - section: money
    title: {{en: Budget, ko: 사업비}}
    fields:
      - {{id: cost, type: money, unit: million, required: true, label: {{en: Total cost, ko: 총사업비}}}}
      - {{id: own, type: money, unit: million, required: true, label: {{en: Own share, ko: 자부담}}}}
documents:
  - {{id: plan, formats: [pdf, hwpx], max_mb: 2, label: {{en: Project plan, ko: 사업계획서}}}}
  - {{id: letter, required: "track == 'trial'", formats: [pdf], label: {{en: Letter of the partner, ko: 협력기관 확인서}}}}
eligibility:
  - id: agreed
    rule: mou
    otherwise: {{en: Only with an agreement in force., ko: 협약이 있어야 신청할 수 있습니다.}}
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
money:
  match: {{grant: 1, own: 1}}
  cost: cost
  own: own
  limits: {{default: {{grant_krw: {{max: 1000000000}}}}}}
"""  # noqa: E501


def rich_text(id: str = "rich-call-2027", *, opens: str = "2026-11-01", closes: str = "2099-12-18 18:00") -> str:
    """A sound definition with every kind of field; open for longer than this house will stand."""
    return RICH.format(id=id, opens=opens, closes=closes)


def rich_call(id: str = "rich-call-2027", **parts: str) -> Call:
    return publish_definition(actor=DEMO, text=rich_text(id, **parts), sample=True).call


def large_text(
    id: str = "large-call-2027", *, sections: int = 8, fields: int = 15, closes: str = "2099-12-18 18:00"
) -> str:
    """The same call with a form of `sections` times `fields` places, of several kinds."""
    kinds = ("text, max_characters: 200", "long_text, max_words: 300", "number", "yes_no", "country", "date")
    lines = []
    for s in range(sections):
        lines += [f"  - section: part-{s}", f"    title: {{en: Part {s}, ko: {s}부}}", "    fields:"]
        for f in range(fields):
            kind = kinds[f % len(kinds)]
            words = f"{{en: Question {s}.{f}, ko: 질문 {s}.{f}}}"
            lines.append(f"      - {{id: f{s}-{f}, type: {kind}, required: {str(f % 2 == 0).lower()}, label: {words}}}")
    head, rest = rich_text(id, closes=closes).split("form:\n")
    money = "  - section: money" + rest.split("  - section: money")[1].split("documents:")[0]
    tail = "documents:" + rest.split("documents:")[1].split("eligibility:")[0]
    return head + "form:\n" + "\n".join(lines) + "\n" + money + tail + "evaluation:" + rest.split("evaluation:")[1]
