"""What can still be checked of a problem whose form is broken somewhere.

An officer who mends a file wants to hear of every fault at once. Where the form of one place is wrong, the rest is
still read, and the unreadable place holds `HOLE`; checks of meaning step over holes.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

M = TypeVar("M", bound=BaseModel)


class _Hole:
    """Stands where a value could not be read; equal to nothing but itself."""

    def __repr__(self) -> str:
        return "HOLE"


HOLE: Any = _Hole()


def salvage(model: type[M], data: object) -> M | None:
    """`data` as `model`, with `HOLE` wherever its form is wrong; None where it is not even a map.

    For checks of meaning only, never for solving: such an object breaks the types it claims.
    Cost: the size of `data` times the depth of the model.
    """
    return _construct(model, data) if isinstance(data, dict) else None


def has_holes(value: object) -> bool:
    """Whether anything in what `salvage` gave could not be read."""
    if isinstance(value, BaseModel):
        return any(has_holes(part) for _, part in value)
    if isinstance(value, dict):
        return any(has_holes(part) for part in value.values())
    return any(map(has_holes, value)) if isinstance(value, tuple) else value is HOLE


def _construct(model: type[M], data: dict[str, Any]) -> M:
    """The model from the fields that can be read; unknown fields are left out (they are faults already)."""
    values = {}
    for name, field in model.model_fields.items():
        if name in data:
            annotation: Any = field.annotation
            for metadata in field.metadata:
                annotation = Annotated[annotation, metadata]
            values[name] = _keep(annotation, data[name])
        elif field.is_required():
            values[name] = HOLE
    return model.model_construct(**values)


def _keep(annotation: Any, value: object) -> Any:
    """`value` as `annotation` asks; if it does not fit, as much of its inside as does.

    Read leniently ("3" for 3): what is wrong with the form is a fault already.
    """
    try:
        return _adapter(annotation).validate_python(value)
    except ValidationError as error:
        if _refused_itself(error):
            return HOLE
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and isinstance(value, dict):
        return _construct(annotation, value)
    if get_origin(annotation) is tuple and isinstance(value, list):
        return _keep_places(get_args(annotation), value)
    if get_origin(annotation) is dict and isinstance(value, dict):
        return {key: _keep(get_args(annotation)[1], item) for key, item in value.items()}
    return HOLE


def _keep_places(places: tuple[Any, ...], items: list[Any]) -> Any:
    """A list as a tuple: each item by the type of its place, or by the one type of all where `...` says so."""
    if len(places) == 2 and places[1] is Ellipsis:
        return tuple(_keep(places[0], item) for item in items)
    if len(places) != len(items):
        return HOLE
    return tuple(_keep(place, item) for place, item in zip(places, items, strict=True))


def _refused_itself(error: ValidationError) -> bool:
    """Whether the value as a whole is wrong (a pair of three, too long a list), and not only something inside it."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return any(not item["loc"] for item in found)


@cache
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)
