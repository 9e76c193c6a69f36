"""Which peers are our own proxies, and what is believed of what they say: the reader's address, the moment of arrival.

Whoever else sends these headers changes nothing by them.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

logger = logging.getLogger(__name__)
Network = IPv4Network | IPv6Network

UNIX: Final = "unix"
"""In a list of proxies: whoever comes over a socket file, which has no address."""
LOCAL: Final = ("127.0.0.0/8", "::1", UNIX)
"""Who is believed where no proxies are named: programs of this machine."""
OLDEST: Final = dt.timedelta(seconds=60)
"""A moment that lies further back is not believed: no honest proxy keeps a request that long before it passes it on."""
_MOMENT: Final = re.compile(rb"(?:t=)?(?:(\d{10})(?:\.(\d{1,9}))?|(\d{13})|(\d{16}))")
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Proxies:
    """The operator's proxies. `arrival` and `client` are names of headers in small letters; blank: none is used."""

    def __init__(self, named: Sequence[str], *, arrival: str = "", client: str = "") -> None:
        """Raises `ValueError` for what is neither an address, nor a network, nor `unix`."""
        self._local = UNIX in named
        self._networks = tuple(ip_network(one, strict=False) for one in named if one != UNIX)
        self.arrival, self.client = arrival.strip().lower().encode(), client.strip().lower().encode()
        self._noted = False

    def believes(self, peer: str) -> bool:
        """Whether this peer (blank: over a socket file) is one of them."""
        return _within(peer, self._networks) if peer else self._local

    def note(self, peer: str) -> None:
        """Somebody else sent a header of a proxy: said once, so that an operator finds a proxy that was not named."""
        if not self._noted:
            self._noted = True
            logger.warning("A header of a proxy came from %s: not believed (MADANG_PROXIES)", peer or UNIX)


@lru_cache(maxsize=4096)
def _within(peer: str, networks: tuple[Network, ...]) -> bool:
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return any(address.ipv4_mapped in one for one in networks if one.version == 4)
    return any(address in one for one in networks if one.version == address.version)


def told_arrival(values: Sequence[bytes], stamp: dt.datetime) -> dt.datetime:
    """The moment that a proxy told, else our own `stamp`: also where it lies in the future or too far back.

    Seconds (with decimals), milliseconds or microseconds since 1970, with or without `t=` before them. Where several
    stand there, the latest: a sender cannot win time by a header of their own that a proxy only adds to.
    """
    latest = None
    for value in values:
        for part in value.split(b","):
            moment = _moment(part.strip())
            if moment is not None and (latest is None or moment > latest):
                latest = moment
    return latest if latest is not None and stamp - OLDEST <= latest <= stamp else stamp


def _moment(text: bytes) -> dt.datetime | None:
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    seconds, decimals, milliseconds, microseconds = found.groups()
    if seconds:
        whole = int(seconds) * 10**6 + int((decimals or b"0").ljust(6, b"0")[:6])
    else:
        whole = int(milliseconds) * 1000 if milliseconds else int(microseconds)
    return _EPOCH + dt.timedelta(microseconds=whole)


def told_client(values: Sequence[bytes]) -> str:
    """The reader's address that a proxy told; blank where it is none. Of a list the last: the proxy's own entry."""
    last = values[-1].split(b",")[-1].strip().decode("latin-1") if values else ""
    if last.startswith("["):  # [2001:db8::1]:443
        last = last[1:].partition("]")[0]
    elif last.count(":") == 1:  # 192.0.2.1:443
        last = last.partition(":")[0]
    try:
        return str(ip_address(last))
    except ValueError:
        return ""


@lru_cache(maxsize=4096)
def household(address: str) -> str:
    """Whose turn it is where nobody is signed in: an address; of IPv6 its /64, which one line has to itself."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False).network_address)
    return str(found)
