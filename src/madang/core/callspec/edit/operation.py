"""One act of editing, as a value: what a form, a button or a program asks for, and the text that comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from madang.core.callspec.edit.blank import free_name, name_key, new_part
from madang.core.callspec.edit.document import ABSENT, Document
from madang.core.callspec.edit.shape import Path, Shape, block_of, data_at, fields_of, kind_of, shape_at

Act = Literal["set", "add", "duplicate", "up", "down", "remove", "kind", "rename"]


class Misplaced(ValueError):
    """There is no such place in this definition (any more), or nothing of this kind can be done there."""


@dataclass(frozen=True)
class Edit:
    """`set`: `values` by path (`ABSENT` takes away). `add`: a new part at `path`, of a kind or under a name where the
    place needs one. `duplicate`, `up`, `down`, `remove`: the item at `path`. `kind`: make the part at `path` of another
    kind; what that kind does not know goes. `rename`: give the part at `path`, in a map, another name.
    """

    act: Act
    path: Path = ()
    values: Mapping[Path, Any] = field(default_factory=dict)
    kind: str = ""
    name: str = ""


def edited(text: str, edit: Edit) -> str:
    """The text after one act. Raises `Malformed` (the text is no YAML) and `Misplaced`."""
    document = Document(text)
    match edit.act:
        case "set":
            return document.put_all({path: _checked(document, path, value) for path, value in edit.values.items()})
        case "add":
            return _added(document, edit)
        case "duplicate":
            return _doubled(document, edit.path)
        case "up" | "down":
            return _moved(document, edit.path, -1 if edit.act == "up" else 1)
        case "remove":
            if not edit.path or data_at(edit.path, document.data) is None:
                raise Misplaced
            return document.remove(edit.path)
        case "kind":
            return _of_kind(document, edit.path, edit.kind)
        case "rename":
            return _renamed(document, edit.path, edit.name)


def _checked(document: Document, path: Path, value: Any) -> Any:
    above = shape_at(path[:-1], document.data)
    if above is None or (shape_at(path, document.data) is None and above.kind not in ("map", "text")):
        raise Misplaced
    return value


def _added(document: Document, edit: Edit) -> str:
    shape = _shape(document, edit.path)
    here = data_at(edit.path, document.data)
    if shape.kind == "blocks" and shape.item and (here is None or isinstance(here, list)):
        return document.insert(edit.path, new_part(shape.item, edit.kind, here or ()))
    if shape.kind == "block_map" and shape.item:
        if not edit.name or (isinstance(here, dict) and edit.name in here):
            raise Misplaced
        part = new_part(shape.item, edit.kind)
        return document.put(edit.path, {**(here if isinstance(here, dict) else {}), edit.name: part})
    if shape.kind in ("block", "union") and here is None:
        return document.put(edit.path, new_part(shape, edit.kind))
    raise Misplaced


def _doubled(document: Document, path: Path) -> str:
    shape, here = _shape(document, path), data_at(path, document.data)
    if not path or not isinstance(path[-1], int) or here is None:
        raise Misplaced
    name = name_key(block_of(shape, here))
    siblings = data_at(path[:-1], document.data)
    change = {name: free_name(str(here[name]), siblings)} if isinstance(here, dict) and name in here else None
    return document.duplicate(path, change)


def _moved(document: Document, path: Path, by: int) -> str:
    _shape(document, path)
    items = data_at(path[:-1], document.data) if path else None
    if not isinstance(items, list) or not isinstance(path[-1], int) or not 0 <= path[-1] + by < len(items):
        raise Misplaced
    return document.move(path, by)


def _of_kind(document: Document, path: Path, kind: str) -> str:
    shape, here = _shape(document, path), data_at(path, document.data)
    if shape.kind != "union" or kind not in shape.kinds:
        raise Misplaced
    if not isinstance(here, dict):
        return document.put(path, new_part(shape, kind))
    if kind == kind_of(shape, here):
        return document.text
    return document.put(path, kept_as(shape, here, kind))


def kept_as(shape: Shape, here: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """What stays of a part that becomes of another kind: the keys that the new kind knows too."""
    block = shape.kinds[kind]
    known = fields_of(block)
    kept = {key: value for key, value in here.items() if key in known}
    return kept | ({shape.tag: kind} if shape.tag else {kind: "track"})


def _renamed(document: Document, path: Path, name: str) -> str:
    above = shape_at(path[:-1], document.data) if path else None
    here = data_at(path[:-1], document.data) if path else None
    if above is None or above.kind != "block_map" or not isinstance(here, dict) or path[-1] not in here:
        raise Misplaced
    if not name or (name in here and name != path[-1]):
        raise Misplaced
    return document.put(path[:-1], {name if key == path[-1] else key: value for key, value in here.items()})


def _shape(document: Document, path: Path) -> Shape:
    shape = shape_at(path, document.data)
    if shape is None:
        raise Misplaced
    return shape


__all__ = ["ABSENT", "Edit", "Misplaced", "edited", "kept_as"]
