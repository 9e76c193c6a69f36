"""What others may hear from this room."""

from dataclasses import dataclass

from madang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class EnquiryAsked(Event):
    """A private question was asked, or asked on."""

    enquiry_id: int


@dataclass(frozen=True, slots=True)
class AnswerPublished(Event):
    """A call's record has one more answer to all."""

    call_id: int
    answer_id: int
    number: int


@dataclass(frozen=True, slots=True)
class BriefingChanged(Event):
    """A briefing session was planned, changed or cancelled."""

    call_id: int
    briefing_id: int
