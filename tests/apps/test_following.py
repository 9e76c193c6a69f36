"""Drafts and enquiries follow handovers and merges: when they are told, and when nobody told them.

Inside a test's transaction no event is heard until its callbacks are run, as after a crash between commit and event.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.applications import commands as applications
from madang.apps.applications import tasks as application_tasks
from madang.apps.applications.commands import discard_draft, leave_draft, restore_draft, start_draft
from madang.apps.applications.models import Draft, DraftMember
from madang.apps.calls.models import Call
from madang.apps.directory import commands as directory
from madang.apps.directory.models import Handover, Merge, Organisation
from madang.apps.directory.queries import CATCH_UP
from madang.apps.enquiries import commands as enquiries
from madang.apps.enquiries import tasks as enquiry_tasks
from madang.apps.enquiries.models import Enquiry
from madang.kernel import clock, worker
from madang.kernel.actors import OFFICE
from madang.kernel.commands import Refused
from madang.kernel.journal import JournalEntry
from tests.factories.enquiries import asked, call_with_desks
from tests.factories.forms import form_call
from tests.factories.people import belongs, organisation, person

JOBS = ("draft-handovers-and-merges", "enquiry-handovers-and-merges")


class Town:
    """A call, and people who write drafts and ask questions for organisations."""

    def __init__(self) -> None:
        self.call: Call = form_call()
        self.desk = call_with_desks("sample-call-desks")
        self.aram, self.boram, self.dasom = (person(name) for name in ("aram", "boram", "dasom"))

    def office(self, name: str, *people: Person) -> Organisation:
        found = organisation(name)
        for one in people:
            belongs(found, one, "file", "manage")
        return found

    def draft(self, of: Organisation, by: Person) -> Draft:
        draft = start_draft(actor=actor_of(by), call=self.call, organisation=of, track="plan", language="ko")
        Draft.objects.filter(pk=draft.pk).update(revision=1)  # written in: the next one is another
        return draft

    def question(self, of: Organisation, by: Person, text: str = "May a city apply twice?") -> Enquiry:
        return asked(self.desk, by, text, organisation=of)


@pytest.fixture
def town(db: None) -> Town:
    return Town()


def merged(kept: Organisation, absorbed: Organisation) -> Merge:
    return directory.merge_organisations(actor=OFFICE, kept=kept, absorbed=absorbed, reason="The same office")


def handed_over(giver: Person, taker: Person, of: Organisation | None, **more: Any) -> Handover:
    given = {"actor": actor_of(giver), "giver": giver, "taker": taker, "organisation": of, "reason": "New post"}
    return directory.hand_over(**(given | more))


def caught_up() -> int:
    """What the worker's jobs do; a second time they only read."""
    jobs = [job for job in worker.JOBS if job.name in JOBS]
    assert len(jobs) == 2
    assert {job.every_s for job in jobs} == {300}
    done = sum(job.work() for job in jobs)
    with CaptureQueriesContext(
        connection,
    ) as read:
        assert [job.work() for job in jobs] == [0, 0]
    assert all(one["sql"].startswith("SELECT") and "FOR UPDATE" not in one["sql"] for one in read)
    return done


def stand_at(kind: type[Draft] | type[Enquiry]) -> dict[int, str]:
    return dict(kind.objects.values_list("pk", "organisation__name"))


def writers(draft: Draft) -> list[str]:
    return sorted(draft.people.filter(ended_at__isnull=True).values_list("person__name", flat=True))


def rows(command: str) -> list[dict[str, Any]]:
    return [row.details for row in JournalEntry.objects.filter(command=command).order_by("at", "pk")]


# --- Merges -----------------------------------------------------------------------------------------------------------


def test_what_was_written_for_an_absorbed_organisation_follows_and_exactly_that_goes_back(
    town: Town, django_capture_on_commit_callbacks: Any
) -> None:
    kept, absorbed = town.office("Kept", town.aram), town.office("Absorbed", town.boram)
    own, gone, put_away = (town.draft(kept, town.aram), *(town.draft(absorbed, town.boram) for _ in range(2)))
    discard_draft(actor=actor_of(town.boram), draft=put_away)
    question = town.question(absorbed, town.boram)
    with django_capture_on_commit_callbacks(execute=True):
        merge = merged(kept, absorbed)
    assert set(stand_at(Draft).values()) == {"Kept"}
    assert stand_at(Enquiry) == {question.pk: "Kept"}
    assert rows("applications.follow_merge") == [{"merge": merge.pk, "drafts": [gone.pk, put_away.pk]}]
    assert rows("enquiries.follow_merge") == [{"merge": merge.pk, "enquiries": [question.pk]}]
    since = town.draft(kept, town.boram)
    with django_capture_on_commit_callbacks(execute=True):
        directory.undo_merge(actor=OFFICE, merge=merge)
    assert stand_at(Draft) == {own.pk: "Kept", since.pk: "Kept", gone.pk: "Absorbed", put_away.pk: "Absorbed"}
    assert stand_at(Enquiry) == {question.pk: "Absorbed"}
    assert rows("applications.follow_merge")[1] == {
        "merge": merge.pk, "drafts": [gone.pk, put_away.pk], "undone": True,
    }  # fmt: skip
    assert caught_up() == 0


def test_a_merge_that_nobody_told_is_caught_up(town: Town) -> None:
    kept, absorbed = town.office("Kept", town.aram), town.office("Absorbed", town.boram)
    draft, question = town.draft(absorbed, town.boram), town.question(absorbed, town.boram)
    merge = merged(kept, absorbed)
    assert stand_at(Draft) == {draft.pk: "Absorbed"}
    assert caught_up() == 2
    assert (stand_at(Draft), stand_at(Enquiry)) == ({draft.pk: "Kept"}, {question.pk: "Kept"})
    directory.undo_merge(actor=OFFICE, merge=merge)
    assert caught_up() == 2
    assert (stand_at(Draft), stand_at(Enquiry)) == ({draft.pk: "Absorbed"}, {question.pk: "Absorbed"})


def test_merges_in_a_row_are_caught_up_in_their_order(town: Town) -> None:
    one, two, three = (town.office(name, town.aram) for name in ("One", "Two", "Three"))
    draft = town.draft(one, town.aram)
    first, second = merged(two, one), merged(three, two)
    assert caught_up() == 2
    assert stand_at(Draft) == {draft.pk: "Three"}
    for merge in (second, first):
        directory.undo_merge(actor=OFFICE, merge=merge)
    assert caught_up() == 2
    assert stand_at(Draft) == {draft.pk: "One"}
    again = merged(two, one)
    assert caught_up() == 1
    assert stand_at(Draft) == {draft.pk: "Two"}, "the undone merge does not take it back a second time"
    assert rows("applications.follow_merge")[-1] == {"merge": again.pk, "drafts": [draft.pk]}


def test_a_merge_that_was_undone_before_anybody_was_told_moves_nothing(town: Town) -> None:
    kept, absorbed = town.office("Kept", town.aram), town.office("Absorbed", town.boram)
    draft = town.draft(absorbed, town.boram)
    directory.undo_merge(actor=OFFICE, merge=merged(kept, absorbed))
    assert caught_up() == 0
    assert stand_at(Draft) == {draft.pk: "Absorbed"}


def test_many_rows_follow_in_pieces_that_a_journal_row_can_hold(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory.merging, "MOST_AT_ONCE", 2)
    kept, absorbed = town.office("Kept", town.aram), town.office("Absorbed", town.boram)
    drafts = [town.draft(absorbed, town.boram).pk for _ in range(3)]
    merge = merged(kept, absorbed)
    assert caught_up() == 3
    assert [row["drafts"] for row in rows("applications.follow_merge")] == [drafts[:2], drafts[2:]]
    directory.undo_merge(actor=OFFICE, merge=merge)
    assert caught_up() == 3
    assert set(stand_at(Draft).values()) == {"Absorbed"}


# --- Handovers --------------------------------------------------------------------------------------------------------


def test_only_open_work_for_the_organisation_passes_on(town: Town, django_capture_on_commit_callbacks: Any) -> None:
    city, other = town.office("City", town.aram, town.boram), town.office("Other", town.aram)
    draft, put_away, elsewhere = (town.draft(of, town.aram) for of in (city, city, other))
    discard_draft(actor=actor_of(town.aram), draft=put_away)
    open_one, closed = town.question(city, town.aram), town.question(city, town.aram, "And now?")
    enquiries.close(actor=OFFICE, enquiry=closed, reason="Said by telephone")
    with django_capture_on_commit_callbacks(execute=True):
        handover = handed_over(town.aram, town.boram, city)
    assert [writers(one) for one in (draft, put_away, elsewhere)] == [["Boram"], ["Aram"], ["Aram"]]
    assert dict(Enquiry.objects.values_list("pk", "asker__name")) == {open_one.pk: "Boram", closed.pk: "Aram"}
    assert rows("applications.take_over_drafts") == [{"handover": handover.uid, "drafts": [draft.pk]}]
    assert caught_up() == 0


def test_a_handover_of_roles_alone_passes_on_no_draft_and_no_question(
    town: Town, django_capture_on_commit_callbacks: Any
) -> None:
    officer = person("officer", role="officer", programme="sample-programme")
    city = town.office("City", officer)
    draft, question = town.draft(city, officer), town.question(city, officer)
    with django_capture_on_commit_callbacks(execute=True):
        handover = handed_over(officer, town.boram, None, actor=OFFICE, grants=list(officer.grants.all()))
    assert handover.organisation is None
    assert caught_up() == 0
    assert writers(draft) == ["Officer"]
    assert Enquiry.objects.get(pk=question.pk).asker == officer
    assert rows("applications.take_over_drafts") == rows("enquiries.take_over_enquiries") == []


def test_handovers_that_nobody_told_are_caught_up_in_their_order(town: Town) -> None:
    city = town.office("City", town.aram, town.boram, town.dasom)
    draft, question = town.draft(city, town.aram), town.question(city, town.aram)
    handed_over(town.aram, town.boram, city)
    handed_over(town.boram, town.dasom, city)
    assert writers(draft) == ["Aram"]
    assert caught_up() == 4
    assert writers(draft) == ["Dasom"]
    assert Enquiry.objects.get(pk=question.pk).asker == town.dasom


def test_an_earlier_handover_that_was_lost_goes_first_when_the_next_one_is_told(
    town: Town, django_capture_on_commit_callbacks: Any
) -> None:
    city = town.office("City", town.aram, town.boram, town.dasom)
    draft, question = town.draft(city, town.aram), town.question(city, town.aram)
    handed_over(town.aram, town.boram, city)
    with django_capture_on_commit_callbacks(execute=True):
        handed_over(town.boram, town.dasom, city)
    assert writers(draft) == ["Dasom"]
    assert Enquiry.objects.get(pk=question.pk).asker == town.dasom


def test_what_happens_after_a_handover_is_no_part_of_it(town: Town) -> None:
    """Caught up late: a place in a draft that was given anew, and an organisation merged since, stay."""
    city, other = town.office("City", town.aram, town.boram), town.office("Other", town.aram)
    shared, foreign = town.draft(city, town.boram), town.draft(other, town.aram)
    DraftMember.objects.create(draft=shared, person=town.aram, since=clock.now())
    leave_draft(actor=actor_of(town.aram), draft=shared)
    handed_over(town.aram, town.boram, city, leaves=False)
    DraftMember.objects.create(draft=shared, person=town.aram, since=clock.now())
    merged(city, other)
    assert caught_up() == 1, "the merge; nothing of the handover"
    assert writers(shared) == ["Aram", "Boram"]
    assert writers(foreign) == ["Aram"]


def test_what_had_been_merged_into_the_organisation_passes_on_with_it(town: Town) -> None:
    city, part, smaller = (town.office(name, town.aram, town.boram) for name in ("City", "Part", "Smaller"))
    draft, question = town.draft(smaller, town.aram), town.question(smaller, town.aram)
    merged(part, smaller)
    merged(city, part)
    handed_over(town.aram, town.boram, city)
    caught_up()
    assert (writers(draft), stand_at(Draft)) == (["Boram"], {draft.pk: "City"})
    assert Enquiry.objects.get(pk=question.pk).asker == town.boram


def test_a_draft_brought_back_after_the_handover_stays_with_its_writers(town: Town) -> None:
    city = town.office("City", town.aram, town.boram)
    draft = town.draft(city, town.aram)
    discard_draft(actor=actor_of(town.aram), draft=draft)
    handed_over(town.aram, town.boram, city)
    assert caught_up() == 0
    restore_draft(actor=OFFICE, draft=draft)
    assert caught_up() == 0
    assert writers(draft) == ["Aram"]


def test_the_worker_looks_back_a_week(town: Town) -> None:
    city, absorbed = town.office("City", town.aram, town.boram), town.office("Absorbed", town.aram)
    drafts = [town.draft(of, town.aram) for of in (city, absorbed)]
    handed_over(town.aram, town.boram, city)
    merged(city, absorbed)
    with clock.at(clock.now() + CATCH_UP + dt.timedelta(minutes=1)):
        assert caught_up() == 0
    assert caught_up() == 2
    assert stand_at(Draft) == {draft.pk: "City" for draft in drafts}


def test_only_the_platform_passes_on(town: Town) -> None:
    city, absorbed = town.office("City", town.aram, town.boram), town.office("Absorbed", town.aram)
    handover, merge = handed_over(town.aram, town.boram, city), merged(city, absorbed)
    calls: list[Callable[[], Any]] = [
        lambda: applications.take_over_drafts(actor=actor_of(town.boram), handover=handover),
        lambda: enquiries.take_over_enquiries(actor=actor_of(town.boram), handover=handover),
        lambda: applications.follow_merge(actor=OFFICE, merge=merge),
        lambda: enquiries.follow_merge(actor=OFFICE, merge=merge),
    ]
    for call in calls:
        with pytest.raises(Refused) as refused:
            call()
        assert [reason.code for reason in refused.value.reasons] == ["not_permitted"]


def test_two_who_catch_up_at_once_pass_on_once(together: Any) -> None:
    town = Town()
    city, absorbed = town.office("City", town.aram, town.boram), town.office("Absorbed", town.dasom)
    draft, moving = town.draft(city, town.aram), town.draft(absorbed, town.dasom)
    question = town.question(city, town.aram)
    when = clock.now()
    handover = Handover.objects.create(
        giver=town.aram, taker=town.boram, organisation=city, reason="New post", at=when, by="office"
    )
    merge = Merge.objects.create(kept=city, absorbed=absorbed, reason="The same", merged_at=when, merged_by="office")
    Organisation.objects.filter(pk=absorbed.pk).update(merged_into=city)
    both = (application_tasks.catch_up, enquiry_tasks.catch_up)
    results = together(*both, *both)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert writers(draft) == ["Boram"]
    assert Enquiry.objects.get(pk=question.pk).asker == town.boram
    assert rows("applications.take_over_drafts") == [{"handover": handover.uid, "drafts": [draft.pk]}]
    assert rows("enquiries.take_over_enquiries") == [{"handover": handover.uid, "enquiries": [question.pk]}]
    assert rows("applications.follow_merge") == [{"merge": merge.pk, "drafts": [moving.pk]}]
