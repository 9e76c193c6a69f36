"""What all parts of a sample share: the definition, the draws of chance, and names that say they are invented."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from random import Random

from madang.core.callspec.blocks import Text
from madang.core.callspec.model import Definition
from madang.core.form.conditions import Conditions

#: User-assigned codes of ISO 3166. XK is left out: it is in real use.
COUNTRIES = tuple(f"X{chr(letter)}" for letter in range(ord("A"), ord("Z") + 1) if chr(letter) != "K")
_KINDS = {
    "government": ("예시정부", "Sample Government"), "city": ("예시시", "Sample City"),
    "public_body": ("예시공단", "Sample Public Body"),
    "international_organisation": ("예시국제기구", "Sample Organisation"),
    "university": ("예시대학교", "Sample University"), "company": ("예시기업", "Sample Company"),
    "research_institute": ("예시연구원", "Sample Institute"), "association": ("예시협회", "Sample Association"),
    "institution": ("예시기관", "Sample Institution"), "place": ("예시지역", "Sample Place"),
    "person": ("예시인", "Sample Person"),
}  # fmt: skip


class Sampling:
    """A definition with its chance. `random` draws the parts of old; each further part has a chance of its own, so
    that adding one changes no other."""

    def __init__(self, definition: Definition, seed: int, known: Mapping[str, Collection[str]] | None) -> None:
        self.definition = definition
        self.seed = seed
        self.known = known
        self.random = Random(seed)  # noqa: S311  # a sample, not a secret
        self.conditions = Conditions(definition)
        self.rules = [rule.rule for rule in definition.eligibility]

    def chance(self, part: str) -> Random:
        """The chance of one part: the same for the same seed on every machine."""
        return Random(f"{self.seed}:{part}")  # noqa: S311  # a sample, not a secret


def named(kind: str, number: int, width: int) -> str:
    korean, english = _KINDS[kind]
    return f"{korean} {number:0{width}} / {english} {number:0{width}}"


def said(words: Text) -> str:
    """Words of a definition in all its languages, Korean first."""
    return " / ".join(dict.fromkeys(words[language] for language in sorted(words, key=lambda name: name != "ko")))


def bell(random: Random, spread: int) -> int:
    """A whole number around 0, rarely beyond `spread` on either side."""
    return sum(random.randint(-spread, spread) for _ in range(3)) // 3
