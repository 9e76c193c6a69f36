"""Writes the country set `iso-3166.json`: ISO 3166-1 alpha-2 codes with CLDR's English and Korean names.

Run it after an update of Babel: `python scripts/make_countries.py`. Names that changed keep the label of their time;
such changes are listed here, because CLDR keeps only the newest.
"""

from __future__ import annotations

import json
from pathlib import Path

import babel
from babel import Locale

OUT = Path(__file__).parent.parent / "src/madang/papers/classifications/iso-3166.json"

#: CLDR's territories that are no officially assigned ISO 3166-1 code (reserved, user-assigned, groupings).
NOT_ISO = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"])

#: Where CLDR gives two names in one.
PLAIN = {"MM": {"en": "Myanmar"}}

#: code -> (last day of the earlier name, English, Korean)
EARLIER = {
    "MK": ("2019-02-11", "Macedonia", "마케도니아"),
    "SZ": ("2018-04-18", "Swaziland", "스와질란드"),
    "TR": ("2022-05-31", "Turkey", "터키"),
}
CURRENT_FROM = {"MK": "2019-02-12", "SZ": "2018-04-19", "TR": "2022-06-01"}


def entry(code: str) -> dict[str, object]:
    label = {"en": Locale("en").territories[code], "ko": Locale("ko").territories[code], **PLAIN.get(code, {})}
    if code not in EARLIER:
        return {"id": code, "labels": [label]}
    last_day, english, korean = EARLIER[code]
    return {
        "id": code,
        "labels": [
            {"valid_to": last_day, "en": english, "ko": korean},
            {"valid_from": CURRENT_FROM[code], **label},
        ],
    }


def main() -> None:
    codes = sorted(c for c in Locale("en").territories if len(c) == 2 and c.isalpha() and c not in NOT_ISO)
    lines = ",\n".join("  " + json.dumps(entry(code), ensure_ascii=False) for code in codes)
    source = f"Codes: ISO 3166-1. Names: Unicode CLDR by way of Babel {babel.__version__} (Unicode License v3)."
    head = {
        "id": "iso-3166",
        "kind": "country",
        "title": {"en": "Countries (ISO 3166-1)", "ko": "국가(ISO 3166-1)"},
        "source": source,
    }
    text = json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "entries": [\n' + lines + "\n ]\n}\n"
    OUT.write_text(text, "utf-8")
    print(f"{len(codes)} countries -> {OUT}")


if __name__ == "__main__":
    main()
