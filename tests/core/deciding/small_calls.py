"""Small calls and cases for tests, each part to be replaced by name."""

from __future__ import annotations

from typing import Any

from madang.core.callspec import check
from madang.core.callspec.model import Definition
from madang.core.deciding import decide
from madang.core.deciding.case import Application, Case, Sheet
from madang.core.statistics import Classifications

STAGE = """
  - id: {id}
    kind: judged
    scale: {{min: 0, max: 100}}
    criteria:
      - {{id: {id}-need, weight: 40, label: {{en: Need}}}}
      - {{id: {id}-plan, weight: 60, label: {{en: Plan}}}}
    score: {{trim: {trim}, min_sheets_to_trim: 3, min_sheets: {min_sheets}}}
"""

BASE = """
madang: 1
id: small-call
programme: small
languages: [en]
title: {{en: A small call}}
host: {{organisation: office}}
intake: {{mode: window}}
schedule: {{zone: Asia/Seoul, opens: 2022-01-03, closes: {{at: 2022-01-28 18:00}}}}
{tracks}
form:
  - section: project
    title: {{en: Project}}
    fields:
      - {{id: total, type: money, label: {{en: Total}}}}
      - {{id: local, type: money, label: {{en: Local}}}}
      - {{id: measured, type: number, decimals: 1, label: {{en: Measured}}}}
      - {{id: ready, type: yes_no, label: {{en: Ready}}}}
{rest}
outcome: {{kind: {kind}}}
"""


def definition(rest: str, *, tracks: str = "", kind: str = "award") -> Definition:
    """A sound definition; a fault in it fails the test that wrote it."""
    text = BASE.format(rest=rest, tracks=tracks, kind=kind)
    found, faults = check(text, {})
    assert faults == [], faults
    assert found is not None
    return found


def judged(*ids: str, trim: str = "none", min_sheets: int = 1) -> str:
    return "evaluation:" + "".join(STAGE.format(id=id_, trim=trim, min_sheets=min_sheets) for id_ in ids)


def applications(*ids: str, **answers: dict[str, Any]) -> tuple[Application, ...]:
    """Applications by id; `answers` by id."""
    return tuple(Application(id=id_, applicant=f"City {id_}", answers=answers.get(id_, {})) for id_ in ids)


def sheet(application: str, evaluator: str, need: float | str, plan: float | str, stage: str = "written") -> Sheet:
    return Sheet(stage, application, evaluator, {f"{stage}-need": str(need), f"{stage}-plan": str(plan)})


def decided(call: Definition, case: Case) -> dict[str, Any]:
    return decide(call, case, Classifications())


def outcomes(computed: dict[str, Any]) -> dict[str, str]:
    return {line["application"]: line["outcome"] for line in computed["outcomes"]}


def codes(computed: dict[str, Any], application: str) -> list[str]:
    line = next(line for line in computed["outcomes"] if line["application"] == application)
    return [reason["code"] for reason in line["reasons"]]
