"""The form of a call: what is asked of whoever applies, field by field."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from madang.core.callspec.blocks import Block, Expr, Name, Text
from madang.core.problem import Exact, Items


class _Field(Block):
    id: Name
    label: Text
    help: Text | None = None
    required: bool | Expr = False
    when: Expr | None = None
    public: bool = False


class TextField(_Field):
    type: Literal["text", "long_text", "email", "url"]
    max_characters: Annotated[int, Field(ge=1, le=100_000)] | None = None
    max_words: Annotated[int, Field(ge=1, le=20_000)] | None = None


class NumberField(_Field):
    type: Literal["number"]
    decimals: Annotated[int, Field(ge=0, le=6)] = 0
    min: Exact | None = None
    max: Exact | None = None
    unit: Text | None = None


MoneyUnit = Literal["one", "thousand", "million", "eok", "billion"]
WON_PER_UNIT: dict[str, int] = {"one": 1, "thousand": 10**3, "million": 10**6, "eok": 10**8, "billion": 10**9}


class MoneyField(_Field):
    """An amount; shown and typed in `unit`, held in won."""

    type: Literal["money"]
    currency: Literal["KRW"] = "KRW"
    unit: MoneyUnit = "million"


class YesNoField(_Field):
    type: Literal["yes_no"]


class Option(Block):
    id: Name
    label: Text


class ChoiceField(_Field):
    """One (or `many`) of a classification set, or of options of its own."""

    type: Literal["choice"]
    set: Name | None = None
    options: Items[Option] = ()
    many: bool = False


class PlainField(_Field):
    type: Literal["country", "place", "date", "organisation"]


FILE_FORMATS = ("pdf", "hwpx", "hwp", "docx", "xlsx", "pptx", "odt", "ods", "odp", "png", "jpg", "zip")
"""What can be told apart by its content; office files with macros are none of these."""


class FileField(_Field):
    type: Literal["file"]
    formats: Items[Name] = ()
    max_mb: Annotated[int, Field(ge=1, le=2000)] | None = None


class RowsField(_Field):
    """Repeated rows, such as residents' goals or consortium members."""

    type: Literal["rows"]
    min: Annotated[int, Field(ge=0)] = 0
    max: Annotated[int, Field(ge=1, le=1000)] | None = None
    fields: Items[RowCell]


RowCell = Annotated[
    TextField | NumberField | MoneyField | YesNoField | ChoiceField | PlainField, Field(discriminator="type")
]
FormField = Annotated[
    TextField | NumberField | MoneyField | YesNoField | ChoiceField | PlainField | FileField | RowsField,
    Field(discriminator="type"),
]


class Section(Block):
    section: Name
    title: Text
    tracks: Items[Name] = ()
    fields: Items[FormField]


class Document(Block):
    id: Name
    label: Text
    required: bool | Expr = True
    formats: Items[Name] = ()
    max_mb: Annotated[int, Field(ge=1, le=2000)] | None = None


RowsField.model_rebuild()
Section.model_rebuild()
