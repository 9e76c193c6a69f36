"""The stamp: the first thing that happens to a request, and nothing that a stranger says changes it."""

import datetime as dt
import subprocess
import sys
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from madang.web.arrival import arrived_at
from madang.web.door.asgi import ARRIVED_AT
from madang.web.door.proxies import LOCAL, OLDEST, Proxies, household, told_arrival, told_client
from tests.web.door_parts import NOON, Caller, Work, door, run, settled

PROXIED = Proxies(("192.0.2.0/24", "2001:db8::7", "unix"), arrival="X-Request-Start", client="X-Real-IP")
SECONDS = NOON.timestamp()


def ago(seconds: float) -> dt.datetime:
    return NOON - dt.timedelta(seconds=seconds)


def seen(**asked: Any) -> tuple[Work, Caller]:
    """One request through a door with proxies, as the application behind it sees it."""
    work = Work()

    async def sent() -> Caller:
        return await Caller(door(work, proxies=PROXIED), **asked).answered()

    return work, run(sent)


def test_the_moment_is_taken_before_the_body_comes_and_before_anything_waits() -> None:
    moments = iter([NOON, NOON + dt.timedelta(seconds=20)])
    work = Work()

    async def sent() -> None:
        asked = Caller(door(work, moment=lambda: next(moments)), "/x", method="POST", body=None, content_length="4")
        await settled()
        assert asked.scope[ARRIVED_AT] == NOON
        asked.give(b"slow")
        await asked.answered()

    run(sent)
    assert work.arrived == [NOON]
    assert next(moments) > NOON  # nobody asked the clock again


def test_a_view_reads_the_stamp() -> None:
    request: HttpRequest = RequestFactory().get("/")
    request.scope = {ARRIVED_AT: NOON}  # type: ignore[attr-defined]  # a request of an ASGI server has one
    assert arrived_at(request) == NOON


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (f"t={SECONDS - 2:.3f}", ago(2)),
        (f"{SECONDS - 2:.0f}", ago(2)),
        (f"t={SECONDS - 0.25:.6f}", ago(0.25)),
        (f"{(SECONDS - 2) * 1000:.0f}", ago(2)),
        (f"t={(SECONDS - 2) * 1_000_000:.0f}", ago(2)),
        (f"{SECONDS:.0f}", NOON),
        (f"{SECONDS - 60:.0f}", ago(60)),
        (f"{SECONDS - 61:.0f}", NOON),  # too far back
        (f"{SECONDS + 1:.0f}", NOON),  # in the future
        (f"{SECONDS - 9:.0f}, t={SECONDS - 2:.0f}", ago(2)),  # the latest of several
        (f"{SECONDS - 9:.0f}|{SECONDS - 2:.0f}", ago(2)),
        (f"{SECONDS - 9:.0f}, {SECONDS + 5:.0f}", NOON),
        ("", NOON),
        ("t=", NOON),
        ("yesterday", NOON),
        ("-5", NOON),
        ("1" * 400, NOON),
        ("t=1e9", NOON),
        ("١٧٦٤٤٧١٦٠٠", NOON),
    ],
)
def test_a_configured_proxy_is_believed_within_bounds(told: str, expected: dt.datetime) -> None:
    assert told_arrival([one.encode() for one in told.split("|")], NOON) == expected


def test_the_stamp_of_a_configured_proxy_counts_and_its_headers_go_no_further() -> None:
    work, asked = seen(x_request_start=f"t={SECONDS - 3:.0f}", x_real_ip="203.0.113.9", address="192.0.2.200")
    assert asked.status == 200
    assert work.arrived == [ago(3)]
    assert work.scopes[0]["client"] == ("203.0.113.9", 0)
    assert [name for name, _ in work.scopes[0]["headers"]] == [b"host"]


@pytest.mark.parametrize("address", ["198.51.100.1", "2001:db8::8", "::ffff:198.51.100.1", "nonsense", "127.0.0.1"])
def test_a_forged_header_of_anybody_else_changes_nothing(address: str) -> None:
    work, _ = seen(x_request_start=f"t={SECONDS - 30:.0f}", x_real_ip="203.0.113.9", address=address)
    assert work.arrived == [NOON]
    assert work.scopes[0]["client"] == (address, "1")
    assert [name for name, _ in work.scopes[0]["headers"]] == [b"host"]


@pytest.mark.parametrize("address", ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::7", ""])
def test_proxies_are_named_by_address_network_or_socket_file(address: str) -> None:
    work, _ = seen(x_request_start=f"{SECONDS - 3:.0f}", address=address)
    assert work.arrived == [ago(3)]


def test_without_named_proxies_only_this_machine_is_believed() -> None:
    local = Proxies(LOCAL, client="X-Real-IP")
    believed = [one for one in ("127.0.0.1", "127.8.8.8", "::1", "", "10.0.0.1", "192.0.2.1") if local.believes(one)]
    assert believed == ["127.0.0.1", "127.8.8.8", "::1", ""]
    assert not Proxies(("10.0.0.1",)).believes("127.0.0.1")


def test_a_press_that_a_proxy_kept_too_long_is_late() -> None:
    work, asked = seen(
        path="/applications/abc/file", method="POST", body=b"x=1", x_request_start=f"{SECONDS - 31:.0f}", address=""
    )
    assert (asked.status, work.began) == (408, [])


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("1.2.3.4, 203.0.113.9", "203.0.113.9"),  # the last entry is the proxy's own
        ("1.2.3.4|203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::5]:443", "2001:db8::5"),
        ("2001:db8::5", "2001:db8::5"),
        ("unknown", ""),
        ("", ""),
        ("203.0.113.9, ", ""),
    ],
)
def test_the_readers_address(told: str, expected: str) -> None:
    assert told_client([one.encode() for one in told.split("|")]) == expected


def test_one_household_of_ipv6_is_one_client() -> None:
    assert household("2001:db8:1:2::1") == household("2001:db8:1:2:ffff::9") != household("2001:db8:1:3::1")
    assert household("::ffff:192.0.2.1") == household("192.0.2.1") == "192.0.2.1"


def test_what_is_no_address_is_no_proxy() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        Proxies(("nonsense",))


def test_the_oldest_moment_believed_covers_the_time_of_a_press() -> None:
    assert dt.timedelta(seconds=30) < OLDEST


def test_the_door_runs_without_django() -> None:
    """Its core decides with nothing else around it."""
    modules = "asgi asked bodies known outer pages places plan proxies queue rules"
    code = "import sys\n" + "\n".join(f"import madang.web.door.{one}" for one in modules.split())
    code += "\nsys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
