"""Presses at the same moment: whoever waits for the draft sees what the one before has filed."""

from madang.apps.applications import commands
from madang.apps.applications.models import Application, Filing
from madang.kernel.clock import now
from madang.kernel.journal import JournalEntry
from tests.factories.filing import FilingWorld

AT_ONCE = 4


def _pressed(world, together):
    """The revision that each of them is told."""
    draft = world.now()
    press = {"actor": world.first, "draft": draft, "seen_revision": draft.revision, "arrived_at": now()}
    told = together(*[lambda: commands.file_draft(**press).revision for _ in range(AT_ONCE)])
    return draft, told


def test_four_who_press_at_once_get_one_receipt(together):
    world = FilingWorld()
    draft, told = _pressed(world, together)
    assert told == [1] * AT_ONCE
    assert Filing.objects.filter(draft=draft).count() == 1
    assert JournalEntry.objects.filter(command="applications.file_draft", object_id=str(draft.pk)).count() == 1


def test_four_who_press_a_changed_application_at_once_get_the_new_receipt(together):
    world = FilingWorld()
    world.file()
    commands.revise_filed(actor=world.first, draft=world.now())
    world.save(page="https://example.org/")
    draft, told = _pressed(world, together)
    assert told == [2] * AT_ONCE
    assert Filing.objects.filter(draft=draft).count() == 2
    assert Application.objects.filter(call=draft.call, undone_at__isnull=True).count() == 1
