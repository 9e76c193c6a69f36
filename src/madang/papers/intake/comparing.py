"""What differs between an application as it is held and as a table has it now.

What the tables do not speak of stays as it is: a column or table that was not handed in takes nothing away. A column
that is there and left blank does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

from madang.core.callspec.asked import RowsField
from madang.core.callspec.model import Definition
from madang.core.deciding.case import Application
from madang.papers.intake.reading import Intake

_GENERAL = ("applicant", "kind", "organisation", "track", "country", "received")


def merged(held: Application, given: Application, intake: Intake, definition: Definition) -> Application:
    """The application as it would be held after the import."""
    columns = intake.given.get("applications", frozenset())
    answers = dict(held.answers)
    for field in definition.fields():
        there = f"rows-{field.id}" in intake.given if isinstance(field, RowsField) else field.id in columns
        if there:
            answers.pop(field.id, None)
            if field.id in given.answers:
                answers[field.id] = given.answers[field.id]
    general = {
        name: getattr(given, name)
        for name in _GENERAL
        if name in columns
        or (name == "country" and any(f.type == "country" and f.id in columns for f in definition.fields()))
    }
    members = given.members if "members" in intake.given else held.members
    return replace(held, **general, answers=answers, members=members)


def differences(before: Application, after: Application) -> list[str]:
    """The names of what differs: general columns, `members`, and fields of the form."""
    found = [
        one.name
        for one in fields(Application)
        if one.name not in ("id", "answers", "admitted")
        and _plain(getattr(before, one.name)) != _plain(getattr(after, one.name))
    ]
    keys = {**before.answers, **after.answers}
    return found + [key for key in keys if before.answers.get(key) != after.answers.get(key)]


def _plain(value: object) -> object:
    """Members as maps, whatever map they came as."""
    if isinstance(value, tuple):
        return [dict(one) if isinstance(one, Mapping) else one for one in value]
    return value
