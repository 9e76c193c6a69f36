"""`madang outage list|add`: the log of our own outages, to which a late admission can refer.

Most are noticed by the platform itself. What it cannot notice (the line, the house's network) is entered here, with its
reason; the journal says that it was done at the console. Exit 0: done. 1: refused, with the reason.
"""

from __future__ import annotations

import argparse
import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from madang.cli.installation import add_data, set_up, tell
from madang.core.reasons import Fault, Reason

if TYPE_CHECKING:
    from madang.kernel.outages import Outage


def add(parser: argparse.ArgumentParser) -> None:
    shared = argparse.ArgumentParser(add_help=False)
    add_data(shared)
    shared.add_argument("--zone", default="Asia/Seoul", type=ZoneInfo, help="the zone of times (Asia/Seoul)")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listed = actions.add_parser("list", parents=[shared], help="show outages, the latest last")
    listed.add_argument("--since", metavar="TIME", help="only those that ended after this")
    entered = actions.add_parser("add", parents=[shared], help="enter an outage that could not be noticed")
    entered.add_argument("--from", dest="began", required=True, metavar="TIME", help="2026-12-01T17:20")
    entered.add_argument("--to", dest="ended", required=True, metavar="TIME")
    entered.add_argument("--reason", required=True, help="shown to whoever may rely on it; no names of people")


def run(args: argparse.Namespace) -> int:
    set_up(args)
    from madang.cli.files import refuse
    from madang.kernel.actors import OFFICE
    from madang.kernel.commands import Refused
    from madang.kernel.outages import Outage, enter_outage

    try:
        if args.action == "add":
            began, ended = _moment(args.began, args.zone), _moment(args.ended, args.zone)
            outage = enter_outage(actor=OFFICE, began_at=began, ended_at=ended, reason=args.reason)
            tell(Reason("outage_entered", {"uid": outage.uid}))
            return 0
        rows = Outage.objects.all()
        if args.since:
            rows = rows.filter(ended_at__gte=_moment(args.since, args.zone))
    except Refused as refused:
        refuse([Fault(reason.code, "", reason.params) for reason in refused.reasons], None)
        return 1
    found = list(rows)
    for outage in found:
        _show(outage, args.zone)
    if not found:
        tell(Reason("outages_none"))
    return 0


def _show(outage: Outage, zone: ZoneInfo) -> None:
    began, ended = outage.began_at.astimezone(zone), outage.ended_at.astimezone(zone)
    seconds = round((ended - began).total_seconds())
    told = {
        "began": f"{began:%Y-%m-%d %H:%M:%S}",
        "ended": f"{ended:%Y-%m-%d %H:%M:%S}",
        "length": str(dt.timedelta(seconds=seconds)),
        "more": outage.reason or outage.detail or "-",
        "uid": outage.uid,
    }
    tell(Reason(f"outage_line_{outage.kind}", told))


def _moment(text: str, zone: ZoneInfo) -> dt.datetime:
    """ISO 8601; without an offset it is in the zone. Raises `Refused`."""
    from madang.kernel.commands import Refused

    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise Refused([Reason("outage_time_unreadable", {"time": text[:40]})]) from None
    return found if found.tzinfo else found.replace(tzinfo=zone)
