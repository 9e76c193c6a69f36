"""`madang files check` and `copy`, as an operator calls them."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from madang.apps.accounts.commands import actor_of
from madang.apps.applications.commands import attach_file
from madang.cli.main import main
from madang.cli.store import NAMED
from madang.kernel import files
from tests.factories.applying import begun
from tests.factories.handed_in import pdf
from tests.factories.s3 import Service

NO_FILES = {
    "applications.Export": {"sha256"},  # of a file in the spool, for a day
    "applications.Import": {"sha256", "base_sha256"},  # of a file in the spool; what was taken in is a `BatchSource`
    "applications.ReceptionBatch": {"sha256"},  # of what was read, which is not kept
    "applications.DraftInvitation": {"token_sha256"},
    "applications.Filing": {"form_sha256"},  # of the form, which the row holds; its files are the draft's
    "applications.PaperRequest": {"token_sha256"},
    "applications.Upload": {"sha256"},  # as its sender says it; what came of it is a draft's file
    "calls.DefinitionVersion": {"sha256"},
    "calls.Alert": {"token_sha256"},
    "directory.Invitation": {"token_sha256"},
    "directory.Domain": {"code_sha256"},
    "enquiries.PublicAnswer": {"sha256"},
    "review.PressRevision": {"figures_sha256"},
}


def test_every_hash_of_the_database_is_known_to_name_a_file_or_not():
    """A new one goes into `NAMED`, or a backup and `files check` would not miss the file; or into the list above."""
    found = {
        model._meta.label: {field.name for field in model._meta.concrete_fields if field.name.endswith("sha256")}
        for model in apps.get_models()
        if model.__module__.startswith("madang.apps.")
    }
    known = {label: set(NAMED.get(label, ())) | NO_FILES.get(label, set()) for label in {*NAMED, *NO_FILES}}
    assert {label: fields for label, fields in found.items() if fields} == known


@pytest.fixture
def service() -> Iterator[Service]:
    one = Service()
    yield one
    one.stop()


def run(*words: str, data: Path, **environment: str) -> tuple[int, str]:
    given = {"MADANG_DATA": str(data), "MADANG_DATABASE_URL": "", "MADANG_FILES_URL": "", "MADANG_LANGUAGE": "en"}
    command = [sys.executable, "-m", "madang.cli.main", "files", *words]
    done = subprocess.run(
        command, env={**os.environ, **given, **environment}, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_files_are_copied_to_a_bucket_and_checked_there(data_folder, service, tmp_path):
    kept = [files.keep(bytes([n]) * 1000) for n in range(1, 5)]
    url = service.bucket()
    assert run("copy", "--to", url, data=data_folder) == (
        0,
        "4 files (1 MB) lie in the other store now, each with its hash; 0 could not be copied.\n",
    )
    to = files.store_at(url)
    assert list(to.all()) == sorted(kept, key=lambda one: one.sha256)
    back = tmp_path / "back"
    assert run("copy", "--to", f"file://{back}", data=data_folder, MADANG_FILES_URL=url)[0] == 0
    assert sorted(path.name for path in back.rglob("*") if path.is_file()) == sorted(one.sha256 for one in kept)
    files.path_of(kept[0].sha256).write_bytes(b"forged")
    code, said = run("copy", "--to", url, data=data_folder)
    assert (code, kept[0].sha256 in said, "1 could not be copied" in said) == (1, True, True)


@pytest.mark.django_db
def test_check_names_what_is_damaged_and_what_is_missing(capsys):
    draft = begun()
    given: dict[str, Any] = {"actor": actor_of(draft.started_by), "draft": draft, "key": "documents.plan", "name": "a"}
    lost, changed = (attach_file(**given, content=io.BytesIO(pdf() + b" " * n)).sha256 for n in range(2))
    files.keep(b"named by nobody")
    assert main(["files", "check", "--language", "en"]) == 0
    assert "3 files read: 0 damaged, 0 missing, 1 that the database does not name." in capsys.readouterr().out
    files.path_of(lost).unlink()
    files.path_of(changed).write_bytes(b"forged")
    assert main(["files", "check", "--language", "en"]) == 1
    said = capsys.readouterr().out
    assert f"{lost}: the database names this file, and the store does not have it" in said
    assert f"{changed}: the content is not what it was" in said
    assert "2 files read: 1 damaged, 1 missing, 1 that the database does not name." in said


@pytest.mark.parametrize("url", ["gs://bucket", "s3://host", "nonsense"])
def test_an_address_that_is_none_is_said(data_folder, url):
    code, said = run("copy", "--to", url, data=data_folder)
    assert (code, "no address of a file store" in said) == (2, True)


def test_a_store_that_is_gone_is_said_and_the_command_may_be_started_again(data_folder):
    files.keep(b"record")
    code, said = run("copy", "--to", "s3://k:s@127.0.0.1:1/bucket?tls=0", data=data_folder)
    assert (code, "start the command again" in said, "Traceback" in said) == (1, True, False)
