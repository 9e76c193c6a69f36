"""Who gets what at the addresses of a call's public answers."""

from typing import Final

from madang.web.access import ALL, Access

ACCESS: Final = {
    "public:questions": Access(get=ALL, thing="call"),
    "public:questions-file": Access(get=ALL, thing="call"),
}
