"""What every screen needs: the samples of its kind, the words of its language, names instead of ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from madang.core.reasons import Reason
from madang.papers.core_samples.files import SAMPLES, Sample, names, sample_of
from madang.papers.core_samples.model import Cell, Head, Rung, Section
from madang.words import money, say
from madang.words.labels import label, labels

#: Parameters that a result holds exactly; a sentence on a screen has two decimals, as its tables do.
_EXACT = frozenset({"cost", "likeness", "mean"})


class Teller:
    """One kind in one language."""

    def __init__(self, kind: str, language: str) -> None:
        self.kind, self.language = kind, language if language in ("ko", "en") else "en"

    @cached_property
    def samples(self) -> tuple[Sample, ...]:
        return tuple(map(sample_of, SAMPLES[self.kind]))

    @property
    def problem(self) -> Mapping[str, Any]:
        return self.samples[0].problem

    @property
    def result(self) -> Mapping[str, Any]:
        return self.samples[0].result

    def word(self, key: str, **params: Any) -> str:
        """Words that all screens share: `word("status.optimal")`."""
        return label("core", key, self.language, **params)

    def own(self, key: str, **params: Any) -> str:
        """Words of this kind: `own("title")` is `assignment.title`."""
        return self.word(f"{self.kind}.{key}", **params)

    def own_or(self, key: str) -> str:
        """Words of this kind, or nothing."""
        return self.own(key) if f"{self.kind}.{key}" in labels("core") else ""

    def name(self, id_: str) -> str:
        """The name of an id (or of a word of the problem); what has none is shown as it is."""
        known = names().get(id_)
        return known[self.language] if known else id_

    def listed(self, ids: Iterable[str]) -> str:
        return ", ".join(map(self.name, ids)) or "–"

    def say(self, reason: Mapping[str, Any] | Reason) -> str:
        """The sentence of a reason, with names for the ids in it."""
        if not isinstance(reason, Reason):
            reason = Reason(reason["code"], reason["params"])
        return say(
            Reason(reason.code, {key: self._named(key, value) for key, value in reason.params.items()}), self.language
        )

    def _named(self, key: str, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [self._named(key, one) for one in value]
        if not isinstance(value, str) or key == "words":  # words of a text are no ids
            return value
        if key in _EXACT:
            return short(value)
        return self.word("quoted", text=self.name(value)) if key == "rule" else self.name(value)

    def status(self, status: str) -> str:
        return self.word(f"status.{status}")

    def won(self, amount: int) -> str:
        return money.show(amount, "ko" if self.language == "ko" else "en")

    def heads(self, columns: str) -> tuple[Head, ...]:
        """Columns by the keys of their labels; `>` sets one flush right."""
        return tuple(Head(self.word(f"column.{one.lstrip('>')}"), one.startswith(">")) for one in columns.split())

    def section(self, id_: str, *parts: Any) -> Section:
        return Section(id_, self.own(f"section.{id_}"), tuple(part for part in parts if part is not None))


def short(number: str | int | float | Decimal, places: int = 2) -> str:
    """A number rounded half up for a reader; the file holds it exactly."""
    return str(Decimal(str(number)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def row(*cells: Cell | str, line_after: str = "", soft: bool = False) -> Rung:
    """A row of a board; text stands for a plain cell."""
    made = (cell if isinstance(cell, Cell) else Cell(cell) for cell in cells)
    return Rung(tuple(made), line_after=line_after, soft=soft)


def level(share: str | float) -> int:
    """A number from 0 to 1 as one of six levels of shading; only 0 itself has none."""
    value = Decimal(str(share))
    return 0 if value <= 0 else min(5, int(value * 5) + 1)


def share_of(part: int, whole: int) -> int:
    """A share in whole percent, for the length of a bar."""
    return 100 * part // whole if whole else 0


def pairs_of(listed: Sequence[Sequence[str]]) -> set[tuple[str, str]]:
    return {(one, other) for one, other in listed}
