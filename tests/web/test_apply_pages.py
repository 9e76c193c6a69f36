"""The applicant's pages without a browser: start, list, form, rows, files, two versions, colleagues, PDF."""

import datetime as dt
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

import madang
from madang.apps.accounts.commands import actor_of
from madang.apps.applications import commands, queries
from madang.apps.applications.models import Draft, DraftInvitation
from madang.apps.calls.commands import publish_definition
from madang.kernel import clock
from madang.kernel.actors import DEMO
from madang.kernel.tokens import token_hash
from madang.web.applicant.form_view import script_words
from tests.factories.applying import begun, joined, keep, row, typed
from tests.factories.people import belongs, organisation, person
from tests.factories.rich import large_text, rich_call, rich_text
from tests.web.apply_parts import apart, sent, signed_in, words

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
HTML = {"accept": "text/html"}
JSON = {"accept": "application/json"}


@pytest.fixture
def draft() -> Draft:
    return begun()


@pytest.fixture
def aram(draft: Draft) -> Client:
    return signed_in(draft.started_by)


def address(draft: Draft, step: str = "") -> str:
    return f"/applications/{draft.uid}" + (f"/{step}" if step else "")


def page(client: Client, where: str, status: int = 200) -> str:
    answer = client.get(where)
    assert answer.status_code == status, answer.content[:300]
    return answer.content.decode()


def pressed(client: Client, draft: Draft, step: str, do: str, **values: Any) -> Any:
    """A button of a step pressed without script, with these values in the page."""
    given = {f"at:{key.replace('_', '-')}": value for key, value in values.items()}
    base = Draft.objects.get(pk=draft.pk).revision
    return client.post(address(draft, step), {"base": base, "do": do, **given}, headers=HTML)


def standing(draft: Draft) -> dict[str, Any]:
    return dict(draft.entries.values_list("key", "typed"))


# --- Begin, and find again --------------------------------------------------------------------------------------------


def test_an_application_is_begun_for_ones_own_organisation_and_type() -> None:
    me, call = person(), rich_call()
    mine, other = organisation(), organisation("City of Bora")
    belongs(mine, me, "fill")
    client, where = signed_in(me), f"/calls/{call.slug}/apply"
    html = page(client, where)
    assert "Needs beside you: Overseas public partner" in words(html)
    assert "City of Bora" not in html
    answer = client.post(where, {"organisation": mine.uid, "track": "trial", "language": "ko"})
    begun_ = Draft.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/applications/{begun_.uid}")
    assert (begun_.track, begun_.language, begun_.organisation) == ("trial", "ko", mine)
    refused = client.post(where, {"organisation": other.uid, "track": "trial", "language": "ko"})
    assert refused.status_code == 422
    assert "Choose the organisation" in words(refused.content.decode())


def test_a_draft_that_is_there_already_stands_before_a_second_one(draft: Draft, aram: Client) -> None:
    seen = words(page(aram, f"/calls/{draft.call.slug}/apply"))
    assert seen.index("You have already begun") < seen.index("Who applies?")


def test_who_belongs_nowhere_is_told_what_to_do(draft: Draft) -> None:
    seen = words(page(signed_in(person("stray")), f"/calls/{draft.call.slug}/apply"))
    assert "An organisation applies, not a person" in seen


@pytest.mark.parametrize(("day", "told"), [(dt.date(2026, 10, 1), "opens on"), (dt.date(2100, 1, 1), "closed on")])
def test_a_call_that_is_not_open_says_since_when_and_offers_what_can_be_done(
    draft: Draft, aram: Client, day: dt.date, told: str
) -> None:
    with clock.at(dt.datetime.combine(day, dt.time(12), dt.UTC)):
        seen = words(page(aram, f"/calls/{draft.call.slug}/apply"))
        assert f"This call {told}" in seen
        assert "Calls that are open" in seen
        assert "Who applies?" not in seen
        form = page(aram, address(draft, "project"))
    assert "takes no applications now" in words(form)
    assert 'class="f-all" disabled' in form


def test_the_list_tells_how_far_each_draft_is_and_until_when(draft: Draft, aram: Client) -> None:
    draft.started_by.zone = "America/Bogota"
    draft.started_by.save(update_fields=["zone"])
    typed(draft, name="Quiet streets", mou="yes")
    seen = words(page(aram, "/applications"))
    assert "Fri 18 Dec 2099 18:00:00 Asia/Seoul" in seen
    assert "Fri 18 Dec 2099 04:00:00 for you (America/Bogota)" in seen
    assert "Still missing: Where, Country, Summary" in seen
    assert "No application yet" in words(page(signed_in(person("stray")), "/applications"))


def test_a_discarded_draft_stands_apart_and_comes_back(draft: Draft, aram: Client) -> None:
    assert aram.post(address(draft, "discard")).status_code == 303
    assert "Discarded" in words(page(aram, "/applications"))
    assert "This draft was discarded" in words(page(aram, address(draft, "project")))
    assert aram.post(address(draft, "restore")).status_code == 303
    assert "Go on writing" in words(page(aram, "/applications"))


# --- The form without script ------------------------------------------------------------------------------------------


def test_every_kind_of_place_is_drawn_and_saved(draft: Draft, aram: Client) -> None:
    html = page(aram, address(draft, "project"))
    for control in ("line", "place", "country", "radios", "checks", "area", "file", "date"):
        assert f'data-control="{control}"' in html
    values = {
        "name": "Quiet streets", "place": "Aram-dong (37.5, 127.1)", "country": "XA", "field": "transport",
        "size": "large", "means": ["sensors", "services"], "summary": "첫 줄\n둘째 줄", "mou": "yes",
        "mou_day": "2026-11-02",
    }  # fmt: skip
    given = {f"at:{key.replace('_', '-')}": value for key, value in values.items()}
    answer = aram.post(address(draft, "project"), {"base": 0, "do": "next", "has": "means many", **given}, headers=HTML)
    assert (answer.status_code, answer["Location"]) == (303, address(draft, "s-people"))
    assert standing(draft) == {key.replace("_", "-"): value for key, value in values.items()}
    again = page(aram, address(draft, "project"))
    assert 'value="Quiet streets"' in again
    assert "둘째 줄</textarea>" in again
    assert 'value="2026-11-02"' in again


def test_boxes_that_are_all_taken_off_are_saved_as_nothing(draft: Draft, aram: Client) -> None:
    keep(draft, {"means": ("sensors",)})
    pressed(aram, draft, "project", "save", name="x")
    assert standing(draft)["means"] == ["sensors"]
    base = Draft.objects.get(pk=draft.pk).revision
    aram.post(address(draft, "project"), {"base": base, "do": "save", "has": "means many"}, headers=HTML)
    assert standing(draft)["means"] == []


def test_a_place_under_a_condition_says_when_it_applies(draft: Draft, aram: Client) -> None:
    html = page(aram, address(draft, "project"))
    assert html.split('data-key="mou-day"')[1].split(">")[0].endswith('data-shown="no"')
    assert "Only if “Is there an agreement?” is answered yes" in words(html)
    typed(draft, mou="yes")
    html = page(aram, address(draft, "project"))
    assert html.split('data-key="mou-day"')[1].split(">")[0].endswith('data-shown="yes"')


def test_what_is_wrong_stands_beside_its_place_and_nothing_typed_is_lost(draft: Draft, aram: Client) -> None:
    answer = pressed(aram, draft, "s-people", "save", contact="nobody", residents="many", site="x")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "not an e-mail address" in html.split('id="e-contact"')[1].split("</div>")[0]
    for value in ('value="nobody"', 'value="many"'):
        assert value in html
    assert standing(draft) == {"contact": "nobody", "residents": "many", "site": "x"}


@pytest.mark.parametrize("strange", ["a\0b", "x" * 100_001])
def test_what_cannot_be_kept_is_refused_with_the_rest_saved_and_the_text_on_the_page(
    draft: Draft, aram: Client, strange: str
) -> None:
    answer = pressed(aram, draft, "project", "save", name="Quiet streets", summary=strange)
    assert answer.status_code == 422
    assert strange.replace("\0", "") in answer.content.decode().replace("\0", "")
    assert standing(draft) == {"name": "Quiet streets"}


def test_characters_that_turn_the_text_around_are_taken_out_and_told(draft: Draft, aram: Client) -> None:
    answer = pressed(aram, draft, "project", "next", name="safe\u202egnp.exe")
    assert answer.status_code == 303
    assert standing(draft)["name"] == "safegnp.exe"
    assert "m-message" in page(aram, answer["Location"])


def test_a_form_with_ten_thousand_fields_or_forged_keys_changes_nothing_else(draft: Draft, aram: Client) -> None:
    many = {f"at:x{n}": "y" for n in range(10_000)}
    assert aram.post(address(draft, "project"), many, headers=HTML).status_code == 400
    forged = {
        "at:applicant.kind": "company",
        "at:cost": "9",
        "at:goals": "zz",
        "at:__proto__": "1",
        "base": "x",
        "do": "save",
    }
    assert aram.post(address(draft, "project"), forged, headers=HTML).status_code in (303, 422)
    assert standing(draft) == {}  # nothing of these belongs to this step


def test_an_upload_beyond_every_limit_is_refused_before_it_is_read(draft: Draft, aram: Client) -> None:
    answer = aram.generic("POST", address(draft, "project"), b"", CONTENT_LENGTH=str(3 * 1024**3), headers=HTML)
    assert answer.status_code == 413


def test_two_versions_are_shown_beside_each_other_and_one_is_chosen(draft: Draft, aram: Client) -> None:
    bora = joined(draft, person("bora"))
    typed(draft, summary="first", name="Quiet")
    drawn_at = draft.revision
    keep(draft, {"summary": "of Bora"}, bora)
    values = {"base": drawn_at, "do": "next", "at:summary": "of Aram", "at:name": "Quiet streets"}
    answer = aram.post(address(draft, "project"), values, headers=HTML)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "of Aram" in words(html)
    assert "of Bora" in words(html)
    assert "Take the version of Bora" in words(html)
    assert standing(draft) == {"summary": "of Bora", "name": "Quiet streets"}
    seen = html.split('name="seen:summary" value="')[1].split('"')[0]
    keep(draft, {"summary": "of Bora again"}, bora)
    choice = {
        "step": "project",
        "key": "summary",
        "seen:summary": seen,
        "mine:summary": "of Aram",
        "keep:summary": "mine",
    }
    assert aram.post(address(draft, "resolve"), choice).status_code == 409  # a third version: asked again
    newer = {**choice, "seen:summary": Draft.objects.get(pk=draft.pk).revision}
    assert aram.post(address(draft, "resolve"), newer).status_code == 303
    assert standing(draft)["summary"] == "of Aram"


# --- Rows, members, money ---------------------------------------------------------------------------------------------


def test_rows_are_added_moved_removed_and_brought_back_by_buttons(draft: Draft, aram: Client) -> None:
    answer = pressed(aram, draft, "s-people", "add goals", contact="a@example.org")
    [first] = standing(draft)["goals"]
    assert answer["Location"] == f"{address(draft, 's-people')}#p-goals.{first}"
    assert standing(draft)["contact"] == "a@example.org"  # the rest of the page is saved with it
    pressed(aram, draft, "s-people", "add goals", **{f"goals.{first}.goal": "Less noise"})
    second = standing(draft)["goals"][1]
    pressed(aram, draft, "s-people", f"up goals {second}")
    assert standing(draft)["goals"] == [second, first]
    answer = pressed(aram, draft, "s-people", f"remove goals {first}")
    html = page(aram, answer["Location"])
    assert "Less noise" not in html
    assert f'value="restore goals {first}"' in html
    pressed(aram, draft, "s-people", f"restore goals {first}")
    assert 'value="Less noise"' in page(aram, address(draft, "s-people"))


def test_a_member_abroad_is_marked_as_receiving_no_subsidy(draft: Draft, aram: Client) -> None:
    row(draft, "members", role="member", name="Beta", kind="company", country="XB")
    seen = words(page(aram, address(draft, "consortium")))
    assert "receives no subsidy in this call" in seen
    assert "The consortium needs at least 1 of this role (Overseas public partner)" in seen


@pytest.mark.parametrize(
    ("own", "told"),
    [("600", "The match holds."), ("500", "KRW 600 million. KRW 100 million is missing.")],
)
def test_the_match_is_told_in_words(draft: Draft, aram: Client, own: str, told: str) -> None:
    typed(draft, cost="1,200", own=own)
    html = page(aram, address(draft, "money"))
    assert told in words(html)
    assert "= KRW 1.2 billion" in words(html)


# --- Files ------------------------------------------------------------------------------------------------------------


def attached(client: Client, draft: Draft, name: str = "plan.pdf", content: bytes = PDF) -> Any:
    values = {"base": 0, "do": "attach documents.plan", "file:documents.plan": SimpleUploadedFile(name, content)}
    return client.post(address(draft, "documents"), values, headers=HTML)


def test_a_file_is_kept_given_back_only_to_be_saved_and_removed_with_undo(draft: Draft, aram: Client) -> None:
    assert attached(aram, draft, "계획서.pdf").status_code == 303
    file = draft.files.get()
    html = page(aram, address(draft, "documents"))
    assert "계획서.pdf" in html
    answer = aram.get(address(draft, f"files/{file.uid}"))
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment;")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    pressed(aram, draft, "documents", f"detach {file.uid}")
    html = page(aram, address(draft, "documents"))
    assert "Removed: 계획서.pdf" in words(html)
    pressed(aram, draft, "documents", f"reattach {file.uid}")
    assert file.uid in page(aram, address(draft, "documents")).split('class="f-files"')[1]


@pytest.mark.django_db(transaction=True)
def test_an_asynchronous_server_sends_a_file_in_pieces(committing: None, draft: Draft, aram: Client) -> None:
    attached(aram, draft)
    client = AsyncClient(headers={"host": "localhost"})
    client.force_login(draft.started_by)

    async def asked() -> list[bytes]:
        answer = await client.get(address(draft, f"files/{draft_file}"))
        assert answer.is_async  # nothing gathers it first
        return [piece async for piece in answer.streaming_content]

    draft_file = draft.files.get().uid
    assert b"".join(apart(asked)) == PDF


def test_a_file_is_what_it_holds_and_not_what_it_is_called(draft: Draft, aram: Client) -> None:
    answer = attached(aram, draft, "../../etc/plan.pdf", b"<html><script>alert(1)</script>")
    assert answer.status_code == 422
    assert "m-error" in answer.content.decode().split('id="e-documents.plan"')[1].split("</div>")[0]
    assert not draft.files.exists()


def test_a_file_of_anothers_draft_is_not_there(draft: Draft, aram: Client) -> None:
    attached(aram, draft)
    stranger = signed_in(person("stray"))
    assert stranger.get(address(draft, f"files/{draft.files.get().uid}")).status_code == 404


# --- What the script sends --------------------------------------------------------------------------------------------


def test_a_save_answers_with_what_the_page_now_shows(draft: Draft, aram: Client) -> None:
    answer = sent(aram, draft.uid, {"mou": "yes", "name": "Quiet"}, step="project")
    told = answer.json()
    assert (answer.status_code, told["saved"]) == (200, {"mou": 1, "name": 1})
    assert told["page"]["places"]["mou-day"]["shown"] is True
    assert "The agreement" in told["page"]["beside"]
    assert sent(aram, draft.uid, {"mou": "yes", "name": "Quiet"}, step="project").json()["revision"] == 1


def test_somebody_elses_newer_text_is_never_written_over_unseen(draft: Draft, aram: Client) -> None:
    bora = joined(draft, person("bora"))
    keep(draft, {"name": "of Bora"}, bora)
    answer = sent(aram, draft.uid, {"name": "of Aram", "summary": "mine"}, {"name": 0})
    [conflict] = answer.json()["conflicts"]
    assert answer.status_code == 409
    assert (conflict["text"], conflict["by"], conflict["revision"]) == ("of Bora", "Bora", 1)
    assert standing(draft) == {"name": "of Bora", "summary": "mine"}
    again = sent(aram, draft.uid, {"name": "of Aram"}, {}, overwrite={"name": conflict["revision"]})
    assert again.status_code == 200
    assert standing(draft)["name"] == "of Aram"


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{", '{"changes": []}', '{"changes": {"a": 1}}', '{"changes": {"a": {"b": ["c"]}}}', "[" * 100_000,
     '{"changes": {"a": "b"}, "base": {"a": "x"}}', '{"changes": {}, "overwrite": {"a": 1}}',
     '{"changes": {"a": "b"}, "step": 1}'],
)  # fmt: skip
def test_what_is_no_message_of_the_page_is_refused_with_words(draft: Draft, aram: Client, body: str) -> None:
    answer = aram.post(address(draft, "save"), body, content_type="application/json")
    assert answer.status_code == 400
    assert "could not be read" in answer.json()["reasons"][0]


def test_strange_keys_and_texts_are_refused_one_by_one(draft: Draft, aram: Client) -> None:
    strange = {
        "goals": "zz",
        "goals.rx.goal": "x",
        "documents.plan": "x",
        "\ud800": "x",
        "name": "a\0b",
        "no" * 200: "x",
    }
    told = sent(aram, draft.uid, {**strange, "summary": "kept"}).json()
    assert {one["key"] for one in told["refused"]} == set(strange)
    assert standing(draft) == {"summary": "kept"}


def test_nobody_reaches_anothers_draft_and_a_lost_session_says_so(draft: Draft) -> None:
    stranger, nobody = signed_in(person("stray")), Client(headers={"host": "localhost"})
    for where in ("", "project", "changes", "people", "preview.pdf"):
        assert stranger.get(address(draft, where)).status_code == 404
    assert sent(stranger, draft.uid, {"name": "x"}).status_code == 404
    assert sent(nobody, draft.uid, {"name": "x"}).status_code == 401
    assert nobody.get(address(draft, "changes")).status_code == 401
    assert nobody.get(address(draft, "project")).status_code == 302
    assert not draft.entries.exists()


def test_a_forged_or_stale_token_is_refused(draft: Draft) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    strict.force_login(draft.started_by)
    assert sent(strict, draft.uid, {"name": "x"}).status_code == 403
    assert strict.post(address(draft, "project"), {"at:name": "x"}).status_code == 403
    token = strict.get(address(draft, "changes?token=1")).json()["token"]
    answer = strict.post(
        address(draft, "save"),
        '{"changes": {"name": "x"}}',
        content_type="application/json",
        headers={"x-csrftoken": token},
    )
    assert answer.status_code == 200


def test_changes_of_others_are_told_and_nothing_where_there_are_none(draft: Draft, aram: Client) -> None:
    bora = joined(draft, person("bora"))
    assert aram.get(address(draft, "changes?since=0&step=project")).status_code == 204
    keep(draft, {"size": "large"}, bora)
    told = aram.get(address(draft, "changes?since=0&step=project")).json()
    [change] = told["changes"]
    assert (change["text"], change["by"], told["revision"]) == ("The whole city", "Bora", 1)
    assert "beside" in told["page"]
    assert aram.get(address(draft, "changes?since=1")).status_code == 204
    assert aram.get(address(draft, "changes?since=%00&step=nowhere")).status_code == 200


def test_a_discarded_draft_takes_nothing_and_says_why(draft: Draft, aram: Client) -> None:
    commands.discard_draft(actor=actor_of(draft.started_by), draft=draft)
    answer = sent(aram, draft.uid, {"name": "x"})
    assert (answer.status_code, answer.json()["reasons"][0][:24]) == (422, "This draft was discarded")


# --- Translations -----------------------------------------------------------------------------------------------------


def test_a_translation_stands_beside_its_original_and_grows_stale(draft: Draft, aram: Client) -> None:
    typed(draft, summary="Quiet streets at night")
    values = {"tr:summary:ko": "밤에 조용한 거리"}
    base = Draft.objects.get(pk=draft.pk).revision
    answer = aram.post(address(draft, "project"), {"base": base, "do": "translate summary ko", **values}, headers=HTML)
    assert answer.status_code == 303
    html = page(aram, address(draft, "project"))
    assert "밤에 조용한 거리" in html
    assert "the original has changed since" not in html
    typed(draft, summary="Quiet streets, day and night")
    assert "the original has changed since" in page(aram, address(draft, "project"))
    assert standing(draft)["summary"] == "Quiet streets, day and night"
    assert "Translation (Korean) 밤에 조용한 거리" in words(page(aram, address(draft, "check")))


# --- Colleagues -------------------------------------------------------------------------------------------------------


def test_a_colleague_is_invited_comes_in_and_may_write_but_not_share(draft: Draft, aram: Client) -> None:
    where = address(draft, "people")
    assert aram.post(where, {"do": "invite", "email": "not an address", "may_file": "no"}).status_code == 422
    assert aram.post(where, {"do": "invite", "email": "bora@example.org", "may_file": "no"}).status_code == 303
    assert "bora@example.org" in words(page(aram, where))
    invitation = DraftInvitation.objects.get()
    token = "x" * 40
    DraftInvitation.objects.filter(pk=invitation.pk).update(token_sha256=token_hash(token))
    bora = person("bora")
    client, there = signed_in(bora), f"/invitations/drafts/{token}"
    assert "Aram invites you to write with them" in words(page(client, there))
    assert not queries.people_of(draft)[1:]  # looking takes nothing up
    assert client.post(there).status_code == 303
    assert {one.person for one in queries.people_of(draft)} == {draft.started_by, bora}
    html = page(client, where)
    assert "Invite a colleague" not in words(html)
    assert client.post(where, {"do": "invite", "email": "c@example.org"}).status_code == 422
    assert client.post(where, {"do": "leave"}).status_code == 303
    assert client.get(address(draft, "project")).status_code == 404


def test_an_invitation_that_was_taken_back_opens_nothing(draft: Draft, aram: Client) -> None:
    aram.post(address(draft, "people"), {"do": "invite", "email": "bora@example.org"})
    invitation = DraftInvitation.objects.get()
    DraftInvitation.objects.filter(pk=invitation.pk).update(token_sha256=token_hash("token"))
    aram.post(address(draft, "people"), {"do": "revoke", "id": invitation.pk})
    assert signed_in(person("bora")).get("/invitations/drafts/token").status_code == 404


def test_the_last_who_may_file_cannot_leave_and_is_told_why(draft: Draft, aram: Client) -> None:
    bora = joined(draft, person("bora"))
    assert aram.post(address(draft, "people"), {"do": "leave"}).status_code == 422
    member = draft.people.get(person=bora)
    assert aram.post(address(draft, "people"), {"do": "may-file", "id": member.pk}).status_code == 303
    assert aram.post(address(draft, "people"), {"do": "leave"}).status_code == 303


# --- Amended, checked, printed ----------------------------------------------------------------------------------------


def test_an_amended_call_is_told_with_its_reason_and_what_was_left_behind(draft: Draft, aram: Client) -> None:
    typed(draft, operator="Aram Transit", name="Quiet")
    text = rich_text().replace(
        "      - {id: operator, type: organisation, label: {en: Who will run it, ko: 운영 기관}}\n", ""
    )
    publish_definition(actor=DEMO, text=text, sample=True, reason="The operator is asked later.", notice="Gazette 12")
    commands.follow_version(actor=DEMO, draft=Draft.objects.get(pk=draft.pk))
    seen = words(page(aram, address(draft, "project")))
    assert "The call was amended: version 2" in seen
    assert "The operator is asked later." in seen
    assert "Aram Transit" in seen
    assert 'value="Quiet"' in page(aram, address(draft, "project"))


def test_the_last_step_shows_the_file_as_it_is_read_and_what_is_missing(draft: Draft, aram: Client) -> None:
    typed(draft, name="Quiet streets", size="large", cost="1200", own="600")
    row(draft, "goals", goal="Less noise", by="Residents")
    html = page(aram, address(draft, "check"))
    seen = words(html)
    for told in ("The whole city", "KRW 1.2 billion", "Less noise", "not answered yet", "Before it can be filed"):
        assert told in seen
    assert "Signed on" not in seen.split("As evaluators would read it")[1]  # does not apply


def test_the_pdf_holds_the_whole_file_in_the_readers_language(draft: Draft) -> None:
    typed(
        draft,
        name="조용한 거리 🚲",
        summary="ถนนเงียบ และ <b>markup</b> #set text(9pt)\nSecond line",
        cost="1200",
        own="600",
    )
    row(draft, "goals", goal="Less noise", by="Residents")
    answer = signed_in(draft.started_by, "ko").get(address(draft, "preview.pdf"))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    text = "\n".join(one.extract_text() for one in PdfReader(io.BytesIO(answer.content)).pages)
    for told in ("조용한 거리", "<b>markup</b>", "#set text(9pt)", "12억 원", "Less noise", "예시", "아직 빠진 것"):
        assert told in text


# --- Cost -------------------------------------------------------------------------------------------------------------


def test_a_step_and_a_save_ask_the_database_the_same_whatever_stands_in_them(draft: Draft, aram: Client) -> None:
    def asked(act: Any) -> int:
        with CaptureQueriesContext(connection) as found:
            act()
        return len(found)

    where = address(draft, "s-people")
    row(draft, "goals", goal="One")
    page(aram, where)
    first = asked(lambda: page(aram, where)), asked(lambda: page(aram, address(draft, "check")))
    listed = asked(lambda: page(aram, "/applications"))
    for name in ("Two", "Three"):
        row(draft, "goals", goal=name)
    typed(draft, name="Quiet", summary="x")
    second = asked(lambda: page(aram, where)), asked(lambda: page(aram, address(draft, "check")))
    assert first == second == (11, 11)
    begun(rich_call("second-call-2027"), by=draft.started_by)
    begun(rich_call("third-call-2027"), by=draft.started_by)
    assert asked(lambda: page(aram, "/applications")) == listed


def test_a_step_of_a_large_form_is_light(draft: Draft) -> None:
    call = publish_definition(actor=DEMO, text=large_text(), sample=True).call
    large = begun(call, by=draft.started_by)
    client = signed_in(draft.started_by)
    plain = client.get(address(large, "part-3"))
    packed = client.get(address(large, "part-3"), headers={"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert len(plain.content) < 200_000
    assert len(packed.content) < 40_000


def test_the_script_says_nothing_without_words_and_no_word_is_left_over() -> None:
    script = (Path(madang.__file__).parent / "web" / "static" / "js" / "form.js").read_text("utf-8")
    assert set(re.findall(r'say\("(\w+)"', script)) | {"keepMine", "takeTheirs"} == set(script_words())
