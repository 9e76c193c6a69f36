"""Texts to be compared, as lines of a file or as a list: `{"id", "text", "language", "tags"}`.

Where a problem names a file (`docs.jsonl`), the shell reads its lines and puts the list in its place: the core opens
no file. Contract: `docs/formats/solve.md`, "documents".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final

import pydantic
from pydantic import Field, GetJsonSchemaHandler, StringConstraints
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from madang.core.problem import Id, Items, Strict, pointer
from madang.core.reasons import Fault

#: Refused beyond: documents; characters of one text, and of all.
MOST_DOCUMENTS: Final = 200_000
LONGEST_TEXT: Final = 1_000_000
MOST_CHARACTERS: Final = 100_000_000

Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
TagName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
TagValue = Annotated[str, StringConstraints(max_length=200)]


class Document(Strict):
    """One text. `language` is for readers: every text is compared with every other."""

    id: Id
    text: Text
    language: Annotated[str, StringConstraints(max_length=35)] = ""
    tags: dict[TagName, TagValue | Items[TagValue]] = {}

    def values(self, tag: str) -> frozenset[str]:
        """The values of a tag; empty where it is missing."""
        given = self.tags.get(tag, ())
        return frozenset((given,) if isinstance(given, str) else given)


class _FileOrList:
    """A list of documents; in a file on its own where a name stands, which only the shell can read."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [handler(schema), {"type": "string", "pattern": r"^.+\.jsonl$"}]}


def _no_name(value: Any) -> Any:
    if isinstance(value, str):
        raise PydanticCustomError("documents_file_not_read", "{given}", {"given": value[:200]})
    return value


Documents = Annotated[
    tuple[Document, ...],
    pydantic.Strict(False),
    Field(max_length=MOST_DOCUMENTS),
    pydantic.BeforeValidator(_no_name),
    _FileOrList(),
]


def document_faults(documents: Sequence[Document], field: str, more_characters: int = 0) -> Iterator[Fault]:
    """Ids that stand twice, and more characters in all than are read; `field` names the list in the problem."""
    characters = sum(len(one.text) for one in documents) + more_characters
    if characters > MOST_CHARACTERS:
        yield Fault("documents_too_long", f"/{field}", {"characters": characters, "most": MOST_CHARACTERS})
    seen: dict[str, int] = {}
    for number, one in enumerate(documents):
        if (first := seen.setdefault(one.id, number)) != number:
            yield Fault("document_id_twice", pointer((field, number, "id")), {"id": one.id, "first": first + 1})
