"""New parts: as little as a part can begin with. What it still needs, the linter says beside it."""

from __future__ import annotations

import re
from typing import Any

from madang.core.callspec.edit.shape import Shape, block_of, fields_of

NAMED_BY = ("id", "section", "role")
"""The keys by which an item of a list is told from its neighbours."""

EMPTY = """\
madang: 1
id: new-call
programme: new-programme
languages: [ko, en]
title: {ko: 새 공모, en: New call}
host: {organisation: molit}

intake: {mode: window}
schedule:
  zone: Asia/Seoul

tracks: []
form: []
evaluation: []

decide:
  by: appointment
  authority: {ko: 장관, en: The minister}
outcome: {kind: award}
"""
"""A definition to begin with: nothing is asked yet, and the minister decides. It lacks its days, and `lint` says so."""


def new_part(shape: Shape, kind: str = "", siblings: Any = ()) -> dict[str, Any]:
    """A part of this shape (of a union: of this kind, or of its first), with an id that no sibling has."""
    part: dict[str, Any] = {}
    if shape.kind == "union":
        chosen = kind if kind in shape.kinds else next(iter(shape.kinds))
        part = {shape.tag: chosen} if shape.tag else {chosen: "track"}
    block = block_of(shape, part)
    name = name_key(block)
    if name:
        stem = chosen if shape.kind == "union" and shape.tag else (block.__name__.lower() if block else "part")
        part = {name: free_name(f"{stem.replace('_', '-')}-1", siblings), **part}
    return part


def name_key(block: Any) -> str:
    """The key that names an item of this part; blank where it has none."""
    keys = fields_of(block) if block else {}
    return next((key for key in NAMED_BY if key in keys and keys[key].required and keys[key].kind == "name"), "")


def free_name(wanted: str, siblings: Any) -> str:
    """`wanted`, or with a higher number behind it, so that it names nothing among these items or keys yet."""
    taken = (
        set(siblings)
        if isinstance(siblings, dict)
        else {item.get(key) for item in siblings or () if isinstance(item, dict) for key in NAMED_BY}
    )
    if wanted not in taken:
        return wanted
    found = re.fullmatch(r"(.*?)([-_]?)(\d+)?", wanted)
    stem, joint, number = found.groups() if found else (wanted, "-", None)
    joint = joint or ("_" if "_" in stem else "-")
    count = int(number[:6]) if number else 1
    while f"{stem[:70]}{joint}{count}" in taken:
        count += 1
    return f"{stem[:70]}{joint}{count}"
