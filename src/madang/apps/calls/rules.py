"""May this person? Pure questions about an actor; the answer is the reasons against, none where it is allowed."""

from madang.core.reasons import Reason
from madang.kernel.actors import Actor


def may_publish(actor: Actor) -> tuple[Reason, ...]:
    """To publish, amend, take in or decide is an act of people: the platform never does it by itself."""
    return (Reason("people_publish"),) if actor.kind == "system" else ()
