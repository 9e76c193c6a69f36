"""`madang bounces`: reads mails that came back, and marks ours. From standard input, files, or a Maildir.

For a mail server's alias (`|madang bounces`). Exit 0, whatever was read: a mail server that is told of a fault here
would send back what came back. Exit 2: a file cannot be read.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="mails that came back (standard input)")
    parser.add_argument("--maildir", metavar="DIR", type=Path, help="read what is new in this Maildir instead")
    parser.add_argument("--data", metavar="DIR", type=Path, help="data folder (MADANG_DATA, ./var)")


def run(args: argparse.Namespace) -> int:
    if args.data:
        os.environ["MADANG_DATA"] = str(args.data.expanduser().absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")
    import django

    django.setup()
    from madang.apps.outbox.tasks import read_maildir, take_report
    from madang.kernel.actors import OFFICE
    from madang.kernel.mail.bounces import MOST_BYTES

    found = 0
    try:
        if args.maildir:
            told = list(read_maildir(args.maildir, actor=OFFICE))
        elif args.files:
            raw = [path.read_bytes()[:MOST_BYTES] for path in args.files]
            told = [one for mail in raw for one in take_report(mail, actor=OFFICE)]
        else:
            told = list(take_report(sys.stdin.buffer.read(MOST_BYTES), actor=OFFICE))
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    for bounce, ours in told:
        found += ours
        print(f"{bounce.uid} {bounce.status}" + ("" if ours else ": no mail of ours"))
    print(f"{found} marked as come back")
    return 0
