"""Errors that say that the database or the disk cannot be had: real ones, each answered with 503 in words."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError, connection
from django.db.utils import ConnectionHandler
from django.test import Client

from madang.kernel.sessions import SessionStore
from madang.web.unavailable import is_unavailable

pytestmark = pytest.mark.django_db  # other databases than the tests' own are asked here


def _elsewhere(path: Path, **options: Any) -> Any:
    """A connection of our own, to a database that is not the tests'."""
    entry = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": {"timeout": 0, **options}}
    return ConnectionHandler({"default": entry})["default"]


def no_folder(tmp_path: Path) -> None:
    _elsewhere(tmp_path / "no" / "such.sqlite3").cursor()


def locked(tmp_path: Path) -> None:
    one, other = (_elsewhere(tmp_path / "locked.sqlite3") for _ in range(2))
    one.cursor().execute("create table t (a)")
    one.cursor().execute("begin immediate")
    other.cursor().execute("begin immediate")


def full_database(tmp_path: Path) -> None:
    one = _elsewhere(tmp_path / "full.sqlite3").cursor()
    one.execute("pragma max_page_count = 2")
    one.execute("create table t (a)")
    one.execute("insert into t values (zeroblob(100000))")


def nobody_listens(tmp_path: Path) -> None:
    entry = {"ENGINE": "django.db.backends.postgresql", "NAME": "x", "HOST": str(tmp_path), "USER": "x"}
    ConnectionHandler({"default": entry})["default"].cursor()


def full_disk(_: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "wb", buffering=0) as file:
        file.write(b"x")


def later_noticed(tmp_path: Path) -> None:
    """What is raised is something else; what it comes from counts."""
    try:
        locked(tmp_path)
    except Exception as error:
        raise RuntimeError("this could not be done") from error


def no_such_table(tmp_path: Path) -> None:
    _elsewhere(tmp_path / "empty.sqlite3").cursor().execute("select * from nothing")


def fault_of_ours(_: Path) -> None:
    raise ValueError("on purpose")


GONE = (no_folder, locked, full_database, nobody_listens, full_disk, later_noticed)


@pytest.mark.parametrize("broken", [*GONE, no_such_table, fault_of_ours])
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ko", "이미 확인된 내용은 모두 안전하게 남아 있습니다."),
        ("en", "Everything that was confirmed to you is safe."),
    ],
)
def test_the_page_says_when_to_come_again_and_nothing_else_is_called_unavailable(
    broken: Any, language: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("madang.web.public.views.specimens", lambda: broken(tmp_path))
    reader = Client(raise_request_exception=False, headers={"host": "localhost", "accept-language": language})
    answer = reader.get("/style-guide")
    page = answer.content.decode()
    assert "Traceback" not in page
    if broken not in GONE:
        assert answer.status_code == 500
        assert "retry-after" not in answer.headers
        return
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert answer["Cache-Control"] == "no-store"
    assert f'<html lang="{language}"' in page
    assert words in page


@pytest.mark.parametrize(("language", "words"), [("ko", "잠시 후 다시 보내 주십시오."), ("en", "send it again soon.")])
def test_a_script_gets_the_reason(language: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madang.web.public.views.specimens", lambda: locked(tmp_path))
    headers = {"host": "localhost", "accept-language": language, "accept": "application/json"}
    answer = Client(raise_request_exception=False, headers=headers).get("/style-guide")
    assert answer.status_code == 503
    [reason] = answer.json()["reasons"]
    assert reason.endswith(words)


def test_an_error_that_leads_to_itself_ends() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert not is_unavailable(one)


@pytest.mark.django_db(transaction=True)
def test_a_session_that_cannot_be_written_is_no_fault_of_its_reader(committing: None) -> None:
    """Django says 400 where a session was ended meanwhile, and says it as well where the database is gone."""
    if connection.vendor != "sqlite":
        pytest.skip("the lock is SQLite's; PostgreSQL is taken away in tests/torture")
    session = SessionStore()
    session["seen"] = 1
    session.save()
    connection.cursor().execute("pragma busy_timeout = 0")
    other = _elsewhere(Path(str(connection.settings_dict["NAME"])))
    other.cursor().execute("begin immediate")
    with pytest.raises(OperationalError) as gone:
        session.save()
    assert is_unavailable(gone.value)
    other.cursor().execute("rollback")
    other.close()
    SessionStore(session.session_key).delete()
    with pytest.raises(UpdateError):
        session.save()
