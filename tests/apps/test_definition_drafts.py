"""Definitions on their way to publication: written, sent, approved by another, published, amended."""

import json

import pytest

from madang.apps.calls.commands import (
    approve_definition,
    discard_definition,
    edit_definition,
    publish_definition,
    publish_draft,
    return_definition,
    save_definition_text,
    start_definition_draft,
    submit_definition,
    undo_definition,
)
from madang.apps.calls.events import DefinitionPublished
from madang.apps.calls.models import Call, DefinitionDraft
from madang.apps.calls.queries import current_version, inspected
from madang.apps.calls.rules import READ_DEFINITIONS
from madang.core.callspec.edit.operation import Edit
from madang.core.callspec.source import MAX_CHARACTERS
from madang.kernel.actors import DEMO, OFFICE, SYSTEM
from madang.kernel.append_only import WrittenOnce
from madang.kernel.commands import Refused
from madang.kernel.events import listen
from madang.kernel.journal import JournalEntry
from madang.kernel.permissions import may, visible_to
from madang.papers import library
from tests.factories.calls import definition_text, published
from tests.factories.people import acting


def officer(name="haneul"):
    return acting(name, role="officer")


def codes(refused):
    return [reason.code for reason in refused.value.reasons]


def started(actor, text=None, **more):
    return start_definition_draft(actor=actor, start="text", text=text or definition_text(), **more)


def approved(text=None, *, sample=False):
    """A draft that one officer wrote and another approved, with both."""
    writer, other = officer(), officer("bora")
    draft = started(writer, text, sample=sample)
    draft = submit_definition(actor=writer, draft=draft, seen_revision=1)
    return approve_definition(actor=other, draft=draft, seen_revision=1), writer, other


# --- Begun ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_draft_begins_with_a_shipped_definition_a_call_a_text_or_nothing():
    actor = officer()
    publish_definition(actor=DEMO, text=library.programmes()["kcity-network-2021"].read_text("utf-8"), sample=False)
    shipped = start_definition_draft(actor=actor, start="programme", of="living-lab-2022")
    cloned = start_definition_draft(actor=actor, start="clone", of="kcity-network-2021", sample=True)
    empty = start_definition_draft(actor=actor, start="empty")
    broken = started(actor, "title: [", sample=True)
    assert (shipped.slug, shipped.origin) == ("living-lab-2022", "programmes/living-lab-2022.yaml")
    assert (cloned.slug, cloned.call, cloned.is_sample) == ("kcity-network-2022", None, True)
    assert "closes: {at: 2022-04-20 18:00" in cloned.text
    assert (empty.slug, empty.revision, empty.texts.count()) == ("new-call", 1, 1)
    assert (broken.slug, broken.title) == ("", {})
    assert inspected(broken.text).faults[0][1].code == "not_yaml"


@pytest.mark.django_db
def test_an_amendment_begins_once_with_the_version_that_counts():
    call, actor = published(), officer()
    draft = start_definition_draft(actor=actor, start="amendment", of=call.slug)
    assert (draft.call, draft.text, draft.is_sample) == (call, definition_text(), True)
    again = start_definition_draft(actor=officer("bora"), start="amendment", of=call.slug)
    assert again == draft
    Call.objects.filter(pk=call.pk).update(decided_at=call.published_at)
    discard_definition(actor=actor, draft=draft)
    with pytest.raises(Refused) as refused:
        start_definition_draft(actor=actor, start="amendment", of=call.slug)
    assert codes(refused) == ["call_already_decided"]


@pytest.mark.parametrize(("start", "code"), [("programme", "no_shipped_definition"), ("clone", "no_such_call")])
@pytest.mark.django_db
def test_what_is_not_there_cannot_be_begun_with(start, code):
    with pytest.raises(Refused) as refused:
        start_definition_draft(actor=officer(), start=start, of="../../etc/passwd")
    assert codes(refused) == [code]


@pytest.mark.parametrize("bad", ["a\0b", "a\u202eb", "a\x1bb", "\ud800", "a\ufdd0"])
@pytest.mark.django_db
def test_hidden_characters_are_refused_wherever_they_come_in(bad):
    actor = officer()
    draft = started(actor)
    calls = (
        lambda: started(actor, f"title: '{bad}'"),
        lambda: save_definition_text(actor=actor, draft=draft, text=bad, seen_revision=1),
        lambda: edit_definition(
            actor=actor, draft=draft, edit=Edit("set", values={("title", "ko"): bad}), seen_revision=1
        ),
        lambda: submit_definition(actor=actor, draft=draft, seen_revision=1, reason=bad),
    )
    for call in calls:
        with pytest.raises(Refused) as refused:
            call()
        assert codes(refused) == ["hidden_character"]


@pytest.mark.django_db
def test_a_huge_text_is_refused():
    with pytest.raises(Refused) as refused:
        started(officer(), "x" * (MAX_CHARACTERS + 1))
    assert codes(refused) == ["definition_too_long"]


# --- Written ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_each_save_is_a_revision_with_its_writer_and_one_journal_row():
    actor, other = officer(), officer("bora")
    draft = started(actor)
    rows = JournalEntry.objects.count()
    draft = edit_definition(
        actor=other, draft=draft, edit=Edit("set", values={("title", "ko"): "새 이름"}), seen_revision=1
    )
    draft = save_definition_text(actor=actor, draft=draft, text=draft.text.replace("\n", "\r\n"), seen_revision=2)
    assert (draft.revision, draft.title["ko"], JournalEntry.objects.count()) == (2, "새 이름", rows + 1)
    assert [(one.revision, one.by) for one in draft.texts.all()] == [(1, actor.person), (2, other.person)]
    with pytest.raises(WrittenOnce):
        draft.texts.first().delete()


@pytest.mark.django_db
def test_nobodys_work_is_overwritten():
    actor, other = officer(), officer("bora")
    draft = started(actor)
    edit_definition(actor=other, draft=draft, edit=Edit("set", values={("title", "ko"): "먼저"}), seen_revision=1)
    for late in (
        lambda: edit_definition(
            actor=actor, draft=draft, edit=Edit("set", values={("title", "ko"): "나중"}), seen_revision=1
        ),
        lambda: save_definition_text(actor=actor, draft=draft, text="id: x", seen_revision=1),
        lambda: undo_definition(actor=actor, draft=draft, to_revision=1, seen_revision=1),
        lambda: submit_definition(actor=actor, draft=draft, seen_revision=1),
    ):
        with pytest.raises(Refused) as refused:
            late()
        assert codes(refused) == ["draft_changed_since"]
    assert DefinitionDraft.objects.get().title["ko"] == "먼저"


@pytest.mark.django_db
def test_an_earlier_text_comes_back_as_a_new_revision():
    actor = officer()
    draft = started(actor)
    draft = save_definition_text(actor=actor, draft=draft, text="id: other\n", seen_revision=1)
    draft = undo_definition(actor=actor, draft=draft, to_revision=1, seen_revision=2)
    assert (draft.revision, draft.text, draft.slug) == (3, definition_text(), "sample-call-2022")
    with pytest.raises(Refused) as refused:
        undo_definition(actor=actor, draft=draft, to_revision=99, seen_revision=3)
    assert codes(refused) == ["no_such_revision"]


@pytest.mark.django_db
def test_a_place_that_is_gone_and_a_text_that_is_no_yaml_are_refused_in_words():
    actor = officer()
    draft = started(actor)
    with pytest.raises(Refused) as refused:
        edit_definition(actor=actor, draft=draft, edit=Edit("remove", ("tracks", 7)), seen_revision=1)
    assert codes(refused) == ["no_such_part"]
    draft = save_definition_text(actor=actor, draft=draft, text="a: [", seen_revision=1)
    with pytest.raises(Refused) as refused:
        edit_definition(actor=actor, draft=draft, edit=Edit("remove", ("id",)), seen_revision=2)
    assert codes(refused) == ["text_not_readable"]


# --- Sent, approved, returned -----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_faults_must_be_mended_before_it_is_sent():
    actor = officer()
    draft = started(actor, definition_text().replace("weight: 40", "weight: 41"))
    with pytest.raises(Refused) as refused:
        submit_definition(actor=actor, draft=draft, seen_revision=1)
    assert codes(refused) == ["draft_has_faults"]


@pytest.mark.django_db
def test_a_published_id_is_taken():
    published()
    actor = officer()
    with pytest.raises(Refused) as refused:
        submit_definition(actor=actor, draft=started(actor), seen_revision=1)
    assert codes(refused) == ["call_id_is_taken"]


@pytest.mark.django_db
def test_four_eyes_neither_a_writer_nor_the_sender_approves():
    writer, second, other = officer(), officer("bora"), officer("chorong")
    draft = started(writer)
    draft = edit_definition(
        actor=second, draft=draft, edit=Edit("set", values={("title", "ko"): "둘째"}), seen_revision=1
    )
    sender = officer("dal")
    draft = submit_definition(actor=sender, draft=draft, seen_revision=2)
    for mine in (writer, second, sender):
        with pytest.raises(Refused) as refused:
            approve_definition(actor=mine, draft=draft, seen_revision=2)
        assert codes(refused) == ["approver_wrote_it"]
    assert approve_definition(actor=other, draft=draft, seen_revision=2).approved_by == other.person


@pytest.mark.django_db
def test_what_waits_is_shut_until_it_is_returned_with_a_reason():
    writer, other = officer(), officer("bora")
    draft = submit_definition(actor=writer, draft=started(writer), seen_revision=1)
    with pytest.raises(Refused) as refused:
        save_definition_text(actor=writer, draft=draft, text="id: x", seen_revision=1)
    assert codes(refused) == ["definition_waits_for_approval"]
    with pytest.raises(Refused) as refused:
        return_definition(actor=other, draft=draft, reason="  ")
    assert codes(refused) == ["returning_needs_reason"]
    draft = return_definition(actor=other, draft=draft, reason="The closing day is a holiday.")
    assert (draft.state, draft.submitted_by, draft.returned_reason) == (
        "writing", None, "The closing day is a holiday.",
    )  # fmt: skip
    assert save_definition_text(actor=writer, draft=draft, text="id: x", seen_revision=1).revision == 2


@pytest.mark.django_db
def test_an_officer_of_another_programme_amends_approves_and_publishes_nothing_here():
    call, writer = published(), officer()
    other = acting("elsewhere", role="officer", programme="another-programme")
    own = acting("here", role="officer", programme="sample-programme")
    with pytest.raises(Refused) as refused:
        start_definition_draft(actor=other, start="amendment", of=call.slug)
    assert codes(refused) == ["not_permitted"]
    draft = submit_definition(actor=writer, draft=started(writer, definition_text("sample-new")), seen_revision=1)
    with pytest.raises(Refused) as refused:
        approve_definition(actor=other, draft=draft, seen_revision=1)
    assert codes(refused) == ["not_permitted"]
    draft = approve_definition(actor=own, draft=draft, seen_revision=1)
    for act in (publish_draft, lambda **given: return_definition(actor=given["actor"], draft=draft, reason="No")):
        with pytest.raises(Refused) as refused:
            act(actor=other, draft=draft, seen_revision=1)
        assert codes(refused) == ["not_permitted"]
    with pytest.raises(Refused) as refused:
        publish_definition(actor=other, text=definition_text("sample-new"), sample=True)
    assert codes(refused) == ["not_permitted"]
    assert publish_draft(actor=own, draft=draft, seen_revision=1).number == 1


# --- Published --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_approved_definition_becomes_a_call_and_says_so_once(django_capture_on_commit_callbacks):
    heard = []
    end = listen(DefinitionPublished, heard.append)
    draft, writer, _ = approved(sample=True)
    rows = JournalEntry.objects.count()
    with django_capture_on_commit_callbacks(execute=True):
        version = publish_draft(actor=writer, draft=draft, seen_revision=1)
    end()
    draft.refresh_from_db()
    assert (draft.state, draft.published_version, draft.call) == ("published", version, version.call)
    assert (version.number, version.text, version.call.is_sample) == (1, definition_text(), True)
    assert [(event.call_id, event.number) for event in heard] == [(version.call.pk, 1)]
    assert JournalEntry.objects.count() == rows + 2  # of this command, and of the publication that it calls
    with pytest.raises(Refused) as refused:
        publish_draft(actor=writer, draft=draft, seen_revision=1)
    assert codes(refused) == ["definition_is_published"]


@pytest.mark.django_db
def test_an_amendment_needs_reason_and_notice_keeps_its_id_and_becomes_the_next_version():
    call, writer, other = published(), officer(), officer("bora")
    draft = start_definition_draft(actor=writer, start="amendment", of=call.slug)
    with pytest.raises(Refused) as refused:
        submit_definition(actor=writer, draft=draft, seen_revision=1)
    assert codes(refused) == ["amendment_changes_nothing", "amendment_needs_reason", "amendment_needs_notice"]
    other_id = {("id",): "another", ("programme",): "another-programme"}
    draft = edit_definition(actor=writer, draft=draft, edit=Edit("set", values=other_id), seen_revision=1)
    with pytest.raises(Refused) as refused:
        submit_definition(actor=writer, draft=draft, seen_revision=2, reason="r", notice="n")
    assert codes(refused) == ["amendment_keeps_the_id", "programme_is_fixed"]
    draft = save_definition_text(
        actor=writer, draft=draft, text=definition_text(closes="2022-02-11 18:00"), seen_revision=2
    )
    draft = submit_definition(actor=writer, draft=draft, seen_revision=3, reason="A week more", notice="Notice 12")
    draft = approve_definition(actor=other, draft=draft, seen_revision=3)
    version = publish_draft(actor=other, draft=draft, seen_revision=3)
    assert (version.call, version.number, version.reason, version.notice) == (call, 2, "A week more", "Notice 12")
    again = start_definition_draft(actor=writer, start="amendment", of=call.slug)
    assert again.text == version.text


@pytest.mark.django_db
def test_an_amendment_does_not_undo_one_that_was_published_beside_it():
    call, writer = published(), officer()
    draft = start_definition_draft(actor=writer, start="amendment", of=call.slug)
    publish_definition(actor=OFFICE, text=definition_text(title="Beside"), sample=True, reason="r", notice="n")
    draft = save_definition_text(actor=writer, draft=draft, text=definition_text(title="Mine"), seen_revision=1)
    with pytest.raises(Refused) as refused:
        submit_definition(actor=writer, draft=draft, seen_revision=2, reason="r", notice="n")
    assert codes(refused) == ["call_amended_since"]
    assert current_version(call).number == 2


@pytest.mark.django_db
def test_what_was_approved_is_not_published_over_what_was_published_since():
    call, writer, other = published(), officer(), officer("bora")
    draft = start_definition_draft(actor=writer, start="amendment", of=call.slug)
    draft = save_definition_text(actor=writer, draft=draft, text=definition_text(title="Mine"), seen_revision=1)
    draft = submit_definition(actor=writer, draft=draft, seen_revision=2, reason="r", notice="n")
    draft = approve_definition(actor=other, draft=draft, seen_revision=2)
    publish_definition(actor=OFFICE, text=definition_text(title="Beside"), sample=True, reason="r", notice="n")
    with pytest.raises(Refused) as refused:
        publish_draft(actor=writer, draft=draft, seen_revision=2)
    assert codes(refused) == ["call_amended_since"]
    assert current_version(call).number == 2


@pytest.mark.django_db
def test_a_discarded_draft_stays_readable_and_shut():
    actor = officer()
    draft = discard_definition(actor=actor, draft=started(actor))
    with pytest.raises(Refused) as refused:
        save_definition_text(actor=actor, draft=draft, text="id: x", seen_revision=1)
    assert codes(refused) == ["definition_is_discarded"]
    assert draft.texts.get().text == definition_text()


# --- Who, and what is kept --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_only_officers_write_and_auditors_read():
    draft = started(officer())
    for role in ("secretariat", "auditor", "administrator", "evaluator", ""):
        actor = acting(f"p-{role or 'none'}", role=role)
        with pytest.raises(Refused) as refused:
            save_definition_text(actor=actor, draft=draft, text="id: x", seen_revision=1)
        assert codes(refused) == ["not_permitted"]
        seen = visible_to(actor.person, READ_DEFINITIONS, DefinitionDraft.objects.all()).exists()
        assert seen == may(actor.person, READ_DEFINITIONS, draft) == (role == "auditor")


@pytest.mark.parametrize("actor", [SYSTEM, OFFICE, DEMO])
@pytest.mark.django_db
def test_four_eyes_need_people(actor):
    with pytest.raises(Refused) as refused:
        start_definition_draft(actor=actor, start="empty")
    assert codes(refused) == ["people_only"]


@pytest.mark.django_db
def test_the_journal_holds_no_words_of_anybody():
    draft, writer, other = approved()
    return_definition(actor=other, draft=draft, reason="Ask Kim Haneul at haneul@example.org")
    kept = json.dumps([row.details for row in JournalEntry.objects.filter(command__startswith="calls.")])
    assert "haneul" not in kept.lower()
    assert "Sample call" not in kept
    assert writer.person.uid not in kept


def test_two_who_save_at_once_are_told_apart(together):
    actor, other = officer(), officer("bora")
    draft = started(actor)
    results = together(
        lambda: save_definition_text(actor=actor, draft=draft, text="id: mine\n", seen_revision=1).revision,
        lambda: save_definition_text(actor=other, draft=draft, text="id: hers\n", seen_revision=1).revision,
    )
    assert sorted(str(type(one).__name__) for one in results) == ["Refused", "int"]
    draft.refresh_from_db()
    assert draft.revision == 2
