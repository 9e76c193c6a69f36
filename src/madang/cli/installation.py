"""What commands that work on an installation share: its data folder, Django set up, words in the reader's language."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from madang.core.reasons import Reason


def add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", metavar="DIR", type=Path, help="data folder (MADANG_DATA, ./var)")


def use_data(args: argparse.Namespace) -> None:
    """From here on `--data` is what `MADANG_DATA` says, for this process and for those that it starts."""
    if args.data:
        os.environ["MADANG_DATA"] = str(args.data.expanduser().absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")


def set_up(args: argparse.Namespace) -> None:
    """The data folder, and Django with it."""
    use_data(args)
    import django

    django.setup()


def tell(reason: Reason) -> None:
    """One line, at once (who reads it may be another program)."""
    from madang.cli.main import language
    from madang.words import say

    print(say(reason, language()), flush=True)
