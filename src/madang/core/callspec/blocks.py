"""What every part of a call definition is made of: names, words, days, per cents, and a block that may be a sample."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from madang.core.problem import Exact, Items, Strict, day_text

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=80)]
"""An id inside a definition: small letters, digits, single hyphens or underscores."""

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Text = Annotated[dict[Language, Annotated[str, StringConstraints(min_length=1, max_length=4000)]], Field(min_length=1)]
"""Words in every language of the call: `{en: ..., ko: ...}`."""

Expr = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


def _moment(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?", text):
        raise ValueError("not_a_moment")
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("not_a_moment") from None
    return text


Day = Annotated[str, AfterValidator(day_text)]
"""`2021-04-20`, in the zone of the call."""
Moment = Annotated[str, AfterValidator(_moment)]
"""`2021-04-20 18:00`, wall time in the zone of the call; a day alone where no hour was published."""

Percent = Annotated[Exact, AfterValidator(lambda p: p if 0 <= p <= 100 else _refuse("not_a_percentage"))]


def _refuse(code: str) -> Any:
    raise ValueError(code)


class Block(Strict):
    """Any part of a definition; `sample` says that it, or some of its fields, were never published."""

    sample: bool | Items[str] = False

    @model_validator(mode="after")
    def _sample_names_fields(self) -> Block:
        if isinstance(self.sample, tuple):
            known = {field.alias or name for name, field in type(self).model_fields.items()}
            if unknown := [name for name in self.sample if name not in known and name not in ("hour",)]:
                raise PydanticCustomError("sample_names_unknown_field", "unknown field", {"field": unknown[0]})
        return self

    def is_sample(self, field: str) -> bool:
        return self.sample is True or (isinstance(self.sample, tuple) and field in self.sample)


class Clock(Block):
    """A legal period. `{days: 10, calendar: kr, count: business, first_day: excluded, stops_on: [supplement]}`.

    `rolls`: a period of calendar days that ends on a Saturday, Sunday or holiday ends on the next business day.
    """

    days: Annotated[int, Field(ge=1, le=3660)]
    calendar: Name = "kr"
    count: Literal["business", "calendar"] = "calendar"
    first_day: Literal["included", "excluded"] = "excluded"
    stops_on: Items[Name] = ()
    rolls: Literal["next_business_day", "none"] = "next_business_day"
