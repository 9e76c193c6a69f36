"""Invented calls of any size, the same on every machine: no clock, no chance beyond a fixed seed."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any, Literal

from madang.core.callspec import parse
from madang.core.deciding.case import Application, Case, Sheet
from madang.papers.writing import write_folder

EVALUATORS = 7
CRITERIA = 6
TRACKS = ("plan", "solution", "demonstration")
REGIONS = ("north", "south", "east", "west")
_WEIGHTS = (25, 20, 15, 15, 15, 10)

_DEFINITION = """\
madang: 1
id: bench
programme: bench
languages: [en, ko]
title: {{en: A call to measure with, ko: 측정용 공모}}
summary: {{en: Invented material., ko: 지어낸 자료입니다.}}
host: {{organisation: bench}}
intake: {{mode: window}}
schedule:
  zone: Asia/Seoul
  announced: 2021-02-18
  opens: 2021-02-18
  closes: {{at: 2021-04-20 18:00, printed_grace_minutes: 0}}
  stages:
    - {{id: written, kind: written, from: 2021-05-17, to: 2021-06-04}}
    - {{id: announcement, kind: announcement, on: 2021-06-23}}
tracks:
{tracks}
form:
  - section: project
    title: {{en: The project, ko: 사업 개요}}
    fields:
      - {{id: name, type: text, max_characters: 120, required: true, public: true, label: {{en: Name, ko: 사업명}}}}
      - {{id: place, type: place, required: true, label: {{en: Where, ko: 대상지}}}}
      - id: region
        type: choice
        required: true
        label: {{en: Region, ko: 권역}}
        options:
{regions}
      - {{id: summary, type: long_text, max_words: 400, required: true, label: {{en: Summary, ko: 사업 요약}}}}
      - {{id: requested, type: money, required: true, label: {{en: Requested, ko: 신청액}}}}
eligibility:
  - id: ceiling
    rule: requested <= krw(10, 'eok')
    otherwise: {{en: At most KRW 1.0 billion can be requested., ko: 신청액은 최대 10억 원입니다.}}
  - id: one-per-city
    rule: applications_of_applicant_for_same_city <= 1
    otherwise: {{en: One project per applicant and city., ko: 신청기관은 도시별 1건만 신청할 수 있습니다.}}
evaluation:
  - id: written
    kind: judged
    form: written
    title: {{en: Evaluation by the committee, ko: 평가위원회 평가}}
    panel: {{seats: {evaluators}}}
    scale: {{min: 0, max: 100, step: 1}}
    criteria:
{criteria}
    score: {{trim: total, min_sheets_to_trim: 5}}
decide:
  by: rank
  combine: {{written: 100}}
  decimals: 2
  pass_mark: 60
  ties: [c1, c2, lot]
  list: one
  seats: {{max: {seats}}}
  rules:
{rules}
  reserve: {{count: 3}}
outcome: {{kind: award, recipient: applicant}}
money: {{cost: requested}}
"""


def definition_text(*, minimums: bool, applications: int) -> str:
    """A call by rank with six criteria; `minimums` adds least numbers by track and by region to its caps."""
    seats = max(11, applications // 10)
    tracks = "\n".join(f"  - {{id: {track}, title: {{en: Track {track}, ko: 유형 {track}}}}}" for track in TRACKS)
    criteria = "\n".join(
        f"      - {{id: c{number}, weight: {weight}, label: {{en: Criterion {number}, ko: 기준 {number}}}}}"
        for number, weight in enumerate(_WEIGHTS, start=1)
    )
    regions = "\n".join(
        f"          - {{id: {region}, label: {{en: The {region}, ko: {region} 권역}}}}" for region in REGIONS
    )
    rules = ["    - {id: per-applicant, cap_each: applicant, max: 2}"]
    for tag, values in (("track", TRACKS), ("region", REGIONS)):
        shares = ", ".join(
            f"{value}: {{min: {least}, max: {most}}}" if minimums else f"{value}: {{max: {most}}}"
            for value, least, most in _shares(values, seats)
        )
        rules.append(f"    - {{id: per-{tag}, quota: {tag}, values: {{{shares}}}}}")
    return _DEFINITION.format(
        tracks=tracks, regions=regions, criteria=criteria, seats=seats, rules="\n".join(rules), evaluators=EVALUATORS
    )


def _shares(values: tuple[str, ...], seats: int) -> list[tuple[str, int, int]]:
    """Value, least and most: the least numbers add up to all seats but one, so that they bind."""
    least = (seats - 1) // len(values)
    more = (seats - 1) % len(values)
    return [(value, least + (number < more), least + 3) for number, value in enumerate(values)]


def case(applications: int) -> Case:
    """So many applications, each with seven sheets of six whole scores, and lots drawn."""
    random = Random(applications)
    ids = [f"A{number:05d}" for number in range(1, applications + 1)]
    made = tuple(_application(name, number, random) for number, name in enumerate(ids))
    sheets = tuple(_sheet(name, evaluator, random) for name in ids for evaluator in range(1, EVALUATORS + 1))
    return Case(applications=made, sheets=sheets, lot_order=tuple(random.sample(ids, len(ids))), sample=True)


def _application(name: str, number: int, random: Random) -> Application:
    return Application(
        id=name,
        applicant=f"Sample City {number // 2}",
        kind="city",
        track=random.choice(TRACKS),
        received="2021-04-01",
        answers={
            "name": f"Sample project {number}",
            "place": f"Place {number}",
            "region": random.choice(REGIONS),
            "summary": "Sensors, a platform and a year of measured operation. " * 4,
            "requested": random.randrange(100, 1_000) * 1_000_000,
        },
    )


def _sheet(application: str, evaluator: int, random: Random) -> Sheet:
    level = random.randrange(50, 95)
    scores = {f"c{number}": str(min(100, level + random.randrange(-10, 11))) for number in range(1, CRITERIA + 1)}
    return Sheet("written", application, f"E{evaluator}", scores)


def folder(at: Path, applications: int, *, minimums: bool = False, kind: Literal["csv", "xlsx"] = "csv") -> Path:
    """A folder for `madang decide`; made once, then taken as it stands."""
    if not at.exists():
        at.mkdir(parents=True)
        text = definition_text(minimums=minimums, applications=applications)
        parse(text)
        write_folder(text, case(applications), at, kind, decided_at="2021-06-23 10:00")
    return at


def ranking_problem(applications: int) -> dict[str, Any]:
    """The same sheets as a `madang solve ranking` problem."""
    made = case(applications)
    return {
        "kind": "ranking",
        "version": 1,
        "higher_is_better": True,
        "criteria": [
            {"id": f"c{n}", "weight_bp": weight * 100, "min": 0, "max": 100} for n, weight in enumerate(_WEIGHTS, 1)
        ],
        "sheets": [
            {"application": s.application, "evaluator": s.evaluator, "scores": {c: int(v) for c, v in s.scores.items()}}
            for s in made.sheets
        ],
        "rule": {"trim": "total", "min_sheets_to_trim": 5, "decimals": 2, "pass_mark": 60, "ties": ["c1", "c2", "lot"]},
        "lot_order": list(made.lot_order),
    }


def selection_problem(applications: int, *, minimums: bool) -> dict[str, Any]:
    """A `madang solve selection` problem down the ranking: seats, a budget, caps, and quotas by track and region."""
    random, seats = Random(applications), max(11, applications // 10)
    quotas = [("track", *share) for share in _shares(TRACKS, seats)]
    quotas += [("region", *share) for share in _shares(REGIONS, seats)]
    return {
        "kind": "selection",
        "version": 1,
        "applications": [
            {
                "id": f"A{number:05d}",
                "rank": number,
                "cost_krw": random.randrange(100, 1_000) * 1_000_000,
                "own_krw": 0,
                "tags": {
                    "track": random.choice(TRACKS),
                    "region": random.choice(REGIONS),
                    "applicant": f"city-{number // 2}",
                },
            }
            for number in range(1, applications + 1)
        ],
        "rules": [
            {"id": "seats", "type": "seats", "max": seats},
            {"id": "budget", "type": "budget", "max_krw": seats * 550_000_000, "money": "grant"},
            {"id": "per-applicant", "type": "cap_each", "tag": "applicant", "max": 2},
            *(
                {"id": f"{tag}:{value}", "type": "quota", "tag": tag, "equals": value, "max": most}
                | ({"min": least} if minimums else {})
                for tag, value, least, most in quotas
            ),
        ],
        "objective": "rank_order",
        "reserve": 3,
    }
