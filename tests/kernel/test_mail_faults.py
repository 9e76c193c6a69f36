"""Five rounds of what `make torture` does with mail: the server gone, and a worker killed, with real processes."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.torture import mail_faults


@pytest.fixture(autouse=True)
def _own_database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """On PostgreSQL an empty database for this test alone; SQLite has one in its own folder anyway."""
    server = os.environ.get("MADANG_DATABASE_URL", "")
    if not server:
        yield
        return
    import psycopg

    name = f"mail_faults_{os.getpid()}_{abs(hash(request.node.name)) % 10_000}"
    monkeypatch.setenv("MADANG_DATABASE_URL", urlsplit(server)._replace(path=f"/{name}").geturl())
    with psycopg.connect(server, autocommit=True) as at:
        at.execute(f"create database {name}")
        yield
        at.execute(f"drop database {name} with (force)")


def test_the_mail_server_goes_and_comes_back_and_each_mail_arrives_once() -> None:
    assert mail_faults.mail_gone(5)["delivered"] == 5 * mail_faults.MAILS


def test_a_killed_worker_loses_nothing_and_doubles_only_what_the_server_had_accepted() -> None:
    counted = mail_faults.worker_killed(5)
    assert (counted["delivered"], counted["twice"]) == (5 * mail_faults.MAILS, 2)
