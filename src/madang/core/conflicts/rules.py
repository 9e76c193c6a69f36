"""The published rules of who must not evaluate what. A call names those it applies, and its years.

Contract: `docs/formats/solve.md`, "conflicts". A rule that is left out, or whose `active` is false, finds nothing.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from madang.core.conflicts.days import MOST_YEARS
from madang.core.problem import Id, Items, Strict

Tie = Literal["employment", "director", "shareholder", "service", "advice", "contract", "research"]
Years = Annotated[int, Field(ge=0, le=MOST_YEARS)]

POSTS: tuple[Tie, ...] = ("employment", "director")
SERVICES: tuple[Tie, ...] = ("service", "advice", "contract", "research")


class _Rule(Strict):
    id: Id
    active: bool = True


class SameOrganisation(_Rule):
    """Holds a post, on the day, at an organisation of the application."""

    type: Literal["same_organisation"]
    kinds: Items[Tie] = POSTS

    @property
    def years(self) -> int:
        return 0

    @property
    def group(self) -> bool:
        return False


class SameParent(_Rule):
    """Holds a post, on the day, at another organisation of the same group; links of the last `years` count too."""

    type: Literal["same_parent"]
    kinds: Items[Tie] = POSTS
    years: Years = 0


class Employment(_Rule):
    """Held a post within `years` at an organisation of the application; with `group` at one of its group."""

    type: Literal["employment"]
    kinds: Items[Tie] = POSTS
    years: Years
    group: bool = False


class Service(_Rule):
    """Did service, advice, research or contract work within `years` for an organisation of the application."""

    type: Literal["service"]
    kinds: Items[Tie] = SERVICES
    years: Years
    group: bool = False


class Shareholding(_Rule):
    """Holds shares in an organisation of the application, or did within `years`."""

    type: Literal["shareholding"]
    kinds: Items[Tie] = ("shareholder",)
    years: Years = 0
    group: bool = False


class Together(_Rule):
    """Stood together with a party of the application in something earlier, within `years`.

    `co_application`: an application of this or an earlier call; `joint_work`: a work; `joint_contract`: a contract.
    `through_employer`: also where it was the organisation at which the evaluator holds a post on the day.
    """

    type: Literal["co_application", "joint_work", "joint_contract"]
    years: Years
    through_employer: bool = True

    @property
    def kind(self) -> str:
        return {"co_application": "application", "joint_work": "work", "joint_contract": "contract"}[self.type]


class EmailDomain(_Rule):
    """Writes from a domain that an organisation of the application registered, or that its people write from."""

    type: Literal["email_domain"]


class Participant(_Rule):
    """Is one of the people of the application: the same address, or (suspected) the same name."""

    type: Literal["participant"]


class Declared(_Rule):
    """Declared by the evaluator (회피): `relations` (all where empty), ended within `years` where given."""

    type: Literal["declared"]
    relations: Items[Id] = ()
    years: Years | None = None

    def counts(self, relation: str) -> bool:
        return not self.relations or relation in self.relations


class Challenged(_Rule):
    """Challenged by a party (기피): accepted counts, pending is to be settled, rejected counts no more."""

    type: Literal["challenged"]


TieRule = SameOrganisation | Employment | Service | Shareholding

Rule = Annotated[
    SameOrganisation
    | SameParent
    | Employment
    | Service
    | Shareholding
    | Together
    | EmailDomain
    | Participant
    | Declared
    | Challenged,
    Field(discriminator="type"),
]
