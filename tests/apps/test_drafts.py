"""Drafts: several people write one application over days, and nothing that somebody typed is lost."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.applications import rules, tasks
from madang.apps.applications.commands import (
    Saved,
    accept_invitation,
    add_row,
    attach_file,
    discard_draft,
    follow_version,
    invite_colleague,
    leave_draft,
    move_row,
    overwrite_entry,
    remove_file,
    remove_member,
    remove_row,
    restore_draft,
    restore_file,
    restore_row,
    revoke_invitation,
    save_entries,
    save_step,
    set_may_file,
    start_draft,
)
from madang.apps.applications.models import Draft, DraftChange, DraftInvitation, DraftMember
from madang.apps.applications.queries import (
    changes_since,
    draft_of,
    drafts_of,
    files_of,
    form_state,
    history_of,
    left_behind,
    open_invitations,
    people_of,
    removed_rows,
    revisions_of,
    value_at,
)
from madang.apps.calls.models import Call
from madang.apps.directory.events import HandedOver
from madang.apps.directory.models import Handover
from madang.kernel import clock, files
from madang.kernel.actors import OFFICE, SYSTEM
from madang.kernel.commands import Refused
from madang.kernel.journal import JournalEntry
from madang.kernel.mail import OutgoingMail
from madang.kernel.permissions import may, visible_to
from madang.words import say
from tests.factories.drafts import World
from tests.factories.forms import DEFINITION, amended, form_call
from tests.factories.people import belongs, organisation, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def codes(refused: Refused | Saved) -> list[str]:
    found = refused.reasons if isinstance(refused, Refused) else [reason for _, reason in refused.refused]
    for reason in found:
        assert reason.code not in say(reason, "ko")
    return [reason.code for reason in found]


def refusal(function: Any, **given: Any) -> list[str]:
    with pytest.raises(Refused) as refused:
        function(**given)
    return codes(refused.value)


# --- Begin -----------------------------------------------------------------------------------------------------------


def test_a_draft_begins_once_however_often_the_button_is_pressed(world):
    start = {"actor": world.first, "call": world.call, "organisation": world.city, "track": "plan", "language": "ko"}
    assert start_draft(**start) == world.draft
    assert start_draft(**{**start, "track": "trial"}) != world.draft
    world.save(name="도시")
    assert start_draft(**start) != world.draft
    assert [(one.person, one.may_file) for one in people_of(world.draft)] == [(world.aram, True), (world.boram, False)]


def test_who_may_not_begin(world):
    start: dict[str, Any] = {"call": world.call, "organisation": world.city, "language": "ko"}
    assert refusal(start_draft, actor=world.stranger, **start) == ["not_permitted"]
    belongs(world.city, world.boram, "contact")
    assert refusal(start_draft, actor=world.second, **start) == ["not_permitted"]
    assert refusal(start_draft, actor=OFFICE, **start) == ["people_only"]
    assert refusal(start_draft, actor=SYSTEM, **start) == ["people_only"]
    assert refusal(start_draft, actor=world.first, **{**start, "track": "forged"}) == ["draft_unknown_type"]
    assert refusal(start_draft, actor=world.first, **{**start, "language": "../ko"}) == ["no_such_language"]
    for moment, code in ((dt.datetime(2025, 1, 1, tzinfo=dt.UTC), "call_not_open_yet"),
                         (dt.datetime(2028, 1, 1, tzinfo=dt.UTC), "call_closed")):  # fmt: skip
        with clock.at(moment):
            assert refusal(start_draft, actor=world.first, **start) == [code]


def test_filling_is_not_filing(world):
    filler = person("filler")
    belongs(world.city, filler, "fill")
    draft = start_draft(actor=actor_of(filler), call=world.call, organisation=world.city, language="en")
    assert not may(filler, rules.FILE_DRAFT, draft)
    assert may(filler, rules.WRITE_DRAFT, draft)
    assert not may(filler, rules.WRITE_DRAFT, world.draft), "a colleague's draft is not shared by itself"


# --- Save ------------------------------------------------------------------------------------------------------------


def test_what_was_typed_is_kept_with_its_revision_and_written_once(world):
    saved = world.save(name="도시", people="1000")
    assert (saved.revision, saved.saved) == (1, {"name": 1, "people": 1})
    again = world.save(name="도시", people="1000")
    assert (again.revision, again.saved) == (1, {"name": 1, "people": 1})
    assert DraftChange.objects.filter(draft=world.draft).count() == 2
    assert world.save(name="다른 도시", base={"name": 1}).saved == {"name": 2}
    assert form_state(Draft.objects.get(pk=world.draft.pk)).answers == {"name": "다른 도시", "people": "1000"}
    assert revisions_of(world.draft) == {"name": 2, "people": 1}
    assert [one.typed for one in history_of(world.draft, "name")] == ["다른 도시", "도시"]


def test_two_people_in_one_place_conflict_and_everything_else_is_saved(world):
    world.save(name="one", why="first")
    found = world.save(world.second, base={"why": 0}, why="second", people="5")
    assert found.saved == {"people": 2}
    [conflict] = found.conflicts
    assert (conflict.key, conflict.typed, conflict.revision, conflict.by) == ("why", "first", 1, "Aram")
    assert world.stored() == {"name": "one", "why": "first", "people": "5"}
    assert [(one.key, one.by) for one in changes_since(world.draft, 1)] == [("people", "Boram")]
    stale = overwrite_entry(actor=world.second, draft=world.draft, key="why", typed="second", seen_revision=0)
    assert [one.key for one in stale.conflicts] == ["why"]
    overwrite_entry(actor=world.second, draft=world.draft, key="why", typed="second", seen_revision=1)
    assert world.stored()["why"] == "second"
    assert value_at(world.draft, "why", 1) == "first"
    assert value_at(world.draft, "why", 0) == ""


def test_a_page_without_script_touches_only_what_was_touched(world):
    world.save(name="one", why="first", people="1")
    world.save(world.second, base={"why": 1, "people": 1}, why="hers", people="2")
    changes = {"name": "mine", "why": "first", "people": "3", "agreed": ""}
    found = save_step(actor=world.first, draft=world.draft, changes=changes, base_revision=1)
    assert [conflict.key for conflict in found.conflicts] == ["people"]
    assert found.saved == {"name": 3, "why": 2, "agreed": 0}
    assert world.stored() == {"name": "mine", "why": "hers", "people": "2"}


def test_forged_places_are_refused_and_the_rest_is_saved(world):
    row = add_row(actor=world.first, draft=world.draft, key="goals")
    other = start_draft(actor=world.first, call=world.call, organisation=world.city, track="trial", language="ko")
    theirs = add_row(actor=world.first, draft=other, key="goals")
    changes = {
        "name": "kept", f"goals.{row}.goal": "kept", f"goals.{theirs}.goal": "x", "goals.zzz.goal": "x",
        "goals": [theirs],
        "documents.letter": "x", "paper": "x", "state": "discarded", "uid": "x", "organisation": "x", "__class__": "x",
        "applicant.track": "forged", "applicant.kind": "government", "members.a.role": "public", "goals.a.b.c": "x",
        "x" * 300: "x", "name.x": "x", "": "x", "\x00": "x", "\ud800": "x", f"goals.{row}.forged": "x",
    }  # fmt: skip
    found = save_entries(actor=world.first, draft=world.draft, changes=changes, base={})
    assert set(found.saved) == {"name", f"goals.{row}.goal"}
    assert set(codes(found)) == {"form_no_such_place", "form_row_not_there"}
    assert len(found.refused) == len(changes) - 2
    assert set(world.stored()) == {"name", "goals", f"goals.{row}.goal"}
    assert Draft.objects.get(pk=world.draft.pk).state == "writing"


def test_ten_thousand_places_at_once(world):
    found = save_entries(actor=world.first, draft=world.draft, changes={f"k{n}": "x" for n in range(10_000)}, base={})
    assert len(found.refused) == 10_000
    assert set(codes(found)) == {"form_no_such_place", "form_too_many_keys"}
    changes = {**{f"k{n}": "x" for n in range(2000)}, "name": "too late"}
    assert save_entries(actor=world.first, draft=world.draft, changes=changes, base={}).saved == {}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("x" * 100_001, "form_text_too_long"),
        ("a\x00b", "form_text_broken"),
        ("a\ud800", "form_text_broken"),
        (None, "form_not_text"),
        (7, "form_not_text"),
        (["a"], "form_not_text"),
        ({"a": {"b": ["c"]}}, "form_not_text"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_reason(world, given, code):
    found = world.save(why=given, name="kept")
    assert codes(found) == [code]
    assert world.stored() == {"name": "kept"}


@pytest.mark.parametrize(
    ("given", "kept", "noted"),
    [
        ("cafe\u0301", "café", False),
        ("a\r\nb\rc", "a\nb\nc", False),
        ("\u202eevil\u202c", "evil", True),
        ("\u2066x\u2069\x07", "x", True),
        ("می\u200cخواهم \u200f\u200e\u061c", "می\u200cخواهم \u200f\u200e\u061c", False),
        ("ទី\u200bក្រុង", "ទី\u200bក្រុង", False),
        ("👩\u200d👧 🏴\U000e0067\U000e0062\U000e007f", "👩\u200d👧 🏴\U000e0067\U000e0062\U000e007f", False),
        ("x\U000e0068\U000e0069", "x", True),
    ],
)
def test_what_a_script_needs_is_kept_and_what_deceives_is_taken_out(world, given, kept, noted):
    found = world.save(why=given)
    assert world.stored() == {"why": kept}
    assert bool(found.noted) == noted
    assert world.save(why=given).revision == found.revision, "sent again, nothing changes"


def test_several_ids_are_kept_once_each(world):
    world.save(fields=["water", "water", "", "transport"])
    assert world.stored()["fields"] == ["water", "transport"]
    assert world.save(fields="water", base={"fields": 1}).saved == {"fields": 2}
    assert world.stored()["fields"] == ["water"]


def test_the_type_is_a_place_too(world):
    assert world.save(applicant__track="plan").saved == {"applicant.track": 0}
    world.save(applicant__track="trial")
    draft = Draft.objects.get(pk=world.draft.pk)
    assert (draft.track, form_state(draft).track) == ("trial", "trial")


def test_nobody_else_writes_and_nothing_is_written_after_closing(world):
    for actor, code in ((world.stranger, "not_permitted"), (SYSTEM, "people_only"), (OFFICE, "people_only")):
        assert refusal(save_entries, actor=actor, draft=world.draft, changes={"name": "x"}, base={}) == [code]
    manager = person("manager")
    belongs(world.city, manager, "manage")
    assert refusal(save_entries, actor=actor_of(manager), draft=world.draft, changes={}, base={}) == ["not_permitted"]
    with clock.at(dt.datetime(2027, 12, 1, 9, 0, 1, tzinfo=dt.UTC)):
        assert refusal(save_entries, actor=world.first, draft=world.draft, changes={}, base={}) == [
            "call_takes_no_drafts"
        ]
        assert refusal(add_row, actor=world.first, draft=world.draft, key="goals") == ["call_takes_no_drafts"]
    with clock.at(dt.datetime(2027, 12, 1, 9, 0, 0, 900_000, tzinfo=dt.UTC)):
        assert world.save(name="just in time").saved


def test_a_save_costs_the_same_statements_for_one_place_and_for_all(world):
    call = form_call(many_fields())
    draft = start_draft(actor=world.first, call=call, organisation=world.city, language="ko")
    with CaptureQueriesContext(
        connection,
    ) as few:
        save_entries(actor=world.first, draft=draft, changes={"f0": "x"}, base={})
    with CaptureQueriesContext(connection) as many:
        save_entries(actor=world.first, draft=draft, changes={f"f{n}": "y" for n in range(120)}, base={"f0": 1})
    assert len(many) == len(few) <= 10  # nine on SQLite; PostgreSQL locks first and reads then
    with CaptureQueriesContext(connection) as reading:
        assert form_state(draft_of(world.aram, draft.uid)).places["f119"].value == "y"
    assert len(reading) <= 5


def many_fields() -> str:
    fields = "\n".join(f"      - {{id: f{n}, type: text, label: {{en: F, ko: 가}}}}" for n in range(120))
    head, _, rest = DEFINITION.partition("      - {id: name,")
    return (head + fields + "\n      - {id: name," + rest).replace("id: small-2027", "id: many-2027", 1)


def test_the_journal_holds_keys_and_counts_and_never_what_was_typed(world):
    world.save(name="secret words", mail="someone@example.org")
    attach(world, "documents.letter", PDF, "secret-name.pdf")
    invite_colleague(actor=world.first, draft=world.draft, email="guest@example.org", may_file=False)
    written = JournalEntry.objects.filter(command__startswith="applications.")
    whole = " ".join(f"{one.payload} {one.object_id} {one.actor_label}" for one in written)
    assert "secret" not in whole
    assert "example.org" not in whole
    saved = written.get(command="applications.save_entries")
    assert json.loads(saved.payload)["keys"] == ["mail", "name"]


# --- Rows ------------------------------------------------------------------------------------------------------------


def test_rows_come_back_with_what_was_typed_in_them(world):
    given = {"actor": world.first, "draft": world.draft, "key": "goals"}
    a, b, c = (add_row(**given) for _ in range(3))
    assert refusal(add_row, **given) == ["form_rows_full"]
    world.save(**{f"goals__{b}__goal": "kept"})
    remove_row(**given, row=b)
    remove_row(**given, row=b)
    assert world.stored()["goals"] == [a, c]
    assert removed_rows(world.draft, "goals") == [b]
    assert codes(world.save(**{f"goals__{b}__goal": "late"})) == ["form_row_not_there"]
    assert world.stored()[f"goals.{b}.goal"] == "kept"
    restore_row(**given, row=b)
    assert world.stored()["goals"] == [a, b, c]
    move_row(**given, row=c, up=True)
    move_row(**given, row=a, up=True)
    assert world.stored()["goals"] == [a, c, b]
    assert refusal(restore_row, **given, row="forged") == ["form_rows_full"]
    assert refusal(move_row, **given, row="forged", up=True) == ["form_row_not_there"]
    remove_row(**given, row=a)
    assert refusal(restore_row, **given, row="forged") == ["form_row_not_there"]
    assert refusal(add_row, **{**given, "key": "name"}) == ["form_no_such_place"]
    found = form_state(Draft.objects.get(pk=world.draft.pk))
    assert found.answers["goals"] == [{"goal": "kept"}]
    assert add_row(**{**given, "key": "members"}) in world.stored()["members"]


# --- Files -----------------------------------------------------------------------------------------------------------

PDF = b"%PDF-1.7\n" + b"x" * 100 + b"\n%%EOF\n"


def zipped(*members: str, mimetype: str = "") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for member in members:
            archive.writestr(member, "x")
    return content.getvalue()


def attach(world: World, key: str, content: bytes, name: str = "a.pdf") -> Any:
    return attach_file(actor=world.first, draft=world.draft, key=key, name=name, content=io.BytesIO(content))


def test_a_file_is_kept_once_and_comes_back_after_removal(world):
    file = attach(world, "documents.letter", PDF, "../../나의 편지.PDF")
    assert (file.name, file.format, file.size_bytes) == ("나의 편지.PDF", "pdf", len(PDF))
    assert files.read(file.sha256) == PDF
    assert attach(world, "documents.letter", PDF, "again.pdf") == file
    assert form_state(Draft.objects.get(pk=world.draft.pk)).places["documents.letter"].missing is False
    remove_file(actor=world.first, draft=world.draft, file=file)
    assert files_of(world.draft) == {}
    assert [one.typed for one in changes_since(world.draft, 1)] == [()]
    restore_file(actor=world.first, draft=world.draft, file=file)
    assert [one.name for one in files_of(world.draft)["documents.letter"]] == ["나의 편지.PDF"]
    elsewhere = start_draft(actor=world.first, call=world.call, organisation=world.city, track="trial", language="ko")
    assert refusal(remove_file, actor=world.first, draft=elsewhere, file=file) == ["draft_file_not_there"]


@pytest.mark.parametrize(
    ("key", "content", "code"),
    [
        ("documents.letter", b"", "draft_file_empty"),
        ("documents.letter", b"MZ\x90\x00 a program", "draft_file_unknown"),
        ("documents.letter", b"<html><script>", "draft_file_unknown"),
        ("documents.letter", zipped("[Content_Types].xml", "word/document.xml"), "form_file_format"),
        ("documents.letter", b"PK\x03\x04 broken", "file_damaged"),
        ("paper", PDF + b"x" * 1024 * 1024, "form_file_too_large"),
        ("documents.forged", PDF, "form_no_such_place"),
        ("name", PDF, "form_no_such_place"),
        ("goals", PDF, "form_no_such_place"),
    ],
)
def test_a_file_that_is_refused_leaves_nothing_behind(world, data_folder, key, content, code):
    with pytest.raises(Refused) as refused:
        attach(world, key, content, "pläne\x00\ud800.pdf")
    assert codes(refused.value) == [code]
    assert [path for path in (data_folder / "files").rglob("*") if path.is_file()] == []


def test_a_stream_without_end_is_stopped_at_the_limit(world):
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            assert self.given < 4 * 1024 * 1024, "read on after the limit"
            return b"%PDF-" + b"x" * (size - 5)

    assert refusal(attach_file, actor=world.first, draft=world.draft, key="paper", name="a.pdf", content=Endless()) == [
        "form_file_too_large"
    ]
    assert refusal(
        attach_file, actor=world.stranger, draft=world.draft, key="paper", name="a.pdf", content=Endless()
    ) == ["not_permitted"]


def test_a_place_holds_ten_files(world):
    for number in range(10):
        last = attach(world, "documents.letter", PDF + bytes([number]))
    assert codes_of_full(world) == ["draft_files_full"]
    remove_file(actor=world.first, draft=world.draft, file=last)
    attach(world, "documents.letter", PDF)
    assert refusal(restore_file, actor=world.first, draft=world.draft, file=last) == ["draft_files_full"]


def codes_of_full(world: World) -> list[str]:
    with pytest.raises(Refused) as refused:
        attach(world, "documents.letter", PDF)
    return codes(refused.value)


# --- People ----------------------------------------------------------------------------------------------------------


def token_in(address: str) -> str:
    text = OutgoingMail.objects.filter(to=address, template="draft-invitation").latest("id").words
    return text.partition("/invitations/drafts/")[2].split()[0]


def test_a_colleague_joins_by_the_link_and_joins_nothing_else(world):
    invite_colleague(actor=world.first, draft=world.draft, email=" Guest@Example.org ", may_file=True)
    sent = OutgoingMail.objects.get(to="guest@example.org")
    assert sent.is_secret
    assert (sent.language, "Aram" in sent.words, "Small" in sent.words) == ("ko", True, False)
    token = token_in("guest@example.org")
    assert not DraftInvitation.objects.filter(token_sha256=token).exists()
    guest = person("guest")
    other = start_draft(actor=world.first, call=world.call, organisation=world.city, track="trial", language="ko")
    assert accept_invitation(actor=actor_of(guest), token=token) == world.draft
    assert accept_invitation(actor=actor_of(guest), token=token) == world.draft
    assert may(guest, rules.FILE_DRAFT, world.draft)
    assert not may(guest, rules.READ_DRAFT, other)
    assert not guest.affiliations.exists()
    assert refusal(accept_invitation, actor=world.stranger, token=token) == ["draft_invitation_over"]
    assert open_invitations(world.draft) == []


def test_a_link_that_is_over_opens_nothing(world):
    first = invite_colleague(actor=world.first, draft=world.draft, email="guest@example.org", may_file=False)
    old = token_in("guest@example.org")
    invite_colleague(actor=world.first, draft=world.draft, email="guest@example.org", may_file=False)
    new = token_in("guest@example.org")
    accept = {"actor": world.stranger}
    assert refusal(accept_invitation, **accept, token=old) == ["draft_invitation_over"], "a newer one replaced it"
    for token in ("", "forged", "x" * 10_000, "\ud800", str(first.token_sha256)):
        assert refusal(accept_invitation, **accept, token=token) == ["draft_invitation_unknown"]
    with clock.at(clock.now() + dt.timedelta(days=15)):
        assert refusal(accept_invitation, **accept, token=new) == ["draft_invitation_over"]
    assert refusal(accept_invitation, actor=OFFICE, token=new) == ["people_only"]
    [open_one] = open_invitations(world.draft)
    assert refusal(revoke_invitation, actor=world.second, invitation=open_one) == ["not_permitted"]
    revoke_invitation(actor=world.first, invitation=open_one)
    assert refusal(accept_invitation, **accept, token=new) == ["draft_invitation_over"]


def test_an_invitation_to_file_that_was_passed_on_lets_write_only(world):
    invite_colleague(actor=world.first, draft=world.draft, email="guest@example.org", may_file=True)
    accept_invitation(actor=world.stranger, token=token_in("guest@example.org"))
    assert may(world.stranger.person, rules.WRITE_DRAFT, world.draft)
    assert not may(world.stranger.person, rules.FILE_DRAFT, world.draft)


def test_inviting_and_taking_back_mails_nobody_without_end(world):
    given = {"actor": world.first, "draft": world.draft, "email": "guest@example.org", "may_file": False}
    for _ in range(50):
        invite_colleague(**given)
    assert refusal(invite_colleague, **given) == ["too_many_invitations"]


def test_who_may_invite_and_whom(world):
    given = {"draft": world.draft, "email": "guest@example.org", "may_file": False}
    assert refusal(invite_colleague, actor=world.second, **given) == ["not_permitted"]
    assert refusal(invite_colleague, actor=world.first, **{**given, "email": "nobody\r\nBcc: x@y.z"}) == [
        "not_an_address"
    ]
    assert refusal(invite_colleague, actor=world.first, **{**given, "email": "boram@example.org"}) == [
        "draft_writes_already"
    ]
    manager = person("manager")
    belongs(world.city, manager, "manage")
    assert invite_colleague(actor=actor_of(manager), **given).may_file is False
    for number in range(29):
        invite_colleague(actor=world.first, **{**given, "email": f"g{number}@example.org"})
    assert refusal(invite_colleague, actor=world.first, **{**given, "email": "g@example.org"}) == [
        "draft_invitations_full"
    ]


def test_a_draft_never_loses_its_last_filer(world):
    assert refusal(leave_draft, actor=world.first, draft=world.draft) == ["draft_last_filer"]
    assert refusal(set_may_file, actor=world.first, draft=world.draft, person=world.aram, may_file=False) == [
        "draft_last_filer"
    ]
    assert refusal(set_may_file, actor=world.second, draft=world.draft, person=world.boram, may_file=True) == [
        "not_permitted"
    ]
    set_may_file(actor=world.first, draft=world.draft, person=world.boram, may_file=True)
    leave_draft(actor=world.first, draft=world.draft)
    assert not may(world.aram, rules.READ_DRAFT, world.draft)
    assert refusal(leave_draft, actor=world.first, draft=world.draft) == ["draft_member_not_there"]
    assert refusal(remove_member, actor=world.second, draft=world.draft, person=world.boram) == ["draft_last_filer"]


# --- Discarded, amended, handed over ---------------------------------------------------------------------------------


def test_a_discarded_draft_comes_back(world):
    assert refusal(discard_draft, actor=world.second, draft=world.draft) == ["not_permitted"]
    discard_draft(actor=world.first, draft=world.draft)
    discard_draft(actor=world.first, draft=world.draft)
    assert drafts_of(world.aram) == []
    assert [line.draft for line in drafts_of(world.aram, discarded=True)] == [world.draft]
    assert refusal(save_entries, actor=world.first, draft=world.draft, changes={}, base={}) == ["draft_is_discarded"]
    amended(world.call, "en: Project", "en: The project")
    restore_draft(actor=world.first, draft=world.draft)
    assert Draft.objects.get(pk=world.draft.pk).version.number == 2
    with clock.at(dt.datetime(2028, 1, 1, tzinfo=dt.UTC)):
        discard_draft(actor=world.first, draft=world.draft)
        assert refusal(restore_draft, actor=world.first, draft=world.draft) == ["call_takes_no_drafts"]


def test_an_amended_call_takes_its_drafts_along_with_every_answer(world, django_capture_on_commit_callbacks):
    world.save(name="도시", page="https://example.org")
    with django_capture_on_commit_callbacks(execute=True):
        amended(world.call, "      - {id: page, type: url, label: {en: Page, ko: 누리집}}\n", "")
    draft = Draft.objects.get(pk=world.draft.pk)
    assert draft.version.number == 2
    assert form_state(draft).answers == {"name": "도시"}
    assert [(one.key, one.typed) for one in left_behind(draft)] == [("page", "https://example.org")]
    assert codes(world.save(page="https://example.com")) == ["form_no_such_place"]
    assert refusal(follow_version, actor=world.stranger, draft=draft) == ["not_permitted"]
    assert follow_version(actor=SYSTEM, draft=draft) == draft


def test_a_draft_that_was_left_behind_follows_later(world):
    amended(world.call, "en: Project", "en: The project")
    assert Draft.objects.get(pk=world.draft.pk).version.number == 1
    assert tasks.follow_all() == 1
    assert tasks.follow_all() == 0
    assert Draft.objects.get(pk=world.draft.pk).version.number == 2


def test_drafts_pass_on_when_an_officer_changes_post(world):
    other_city = organisation("City of Boram")
    belongs(other_city, world.aram, "file")
    elsewhere = start_draft(actor=world.first, call=world.call, organisation=other_city, track="plan", language="ko")
    taker = person("taker")
    handover = Handover.objects.create(
        giver=world.aram, taker=taker, organisation=world.city, reason="New post", at=clock.now(), by="office"
    )
    tasks.take_over_drafts(HandedOver(handover_id=handover.pk))
    tasks.take_over_drafts(HandedOver(handover_id=handover.pk))
    assert may(taker, rules.FILE_DRAFT, world.draft)
    assert not may(world.aram, rules.READ_DRAFT, world.draft)
    assert may(world.aram, rules.WRITE_DRAFT, elsewhere), "another organisation's draft stays"
    told = JournalEntry.objects.filter(command="applications.take_over_draft")
    assert [one.details["handover"] for one in told] == [handover.uid]


# --- Reminders -------------------------------------------------------------------------------------------------------

CLOSES = dt.datetime(2027, 12, 1, 9, tzinfo=dt.UTC)


def reminded(moment: dt.datetime) -> list[tuple[str, str]]:
    before = set(OutgoingMail.objects.values_list("pk", flat=True))
    with clock.at(moment):
        tasks.remind()
    rows = OutgoingMail.objects.exclude(pk__in=before).order_by("to")
    return [(one.to.partition("@")[0], one.language) for one in rows]


def test_reminders_come_twice_at_most_and_by_day_in_the_readers_zone(world):
    assert reminded(CLOSES - dt.timedelta(days=8)) == []
    week = dt.datetime(2027, 11, 25, tzinfo=dt.UTC)
    assert reminded(week) == [("aram", "ko")], "09:00 in Seoul, 07:00 in Jakarta"
    assert reminded(week + dt.timedelta(hours=2)) == [("boram", "en")]
    assert reminded(week + dt.timedelta(days=1, hours=3)) == []
    day = dt.datetime(2027, 11, 30, 10, 30, tzinfo=dt.UTC)  # 19:30 in Seoul, 17:30 in Jakarta
    assert reminded(day) == [("aram", "ko"), ("boram", "en")]
    assert reminded(day + dt.timedelta(minutes=1)) == []
    assert reminded(CLOSES) == []
    text = OutgoingMail.objects.filter(to="boram@example.org").latest("id").words
    assert "2027-12-01 18:00 (Asia/Seoul)" in text
    assert "2027-12-01 16:00 (Asia/Jakarta)" in text
    missing = len(form_state(Draft.objects.get(pk=world.draft.pk)).missing)
    assert f"{missing} things are still missing" in text
    assert JournalEntry.objects.filter(command="applications.remind_writers").count() == 3


def test_nobody_is_reminded_at_night_of_a_discarded_draft_or_of_one_that_is_worked_on(world):
    night = dt.datetime(2027, 11, 25, 14, tzinfo=dt.UTC)  # 23:00 in Seoul, 21:00 in Jakarta
    assert reminded(night) == []
    with clock.at(night):
        world.save(name="still at work")
    assert reminded(night + dt.timedelta(hours=12)) == []
    assert [who for who, _ in reminded(night + dt.timedelta(hours=36))] == ["aram", "boram"]
    with clock.at(night):
        discard_draft(actor=world.first, draft=world.draft)
    assert reminded(dt.datetime(2027, 11, 30, 10, 30, tzinfo=dt.UTC)) == []


def test_waiting_for_reminders_writes_nothing_and_costs_three_statements(world):
    with clock.at(dt.datetime(2027, 11, 25, 14, tzinfo=dt.UTC)), CaptureQueriesContext(connection) as found:
        assert tasks.remind() == 0
    assert len(found) <= 3
    assert all(one["sql"].startswith("SELECT") for one in found)


# --- Seen by whom ----------------------------------------------------------------------------------------------------


def test_a_list_of_drafts_costs_the_same_for_one_and_for_many(world):
    with CaptureQueriesContext(connection) as one:
        [line] = drafts_of(world.aram)
    assert (line.own, line.done, line.needed, line.closes_at) == (True, 3, 7, world.call.closes_at)
    for track in ("trial", ""):
        start_draft(actor=world.first, call=world.call, organisation=world.city, track=track, language="ko")
    with CaptureQueriesContext(connection) as three:
        assert len(drafts_of(world.aram)) == 3
    assert len(three) == len(one)


def test_anothers_draft_is_not_there(world):
    assert draft_of(world.aram, world.draft.uid) == world.draft
    assert draft_of(world.stranger.person, world.draft.uid) is None
    assert draft_of(None, world.draft.uid) is None
    assert draft_of(world.aram, "forged") is None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_the_list_and_the_yes_or_no_of_reading_are_one_right(seed):
    chance = Random(seed)
    call, n = Call.objects.filter(slug="small-2027").first() or form_call(), f"{seed}-{chance.randrange(10**9)}"
    cities = [organisation(f"City {number}") for number in range(3)]
    people = [person(f"p{number}-{n}") for number in range(5)]
    for city in cities:
        for someone in people:
            if chance.random() < 0.5:
                found = belongs(
                    city, someone, *chance.sample(["manage", "file", "fill", "contact"], chance.randrange(3))
                )
                if chance.random() < 0.2:
                    type(found).objects.filter(pk=found.pk).update(ended_at=clock.now())
    version = call.versions.get()
    moment = clock.now()
    drafts = [
        Draft.objects.create(
            call=call, version=version, organisation=chance.choice(cities), language="ko", started_by=people[0],
            created_at=moment, changed_at=moment, state=chance.choice(["writing", "discarded"]),
        )
        for _ in range(4)
    ]  # fmt: skip
    for draft in drafts:
        for someone in chance.sample(people, chance.randrange(4)):
            ended = moment if chance.random() < 0.3 else None
            DraftMember.objects.create(draft=draft, person=someone, since=moment, ended_at=ended)
    if chance.random() < 0.3:
        Person.objects.filter(pk=people[1].pk).update(is_active=False)
    for someone in [*Person.objects.filter(pk__in=[one.pk for one in people]), None]:
        seen = set(visible_to(someone, rules.READ_DRAFT, Draft.objects.filter(pk__in=[one.pk for one in drafts])))
        assert seen == {draft for draft in drafts if may(someone, rules.READ_DRAFT, draft)}
