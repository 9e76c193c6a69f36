import datetime as dt
import os
import subprocess
import sys
import threading
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from madang.kernel import clock


def test_the_clock_is_set_for_a_block_and_told_in_utc():
    noon = dt.datetime(2022, 2, 4, 18, 0, tzinfo=ZoneInfo("Asia/Seoul"))
    with clock.at(noon):
        assert clock.now() == noon
        assert clock.now().tzinfo is dt.UTC
        with clock.at(noon + dt.timedelta(days=1)):
            assert clock.now() == noon + dt.timedelta(days=1)
        assert clock.now() == noon
    assert clock.now() > noon + dt.timedelta(days=365)


def test_a_set_clock_is_nobody_elses():
    long_ago, seen = dt.datetime(2000, 1, 1, tzinfo=dt.UTC), []
    with clock.at(long_ago):
        other = threading.Thread(target=lambda: seen.append(clock.now()))
        other.start()
        other.join()
    assert seen[0] > long_ago


def test_a_moment_needs_its_zone():
    with pytest.raises(ValueError, match="zone"), clock.at(dt.datetime(2022, 1, 1)):  # noqa: DTZ001 - the point
        pytest.fail("a moment without a zone was believed")


FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
ASKED = """
import sys
from madang.kernel import clock
for _ in sys.stdin:
    print(clock.now().timestamp(), round(clock.off_s()), flush=True)
"""


@pytest.fixture
def bent(tmp_path):
    """`bent()` -> a process of ours whose machine's clock follows a file: (told, off) for each `ask(offset)`."""
    if not FAKETIME.exists():
        pytest.skip("libfaketime is not installed: apt install libfaketime")
    file, started = tmp_path / "offset", []

    def start(offset="+0", **environment):
        file.write_text(offset + "\n")
        bending = {"LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_NO_CACHE": "1"}
        process = subprocess.Popen(
            [sys.executable, "-c", ASKED],
            env={**os.environ, **bending, "FAKETIME_DONT_FAKE_MONOTONIC": "1", **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)

        def ask(offset):
            file.write_text(offset + "\n")
            process.stdin.write("\n")
            process.stdin.flush()
            told, off = process.stdout.readline().split()
            return float(told), int(off)

        return ask

    yield start
    for process in started:
        process.communicate()


def test_the_clock_does_not_move_when_the_machines_clock_is_set(bent):
    ask = bent()
    first, off = ask("+0")
    assert (off, abs(first - clock.unix()) < 30) == (0, True)
    for offset, seconds in (("+3600", 3600), ("-3600", -3600), ("+0", 0)):
        told, off = ask(offset)
        assert off == seconds
        assert 0 <= told - first < 30
        first = told


def test_a_process_started_later_takes_the_time_of_its_supervisor(bent):
    """The supervisor started when the clock was right; a child that starts after it was set goes by the supervisor."""
    told, off = bent("+3600", **{clock.VARIABLE: clock.anchor()})("+3600")
    assert (off, abs(told - clock.unix()) < 30) == (3600, True)


@pytest.mark.parametrize("anchor", ["", "x", "1,2", "1,2,another-boot", f"1,{10**20},{clock.anchor().split(',')[2]}"])
def test_an_anchor_that_cannot_be_of_this_machine_is_not_believed(bent, anchor):
    told, off = bent("+3600", **{clock.VARIABLE: anchor})("+3600")
    assert (off, abs(told - 3600 - clock.unix()) < 30) == (0, True)


def test_the_set_clock_is_told_as_a_number_too():
    with clock.at(dt.datetime(1970, 1, 2, tzinfo=dt.UTC)):
        assert clock.unix() == 86400
