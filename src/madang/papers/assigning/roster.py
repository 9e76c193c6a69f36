"""Those who may evaluate, as a folder lists them. They stay in the folder: a record holds who read what, no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from madang.core.deciding.case import Row


@dataclass(frozen=True, slots=True)
class Person(Row):
    """One who may evaluate, in one stage or (`stage` empty) in all that assign. `email_domain`: no address."""

    evaluator: str
    stage: str = ""
    tags: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    email_domain: str = ""


@dataclass(frozen=True, slots=True)
class Affiliation(Row):
    """A tie to an organisation, named as the applications name it. Days may be known to the year only."""

    evaluator: str
    organisation: str
    kind: str = "employment"
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Work(Row):
    """Something an evaluator wrote or did, in words that tell what they know."""

    evaluator: str
    title: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """The three tables of people."""

    evaluators: tuple[Person, ...] = ()
    affiliations: tuple[Affiliation, ...] = ()
    works: tuple[Work, ...] = ()

    def of_stage(self, stage: str) -> tuple[Person, ...]:
        """Who may evaluate in a stage, in the order of the table."""
        return tuple(one for one in self.evaluators if one.stage in ("", stage))


NOBODY = Roster()
ROSTER: Mapping[str, type[Row]] = {"evaluators": Person, "affiliations": Affiliation, "works": Work}
