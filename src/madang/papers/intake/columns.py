"""Which column of the plan each title of a header means: its own name or label, what was chosen, or the nearest."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from madang.papers.columns import TablePlan
from madang.papers.lines import titles, unit_in
from madang.papers.refusal import shown
from madang.papers.tables import Table, letters

How = Literal["own", "chosen", "near", "none"]
_CLOSE: Final = 0.62
_SAMPLES: Final = 3
_ASIDE: Final = re.compile(r"\[[^\[\]]*\]|\([^()]*\)")
_NOISE: Final = re.compile(r"[\W_]+")

#: What offices and agencies call the general columns in sheets of their own.
_ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "application": (
        "접수번호", "관리번호", "신청서번호", "신청 번호", "reference", "reference number", "application no",
        "application id", "no", "id",
    ),
    "applicant": ("기관명", "신청인", "신청기관명", "지자체", "지자체명", "업체명", "도시", "applicant name", "city"),
    "organisation": ("고유식별자", "사업자번호", "사업자등록번호", "organisation id", "organization id"),
    "kind": ("기관구분", "기관유형", "organisation type", "kind of organization"),
    "track": ("유형", "구분", "사업유형", "공모유형", "type", "category"),
    "country": ("국가", "국가명", "국가코드", "country code", "nation"),
    "received": ("접수일", "접수일자", "접수일시", "제출일", "제출일시", "received", "submitted at", "date received"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Titled:
    """One title of a header. `column`: what it is read as, blank for nothing; `how`: why. `near` is only a proposal."""

    table: str
    title: str
    letter: str
    column: str
    how: How
    near: str = ""
    unit: str = ""
    samples: tuple[str, ...] = ()


def titled(name: str, table: Table, plan: TablePlan, chosen: Mapping[str, str]) -> list[Titled]:
    """Each title of a table's header with the column that it means."""
    own = titles(plan)
    found: list[Titled] = []
    taken = {column for title in table.header if (column := chosen.get(title) or _own(title, own, plan))}
    for index, title in enumerate(table.header):
        if not title:
            continue
        samples = tuple(
            shown(str(cells[index])) for _, cells in table.rows[:50] if index < len(cells) and cells[index] is not None
        )[:_SAMPLES]
        unit = unit_in(title) or ""
        if title in chosen:
            found.append(Titled(name, title, letters(index), chosen[title], "chosen", "", unit, samples))
        elif column := _own(title, own, plan):
            found.append(Titled(name, title, letters(index), column, "own", "", unit, samples))
        else:
            near = nearest_column(title, plan, taken)
            taken |= {near} - {""}
            found.append(Titled(name, title, letters(index), "", "near" if near else "none", near, unit, samples))
    return found


def _own(title: str, own: Mapping[str, str], plan: TablePlan) -> str:
    """The column that a title names by its id or label, with its unit or without."""
    if column := own.get(title.casefold()):
        return column
    bare = re.sub(r"\s*[\[(][^\[\]()]*[\])]$", "", title)
    column = own.get(bare.casefold(), "")
    return column if unit_in(title) and column and plan.by_id[column].kind == "money" else ""


def nearest_column(title: str, plan: TablePlan, taken: frozenset[str] | set[str]) -> str:
    """The column whose id, label (of any language) or usual name is most like the title; blank where none is."""
    given = _plain(title)
    if not given:
        return ""
    best, score = "", _CLOSE
    for column in plan.columns:
        if column.id in taken:
            continue
        for name in (column.id, *column.label.values(), *_ALSO.get(column.id, ())):
            plain = _plain(name)
            if plain == given:
                return column.id
            like = SequenceMatcher(None, given, plain).ratio()
            if like > score:
                best, score = column.id, like
    return best


def _plain(text: str) -> str:
    """Small letters and digits only, without what stands in brackets."""
    text = unicodedata.normalize("NFKC", _ASIDE.sub("", text)).casefold()
    return _NOISE.sub("", text)
