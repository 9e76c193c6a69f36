"""YAML 1.2 text to plain values, with the line of every part, so that each fault can name its place.

Less than the YAML 1.2 core schema: true, false, null, whole numbers and decimals; everything else is text. `NO` stays
Norway, `2021-04-20`, `18:00`, `0x1F` and `1e5` stay text, decimals stay exact. Anchors, aliases and tags are refused: a
definition has no use for them, they hide things, and a small text could unfold into a huge one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, NodeEvent, ScalarEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from madang.core.problem import LARGEST
from madang.core.reasons import Fault, Malformed

Path = tuple[str | int, ...]

MAX_CHARACTERS = 2_000_000
MAX_DEPTH = 40
_INTEGER = re.compile(r"[-+]?[0-9]+")
_DECIMAL = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)")
_CORE = {"null": None, "Null": None, "NULL": None, "~": None, "": None} | {
    word: value
    for value, words in ((True, ("true", "True", "TRUE")), (False, ("false", "False", "FALSE")))
    for word in words
}


class Source:
    """A parsed text: `data` (dicts, lists, text, int, Decimal, bool, None) and `line(path)` of any part of it."""

    def __init__(self, text: str) -> None:
        """Raises `Malformed` on text that is not YAML, repeats a key, or uses anchors, aliases or tags."""
        self._lines: dict[Path, int] = {}
        self._faults: list[Fault] = []
        if len(text) > MAX_CHARACTERS:
            raise Malformed([Fault("text_too_long", "", {"max_length": str(MAX_CHARACTERS)})])
        try:
            self._refuse_hidden_things(text)
            root = YAML(typ="safe", pure=True).compose(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark
            at = f"line {mark.line + 1}" if mark else ""
            raise Malformed([Fault("not_yaml", at, {"problem": str(error.problem or error.context or "")})]) from None
        except Malformed:
            raise
        except (YAMLError, ValueError, RecursionError) as error:
            raise Malformed([Fault("not_yaml", "", {"problem": str(error).splitlines()[0]})]) from None
        if root is None:
            raise Malformed([Fault("empty_definition", "line 1")])
        self.data = self._value(root, ())
        if self._faults:
            raise Malformed(self._faults)

    def line(self, path: Sequence[str | int]) -> int:
        """The line (from 1) of the part at `path`, or of the nearest part around it."""
        parts = tuple(path)
        while parts and parts not in self._lines:
            parts = parts[:-1]
        return self._lines.get(parts, 1)

    def at(self, path: Sequence[str | int]) -> str:
        return f"line {self.line(path)}"

    def _refuse_hidden_things(self, text: str) -> None:
        """Anchors, aliases, tags and bottomless nesting, found in the stream of events before anything is built."""
        depth = 0
        for event in YAML(typ="safe", pure=True).parse(text):
            at = f"line {event.start_mark.line + 1}"
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise Malformed([Fault("nested_too_deeply", at)])
            if isinstance(event, NodeEvent) and (event.anchor or isinstance(event, AliasEvent)):
                self._faults.append(Fault("yaml_anchor", at, {"name": str(event.anchor)}))
            if isinstance(event, CollectionStartEvent | ScalarEvent) and event.tag is not None:
                self._faults.append(Fault("yaml_tag", at, {"tag": str(event.tag)}))
        if self._faults:
            raise Malformed(self._faults)

    def _value(self, node: Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        self._lines.setdefault(path, line)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self._value(item, (*path, number)) for number, item in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        if node.style in ("'", '"', "|", ">"):
            return str(node.value)
        return self._plain(str(node.value), line)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                self._faults.append(Fault("yaml_key", f"line {line}"))
                continue
            key = str(key_node.value)
            if key in found:
                self._faults.append(Fault("duplicate_key", f"line {line}", {"key": key}))
                continue
            self._lines[(*path, key)] = line
            found[key] = self._value(value_node, (*path, key))
        return found

    def _plain(self, text: str, line: int) -> Any:
        if text in _CORE:
            return _CORE[text]
        if _INTEGER.fullmatch(text):
            if len(text) > 17 or abs(int(text)) > LARGEST:
                self._faults.append(Fault("integer_too_large", f"line {line}", {"given": text[:40]}))
                return 0
            return int(text)
        return Decimal(text) if _DECIMAL.fullmatch(text) else text
