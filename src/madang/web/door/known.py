"""Sessions that Django has seen a person behind, as far as this process remembers: a cookie alone shows nobody.

Whoever makes cookies up waits with the visitors. After a restart a session is known again by its first request.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

MOST: Final = 50_000
"""Sessions remembered; the one that came longest ago is forgotten."""
SECONDS: Final = 3600.0
"""How long a session stays known without having been seen again."""


@dataclass(slots=True)
class Somebody:
    """A person, by the uid that the journal knows too. `left` of the writes that may be sent now, as of `at`."""

    uid: str
    language: str
    left: float
    at: float


class Known:
    """`writes_per_minute` is what one person may send; so many at once, then that many a minute."""

    def __init__(self, writes_per_minute: int, clock: Callable[[], float] = monotonic) -> None:
        self._most, self._clock = float(writes_per_minute), clock
        self._sessions: OrderedDict[str, tuple[Somebody, float]] = OrderedDict()
        self._people: OrderedDict[str, Somebody] = OrderedDict()

    def of(self, session: str) -> Somebody | None:
        """Who is behind this session, if that is known."""
        found = self._sessions.get(session)
        if found is None:
            return None
        if found[1] <= self._clock():
            del self._sessions[session]
            return None
        return found[0]

    def learn(self, session: str, uid: str, language: str) -> None:
        """Django has seen this person behind this session."""
        at = self._clock()
        person = self._people.pop(uid, None) or Somebody(uid, language, self._most, at)
        person.language = language
        self._people[uid] = person
        self._sessions[session] = (person, at + SECONDS)
        self._sessions.move_to_end(session)
        for kept in (self._sessions, self._people):
            if len(kept) > MOST:
                kept.popitem(last=False)

    def may_write(self, person: Somebody) -> bool:
        """Take one write from what this person may send; False where nothing is left."""
        at = self._clock()
        person.left = min(self._most, person.left + (at - person.at) * self._most / 60)
        person.at = at
        if person.left < 1:
            return False
        person.left -= 1
        return True
