"""The order that every change of state keeps."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from madang.apps.calls.models import Programme
from madang.core.reasons import Reason
from madang.kernel import clock
from madang.kernel.actors import OFFICE, Actor
from madang.kernel.append_only import WrittenOnce
from madang.kernel.commands import NotRecorded, Refused, command, record, refuse_if, unchanged
from madang.kernel.events import Event, announce, listen
from madang.kernel.journal import JournalEntry, TooLarge


@dataclass(frozen=True, slots=True)
class Named(Event):
    slug: str


@command("tests.name")
def name(*, actor: Actor, slug: str, note: str = "") -> Programme:
    found = Programme.objects.filter(slug=slug).first()
    if found:
        return unchanged(found)
    programme = Programme.objects.create(slug=slug)
    announce(Named(slug))
    refuse_if([Reason("tests_bad_name")] if slug == "bad" else [])
    record(programme, after={"slug": slug}, payload={"slug": slug, "note": note})
    return programme


@command("tests.forget_to_record")
def forget_to_record(*, actor: Actor) -> Programme:
    return Programme.objects.create(slug="unseen")


@command("tests.record_twice")
def record_twice(*, actor: Actor) -> None:
    programme = Programme.objects.create(slug="twice")
    record(programme)
    record(programme)


@command("tests.name_two")
def name_two(*, actor: Actor, second: str) -> None:
    first = name(actor=actor, slug="first")
    name(actor=actor, slug=second)
    record(first)


@pytest.fixture
def heard() -> Iterator[list[str]]:
    slugs: list[str] = []
    end = listen(Named, lambda event: slugs.append(event.slug))
    yield slugs
    end()


def slugs() -> list[str]:
    return list(Programme.objects.order_by("slug").values_list("slug", flat=True))


@pytest.mark.django_db
def test_a_command_writes_its_state_and_one_journal_row():
    moment = dt.datetime(2022, 2, 4, 9, 0, tzinfo=dt.UTC)
    with clock.at(moment):
        programme = name(actor=OFFICE, slug="one", note="첫 사업")
    entry = JournalEntry.objects.get()
    assert slugs() == ["one"]
    assert (entry.at, entry.command, entry.actor_kind, entry.actor_label) == (
        moment,
        "tests.name",
        "office",
        "Office console",
    )
    assert (entry.object_kind, entry.object_id) == ("calls.programme", str(programme.pk))
    assert entry.payload == '{"note":"첫 사업","slug":"one"}'
    assert entry.before_sha256 == ""
    assert len(entry.after_sha256) == 64


@pytest.mark.django_db
def test_a_refusal_leaves_nothing_and_says_why(heard, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(Refused) as refused:
        name(actor=OFFICE, slug="bad")
    assert refused.value.reasons == [Reason("tests_bad_name")]
    assert (slugs(), heard, JournalEntry.objects.count()) == ([], [], 0)


@pytest.mark.django_db
@pytest.mark.parametrize("careless", [forget_to_record, record_twice])
def test_a_command_without_exactly_one_journal_row_is_undone(careless):
    with pytest.raises(NotRecorded):
        careless(actor=OFFICE)
    assert (slugs(), JournalEntry.objects.count()) == ([], 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("note", "error"), [("x" * 20_000, TooLarge), (0.5, ValueError), (2**53 + 1, ValueError), (object(), ValueError)]
)
def test_a_failing_journal_leaves_nothing(note, error, heard, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(error):
        name(actor=OFFICE, slug="one", note=note)
    assert (slugs(), heard, JournalEntry.objects.count()) == ([], [], 0)


@pytest.mark.django_db
def test_commands_inside_a_command_stand_or_fall_with_it():
    with pytest.raises(Refused):
        name_two(actor=OFFICE, second="bad")
    assert (slugs(), JournalEntry.objects.count()) == ([], 0)
    name_two(actor=OFFICE, second="second")
    written = list(JournalEntry.objects.values_list("command", flat=True))
    assert written == ["tests.name", "tests.name", "tests.name_two"]


@pytest.mark.django_db
def test_a_command_that_finds_everything_done_writes_nothing():
    assert name(actor=OFFICE, slug="one") == name(actor=OFFICE, slug="one")
    assert JournalEntry.objects.count() == 1


def test_listeners_hear_after_commit_and_one_that_fails_stops_neither_commit_nor_others(committing, heard):
    def fail(event: Named) -> None:
        assert Programme.objects.filter(slug=event.slug).exists()
        raise RuntimeError("no listener may undo what was committed")

    ends = [listen(Named, fail), listen(Named, lambda event: heard.append(f"{event.slug} again"))]
    try:
        name(actor=OFFICE, slug="one")
    finally:
        for end in ends:
            end()
    assert (slugs(), heard, JournalEntry.objects.count()) == (["one"], ["one", "one again"], 1)


def test_a_listener_that_fails_leaves_nothing_of_its_own(committing):
    def half(event: Named) -> None:
        if event.slug == "one":
            name_two(actor=OFFICE, second="bad")

    end = listen(Named, half)
    try:
        name(actor=OFFICE, slug="one")
    finally:
        end()
    assert (slugs(), JournalEntry.objects.count()) == (["one"], 1)


@pytest.mark.parametrize(
    "function", [lambda actor: None, lambda *, slug, actor: None, lambda *, slug: None, lambda: None]
)
def test_a_command_takes_keywords_only_and_the_actor_first(function):
    with pytest.raises(TypeError, match="actor"):
        command("tests.shapeless")(function)


def test_a_command_name_is_given_once():
    with pytest.raises(TypeError, match="already"):
        command("tests.name")(lambda *, actor: None)


@pytest.mark.django_db
def test_journal_rows_are_written_once():
    name(actor=OFFICE, slug="one")
    entry = JournalEntry.objects.get()
    entry.actor_label = "nobody"
    for change in (
        entry.save,
        entry.delete,
        JournalEntry.objects.all().delete,
        lambda: JournalEntry.objects.update(actor_label="nobody"),
        lambda: JournalEntry.objects.bulk_update([entry], ["actor_label"]),
        lambda: JournalEntry.objects.update_or_create(pk=entry.pk, defaults={"actor_label": "nobody"}),
        lambda: JournalEntry._base_manager.update(actor_label="nobody"),
    ):
        with pytest.raises(WrittenOnce):
            change()
    assert JournalEntry.objects.get().actor_label == "Office console"


def test_an_actor_is_one_of_the_known_kinds():
    with pytest.raises(ValueError, match="minister"):
        Actor("minister", "1", "Minister")  # type: ignore[arg-type]  # the point of the test
