"""A press report of all tables over 10,000 applications: begun, opened, written as papers, and packed.

A program of its own: it sets up Django on a database of its own. Each step once, in its order; charts are drawn
by a child, whose time is not in the processor's.
"""

from __future__ import annotations

import dataclasses
import os
import resource
import tempfile
import time
from collections.abc import Callable
from typing import Any, Final

LIMIT_S: Final = 10
SIZE: Final = 10_000


def main() -> None:
    """Prints a line for each step, and whether the report of all tables stays within the limit."""
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as home:
        os.environ |= {"MADANG_DATA": home, "DJANGO_SETTINGS_MODULE": "madang.site.settings"}
        os.environ.pop("DATABASE_URL", None)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        _measured()


def _measured() -> None:
    from madang.apps.review import commands, queries
    from madang.kernel.actors import OFFICE
    from madang.papers.press.model import LANGUAGES, TABLES
    from madang.papers.press.pack import file_of, pack
    from madang.papers.press.tables import tables_of

    call = _loaded()
    begin = lambda: commands.start_press_report(actor=OFFICE, call=call, tables=TABLES)  # noqa: E731 - in one line
    report = _timed("begin: count, propose, save", begin)
    opened = queries.opened(report)
    assert opened is not None
    _timed("open: count again, check both texts", opened.marks)
    _timed("every table in both languages", lambda: [tables_of(opened.counts, TABLES, tag) for tag in LANGUAGES])
    _timed("PDF, with every chart", lambda: file_of(opened.paper, "ko", "pdf"))
    _timed("HWPX", lambda: file_of(opened.paper, "ko", "hwpx"))
    _timed("XLSX", lambda: file_of(opened.paper, "ko", "xlsx"))
    whole = _timed("the pack for four sites", lambda: pack(opened.paper), told=True)
    print(f"limit {LIMIT_S} s for a report of all tables: {'reached' if whole <= LIMIT_S else 'missed'}")


def _loaded() -> Any:
    """The 2021 round with as many applications as asked, in the shares of the release."""
    from madang.apps.applications.commands import receive_from_folder
    from madang.kernel import clock
    from madang.kernel.actors import DEMO
    from madang.papers import folder, library
    from tests.factories.press import EXAMPLE, RELEASED, kcity

    path = library.example(EXAMPLE)
    assert path is not None
    found = folder.read(path, for_decision=False).case
    many = tuple(
        dataclasses.replace(found.applications[n % len(found.applications)], id=f"B{n:05}", organisation=f"org-{n}")
        for n in range(SIZE)
    )
    call = kcity(received=False)
    with clock.at(RELEASED):
        receive_from_folder(actor=DEMO, call=call, case=dataclasses.replace(found, applications=many))
    return call


def _timed(name: str, work: Callable[[], Any], *, told: bool = False) -> Any:
    """What the work gives; where `told`, how many seconds it took."""
    began, used = time.perf_counter(), _used_s()
    found = work()
    took = time.perf_counter() - began
    print(f"{name:40} {took:6.2f} s  {_used_s() - used:6.2f} s of processor time")
    return took if told else found


def _used_s() -> float:
    """Processor seconds of this process, and of its children that have ended."""
    whole = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in whole)


if __name__ == "__main__":
    main()
