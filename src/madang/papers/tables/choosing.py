"""Which worksheet of a workbook holds the table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from madang.core.reasons import Fault, Malformed
from madang.papers.tables.model import Cell, header_cell


def choose(
    name: str,
    visible: Sequence[str],
    keys: Collection[str],
    titles: Collection[str],
    first_row: Callable[[str], Sequence[Cell]],
) -> str:
    """The one visible worksheet, else the one that bears the table's name, else the one whose first row has a key.

    Raises `Malformed` naming the worksheets where there is none or no single one.
    """
    if not visible:
        raise Malformed([Fault("no_worksheet", name)])
    if len(visible) == 1:
        return visible[0]
    own = {title.casefold() for title in titles}
    named = [title for title in visible if title.strip().casefold() in own]
    if len(named) == 1:
        return named[0]
    known = {key.casefold() for key in keys}
    among = named or visible
    found = [title for title in among if any(header_cell(cell).casefold() in known for cell in first_row(title))]
    if len(found) != 1:
        told = found or list(among)
        code = "several_worksheets" if found else "no_known_worksheet"
        raise Malformed([Fault(code, name, {"worksheets": told[:10], "columns": sorted(keys)[:5]})])
    return found[0]
