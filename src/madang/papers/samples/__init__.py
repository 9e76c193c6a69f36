"""Invented material for any definition, drawn from the definition alone and deterministic by seed.

Names say that they are invented; countries are user-assigned codes of ISO 3166. Only integers are drawn, so that the
same seed gives the same case on every machine.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from madang.core.callspec.model import Definition
from madang.core.deciding.case import Batch, Case, SisterApplication
from madang.core.deciding.decide import prepare
from madang.papers.assigning.roster import Roster
from madang.papers.samples.afterwards import afterwards
from madang.papers.samples.applications import Applications
from madang.papers.samples.assigning import assign, roster_of
from madang.papers.samples.bodies import appointments, votes
from madang.papers.samples.common import COUNTRIES, Sampling
from madang.papers.samples.panels import seat_panels
from madang.papers.samples.review import checklist, opinions, outside_checks
from madang.papers.samples.sheets import adjustments, judge
from madang.papers.writing import write_folder

__all__ = ["COUNTRIES", "sample_case", "sample_roster", "write_folder"]


def sample_case(
    definition: Definition,
    *,
    seed: int,
    applications: int,
    known: Mapping[str, Collection[str]] | None = None,
    sisters: tuple[SisterApplication, ...] = (),
) -> Case:
    """An invented case with so many applications: all that the definition asks for before it can be decided.

    About one application in twenty is ineligible by a rule, one in twenty fails the review, and where other bodies are
    asked they find something now and then; a few evaluators are in conflict or excluded, and where a panel is drawn by
    lot one member leaves afterwards; two applications tie. `known`: ids of classifications by role, as in
    `folder.read`. `sisters`: who applied in sister calls, for cases made by hand. The cost is linear in applications x
    evaluators x criteria; where amounts or conditions follow, a decision more; where evaluators are assigned, that too
    (a solver is loaded then).
    """
    s = Sampling(definition, seed, known)
    made = Applications(s).draw(applications)
    case = Case(applications=made, sisters=sisters, batch=tuple(_batch(definition)), sample=True)
    case = replace(case, checklist=tuple(checklist(s, made)), outside_checks=tuple(outside_checks(s, made)))
    eligible = prepare(definition, case).eligible
    reached = [application for application in made if application.id in eligible]
    case, seated = seat_panels(s, case, eligible)
    case, seated = assign(s, case, seated, eligible)
    case = judge(s, case, seated, reached)
    case = replace(case, opinions=tuple(opinions(s, reached)), adjustments=tuple(adjustments(s, reached)))
    case = votes(s, case, reached)
    case = replace(case, appointments=tuple(appointments(s, reached)))
    return afterwards(s, case)


def sample_roster(
    definition: Definition, case: Case, *, seed: int, known: Mapping[str, Collection[str]] | None = None
) -> Roster:
    """Who may evaluate in the sample of this seed, where the definition assigns evaluators; for `write_folder`."""
    return roster_of(Sampling(definition, seed, known), case.applications)


def _batch(definition: Definition) -> list[Batch]:
    """Where a later cut-off follows, the first is decided: what came after it counts for the next."""
    cut_offs = definition.intake.cut_offs
    return [Batch(cut_offs[0].at)] if len(cut_offs) > 1 else []
