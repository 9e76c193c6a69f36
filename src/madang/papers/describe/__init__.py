"""A call in words: what a programme officer or an applicant would want to read, section by section.

`describe(definition, language)` decides nothing and computes nothing but the identities of the budget. One module per
subject, one method per section; a section without content is left out. What a call never published is marked as a
sample wherever it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from madang.core.callspec.blocks import Block
from madang.core.callspec.model import Definition
from madang.papers.describe.announcement import Announcement
from madang.papers.describe.asked import Asked
from madang.papers.describe.before import Before
from madang.papers.describe.decision import Decision
from madang.papers.describe.opening import Opening
from madang.papers.describe.outcome import Outcomes
from madang.papers.describe.scoring import Scoring
from madang.papers.describe.teller import Teller
from madang.papers.outline import Bullets, Facts, Outline, Part, Section

__all__ = ["describe"]


def describe(definition: Definition, language: str) -> Outline:
    """The call in one language of the house (`ko`, `en`). Cost: linear in the definition."""
    teller = Teller(definition, language)
    badges = [
        teller.label(f"badge.{name}")
        for name in (definition.intake.mode, definition.decide.by, definition.outcome.kind)
    ]
    if _has_samples(definition):
        badges.append(teller.label("badge.sample"))
    told = ((name, tuple(part for part in parts() if not _is_empty(part))) for name, parts in _sections(teller).items())
    return Outline(
        title=teller.w.of(definition.title),
        summary=teller.w.of(definition.summary),
        badges=tuple(badges),
        sections=tuple(Section(name, teller.label(f"section.{name}"), parts) for name, parts in told if parts),
        language=teller.w.language,
        sample_word=teller.label("sample"),
    )


def _sections(teller: Teller) -> Mapping[str, Callable[[], Iterator[Part]]]:
    """Every section in the order of reading."""
    given = (teller.d, teller.w.language)
    opening, asked, before, outcomes = Opening(*given), Asked(*given), Before(*given), Outcomes(*given)
    return {
        "about": opening.about,
        "who": opening.who,
        "when": opening.when,
        "form": asked.form,
        "papers": asked.papers,
        "eligibility": before.eligibility,
        "review": before.review,
        "opinions": before.opinions,
        "scoring": Scoring(*given).scoring,
        "decision": Decision(*given).decision,
        "money": outcomes.money,
        "outcome": outcomes.outcome,
        "announcement": Announcement(*given).announcement,
    }


def _is_empty(part: Part) -> bool:
    return (isinstance(part, Facts) and not part.rows) or (isinstance(part, Bullets) and not part.items)


def _has_samples(part: Any) -> bool:
    """Whether anything in a definition was never published."""
    if isinstance(part, Block):
        return bool(part.sample) or any(_has_samples(getattr(part, name)) for name in type(part).model_fields)
    if isinstance(part, tuple | dict):
        return any(_has_samples(item) for item in (part.values() if isinstance(part, dict) else part))
    return False
