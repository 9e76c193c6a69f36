"""The 2021 round of K-City as a call: published, closed, with its reception of 111 applications."""

import datetime as dt

from madang.apps.applications.commands import receive_from_folder
from madang.apps.calls.commands import publish_definition
from madang.apps.calls.models import Call
from madang.kernel import clock
from madang.kernel.actors import DEMO
from madang.papers import folder, library

EXAMPLE = "kcity-network-2021"
RELEASED = dt.datetime(2021, 4, 27, 1, 0, tzinfo=dt.UTC)


def kcity(*, received: bool = True) -> Call:
    """The call as the demo loads it: figures of the release, invented applications."""
    path = library.example(EXAMPLE)
    assert path is not None
    found = folder.read(path, for_decision=False)
    with clock.at(dt.datetime(2021, 2, 18, tzinfo=dt.UTC)):
        call = publish_definition(actor=DEMO, text=found.definition_text, sample=False).call
    if received:
        with clock.at(RELEASED):
            receive_from_folder(actor=DEMO, call=call, case=found.case, source=EXAMPLE, note=found.note)
    return call
