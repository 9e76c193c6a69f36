"""Invented panels: seated as handed in, or a pool with exclusions and draws that anybody can derive again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random

from madang.core.callspec.scored import Judged, Panel
from madang.core.deciding.case import Candidate, Case, Draw, Exclusion, Member, Reveal
from madang.core.deciding.draws import BODY, LOTS, drawn, entries_of, panels_of, with_draws
from madang.core.lots import entries_digest
from madang.papers.plan_assigning import assigned_stages
from madang.papers.samples.common import Sampling

_SEATS = 7
_PARTIES = ("예시 접수기관 / Sample secretariat", "예시 감사담당 / Sample auditor", "예시 참관인 / Sample observer")
_EXCLUDED = (
    ("excluded_by_law", "예시: 신청기관 재직 이력(3년 이내) / Sample: employed by an applicant within three years"),
    ("challenged", "예시: 신청기관의 기피 신청 / Sample: challenged by an applicant"),
    ("withdrew", "예시: 자문 이력으로 회피 / Sample: withdrew, had advised an applicant"),
)

Seated = Mapping[str, tuple[Member, ...]]
"""Judged stage -> who judges in it."""


def seat_panels(s: Sampling, case: Case, eligible: frozenset[str]) -> tuple[Case, Seated]:
    """The case with panels, pools and draws, and who is seated in the end.

    A panel is drawn where the definition names a pool for the whole call; where any is, or evaluators are assigned,
    ties are drawn too.
    """
    panels = panels_of(s.definition)
    by_lot = {name: panel for name, panel in panels.items() if panel.draw_from and panel.per == "call"}
    numbers = _Numbers()
    handed_in = tuple(member for stage in s.definition.judged() for member in _handed_in(s, stage, by_lot, numbers))
    if not by_lot and not assigned_stages(s.definition):
        return replace(case, panel=handed_in, lot_order=_lots(s, case)), _by_stage(handed_in)
    for name, panel in by_lot.items():
        case = _with_pool(s, case, name, panel, numbers)
    case = replace(case, panel=handed_in)
    for name in _draws(s, by_lot):
        case = _with_draw(s, case, eligible, name)
    case = _one_leaves(s, case, eligible)
    seated = with_draws(case, drawn(s.definition, case, eligible)).panel
    return case, _by_stage(seated)


def _by_stage(members: tuple[Member, ...]) -> Seated:
    return {stage: tuple(m for m in members if m.stage == stage) for stage in {m.stage for m in members}}


class _Numbers:
    """Evaluators are numbered through all stages."""

    def __init__(self) -> None:
        self._next = 1

    def names(self, count: int, letter: str = "E") -> list[str]:
        first, self._next = self._next, self._next + count
        return [f"{letter}{number:02}" for number in range(first, first + count)]


# -- handed in ----------------------------------------------------------------------------------------------------


def _handed_in(s: Sampling, stage: Judged, by_lot: Mapping[str, Panel], numbers: _Numbers) -> Iterator[Member]:
    """The panel of a stage as an office hands it in: the call's, or one for each track after the other."""
    if stage.id in by_lot or stage.assign is not None:
        return
    seats = stage.panel.seats if stage.panel else _SEATS
    panels = max(1, len(s.definition.tracks)) if stage.panel and stage.panel.per == "track" else 1
    for n, name in enumerate(numbers.names(seats * panels)):
        yield Member(stage.id, name, _tags(stage, n % seats))


def _tags(stage: Judged, seat: int) -> tuple[str, ...]:
    """The tags that the panel's composition needs: each minimum is met from one end of the seats or the other."""
    tags = []
    compose = stage.panel.compose if stage.panel else {}
    for index, (tag, share) in enumerate(compose.items()):
        seats = stage.panel.seats if stage.panel else _SEATS
        if (seat if index % 2 == 0 else seats - 1 - seat) < (share.min or 0):
            tags.append(tag)
    return tuple(tags)


def _lots(s: Sampling, case: Case) -> tuple[str, ...]:
    if not s.definition.decide.by_lot:
        return ()
    order = [application.id for application in case.applications]
    s.random.shuffle(order)
    return tuple(order)


# -- drawn by lot -------------------------------------------------------------------------------------------------


def _with_pool(s: Sampling, case: Case, name: str, panel: Panel, numbers: _Numbers) -> Case:
    """A pool from which the composition can be kept, and three of it excluded where enough remain."""
    random = s.chance(f"pool:{name}")
    size = max(panel.draw_from or 0, panel.seats)
    names = numbers.names(size, "R" if name == BODY else "E")
    tags = _shared_tags(panel, names, random)
    pool = tuple(Candidate(name, who, tuple(tags[who])) for who in names)
    few = max(0, min(len(_EXCLUDED), size - 2 * panel.seats))
    out = random.sample(names, few)
    excluded = tuple(Exclusion(name, who, *ground) for who, ground in zip(sorted(out), _EXCLUDED, strict=False))
    return replace(case, pool=(*case.pool, *pool), exclusions=(*case.exclusions, *excluded))


def _shared_tags(panel: Panel, names: list[str], random: Random) -> dict[str, list[str]]:
    """Who carries which tag of the composition. Tags whose minimums fit beside each other part the pool between them
    (women and men); the others (people under 40) lie across it."""
    tags: dict[str, list[str]] = {name: [] for name in names}
    apart, taken = [], 0
    for tag, share in panel.compose.items():
        if taken + (share.min or 0) <= panel.seats:
            apart.append(tag)
            taken += share.min or 0
    left = random.sample(names, len(names))
    for tag in apart:
        many = _many(panel, tag, len(names))
        for name in left[:many]:
            tags[name].append(tag)
        left = left[many:]
    for number, name in enumerate(left if len(apart) > 1 else ()):
        tags[name].append(apart[number % len(apart)])
    for tag in panel.compose:
        if tag not in apart:
            for name in random.sample(names, _many(panel, tag, len(names))):
                tags[name].append(tag)
    return tags


def _many(panel: Panel, tag: str, pool: int) -> int:
    """How many of the pool carry a tag: its share of the seats, and one more so that somebody may be excluded."""
    least = -(-pool * (panel.compose[tag].min or 0) // panel.seats)
    return min(pool, least + 1)


def _draws(s: Sampling, by_lot: Mapping[str, Panel]) -> Iterator[str]:
    """Panels, the order of presentations, and the lots that settle ties."""
    yield from (f"panel:{name}" for name in by_lot)
    yield from (f"order:{stage.id}" for stage in s.definition.judged() if stage.form == "presentation")
    if s.definition.decide.by_lot:
        yield LOTS


def _with_draw(s: Sampling, case: Case, eligible: frozenset[str], name: str) -> Case:
    """A draw whose parties committed to a secret each and opened it: entries published before, a public value after."""
    entries = entries_of(s.definition, case, eligible, name)
    secrets = {party: f"sample-{_hash(f'{s.seed}:{name}:{party}')[:32]}" for party in _PARTIES}
    public = f"sample-{int(_hash(f'{s.seed}:{name}:public')[:8], 16) % 10**6:06}"
    reveals = tuple(Reveal(name, party, _hash(secret), secret) for party, secret in secrets.items())
    draw = Draw(name, public, entries_digest(entries))
    return replace(case, draws=(*case.draws, draw), reveals=(*case.reveals, *reveals))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _one_leaves(s: Sampling, case: Case, eligible: frozenset[str]) -> Case:
    """A member of the first panel that has substitutes leaves after the draw; the next in order moves up."""
    panels = panels_of(s.definition)
    for draw in drawn(s.definition, case, eligible):
        name = draw["draw"].partition(":")[2]
        if draw.get("substitutes") and panels[name].substitutes == "ordered":
            leaver = draw["members"][s.chance("leaver").randrange(len(draw["members"]))]
            reason = "예시: 추첨 후 이해관계를 알려 회피 / Sample: withdrew after the draw"
            return replace(case, exclusions=(*case.exclusions, Exclusion(name, leaver, "withdrew", reason, True)))
    return case
