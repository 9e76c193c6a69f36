"""Who acts. People with accounts come with the accounts app; until then an actor is one of three kinds."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["system", "demo", "office"]


@dataclass(frozen=True, slots=True)
class Actor:
    """`system` is the platform itself, `demo` the loader of samples, `office` somebody at the machine's console.

    `id` names one among its kind and never changes; `label` is what a reader of the journal sees.
    """

    kind: Kind
    id: str
    label: str

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"{self.kind!r} is no kind of actor")


SYSTEM = Actor("system", "madang", "Madang")
DEMO = Actor("demo", "demo", "Madang demo")
OFFICE = Actor("office", "console", "Office console")
