"""The sample problems of the decision core with their results (`examples/solve/`), all invented.

    python scripts/make_core_samples.py

One call is followed through: conflicts and affinity lead to an assignment, sheets to a ranking, the ranking to a
selection; a panel, a day of meetings and a search for copies stand beside it. Nothing is written unless the verifier
finds nothing.
"""

import json
import sys
from pathlib import Path
from typing import Any

from core_sample_texts import ABOUT, NAMES, PEOPLE, SUMMARIES, TEXTS

from madang.core.kinds import KINDS
from madang.words import say

OUT = Path(__file__).resolve().parent.parent / "examples" / "solve"
Data = dict[str, Any]


def head(kind: str) -> Data:
    return {"kind": kind, "version": 1}


# -- before the review: who must not, who understands, who reads what ----------------------------------------------


def conflicts() -> Data:
    tie = {"employment": "garam-transit", "service": "maru-city", "advice": "그늘길 주식회사"}
    return head("conflicts") | {
        "as_of": "2026-03-02",
        "required": 4,
        "organisations": [
            {"id": "garam-city", "names": ["가람시"], "domains": ["garam.example"]},
            {"id": "garam-transit", "names": ["가람교통공사"], "parents": [{"organisation": "garam-city"}]},
            {"id": "daon-city", "names": ["다온시"]},
            {"id": "river-institute", "names": ["물길연구원"]},
            {"id": "maru-city", "names": ["마루시"]},
            {"id": "saebit-parking", "names": ["새빛주차 주식회사"], "domains": ["saebit-parking.example"]},
            {"id": "haram-city", "names": ["하람시"]},
        ],
        "applications": [
            {"id": "A1", "parties": [{"organisation": "garam-city", "role": "lead"}]},
            {"id": "A2", "parties": [{"name": "나래시", "role": "lead"}, {"name": "(주)그늘길", "role": "partner"}]},
            {"id": "A3", "parties": [{"organisation": "daon-city", "role": "lead"}]},
            {"id": "A4", "parties": [{"organisation": "maru-city", "role": "lead"}]},
            {"id": "A5", "parties": [{"organisation": "saebit-parking", "role": "lead"}]},
            {"id": "A6", "parties": [{"organisation": "haram-city", "role": "lead"}]},
        ],
        "evaluators": [
            {"id": "E1", "affiliations": [{"organisation": tie["employment"], "from": "2019-03", "to": "2024-05-31"}]},
            {"id": "E2", "affiliations": [{"organisation": "river-institute", "from": "2015"}]},
            {"id": "E3", "affiliations": [{"name": tie["advice"], "kind": "advice", "from": "2024", "to": "2025"}]},
            {"id": "E4", "affiliations": [
                {"organisation": tie["service"], "kind": "service", "from": "2020", "to": "2022-11-30"}]},
            {"id": "E5", "affiliations": [{"name": "두레대학교"}],
             "declared": [{"organisation": "haram-city", "relation": "kinship", "from": "2011"}]},
            {"id": "E6", "affiliations": [{"name": "한울기술"}], "emails": ["@lab.saebit-parking.example"]},
            {"id": "E7", "affiliations": [{"name": "누리대학교"}]},
        ],
        "earlier": [{"id": "2024-river-call", "on": "2024-06-10",
                     "parties": [{"organisation": "daon-city"}, {"organisation": "river-institute"}]}],
        "challenges": [{"application": "A4", "evaluator": "E7", "state": "pending"}],
        "rules": [
            {"id": "employer", "type": "employment", "years": 3, "group": True},
            {"id": "service", "type": "service", "years": 3},
            {"id": "joint", "type": "co_application", "years": 3},
            {"id": "mail", "type": "email_domain"},
            {"id": "declared", "type": "declared"},
            {"id": "challenged", "type": "challenged"},
        ],
    }  # fmt: skip


def affinity() -> Data:
    return head("affinity") | {
        "applications": [{"id": id_, **text, "languages": ["ko", "en"]} for id_, text in TEXTS.items()],
        "evaluators": [{"id": id_, **person} for id_, person in PEOPLE.items()],
        "weights_bp": {"text": 7000, "fields": 3000},
        "languages": "require",
        "explain": [["A1", "E1"], ["A1", "E4"], ["A5", "E6"], ["A6", "E7"]],
    }


def assignment(objective: str, found: Data, fitting: Data) -> Data:
    external = {"E1", "E3", "E5", "E7"}
    return head("assignment") | {
        "applications": [{"id": id_, "required": 2, "at_least": {"external": 1}} for id_ in fitting["applications"]],
        "evaluators": [
            {"id": id_, "min_load": 1, "max_load": 1 if id_ == "E5" else 2, "tags": ["external"] * (id_ in external)}
            for id_ in fitting["evaluators"]
        ],
        "affinity": fitting["affinity"],
        "conflicts": found["pairs"],
        "objective": objective,
        "explain": [["A1", "E1"], ["A3", "E5"], ["A5", "E5"], ["A3", "E3"]] if objective == "total" else [],
    }


def panel() -> Data:
    tags = {
        "P1": ["external", "institute:river"], "P2": ["institute:grid"], "P3": ["external", "institute:river"],
        "P4": ["external", "law", "institute:bar"], "P5": ["institute:city"], "P6": ["institute:city"],
        "P7": ["external", "institute:grid"], "P8": ["external", "institute:dure"], "P9": ["law", "institute:nuri"],
    }  # fmt: skip
    return head("panel") | {
        "pool": [{"id": id_, "tags": carried} for id_, carried in tags.items()],
        "seats": 4,
        "at_least": {"external": 2, "law": 1},
        "at_most": {"same-institute": 1},
        "excluded": [{"id": "P8", "code": "service_for_applicant"}],
        "lot_order": ["P3", "P6", "P1", "P8", "P5", "P2", "P7", "P9", "P4"],
    }


# -- the review and the decision -----------------------------------------------------------------------------------

#: True quality and who reads it (three of seven each); S3 is strict, S6 generous.
QUALITY = {"B01": 84, "B02": 80, "B03": 79, "B04": 77, "B05": 76, "B06": 75, "B07": 71, "B08": 68, "B09": 64, "B10": 58}
LENIENCY = {"S1": 0, "S2": 2, "S3": -9, "S4": 1, "S5": -1, "S6": 6, "S7": 0}
CHANCE = (6, -8, 2, -4, 9, 0, -6, 7, -2, 4, -9, 6, 0, -4, 7, 2, -8)


def ranking() -> Data:
    evaluators, sheets = list(LENIENCY), []
    for row, (application, quality) in enumerate(QUALITY.items()):
        for place in range(3):
            evaluator = evaluators[(row * 3 + place * 2) % len(evaluators)]
            total = quality + LENIENCY[evaluator]
            by = [CHANCE[(7 * row + 5 * place + part) % len(CHANCE)] for part in range(2)]
            sheets.append({"application": application, "evaluator": evaluator,
                           "scores": {"need": total + by[0], "plan": total + by[1]}})  # fmt: skip
    return head("ranking") | {
        "higher_is_better": True,
        "criteria": [{"id": "need", "weight_bp": 4000, "min": 0, "max": 100},
                     {"id": "plan", "weight_bp": 6000, "min": 0, "max": 100}],
        "sheets": sheets,
        "rule": {"trim": "none", "decimals": 2, "ties": ["plan", "need"]},
        "uncertainty": {"top": 4, "draws": 50000},
    }  # fmt: skip


def selection(objective: str) -> Data:
    rows = [  # id, value, cost and own money in million won, region, field
        ("C01", 91, 3000, 1500, "inland", "transport"), ("C02", 89, 2600, 1300, "coast", "water"),
        ("C03", 86, 1900, 1000, "inland", "transport"), ("C04", 84, 800, 400, "coast", "energy"),
        ("C05", 83, 1000, 500, "inland", "care"), ("C06", 80, 900, 500, "island", "water"),
        ("C07", 78, 700, 300, "inland", "energy"), ("C08", 77, 900, 500, "inland", "transport"),
        ("C09", 74, 800, 400, "island", "care"), ("C10", 72, 1000, 500, "coast", "care"),
        ("C11", 69, 600, 300, "inland", "transport"), ("C12", 57, 500, 300, "island", "water"),
    ]  # fmt: skip
    million = 1_000_000
    return head("selection") | {
        "applications": [
            {"id": id_, "rank": rank, "value": value, "cost_krw": cost * million, "own_krw": own * million,
             "tags": {"region": region, "field": field}}
            for rank, (id_, value, cost, own, region, field) in enumerate(rows, start=1)
        ],
        "rules": [
            {"id": "budget", "type": "budget", "max_krw": 4200 * million},
            {"id": "match", "type": "match", "grant": 1, "own": 1},
            {"id": "pass", "type": "pass_mark", "min_value": 60},
            {"id": "islands", "type": "quota", "tag": "region", "equals": "island", "min": 1, "max": 3},
            {"id": "one-field", "type": "cap_each", "tag": "field", "max": 2},
        ],
        "objective": objective,
        "explain": ["C08", "C10"] if objective == "rank_order" else ["C01", "C02"],
    }  # fmt: skip


# -- a day of meetings ---------------------------------------------------------------------------------------------

TIMES = ("10:00", "10:30", "11:00", "11:30", "14:00", "14:30", "15:00", "15:30")


def slots() -> list[Data]:
    def end(start: str) -> str:
        hour, minute = map(int, start.split(":"))
        return f"{hour + (minute + 30) // 60:02d}:{(minute + 30) % 60:02d}"

    day = "2026-10-12T{}:00+09:00"
    return [{"id": time, "start": day.format(time), "end": day.format(end(time))} for time in TIMES]


def timetable() -> Data:
    morning, afternoon = list(TIMES[:4]), list(TIMES[4:])
    wishes = {
        "K1": "G1:3 G2:2 G4:1", "K2": "G1:3 G3:2 G5:2", "K3": "G2:3 G4:2", "K4": "G1:2 G2:2 G6:3",
        "K5": "G3:3 G5:1 G6:1", "K6": "G1:3 G4:3 G5:2", "K7": "G1:2 G6:2 G3:1", "K8": "G2:2 G5:3",
    }  # fmt: skip
    return head("timetable") | {
        "slots": slots(),
        "tables": 3,
        "companies": [
            {"id": "K1", "free": morning, "languages": ["ko"]}, {"id": "K2", "languages": ["ko", "en"]},
            {"id": "K3", "languages": ["ko"]}, {"id": "K4", "free": afternoon, "languages": ["ko", "en"]},
            {"id": "K5", "languages": ["ko"]}, {"id": "K6", "languages": ["ko", "en"]},
            {"id": "K7", "free": morning[2:] + afternoon, "languages": ["ko", "en"]},
            {"id": "K8", "languages": ["ko", "en"]},
        ],
        "agencies": [
            {"id": "G1", "free": morning, "languages": ["en"]}, {"id": "G2", "languages": ["ko"]},
            {"id": "G3", "max_meetings": 2, "languages": ["en"]}, {"id": "G4", "free": afternoon, "languages": ["ko"]},
            {"id": "G5", "languages": ["en"]}, {"id": "G6", "languages": ["ko", "en"]},
        ],
        "wishes": [
            {"company": company, "agency": wish.split(":")[0], "weight": int(wish.split(":")[1])}
            for company, given in wishes.items()
            for wish in given.split()
        ],
        "met_before": [["K8", "G2"]],
        "interpreters": [{"languages": ["ko", "en"], "count": 1}],
        "breaks": {"max_in_a_row": 3},
    }  # fmt: skip


def after_no_show(problem: Data, plan: Data) -> Data:
    """K6 does not come: what can stay stays, and the freed places are given on."""
    companies = [one | {"free": []} if one["id"] == "K6" else one for one in problem["companies"]]
    return problem | {"companies": companies, "keep": plan["meetings"]}


# -- what was written before ---------------------------------------------------------------------------------------


def duplicates() -> Data:
    """This year's summaries against last year's."""
    return head("duplicates") | {
        "documents": [
            {"id": id_, "text": text, "tags": {"call": "2026" if id_ < "D4" else "2025"}}
            for id_, text in SUMMARIES.items()
        ],
        "threshold": "0.3",
        "compare": {"across": "call", "involving": {"call": "2026"}},
    }


# -- writing -------------------------------------------------------------------------------------------------------


def made(name: str, problem: Data) -> Data:
    """Solved, checked, written."""
    kind = KINDS[problem["kind"]]
    read = kind.read(problem)
    result = kind.solve(read) | {"elapsed_ms": 0}
    if found := kind.verify(read, result):
        sys.exit("\n".join(f"{name}: {say(reason, 'en')}" for reason in found))
    write(f"{name}.json", problem)
    write(f"{name}.result.json", result)
    print(f"{name}: {result['status']}")
    return result


def write(name: str, data: Data) -> None:
    fields = ",\n".join(f" {json.dumps(key)}: {_by_line(value)}" for key, value in data.items())
    (OUT / name).write_text(f"{{\n{fields}\n}}\n", "utf-8")


def _by_line(value: Any) -> str:
    """JSON with a line for each entry of a list or object that holds others, so that a reader finds the rows."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) < 100 or not isinstance(value, list | dict):
        return text
    if isinstance(value, list):
        entries = [json.dumps(one, ensure_ascii=False) for one in value]
        return "[\n  " + ",\n  ".join(entries) + "\n ]"
    entries = [f"{json.dumps(key)}: {json.dumps(one, ensure_ascii=False)}" for key, one in value.items()]
    return "{\n  " + ",\n  ".join(entries) + "\n }"


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    found, fitting = made("conflicts", conflicts()), made("affinity", affinity())
    for objective in ("total", "fair"):
        made(f"assignment-{objective}", assignment(objective, found, fitting))
    made("panel", panel())
    made("ranking", ranking())
    for name, objective in (("rank", "rank_order"), ("total", "total_value")):
        made(f"selection-{name}", selection(objective))
    plan = made("timetable", timetable())
    made("timetable-no-show", after_no_show(timetable(), plan))
    made("duplicates", duplicates())
    write("names.json", {"names": NAMES, "about": ABOUT})


if __name__ == "__main__":
    main()
