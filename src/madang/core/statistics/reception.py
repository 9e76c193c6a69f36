"""From a call and its case to what the reception tables count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.core.callspec.asked import ChoiceField
from madang.core.callspec.model import Definition
from madang.core.statistics.cross import Counted
from madang.core.statistics.model import Classifications, EarlierRound, Received, Reception
from madang.core.statistics.tables import tabulate

if TYPE_CHECKING:  # deciding imports the statistics
    from madang.core.deciding.case import Application, Case


NO_DAY = "9999-12-31"
"""The day of a call that names none and whose applications have none: what holds with an open end holds on it."""


def of_call(definition: Definition, case: Case, classifications: Classifications) -> dict[str, Any]:
    """The reception statistics of a call: every application received, whatever became of it later."""
    return tabulate(reception_of(definition, case, classifications))


def reception_of(definition: Definition, case: Case, classifications: Classifications) -> Reception:
    """What is counted. The country is the project's (form field `country`), else the applicant's own."""
    tracks = tuple(track.id for track in definition.tracks)
    field_ids = [field.id for field in definition.fields() if isinstance(field, ChoiceField) and field.set == "field"]
    return Reception(
        received=tuple(
            Received(
                application=one.id,
                track=one.track or (tracks[0] if len(tracks) == 1 else ""),
                country=_country(one),
                fields=_fields(one, field_ids),
            )
            for one in case.applications
        ),
        classifications=classifications,
        tracks=tracks,
        on=_day(definition, case),
        year=_year(definition, case),
        earlier=tuple(EarlierRound(r.year, r.cases, r.countries) for r in case.rounds),
    )


def counted_of(definition: Definition, case: Case) -> tuple[Counted, ...]:
    """The same applications, with what else a table may be asked by."""
    found = reception_of(definition, case, Classifications())
    return tuple(
        Counted(row.application, row.track, row.country, row.fields, one.kind, one.received[:10])
        for row, one in zip(found.received, case.applications, strict=True)
    )


def _country(one: Application) -> str:
    answer = one.answers.get("country")
    return answer if isinstance(answer, str) and answer else one.country


def _fields(one: Application, field_ids: list[str]) -> tuple[str, ...]:
    """Every field of the set that the applicant named, each once."""
    named: list[str] = []
    for id_ in field_ids:
        answer = one.answers.get(id_)
        named += [str(field) for field in answer] if isinstance(answer, list) else [str(answer)] if answer else []
    return tuple(dict.fromkeys(named))


def _day(definition: Definition, case: Case) -> str:
    """The day whose region sets count: the close of intake, or the last day on which anything arrived."""
    schedule = definition.schedule
    if schedule.closes:
        return schedule.closes.at[:10]
    days = [one.received[:10] for one in case.applications if one.received]
    return max(days, default=(schedule.opens or schedule.announced or NO_DAY)[:10])


def _year(definition: Definition, case: Case) -> int:
    """A round is named after the year in which its procedure ends; one announced in November is next year's."""
    days = [stage.last_day for stage in definition.schedule.stages if stage.last_day]
    return int(max([*days, _day(definition, case)])[:4])
