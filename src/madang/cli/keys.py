"""`madang keys list|publish|rotate|revoke`: the office's signing keys and the list of them that it publishes.

Exit 0: done. Exit 1: refused, with the reason (not confirmed, another process at work, no such key). Exit 2: a key or
list cannot be read.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from madang.core.reasons import Fault, Malformed, Reason

if TYPE_CHECKING:
    from madang.core.record.keylist import KeyList

REFUSED = 1
_REFUSALS = frozenset(
    {
        "keys_busy",
        "keys_day_before",
        "keys_not_published",
        "keys_revoked_already",
        "keys_several_match",
        "keys_unknown_key",
        "keys_unconfirmed_revoke",
        "keys_unconfirmed_rotate",
        "keys_day_ahead",
    }
)


def add(parser: argparse.ArgumentParser) -> None:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", metavar="DIR", type=Path, help="data folder with the keys")
    shared.add_argument("--language", choices=("ko", "en"))
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", parents=[shared], help="show the published keys and their days")
    publish = actions.add_parser("publish", parents=[shared], help="write the key list, made on first use")
    publish.add_argument("--from", dest="day", metavar="DAY", type=_day, help="first day of the first key (today)")
    publish.add_argument("--out", metavar="FILE", type=Path, help="where the list goes; standard output without")
    rotate = actions.add_parser("rotate", parents=[shared], help="replace the signing key by a new one")
    revoke = actions.add_parser("revoke", parents=[shared], help="mark a leaked key: its later signatures do not count")
    revoke.add_argument("key", metavar="KEY", help="the key, or at least its first 8 digits")
    revoke.add_argument("--from", dest="day", metavar="DAY", type=_day, help="from which day on it does not count")
    revoke.add_argument("--reason", required=True, help="published with the list")
    for action in (rotate, revoke):
        action.add_argument("--yes", action="store_true", help="do it; without, only say what would be done")


def run(args: argparse.Namespace) -> int:
    from madang.cli.files import refuse
    from madang.kernel.keys import KeyUnusable

    actions = {"list": _list, "publish": _publish, "rotate": _rotate, "revoke": _revoke}
    try:
        actions[args.action](args)
    except Malformed as malformed:
        code = refuse(malformed.faults, args.language)
        return REFUSED if all(fault.code in _REFUSALS for fault in malformed.faults) else code
    except KeyUnusable as error:
        return refuse([Fault("key_unusable", "", {"problem": str(error)})], args.language)
    except OSError as error:
        place = str(error.filename or "")
        return refuse([Fault("file_not_written", place, {"system": error.strerror or str(error)})], args.language)
    return 0


def _list(args: argparse.Namespace) -> None:
    _tell(args, _published(args))


def _publish(args: argparse.Namespace) -> None:
    from madang.cli.files import write_text
    from madang.kernel import keyring

    text = keyring.publish(args.day or _today(), folder=_folder(args)).text()
    if args.out:
        write_text(text, args.out)
        _say(args, Reason("keys_published", {"file": str(args.out)}))
    else:
        sys.stdout.write(text)


def _rotate(args: argparse.Namespace) -> None:
    from madang.kernel import keyring

    if not args.yes:
        raise Malformed([Fault("keys_unconfirmed_rotate", "", {"key": _published(args).keys[-1].key})])
    listed = keyring.rotate(_today(), folder=_folder(args))
    _say(args, Reason("keys_rotated", {"key": listed.keys[-1].key, "old": listed.keys[-2].key}))
    _tell(args, listed)


def _revoke(args: argparse.Namespace) -> None:
    from madang.kernel import keyring

    listed, today = _published(args), _today()
    key, day = _chosen(listed, args.key), args.day or today
    if day > today:
        raise Malformed([Fault("keys_day_ahead", "--from")])
    if not args.yes:
        raise Malformed([Fault("keys_unconfirmed_revoke", "", {"key": key, "day": day.isoformat()})])
    listed = keyring.revoke(key, day, args.reason.strip(), today=today, folder=_folder(args))
    _say(args, Reason("keys_revoked_now", {"key": key, "day": day.isoformat()}))
    _tell(args, listed)


def _published(args: argparse.Namespace) -> KeyList:
    """The list as it stands; raises `Malformed` where none was published yet."""
    from madang.core.record.keylist import read_keys
    from madang.kernel import keyring

    text = keyring.published(folder=_folder(args))
    if text is None:
        raise Malformed([Fault("keys_not_published", "")])
    return read_keys(text)


def _chosen(listed: KeyList, start: str) -> str:
    start = "".join(start.split()).lower()
    found = [entry.key for entry in listed.keys if entry.key.startswith(start)] if len(start) >= 8 else []
    if len(found) != 1:
        code = "keys_several_match" if found else "keys_unknown_key"
        raise Malformed([Fault(code, "", {"key": start})])
    return found[0]


def _tell(args: argparse.Namespace, listed: KeyList) -> None:
    from madang.core.record.keylist import listed as lines

    for line in lines(listed):
        _say(args, Reason(f"keys_line_{line['state']}", line))


def _say(args: argparse.Namespace, reason: Reason) -> None:
    from madang.cli.main import language
    from madang.words import say

    print(say(reason, args.language or language()))


def _folder(args: argparse.Namespace) -> Path | None:
    return args.data.expanduser().absolute() / "keys" if args.data else None


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _today() -> dt.date:
    """The day on this machine: an office's keys change on its own calendar."""
    from madang.kernel import clock

    return clock.now().astimezone().date()
