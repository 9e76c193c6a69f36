"""A column and a table as a plan speaks of them, and the columns that many tables share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from madang.core.callspec.asked import MoneyUnit
from madang.core.callspec.blocks import Text

Kind = Literal[
    "id",
    "text",
    "choice",
    "choices",
    "tags",
    "country",
    "date",
    "partial_date",
    "moment",
    "yes_no",
    "number",
    "score",
    "whole",
    "money",
]
NUMERIC: frozenset[Kind] = frozenset({"number", "score", "whole", "money"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `required` in the header; `filled` in every row."""

    id: str
    kind: Kind
    label: Text
    required: bool = False
    filled: bool = False
    options: tuple[str, ...] = ()  # none: any id, unless `known_set` names a known classification
    known_set: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    step: Decimal | None = None
    decimals: int = 6
    unit: MoneyUnit = "one"
    max_characters: int | None = None
    max_words: int | None = None


@dataclass(frozen=True, slots=True)
class TablePlan:
    """A table: `required` for a decision; `offered` as an empty table; `notes` allows `note:NAME` columns."""

    name: str
    title: Text
    columns: tuple[Column, ...]
    keys: tuple[str, ...]
    required: bool = False
    offered: bool = True
    notes: bool = False
    by_id: Mapping[str, Column] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {column.id: column for column in self.columns})


def said(en: str, ko: str) -> Text:
    return {"en": en, "ko": ko}


def application(*, required: bool = True) -> Column:
    return Column("application", "id", said("Application number", "신청번호"), required, filled=True)


def evaluator() -> Column:
    return Column("evaluator", "id", said("Evaluator", "평가위원"), required=True, filled=True)
