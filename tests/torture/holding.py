"""Takes the locks that a press needs, for random parts of a second, until a moment: `holding.py CALL UNTIL [SECONDS]`.

On SQLite the only pen; on PostgreSQL the rows of drafts and organisations of the call. With SECONDS: once, so long;
says "held" when it has them.
"""

from __future__ import annotations

import random
import sys
import time

LONGEST_S, PAUSE_S = 0.9, 0.2


def main(call: str, until: float, once_s: float) -> None:
    import django

    django.setup()
    chance = random.Random(18)
    while True:
        _held(call, once_s or chance.uniform(0.1, LONGEST_S))
        if once_s or time.time() > until:
            return
        time.sleep(chance.uniform(0, PAUSE_S))


def _held(call: str, seconds: float) -> None:
    from django.db import transaction

    from madang.apps.applications.models import Draft
    from madang.apps.directory.models import Organisation

    with transaction.atomic():
        drafts = list(Draft.objects.select_for_update().filter(call__slug=call).order_by("pk"))
        list(Organisation.objects.select_for_update().filter(drafts__in=drafts).order_by("pk"))
        print("held", flush=True)
        time.sleep(seconds)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else 0)
