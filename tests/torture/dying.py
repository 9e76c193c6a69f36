"""A filing that is written whole, but for the end of its transaction: says "written", and waits to be killed.

`python -m tests.torture.dying DRAFT`, inside an installation.
"""

from __future__ import annotations

import sys


def main(uid: str) -> None:
    import django

    django.setup()
    from django.db import transaction

    from madang.apps.accounts.commands import actor_of
    from madang.apps.applications.commands import file_draft
    from madang.apps.applications.models import Draft
    from madang.kernel.clock import now

    draft = Draft.objects.get(uid=uid)
    with transaction.atomic():
        person = draft.started_by
        file_draft(actor=actor_of(person), draft=draft, seen_revision=draft.revision, arrived_at=now())
        print("written", flush=True)
        sys.stdin.read()
        raise SystemExit("it was to be killed")


if __name__ == "__main__":
    main(sys.argv[1])
