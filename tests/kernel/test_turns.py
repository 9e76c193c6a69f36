"""Turns to write: one at a time, given back by the dead, no more than a help."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from django.db import connection, transaction

from madang.kernel import turns

pytestmark = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has no single pen")

HOLDER = """\
import fcntl, os, sys
handle = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(handle, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def aside(tmp_path, monkeypatch):
    """Turns beside a database of the test's own."""
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "x.sqlite3"))
    return tmp_path / "x.sqlite3-turn"


def held_by_another(path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    return holder


def test_one_writes_at_a_time(aside):
    inside, most, done = [], [], []

    def write():
        for _ in range(50):
            with turns.turn():
                inside.append(1)
                most.append(len(inside))
                inside.pop()
        done.append(1)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (set(most), len(done)) == ({1}, 8)


def test_who_has_the_turn_never_waits_for_it(aside, monkeypatch):
    """Listeners write after the commit of a command, while its turn lasts: they waited for themselves."""
    monkeypatch.setattr(turns, "PATIENCE_S", 3600.0)
    done = []

    def write():
        with turns.turn(), turns.turn():
            done.append("inside")
        with turns.turn():
            done.append("after")

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    thread.join(30)
    assert done == ["inside", "after"]


def test_the_turn_of_a_process_that_was_killed_is_free(aside):
    holder = held_by_another(aside)
    taken = threading.Event()

    def write():
        with turns.turn():
            taken.set()

    waiting = threading.Thread(target=write)
    waiting.start()
    assert not taken.is_set()
    os.kill(holder.pid, signal.SIGKILL)
    waiting.join(10)
    assert taken.is_set()
    holder.communicate()


def test_after_the_patience_the_database_is_asked_without_a_turn(aside, monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE_S", 0.01)
    holder = held_by_another(aside)
    with turns.turn():
        pass
    holder.communicate("")


def test_where_no_file_can_be_made_it_goes_on_without(tmp_path, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "missing" / "x.sqlite3"))
    with turns.turn():
        pass


@pytest.mark.django_db
def test_inside_a_transaction_there_is_nothing_to_wait_for(aside):
    with transaction.atomic(), turns.turn(), turns.turn():
        assert not aside.exists()
