"""Outages as `madang serve` notices them, and as an office types them."""

import datetime as dt
import os
from pathlib import Path

import pytest

from madang.kernel import clock, running
from madang.kernel.running import State
from tests.cli.serving import copied, madang, migrated, serving

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return migrated(tmp_path_factory.mktemp("outage") / "data")


@pytest.fixture
def folder(template, tmp_path, monkeypatch):
    monkeypatch.setenv("MADANG_DATA", str(tmp_path / "site"))
    return copied(template, tmp_path / "site")


def written(site, folder, words):
    """The log, once the worker has written a line with these words into it."""
    while words not in (told := madang(folder, "outage", "list", "--zone", "UTC").stdout):
        assert site.process.poll() is None
    return told


def test_a_start_after_a_long_silence_writes_it_down(folder):
    last = clock.now() - dt.timedelta(minutes=10)
    running.write_state(State(pid=1, started_at=last, address="", beat_at=last))
    with serving(folder) as site:
        told = written(site, folder, "not running (died)")
        assert f"{last:%Y-%m-%d %H:%M:%S} - " in told
        assert "(0:10:" in told
        site.stop()
    assert running.state().in_order
    with serving(folder) as site:  # a restart is no outage
        site.stop()
    assert madang(folder, "outage", "list", "--zone", "UTC").stdout == told
    assert running.noticed() == []


def test_a_clock_that_is_set_is_said_once_and_written_down_and_moves_nothing(folder, tmp_path):
    if not FAKETIME.exists():
        pytest.skip("libfaketime is not installed: apt install libfaketime")
    offset = tmp_path / "offset"
    offset.write_text("+0\n")
    bending = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with serving(folder, **bending) as site:
        for seconds, word in ((3600, "ahead"), (-3600, "behind")):
            offset.write_text(f"{seconds:+}\n")
            assert "3600 s " + word in site.wait("The machine's clock was set")
            told = int(site.get("/clock")[1].split(b":")[1].strip(b" }")) / 1000
            assert abs(told - clock.unix()) < 60
            os.kill(site.children("site.serving")[0], 9)  # its successor goes by the same time
            site.wait("It is started again")
        assert "(behind 3600 s)" in written(site, folder, "behind 3600")
        offset.write_text("+0\n")
        site.wait("agrees with the platform's again")
        site.stop()
    assert len([line for line in site.lines if "clock was set" in line]) == 2


def test_an_outage_is_entered_with_its_reason_and_listed(folder):
    words = ("--from", "2026-01-01T17:20", "--to", "2026-01-01T18:05:30")
    told = madang(folder, "outage", "add", *words, "--reason", "The provider's line was cut")
    assert (told.returncode, "in the log as" in told.stdout) == (0, True)
    listed = madang(folder, "outage", "list").stdout
    assert "2026-01-01 17:20:00 - 2026-01-01 18:05:30 (0:45:30)  entered: The provider's line was cut" in listed
    assert "17:20:00" not in madang(folder, "outage", "list", "--zone", "UTC").stdout
    assert madang(folder, "outage", "list", "--since", "2026-01-02").stdout == "No outages.\n"
    for wrong, why in (("2026-13-01", "is no time"), ("2199-01-01", "once it is over")):
        told = madang(folder, "outage", "add", "--from", "2026-01-01", "--to", wrong, "--reason", "x")
        assert (told.returncode, why in told.stderr) == (1, True)
