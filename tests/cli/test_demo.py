"""`madang demo` loads the samples by the real commands, as often as one likes."""

import csv
import os
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import urllib.request

from madang.papers import library


def demo(folder, *words):
    environment = {**os.environ, "MADANG_DATA": str(folder), "MADANG_DATABASE_URL": "", "MADANG_LANGUAGE": "en"}
    command = [sys.executable, "-m", "madang.cli.main", "demo", "--no-serve", *words]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    return told.stdout


def rows(folder, query):
    with sqlite3.connect(folder / "madang.sqlite3") as database:
        return database.execute(query).fetchall()


def counts(folder):
    tables = ("calls_call", "applications_application", "decisions_decision", "kernel_journalentry")
    return [rows(folder, f"select count(*) from {table}")[0][0] for table in tables]


#: calls that are invented as a whole, definition included
MODELS = ("idea-fund-sample", "idea-reading-sample", "solution-spread-sample")


#: calls for trying the form, open on the day of loading
OPEN = ("overseas-cooperation", "small-city-solutions")


def received(example):
    """How many applications an example folder holds."""
    with (library.examples()[example] / "applications.csv").open(encoding="utf-8", newline="") as table:
        return sum(1 for _ in csv.DictReader(table))


def test_the_samples_are_loaded_once_however_often_they_are_loaded(tmp_path):
    assert "Loaded in" in demo(tmp_path)
    first = counts(tmp_path)
    calls, applications, decisions, journal = first
    programmes = sorted(library.programmes())
    of_examples = len(programmes) + 1 + len(MODELS)
    assert (calls, decisions) == (len(programmes) + of_examples + len(OPEN), of_examples) == (32, 17)
    samples = [*(f"{name}-sample" for name in programmes), *MODELS]
    assert applications == 111 + 110 + sum(map(received, samples)) + 1  # filed, to look at its receipt
    assert journal >= calls + decisions
    demo(tmp_path)
    assert counts(tmp_path) == first
    assert rows(tmp_path, "select count(*), min(is_sample) from accounts_person") == [(14, 1)]
    assert rows(tmp_path, "select count(distinct role) from accounts_grant") == [(10,)]
    loaded = rows(tmp_path, "select slug from calls_call where is_sample order by slug")
    assert [re.sub(r"-\d{4}-\d{2}-sample$", "", slug) for (slug,) in loaded] == sorted([*samples, *OPEN])
    states = rows(tmp_path, "select state from applications_draft order by state")
    assert states == [("filed",), ("writing",)]


def test_a_stage_stops_there_and_another_seed_draws_other_scores(tmp_path):
    demo(tmp_path / "received", "--stage", "received")
    assert counts(tmp_path / "received")[2] == 0
    demo(tmp_path / "one")
    demo(tmp_path / "two", "--seed", "2")
    outcomes = [
        rows(tmp_path / name, "select summary from decisions_decision d join calls_call c on c.id = d.call_id "
             "where c.is_sample order by c.slug")
        for name in ("one", "two")
    ]  # fmt: skip
    assert len(outcomes[0]) == len(outcomes[1]) == 13 + len(MODELS)
    assert outcomes[0] != outcomes[1]


def test_a_folder_filled_by_another_version_is_refused_with_the_mend(tmp_path):
    demo(tmp_path, "--stage", "announced")
    with sqlite3.connect(tmp_path / "madang.sqlite3") as database:
        for (trigger,) in database.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            database.execute(f'drop trigger "{trigger}"')
        database.execute("update calls_definitionversion set sha256 = ''")
    environment = {**os.environ, "MADANG_DATA": str(tmp_path), "MADANG_DATABASE_URL": "", "MADANG_LANGUAGE": "en"}
    command = [sys.executable, "-m", "madang.cli.main", "demo", "--no-serve"]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert f"The data folder {tmp_path} was filled by another version" in told.stderr


def test_site_and_worker_start_together_and_end_together(tmp_path):
    """With the demo's switch on: its people are there, its mail is sent; and nothing stays behind."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    environment = {**os.environ, "MADANG_DATA": str(tmp_path), "MADANG_DATABASE_URL": "", "MADANG_LANGUAGE": "en"}
    command = [sys.executable, "-m", "madang.cli.main", "demo", "--stage", "announced", "--port", str(port)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as demo:
        for line in demo.stdout:
            if line.startswith("Sign in as"):
                break
        address = f"http://127.0.0.1:{port}"
        page = retried(lambda: urllib.request.urlopen(f"{address}/demo/people", timeout=5))
        assert b"kiran@example.org" in page.read()
        subprocess.run([sys.executable, "-c", POST], env=environment, check=True)
        [mail] = retried(lambda: [*(tmp_path / "mail").glob("*.log")] or 1 / 0)
        assert "To: kiran@example.org" in mail.read_text("utf-8")
        demo.terminate()
        assert demo.wait(30) == 0
    with socket.socket() as again:
        assert again.connect_ex(("127.0.0.1", port)) != 0


POST = """
import django; django.setup()
from madang.kernel.mail import post
post("notice", to="kiran@example.org", language="en", context={"what": "password_set"})
"""


def retried(ask):
    """What another process will soon answer: asked until it does, for a minute at most."""
    stop = threading.Event()
    for _ in range(600):
        try:
            return ask()
        except (OSError, ZeroDivisionError):
            stop.wait(0.1)
    return ask()
