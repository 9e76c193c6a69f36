"""Short labels (headings, column names, the words of a closed list) in every language of the house.

The files are `labels/<area>.json`: `{"key": {"en": "...", "ko": "..."}}`, with parameters and Korean particles as in
the sentences of `madang.words`. A missing key is a mistake of ours and raises `KeyError`: no screen shows a raw key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from madang.words import fill


@cache
def labels(area: str) -> Mapping[str, Mapping[str, str]]:
    """Every label of an area."""
    found: Mapping[str, Mapping[str, str]] = json.loads(
        files("madang.words").joinpath("labels", f"{area}.json").read_text("utf-8")
    )
    return found


def label(area: str, key: str, language: str, **params: Any) -> str:
    """`label("describe", "section.when", "ko")` -> `"일정"`; English where the language has no words for it."""
    entry = labels(area)[key]
    return fill(entry.get(language) or entry["en"], params)
