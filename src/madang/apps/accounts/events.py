"""What others may hear from this room."""

from dataclasses import dataclass

from madang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class PersonRegistered(Event):
    person_id: int


@dataclass(frozen=True, slots=True)
class RoleGranted(Event):
    person_id: int
    grant_id: int


@dataclass(frozen=True, slots=True)
class RoleEnded(Event):
    person_id: int
    grant_id: int


@dataclass(frozen=True, slots=True)
class AccountClosed(Event):
    person_id: int
