"""`python -m tests.bench.desk [ROUNDS]`: the office's lists at 100 and at 10,000 applications, and the desk.

One process, a database of its own, Django's client: what is measured is the server's work for a page, without a line
or a door. Rounds are interleaved. Limits: 12 statements, 60 ms of processor for 50 rows, 10,000 applications at most
1.5 times as long as 100, the desk's 95th percentile under 300 ms.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import median, quantiles
from typing import Any

SIZES = (100, 10_000)
MOST_QUERIES, MOST_CPU_MS, MOST_RATIO, MOST_DESK_MS = 12, 60, 1.5, 300
LISTS = {
    "the list": {},
    "sorted by applicant": {"sort": "applicant"},
    "in review, nobody's": {"q": "status:open officer:none"},
    "a country, a type": {"q": "country:XA track:plan"},
    "a word": {"q": '"Aram 77"'},
    "a paper is missing": {"q": "missing:plan track:plan"},
    "an amount": {"q": "requested:>=100m", "columns": "requested,officer"},
    "the last page": {"page": "999"},
}


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory(prefix="madang-desk-") as folder:
        os.environ |= {
            "MADANG_DATA": folder,
            "MADANG_DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "madang.site.settings",
        }
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        client = _world()
        print(f"{'':24}{'statements':>11}{'100: ms CPU':>13}{'10,000: ms CPU':>16}{'ratio':>7}")
        for name, asked in LISTS.items():
            _tell(name, *_list(client, asked, rounds))
        _desk(client, rounds)


def _world() -> Any:
    """Two calls with 100 and 10,000 applications, half of them handled, a third passed; a signed-in officer."""
    from django.test import Client

    from madang.apps.accounts.commands import actor_of
    from madang.apps.applications.commands import receive_from_folder
    from madang.apps.applications.models import Application
    from madang.apps.review.commands import assign_officers
    from madang.apps.review.models import Handling
    from madang.kernel.actors import DEMO
    from tests.factories.applications import case
    from tests.factories.desk import MORE
    from tests.factories.enquiries import call_with_desks
    from tests.factories.people import person

    officer = person("officer", role="officer", programme="sample-programme", language="en")
    for size in SIZES:
        call = call_with_desks(f"sample-call-{size}", more=MORE)
        receive_from_folder(actor=DEMO, call=call, case=case(*range(size)))
        keys = list(Application.objects.filter(call=call).order_by("pk").values_list("dossier_id", flat=True))
        assign_officers(actor=actor_of(officer), dossiers=keys[::2], officer=officer)
        Handling.objects.filter(dossier__in=keys[:: len(keys) // 33]).update(state="passed")
    client = Client(headers={"host": "localhost", "accept-language": "en"})
    client.force_login(officer)
    return client


def _list(client: Any, asked: dict[str, str], rounds: int) -> tuple[int, list[float], list[float]]:
    """The most statements, and milliseconds of processor of every round at each size."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    pages: list[Callable[[], Any]] = [
        lambda size=size: client.get(f"/office/applications/calls/sample-call-{size}", asked) for size in SIZES
    ]
    counted = []
    for page in pages:
        page()
        with CaptureQueriesContext(
            connection,
        ) as said:
            assert page().status_code == 200
        counted.append(len(said))
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for times, page in zip(took, pages, strict=True):
            began = time.process_time()
            page()
            times.append((time.process_time() - began) * 1000)
    return max(counted), *took


def _tell(name: str, statements: int, few: list[float], many: list[float]) -> None:
    ratio = median(many) / median(few)
    held = statements <= MOST_QUERIES and median(many) <= MOST_CPU_MS and ratio <= MOST_RATIO
    said = "reached" if held else "NOT reached"
    print(f"{name:24}{statements:>11}{median(few):>13.1f}{median(many):>16.1f}{ratio:>7.2f}  {said}")


def _desk(client: Any, rounds: int) -> None:
    client.get("/office/applications")
    took, worked = [], []
    for _ in range(max(rounds, 20)):
        began, at_work = time.perf_counter(), time.process_time()
        assert client.get("/office/applications").status_code == 200
        took.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - at_work) * 1000)
    p95 = quantiles(took, n=20)[-1]
    said = "reached" if p95 < MOST_DESK_MS else "NOT reached"
    print(
        f"{'the desk':24}median {median(took):.0f} ms, p95 {p95:.0f} ms, of processor {median(worked):.0f} ms  {said}"
    )


if __name__ == "__main__":
    main()
