"""The verifier's own exact search: can those in be completed to a selection that keeps given rules?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from madang.core.selection.model import Budget, Rule, SelectionProblem
from madang.core.selection.verify_rules import Gauge, adds, fails_alone, high_of, low_of


class TooMuch(Exception):
    """The search limit was reached."""


class Completion:
    """An exact search: can `inside` be completed to a selection that keeps `rules`?

    Forward over classes of applications that the open gauges cannot tell apart, keeping for each vector of counts the
    least money that reaches it (a Pareto front where two budgets bind). A gauge is forgotten after its last class.
    """

    def __init__(self, problem: SelectionProblem, work: int) -> None:
        self.work = work
        self.rules = {rule.id: rule for rule in problem.rules}
        self.applications = {a.id: a for a in problem.applications}
        self.all_adds = {a.id: [add for r in problem.rules for add in adds(r, a)] for a in problem.applications}
        self.weights = {id_: dict(some) for id_, some in self.all_adds.items()}
        self.failing = {a.id: [r.id for r in problem.rules if fails_alone(r, a)] for a in problem.applications}
        self.high = {rule.id: high_of(rule) for rule in problem.rules}
        self.has_minimum = any(low_of(rule) > 0 for rule in problem.rules)
        self.answers: dict[object, bool] = {}
        self.refuted: dict[str, list[frozenset[str]]] = {}
        self.sorted: dict[tuple[str, str], list[str]] = {}

    def members_of(self, rule: str) -> frozenset[str]:
        """Who counts for a rule of seats or a quota."""
        return frozenset(self.cheapest_first(rule, ""))

    def cheapest_first(self, rule: str, measure: str) -> list[str]:
        """Who counts for a rule of seats or a quota, by what they draw on another rule, then as listed."""
        key = (rule, measure)
        if key not in self.sorted:
            members = [id_ for id_, adds in self.weights.items() if (rule, "") in adds]
            self.sorted[key] = sorted(members, key=lambda id_: self.weights[id_].get((measure, ""), 0))
        return self.sorted[key]

    def held(self, inside: Iterable[str]) -> Counter[Gauge]:
        """What `inside` adds to each gauge."""
        total: Counter[Gauge] = Counter()
        for id_ in inside:
            for gauge, weight in self.all_adds[id_]:
                total[gauge] += weight
        return total

    def broken_by(self, more: str, held: Mapping[Gauge, int]) -> list[str]:
        """The rules that `more`, on top of what is held, breaks outright, whatever else comes; in their order."""
        broken = set(self.failing[more])
        for gauge, weight in self.all_adds[more]:
            most = self.high[gauge[0]]
            if most is not None and held.get(gauge, 0) + weight > most:
                broken.add(gauge[0])
        return [id_ for id_ in self.rules if id_ in broken] if broken else []

    def comes_in(self, inside: Iterable[str], more: str, held: Mapping[Gauge, int], hint: frozenset[str]) -> bool:
        """Whether `more` can come to those in (who can be completed, and add up to `held`).

        `hint`: a selection that keeps every rule, if one is known.
        """
        if self.broken_by(more, held):
            return False
        if not self.has_minimum:
            return True
        wanted = frozenset(inside) | {more}
        if wanted <= hint:
            return True
        if any(past <= wanted for past in self.refuted.get(more, ())):
            return False
        possible = self.possible(wanted)
        if not possible:
            self.refuted.setdefault(more, []).append(wanted)
        return possible

    def keeps_all(self, chosen: Iterable[str]) -> bool:
        """Counted directly: no maximum and no minimum is broken."""
        ids = list(chosen)
        held = self.held(ids)
        return (
            not any(self.failing[id_] for id_ in ids)
            and all((most := self.high[gauge[0]]) is None or total <= most for gauge, total in held.items())
            and all(held[rule.id, ""] >= low_of(rule) for rule in self.rules.values())
        )

    def possible(self, inside: frozenset[str], rules: frozenset[str] | None = None, without: str = "") -> bool:
        active = frozenset(self.rules) if rules is None else rules
        key = (inside, active, without)
        if key not in self.answers:
            self.answers[key] = self._search(inside, [self.rules[id_] for id_ in sorted(active)], without)
        return self.answers[key]

    def _search(self, inside: frozenset[str], rules: list[Rule], without: str) -> bool:
        active = {rule.id for rule in rules}
        if any(failing in active for id_ in inside for failing in self.failing[id_]):
            return False
        used: Counter[Gauge] = Counter()
        for id_ in inside:
            for gauge, weight in self.all_adds[id_]:
                if gauge[0] in active:
                    used[gauge] += weight
        high = self.high
        if any((most := high[gauge[0]]) is not None and total > most for gauge, total in used.items()):
            return False
        need = {(rule.id, ""): low_of(rule) - used[rule.id, ""] for rule in rules if low_of(rule) > used[rule.id, ""]}
        if not need:
            return True
        self.spend(len(self.applications))
        items = []
        for id_, all_adds in self.all_adds.items():
            if id_ in inside or id_ == without or not any(gauge in need for gauge, _ in all_adds):
                continue
            item = {gauge: weight for gauge, weight in all_adds if gauge[0] in active}
            if active.isdisjoint(self.failing[id_]) and all(
                (most := high[g[0]]) is None or used[g] + w <= most for g, w in item.items()
            ):
                items.append(item)
        offered: Counter[Gauge] = Counter()
        for item in items:
            for gauge, weight in item.items():
                offered[gauge] += weight
        if any(offered[gauge] < missing for gauge, missing in need.items()):
            return False
        room = {}
        for gauge, total in offered.items():
            most = high[gauge[0]]
            if most is not None and total > most - used[gauge]:
                room[gauge] = most - used[gauge]
        if _filled_in_order(items, need, room):
            return True
        money = sorted(gauge for gauge in room if isinstance(self.rules[gauge[0]], Budget))
        return self._forward(items, need, room, money)

    def _forward(
        self, items: list[dict[Gauge, int]], need: dict[Gauge, int], room: dict[Gauge, int], money: list[Gauge]
    ) -> bool:
        counted = sorted((need.keys() | room.keys()) - set(money))
        classes: dict[tuple[tuple[int, ...], tuple[int, ...]], list[tuple[int, ...]]] = {}
        for item in items:
            spends = tuple(item.get(gauge, 0) for gauge in money)
            profile = tuple(n for n, gauge in enumerate(counted) if gauge in item)
            # With one budget the cheapest of a class come first; with several, only equal spenders are a class.
            classes.setdefault((profile, spends if len(money) > 1 else ()), []).append(spends)
        # Gauges with few members first, so that they can be forgotten early.
        breadth = Counter(n for profile, _ in classes for n in profile)
        ordered = sorted(classes.items(), key=lambda c: (sorted((breadth[n], n) for n in c[0][0]), c[0]))
        last = {n: place for place, ((profile, _), _) in enumerate(ordered) for n in profile}
        start = tuple((need.get(gauge, 0), room.get(gauge, 0)) for gauge in counted)
        states: dict[tuple[tuple[int, int], ...], list[tuple[int, ...]]] = {start: [(0,) * len(money)]}
        limits = [room[gauge] for gauge in money]
        bounded = [gauge in room for gauge in counted]
        for place, ((profile, _), members) in enumerate(ordered):
            reached: dict[tuple[tuple[int, int], ...], list[tuple[int, ...]]] = {}
            members.sort()
            for state, fronts in states.items():
                spent = [0] * len(money)
                for count in range(len(members) + 1):
                    self.spend(1 + len(counted) // 16)  # long states take longer
                    if count:
                        spent = [s + m for s, m in zip(spent, members[count - 1], strict=True)]
                    new = list(state)
                    for n in profile:
                        missing, free = state[n]
                        new[n] = (max(0, missing - count), free - count if bounded[n] else 0)
                    if any(new[n][1] < 0 for n in profile):
                        break
                    if any(last[n] == place and new[n][0] > 0 for n in profile):
                        continue
                    closed = tuple((0, 0) if last[n] == place else pair for n, pair in enumerate(new))
                    for front in fronts:
                        total = tuple(f + s for f, s in zip(front, spent, strict=True))
                        if all(t <= limit for t, limit in zip(total, limits, strict=True)):
                            _keep(reached.setdefault(closed, []), total)
            states = {state: fronts for state, fronts in reached.items() if fronts}
        return bool(states)

    def spend(self, states: int) -> None:
        self.work -= states
        if self.work < 0:
            raise TooMuch


def _filled_in_order(items: list[dict[Gauge, int]], need: dict[Gauge, int], room: dict[Gauge, int]) -> bool:
    """One quick try: everyone in turn who fills a need and fits. No says nothing."""
    need, room = dict(need), dict(room)
    for item in items:
        if any(need.get(gauge, 0) > 0 for gauge in item) and all(w <= room.get(g, w) for g, w in item.items()):
            for gauge, weight in item.items():
                if gauge in need:
                    need[gauge] -= weight
                if gauge in room:
                    room[gauge] -= weight
    return all(missing <= 0 for missing in need.values())


def _keep(front: list[tuple[int, ...]], new: tuple[int, ...]) -> None:
    """Keep only those that spend no more than another in every budget."""
    if any(all(o <= n for o, n in zip(old, new, strict=True)) for old in front):
        return
    front[:] = [old for old in front if not all(n <= o for n, o in zip(new, old, strict=True))]
    front.append(new)


# --- the check itself ---
