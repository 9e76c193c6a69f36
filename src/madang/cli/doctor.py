"""`madang doctor`: how the installation stands, on one page, and what to do about what does not stand well.

Exit 0: nothing is bad (there may be warnings). Exit 1: something is. `--json` gives the same for a watcher.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from madang.cli.installation import add_data, use_data

if TYPE_CHECKING:
    from madang.kernel.doctor import Finding

UNWELL: Final = 1


def add(parser: argparse.ArgumentParser) -> None:
    add_data(parser)
    parser.add_argument("--json", action="store_true", help="the findings as JSON")
    parser.add_argument("--language", choices=("ko", "en"))


def run(args: argparse.Namespace) -> int:
    from madang.cli.files import write_json
    from madang.cli.main import language
    from madang.words import say

    use_data(args)
    spoken = args.language or language()
    found = []
    for name, finding in _findings():
        told = say(finding.reason, spoken)
        if args.json:
            code, params = finding.reason.code, dict(finding.reason.params)
            found.append({"check": name, "state": finding.state, "code": code, "params": params, "words": told})
        else:
            head = say_head(name, finding.state, spoken)
            print(f"{head}{told}", flush=True)
            found.append({"state": finding.state})
    if args.json:
        write_json(found)
    return UNWELL if any(one["state"] == "bad" for one in found) else 0


def _findings() -> Iterator[tuple[str, Finding]]:
    """The machine first; the platform only where Django can be set up."""
    from madang.kernel.doctor import bad, examine, machine

    yield from examine(machine.CHECKS)
    try:
        import django

        django.setup()
        from madang.kernel.doctor import platform
    except Exception as error:  # whatever it is, it must be said here and not as a traceback
        yield "settings", bad("doctor_does_not_start", error=f"{type(error).__name__}: {error}"[:300])
        return
    yield from examine(platform.CHECKS)


def say_head(name: str, state: str, spoken: str) -> str:
    """`bad   database     `: two columns, also where letters are two columns wide."""
    from madang.cli.layout import pad
    from madang.core.reasons import Reason
    from madang.words import say

    how, what = Reason(f"doctor_is_{state}"), Reason(f"doctor_on_{name.replace(' ', '_')}")
    return pad(say(how, spoken), 6) + pad(say(what, spoken), 14)
