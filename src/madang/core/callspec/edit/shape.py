"""What may stand at a place of a definition, read off the pydantic model: kind of value, bounds, choices, parts.

Works on unfinished data as well: a union is told apart by what stands there, and where nothing fits, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import annotated_types
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from madang.core.callspec import blocks
from madang.core.callspec.blocks import Block
from madang.core.callspec.model import Definition
from madang.core.problem import Exact, Won

Path = tuple[str | int, ...]
Kind = Literal[
    "text", "name", "language", "rule", "day", "moment", "percent", "won", "exact", "int", "bool", "bool_or_rule",
    "choice", "choices", "names", "pair", "words", "block", "union", "blocks", "map", "block_map", "sample",
]  # fmt: skip
"""`text`: words per language; `words`: one line of plain words; `names`: a list of them; `choices`: a list of choices;
`blocks`: a list of parts; `map`: scalars by name; `block_map`: parts by name; `union`: one of several kinds of part."""

SCALARS = frozenset(
    {"text", "name", "language", "rule", "day", "moment", "percent", "won", "exact", "int", "bool", "bool_or_rule",
     "choice", "choices", "names", "pair", "words", "sample"}
)  # fmt: skip
_KNOWN: tuple[tuple[Any, Kind], ...] = (
    (blocks.Text, "text"),
    (blocks.Name, "name"),
    (blocks.Language, "language"),
    (blocks.Expr, "rule"),
    (blocks.Day, "day"),
    (blocks.Moment, "moment"),
    (blocks.Percent, "percent"),
    (Won, "won"),
    (Exact, "exact"),
)


@dataclass(frozen=True)
class Shape:
    """`required`: the key must stand there; else `default` holds (a plain value, None where there is none)."""

    kind: Kind
    required: bool = True
    default: Any = None
    choices: tuple[str, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    #: of `block`, and of `union` the parts by kind (`rank`, `vote`, ...) in the order of the model
    block: type[Block] | None = None
    kinds: Mapping[str, type[Block]] = field(default_factory=dict)
    #: the key that says which kind it is; blank where the kind is told by which key stands there
    tag: str = ""
    item: Shape | None = None
    key: Shape | None = None


ROOT = Shape("block", block=Definition)


@cache
def fields_of(block: type[Block]) -> Mapping[str, Shape]:
    """The keys of a part as they stand in the text, in the order of the model; `sample` last."""
    hints = get_type_hints(block, include_extras=True)
    found: dict[str, Shape] = {}
    for name, info in block.model_fields.items():
        shape = _read(hints[name])
        required = info.is_required()
        found[info.alias or name] = replace(shape, required=required, default=None if required else _plain(info))
    found["sample"] = Shape("sample", required=False, default=False)
    return {name: found[name] for name in [*(key for key in found if key != "sample"), "sample"]}


def block_of(shape: Shape, data: Any) -> type[Block] | None:
    """The part that `data` is meant as: of a union the branch that its tag, or the key that stands there, names."""
    if shape.kind == "block":
        return shape.block
    if shape.kind != "union":
        return None
    kind = kind_of(shape, data)
    return shape.kinds.get(kind) if kind else None


def kind_of(shape: Shape, data: Any) -> str:
    """Which of the union's kinds stands there; blank where that cannot be told."""
    if not isinstance(data, dict):
        return ""
    if shape.tag:
        said = data.get(shape.tag)
        return said if isinstance(said, str) and said in shape.kinds else ""
    return next((kind for kind in shape.kinds if kind in data), "")


def shape_at(path: Sequence[str | int], data: Any) -> Shape | None:
    """What may stand at `path` of this definition (plain data, perhaps unfinished); nothing where no such place is.

    The place itself need not be there yet, what is above it must be.
    """
    shape, here = ROOT, data
    for step in path:
        below = _below(shape, here, step)
        if below is None:
            return None
        shape, here = below, _child(here, step)
    return shape


def data_at(path: Sequence[str | int], data: Any) -> Any:
    """What stands at `path`; None where nothing does."""
    for step in path:
        data = _child(data, step)
    return data


def parts(data: Any, path: Path = (), shape: Shape = ROOT) -> Iterator[tuple[Path, Shape]]:
    """Every part (block) that stands in the definition, with its path, in the order of the model."""
    block = block_of(shape, data)
    if not isinstance(data, dict) or shape.kind not in ("block", "union"):
        return
    yield path, shape
    for key, below in fields_of(block).items() if block else ():
        here = data.get(key)
        if below.kind in ("block", "union"):
            yield from parts(here, (*path, key), below)
        elif below.item and below.kind == "blocks" and isinstance(here, list):
            for number, one in enumerate(here):
                yield from parts(one, (*path, key, number), below.item)
        elif below.item and below.kind == "block_map" and isinstance(here, dict):
            for name, one in here.items():
                yield from parts(one, (*path, key, name), below.item)


def every_block() -> frozenset[type[Block]]:
    """All parts that a definition can have."""
    seen: set[type[Block]] = set()
    waiting: list[type[Block]] = [Definition]
    while waiting:
        block = waiting.pop()
        if block not in seen:
            seen.add(block)
            waiting += (one for shape in fields_of(block).values() for one in _blocks_in(shape))
    return frozenset(seen)


def _blocks_in(shape: Shape) -> Iterator[type[Block]]:
    if shape.block:
        yield shape.block
    yield from shape.kinds.values()
    if shape.item:
        yield from _blocks_in(shape.item)


def _below(shape: Shape, here: Any, step: str | int) -> Shape | None:
    if shape.kind in ("block", "union"):
        block = block_of(shape, here)
        return fields_of(block).get(step) if block and isinstance(step, str) else None
    if shape.kind == "blocks":
        return shape.item if isinstance(step, int) and isinstance(here, list) and step < len(here) else None
    if shape.kind == "block_map":
        return shape.item if isinstance(step, str) and isinstance(here, dict) and step in here else None
    return None


def _child(here: Any, step: str | int) -> Any:
    if isinstance(here, dict):
        return here.get(step) if isinstance(step, str) else None
    if isinstance(here, list) and isinstance(step, int) and 0 <= step < len(here):
        return here[step]
    return None


def _plain(info: FieldInfo) -> Any:
    """A default as plain data; None for what is simply left out (a part of its own, an empty list)."""
    default = info.get_default(call_default_factory=True)
    if default is PydanticUndefined or isinstance(default, Block) or default in ((), {}):
        return None
    return list(default) if isinstance(default, tuple) else default


def _read(hint: Any) -> Shape:
    for known, kind in _KNOWN:
        if hint == known:
            return Shape(kind)
    metadata: tuple[Any, ...] = ()
    if get_origin(hint) is Annotated:
        hint, *rest = get_args(hint)
        metadata = tuple(rest)
    shape = _bare(hint, metadata)
    least, most = _bounds(metadata)
    bounded = shape.kind in ("int", "exact")
    return replace(shape, least=least, most=most) if bounded and (least, most) != (None, None) else shape


def _bare(hint: Any, metadata: tuple[Any, ...]) -> Shape:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _union(arguments, metadata)
    if origin is Literal:
        if all(isinstance(one, str) for one in arguments):
            return Shape("choice", choices=arguments)
        raise TypeError(f"a choice of {arguments} has no form")
    if origin is tuple:
        return _list(_read(arguments[0])) if arguments[-1] is Ellipsis else Shape("pair")
    if origin is dict:
        key, item = _read(arguments[0]), _read(arguments[1])
        return Shape("block_map" if item.kind in ("block", "union") else "map", key=key, item=item)
    if isinstance(hint, type) and issubclass(hint, Block):
        return Shape("block", block=hint)
    plain: dict[Any, Kind] = {bool: "bool", int: "int", str: "words", Decimal: "exact"}
    return Shape(plain[hint])


def _list(item: Shape) -> Shape:
    if item.kind in ("block", "union"):
        return Shape("blocks", item=item)
    return Shape("choices", choices=item.choices) if item.kind == "choice" else Shape("names", item=item)


def _union(arguments: tuple[Any, ...], metadata: tuple[Any, ...]) -> Shape:
    given = [one for one in arguments if one is not NoneType]
    if len(given) == 1:
        return _read(given[0])
    shapes = [_read(one) for one in given]
    if all(shape.kind == "choice" for shape in shapes):
        return Shape("choice", choices=tuple(choice for shape in shapes for choice in shape.choices))
    if {shape.kind for shape in shapes} == {"bool", "rule"}:
        return Shape("bool_or_rule")
    if {shape.kind for shape in shapes} == {"bool", "names"}:
        return Shape("sample")
    branches: list[type[Block]] = [shape.block for shape in shapes if shape.block]
    tag = next((one.discriminator for one in metadata if isinstance(one, FieldInfo) and one.discriminator), None)
    if isinstance(tag, str):
        kinds = {choice: branch for branch in branches for choice in fields_of(branch)[tag].choices}
        return Shape("union", kinds=kinds, tag=tag)
    return Shape("union", kinds={_own_key(branch, branches): branch for branch in branches})


def _own_key(branch: type[Block], branches: list[type[Block]]) -> str:
    """The first needed key that only this branch has."""
    others = {key for other in branches if other is not branch for key in fields_of(other)}
    return next(key for key, shape in fields_of(branch).items() if shape.required and key not in others)


def _bounds(metadata: tuple[Any, ...]) -> tuple[Decimal | None, Decimal | None]:
    least = most = None
    for one in metadata:
        for rule in one.metadata if isinstance(one, FieldInfo) else ():
            if isinstance(rule, annotated_types.Ge):
                least = Decimal(str(rule.ge))
            elif isinstance(rule, annotated_types.Le):
                most = Decimal(str(rule.le))
    return least, most
