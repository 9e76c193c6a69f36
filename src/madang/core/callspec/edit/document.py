"""The text of a definition with one part changed and everything else as the officer wrote it.

A round trip through a YAML writer keeps most remarks, but moves them, loses those behind a removed part, and lays lines
anew. So only the characters of the part itself are exchanged: remarks, order, quotation marks and line breaks of all
other parts stay byte for byte. Each result is read again, and must say exactly what was meant; where an unusual way of
writing stands in the way, the smallest part around it is written anew.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from madang.core.callspec.edit import written
from madang.core.callspec.edit.shape import ROOT, Path, data_at, fields_of, shape_at
from madang.core.callspec.edit.shape import block_of as _block_of
from madang.core.callspec.source import MAX_CHARACTERS, Source
from madang.core.reasons import Fault, Malformed

ABSENT: Any = object()
"""As a value: the key shall not stand there."""

_Edit = tuple[int, int, str]
_MOST_STEPS = 40


def same(one: Any, other: Any) -> bool:
    """Whether two plain values are the same as written: `true` is not 1, `1.0` is not 1, the order of keys is free."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


class Document:
    """A text that is YAML, and what it says (`data`). Each change gives a new text. Raises `Malformed`."""

    def __init__(self, text: str) -> None:
        self.text = text if text.endswith("\n") else text + "\n"
        self.data: Any = _read(self.text)

    # -- changes ------------------------------------------------------------------------------------------------------

    def put(self, path: Path, value: Any) -> str:
        """`value` at `path`; `ABSENT` takes the key away. What is above `path` must stand there."""
        target = copy.deepcopy(self.data)
        return self.rewritten(_put(target, path, value))

    def put_all(self, values: dict[Path, Any]) -> str:
        """Several values in one go."""
        target = copy.deepcopy(self.data)
        for path, value in values.items():
            target = _put(target, path, value)
        return self.rewritten(target)

    def insert(self, path: Path, value: Any) -> str:
        """`value` as the last item of the list at `path`, which may not be there yet."""
        here = data_at(path, self.data)
        return self.put(path, [*here, value] if isinstance(here, list) else [value])

    def duplicate(self, path: Path, change: dict[str, Any] | None = None) -> str:
        """The item at `path` once more behind it, as it is written, but for the keys in `change`."""
        parent, number = path[:-1], path[-1]
        assert isinstance(number, int)
        target = copy.deepcopy(self.data)
        items = data_at(parent, target)
        items.insert(number + 1, copy.deepcopy(items[number]))
        text = self._landed(self._doubled(parent, number), target)
        for key, value in (change or {}).items():
            text = Document(text).put((*parent, number + 1, key), value)
        return text

    def move(self, path: Path, by: int) -> str:
        """The item at `path` one place up (`by` -1) or down (1), with the remarks that stand above it."""
        parent, number = path[:-1], path[-1]
        assert isinstance(number, int)
        first = number + min(by, 0)
        target = copy.deepcopy(self.data)
        items = data_at(parent, target)
        items[first], items[first + 1] = items[first + 1], items[first]
        return self._landed(self._swapped(parent, first), target)

    def remove(self, path: Path) -> str:
        """Without the item (or key) at `path`; an empty list that may be left out goes with its last item."""
        if isinstance(path[-1], str):
            return self.put(path, ABSENT)
        parent, number = path[:-1], path[-1]
        target = copy.deepcopy(self.data)
        items = data_at(parent, target)
        del items[number]
        if not items:
            shape = shape_at(parent, self.data)
            return self.put(parent, ABSENT if shape and not shape.required else [])
        return self._landed(self._without(parent, number), target)

    def rewritten(self, target: Any) -> str:
        """The text that says `target`, with as little exchanged as possible."""
        text = self.text
        for _ in range(_MOST_STEPS):
            if _says(text, target):
                break
            try:
                edits = _Step(text).differences(target)
            except Malformed:
                break
            before, text = text, _applied(text, edits)
            if text == before:
                break
        return self._landed(text, target)

    # -- holding to what was meant ------------------------------------------------------------------------------------

    def _landed(self, text: str | None, target: Any) -> str:
        """The text if it says `target`; else the top-level parts that differ are written anew; else everything."""
        if text is not None and _says(text, target):
            return _within(text)
        if isinstance(target, dict) and isinstance(self.data, dict) and target:
            anew = self._parts_anew(target)
            if anew is not None and _says(anew, target):
                return _within(anew)
        return _within("\n".join(written.lines(target, 0)) + "\n")

    def _parts_anew(self, target: dict[str, Any]) -> str | None:
        step = _Step(self.text)
        if not isinstance(step.root, MappingNode) or step.root.flow_style:
            return None
        edits: list[_Edit] = []
        standing = set()
        for key_node, value_node in step.root.value:
            key = str(key_node.value)
            standing.add(key)
            if key not in target:
                edits.append((*step.lines_of(key_node.start_mark.index, step.end(value_node)), ""))
            elif not same(self.data[key], target[key]):
                start, end = step.lines_of(key_node.start_mark.index, step.end(value_node))
                edits.append((start, end, f"{written.one_line(key)}:{written.behind_key(target[key], 0)}\n"))
        more = "".join(
            f"{written.one_line(key)}:{written.behind_key(value, 0)}\n"
            for key, value in target.items()
            if key not in standing
        )
        return _applied(self.text, edits) + more

    # -- items of a list, as text -------------------------------------------------------------------------------------

    def _doubled(self, parent: Path, number: int) -> str | None:
        step = _Step(self.text)
        node = step.node(parent)
        if not isinstance(node, SequenceNode):
            return None
        item = node.value[number]
        if node.flow_style:
            start, end = item.start_mark.index, step.end(item)
            return _applied(self.text, [(end, end, ", " + self.text[start:end])])
        start, end = step.item_lines(node, number)
        return _applied(self.text, [(end, end, self.text[start:end])])

    def _swapped(self, parent: Path, first: int) -> str | None:
        step = _Step(self.text)
        node = step.node(parent)
        if not isinstance(node, SequenceNode):
            return None
        if node.flow_style:
            spans = [(one.start_mark.index, step.end(one)) for one in node.value[first : first + 2]]
        else:
            spans = [step.item_lines(node, first), step.item_lines(node, first + 1, remarks=True)]
        (a, b), (c, d) = spans
        return self.text[:a] + self.text[c:d] + self.text[b:c] + self.text[a:b] + self.text[d:]

    def _without(self, parent: Path, number: int) -> str | None:
        step = _Step(self.text)
        node = step.node(parent)
        if not isinstance(node, SequenceNode):
            return None
        if not node.flow_style:
            return _applied(self.text, [(*step.item_lines(node, number), "")])
        return _applied(self.text, [step.out_of_flow([(one, one) for one in node.value], number)])


class _Step:
    """The text's nodes with their places, for one round of exchanges."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.data: Any = _read(text)
        self.root = YAML(typ="safe", pure=True).compose(text)

    def node(self, path: Path) -> Node | None:
        here: Node | None = self.root
        for step in path:
            if isinstance(here, MappingNode):
                here = next((value for key, value in here.value if str(key.value) == step), None)
            elif isinstance(here, SequenceNode) and isinstance(step, int) and step < len(here.value):
                here = here.value[step]
            else:
                return None
        return here

    def end(self, node: Node) -> int:
        """Behind the last character of a value; a block's mark stands further down, before the next part."""
        if isinstance(node, MappingNode | SequenceNode) and not node.flow_style:
            last = node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1]
            return self.end(last)
        start, end = int(node.start_mark.index), int(node.end_mark.index)
        if isinstance(node, ScalarNode) and node.style in ("|", ">"):
            return start + len(self.text[start:end].rstrip())
        return end

    def lines_of(self, start: int, end: int) -> tuple[int, int]:
        """The whole lines around these characters."""
        return self.text.rfind("\n", 0, start) + 1, self._line_end(end)

    def _line_end(self, at: int) -> int:
        found = self.text.find("\n", at)
        return len(self.text) if found < 0 else found + 1

    def item_lines(self, node: SequenceNode, number: int, *, remarks: bool = False) -> tuple[int, int]:
        """The lines of an item of a block list from its dash on; with `remarks` also those right above it."""
        column, start = node.start_mark.column, self.text.rfind("\n", 0, node.value[number].start_mark.index) + 1
        while start > 0 and self.text[start + column : start + column + 1] != "-":
            start = self.text.rfind("\n", 0, start - 1) + 1
        if remarks and number:
            floor = self._line_end(self.end(node.value[number - 1]))
            while start > floor:
                above = self.text.rfind("\n", 0, start - 1) + 1
                if not self.text[above:start].lstrip().startswith("#"):
                    break
                start = above
        return start, self._line_end(self.end(node.value[number]))

    def out_of_flow(self, pairs: Sequence[tuple[Node, Node]], number: int) -> _Edit:
        """What is cut so that the entry goes from `{...}` or `[...]` together with one comma."""
        if number + 1 < len(pairs):
            return int(pairs[number][0].start_mark.index), int(pairs[number + 1][0].start_mark.index), ""
        start = self.end(pairs[number - 1][1]) if number else int(pairs[number][0].start_mark.index)
        return start, self.end(pairs[number][1]), ""

    # -- from what the text says to what it shall say -----------------------------------------------------------------

    def differences(self, target: Any) -> list[_Edit]:
        """The exchanges of values that do not touch each other; where there is none, one change of structure."""
        values: list[_Edit] = []
        structure: list[Callable[[], list[_Edit]]] = []
        self._compare(self.root, self.data, target, (), values, structure)
        return values or (structure[0]() if structure else [])

    def _compare(
        self,
        node: Node,
        old: Any,
        new: Any,
        path: Path,
        values: list[_Edit],
        structure: list[Callable[[], list[_Edit]]],
    ) -> None:
        if same(old, new):
            return
        if isinstance(node, MappingNode) and isinstance(new, dict) and new.keys() & old.keys():
            self._compare_keys(node, old, new, path, values, structure)
        elif isinstance(node, SequenceNode) and isinstance(new, list) and len(new) == len(old):
            for number, item in enumerate(node.value):
                self._compare(item, old[number], new[number], (*path, number), values, structure)
        elif isinstance(node, SequenceNode) and isinstance(new, list) and old and same(new[: len(old)], old):
            structure.append(lambda: [self._appended(node, new[len(old) :])])
        else:
            change = partial(self._exchanged, node, new, path)
            if isinstance(node, ScalarNode) and not isinstance(new, dict | list):
                values.extend(change())
            else:
                structure.append(change)

    def _compare_keys(
        self,
        node: MappingNode,
        old: dict[str, Any],
        new: dict[str, Any],
        path: Path,
        values: list[_Edit],
        structure: list[Callable[[], list[_Edit]]],
    ) -> None:
        for place, (key_node, value_node) in enumerate(node.value):
            key = str(key_node.value)
            if key in new:
                self._compare(value_node, old[key], new[key], (*path, key), values, structure)
            else:
                structure.append(partial(self._without_key, node, place))
        for key in new:
            if key not in old:
                structure.append(partial(self._with_key, node, key, path, new))

    def _exchanged(self, node: Node, new: Any, path: Path) -> list[_Edit]:
        start, end = int(node.start_mark.index), self.end(node)
        space = " " if start == end and self.text[start - 1 : start] in ":-" else ""  # `key:` with nothing behind it
        block = isinstance(node, MappingNode | SequenceNode) and not node.flow_style
        if not block and not (isinstance(new, dict | list) and self._in_block(path)):
            return [(start, end, space + written.one_line(new))]
        above = self.node(path[:-1]) if path else None
        if not isinstance(above, MappingNode):
            return [(start, end, written.one_line(new))]
        key_node = next(key for key, value in above.value if value is node)
        colon = self.text.index(":", int(key_node.end_mark.index)) + 1
        after = written.behind_key(new, above.start_mark.column if not above.flow_style else 0)
        if not block:
            return [(colon, end, after)]
        first = self.text.rfind("\n", 0, start)
        if after.startswith("\n"):  # a remark behind the key stays
            return [(first, end, after)]
        return [(colon, colon, after), (first, end, "")] if first >= colon else [(colon, end, after)]

    def _in_block(self, path: Path) -> bool:
        """Whether nothing around the place is written as `{...}` or `[...]`."""
        return all(not getattr(self.node(path[:depth]), "flow_style", False) for depth in range(len(path)))

    def _appended(self, node: SequenceNode, items: list[Any]) -> _Edit:
        last = self.end(node.value[-1])
        if node.flow_style:
            return last, last, "".join(f", {written.one_line(one)}" for one in items)
        at = self._line_end(last)
        new = [line for one in items for line in written.item(one, node.start_mark.column)]
        return at, at, "".join(f"{line}\n" for line in new)

    def _without_key(self, node: MappingNode, place: int) -> list[_Edit]:
        key_node, value_node = node.value[place]
        if node.flow_style:
            return [self.out_of_flow(node.value, place)]
        key = int(key_node.start_mark.index)
        start, end = self.lines_of(key, self.end(value_node))
        if self.text[start:key].strip():  # behind the dash of a list: the next key moves up
            return [(key, int(node.value[place + 1][0].start_mark.index), "")]
        return [(start, end, "")]

    def _with_key(self, node: MappingNode, key: str, path: Path, whole: dict[str, Any]) -> list[_Edit]:
        """The new key behind the one that the model puts before it; never in front of the first."""
        standing = [str(key_node.value) for key_node, _ in node.value]
        order = _order(path, self.data, whole)
        before = [one for one in order[: order.index(key)] if one in standing] if key in order else standing
        after = standing.index(before[-1]) if before else (len(standing) - 1 if key not in order else 0)
        value_node = node.value[after][1]
        if node.flow_style:
            at = self.end(value_node)
            return [(at, at, f", {written.one_line(key)}: {written.one_line(whole[key])}")]
        at, column = self._line_end(self.end(value_node)), node.start_mark.column
        return [(at, at, f"{' ' * column}{written.one_line(key)}:{written.behind_key(whole[key], column)}\n")]


def _order(path: Path, data: Any, whole: dict[str, Any]) -> list[str]:
    """The keys of the part at `path` in the order of the model; of a map its own."""
    shape = shape_at(path, data) if path else ROOT
    block = _block_of(shape, whole) if shape else None
    if block is None:
        return []
    keys = list(fields_of(block))
    return [key for key in ("id", "section", "role") if key in keys] + [
        key for key in keys if key not in ("id", "section", "role")
    ]


def _put(target: Any, path: Path, value: Any) -> Any:
    if not path:
        return {} if value is ABSENT else value
    above = data_at(path[:-1], target)
    step = path[-1]
    if isinstance(above, dict) and isinstance(step, str):
        if value is ABSENT:
            above.pop(step, None)
        else:
            above[step] = value
    elif isinstance(above, list) and isinstance(step, int) and step < len(above):
        above[step] = value
    elif value is not ABSENT and above in (None, "", [], {}):  # `decide:` with nothing behind it
        return _put(target, path[:-1], {step: value})
    return target


def _applied(text: str, edits: list[_Edit]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


@lru_cache(maxsize=16)
def _read(text: str) -> Any:
    """What a text says. Nobody changes it: several documents share it. Raises `Malformed`."""
    return Source(text).data


def _says(text: str, target: Any) -> bool:
    try:
        return same(_read(text), target)
    except Malformed:
        return False


def _within(text: str) -> str:
    """Raises `Malformed` for a text that has grown beyond what is read."""
    if len(text) > MAX_CHARACTERS:
        raise Malformed([Fault("text_too_long", "", {"max_length": str(MAX_CHARACTERS)})])
    return text


def number_of(text: str) -> int | Decimal | str:
    """What somebody typed as a number: a whole number, a decimal, or the text where it is neither."""
    bare = text.replace(",", "").strip()
    if re.fullmatch(r"[-+]?[0-9]{1,15}", bare):
        return int(bare)
    if re.fullmatch(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}", bare):
        return Decimal(bare)
    return text
