"""What goes into a self-test, and what comes out.

A self-test knows little: what was not answered is unknown, and a rule that hangs on it cannot be told yet. A rule that
comes out the same whatever the unknown answers are is told at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from madang.core.callspec.asked import FormField
from madang.core.reasons import Reason

TRACK: Final = "track"
KIND: Final = "applicant.kind"
COUNTRY: Final = "applicant.country"
MEMBERS: Final = "members"
"""Keys of questions that are no field of the form; the others are asked under the field's id."""

OFFICE: Final = ("applications_of_applicant", "applications_of_applicant_for_same_city", "received")
"""What only the office can know, once all have filed."""

SOMEWHERE_ELSE: Final = "ZZ"
"""A country code that is no country: stands for "any other one"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was answered; what is absent (`None`) is unknown.

    `answers` are as `core.deciding.case.Application` holds them. A member is a map of `role, kind, country`; a blank
    one of these is unknown. `complete`: nothing is unknown, what is absent was left blank. `counts`: how often the same
    applicant applied, where the office knows.
    """

    track: str | None = None
    kind: str | None = None
    country: str | None = None
    members: tuple[Mapping[str, str], ...] | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] | None = None
    complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing to ask. `kind` says how; `field` is the definition's own, where it is one. `of`: the findings that
    need it.
    """

    key: str
    kind: Literal["track", "kind", "country", "members", "yes_no", "choice", "money", "number", "text"]
    field: FormField | None
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One answer that would have to be different.

    `to`: this `value`; `at_least`, `at_most`: a number or amount in won from there on; `any`: whatever is answered;
    `other_than`: any but this country. `add`, `remove`: `count` members of `role` (of one of `kinds`, where named; with
    `value` as country, or with any but `not_in`); `kinds`: members of this role are of one of these kinds.
    """

    key: str
    how: Literal["to", "at_least", "at_most", "any", "other_than", "add", "remove", "kinds"]
    value: Any = None
    role: str = ""
    kinds: tuple[str, ...] = ()
    count: int = 1
    not_in: str = ""


State = Literal["holds", "fails", "open", "office"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule says. `id` is the rule's id in the definition, or `applicant.kind`, `consortium.ROLE`,
    `money.limits`, `money.match`.

    `office`: it holds as long as this is the only application of its applicant; only the office sees how many come.
    `needs`: keys of questions whose answers it still waits for. `changes`: the smallest sets of changes, each of which
    makes it hold; none where no small one was found. `reasons`: why it does not hold.
    """

    id: str
    kind: Literal["rule", "applicants", "consortium", "limits", "match"]
    state: State
    reasons: tuple[Reason, ...] = ()
    needs: tuple[str, ...] = ()
    changes: tuple[tuple[Change, ...], ...] = ()
