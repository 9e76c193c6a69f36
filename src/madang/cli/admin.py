"""`madang admin EMAIL`: makes somebody an administrator, from the machine's console. For the first one, above all.

Who sits at the console may do what administrators may; the journal says that it was done there. Exit 0: done, or done
before. Exit 1: refused, with the reason.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("email", metavar="EMAIL", help="whose account; it is made where there is none")
    parser.add_argument("--end", action="store_true", help="end the role instead")
    parser.add_argument("--data", metavar="DIR", type=Path, help="data folder (MADANG_DATA, ./var)")


def run(args: argparse.Namespace) -> int:
    if args.data:
        os.environ["MADANG_DATA"] = str(args.data.expanduser().absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")
    import django

    django.setup()
    from madang.cli.files import refuse
    from madang.core.reasons import Fault
    from madang.kernel.commands import Refused

    try:
        print(_end(args.email) if args.end else _make(args.email))
    except Refused as refused:
        refuse([Fault(reason.code, "", reason.params) for reason in refused.reasons], None)
        return 1
    return 0


def _make(email: str) -> str:
    from madang.apps.accounts.commands import grant_role, register_person
    from madang.apps.accounts.enums import Role
    from madang.apps.accounts.queries import by_email
    from madang.kernel.actors import OFFICE

    was_there = by_email(email) is not None
    person = register_person(actor=OFFICE, email=email)
    if person.holds(Role.ADMINISTRATOR):
        return f"{person.email} is an administrator already. Nothing changed."
    grant_role(actor=OFFICE, person=person, role=Role.ADMINISTRATOR)
    made = "has an account, which" if was_there else "got an account without a password, which"
    return (
        f"{person.email} {made} is an administrator now. The journal says: by the office's console.\n"
        "Sign in at /account/login/ with this address; a code comes by mail (the worker must run)."
    )


def _end(email: str) -> str:
    from madang.apps.accounts.commands import end_role
    from madang.apps.accounts.enums import Role
    from madang.apps.accounts.queries import by_email
    from madang.core.reasons import Reason
    from madang.kernel.actors import OFFICE
    from madang.kernel.commands import Refused

    person = by_email(email)
    if person is None:
        raise Refused([Reason("no_such_person", {"email": email[:80]})])
    held = [grant for grant in person.held if grant.role == Role.ADMINISTRATOR]
    for grant in held:
        end_role(actor=OFFICE, grant=grant)
    return f"{person.email} is no administrator{' any more' if held else ': nothing changed'}."
