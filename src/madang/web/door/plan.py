"""Which places there are in one process, and who waits for which.

| places | number | for |
|---|---|---|
| main | `threads` | pages and forms |
| writers | `writers`, of main | forms: on SQLite one at a time writes, so more would only stand in each other's way |
| visitors | one less than `threads`, of main | whoever is not known to be signed in never has them all |
| press | 1 | the press that files an application, whatever else goes on |
| passwords | 1 | sign-in, sign-up and reset: one hash at a time |
| uploads | 1 | large bodies, once they are here |
| slow | 2 | what waits for a process of its own |
| files | 2 | style sheets, scripts, fonts |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from madang.web.door.asgi import FOR_MANY, Scope
from madang.web.door.asked import Asked
from madang.web.door.places import Gate, Line
from madang.web.door.rules import Room

KNOWN_FIRST: Final = 4
"""Of five that go in, so many come from people who are signed in, where visitors wait too."""
MOST_PEOPLE, MOST_VISITORS, MOST_FILES = 500, 200, 500
PATIENCE_PEOPLE, PATIENCE_VISITORS, PATIENCE_LONG = 20.0, 10.0, 60.0
"""Seconds of waiting, after which (or where so much is expected) a reader is told the truth instead."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`lines` in the order of their urgency; `threads` is how many places there are in all."""

    lines: Mapping[str, Line]
    threads: int

    def line_of(self, asked: Asked, scope: Scope) -> Line:
        """Where this request waits. Its body is here."""
        room, who = asked.room, "known" if asked.person else "visitors"
        if room is Room.SLOW or room is Room.FILES:
            return self.lines[room.value]
        if room is not Room.PAGES:
            return self.lines[f"{room.value}, {who}"]
        if scope.get(FOR_MANY):
            return self.lines["kept pages"]
        return self.lines[f"{'writes' if asked.writes else 'pages'}, {who}"]


def plan(*, threads: int, writers: int) -> Plan:
    """The plan of one process."""
    main, writing, visiting = Gate("main", threads), Gate("writers", writers), Gate("visitors", max(1, threads - 1))
    press, passwords, uploads = Gate("press", 1), Gate("passwords", 1), Gate("uploads", 1)
    slow, files = Gate("slow", 2), Gate("files", 2)
    lines = (
        # A press is never sent away. One whose session nobody has seen yet (or that is made up) waits for the place of
        # presses alone, so that made-up ones keep nobody from working.
        Line("press, known", ((press,), (main, writing)), share=0),
        Line("press, visitors", ((press,),), share=0),
        _people("writes, known", main, writing),
        _people("pages, known", main),
        Line("kept pages", ((main, visiting),), share=2, most=MOST_VISITORS, patience=PATIENCE_VISITORS),
        _visitors("writes, visitors", main, writing, visiting),
        _visitors("pages, visitors", main, visiting),
        _people("passwords, known", passwords),
        _visitors("passwords, visitors", passwords),
        Line("uploads, known", ((uploads,),), share=KNOWN_FIRST, most=MOST_VISITORS, patience=PATIENCE_LONG),
        Line("uploads, visitors", ((uploads,),), most=MOST_VISITORS, patience=PATIENCE_LONG),
        Line("slow", ((slow,),), most=MOST_VISITORS, patience=PATIENCE_LONG),
        Line("files", ((files,),), most=MOST_FILES, patience=PATIENCE_PEOPLE),
    )
    gates = (main, press, passwords, uploads, slow, files)
    return Plan({line.name: line for line in lines}, sum(gate.most for gate in gates))


def _people(name: str, *gates: Gate) -> Line:
    return Line(name, (gates,), share=KNOWN_FIRST, most=MOST_PEOPLE, patience=PATIENCE_PEOPLE)


def _visitors(name: str, *gates: Gate) -> Line:
    return Line(name, (gates,), most=MOST_VISITORS, patience=PATIENCE_VISITORS)
