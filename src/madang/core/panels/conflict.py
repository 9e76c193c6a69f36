"""A smallest set of rules that no panel keeps, found exactly (implicit hitting sets, as in `selection`)."""

from __future__ import annotations

from madang.core.panels.completion import Completion
from madang.core.selection.conflict import first_smallest_hitting_set


def smallest_conflict(ask: Completion) -> list[int]:
    """The first, in the order of the rules, among the smallest sets that cannot hold together.

    Every panel breaks some rules, and a set that cannot hold has one of them; so a smallest set that meets all the
    broken sets seen so far is the answer, or a panel that keeps it shows one more. The caller knows that all rules
    together cannot hold. Raises `Unsettled`.
    """
    broken = [ask.rules - ask.kept_by(frozenset())]
    while True:
        candidate = first_smallest_hitting_set(sorted(ask.rules), broken)
        panel = ask.find(frozenset(), candidate)
        if panel is None:
            return sorted(candidate)
        kept = ask.kept_by(panel)
        for rule in sorted(ask.rules - kept):  # a panel that keeps more tells more
            better = ask.find(frozenset(), kept | {rule})
            if better is not None:
                kept = ask.kept_by(better)
        broken.append(ask.rules - kept)
