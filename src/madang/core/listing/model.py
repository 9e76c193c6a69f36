"""What was searched for: terms, and the one line in which they are written.

    status:passed region:new-southern missing:letter received:>=2021-04-01 -field:transport "two words"

A term is a word, or a field with its value; `-` before it takes away what fits. The canonical text of a query is the
same however it came about, so that what is clicked and what is typed have one address.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["choice", "text", "day", "number"]
WORDS: Final = ""
"""The field of a bare word."""

_BARE: Final = re.compile(r'[^\s":<>=-][^\s":]*')
_BARE_VALUE: Final = re.compile(r'[^\s"<>=][^\s"]*')


@dataclass(frozen=True, slots=True)
class Field:
    """A field that may be searched. `choice` takes one of `values`, or of `aliases` (written for a value); `day`
    (`2021-04-01`) and `number` (a whole one) can be compared; `text` takes anything.
    """

    kind: Kind
    values: Collection[str] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """`field` blank: a word. `comparison` blank: equal. A number's value is its plain digits."""

    field: str
    value: str
    comparison: str = ""
    negated: bool = False

    @property
    def text(self) -> str:
        sign = "-" if self.negated else ""
        if self.field == WORDS:
            return sign + (self.value if _BARE.fullmatch(self.value) else _quoted(self.value))
        value = self.value if _BARE_VALUE.fullmatch(self.value) else _quoted(self.value)
        return f"{sign}{self.field}:{self.comparison}{value}"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@dataclass(frozen=True, slots=True)
class Query:
    """Terms in canonical order: words as they were written, then fields by name and value; each once."""

    terms: tuple[Term, ...] = ()

    @classmethod
    def of(cls, terms: Collection[Term]) -> Query:
        words = [term for term in terms if term.field == WORDS]
        return cls(tuple(dict.fromkeys([*words, *sorted(term for term in terms if term.field != WORDS)])))

    @property
    def text(self) -> str:
        """The canonical text; `parse` reads it back to an equal query."""
        return " ".join(term.text for term in self.terms)

    def having(self, name: str, *, negated: bool = False) -> tuple[Term, ...]:
        """The terms of a field."""
        return tuple(term for term in self.terms if term.field == name and term.negated == negated)

    def plus(self, term: Term) -> Query:
        return Query.of([*self.terms, term])

    def without(self, term: Term) -> Query:
        return Query.of([one for one in self.terms if one != term])

    def only(self, name: str, value: str) -> Query:
        """The same with this one value of the field in place of all that it has; a blank value: with none."""
        rest = [one for one in self.terms if one.field != name or one.negated]
        return Query.of([*rest, Term(name, value)] if value else rest)
