"""Small folders to read: definitions that use every kind of table, good tables for them, and ways to spoil them."""

from __future__ import annotations

from pathlib import Path

from madang import words
from madang.core.reasons import Malformed
from madang.papers import folder

HEAD = """\
madang: 1
id: {id}
programme: {id}
languages: [en]
title: {{en: Test}}
host: {{organisation: office}}
intake: {{mode: window}}
schedule: {{zone: Asia/Seoul, opens: 2021-02-18, closes: {{at: 2021-04-20 18:00}}}}
"""

CONTEST = (
    HEAD.format(id="contest")
    + """\
tracks:
  - {id: plan, title: {en: Plan}, applicants: [city]}
  - id: demo
    title: {en: Demonstration}
    applicants: [company]
    consortium: [{role: partner, min: 1}, {role: member}]
form:
  - section: project
    title: {en: Project}
    fields:
      - {id: name, type: text, max_characters: 20, required: true, label: {en: Name}}
      - {id: country, type: country, required: true, label: {en: Country}}
      - id: field
        type: choice
        options: [{id: water, label: {en: Water}}, {id: transport, label: {en: Transport}}]
        label: {en: Field}
      - id: topics
        type: choice
        many: true
        options: [{id: a, label: {en: A}}, {id: b, label: {en: B}}]
        label: {en: Topics}
      - {id: mou, type: yes_no, required: true, label: {en: Agreement}}
      - {id: mou_day, type: date, when: mou == true, required: true, label: {en: Day of the agreement}}
      - {id: ratio, type: number, decimals: 1, min: 0, max: 100, label: {en: Ratio}}
      - {id: requested, type: money, unit: million, required: true, label: {en: Requested}}
      - {id: own, type: money, unit: million, when: track == 'demo', required: true, label: {en: Own}}
      - id: goals
        type: rows
        max: 2
        label: {en: Goals}
        fields:
          - {id: goal, type: text, required: true, label: {en: Goal}}
          - {id: weight, type: number, label: {en: Weight}}
review:
  - {id: papers, label: {en: Papers}}
  - {id: similar, label: {en: Similar}}
opinions:
  - {id: mission, ask: mission, question: {en: State?}, scale: [1, 5]}
evaluation:
  - id: written
    kind: judged
    panel: {seats: 2}
    scale: {min: 0, max: 100, step: "0.5"}
    criteria: [{id: need, weight: 40, label: {en: Need}}, {id: plan, weight: 60, label: {en: Plan}}]
decide: {by: rank, combine: {written: 100}, ties: [need, lot], seats: {max: 1}}
outcome: {kind: award}
"""
)

VOTE = (
    HEAD.format(id="alliance")
    + """\
decide: {by: vote, body: {en: Committee}, seats: 3, quorum: 50, majority: 50}
outcome: {kind: membership}
"""
)

STAGES = (
    HEAD.format(id="stages")
    + """\
evaluation:
  - id: written
    kind: judged
    scale: {min: 0, max: 10}
    criteria: [{id: need, weight: 100, label: {en: Need}}]
    score: {blanks: skip_sheet}
  - id: talk
    kind: judged
    scale: {min: 1, max: 5, step: 1}
    criteria: [{id: clarity, weight: 100, label: {en: Clarity}}]
decide: {by: rank, combine: {written: 50, talk: 50}, seats: {max: 1}}
outcome: {kind: award}
"""
)

GRADE = (
    HEAD.format(id="grade")
    + """\
tracks: [{id: big, title: {en: Big}}, {id: small, title: {en: Small}}]
form:
  - section: figures
    title: {en: Figures}
    fields:
      - {id: residents, type: number, required: true, label: {en: Residents}}
      - {id: founded, type: date, required: true, label: {en: Founded}}
      - {id: share, type: number, decimals: 2, min: -5, max: 5, required: true, label: {en: Share}}
      - {id: cost, type: money, unit: eok, required: true, label: {en: Cost}}
      - {id: own, type: money, unit: billion, required: true, label: {en: Own}}
eligibility:
  - {id: size, rule: residents >= 50000 && residents < 300000, otherwise: {en: Of middle size only.}}
  - {id: age, rule: founded <= '2018-01-01', otherwise: {en: Founded before 2018 only.}}
evaluation:
  - id: measured
    kind: computed
    criteria:
      - id: share
        weight: 100
        field: share
        label: {en: Share}
        steps: [{from: 1, points: 50}, {from: 3, points: 100}]
  - id: visit
    kind: judged
    panel: {seats: 3, per: track, compose: {external: {min: 2}, local: {min: 1}}}
    scale: {min: 1, max: 5}
    higher_is_better: false
    criteria: [{id: flaws, weight: 100, label: {en: Flaws}}]
decide: {by: grade, combine: {measured: 40, visit: 60}, grades: [{id: one, label: {en: One}, at_least: 60}]}
outcome: {kind: certificate}
money: {cost: cost, own: own, match: {grant: 2, own: 1}, limits: {default: {grant_krw: {max: 2000000000}}}}
"""
)

APPOINTMENT = (
    HEAD.format(id="appointment")
    + """\
decide: {by: appointment, authority: {en: Minister}}
outcome: {kind: site}
"""
)

APPLICATIONS = """\
application,applicant,kind,track,country,received,name,mou,mou_day,ratio,field,topics,requested [million],own [million]
A1,Sample City 1,city,plan,XA,2021-03-01 09:00:00,One,yes,2020-05-01,12.5,water,a;b,300,
A2,Sample Company 2,company,demo,XB,2021-03-02,Two,no,,,,,0.5,120
"""
TABLES = {
    "applications": APPLICATIONS,
    "members": "application,role,name,kind,country\nA2,partner,Sample City 9,city,XB\n",
    "rows-goals": "application,goal,weight\nA1,less waiting,3\nA1,cleaner air,\n",
    "panel": "evaluator,tags\nE1,external;transport\nE2,\n",
    "conflicts": "application,evaluator,reason\nA2,E2,advised the applicant\n",
    "sheets": "application,evaluator,need,plan,comment\nA1,E1,80,74.5,good\nA1,E2,70.0,60,\nA2,E1,55,100,\n",
    "checklist": (
        "application,item,verdict,reason\nA1,papers,pass,\nA1,similar,pass,\nA2,papers,pass,\nA2,similar,not_applicable,\n"
    ),
    "opinions": "application,opinion,by,answer,text\nA1,mission,Sample mission,4,\nA2,mission,,,no view\n",
    "lots": "application\nA2\nA1\n",
    "rounds": "year,cases,countries\n2020,80,23\n",
}
VOTE_TABLES = {
    "applications": "application,applicant\nA1,Sample Company 1\nA2,Sample Company 2\n",
    "seats": "seat,group\nS1,city\nS2,city\nS3,company\n",
    "votes": "application,seat,option\nA1,S1,yes\nA1,S2,no\nA2,S1,abstain\n",
}
STAGE_TABLES = {
    "applications": "application,applicant\nA1,Sample City 1\n",
    "sheets": "application,evaluator,stage,need,clarity\nA1,E1,written,7,\nA1,E1,talk,,3\nA1,E2,written,,\n",
}


def lay(where: Path, definition: str = CONTEST, tables: dict[str, str] | None = None) -> Path:
    """A folder with this definition and these tables as CSV."""
    (where / "call.yaml").write_text(definition, "utf-8")
    for name, text in (TABLES if tables is None else tables).items():
        (where / f"{name}.csv").write_text(text, "utf-8")
    return where


def edit(where: Path, table: str, old: str, new: str) -> None:
    """Spoil a table: the text must be there."""
    path = where / f"{table}.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def faults(where: Path) -> list[tuple[str, str]]:
    """Place and code of every fault of a folder (none when it can be read); each can be said in both languages."""
    try:
        folder.read(where)
    except Malformed as error:
        for fault in error.faults:
            for language in words.LANGUAGES:
                told = words.say_fault(fault, language)
                assert fault.code not in told, f"{fault.code} has no words"
                assert "{" not in told
                assert "?" not in told, f"{told} lacks a parameter"
        return [(fault.at, fault.code) for fault in error.faults]
    return []
