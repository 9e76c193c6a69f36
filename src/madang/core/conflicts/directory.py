"""Who is meant: references to organisations, by id or by name, and which of them may mean the same.

A reference by id surely means its class, and perhaps any class that shares a name with it. A reference by name perhaps
means any class of that name, or an organisation that is not listed. Two references agree surely where both surely mean
one class; they agree perhaps where one class may be meant by both, or both give the same name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from madang.core.conflicts import explain
from madang.core.conflicts.classes import Classes
from madang.core.conflicts.explain import Fact
from madang.core.conflicts.limits import Steps
from madang.core.conflicts.naming import organisation_name


@dataclass(frozen=True, slots=True)
class Ref:
    """An organisation as somebody wrote it: its id, or only its name."""

    label: str
    by_id: bool


class Referring(Protocol):
    """What names an organisation, by id or by name."""

    @property
    def organisation(self) -> str | None: ...
    @property
    def name(self) -> str | None: ...


def ref_of(one: Referring) -> Ref | None:
    """The organisation that a party, an affiliation, a participation or a declaration names; None if it names none."""
    if one.organisation is not None:
        return Ref(one.organisation, True)
    return None if one.name is None else Ref(one.name, False)


@dataclass(frozen=True, slots=True)
class Match:
    """Another reference that agrees: surely or perhaps, and the facts that say how."""

    ref: Ref
    sure: bool
    facts: tuple[Fact, ...]


class Directory:
    """All references of a problem, indexed by what they may mean."""

    def __init__(self, classes: Classes, refs: Iterable[Ref], steps: Steps) -> None:
        self.classes, self._steps = classes, steps
        self._meant: dict[Ref, tuple[str | None, frozenset[str]]] = {}
        self._sure: dict[str, list[Ref]] = defaultdict(list)
        self._perhaps: dict[str, list[Ref]] = defaultdict(list)
        self._by_name: dict[str, list[Ref]] = defaultdict(list)
        self._alike: dict[Ref, tuple[Match, ...]] = {}
        for ref in dict.fromkeys(refs):
            sure, perhaps = self.meant(ref)
            if sure is not None:
                self._sure[sure].append(ref)
            else:
                self._by_name[organisation_name(ref.label)].append(ref)
            for name in perhaps:
                self._perhaps[name].append(ref)

    def meant(self, ref: Ref) -> tuple[str | None, frozenset[str]]:
        """The class that is surely meant, and those that perhaps are besides."""
        if ref not in self._meant:
            sure = self.classes.of[ref.label] if ref.by_id else None
            names = self.classes.names.get(sure, ()) if sure is not None else (organisation_name(ref.label),)
            perhaps: set[str] = set()
            for name in names:
                perhaps |= self.classes.named.get(name, set())
                self._steps.take(len(perhaps))
            self._meant[ref] = (sure, frozenset(perhaps - {sure}))
        return self._meant[ref]

    def alike(self, ref: Ref) -> tuple[Match, ...]:
        """Every reference that agrees with this one, itself among them."""
        if ref not in self._alike:
            sure, perhaps = self.meant(ref)
            found = dict.fromkeys(self.surely(sure), True)
            weak = [other for name in (*perhaps, *([sure] if sure else [])) for other in self.perhaps(name)]
            weak += [other for name in perhaps for other in self.surely(name)]
            weak += [] if ref.by_id else self._by_name.get(organisation_name(ref.label), [])
            self._steps.take(len(weak) + len(found))
            for other in weak:
                found.setdefault(other, False)
            self._alike[ref] = tuple(Match(other, sure, self._how(ref, other, sure)) for other, sure in found.items())
        return self._alike[ref]

    def surely(self, name: str | None) -> list[Ref]:
        """References that surely mean a class."""
        return self._sure.get(name, []) if name is not None else []

    def perhaps(self, name: str) -> list[Ref]:
        """References that perhaps mean a class, and surely another one or none."""
        return self._perhaps.get(name, [])

    def meaning(self, ref: Ref) -> Iterator[tuple[str, bool, tuple[Fact, ...]]]:
        """Each class that may be meant, whether it surely is, and the fact that says why perhaps."""
        sure, perhaps = self.meant(ref)
        if sure is not None:
            yield sure, True, ()
        for name in perhaps:
            yield name, False, (explain.name_alike(ref.label, name),)

    def _how(self, one: Ref, other: Ref, sure: bool) -> tuple[Fact, ...]:
        if not sure:
            return (explain.name_alike(one.label, other.label),)
        if one == other:
            return ()
        number = self.classes.shared_number(one.label, other.label)
        if number is not None:
            return (explain.same_number(one.label, other.label, number),)
        return (explain.same_as(one.label, other.label),)
