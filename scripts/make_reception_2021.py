"""Writes `examples/kcity-network-2021`: 111 sample applications that have exactly the published margins.

The 2021 release gives cases and countries by type and by region, the fields of some applications, and names a number
of countries. Which country applied how often and for what was not published: that joint table is invented here, by a
fixed procedure without chance, so that the folder can be made again byte for byte:
`python scripts/make_reception_2021.py`.
"""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "examples/kcity-network-2021"

DEVELOPMENT, SOLUTION, DEMONSTRATION = "development", "solution-plan", "demonstration"

#: What was published: type -> (cases, countries); region -> (cases, countries).
BY_TYPE = {DEVELOPMENT: (57, 24), SOLUTION: (40, 16), DEMONSTRATION: (14, 12)}
BY_REGION = {"new-southern": (35, 10), "new-northern": (33, 8), "central-south-america": (19, 6), "other": (24, 15)}

#: What was published of the fields; "" is not itemised.
FIELDS = {
    DEVELOPMENT: {"": 57},
    SOLUTION: {"transport": 13, "environment": 5, "safety": 5, "urban-management": 4, "": 13},
    DEMONSTRATION: {"water": 4, "transport": 3, "safety": 2, "communication": 2, "": 3},
}

#: Countries that the releases name, and the type where they tell it (applications named with their kind, and winners).
NAMED: dict[str, tuple[str, ...]] = {
    "VN": (DEVELOPMENT, SOLUTION),
    "PH": (DEVELOPMENT,),
    "ID": (DEVELOPMENT,),
    "UZ": (DEVELOPMENT,),
    "BY": (DEVELOPMENT,),
    "AZ": (SOLUTION,),
    "PY": (DEVELOPMENT,),
    "BO": (SOLUTION,),
    "BW": (DEVELOPMENT,),
    "KE": (DEVELOPMENT,),
    "BG": (SOLUTION,),
    "US": (DEMONSTRATION,),
    "ES": (DEMONSTRATION,),
    "TR": (DEMONSTRATION,),
    "GH": (),
    "NG": (),
    "MA": (),
    "JO": (),
    "IR": (),
    "FR": (),
}

#: The countries of each region: those named above, and (invented) as many others as the margins need.
COUNTRIES = {
    "new-southern": ["VN", "PH", "ID", "TH", "MY", "KH", "LA", "MM", "IN", "SG"],
    "new-northern": ["UZ", "BY", "AZ", "KZ", "MN", "KG", "GE", "UA"],
    "central-south-america": ["PY", "BO", "PE", "CO", "EC", "CL"],
    "other": ["GH", "NG", "MA", "JO", "IR", "US", "FR", "ES", "BW", "KE", "BG", "TR", "EG", "TN", "RW"],
}

Support = dict[str, list[str]]  # type -> its countries
Table = dict[tuple[str, str], int]  # (type, country) -> cases


def support() -> Support:
    """In which types each country applies: 24, 16 and 12 countries, 39 in all.

    First what is named; then each country that has no type yet takes the one with most room; then the room that is
    left goes round the regions, so that countries applying in two types stand in every region.
    """
    chosen: Support = {type_: [c for c, types in NAMED.items() if type_ in types] for type_ in BY_TYPE}
    room = {type_: countries - len(chosen[type_]) for type_, (_, countries) in BY_TYPE.items()}

    def add(type_: str, country: str) -> None:
        chosen[type_].append(country)
        room[type_] -= 1

    for country in _round_robin():
        if not any(country in countries for countries in chosen.values()):
            add(max(room, key=lambda type_: room[type_]), country)
    for country in _round_robin():
        type_ = max((t for t in BY_TYPE if country not in chosen[t]), key=lambda t: room[t])
        if room[type_]:
            add(type_, country)
    return chosen


def _round_robin() -> Iterator[str]:
    """The first country of each region, then the second of each, and so on."""
    for place in range(max(map(len, COUNTRIES.values()))):
        yield from (countries[place] for countries in COUNTRIES.values() if place < len(countries))


def fill(chosen: Support) -> Table:
    """Cases per type and country: one where a country applies at all, the rest by the margins of type and region.

    What is left is dealt one case at a time to the region that still lacks most, and inside it round the countries
    that apply in the type. Every region has such countries in the two large types, so the deal always comes out.
    """
    table: Table = {(type_, country): 1 for type_ in BY_TYPE for country in chosen[type_]}
    lacks = {
        region: cases - sum(n for (_, country), n in table.items() if country in COUNTRIES[region])
        for region, (cases, _) in BY_REGION.items()
    }
    for type_ in (DEMONSTRATION, SOLUTION, DEVELOPMENT):  # the smallest first: it has the fewest countries to choose
        turns = {region: cycle(c for c in COUNTRIES[region] if c in chosen[type_]) for region in BY_REGION}
        for _ in range(BY_TYPE[type_][0] - len(chosen[type_])):
            region = max(BY_REGION, key=lambda region: lacks[region])
            table[type_, next(turns[region])] += 1
            lacks[region] -= 1
    return table


def check(table: Table) -> None:
    """Refuses to write anything that does not have the published margins."""
    assert sum(table.values()) == 111
    assert len({country for _, country in table}) == 39
    for type_, margins in BY_TYPE.items():
        cases = [n for (t, _), n in table.items() if t == type_]
        assert (sum(cases), len(cases)) == margins, type_
    for region, margins in BY_REGION.items():
        cases_of = Counter(dict.fromkeys(COUNTRIES[region], 0))
        for (_, country), n in table.items():
            if country in COUNTRIES[region]:
                cases_of[country] += n
        assert (cases_of.total(), len(cases_of)) == margins, region
        assert all(cases_of.values()), region
    assert set(NAMED) <= {country for _, country in table}
    for type_, fields in FIELDS.items():
        assert sum(fields.values()) == BY_TYPE[type_][0], type_


def applications(table: Table) -> list[dict[str, str]]:
    """One row each, in the order received; types and countries are mixed by a fixed stride, fields dealt evenly."""
    cells = [cell for cell in sorted(table) for _ in range(table[cell])]
    mixed = [cells[i * 47 % len(cells)] for i in range(len(cells))]  # 47 and 111 have no common factor
    fields = {type_: _dealt(counts) for type_, counts in FIELDS.items()}
    rows = []
    for number, (type_, country) in enumerate(mixed, 1):
        company = type_ == DEMONSTRATION
        rows.append(
            {
                "application": f"A{number:03}",
                "applicant": f"Applicant {number:03} (sample)",
                "kind": "company" if company else "city" if number % 3 else "government",
                "organisation": f"applicant-{number:03}",
                "track": type_,
                "received": _received(number, len(mixed)),
                "country": country,
                "field": next(fields[type_]),
                **_project(number),
            }
        )
    return rows


def _project(number: int) -> dict[str, str]:
    """The answers that the form requires: the same placeholder everywhere, so nothing is said of any real place."""
    return {
        "name": f"Project {number:03} (sample)",
        "place": f"Place {number:03} (sample)",
        "summary": "Invented for the reception tables.",
        "mou": "no",
        "requested": "500000000",
    }


def _dealt(counts: dict[str, int]) -> Iterator[str]:
    """Each field as often as counted, the rarest spread over the whole: always the one most behind its share."""
    total, dealt = sum(counts.values()), Counter[str]()
    for place in range(1, total + 1):
        field = max(counts, key=lambda f: counts[f] * place - dealt[f] * total)
        dealt[field] += 1
        yield field


def _received(number: int, of: int) -> str:
    """Few in the first weeks of the window and most near its end, as intakes go; every time of day is invented."""
    first, last = dt.datetime(2021, 2, 18, 9), dt.datetime(2021, 4, 20, 17, 58)  # noqa: DTZ001 - wall time of the call
    seconds = int((last - first).total_seconds())
    late = of - number
    at = last - dt.timedelta(seconds=seconds * late * late // (of - 1) ** 2)
    return at.isoformat(sep=" ", timespec="seconds")


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


NOTE = """\
# Written by scripts/make_reception_2021.py.
sample: true
note:
  en: >-
    Reception of the 2021 round. Published are the numbers by type and by region, the fields of some applications,
    39 countries in all and the names of some of them, and the totals of 2020. Which country applied how often and for
    what was not published: that joint table, the other countries, the applicants and the times of receipt are invented.
    All other answers are one placeholder for everybody.
  ko: >-
    2021년 접수 현황입니다. 유형별·권역별 건수와 국가 수, 일부 신청의 분야, 전체 39개국과 그중 일부 국가명,
    2020년 합계는 공표된 값입니다. 국가별·유형별 신청 건수는 공표되지 않았으므로, 그 세부 조합과 나머지 국가,
    신청기관, 접수 시각은 예시로 만든 것이며, 그 밖의 답변은 모두 같은 값으로 채웠습니다.
"""


def main(folder: Path = FOLDER) -> None:
    table = fill(support())
    check(table)
    rows = applications(table)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "applications.csv", rows)
    write(folder / "rounds.csv", [{"year": "2020", "cases": "80", "countries": "23"}])
    (folder / "folder.yaml").write_text(NOTE, "utf-8")
    shutil.copyfile(ROOT / "programmes/kcity-network-2021.yaml", folder / "call.yaml")
    print(f"{len(rows)} applications from {len({row['country'] for row in rows})} countries -> {folder}")


if __name__ == "__main__":
    main()
