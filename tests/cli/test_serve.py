"""`madang serve` with real processes: what dies is started again, what is replaced loses nothing, nothing stays."""

import gc
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from madang.cli import main as entry
from madang.kernel import running
from tests.cli.serving import Serving, copied, environment, gone, madang, migrated, serving


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return migrated(tmp_path_factory.mktemp("serve") / "data")


@pytest.fixture
def folder(template, tmp_path, monkeypatch):
    monkeypatch.setenv("MADANG_DATA", str(tmp_path / "site"))
    return copied(template, tmp_path / "site")


def test_it_refuses_a_database_that_is_not_of_this_code_and_names_the_command(tmp_path):
    told = madang(tmp_path / "new", "serve")
    assert told.returncode == 1
    assert "migrations wait" in told.stdout
    assert "madang migrate" in told.stdout


def test_it_migrates_where_that_is_asked_and_says_where_it_listens(tmp_path):
    with serving(tmp_path / "new", "--migrate") as site:
        assert f"http://127.0.0.1:{site.port}" in site.lines[-1]
        assert site.get("/")[0] == 200
        assert b"<title>" in site.get("/calls")[1]
        again = madang(tmp_path / "new", "serve")
        assert (again.returncode, str(site.process.pid) in again.stdout) == (1, True)
        assert site.stop() == 0
    with socket.socket() as asking:
        assert asking.connect_ex(("127.0.0.1", site.port)) != 0


def test_what_dies_is_started_again_and_nobody_is_refused_meanwhile(folder):
    with serving(folder) as site:
        for kind in ("site.serving", "worker"):
            before = site.children(kind)
            os.kill(before[0], signal.SIGKILL)
            assert "signal 9" in site.wait("It is started again")
            assert site.get("/healthz") == (200, b"ok\n")
            assert gone(before[0])
        for number in range(8):  # over both sockets: one of them waits for its new process
            assert site.get(f"/healthz?{number}")[0] == 200
        assert len(site.children("site.serving")) == 2
        assert len(site.children("worker")) == 1
        assert site.stop() == 0


def hammer(site: Serving, stop: threading.Event, failed: list[str], answered: list[int]) -> None:
    while not stop.is_set():
        try:
            status, _ = site.get("/healthz")
        except (OSError, http.client.HTTPException) as error:
            failed.append(repr(error))
        else:
            answered.append(status)


def test_processes_are_replaced_without_losing_a_request(folder):
    with serving(folder) as site:
        stop, failed, answered = threading.Event(), [], []
        readers = [threading.Thread(target=hammer, args=(site, stop, failed, answered)) for _ in range(2)]
        for reader in readers:
            reader.start()
        old = site.children()
        told = madang(folder, "serve", "--reload")
        assert (told.returncode, told.stdout) == (0, "Every process was replaced.\n")
        site.wait("Every process was replaced")
        stop.set()
        for reader in readers:
            reader.join()
        assert all(gone(pid) for pid in old)
        assert failed == []
        assert set(answered) == {200}
        assert len(answered) > 20
        assert running.state().reloads == 1
        assert site.stop() == 0


def test_new_code_that_does_not_start_replaces_nothing(folder):
    with serving(folder) as site:
        before = site.children("site.serving")
        (folder / "keys" / "secret-key").chmod(0o644)  # the settings refuse a key that others can read
        told = madang(folder, "serve", "--reload")
        assert (told.returncode, "Not everything was replaced" in told.stdout) == (1, True)
        site.wait("The old processes go on")
        site.process.send_signal(signal.SIGHUP)  # what an init system sends
        site.wait("The old processes go on")
        assert site.children("site.serving") == before
        assert site.get("/healthz")[0] == 200


def test_it_ends_in_time_while_one_request_is_half_in_and_a_reader_has_left(folder):
    """The half request is finished; who left does not hold it up; nothing stays behind."""
    with serving(folder) as site:
        left = socket.create_connection(("127.0.0.1", site.port))
        left.sendall(b"GET /calls HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        left.close()
        body = b"language=en&next=/"
        half = socket.create_connection(("127.0.0.1", site.port), timeout=30)
        half.sendall(
            b"POST /preferences HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n" + f"Content-Length: {len(body)}\r\n\r\n".encode()
        )
        half.sendall(body[:9])
        assert site.get("/healthz")[0] == 200
        children = site.children()
        site.process.send_signal(signal.SIGTERM)
        site.wait("Stopping")
        half.sendall(body[9:])
        assert half.recv(65536).startswith(b"HTTP/1.1 303")
        assert site.process.wait(60) == 0
        assert all(gone(pid) for pid in children)
        assert not any("by force" in line for line in site.lines)


def test_a_process_that_does_not_end_is_ended_by_force(folder):
    with serving(folder, "--grace", "1") as site:
        stuck = site.children("worker")[0]
        os.kill(stuck, signal.SIGSTOP)  # hears nothing
        assert site.stop() == 0
        assert any("worker did not end in time" in line for line in site.lines)
        assert gone(stuck)


def test_children_end_with_their_parent_and_the_next_one_takes_over(folder):
    with serving(folder) as site:
        children = site.children()
        assert len(children) == 3
        site.process.kill()
        site.process.wait()
        with serving(folder, "--port", str(site.port)) as after:
            assert all(gone(pid) for pid in children)
            after.port = site.port
            assert after.get("/healthz")[0] == 200
            assert after.stop() == 0


def test_alive_says_that_it_answers_and_ready_what_is_missing(folder):
    with serving(folder) as site:
        assert site.get("/healthz") == (200, b"ok\n")
        status, found = site.get("/readyz")
        assert (status, json.loads(found)) == (200, {"database": True, "store": True, "disk": True})
        (folder / "files").rename(folder / "moved")
        (folder / "files").write_text("no folder")
        assert site.get("/healthz")[0] == 200
        while (answer := site.get("/readyz"))[0] == 200:  # a process may have looked within this second
            pass
        status, found = answer
        assert (status, json.loads(found)["store"]) == (503, False)


def test_what_runs_for_weeks_searches_for_garbage_and_what_ends_soon_does_not(monkeypatch):
    from madang.cli import days, demo, serve, worker

    on = {}
    for name, module in (("serve", serve), ("worker", worker), ("demo", demo), ("days", days)):
        monkeypatch.setattr(module, "add", lambda parser: None)
        monkeypatch.setattr(module, "run", lambda args, name=name: on.update({name: gc.isenabled()}) or 0)
        entry.main([name])
    assert on == {"serve": True, "worker": True, "demo": True, "days": False}


def test_the_browsers_files_are_collected_once_and_again_when_they_change(template, tmp_path):
    ask = (
        "import django; django.setup()\nfrom madang.kernel import preparing\n"
        "from django.contrib.staticfiles.finders import get_finders\n"
        "first, again = preparing.collect(), preparing.collect()\n"
        "import pathlib, madang.web; file = pathlib.Path(madang.web.__file__).parent / 'static' / 'new.css'\n"
        "file.write_text('')\n"
        "try:\n print(first, again, preparing.collect())\nfinally:\n file.unlink()"
    )
    told = environment(tmp_path / "data", DJANGO_SETTINGS_MODULE="madang.site.settings")
    copied(template, tmp_path / "data")
    done = subprocess.run([sys.executable, "-c", ask], env=told, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True"]
    assert Path(tmp_path / "data" / "cache" / "static" / "new.css").exists()
