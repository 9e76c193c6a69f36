"""The deciding rule of a call: by rank, mark, grade, vote or appointment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from madang.core.callspec.blocks import Block, Clock, Expr, Name, Percent, Text
from madang.core.callspec.scored import Panel, Share
from madang.core.problem import Exact, Items


class Reserve(Block):
    """`{count: 3}`, or `{per: track, count: 2}` for one list per value."""

    count: Annotated[int, Field(ge=0)]
    per: Name | None = None


class Quota(Block):
    """For values of a tag (`track`, or a choice, country or region): at least and at most so many selected."""

    id: Name
    quota: Name
    values: Annotated[dict[str, Share], Field(min_length=1)]
    label: Text | None = None


class CapEach(Block):
    """At most so many selected for each value of a tag."""

    id: Name
    cap_each: Name
    max: Annotated[int, Field(ge=1)]
    label: Text | None = None


class Seats(Block):
    min: Annotated[int, Field(ge=0)] = 0
    max: Annotated[int, Field(ge=1)]


class Band(Block):
    """From and to which probability to be above the line, in per cent, the scores do not separate from it."""

    from_: Annotated[Percent, Field(alias="from")]
    to: Percent


class Uncertainty(Block):
    """Whether an estimate may touch the result; `none` unless announced here.

    Within the `band` lots decide, or a second round: the judged stage named, held for those in the band only.
    """

    announced_use: Literal["none", "second_round", "lot_in_band"] = "none"
    band: Band | None = None
    second_round: Name | None = None
    shown_to: Items[Literal["auditor", "party"]] = ()


class TaskUnits(Block):
    """Each row of a repeated field is decided by itself; its `key` cells name it (subject, activity, place)."""

    rows: Name
    key: Annotated[Items[Name], Field(min_length=1)]


class _Decide(Block):
    unit: Literal["application", "application_and_task"] = "application"
    tasks: TaskUnits | None = None
    close: Literal["batch", "per_case"] = "batch"
    clock: Clock | None = None

    @property
    def by_lot(self) -> bool:
        """Whether lots can have a say."""
        return "lot" in getattr(self, "ties", ())


class _Scored(_Decide):
    """`combine`: how scored stages add up, per cent; `decimals` and rounding half up apply once, at the end."""

    combine: Annotated[dict[Name, Percent], Field(min_length=1)]
    decimals: Annotated[int, Field(ge=0, le=6)] = 2


class ByRank(_Scored):
    """Down the ranking until seats and money end, skipping only where a rule below forbids, and naming it."""

    by: Literal["rank"]
    pass_mark: Exact | None = None
    ties: Items[str] = ()
    seats: Seats
    rules: Items[Quota | CapEach] = ()
    walk: Literal["rank_order", "total_value"] = "rank_order"
    list: Literal["one", "per_track"] = "one"
    reserve: Reserve | None = None
    uncertainty: Uncertainty = Uncertainty()

    @property
    def by_lot(self) -> bool:
        """On equal scores, or in the band."""
        return "lot" in self.ties or self.uncertainty.announced_use == "lot_in_band"


class ByThreshold(_Scored):
    """Yes to everyone who reaches the mark, and each part's own mark; nobody is ranked."""

    by: Literal["threshold"]
    at_least: Exact
    each_at_least: dict[str, Exact] = {}


class Grade(Block):
    """A grade from this mark on; `by_group` gives groups of their own marks."""

    id: Name
    label: Text
    at_least: Exact
    by_group: dict[Name, Exact] = {}
    granted: bool = True


class Group(Block):
    """Applications that are told apart (by size, for example): the first whose condition holds."""

    id: Name
    label: Text
    when: Expr


class ByGrade(_Scored):
    """The highest grade whose mark is reached; `granted` says whether that grade is a yes."""

    by: Literal["grade"]
    grades: Annotated[Items[Grade], Field(min_length=1)]
    groups: Items[Group] = ()


class WithoutVote(Block):
    """Who is in without a vote, because the voting body does not exist yet or the statute says so."""

    when: Expr
    label: Text


class ByVote(_Decide):
    """Members of a body vote on each application. Per cents are of seats (quorum) and of what `of` names (majority).

    The body sits already (`seats`, with `compose` by group of seat) or is drawn by lot from a pool (`drawn`).
    `places`: of the carried, so many with the most yes votes; a tie at the line goes by lot where `ties` says so.
    """

    by: Literal["vote"]
    body: Text
    seats: Annotated[int, Field(ge=1)] | None = None
    compose: dict[Name, Share] = {}
    drawn: Panel | None = None
    places: Annotated[int, Field(ge=1)] | None = None
    ties: Items[Literal["lot"]] = ()
    options: Annotated[Items[Name], Field(min_length=2)] = ("yes", "no", "abstain")
    quorum: Percent
    majority: Percent
    of: Literal["cast", "seats"] = "cast"
    without_vote: WithoutVote | None = None


class ByAppointment(_Decide):
    """An authority decides each case with reasons; nothing is ranked. `advice` names opinions that it must have."""

    by: Literal["appointment"]
    authority: Text
    advice: Items[Name] = ()


Decide = Annotated[ByRank | ByThreshold | ByGrade | ByVote | ByAppointment, Field(discriminator="by")]
