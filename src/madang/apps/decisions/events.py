"""What others may hear from this room."""

from dataclasses import dataclass

from madang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class DecisionSealed(Event):
    call_id: int
    decision_id: int
    number: int
