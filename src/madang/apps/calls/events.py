"""What others may hear from this room."""

from dataclasses import dataclass

from madang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class DefinitionPublished(Event):
    """A version of a definition was published; number 1 is the call's publication, a later one an amendment."""

    call_id: int
    version_id: int
    number: int


@dataclass(frozen=True, slots=True)
class CallDecided(Event):
    """A call that is decided in one go has its decision."""

    call_id: int
