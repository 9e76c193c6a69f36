"""What goes into `review`, and what comes out.

Everything is held as it was typed, so that nothing is lost while it is unfinished or wrong; `review` reads it.

Keys name places of the form:

| key | what |
|---|---|
| `summary` | a field |
| `goals` | the order of a repeated field's rows: a list of row ids |
| `goals.r3f.when` | a cell of a row |
| `members`, `members.r7a.role` (`name`, `kind`, `country`) | the consortium |
| `documents.plan` | a document (files only) |
| `applicant.track`, `applicant.kind`, `applicant.country` | who applies, and for which type |
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from madang.core.deciding.case import Application
from madang.core.reasons import Reason

Typed = str | tuple[str, ...]
"""What stands in a place: text as typed (`yes`/`no` for yes_no), or several ids (choice with many, row order)."""

MEMBERS = "members"
MEMBER_CELLS = ("role", "name", "kind", "country")
DOCUMENTS = "documents"
MOST_FILES = 10
"""Files in one place."""
APPLICANT = "applicant"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """A file that stands in a place: what the rules need of it."""

    name: str
    size_bytes: int
    format: str  # by content: `pdf`, `hwpx`, ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Everything that stands in the form now.

    `sets` are the ids of classification sets by the call's own name of them (`country` among them), so that a choice
    can be checked; a set that is not given is not checked. `counts` are `applications_of_applicant` and
    `..._for_same_city`, this draft among them. What the organisation says of itself (`kind`, `country`) goes before
    what was typed at `applicant.kind` and `applicant.country`; what was typed at `applicant.track` before `track`.
    """

    typed: Mapping[str, Typed] = field(default_factory=dict)
    files: Mapping[str, tuple[FileFacts, ...]] = field(default_factory=dict)
    track: str = ""
    applicant: str = ""  # the organisation's name
    organisation: str = ""  # its identity
    kind: str = ""  # `OrganisationKind`
    country: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    sets: Mapping[str, Collection[str]] = field(default_factory=dict)
    sample: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How much of a limit is used. `unit`: `characters` (grapheme clusters), `words`, `rows` or `files`."""

    unit: Literal["characters", "words", "rows", "files"]
    used: int
    most: int | None
    least: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place of the form, in the order of the form. `field` is the definition's own field, cell or document
    (`None` for the applicant's and members' places). `value` is what was read: as `core.deciding.case.Application`
    holds answers (of files: their names); `None` where nothing, or nothing readable, stands there.
    """

    key: str
    step: str
    field: Any
    shown: bool  # its condition holds (what was typed in a hidden place is kept, and does not count)
    required: bool
    typed: Typed | None
    value: Any
    faults: tuple[Reason, ...] = ()  # what is wrong with what stands there
    missing: bool = False  # shown, required, and nothing stands there
    counts: tuple[Count, ...] = ()
    rows: tuple[str, ...] = ()  # of a repeated place: the ids of its rows


StepKind = Literal["applicant", "section", "consortium", "documents", "check"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One page of the form. `id` is in its address: `applicant`, a section's id (`s-` before it where it would clash
    with one of ours), `consortium`, `documents`, `check`. `needed` and `done` count required places that are shown.
    """

    id: str
    kind: StepKind
    title: Mapping[str, str]  # words per language; empty: the shell's own words for this kind
    keys: tuple[str, ...]
    needed: int = 0
    done: int = 0
    faults: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyState:
    """The budget in won, as far as it is known. `match_least_own_krw`: the smallest own share with which this cost
    meets the match funding rule; `match_holds` is `None` where the call has no match, or an amount is missing.
    """

    cost_krw: int | None = None
    own_krw: int | None = None
    grant_krw: int | None = None
    match_least_own_krw: int | None = None
    match_holds: bool | None = None
    reasons: tuple[Reason, ...] = ()  # limits of the call, and the match, that do not hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """One thing that still stands between this draft and its filing."""

    step: str
    key: str  # empty: the step as a whole (a consortium role, an eligibility rule)
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class FormState:
    """The whole answer of `review`. `complete`: nothing is missing, nothing faulty, and no rule excludes it.

    `unmet` are eligibility rules (and consortium, kind and amount rules) that do not hold, each as a reason as
    `core.deciding.eligibility` gives it; a rule that cannot be answered yet is in `open_rules`. `missing` is the whole
    list of what keeps the draft from being filed, in the order of the steps: places that wait for an answer, what is
    wrong in others, and all of `unmet` and `open_rules`.

    `application` is what would be filed now (without number and moment). `subsidised` says for each row of the
    consortium whether the money may reach it; a row of which that cannot be said yet is absent.
    """

    steps: tuple[Step, ...]
    places: Mapping[str, Place]
    answers: Mapping[str, Any]
    members: tuple[Mapping[str, str], ...]
    money: MoneyState
    missing: tuple[Missing, ...]
    unmet: tuple[Reason, ...]
    open_rules: tuple[str, ...]
    needed: int
    done: int
    track: str
    application: Application
    subsidised: Mapping[str, bool] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return not self.missing and not self.unmet and not self.open_rules
