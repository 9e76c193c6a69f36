"""`madang role`: the SQL for a PostgreSQL role of the site's own, which adds to the journal and cannot change it.

Printed, never run: the owner of the tables runs it after each `migrate`, `madang role | psql "$OWNER_URL"`.
Exit 0: printed. Exit 1: refused, with the reason.
"""

from __future__ import annotations

import argparse
import os
import re


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--role", metavar="NAME", default="madang_site", help="the role's name (madang_site)")
    parser.add_argument("--language", choices=("ko", "en"))


def run(args: argparse.Namespace) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")
    import django

    django.setup()
    from django.db import connection

    from madang.cli.files import refuse
    from madang.core.reasons import Fault
    from madang.kernel.roles import sql

    if connection.vendor != "postgresql":
        refuse([Fault("role_needs_postgresql", "")], args.language)
        return 1
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", args.role):
        refuse([Fault("role_name", "")], args.language)
        return 1
    print(sql(args.role, database=connection.settings_dict["NAME"]), end="")
    return 0
