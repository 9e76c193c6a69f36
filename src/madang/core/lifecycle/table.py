"""The form of a lifecycle, and the one question asked of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from madang.core.reasons import Reason

STAYS = ""
"""As `Move.to`: the move leaves the state as it is."""


@dataclass(frozen=True, slots=True)
class Move:
    """A move: from which states, to which one, and what must be true.

    `needs` maps a fact to the reason code given where the fact is missing. `by_clock`: nobody makes this move; it is
    true as soon as its moment has come, and commands never ask for it.
    """

    name: str
    from_: tuple[str, ...]
    to: str
    needs: Mapping[str, str]
    by_clock: bool = False


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """`wrong_state` maps a state to the reason code given where a move is not possible from it."""

    of: str
    states: tuple[str, ...]
    moves: tuple[Move, ...]
    wrong_state: Mapping[str, str]

    def move(self, name: str) -> Move:
        """Raises `KeyError` for a move that this lifecycle does not have."""
        found = next((move for move in self.moves if move.name == name), None)
        if found is None:
            raise KeyError(f"{self.of}: {name}")
        return found


def check(lifecycle: Lifecycle, move: str, state: str, facts: Collection[str] = ()) -> tuple[Reason, ...]:
    """Why the move is not possible now: nothing, when it is.

    `facts` are the names of those needed facts that hold. A wrong state is the only reason given, because what else is
    missing does not matter then; otherwise every missing fact is named, in the order of the table.
    """
    asked = lifecycle.move(move)
    if state not in asked.from_:
        return (Reason(lifecycle.wrong_state[state]),)
    return tuple(Reason(code) for fact, code in asked.needs.items() if fact not in facts)
