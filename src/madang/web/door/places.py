"""A bounded number of places, and lines of those who wait for one: fair, and with no thread, clock or network in it.

A **gate** counts places of one kind. A **line** is who waits for the same; its `ways` are the sets of gates through any
of which it goes. Inside a line clients take turns: one with two hundred requests is served as often as one with two.
Between lines: those with share 0 first, in their order; the others by their shares, so that none stands still.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

FIRST_GUESS: Final = 0.05
"""Seconds between two that leave a line, before any has."""
NEWEST: Final = 0.2
"""Weight of the newest such interval."""


@dataclass(slots=True)
class Gate:
    """`most` at once."""

    name: str
    most: int
    taken: int = 0


Way = tuple[Gate, ...]


class State(Enum):
    WAITS = "waits"
    IN = "in"
    SHED = "shed"
    """There is no place for it, and waiting would take too long."""
    OUT = "out"


@dataclass(slots=True)
class Ticket:
    """One request in a line or in its place. `woken` is called once, when it need not wait any longer."""

    line: Line
    client: str
    state: State = State.WAITS
    way: Way = ()
    woken: Callable[[], None] | None = None
    ahead: int = 0
    """How many came first when it asked."""
    expected: float = 0.0
    """In how many seconds it would have been its turn, when it asked."""

    def settle(self, state: State) -> None:
        self.state = state
        if self.woken:
            self.woken()


@dataclass(slots=True)
class Line:
    """Who waits for the same. At most `most` wait, none of them where more than `patience` seconds are expected; none
    for both: nobody is ever sent away.
    """

    name: str
    ways: tuple[Way, ...]
    share: int = 1
    most: int | None = None
    patience: float | None = None
    clients: OrderedDict[str, deque[Ticket]] = field(default_factory=OrderedDict)
    waiting: int = 0
    credit: int = 0
    interval: float = FIRST_GUESS
    since: float = 0.0
    """When the last one left, or the line began."""

    def way(self) -> Way | None:
        """A way that is free now."""
        for way in self.ways:
            if all(gate.taken < gate.most for gate in way):
                return way
        return None

    def ahead(self, client: str) -> int:
        """How many leave before the next one of this client, if nobody else comes."""
        turns = len(self.clients.get(client, ())) + 1
        return sum(min(len(those), turns) for name, those in self.clients.items() if name != client) + turns - 1

    def expected(self, ahead: int, at: float) -> float:
        """Seconds until it is the turn of whoever has so many ahead. A line that stands is as slow as it looks."""
        slow = at - self.since if self.waiting else 0.0
        return (ahead + 1) * max(self.interval, slow) if ahead else self.interval

    def add(self, ticket: Ticket, at: float) -> None:
        if not self.waiting:
            self.since = at
        self.clients.setdefault(ticket.client, deque()).append(ticket)
        self.waiting += 1

    def next(self, at: float) -> Ticket:
        """Take out whose turn it is."""
        client, those = next(iter(self.clients.items()))
        ticket = those.popleft()
        self._shrink(client, those)
        if those:
            self.clients.move_to_end(client)
        self.interval += NEWEST * (at - self.since - self.interval)
        self.since = at
        return ticket

    def drop(self, ticket: Ticket) -> None:
        """Take out this one, wherever it stands."""
        those = self.clients[ticket.client]
        those.remove(ticket)
        self._shrink(ticket.client, those)

    def newest_of_most(self) -> Ticket:
        """The last one of whoever has most waiting."""
        return max(self.clients.values(), key=len)[-1]

    def _shrink(self, client: str, those: deque[Ticket]) -> None:
        self.waiting -= 1
        if not those:
            del self.clients[client]
        if not self.waiting:
            self.credit = 0


class Places:
    """Lines in the order of their urgency. `clock` gives seconds that never go back. For one thread."""

    def __init__(self, lines: Sequence[Line], clock: Callable[[], float]) -> None:
        self._lines, self._clock = tuple(lines), clock

    @property
    def waiting(self) -> int:
        return sum(line.waiting for line in self._lines)

    def ask(self, line: Line, client: str) -> Ticket:
        """A ticket: in its place, in the line, or sent away. For one that waits, set `woken` before anything else."""
        ticket = Ticket(line, client)
        way = line.way()
        if way is not None:  # nobody waits for it: whoever could go has gone
            self._enter(ticket, way)
            return ticket
        at = self._clock()
        ticket.ahead = line.ahead(client)
        ticket.expected = line.expected(ticket.ahead, at)
        if line.patience is not None and ticket.expected > line.patience:
            ticket.state = State.SHED
        elif line.most is not None and line.waiting >= line.most:
            self._squeeze(ticket, at)
        else:
            line.add(ticket, at)
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """It needs its place no more, or waits no more."""
        if ticket.state is State.WAITS:
            ticket.line.drop(ticket)
        elif ticket.state is State.IN:
            for gate in ticket.way:
                gate.taken -= 1
            ticket.state = State.OUT
            self._let_in()
        ticket.state = State.OUT

    def give_up(self, ticket: Ticket) -> None:
        """It has waited too long."""
        if ticket.state is State.WAITS:
            ticket.line.drop(ticket)
            ticket.settle(State.SHED)

    def _squeeze(self, ticket: Ticket, at: float) -> None:
        """The line is full: whoever has most waiting gives up the newest, which may be the one that asks."""
        line = ticket.line
        newest = line.newest_of_most()
        if len(line.clients.get(ticket.client, ())) + 1 >= len(line.clients[newest.client]):
            ticket.state = State.SHED
            return
        line.drop(newest)
        newest.settle(State.SHED)
        line.add(ticket, at)

    def _enter(self, ticket: Ticket, way: Way) -> None:
        for gate in way:
            gate.taken += 1
        ticket.way = way
        ticket.settle(State.IN)

    def _let_in(self) -> None:
        while (found := self._whose_turn()) is not None:
            line, way = found
            self._enter(line.next(self._clock()), way)

    def _whose_turn(self) -> tuple[Line, Way] | None:
        able = []
        for line in self._lines:
            if line.waiting and (way := line.way()) is not None:
                if line.share == 0:
                    return line, way
                able.append((line, way))
        if not able:
            return None
        for line, _ in able:
            line.credit += line.share
        chosen = max(able, key=lambda one: one[0].credit)
        chosen[0].credit -= sum(line.share for line, _ in able)
        return chosen
