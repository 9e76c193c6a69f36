"""A press and the expiry at the same moment: whichever comes first, what arrived in time answers."""

import datetime as dt

from madang.apps.applications import commands, tasks
from madang.apps.applications.models import Application, Filing, Supplement
from madang.kernel import clock
from madang.kernel.journal import JournalEntry
from tests.factories.supplements import UNTIL, SupplementWorld

AFTER = UNTIL + dt.timedelta(minutes=3)


def test_a_press_in_time_and_the_expiry_at_once(together):
    world = SupplementWorld()
    world.ask()
    world.mend()
    draft = world.now()
    press = {"actor": world.first, "draft": draft, "seen_revision": draft.revision, "arrived_at": UNTIL}

    def pressed():
        with clock.at(AFTER):
            return commands.file_draft(**press).revision

    def expired():
        with clock.at(AFTER):
            return tasks.expire_supplements()

    told = together(pressed, expired, pressed)
    assert (told[0], told[2]) == (2, 2)
    assert told[1] in (0, 1)
    assert Supplement.objects.get().state == "answered"
    assert Filing.objects.count() == 2
    assert Application.objects.filter(undone_at=None).count() == 1
    assert JournalEntry.objects.filter(command="applications.answer_supplement").count() == 1


def test_an_office_that_asks_while_the_applicant_withdraws(together):
    world = SupplementWorld()

    def asked():
        return world.ask().state

    def withdrawn():
        with clock.at(UNTIL):
            return commands.withdraw_application(actor=world.first, draft=world.draft).state

    told = together(asked, withdrawn)
    assert told[1] == "withdrawn"
    assert not Supplement.objects.filter(state="open").exists()
    assert world.now().supplement is None
