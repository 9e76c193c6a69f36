"""Who acts: a person with an account, the platform itself, the loader of samples, or whoever is at the console."""

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Kind = Literal["system", "demo", "office", "person", "link"]


@dataclass(frozen=True, slots=True)
class Actor:
    """`system` is the platform itself, `demo` the loader of samples, `office` somebody at the machine's console, `link`
    whoever holds a link that was sent to one address (`id` names the link).

    `id` names one among its kind and never changes; `label` is what a reader of the journal sees. A person's id is the
    account's `uid` and the label stays empty: names and addresses are looked up while the account exists, so that the
    journal, which never forgets, holds no personal data.
    `person` is the account itself, for the rules; it is no part of who the actor is.
    """

    kind: Kind
    id: str
    label: str
    person: Any = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"{self.kind!r} is no kind of actor")


SYSTEM = Actor("system", "madang", "Madang")
DEMO = Actor("demo", "demo", "Madang demo")
OFFICE = Actor("office", "console", "Office console")
