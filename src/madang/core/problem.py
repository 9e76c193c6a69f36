"""The common ground of every `madang solve` kind: reading a problem strictly, and the frame of a result.

Source: `docs/formats/solve.md`. A problem is JSON; a malformed one is refused with every fault and its JSON pointer.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, TypeVar, get_args

import pydantic
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError, core_schema

from madang.core.json_places import line_of_duplicate, line_of_token
from madang.core.reasons import Fault, Malformed, Param, Reason

#: The largest integer that every JSON reader holds exactly (RFC 8785 and RFC 7493).
LARGEST = 2**53
DECIMALS = 6


_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]+)?")


def day_text(text: str) -> str:
    """A day of the calendar as `2021-04-20`; raises `ValueError`."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError("not_a_day")
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError("not_a_day") from None
    return text


class Status(StrEnum):
    OPTIMAL = "optimal"  # proven
    FEASIBLE = "feasible"  # found, with a bound
    INFEASIBLE = "infeasible"  # proven that no answer keeps the rules
    UNKNOWN = "unknown"  # time ended without an answer
    UNDETERMINED = "undetermined"  # the published rules do not settle it
    COMPUTED = "computed"  # nothing is optimised


def _exact(value: object) -> Decimal:
    """An int, a Decimal or decimal text with at most six decimals; never a binary float, an infinity or a NaN."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError("not_a_number")
    if isinstance(value, str) and not _PLAIN_NUMBER.fullmatch(value):
        raise ValueError("not_a_number")
    try:
        number = Decimal(value)
    except ArithmeticError:
        raise ValueError("not_a_number") from None
    if not number.is_finite():
        raise ValueError("not_a_number")
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    if -exponent > DECIMALS and number != number.quantize(Decimal(1).scaleb(-DECIMALS)):
        raise ValueError("too_many_decimals")
    if number > LARGEST:
        raise PydanticCustomError("too_large", "{le}", {"le": LARGEST})
    if number < -LARGEST:
        raise PydanticCustomError("too_small", "{ge}", {"ge": -LARGEST})
    return number


Exact = Annotated[
    Decimal,
    BeforeValidator(_exact),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d+(\.\d{1,6})?$"}]}),
]
"""A score: a JSON number or decimal text with at most six decimals, held exactly."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Won = Annotated[int, Field(ge=0, le=LARGEST)]
BasisPoints = Annotated[int, Field(ge=0, le=10_000)]
Seed = Annotated[int, Field(ge=0, le=LARGEST)]


class Strict(BaseModel):
    """A frozen part of a problem or result: unknown fields are an error, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Problem(Strict):
    """What every problem has besides its own fields."""

    version: Annotated[int, Field(ge=1, le=1)]
    seed: Seed = 1


T = TypeVar("T")
Items = Annotated[tuple[T, ...], pydantic.Strict(False)]
"""A JSON list, held as a tuple."""

M = TypeVar("M", bound=BaseModel)


def pointer(path: Iterable[str | int]) -> str:
    """RFC 6901: `("sheets", 3, "scores")` -> `/sheets/3/scores`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def read_json(text: str) -> Any:
    """JSON to Python without losing anything: decimals stay exact; a repeated key, NaN or huge integer is refused.

    Raises `Malformed`, its fault at `line N`. Cost: linear in the text.
    """

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            seen: set[str] = set()
            for key, _ in items:
                if key in seen:
                    raise Malformed([Fault("duplicate_key", line_of_duplicate(text), {"key": key})])
                seen.add(key)
        return found

    def constant(name: str) -> Any:
        raise Malformed([Fault("constant_not_a_number", line_of_token(text, name), {"given": name})])

    def integer(digits: str) -> int:
        if len(digits) > 17 or abs(int(digits)) > LARGEST:
            raise Malformed([Fault("integer_too_large", line_of_token(text, digits), {"given": digits[:40]})])
        return int(digits)

    try:
        return json.loads(
            text, object_pairs_hook=pairs, parse_constant=constant, parse_int=integer, parse_float=Decimal
        )
    except json.JSONDecodeError as error:
        raise Malformed([Fault("not_json", f"line {error.lineno}, column {error.colno}")]) from None
    except RecursionError:
        raise Malformed([Fault("nested_too_deeply", "")]) from None


#: pydantic's error types -> our codes; what is not here keeps a general code with pydantic's message.
_CODES = {
    "missing": "missing_field",
    "extra_forbidden": "unknown_field",
    "string_type": "not_text",
    "string_too_short": "empty_text",
    "string_too_long": "text_too_long",
    "int_type": "not_an_integer",
    "int_from_float": "not_an_integer",
    "bool_type": "not_yes_or_no",
    "too_short": "list_too_short",
    "too_long": "list_too_long",
    "list_type": "not_a_list",
    "tuple_type": "not_a_list",
    "dict_type": "not_a_map",
    "model_type": "not_a_map",
    "model_attributes_type": "not_a_map",
    "greater_than_equal": "too_small",
    "greater_than": "too_small_beyond",
    "less_than_equal": "too_large",
    "less_than": "too_large_beyond",
    "literal_error": "not_one_of",
    "enum": "not_one_of",
    "union_tag_invalid": "not_one_of",
    "union_tag_not_found": "missing_field",
}


_PYDANTIC = frozenset(get_args(core_schema.ErrorType))


def faults_of(error: ValidationError, data: object = None) -> list[Fault]:
    """Every fault of a refused model, with its JSON pointer; `data` lets steps that are pydantic's own be left out."""
    faults = []
    for item in error.errors(include_url=False):
        context = item.get("ctx", {})
        at = pointer(_steps_in(data, item["loc"], item["type"]))
        if item["type"] not in _PYDANTIC:  # one of our own, raised with its parameters
            faults.append(Fault(item["type"], at + _cell_in(item["type"], context), dict(context)))
            continue
        code = _CODES.get(item["type"], "")
        params: dict[str, Param] = {}
        for name in ("ge", "gt", "le", "lt", "max_length", "min_length", "actual_length", "expected"):
            if name in context:
                params[name] = str(context[name])
        if "expected_tags" in context:
            params["expected"] = str(context["expected_tags"])
        if item["type"] == "value_error":
            code = str(context.get("error", item["msg"]))
        if item["type"] == "union_tag_not_found":
            params["field"] = str(context.get("discriminator", "")).strip("'")
        if not code:
            params["message"] = item["msg"]
        faults.append(Fault(code or "not_valid", at, params))
    return faults


def _cell_in(kind: str, context: Mapping[str, Any]) -> str:
    """Where in a table of numbers the fault lies, as a pointer from the table on."""
    if not kind.startswith("matrix_"):
        return ""
    return pointer(context[side] for side in ("row", "column") if side in context)


def _steps_in(data: object, location: tuple[str | int, ...], kind: str) -> list[str | int]:
    """The steps of a pydantic location that are really in the data: it also names union branches and `[key]`."""
    if data is None:
        return list(location)
    steps: list[str | int] = []
    here: Any = data
    for number, step in enumerate(location):
        last = number == len(location) - 1
        if isinstance(here, dict) and step in here:
            here = here[str(step)]
            steps.append(step)
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            here = here[step]
            steps.append(step)
        elif last and kind == "missing":
            steps.append(step)
    return steps


def read_problem(model: type[M], data: object) -> M:
    """`data` (from `read_json`) as a problem of the given kind; raises `Malformed` with every fault."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Malformed(faults_of(error, data)) from None


def decimal_text(value: Fraction, decimals: int) -> str:
    """An exact number as decimal text, rounded half up (away from zero) once: `Fraction(1, 8), 2` -> `"0.13"`."""
    scaled = abs(value) * 10**decimals
    digits = (scaled.numerator * 2 + scaled.denominator) // (scaled.denominator * 2)
    text = str(digits).rjust(decimals + 1, "0")
    sign = "-" if value < 0 and digits else ""
    return sign + (f"{text[:-decimals]}.{text[-decimals:]}" if decimals else text)


class ReasonModel(Strict):
    """A reason as JSON; `madang.words` has its sentence."""

    code: str
    params: dict[str, str | int | bool | list[str] | None]


def frame(kind: str, status: Status, reasons: Iterable[Reason], seed: int, engine: str) -> dict[str, Any]:
    """The fields common to every result, in reading order. `elapsed_ms` is put in by the shell, which has the clock."""
    return {
        "kind": kind,
        "version": 1,
        "status": status.value,
        "reasons": [reason.as_json() for reason in reasons],
        "seed": seed,
        "elapsed_ms": 0,
        "engine": engine,
    }
