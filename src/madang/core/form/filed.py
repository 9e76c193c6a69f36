"""A form that was filed, read again: as it would stand in a draft, and so for screens, papers and comparisons.

The filed form (`docs/formats/receipts.md`) holds values, not what was typed. `entered_of` types them again, so that
`review` gives back the answers and members that were filed. Rows have no ids there: they are numbered from 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from madang.core.callspec.asked import WON_PER_UNIT, FileField, FormField, MoneyField, RowCell, RowsField
from madang.core.callspec.model import Definition
from madang.core.form.model import MEMBER_CELLS, MEMBERS, Entered, FileFacts, FormState, Place, Typed
from madang.core.form.written import plain


def entered_of(definition: Definition, form: Mapping[str, Any]) -> Entered:
    """What `review` needs to give back the filed form. `definition` is the version that it was filed under."""
    answers, applicant = form["answers"], form["applicant"]
    typed: dict[str, Typed] = {}
    for field in definition.fields():
        value = answers.get(field.id)
        if value is None or isinstance(field, FileField):
            continue
        if isinstance(field, RowsField):
            cells: dict[str, RowCell | None] = {cell.id: cell for cell in field.fields}
            typed |= _rows(field.id, value, cells)
        else:
            typed[field.id] = _typed(field, value)
    typed |= _rows(MEMBERS, form["members"], dict.fromkeys(MEMBER_CELLS))
    files: dict[str, tuple[FileFacts, ...]] = {}
    for one in form["files"]:
        facts = FileFacts(name=one["name"], size_bytes=one["size_bytes"], format=one["format"])
        files[one["key"]] = (*files.get(one["key"], ()), facts)
    return Entered(
        typed=typed,
        files=files,
        track=form["track"],
        applicant=applicant["name"],
        organisation=applicant["organisation"],
        kind=applicant["kind"],
        country=applicant["country"],
    )


def filled_rows(state: FormState, of: str) -> list[list[Place]]:
    """The rows of a repeated place in which something stands that counts or will: their cells, each in its order."""
    place = state.places[of]
    rows = ([state.places[key] for key in _cells(state, of, row)] for row in place.rows)
    return [found for row in rows if (found := [cell for cell in row if stands(cell) is not None])]


def numbered(state: FormState, key: str) -> str:
    """The key with the number of its row in place of the row's id: `goals.r3f.when` -> `goals.2.when`."""
    first, _, rest = key.partition(".")
    row, _, cell = rest.partition(".")
    if not cell or first not in state.places:
        return key
    filled = [found[0].key.split(".")[1] for found in filled_rows(state, first)]
    return f"{first}.{filled.index(row) + 1}.{cell}" if row in filled else key


def stands(place: Place | None) -> Any:
    """What stands in a place and is asked there: its value; as typed where that cannot be read; `None` for nothing."""
    if place is None or not place.shown:
        return None
    return place.value if place.value is not None else place.typed or None


def _cells(state: FormState, of: str, row: str) -> Iterable[str]:
    prefix = f"{of}.{row}."
    return (key for key in state.places if key.startswith(prefix))


def _rows(of: str, rows: Sequence[Mapping[str, Any]], cells: Mapping[str, RowCell | None]) -> dict[str, Typed]:
    typed: dict[str, Typed] = {of: tuple(str(number) for number, _ in enumerate(rows, 1))} if rows else {}
    for number, row in enumerate(rows, 1):
        for name, value in row.items():
            if value is not None and name in cells:
                typed[f"{of}.{number}.{name}"] = _typed(cells[name], value)
    return typed


def _typed(asked: FormField | RowCell | None, value: Any) -> Typed:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return tuple(map(str, value))
    if isinstance(asked, MoneyField) and isinstance(value, int):
        return plain(Decimal(value) / WON_PER_UNIT[asked.unit])
    return str(value)
