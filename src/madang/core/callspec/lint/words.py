"""Words: every text in every language of the call, and in no other."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel

from madang.core.callspec.blocks import Text
from madang.core.callspec.lint.common import Found, Path, Sets, repeated, walk
from madang.core.callspec.model import Definition


def languages(d: Definition, sets: Sets) -> Iterator[Found]:
    for number, language in repeated(d.languages):
        yield ("languages", number), "repeated_name", {"name": language}


def missing_translation(d: Definition, sets: Sets) -> Iterator[Found]:
    for path, words in _texts(d):
        for language in d.languages:
            if not words.get(language, "").strip():
                yield path, "missing_translation", {"language": language, "field": str(path[-1])}
        for language in words:
            if language not in d.languages:
                known = list(d.languages)
                yield (*path, language), "language_not_declared", {"language": language, "known": known}


def _texts(d: Definition) -> Iterator[tuple[Path, dict[str, str]]]:
    for path, part in walk(d):
        if not isinstance(part, BaseModel):
            continue
        plain, by_key = _text_fields(type(part))
        for name in plain:
            if isinstance(words := getattr(part, name), dict):
                yield (*path, name), words
        for name in by_key:
            yield from (((*path, name, key), words) for key, words in getattr(part, name).items())


@cache
def _text_fields(model: type[BaseModel]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields of a model that hold words, and those that hold words by a key (anchors of a scale)."""
    hints = get_type_hints(model, include_extras=True)
    fields = [(name, hints[name]) for name in model.model_fields]
    plain = tuple(name for name, hint in fields if hint == Text or (_is_union(hint) and Text in get_args(hint)))
    return plain, tuple(name for name, hint in fields if name not in plain and Text in get_args(hint))


def _is_union(hint: Any) -> bool:
    return type(None) in get_args(hint)


CHECKS = (languages, missing_translation)
