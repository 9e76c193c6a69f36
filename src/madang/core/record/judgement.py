"""What a check of authenticity found: what contradicts, what holds, and what could not be judged."""

from __future__ import annotations

from dataclasses import dataclass

from madang.core.reasons import Reason


@dataclass(frozen=True, slots=True)
class Judgement:
    """`wrong` contradicts; `holds` was checked and is so; `unjudged` says what would be needed to judge further."""

    wrong: tuple[Reason, ...] = ()
    holds: tuple[Reason, ...] = ()
    unjudged: tuple[Reason, ...] = ()
