"""Which application each file belongs to, by the names of folders and files alone.

1. `A1/plan.pdf`: a folder is called as the application; everything in it belongs there.
2. `A1_plan.pdf`, `A1 plan.pdf`, `A1-plan.pdf`, `A1.pdf`: the file's name begins with the application's.

What is left of the name may say the place of the form: its id (`plan`) or its label in any language. Of two references
that fit, the longer one counts. Capital and small letters are the same; a space is like `_` and `-`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from madang.core.callspec.asked import FileField
from madang.core.callspec.model import Definition
from madang.papers.intake.archive import Entry

_MOST_WORDS: Final = 20
_APART: Final = re.compile(r"[\s_\-–—.()\[\]]+")


@dataclass(frozen=True, slots=True)
class Matched:
    """A file and its application; `key`: the place of the form (`documents.plan`, a field's id), blank for none."""

    entry: Entry
    application: str
    key: str


def places_of(definition: Definition) -> dict[str, str]:
    """How a name may say a place of the form, in plain letters -> its key."""
    found: dict[str, str] = {}
    for document in definition.documents:
        for name in (document.id, *document.label.values()):
            found.setdefault(_plain(name), f"documents.{document.id}")
    for field in definition.fields():
        if isinstance(field, FileField):
            for name in (field.id, *field.label.values()):
                found.setdefault(_plain(name), field.id)
    return found


def match(
    files: Iterable[Entry], references: Collection[str], places: Mapping[str, str]
) -> tuple[list[Matched], list[Entry]]:
    """The files that belong to an application, and those that belong to none. Linear in the files and their names."""
    known = {_plain(reference): reference for reference in references}
    longest = max((plain.count("-") for plain in known), default=0) + 1
    matched, left = [], []
    for one in files:
        reference, rest = _of_folder(one, known) or _of_name(one, known, longest) or ("", "")
        if reference:
            matched.append(Matched(one, reference, _place(rest, places)))
        else:
            left.append(one)
    return matched, left


def _of_folder(one: Entry, known: Mapping[str, str]) -> tuple[str, str] | None:
    for part in one.parts[:-1]:
        if reference := known.get(_plain(part)):
            return reference, one.name.rpartition(".")[0]
    return None


def _of_name(one: Entry, known: Mapping[str, str], longest: int) -> tuple[str, str] | None:
    words = _plain(one.name.rpartition(".")[0] or one.name).split("-")
    for count in range(min(longest, len(words)), 0, -1):
        if reference := known.get("-".join(words[:count])):
            return reference, "-".join(words[count:])
    return None


def _place(rest: str, places: Mapping[str, str]) -> str:
    """The place that the rest of a name says: the longest run of its words that is one (`2. Plan v3`)."""
    words = [word for word in _plain(rest).split("-") if word][:_MOST_WORDS]
    for length in range(len(words), 0, -1):
        for begin in range(len(words) - length + 1):
            if key := places.get("-".join(words[begin : begin + length])):
                return key
    return ""


def _plain(text: str) -> str:
    return _APART.sub("-", unicodedata.normalize("NFKC", text).casefold()).strip("-")
