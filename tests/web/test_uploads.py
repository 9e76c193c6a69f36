"""The protocol of files that come in pieces, as a program speaks it (docs/formats/uploads.md)."""

import json
from typing import Any

import pytest
from django.test import AsyncClient, Client

from madang.apps.applications.models import DraftMember, Upload
from madang.kernel import clock, files, spool
from tests.factories.drafts import World
from tests.factories.people import person
from tests.web.apply_parts import apart, signed_in

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
MB = 1024 * 1024


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client_of(world: World) -> Client:
    return signed_in(world.aram)


def begin(client: Client, world: World, *, status: int = 201, **more: Any) -> Any:
    body = {"key": "documents.letter", "name": "편지.pdf", "size": len(PDF), **more}
    answer = client.post(f"/applications/{world.draft.uid}/uploads", json.dumps(body), content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer


def send(client: Client, address: str, content: bytes, given: str, kind: str = "application/octet-stream") -> Any:
    return client.patch(address, content, content_type=kind, headers={"content-range": given})


def bytes_of(content: bytes, at: int, total: int = len(PDF)) -> str:
    return f"bytes {at}-{at + len(content) - 1}/{total}"


def test_begin_ask_send_ask_and_end(world, client_of):
    begun = begin(client_of, world)
    address = begun["Location"]
    assert begun.json() == {
        "address": address, "state": "open", "offset": 0, "size": len(PDF), "piece": 8 * MB,
    }  # fmt: skip
    answer = send(client_of, address, PDF[:20], bytes_of(PDF[:20], 0))
    assert (answer.status_code, answer["Upload-Offset"], answer["Upload-Complete"]) == (200, "20", "?0")
    for method in (client_of.head, client_of.get):
        asked = method(address)
        assert (asked["Upload-Offset"], asked["Upload-Length"], asked.status_code) == ("20", str(len(PDF)), 200)
        assert "no-store" in asked["Cache-Control"]
    done = send(client_of, f"{address}?step=documents", PDF[20:], bytes_of(PDF[20:], 20))
    told = done.json()
    assert (done.status_code, told["state"], done["Upload-Complete"]) == (200, "done", "?1")
    assert (told["key"], told["revision"]) == ("documents.letter", 1)
    assert "편지.pdf" in told["html"]
    assert set(told["page"]) >= {"places", "beside", "steps"}
    assert files.read(world.draft.files.get().sha256) == PDF


def test_the_answer_to_the_last_piece_is_given_again_where_it_was_lost(world, client_of):
    address = begin(client_of, world)["Location"]
    first = send(client_of, address, PDF, bytes_of(PDF, 0)).json()
    for again in (
        send(client_of, address, PDF, bytes_of(PDF, 0)),
        send(client_of, address, b"", f"bytes */{len(PDF)}"),
        client_of.get(address),
    ):
        assert again.status_code == 200
        assert again.json()["file"] == first["file"]
    assert world.draft.files.count() == 1
    assert client_of.head(address)["Upload-Complete"] == "?1"


def test_what_came_before_a_crash_at_the_end_is_made_a_file_by_asking_again(world, client_of):
    address = begin(client_of, world)["Location"]
    spool.path_of(address.rpartition("/")[2]).write_bytes(PDF)  # on the disk, and nobody was told
    assert client_of.head(address)["Upload-Offset"] == str(len(PDF))
    assert send(client_of, address, b"", f"bytes */{len(PDF)}").json()["state"] == "done"


@pytest.mark.parametrize(
    ("content", "given", "status", "code"),
    [
        (PDF[:4], "", 400, "upload_range_malformed"),
        (PDF[:4], "bytes 0-3", 400, "upload_range_malformed"),
        (PDF[:4], "bytes 10-12/*", 400, "upload_range_malformed"),
        (PDF[:4], "bytes 13-10/44", 400, "upload_range_malformed"),
        (PDF[:4], "bytes -1-3/44", 400, "upload_range_malformed"),
        (PDF[:4], "bytes ٠-٣/44", 400, "upload_range_malformed"),
        (PDF[:4], "pages 0-3/44", 400, "upload_range_malformed"),
        (PDF[:4], "bytes 0-" + "9" * 40 + "/44", 400, "upload_range_malformed"),
        (PDF[:4], f"bytes 10-12/{len(PDF)}", 400, "upload_piece_length"),
        (PDF[:4], f"bytes 10-14/{len(PDF)}", 400, "upload_piece_length"),
        (PDF[:4], f"bytes 12-15/{len(PDF)}", 409, "upload_gap"),
        (PDF[:4], f"bytes 0-3/{len(PDF)}", 409, "upload_here_already"),
        (PDF[:4], f"bytes 8-11/{len(PDF)}", 409, "upload_here_already"),
        (PDF[:4], f"bytes 10-13/{len(PDF) + 1}", 409, "upload_size_changed"),
        (PDF[:4], f"bytes {len(PDF) - 2}-{len(PDF) + 1}/{len(PDF)}", 416, "upload_beyond_end"),
        (b"", f"bytes */{len(PDF)}", 409, "upload_not_whole"),
        (b"", "bytes */1", 409, "upload_size_changed"),
    ],
)
def test_a_broken_range_has_a_status_a_reason_and_the_place_to_go_on(world, client_of, content, given, status, code):
    address = begin(client_of, world)["Location"]
    send(client_of, address, PDF[:10], bytes_of(PDF[:10], 0))
    answer = send(client_of, address, content, given)
    assert (answer.status_code, answer.json()["codes"]) == (status, [code])
    assert answer.json()["reasons"][0]
    assert answer["Upload-Offset"] == "10"
    assert send(client_of, address, PDF[10:], bytes_of(PDF[10:], 10)).json()["state"] == "done"


def test_a_piece_is_at_most_eight_megabytes_of_plain_bytes(world, client_of):
    address = begin(client_of, world, size=20 * MB)["Location"]
    assert send(client_of, address, b"x", f"bytes 0-{9 * MB}/{20 * MB}").status_code == 413
    assert (
        send(client_of, address, b"a=b", f"bytes 0-2/{20 * MB}", "application/x-www-form-urlencoded").status_code == 415
    )
    whole = bytes(8 * MB)  # more than Django takes for a form
    assert send(client_of, address, whole, bytes_of(whole, 0, 20 * MB))["Upload-Offset"] == str(8 * MB)


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "{}", '{"key": 1, "name": "a", "size": 1}', '{"key": "a", "name": "a", "size": true}',
        '{"key": "a", "name": "a", "size": "1"}', '{"key": "a", "name": "a", "size": 1.5}', "[" * 5000,
        '{"key": "a", "name": "", "size": 1}', "\udcff".encode("utf-8", "surrogatepass"),
    ],
)  # fmt: skip
def test_a_beginning_that_cannot_be_read_is_400(world, client_of, body):
    answer = client_of.post(f"/applications/{world.draft.uid}/uploads", body, content_type="application/json")
    assert (answer.status_code, answer.json()["codes"]) == (400, ["upload_unreadable"])


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"key": "paper", "size": 2 * MB}, 422, "form_file_too_large"),
        ({"key": "nowhere"}, 422, "form_no_such_place"),
        ({"key": "a\0"}, 422, "form_no_such_place"),
        ({"size": 0}, 422, "draft_file_empty"),
        ({"sha256": "no"}, 400, "upload_digest_malformed"),
    ],
)
def test_limits_are_asked_before_a_byte_is_read(world, client_of, more, status, code):
    assert begin(client_of, world, status=status, **more).json()["codes"] == [code]


@pytest.mark.parametrize("name", ["\ud800", "a\0b.pdf", "\u202efdp.pdf", "x" * 5000, "../../etc/passwd"])
def test_no_name_is_too_strange(world, client_of, name):
    address = begin(client_of, world, name=name)["Location"]
    assert send(client_of, address, PDF, bytes_of(PDF, 0)).json()["state"] == "done"
    assert world.draft.files.get().name.endswith(".pdf")


def test_six_at_once_are_too_many(world, client_of):
    for _ in range(5):
        last = begin(client_of, world)["Location"]
    assert begin(client_of, world, status=429).json()["codes"] == ["upload_too_many"]
    assert client_of.delete(last).status_code == 204
    begin(client_of, world)


def test_what_the_place_does_not_take_is_said_and_said_again(world, client_of):
    program = b"MZ\x90\x00 a program"
    address = begin(client_of, world, size=len(program))["Location"]
    for _ in range(2):
        answer = send(client_of, address, program, bytes_of(program, 0, len(program)))
        assert (answer.status_code, answer.json()["codes"]) == (422, ["draft_file_unknown"])
        assert "편지.pdf" in answer.json()["reasons"][0]
    assert client_of.get(address).json()["state"] == "refused"


def test_given_up_it_is_gone(world, client_of):
    address = begin(client_of, world)["Location"]
    assert client_of.delete(address).status_code == 204
    assert client_of.delete(address).status_code == 204
    for answer in (client_of.get(address), send(client_of, address, PDF, bytes_of(PDF, 0))):
        assert (answer.status_code, answer.json()["codes"]) == (410, ["upload_ended"])


def test_done_it_cannot_be_given_up(world, client_of):
    address = begin(client_of, world)["Location"]
    send(client_of, address, PDF, bytes_of(PDF, 0))
    assert client_of.delete(address).json()["codes"] == ["upload_is_done"]
    assert world.draft.files.count() == 1


def test_nobody_else_finds_it(world, client_of):
    address = begin(client_of, world)["Location"]
    others = [(signed_in(world.boram), 404), (signed_in(person("elsewhere")), 404), (Client(), 401)]
    for other, status in others:
        other.defaults["HTTP_HOST"] = "localhost"
        for answer in (
            other.get(address), other.head(address), other.delete(address), send(other, address, PDF, bytes_of(PDF, 0)),
        ):  # fmt: skip
            assert answer.status_code == status
    assert Upload.objects.get().state == "open"
    DraftMember.objects.filter(person=world.aram).update(ended_at=clock.now())
    assert send(client_of, address, PDF, bytes_of(PDF, 0)).status_code == 404, "who no longer writes there"


def test_without_the_page_s_token_nothing_is_taken(world):
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    client.force_login(world.aram)
    address = begin(signed_in(world.aram), world)["Location"]
    assert send(client, address, PDF, bytes_of(PDF, 0)).status_code == 403
    assert client.delete(address).status_code == 403
    token = client.get(f"/applications/{world.draft.uid}/changes?token=1").json()["token"]
    answer = client.patch(
        address,
        PDF,
        content_type="application/octet-stream",
        headers={"content-range": bytes_of(PDF, 0), "x-csrftoken": token},
    )
    assert answer.json()["state"] == "done"


@pytest.mark.django_db(transaction=True)
def test_under_asgi_too_pieces_are_read_whole(committing, world, client_of):
    """There a body comes by another way."""
    size = 3 * MB + len(PDF)
    content = PDF[:20] + bytes(3 * MB) + PDF[20:]
    address = begin(client_of, world, size=size)["Location"]
    client = AsyncClient()
    client.cookies = client_of.cookies

    async def sent(at: int, upto: int) -> Any:
        part = content[at:upto]
        kind = "application/octet-stream"
        headers = {"content-range": bytes_of(part, at, size)}
        return await client.patch(address, part, content_type=kind, headers=headers)

    assert apart(sent, 0, 3 * MB)["Upload-Offset"] == str(3 * MB)
    assert apart(sent, 3 * MB, size).json()["state"] == "done"
    assert files.read(world.draft.files.get().sha256) == content


def test_korean_reasons(world):
    client = signed_in(world.aram, "ko")
    address = begin(client, world)["Location"]
    assert "0번째 바이트부터" in send(client, address, PDF[5:], bytes_of(PDF[5:], 5)).json()["reasons"][0]
