"""Attaching a file: good ones are kept, an enemy's are refused in both languages; so it is when something is down."""

import io
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from madang.apps.accounts.commands import actor_of
from madang.apps.applications.commands import attach_file
from madang.apps.applications.models import Draft, DraftFile
from madang.apps.calls.commands import publish_definition
from madang.kernel import files
from madang.kernel.actors import DEMO
from madang.kernel.commands import Refused
from madang.words import LANGUAGES, say
from tests.factories.applying import begun
from tests.factories.clamd import CLAMD, SIGNATURE, Clamd, eicar
from tests.factories.handed_in import EVIL, GOOD, NAMES, pdf, zipped
from tests.factories.rich import rich_text
from tests.factories.small_disk import small_disk

pytestmark = pytest.mark.django_db
ANYTHING = rich_text().replace("{id: plan, formats: [pdf, hwpx], max_mb: 2,", "{id: plan, max_mb: 20,")


@pytest.fixture
def draft() -> Draft:
    return begun(publish_definition(actor=DEMO, text=ANYTHING, sample=True).call)


def attach(draft: Draft, content: Any, name: str = "plan.pdf") -> DraftFile:
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    return attach_file(actor=actor_of(draft.started_by), draft=draft, key="documents.plan", name=name, content=source)


def refusal(draft: Draft, content: Any, name: str = "plan.pdf") -> str:
    with pytest.raises(Refused) as refused:
        attach(draft, content, name)
    [reason] = refused.value.reasons
    for language in LANGUAGES:
        said = say(reason, language)
        assert reason.code not in said
        assert "{" not in said
    return reason.code


def nothing_kept(data_folder: Path) -> bool:
    return not [path for name in ("files", "cache") for path in (data_folder / name).rglob("*") if path.is_file()]


# --- What it is -------------------------------------------------------------------------------------------------------


def test_what_real_people_hand_in_is_kept(draft, monkeypatch):
    monkeypatch.setattr("madang.apps.applications.commands.attachments.MOST_FILES", 100)
    for format, make in GOOD.values():
        content = make()
        file = attach(draft, content, "뭐든지")
        assert (file.format, file.name) == (format, f"뭐든지.{format}")
        assert files.read(file.sha256) == content


@pytest.mark.parametrize("what", EVIL)
def test_what_an_enemy_hands_in_is_refused_and_leaves_nothing(draft, data_folder, what):
    name, code, make = EVIL[what]
    assert refusal(draft, make(), name) == code
    assert nothing_kept(data_folder)
    assert not draft.files.exists()


@pytest.mark.parametrize("given", NAMES)
def test_a_name_harms_nobody(draft, given):
    assert attach(draft, pdf(), given).name == NAMES[given]


def test_two_gigabytes_end_at_the_limit(draft, data_folder):
    class TwoGigabytes(io.RawIOBase):
        left = 2 * 1024**3

        def read(self, size: int = -1) -> bytes:
            size = min(size, self.left)
            self.left -= size
            return b"%PDF-" + b"\0" * (size - 5)

    source = TwoGigabytes()
    assert refusal(draft, source) == "form_file_too_large"
    assert source.left > 2 * 1024**3 - 25 * 1024**2
    assert nothing_kept(data_folder)


# --- A virus scanner --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clamd() -> Iterator[Clamd]:
    one = Clamd()
    yield one
    one.stop()


@pytest.mark.skipif(CLAMD is None, reason="no clamd: run scripts/install-debian.sh")
def test_an_infected_file_is_refused_by_its_name_before_it_is_kept(draft, data_folder, clamd, monkeypatch):
    monkeypatch.setenv("MADANG_CLAMAV", clamd.address)
    with pytest.raises(Refused) as refused:
        attach(draft, zipped({"plan.txt": eicar()}))
    [reason] = refused.value.reasons
    assert (reason.code, reason.params["virus"]) == ("file_infected", f"{SIGNATURE}.UNOFFICIAL")
    assert nothing_kept(data_folder)
    assert attach(draft, pdf()).format == "pdf"


def test_a_file_that_cannot_be_scanned_is_refused_until_it_can(draft, data_folder, monkeypatch):
    monkeypatch.setenv("MADANG_CLAMAV", "unix:/no/such/socket")
    assert refusal(draft, pdf()) == "file_not_scanned"
    assert nothing_kept(data_folder)
    monkeypatch.setenv("MADANG_CLAMAV", "")
    assert attach(draft, pdf()).format == "pdf"


# --- Nowhere to put it ------------------------------------------------------------------------------------------------


def test_a_store_that_is_gone_is_said_and_used_again(draft, data_folder, monkeypatch):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("MADANG_FILES_URL", f"s3://k:s@127.0.0.1:{nobody.getsockname()[1]}/bucket?tls=0")
        assert refusal(draft, pdf()) == "file_store_gone"
    assert nothing_kept(data_folder)
    monkeypatch.setenv("MADANG_FILES_URL", "")
    assert attach(draft, pdf()).format == "pdf"


def test_a_full_disk_is_said_and_used_again(draft, data_folder):
    folder = data_folder / "files"
    with small_disk(folder, kilobytes=256):
        assert refusal(draft, pdf() + os.urandom(400_000) + b"\n%%EOF") == "disk_full"
        assert list(folder.rglob("*")) == []
        assert files.read(attach(draft, pdf()).sha256) == pdf()
