"""What stops a period: only what its own terms name, both days included."""

import datetime as dt

from madang.core.clocks import Stop, stops_of

DAY = dt.date(2027, 2, 1)


def test_only_what_the_terms_name_stops_and_what_goes_on_has_no_end():
    happened = [
        ("supplement", DAY + dt.timedelta(9), None), ("survey", DAY, DAY), ("supplement", DAY, DAY + dt.timedelta(2)),
    ]  # fmt: skip
    assert stops_of(["supplement"], happened) == (
        Stop(DAY, DAY + dt.timedelta(2)),
        Stop(DAY + dt.timedelta(9), None),
    )
    assert stops_of([], happened) == ()
