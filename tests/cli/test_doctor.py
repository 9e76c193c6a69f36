"""`madang doctor` finds what was broken on purpose, and nothing where nothing is."""

import json
import shutil
import sqlite3
import subprocess
import sys

import pytest
from aiosmtpd.controller import Controller

from tests.cli.serving import copied, environment, free_port, madang, migrated, serving


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = migrated(tmp_path_factory.mktemp("doctor") / "data")
    assert madang(folder, "keys", "publish").returncode == 0
    return folder


@pytest.fixture
def folder(template, tmp_path, monkeypatch):
    monkeypatch.setenv("MADANG_DATA", str(tmp_path / "site"))
    return copied(template, tmp_path / "site")


def examined(folder, **more):
    """Exit code, and `{code: finding}`."""
    told = madang(folder, "doctor", "--json", **more)
    assert told.stderr == ""
    return told.returncode, {finding["code"]: finding for finding in json.loads(told.stdout)}


PUBLIC = {
    "MADANG_HTTPS": "1",
    "MADANG_HOSTS": "site.example.org",
    "MADANG_SITE_ADDRESS": "https://site.example.org",
}


class Silent:
    async def handle_DATA(self, server, session, envelope):
        raise AssertionError("a mail was sent")


def test_an_installation_that_runs_has_nothing_bad(folder):
    mail = Controller(Silent(), hostname="127.0.0.1", port=free_port())
    mail.start()
    try:
        with serving(folder) as site:
            found = {}
            while found.get("doctor_worker") is None:  # its first beat
                code, found = examined(folder, MADANG_MAIL_URL=f"smtp://127.0.0.1:{mail.port}", **PUBLIC)
            assert [one for one in found.values() if one["state"] == "bad"] == []
            assert code == 0
            assert {"doctor_serving", "doctor_clock", "doctor_mail_server", "doctor_sqlite", "doctor_sqlite_sound",
                    "migrations_none", "guards_stand", "doctor_sealed", "doctor_store", "doctor_signing_key",
                    "doctor_in_public", "doctor_no_outages", "doctor_disk_locks"} <= set(found)  # fmt: skip
            assert found["doctor_serving"]["params"]["address"].endswith(str(site.port))
            site.stop()
    finally:
        mail.stop()
    page = madang(folder, "doctor")
    assert "warn  serve" in page.stdout
    assert "주의" in madang(folder, "doctor", "--language", "ko").stdout


def broken_key(folder):
    (folder / "keys" / "records.pem").chmod(0o640)


def other_key(folder):
    (folder / "keys" / "records.pem").unlink()


def no_guard(folder):
    with sqlite3.connect(folder / "madang.sqlite3") as database:
        query = "select name from sqlite_master where type = 'trigger' and tbl_name = 'kernel_journalentry'"
        database.execute(f'drop trigger "{database.execute(query).fetchone()[0]}"')


def waiting_migration(folder):
    with sqlite3.connect(folder / "madang.sqlite3") as database:
        database.execute("delete from django_migrations where app = 'sessions'")


def no_store(folder):
    shutil.rmtree(folder / "files")
    (folder / "files").write_text("no folder")


def torn_database(folder):
    """Zeroes over pages in the middle, as a disk leaves them."""
    with sqlite3.connect(folder / "madang.sqlite3") as database:
        database.execute("pragma wal_checkpoint(truncate)")
        size = database.execute("pragma page_size").fetchone()[0]
    with (folder / "madang.sqlite3").open("r+b") as file:
        file.seek(size * 40)
        file.write(b"\0" * size * 20)


POST = """
import datetime as dt, django
django.setup()
from madang.kernel import clock, mail
with clock.at(clock.now() - dt.timedelta(hours=1)):
    mail.post("notice", to="a@example.org", language="en", context={"what": "new_device"})
"""


def late_mail(folder):
    settings = environment(folder, DJANGO_SETTINGS_MODULE="madang.site.settings")
    subprocess.run([sys.executable, "-c", POST], env=settings, check=True)


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (broken_key, "doctor_key_open"),
        (other_key, "doctor_signing_key_missing"),
        (no_guard, "guards_gap_missing"),
        (waiting_migration, "migrations_wait"),
        (no_store, "doctor_does_not_start"),
        (torn_database, "doctor_sqlite_damaged"),
        (late_mail, "doctor_mail_overdue"),
    ],
)
def test_what_is_broken_is_found_and_nothing_stops_the_doctor(folder, harm, code):
    harm(folder)
    exit_code, found = examined(folder)
    assert exit_code == 1
    assert found[code]["state"] == "bad", sorted(found)
    assert "doctor_program" in found


@pytest.mark.parametrize(
    ("settings", "code", "state"),
    [
        ({"MADANG_DEBUG": "1"}, "doctor_debug", "bad"),
        ({"MADANG_DEMO": "1"}, "doctor_demo", "bad"),
        ({"MADANG_HOSTS": "*"}, "doctor_any_host", "bad"),
        ({}, "doctor_no_https", "warn"),
        ({"MADANG_MAIL_URL": "smtp://127.0.0.1:1"}, "doctor_no_mail_server", "bad"),
        ({"MADANG_FILES_URL": "s3://key:secret@127.0.0.1:1/bucket?tls=0"}, "doctor_store_gone", "bad"),
        ({"MADANG_CLAMAV": "127.0.0.1:1"}, "doctor_no_scanner", "bad"),
        ({"MADANG_HTTPS": "perhaps"}, "doctor_does_not_start", "bad"),
    ],
)
def test_settings_that_do_not_work_or_are_unsafe_are_told(folder, settings, code, state):
    _, found = examined(folder, **settings)
    assert found[code]["state"] == state, sorted(found)


def test_a_machine_with_nothing_on_it_is_told_what_to_do(tmp_path):
    told = madang(tmp_path / "nothing", "doctor")
    assert told.returncode == 1
    assert "madang migrate" in told.stdout
