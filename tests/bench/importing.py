"""`python -m tests.bench.importing`: a workbook of 5,000 applications handed in, previewed, taken in; the same again.

Seconds by the clock and of this process's own processor time: the first tell what an office waits on this machine with
whatever else it does, the second what it costs.
"""

from __future__ import annotations

import io
import os
import tempfile
import time
from collections.abc import Callable
from typing import Any

ROWS = int(os.environ.get("ROWS", "5000"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "MADANG_DATA": folder,
            "MADANG_DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "madang.site.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measure()


def measure() -> None:
    from madang.apps.applications import commands
    from madang.apps.applications.models import Application, Import
    from madang.kernel.actors import OFFICE
    from tests.factories.calls import published
    from tests.factories.imports import row, sheet

    call = published()
    content = sheet(*(row(n) for n in range(ROWS)))
    changed = sheet(*(row(n, **({"country": "XC"} if n % 10 == 0 else {})) for n in range(ROWS)))
    print(f"{'':34} {'s':>7} {'s of CPU':>9}   ({ROWS:,} rows, {len(content):,} bytes of XLSX)")

    def given(what: bytes) -> Import:
        return commands.hand_in_import(
            actor=OFFICE, call=call, name="list.xlsx", content=io.BytesIO(what), size=len(what)
        )

    def taken(imported: Import) -> Import:
        assert imported.seen_at is not None
        seen = imported.seen_at.isoformat()
        return commands.work_on(
            commands.confirm_import(actor=OFFICE, imported=imported, seen=seen, note={"en": "Bench"})
        )

    first = timed("handed in, preview", lambda: commands.work_on(given(content)))
    assert first.found["counts"]["new"] == ROWS, first.found
    done = timed("confirmed, taken in", lambda: taken(first))
    assert (done.state, Application.objects.count()) == ("done", ROWS)
    again = timed("the same file again, preview", lambda: commands.work_on(given(content)))
    assert again.found["counts"]["unchanged"] == ROWS
    other = timed("every tenth changed, preview", lambda: commands.work_on(given(changed)))
    assert other.found["counts"]["changed"] == ROWS // 10
    batch = timed("confirmed, taken in", lambda: taken(other)).batch
    timed("that batch undone", lambda: commands.undo_batch(actor=OFFICE, batch=batch, reason="bench"))
    assert Application.objects.filter(undone_at=None).count() == ROWS


def timed(name: str, work: Callable[[], Any]) -> Any:
    began, cpu = time.perf_counter(), time.process_time()
    found = work()
    print(f"{name:34} {time.perf_counter() - began:7.1f} {time.process_time() - cpu:9.1f}", flush=True)
    return found


if __name__ == "__main__":
    main()
