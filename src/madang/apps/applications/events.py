"""What others may hear from this room."""

from dataclasses import dataclass

from madang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class BatchReceived(Event):
    call_id: int
    batch_id: int
    applications: int


@dataclass(frozen=True, slots=True)
class BatchUndone(Event):
    call_id: int
    batch_id: int


@dataclass(frozen=True, slots=True)
class ApplicationFiled(Event):
    draft_id: int
    filing_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class ApplicationWithdrawn(Event):
    draft_id: int
    filing_id: int


@dataclass(frozen=True, slots=True)
class SupplementEnded(Event):
    """`state`: `answered`, `expired` or `cancelled`."""

    dossier_id: int
    supplement_id: int
    state: str
