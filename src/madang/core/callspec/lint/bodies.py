"""Who decides without scores: a body that votes, an authority that appoints; and tasks that are decided one by one."""

from __future__ import annotations

from collections.abc import Iterator

from madang.core.callspec.asked import RowsField
from madang.core.callspec.lint.common import Found, Params, Sets, repeated
from madang.core.callspec.lint.scores import panel
from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByAppointment, ByVote, TaskUnits

TASKS = "application_and_task"


def no_rubric(d: Definition, sets: Sets) -> Iterator[Found]:
    """Nobody invents points for a body that votes, or for an authority that gives reasons."""
    if not isinstance(d.decide, ByVote | ByAppointment):
        return
    votes = isinstance(d.decide, ByVote)
    for part in ("evaluation", "adjustments"):
        if getattr(d, part):
            yield (part,), "vote_with_rubric" if votes else "appointment_with_rubric", {}


def ballot(d: Definition, sets: Sets) -> Iterator[Found]:
    """A ballot with a yes, and a majority that can be had."""
    decide = d.decide
    if not isinstance(decide, ByVote):
        return
    if "yes" not in decide.options:
        yield ("decide", "options"), "vote_without_yes", {}
    for number, option in repeated(decide.options):
        yield ("decide", "options", number), "duplicate_option", {"option": option}
    if decide.majority == 100:
        yield ("decide", "majority"), "majority_never_reached", {}


def body(d: Definition, sets: Sets) -> Iterator[Found]:
    """Either seats that are filled already, or a body drawn from a pool; its composition must fit in."""
    decide = d.decide
    if not isinstance(decide, ByVote):
        return
    if decide.seats is None and decide.drawn is None:
        yield ("decide",), "vote_without_seats", {}
    if decide.drawn is not None:
        if decide.seats is not None:
            yield ("decide", "drawn"), "vote_with_two_bodies", {}
        if decide.drawn.draw_from is None:
            yield ("decide", "drawn"), "drawn_without_pool", {}
        if decide.drawn.per == "track":
            yield ("decide", "drawn", "per"), "body_per_track", {}
        yield from panel(("decide", "drawn"), decide.drawn)
    if decide.compose and decide.seats is None:
        yield ("decide", "compose"), "compose_without_seats", {}
    elif decide.seats is not None:
        yield from _composed(decide, decide.seats)


def _composed(decide: ByVote, seats: int) -> Iterator[Found]:
    """Every seat stands in one group, so the minimums of all groups must find room together."""
    for tag, share in decide.compose.items():
        most = seats if share.max is None else share.max
        if (share.min or 0) > min(most, seats):
            yield ("decide", "compose", tag), "composition_cannot_hold", {"id": tag, "seats": seats}
            return
    least = sum(share.min or 0 for share in decide.compose.values())
    if least > seats:
        yield ("decide", "compose"), "composition_over_seats", {"least": least, "seats": seats}


def places(d: Definition, sets: Sets) -> Iterator[Found]:
    """Fewer places than may be carried need a word on equal votes; both belong to whole applications."""
    decide = d.decide
    if not isinstance(decide, ByVote):
        return
    if decide.places is not None and not decide.ties:
        yield ("decide", "places"), "places_without_ties", {}
    if decide.ties and decide.places is None:
        yield ("decide", "ties"), "ties_without_places", {}
    if decide.places is not None and decide.unit == TASKS:
        yield ("decide", "places"), "places_with_tasks", {}
    for number, name in repeated(decide.ties):
        yield ("decide", "ties", number), "duplicate_tie_rule", {"id": name}


def advice(d: Definition, sets: Sets) -> Iterator[Found]:
    """The advice that an authority must have is an opinion of this call."""
    if not isinstance(d.decide, ByAppointment):
        return
    known = [opinion.id for opinion in d.opinions]
    for number, name in enumerate(d.decide.advice):
        if name not in known:
            yield ("decide", "advice", number), "unknown_opinion", {"name": name, "known": known}
    for number, name in repeated(d.decide.advice):
        yield ("decide", "advice", number), "repeated_name", {"name": name}


def tasks(d: Definition, sets: Sets) -> Iterator[Found]:
    """`application_and_task` and `tasks` go together, and only where somebody can say yes to a task."""
    decide = d.decide
    if decide.unit == TASKS and not isinstance(decide, ByVote | ByAppointment):
        yield ("decide", "unit"), "tasks_with_scores", {"by": decide.by}
    if decide.unit == TASKS and decide.tasks is None:
        yield ("decide", "unit"), "unit_without_tasks", {}
    if decide.tasks is not None:
        if decide.unit != TASKS:
            yield ("decide", "tasks"), "tasks_without_unit", {}
        yield from _rows(d, decide.tasks)


def _rows(d: Definition, units: TaskUnits) -> Iterator[Found]:
    """The rows must be filled in by everybody: an application without tasks would be decided whole."""
    known: Params = {"known": [field.id for field in d.fields() if isinstance(field, RowsField)]}
    rows = d.field(units.rows)
    if not isinstance(rows, RowsField):
        yield ("decide", "tasks", "rows"), "not_a_rows_field", {"name": units.rows, **known}
        return
    by_all = any(rows in section.fields and not section.tracks for section in d.form)
    if rows.required is not True or rows.when is not None or rows.min < 1 or not by_all:
        yield ("decide", "tasks", "rows"), "task_rows_not_required", {"id": rows.id}
    cells = {cell.id: cell for cell in rows.fields}
    for number, name in enumerate(units.key):
        path = ("decide", "tasks", "key", number)
        if name not in cells:
            yield path, "unknown_task_cell", {"name": name, "rows": rows.id, "known": list(cells)}
        elif cells[name].required is not True or cells[name].when is not None:
            yield path, "task_cell_not_required", {"name": name, "rows": rows.id}
    for number, name in repeated(units.key):
        yield ("decide", "tasks", "key", number), "repeated_name", {"name": name}


CHECKS = (no_rubric, ballot, body, places, advice, tasks)
