"""A moment in a form of the office: wall time in the call's zone, as `<input type="datetime-local">` sends it."""

import datetime as dt
import re
from typing import Final
from zoneinfo import ZoneInfo

_FORM: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?")


def wall_moment(text: str, zone: ZoneInfo) -> dt.datetime | None:
    """`2027-12-08T18:00` as a moment; nothing where it is none."""
    text = text.strip()
    if not _FORM.fullmatch(text):
        return None
    try:
        moment = dt.datetime.fromisoformat(text).replace(tzinfo=zone)
        moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return moment


def in_field(moment: dt.datetime, zone: ZoneInfo) -> str:
    """The other way round."""
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}"
