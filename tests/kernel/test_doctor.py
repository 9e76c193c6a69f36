"""Every check of the platform can be asked on both databases; a check that fails itself stops no other."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from madang.kernel.doctor import Finding, examine, ok, platform


def test_every_check_answers_on_this_database(committing: None) -> None:
    found = {finding.reason.code: finding.state for _, finding in examine(platform.CHECKS)}
    assert "doctor_failed" not in found
    assert found["migrations_none"] == found["guards_stand"] == found["doctor_store"] == "ok"
    if connection.vendor == "postgresql":
        assert found["doctor_postgresql"] == "ok"
        assert found.get("doctor_postgresql_safe") == "ok" or found["doctor_postgresql_unsafe"] == "bad"
    else:
        assert found["doctor_sqlite"] == found["doctor_sqlite_sound"] == "ok"


def test_a_database_that_promises_less_than_it_must_is_bad(committing: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite is set up by every connection itself")
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    found = {finding.reason.code: finding for _, finding in examine({"database": platform.database})}
    assert "synchronous_commit" in found["doctor_postgresql_unsafe"].reason.params["settings"]  # type: ignore[operator]  # a list


def test_a_check_that_fails_is_a_finding_and_the_others_go_on() -> None:
    def faints() -> Iterator[Finding]:
        raise RuntimeError("no blood")
        yield

    found = [*examine({"one": faints, "other": lambda: iter([ok("doctor_clock")])})]
    assert [(name, finding.state) for name, finding in found] == [("one", "bad"), ("other", "ok")]
    assert "no blood" in str(found[0][1].reason.params["error"])


def test_a_held_mail_that_there_is_not_is_said(committing: None, settings: Any) -> None:
    settings.MAIL_HELD = frozenset({"alert", "alerts"})
    said = [one.reason for one in platform.mail() if one.reason.code == "doctor_mail_held_unknown"]
    assert [one.params["name"] for one in said] == ["alerts"]
