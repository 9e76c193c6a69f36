"""The text that a report begins with: a plain release of what was received, every number a figure by its name.

Sentences for which there are no figures are left out. The first line is the title.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from madang.core.statistics.model import NOT_ITEMISED
from madang.core.statistics.press import escaped
from madang.papers.press.model import Counts
from madang.papers.press.naming import Naming


def propose(counts: Counts, language: str) -> str:
    """The template of a release in this language."""
    return "\n\n".join(_Proposal(counts, language).paragraphs()) + "\n"


class _Proposal:
    def __init__(self, counts: Counts, language: str) -> None:
        self.counts, self.found = counts, counts.statistics
        self.naming = Naming(counts, language)
        self.korean = language == "ko"
        self.by_country = bool(self.found["total"]["countries"])

    def say(self, key: str, **params: Any) -> str:
        """A sentence into which figures are put later: what stands in braces there is put in as it is."""
        return self.naming.say(f"text.{key}", **params)

    def counted(self, name: str, unit: str) -> str:
        """`{cases}건`; `{cases:application|applications}`."""
        word = self.naming.say(unit)
        return f"{{{name}}}{word}" if self.korean else f"{{{name}{word}}}"

    def paragraphs(self) -> Iterator[str]:
        yield self._told("title")
        opening = [self._told("early" if self.counts.is_early else "closed"), self._growth()]
        yield " ".join(filter(None, opening))
        if len(self.found["by_type"]) > 1:
            once = [self.say("once")] if self._counted_once() else []
            yield " ".join([self._rows("type"), *once])
        if self.found["by_region"]:
            yield self._rows("region")
        if fields := " ".join(self._fields()):
            yield fields

    def _told(self, key: str) -> str:
        told = {
            "cases": self.counted("cases", "cases"),
            "countries": self.counted("countries", "countries"),
            "call": escaped(self.naming.call),
            "host": escaped(self.naming.host),
            "day": self.naming.day(self.counts.day),
        }
        return self.say(key if self.by_country else f"{key}_bare", **told)

    def _growth(self) -> str:
        """Nothing before the close: half a round is not compared with a whole one."""
        growth = self.found["growth"]
        if growth["previous_year"] is None or self.counts.is_early:
            return ""
        units = ["cases", *(["countries"] if self.by_country else [])]
        ends = [""] * (len(units) - 1) + [self.say("end")]
        clauses = [self._clause(unit, growth[unit], end) for unit, end in zip(units, ends, strict=True)]
        return self.say("growth", year="{growth.previous_year}", clauses=self.say("and").join(clauses))

    def _clause(self, unit: str, one: dict[str, Any], end: str) -> str:
        name = f"growth.{unit}."
        if not one["change"]:
            return self.say(f"{unit}_same", previous=f"{{{name}previous}}", end=end)
        rose = one["change"] > 0
        rate = f"({{{name}{'percent' if rose else 'fall_percent'}}}%)" if one["shown"] is not None else ""
        told = {
            "previous": f"{{{name}previous}}",
            "change": f"{{{name}{'change' if rose else 'fall'}}}",
            "rate": rate if self.korean or not rate else f" {rate}",
            "end": end,
        }
        return self.say(f"{unit}_{'rose' if rose else 'fell'}", **told)

    def _counted_once(self) -> bool:
        return self.by_country and sum(r["countries"] for r in self.found["by_type"]) > self.found["total"]["countries"]

    def _rows(self, by: str) -> str:
        rows = (row["id"] for row in self.found[f"by_{by}"] if row["cases"])
        told = [self._row(f"by_{by}.{id_}", by, id_) for id_ in rows]
        return self.say(f"by_{by}", rows=(", " if self.korean else "; ").join(told))

    def _row(self, name: str, by: str, id_: str) -> str:
        told = {"label": escaped(self.naming.entry(by, id_)), "cases": self.counted(f"{name}.cases", "cases")}
        if not self.by_country:
            return self.say("row_bare", **told)
        return self.say("row", countries=self.counted(f"{name}.countries", "countries"), **told)

    def _fields(self) -> Iterator[str]:
        """For each type of which fields are named: how many of each, and of how many none is."""
        for group in self.found["by_type_and_field"]:
            named = [row["id"] for row in group["fields"] if row["id"] != NOT_ITEMISED]
            if not named:
                continue
            name = f"by_type_and_field.{group['id']}"
            rows = ", ".join(
                self.say("row_field", label=escaped(self.naming.entry("field", id_)), n=f"{{{name}.{id_}.cases}}")
                for id_ in named
            )
            told = {"type": escaped(self.naming.entry("type", group["id"])), "rows": rows}
            without = any(row["id"] == NOT_ITEMISED for row in group["fields"])
            yield self.say(
                "fields_some" if without else "fields",
                without=self.counted(f"not_itemised.{group['id']}", "cases"),
                **told,
            )
