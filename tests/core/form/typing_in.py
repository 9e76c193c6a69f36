"""An application as somebody would type it into the form: the inverse of what `review` reads."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from madang.core.callspec.asked import WON_PER_UNIT, FormField, MoneyField, RowCell, RowsField
from madang.core.callspec.model import Definition
from madang.core.deciding.case import Application
from madang.core.form import Entered, FileFacts, Typed
from madang.core.form.written import plain


def typed_in(definition: Definition, application: Application, **more: Any) -> Entered:
    """Everything typed, every paper attached in its first format."""
    typed: dict[str, Typed] = {}
    for field in definition.fields():
        if field.id not in application.answers or field.type == "file":
            continue
        value = application.answers[field.id]
        if isinstance(field, RowsField):
            rows = {f"r{number}": row for number, row in enumerate(value)}
            typed[field.id] = tuple(rows)
            for id_, row in rows.items():
                for cell in field.fields:
                    if cell.id in row:
                        typed[f"{field.id}.{id_}.{cell.id}"] = as_typed(cell, row[cell.id])
        else:
            typed[field.id] = as_typed(field, value)
    members = {f"m{number}": member for number, member in enumerate(application.members)}
    if members:
        typed["members"] = tuple(members)
        typed |= {f"members.{id_}.{cell}": text for id_, member in members.items() for cell, text in member.items()}
    return Entered(
        typed=typed,
        files=papers(definition, application.answers),
        track=application.track,
        applicant=application.applicant,
        organisation=application.organisation,
        kind=application.kind,
        country=application.country,
        sample=True,
        **more,
    )


def papers(definition: Definition, answers: Mapping[str, Any]) -> Mapping[str, tuple[FileFacts, ...]]:
    asked = {field.id: field.formats for field in definition.fields() if field.type == "file"}
    asked |= {f"documents.{document.id}": document.formats for document in definition.documents}
    return {
        key: (FileFacts(name=answers.get(key, "paper"), size_bytes=9, format=formats[0] if formats else "pdf"),)
        for key, formats in asked.items()
    }


def as_typed(field: FormField | RowCell, value: Any) -> Typed:
    if isinstance(field, MoneyField):
        return plain(Decimal(value) / WON_PER_UNIT[field.unit])
    if isinstance(value, bool):
        return "yes" if value else "no"
    return tuple(value) if isinstance(value, list) else str(value)
