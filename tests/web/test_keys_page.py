"""The signing keys: the published list, and the page from which a reader keeps the key."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from madang.core.record.keylist import in_fours
from madang.kernel import keyring, keys

LIST = "/.well-known/madang-keys.json"


@pytest.fixture
def reader() -> Client:
    return Client(headers={"host": "localhost", "accept-language": "en"})


def page_of(reader: Client) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reader.get("/keys").content.decode()))


def test_before_the_first_key_there_is_nothing_and_looking_makes_none(reader: Client, data_folder: Path) -> None:
    assert reader.get(LIST).status_code == 404
    assert "No key yet" in page_of(reader)
    assert not [path for path in (data_folder / "keys").iterdir() if path.name.startswith(keys.RECORDS)]


def test_a_key_without_a_list_stands_there_without_days(reader: Client) -> None:
    key = keys.public_hex(keys.load_or_make())
    text = page_of(reader)
    assert in_fours(key) in text
    assert "has not published a list" in text
    assert "In use since" not in text
    assert reader.get(LIST).status_code == 404


def test_the_list_is_handed_out_as_published_and_may_be_cached(reader: Client) -> None:
    listed = keyring.publish(dt.date(2021, 6, 1))
    answer = reader.get(LIST)
    assert answer.content.decode() == listed.text() == keyring.published()
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer
    head = reader.head(LIST)
    assert (head.status_code, head.content, head["Content-Length"]) == (200, b"", str(len(answer.content)))
    assert reader.get(LIST, headers={"if-none-match": answer["ETag"]}).status_code == 304
    assert reader.post(LIST).status_code == reader.post("/keys").status_code == 405


def test_keys_before_todays_stand_with_their_days(reader: Client) -> None:
    first = keyring.publish(dt.date(2021, 6, 1)).keys[0].key
    second = keyring.rotate(dt.date(2023, 6, 1)).keys[-1].key
    text = page_of(reader)
    assert in_fours(second) in text
    assert "In use since Thursday 1 June 2023" in text
    assert "Signed by the key before it; the signature holds." in text
    assert first in text.split("Earlier keys")[1]
    assert "from Tuesday 1 June 2021 until Thursday 1 June 2023" in text
    third = keyring.revoke(second, dt.date(2023, 9, 1), "A laptop was stolen", today=dt.date(2023, 9, 2)).keys[-1].key
    text = page_of(reader)
    assert in_fours(third) in text
    assert "What it signed on Friday 1 September 2023 or later does not count. A laptop was stolen" in text
    assert len(json.loads(reader.get(LIST).content)["keys"]) == 3


def test_a_damaged_list_is_never_handed_on(reader: Client, data_folder: Path) -> None:
    keyring.publish(dt.date(2021, 6, 1))
    (data_folder / "keys" / keyring.PUBLIC).write_text("{}")
    answer = reader.get(LIST)
    assert (answer.status_code, answer["Cache-Control"], answer.content) == (503, "no-store", b"")
    text = page_of(reader)
    assert "cannot be read at the moment" in text
    assert "The key in use today" not in text


def test_a_list_that_does_not_name_the_key_in_use_is_said(reader: Client, data_folder: Path, tmp_path: Path) -> None:
    keyring.publish(dt.date(2021, 6, 1))
    other = keyring.publish(dt.date(2022, 6, 1), folder=tmp_path / "other")
    (data_folder / "keys" / keyring.PUBLIC).write_text(other.text())
    assert "The published key is not the one that signs here" in page_of(reader)


def test_every_page_leads_to_the_keys(reader: Client) -> None:
    assert 'href="/keys"' in reader.get("/preferences").content.decode()


@pytest.mark.browser
@pytest.mark.django_db
@pytest.mark.parametrize(("language", "mode"), [("ko", "light"), ("en", "high-contrast")])
def test_the_page_meets_wcag_aa_and_fits_every_width(
    visit: Callable[..., Any], axe: Any, language: str, mode: str
) -> None:
    keyring.publish(dt.date(2021, 6, 1))
    keyring.rotate(dt.date(2023, 6, 1))
    page = visit("/keys", language=language, mode=mode)
    for width in (1440, 390, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert axe(page) == []


@pytest.mark.browser
@pytest.mark.django_db
def test_the_list_is_taken_by_keyboard_and_without_script(visit: Callable[..., Any]) -> None:
    keyring.publish(dt.date(2021, 6, 1))
    page = visit("/keys", language="en", script=False)
    page.get_by_role("link", name="Download madang-keys.json").focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "madang-keys.json"
