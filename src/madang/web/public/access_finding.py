"""Who gets what at the addresses by which a call is found: calendars, self-test, clock, alerts."""

from typing import Final

from madang.web.access import ALL, SIGNED_IN, Access, Who

ACCESS: Final = {
    "public:calendar": Access(get=ALL),
    "public:call-calendar": Access(get=ALL, thing="call"),
    "public:self-test": Access(get=ALL, thing="call"),
    "public:clock": Access(get=ALL),
    "public:alerts": Access(
        get=SIGNED_IN, post=Who(SIGNED_IN.allowed, ok=303), why="an empty form keeps an alert for every new call"
    ),
    "public:alert": Access(
        post=Who(("member",), ok=303),
        thing="alert",
        why="of the person who keeps it; what is refused is said on the list",
    ),
    "public:alert-end": Access(
        get=ALL, post=Who(ALL.allowed, ok=303, visitor=303), thing="alert_token", why="whoever holds the mail's link"
    ),
}
