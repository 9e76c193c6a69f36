"""Who gets what at the public addresses: everybody the same."""

from typing import Final

from madang.web.access import ALL, PERSONAS, Access, Who

_ANSWERED: Final = Who(PERSONAS, ok=303, visitor=303)

ACCESS: Final = {
    "public:home": Access(ALL),
    "public:calls": Access(ALL),
    "public:call": Access(ALL, thing="call"),
    "public:definition": Access(ALL, thing="call"),
    "public:statistics": Access(ALL, thing="call"),
    "public:statistics-file": Access(ALL, thing="call"),
    "public:results": Access(ALL),
    "public:result": Access(ALL, thing="decided"),
    "public:result-number": Access(ALL, thing="decided"),
    "public:result-paper": Access(ALL, thing="decided"),
    "public:verify": Access(ALL, Who(PERSONAS, ok=422, visitor=422), why="a POST without a record says so"),
    "public:verify-offline": Access(ALL),
    "public:verify-receipt": Access(ALL, Who(PERSONAS, ok=422, visitor=422), why="a POST without a receipt says so"),
    "public:receipt": Access(
        ALL, thing="receipt", why="Whoever has the number sees what the receipt states and whether it counts, no more."
    ),
    "public:core": Access(ALL),
    "public:core-kind": Access(ALL),
    "public:core-file": Access(ALL),
    "public:keys": Access(ALL),
    "public:keys-file": Access(ALL),
    "public:pdf-frame": Access(ALL, why="An empty room without an origin: what it shows, the page around it brings."),
    "public:alive": Access(ALL, why="for a balancer: the process answers"),
    "public:ready": Access(ALL, why="for a balancer: database, files and disk answer; else 503"),
    "public:preferences": Access(ALL, _ANSWERED),
    "public:style-guide": Access(ALL),
}
