"""What a key of the form names, in one definition. Keys come from outside: what is not known here is forged or gone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from madang.core.callspec.asked import ChoiceField, Document, FileField, FormField, RowCell, RowsField
from madang.core.callspec.model import Definition
from madang.core.form.model import DOCUMENTS, MEMBER_CELLS, MEMBERS

TRACK = "applicant.track"
LONGEST_KEY = 250
MOST_ROWS = 1000
"""Rows of a repeated place that says no limit of its own."""
_ROW = re.compile(r"[0-9a-z]{1,20}")


@dataclass(frozen=True, slots=True)
class Named:
    """`rows` is a repeated field (or the consortium), `cell` one cell of the row `row` of the place `of`."""

    kind: Literal["track", "field", "cell", "rows", "files"]
    of: str
    row: str = ""
    asked: FormField | RowCell | Document | None = None

    @property
    def many(self) -> bool:
        """Whether several ids stand there."""
        return isinstance(self.asked, ChoiceField) and self.asked.many

    @property
    def words(self) -> bool:
        """Whether somebody writes sentences there, which can be translated."""
        return self.asked is not None and getattr(self.asked, "type", "") in ("text", "long_text")


class Keys:
    """The places of one definition, whatever its conditions say."""

    def __init__(self, definition: Definition) -> None:
        self._fields = {field.id: field for field in definition.fields()}
        self._documents = {document.id: document for document in definition.documents}
        self._consortium = any(track.consortium for track in definition.tracks)
        self._tracks = len(definition.tracks) > 1

    def named(self, key: str) -> Named | None:
        """What the key names; nothing where this form has no such place."""
        if not isinstance(key, str) or len(key) > LONGEST_KEY:
            return None
        if key == TRACK:
            return Named("track", key) if self._tracks else None
        first, *rest = key.split(".")
        if first == MEMBERS and self._consortium:
            return self._row(MEMBERS, rest, dict.fromkeys(MEMBER_CELLS))
        if first == DOCUMENTS and len(rest) == 1 and rest[0] in self._documents:
            return Named("files", key, asked=self._documents[rest[0]])
        field = self._fields.get(first)
        if isinstance(field, RowsField):
            cells: dict[str, RowCell | None] = {cell.id: cell for cell in field.fields}
            return self._row(first, rest, cells, field)
        if field is None or rest:
            return None
        return Named("files" if isinstance(field, FileField) else "field", first, asked=field)

    @staticmethod
    def _row(
        of: str, rest: list[str], cells: dict[str, RowCell | None], field: RowsField | None = None
    ) -> Named | None:
        if not rest:
            return Named("rows", of, asked=field)
        if len(rest) != 2 or rest[1] not in cells or not _ROW.fullmatch(rest[0]):
            return None
        return Named("cell", of, row=rest[0], asked=cells[rest[1]])

    def most_rows(self, of: Named) -> int:
        return (isinstance(of.asked, RowsField) and of.asked.max) or MOST_ROWS
