"""Invented summaries of applications in Korean, English and both, with copies among them; the same on every machine."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

_PARTICLES = (
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "에",
    "에서",
    "의",
    "으로",
    "와",
    "하고",
    "하는",
    "합니다",
    "",
    "",
    "",
    "",
)
_LABELS = {
    "en": "Title of the project and the applying city. Describe the need, the place and the people concerned in brief.",
    "ko": "사업명과 신청 지방자치단체. 사업의 필요성과 대상지, 이용자를 간략히 기술하여 주시기 바랍니다.",
}


@dataclass(frozen=True, slots=True)
class Planted:
    """A copy: of which text, into which, and what was done to it."""

    source: int
    target: int


class _Language:
    """Words as often as words are (the n-th 1/n as often as the first), and after a word often the same few."""

    def __init__(self, chance: random.Random, short: list[str], long: list[str], endings: tuple[str, ...]) -> None:
        self._chance, self._endings = chance, endings
        self._words = [*short, *long]
        shares = [*(1.3 / (rank + 3) for rank in range(len(short))), *(0.9 / (rank + 10) for rank in range(len(long)))]
        self._sums = list(itertools.accumulate(shares))
        self._after: dict[str, list[str]] = {}

    def words(self, count: int) -> list[str]:
        chance = self._chance
        found = chance.choices(self._words, cum_weights=self._sums, k=count)
        for place in range(1, count):
            if chance.random() < 0.3:
                before = found[place - 1]
                usual = self._after.get(before)
                if usual is None:
                    usual = self._after[before] = chance.choices(self._words, cum_weights=self._sums, k=8)
                found[place] = usual[int(8 * chance.random() ** 2)]
        return [word + ending for word, ending in zip(found, chance.choices(self._endings, k=count), strict=True)]


def texts(count: int, seed: int = 1) -> tuple[list[str], list[Planted]]:
    """`count` texts of 100 to 400 words under the form's labels, a tenth of them copied from others, wholly or in part.

    Of a copy 0 to 30 of 100 words are others, Korean spaces are closed, and text is put around it.
    """
    chance = random.Random(seed)
    languages = {"en": _english(chance), "ko": _korean(chance)}
    tongues = [("en", "ko", "ko", "both")[number % 4] for number in range(count)]
    bodies = [_body(chance, languages, tongue) for tongue in tongues]
    planted = []
    for target in chance.sample(range(count), count // 10):
        source = chance.randrange(count)
        words = bodies[source]
        begin = chance.choice((0, 0, len(words) // 3))
        share = chance.choice((0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3))
        other = bodies[chance.randrange(count)]
        copy = [chance.choice(other) if chance.random() < share else word for word in words[begin:]]
        if chance.random() < 0.5:
            copy = [a + b for a, b in itertools.zip_longest(copy[::2], copy[1::2], fillvalue="")]
        bodies[target] = copy + bodies[target][: chance.choice((0, 40, 100))]
        planted.append(Planted(source, target))
    labels = {"en": _LABELS["en"], "ko": _LABELS["ko"], "both": _LABELS["ko"]}
    return [f"{labels[tongue]} {' '.join(body)}" for tongue, body in zip(tongues, bodies, strict=True)], planted


def _body(chance: random.Random, languages: dict[str, _Language], tongue: str) -> list[str]:
    count = chance.randint(100, 400)
    if tongue != "both":
        return languages[tongue].words(count)
    return [*languages["ko"].words(count // 2), *languages["en"].words(count - count // 2)]


def _english(chance: random.Random) -> _Language:
    starts = [*"bcdfghjklmnprstvw", "st", "tr", "pl", "br", "ch", "sh", "th", "gr", "cl"]
    middles, ends = [*"aeiou", "ai", "ea", "ou"], [*"nrstld", "st", "nd", "ck", "ng"]

    def word(syllables: int) -> str:
        return "".join(chance.choice(starts) + chance.choice(middles) for _ in range(syllables)) + chance.choice(ends)

    short = [chance.choice(middles)[0] + chance.choice(ends)[0] for _ in range(40)]
    short += [chance.choice(starts)[0] + chance.choice(middles)[0] for _ in range(40)]
    long = [word(chance.choice((1, 1, 2, 2, 3))) for _ in range(40_000)]
    return _Language(chance, short, long, ("", "", "", "", "s", "ed", "ing", "ly", ",", "."))


def _korean(chance: random.Random) -> _Language:
    syllables = [chr(0xAC00 + number) for number in chance.sample(range(11_172), 1_200)]
    sums = list(itertools.accumulate(1 / (rank + 30) for rank in range(len(syllables))))

    def word(length: int) -> str:
        return "".join(chance.choices(syllables, cum_weights=sums, k=length))

    short = [word(1) for _ in range(40)]
    long = [word(chance.choice((2, 2, 2, 3, 4))) for _ in range(40_000)]
    return _Language(chance, short, long, _PARTICLES)
