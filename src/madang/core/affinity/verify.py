"""Is this the table that the texts, fields and languages give? Recomputed with dictionaries, without the solver's code.

Every number is exact, so nothing may differ by even a millionth. All rows are computed anew while that is at most
`work` comparisons of two texts; of a larger table rows at even distances and those explained first, and
`check_affinity` names in `not_checked` how many were left. Form, size and range are checked of every cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from madang.core.affinity.explain import Facts, PartTaken, Taken, about_all, why
from madang.core.affinity.model import AffinityProblem, Application, Evaluator, declared, language, require_sound
from madang.core.affinity.verify_texts import Vector, read_all
from madang.core.matrix import Matrix
from madang.core.reasons import Checked, Param, Reason

WORK = 200_000
_MILLION = 1_000_000
_UNIT = 10**9
_CELL = re.compile(r"[01]\.[0-9]{6}")
_FREE = ("engine", "elapsed_ms")
_FOUND_AT_MOST = 100  # wrong cells that are named


def verify_affinity(problem: AffinityProblem, result: object) -> list[Reason]:
    """Everything in `result` (as read from JSON, or with its table as a `Matrix`) that does not follow from `problem`.

    Raises `Malformed` for an unsound problem. Cost: reading all texts, and `WORK` comparisons of two of them.
    """
    return check_affinity(problem, result).contradictions


def check_affinity(problem: AffinityProblem, result: object, work: int = WORK) -> Checked:
    """As `verify_affinity`, and what was not recomputed within `work` comparisons."""
    require_sound(problem)
    if not isinstance(result, dict):
        return Checked([_wrong("", result, "{...}")], [])
    check = _Check(problem, result, work)
    check.everything()
    return Checked(check.contradictions, check.not_checked)


@dataclass
class _Check:
    problem: AffinityProblem
    result: Mapping[str, Any]
    work: int
    contradictions: list[Reason] = field(default_factory=list)
    not_checked: list[Reason] = field(default_factory=list)

    @cached_property
    def vectors(self) -> tuple[list[Vector], list[list[Vector]]]:
        """Those of the applications, and of each evaluator's works; all empty where texts do not count."""
        if not self.problem.weights.text:
            return [{} for _ in self.problem.applications], [[{} for _ in one.works] for one in self.problem.evaluators]
        return read_all(self.problem)

    def everything(self) -> None:
        rows = self._rows()
        explained = self._explained()
        self._head(explained)
        chosen = self._chosen()
        if len(chosen) < len(self.problem.applications):
            params: dict[str, Param] = {"checked": len(chosen), "applications": len(self.problem.applications)}
            self.not_checked.append(Reason("affinity_rows_not_checked", params))
        computed: dict[str, list[Taken]] = {}
        for number in chosen:
            application = self.problem.applications[number]
            row = self._row(number)
            if rows is not None:
                self._compare_row(number, rows[number], row)
            if application.id in {name for name, _ in self.problem.explain}:
                computed[application.id] = row
        self._compare_why(explained, computed)

    # --- the frame ---

    def _head(self, explained: list[Any] | None) -> None:
        applications, works = self.vectors
        heard = self.problem.weights.text
        facts = Facts(
            frozenset(o.id for o, v in zip(self.problem.applications, applications, strict=True) if heard and not v),
            frozenset(o.id for o, v in zip(self.problem.evaluators, works, strict=True) if heard and not any(v)),
            self._unread(),
        )
        expected: dict[str, Any] = {
            "kind": "affinity",
            "version": 1,
            "status": "computed",
            "reasons": [reason.as_json() for reason in about_all(self.problem, facts)],
            "seed": self.problem.seed,
            "scale": _MILLION,
            "applications": [one.id for one in self.problem.applications],
            "evaluators": [one.id for one in self.problem.evaluators],
        }
        for name, follows in expected.items():
            if name not in self.result or repr(self.result[name]) != repr(follows):
                self.contradictions.append(_wrong(f"/{name}", self.result.get(name), follows))
        for name in self.result:
            if name not in expected and name not in ("affinity", "why", *_FREE):
                self.contradictions.append(_wrong(f"/{name}", self.result[name], None))

    def _unread(self) -> list[str]:
        if self.problem.languages != "require" or not self.problem.evaluators:
            return []
        read = {language(tag) for one in self.problem.evaluators for tag in one.languages}
        return [
            one.id
            for one in self.problem.applications
            if one.languages and not any(language(tag) in read for tag in one.languages)
        ]

    # --- the table ---

    def _rows(self) -> list[list[int]] | None:
        """The stated table in millionths; None where it is not one."""
        given = self.result.get("affinity")
        shape = (len(self.problem.applications), len(self.problem.evaluators))
        if isinstance(given, str):
            self.contradictions.append(Reason("affinity_table_elsewhere", {"given": given[:200]}))
            return None
        if isinstance(given, Matrix):
            given = [[Decimal(value).scaleb(-6) for value in row] for row in given.values.tolist()]
        if not isinstance(given, list) or len(given) != shape[0]:
            self.contradictions.append(_wrong("/affinity", given, f"{shape[0]} rows"))
            return None
        table = []
        for number, row in enumerate(given):
            if not isinstance(row, list) or len(row) != shape[1]:
                self.contradictions.append(_wrong(f"/affinity/{number}", row, f"{shape[1]} columns"))
                return None
            values = [_cell(value) for value in row]
            if None in values:
                column = values.index(None)
                self.contradictions.append(_wrong(f"/affinity/{number}/{column}", row[column], "0..1"))
                return None
            table.append([value for value in values if value is not None])
        return table

    def _chosen(self) -> list[int]:
        """Rows to compute: all, or the first explained and some at even distances."""
        count = len(self.problem.applications)
        each = max(1, len(self.problem.evaluators), sum(len(one.works) for one in self.problem.evaluators))
        most = max(1, self.work // each)
        if count <= most:
            return list(range(count))
        places = {one.id: number for number, one in enumerate(self.problem.applications)}
        asked = list(dict.fromkeys(places[name] for name, _ in self.problem.explain))[: most // 2]
        even = max(1, most - len(asked))
        return sorted({*asked, *(number * count // even for number in range(even))})

    def _compare_row(self, number: int, given: Sequence[int], row: Sequence[Taken]) -> None:
        for column, (stated, taken) in enumerate(zip(given, row, strict=True)):
            if stated != taken.affinity and len(self.contradictions) < _FOUND_AT_MOST:
                at = f"/affinity/{number}/{column}"
                self.contradictions.append(_wrong(at, str(Fraction(stated, _MILLION)), _decimal(taken.affinity)))

    # --- one row, part by part ---

    def _row(self, number: int) -> list[Taken]:
        application, weights = self.problem.applications[number], self.problem.weights
        found: dict[str, list[int | None]] = {}
        likeness: list[tuple[list[tuple[int, int]], list[tuple[str, int]]]] = []
        if weights.text:
            likeness = [self._likeness(number, column) for column in range(len(self.problem.evaluators))]
            found["text"] = [self._text(works) for works, _ in likeness]
        if weights.fields:
            found["fields"] = [_share(application, one) for one in self.problem.evaluators]
        if weights.languages:
            found["languages"] = [_spoken(application, one) for one in self.problem.evaluators]
        counted = {name: _filled(values) for name, values in found.items()}
        row = []
        for column, evaluator in enumerate(self.problem.evaluators):
            parts = {
                name: PartTaken(found[name][column] is not None, None if values is None else values[column])
                for name, values in counted.items()
            }
            works, words = likeness[column] if likeness else ([], [])
            row.append(Taken(self._value(application, evaluator, parts), parts, works, words))
        return row

    def _value(self, application: Application, evaluator: Evaluator, parts: Mapping[str, PartTaken]) -> int:
        barred = (
            self.problem.languages == "require"
            and application.languages
            and _spoken(application, evaluator) != _MILLION
        )
        if barred or not any(part.known for name, part in parts.items() if name != "languages"):
            return 0
        weights = {name: getattr(self.problem.weights, name) for name, part in parts.items() if part.value is not None}
        total = sum(weight * (parts[name].value or 0) for name, weight in weights.items())
        return _half_up(Fraction(total, sum(weights.values())))

    def _likeness(self, number: int, column: int) -> tuple[list[tuple[int, int]], list[tuple[str, int]]]:
        """The ten closest works and the words that carry the likeness (those only where the row is explained)."""
        mine, theirs = self.vectors[0][number], self.vectors[1][column]
        if not mine or not any(theirs):
            return [], []
        works = []
        for place, vector in enumerate(theirs):
            if vector:
                product = sum(value * vector[term][0] for term, (value, _) in mine.items() if term in vector)
                works.append((-min(product // _UNIT, _UNIT), place))
        closest = sorted(works)[:10]
        pair = (self.problem.applications[number].id, self.problem.evaluators[column].id)
        words: dict[str, Fraction] = {}
        if pair in self._pairs:
            whole = sum(Fraction(1, rank) for rank in range(1, len(closest) + 1))
            for rank, (_, place) in enumerate(closest, start=1):
                for term, (value, word) in mine.items():
                    if term in theirs[place]:
                        part = Fraction(value * theirs[place][term][0], rank) / whole / _UNIT
                        words[word] = words.get(word, Fraction(0)) + part
        ordered = sorted(((-(value.numerator // value.denominator), word) for word, value in words.items()))
        return [(place, -likeness) for likeness, place in closest], [(word, -value) for value, word in ordered]

    @cached_property
    def _pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset(self.problem.explain)

    @staticmethod
    def _text(works: Sequence[tuple[int, int]]) -> int | None:
        """The weighted mean of the closest, whole thousand-millionths, spread out by 1.1 x / (x + 0.1)."""
        if not works:
            return None
        above = sum((Fraction(value, rank) for rank, (_, value) in enumerate(works, start=1)), Fraction(0))
        mean = above / sum((Fraction(1, rank) for rank in range(1, len(works) + 1)), Fraction(0))
        x = Fraction(mean.numerator // mean.denominator, _UNIT)
        return _half_up(Fraction(11, 10) * x / (x + Fraction(1, 10)) * _MILLION)

    # --- explanations ---

    def _explained(self) -> list[Any] | None:
        given = self.result.get("why")
        if not isinstance(given, list) or len(given) != len(self.problem.explain):
            self.contradictions.append(_wrong("/why", given, f"{len(self.problem.explain)} pairs"))
            return None
        return given

    def _compare_why(self, given: list[Any] | None, computed: Mapping[str, list[Taken]]) -> None:
        columns = {one.id: number for number, one in enumerate(self.problem.evaluators)}
        applications = {one.id: one for one in self.problem.applications}
        left = 0
        for number, (application, evaluator) in enumerate(self.problem.explain if given is not None else ()):
            if application not in computed:
                left += 1
                continue
            column = columns[evaluator]
            taken = computed[application][column]
            follows = why(self.problem, applications[application], self.problem.evaluators[column], taken)
            if given is not None and given[number] != follows:
                self.contradictions.append(_wrong(f"/why/{number}", given[number], follows))
        if left:
            self.not_checked.append(Reason("affinity_explanations_not_checked", {"count": left}))


def _share(application: Application, evaluator: Evaluator) -> int | None:
    asked, offered = set(map(declared, application.fields)), set(map(declared, evaluator.fields))
    return _half_up(Fraction(_MILLION * len(asked & offered), len(asked))) if asked and offered else None


def _spoken(application: Application, evaluator: Evaluator) -> int | None:
    written, read = set(map(language, application.languages)), set(map(language, evaluator.languages))
    return _MILLION * bool(written & read) if written and read else None


def _filled(values: Sequence[int | None]) -> list[int] | None:
    """With the mean of the known ones where nothing is known; None where nothing is known of anybody."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    mean = _half_up(Fraction(sum(known), len(known)))
    return [mean if value is None else value for value in values]


def _half_up(value: Fraction) -> int:
    return (value + Fraction(1, 2)).__floor__()


def _cell(value: object) -> int | None:
    """A cell in millionths: decimal text, or a number of at most six decimals."""
    if isinstance(value, str):
        if not _CELL.fullmatch(value):
            return None
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value <= 1:
        return None
    scaled = value * _MILLION
    return int(scaled) if scaled == int(scaled) else None


def _decimal(value: int) -> str:
    return str(Decimal(value).scaleb(-6))


def _wrong(at: str, given: object, follows: object) -> Reason:
    return Reason("does_not_follow", {"at": at, "given": _brief(given), "expected": _brief(follows)})


def _brief(value: object) -> Param:
    return value if isinstance(value, str | int | bool) or value is None else repr(value)[:200]
