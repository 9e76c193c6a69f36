"""Lots: an order that nobody could steer alone and anybody can check afterwards (`docs/algorithms/lots.md`)."""

from madang.core.lots.model import LotsProblem, LotsResult, faults_in, require_sound
from madang.core.lots.solve import Drawn, draw_order, entries_digest, in_fixed_order, order_from_seed, solve_lots
from madang.core.lots.verify import verify_lots

__all__ = [
    "Drawn",
    "LotsProblem",
    "LotsResult",
    "draw_order",
    "entries_digest",
    "faults_in",
    "in_fixed_order",
    "order_from_seed",
    "require_sound",
    "solve_lots",
    "verify_lots",
]
