"""What changed between two definitions, place by place; and which of it the law of deciding froze at publication."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from madang.core.callspec.edit.blank import NAMED_BY
from madang.core.callspec.edit.document import same
from madang.core.callspec.edit.shape import Path

LAW = ("evaluation", "adjustments", "decide", "money")
"""Weights, trimming, bonus points, the deciding rule with its caps, quotas and use of estimates, and the money."""


@dataclass(frozen=True)
class Change:
    """`path` is in the newer definition, but for what is gone. `before` and `after` are plain values, or parts."""

    what: Literal["added", "removed", "changed", "moved"]
    path: Path
    before: Any = None
    after: Any = None

    @property
    def is_law(self) -> bool:
        """Whether it touches what decides: such a change after publication weighs most."""
        return bool(self.path) and self.path[0] in LAW


def changes(before: Any, after: Any, path: Path = ()) -> Iterator[Change]:
    """From the whole to its parts, in the order of the newer text; items of a list are known by their ids."""
    if same(before, after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in after.items():
            if key not in before:
                yield Change("added", (*path, key), None, value)
            else:
                yield from changes(before[key], value, (*path, key))
        for key, value in before.items():
            if key not in after:
                yield Change("removed", (*path, key), value, None)
    elif isinstance(before, list) and isinstance(after, list) and (named := _named(before, after)):
        yield from _items(*named, path)
    else:
        yield Change("changed", path, before, after)


def _items(
    before: dict[str, int], after: dict[str, int], old: list[Any], new: list[Any], path: Path
) -> Iterator[Change]:
    for name, number in after.items():
        if name not in before:
            yield Change("added", (*path, number), None, new[number])
        else:
            yield from changes(old[before[name]], new[number], (*path, number))
    for name, number in before.items():
        if name not in after:
            yield Change("removed", (*path, number), old[number], None)
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield Change("moved", path, list(before), list(after))


def _named(before: list[Any], after: list[Any]) -> tuple[dict[str, int], dict[str, int], list[Any], list[Any]] | None:
    names = [[_name(item) for item in items] for items in (before, after)]
    if any(name is None for one in names for name in one) or any(len(set(one)) != len(one) for one in names):
        return None
    first, second = ({str(name): number for number, name in enumerate(one)} for one in names)
    return first, second, before, after


def _name(item: Any) -> str | None:
    if not isinstance(item, dict):
        return None
    return next((item[key] for key in NAMED_BY if isinstance(item.get(key), str)), None)
