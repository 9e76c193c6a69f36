"""What an import would do, as JSON for the screen: counts, the first of each list, totals before and after."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

from madang.apps.applications.commands.import_reading import Compared, Line
from madang.apps.applications.queries import reception
from madang.apps.calls.models import Call
from madang.core.callspec import Definition
from madang.core.deciding.case import Application, Case
from madang.core.reasons import Fault
from madang.core.statistics import of_call
from madang.papers import classifications
from madang.papers.intake.columns import Titled

MOST_LISTED: Final = 100
"""Of each list; the counts tell how many there are."""
TABLES: Final = ("by_type", "by_region", "by_country")

Answers = Callable[[str], bool]
"""Whether whoever imports answers for a type."""


def preview_of(call: Call, definition: Definition, found: Compared, answers: Answers) -> dict[str, Any]:
    """Everything that the screen shows before it is confirmed. Linear in the applications of the call."""
    late = [line for line in found.new if is_late(call, definition, line.application)]
    files = [(line, file) for line in found.taken for file in line.files]
    counts = {
        "rows": len(found.new) + len(found.changed) + len(found.unchanged) + len(found.conflicts),
        "new": len(found.new),
        "changed": len(found.changed),
        "unchanged": len(found.unchanged),
        "conflicts": len(found.conflicts),
        "alike": len(found.alike),
        "late": len(late),
        "files": len(files),
        "left": len(found.left),
    }
    return {
        "counts": counts,
        "new": _lines(found.new),
        "changed": _lines(found.changed),
        "conflicts": _lines(found.conflicts),
        "alike": [[*_line(line), other] for line, other in found.alike[:MOST_LISTED]],
        "late": _lines(late),
        "files": [[file.path, line.application.id, file.key] for line, file in files[:MOST_LISTED]],
        "left": [one.path for one in found.left[:MOST_LISTED]],
        "without_files": sum(1 for line in found.new if not line.files) if files else 0,
        "remarks": [as_json(fault) for fault in found.remarks],
        "columns": columns_of(found.titles),
        "totals": _totals(call, definition, found, answers),
    }


def columns_of(titles: Sequence[Titled]) -> list[dict[str, Any]]:
    return [asdict(one) | {"samples": list(one.samples)} for one in titles]


def as_json(fault: Fault) -> list[Any]:
    return [fault.code, fault.at, dict(fault.params)]


def is_late(call: Call, definition: Definition, one: Application) -> bool:
    """Whether it says that it was received after the end of the call."""
    closes = definition.schedule.closes
    return bool(one.received and closes is not None and one.received[:19] > _comparable(closes.at, one.received))


def _comparable(closes: str, received: str) -> str:
    """The end as the received moment is written: a day alone counts until its end."""
    return (
        closes[:10] if len(received) <= 10 else f"{closes[:16]}:00" if len(closes) >= 16 else f"{closes[:10]} 23:59:59"
    )


def _lines(lines: Iterable[Line]) -> list[list[Any]]:
    return [_line(line) for line in list(lines)[:MOST_LISTED]]


def _line(line: Line) -> list[Any]:
    return [line.application.id, line.application.applicant, line.row, list(line.fields)]


def _totals(call: Call, definition: Definition, found: Compared, answers: Answers) -> dict[str, Any]:
    """Cases by type, region and country, before and after; of the types that the person answers for."""
    now = reception(call)
    tracks = {one.track for one in now.applications} | {line.application.track for line in found.taken}
    mine = {track for track in tracks if answers(track)}
    before = [one for one in now.applications if one.track in mine]
    over = {line.application.id for line in found.changed}
    after = [one for one in before if one.id not in over] + [line.application for line in found.taken]
    sample = call.is_sample or now.sample
    sets = classifications.for_call(definition.classifications, sample=sample)
    counted = [of_call(definition, Case(tuple(rows), sample=sample), sets) for rows in (before, after)]
    totals: dict[str, Any] = {"cases": [one["total"]["cases"] for one in counted]}
    totals["countries"] = [one["total"]["countries"] for one in counted]
    for table in TABLES:
        rows: dict[str, Counter[int]] = {}
        for place, one in enumerate(counted):
            for row in one[table]:
                rows.setdefault(row["id"], Counter())[place] += row["cases"]
        totals[table] = [[id_, row[0], row[1]] for id_, row in rows.items()]
    return totals
