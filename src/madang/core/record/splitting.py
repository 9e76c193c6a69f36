"""What of an application's line may be opened without telling of another application, or a score.

Decided by looking at the values, never by a list of codes, so that a new reason cannot be forgotten here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Ids = frozenset[str]
Tree = dict[str, Any]

_NUMBER = re.compile(r"[-+]?\d+([./,]\d+)*%?")
_WORDS = re.compile(r"[^\s,;:()\[\]{}\"'“”‘’「」]+")
#: an id with a Korean particle behind it ("A07은")
_ASCII = re.compile(r"[A-Za-z0-9]+(?:[._/-][A-Za-z0-9]+)*")


def names_another(value: Any, mine: str, ids: Ids) -> bool:
    """Whether a value is, contains or mentions the id of an application other than `mine`."""
    if isinstance(value, str):
        if value in ids:
            return value != mine
        words = (*_WORDS.findall(value), *_ASCII.findall(value))
        return any(word in ids and word != mine for word in words)
    if isinstance(value, Mapping):
        return any(names_another(item, mine, ids) for item in (*value.keys(), *value.values()))
    if isinstance(value, list | tuple):
        return any(names_another(item, mine, ids) for item in value)
    return False


def tells_a_figure(value: Any) -> bool:
    """Whether a value is or contains a number: a score, a rank, a count of votes."""
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, str):
        return _NUMBER.fullmatch(value) is not None
    if isinstance(value, Mapping):
        return any(map(tells_a_figure, value.values()))
    return any(map(tells_a_figure, value)) if isinstance(value, list | tuple) else True


def _is_number(value: Any) -> bool:
    """A number standing alone is a number, even where some application has it for an id."""
    return isinstance(value, str | int) and tells_a_figure(value)


def cut(line: Mapping[str, Any], mine: str, ids: Ids) -> tuple[Tree, Tree]:
    """A line without reasons and without what names others; and a tree of the same shape with what was taken out.

    `joined` puts both together again.
    """
    shown: Tree = {}
    aside: Tree = {}
    for key, value in line.items():
        if key == "reasons":
            aside[key] = value
        elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            halves = [cut(item, mine, ids) for item in value]
            shown[key] = [half for half, _ in halves]
            if any(other for _, other in halves):
                aside[key] = [other for _, other in halves]
        elif key != "application" and not _is_number(value) and names_another(value, mine, ids):
            aside[key] = value
        else:
            shown[key] = value
    return shown, aside


def joined(shown: Mapping[str, Any], aside: Mapping[str, Any]) -> Tree:
    """The line that was `cut`."""
    whole = dict(shown)
    for key, value in aside.items():
        mine = whole.get(key)
        if isinstance(mine, list) and key != "reasons" and len(mine) == len(value):
            whole[key] = [joined(one, other) for one, other in zip(mine, value, strict=True)]
        else:
            whole[key] = value
    return whole


def shares(trees: Iterable[Tree], mine: str, ids: Ids, *, figures_apart: bool) -> dict[str, list[Any]]:
    """The reasons about `mine` alone: `why` those without a number, `figures` those with one (all in `why` where
    `figures_apart` is not asked). What names another application is in neither.

    A reason inside a task says which one.
    """
    kept: dict[str, list[Any]] = {"why": [], "figures": []}
    for reason in (reason for tree in trees for reason in _reasons(tree)):
        if names_another(reason.get("params"), mine, ids):
            continue
        figure = figures_apart and tells_a_figure(reason.get("params"))
        kept["figures" if figure else "why"].append(reason)
    return kept


def _reasons(tree: Mapping[str, Any], **where: Any) -> Iterator[dict[str, Any]]:
    for reason in tree.get("reasons", ()):
        yield {**reason, **where}
    for key, value in tree.items():
        if key != "reasons" and isinstance(value, list):
            for place, item in enumerate(value):
                if isinstance(item, dict):
                    yield from _reasons(item, **({"task": item.get("task", place)} if key == "tasks" else {key: place}))
