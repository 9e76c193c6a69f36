"""What no case may hold, whoever hands it in: `decide` refuses it and `verify` finds it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from madang.core.callspec.model import Definition
from madang.core.deciding.case import Case
from madang.core.reasons import Reason


def contradictions(definition: Definition, case: Case) -> Iterator[Reason]:
    """A sheet in conflict, anything twice, rows about unknown applications or stages. Cost: linear in the rows."""
    named = Counter(application.id for application in case.applications)
    for name in (name for name, times in named.items() if times > 1):
        yield Reason("application_twice", {"application": name})
    known = set(named)
    barred = {(conflict.application, conflict.evaluator) for conflict in case.conflicts}
    seen: set[tuple[str, ...]] = set()
    for sheet in case.sheets:
        key = ("sheet", sheet.stage, sheet.application, sheet.evaluator)
        told = {"application": sheet.application, "evaluator": sheet.evaluator}
        if (sheet.application, sheet.evaluator) in barred:
            yield Reason("sheet_in_conflict", told)
        if key in seen:
            yield Reason("sheet_twice", told)
        if sheet.application not in known:
            yield Reason("row_about_unknown_application", {"application": sheet.application})
        seen.add(key)
    for (application, seat), times in Counter((v.application, v.seat) for v in case.votes).items():
        if times > 1:
            yield Reason("vote_twice", {"application": application, "seat": seat})
    about = [r.application for r in case.votes] + [r.application for r in case.checklist]
    for name in (*about, *(r.application for r in case.opinions)):
        if name not in known:
            yield Reason("row_about_unknown_application", {"application": name})
    stages = {stage.id for stage in definition.judged()}
    for name in sorted({sheet.stage for sheet in case.sheets} - stages - {""}):
        yield Reason("sheets_of_unknown_stage", {"stage": name})
