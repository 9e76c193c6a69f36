"""Drafts written in at the same moment: each test has a database of its own, in which threads really meet."""

from madang.apps.applications.commands import add_row, leave_draft
from madang.apps.applications.models import DraftMember
from madang.apps.applications.queries import people_of
from madang.kernel.commands import Refused
from tests.factories.drafts import World


def test_savers_at_the_same_moment_lose_nothing(together):
    world = World()
    results = together(
        lambda: world.save(world.first, why="first", name="a"),
        lambda: world.save(world.second, why="second", people="2"),
    )
    assert sorted(len(result.conflicts) for result in results) == [0, 1]
    stored = world.stored()
    assert (stored["name"], stored["people"]) == ("a", "2")
    [loser] = [result for result in results if result.conflicts]
    assert loser.conflicts[0].typed == stored["why"]
    assert sorted(result.revision for result in results) == [1, 2]


def test_rows_added_at_the_same_moment_are_both_there(together):
    world = World()
    added = together(*(lambda: add_row(actor=world.first, draft=world.draft, key="goals"),) * 3)
    assert sorted(world.stored()["goals"]) == sorted(added)
    assert len(set(added)) == 3


def test_one_of_two_filers_stays_when_both_leave_at_once(together):
    world = World()
    DraftMember.objects.filter(person=world.boram).update(may_file=True)
    results = together(
        lambda: leave_draft(actor=world.first, draft=world.draft),
        lambda: leave_draft(actor=world.second, draft=world.draft),
    )
    assert sum(isinstance(result, Refused) for result in results) == 1
    assert sum(one.may_file for one in people_of(world.draft)) == 1
