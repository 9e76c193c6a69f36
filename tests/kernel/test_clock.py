import datetime as dt
import threading
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
