"""The verifier's own reading and weighing of texts: letter by letter, text by text, with dictionaries.

It shares the published word lists with the solver, and no code.
"""

from __future__ import annotations

import itertools
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache
from math import isqrt

from madang.core.affinity import wordlists
from madang.core.affinity.model import AffinityProblem

#: term -> its value in thousand-millionths, and the first word that gave it.
Vector = dict[str, tuple[int, str]]


def read_all(problem: AffinityProblem) -> tuple[list[Vector], list[list[Vector]]]:
    """Vectors of the applications, and of every evaluator's works."""
    seen: dict[str, list[tuple[str, str]]] = {}
    applications = [_counted(one.title, one.text, seen) for one in problem.applications]
    works = [[_counted(work.title, work.text, seen) for work in one.works] for one in problem.evaluators]
    everything = [*applications, *(text for some in works for text in some)]
    carriers: dict[str, int] = {}
    for text in everything:
        for term in text:
            carriers[term] = carriers.get(term, 0) + 1
    rare = {term: _logarithm(1 + len(everything), 1 + count) for term, count in carriers.items()}
    return [_vector(text, rare) for text in applications], [[_vector(text, rare) for text in some] for some in works]


def _counted(title: str, text: str, seen: dict[str, list[tuple[str, str]]]) -> Vector:
    """term -> how often (a title counts twice), and the first word that gave it."""
    found: Vector = {}
    for source in (title, title, text):
        for chunk in source.split():
            if chunk not in seen:
                pieces = [chunk[i : i + wordlists.LONGEST_RUN] for i in range(0, len(chunk), wordlists.LONGEST_RUN)]
                seen[chunk] = [term for piece in pieces for word in _words(piece) for term in _terms(*word)]
            for term, word in seen[chunk]:
                count, first = found.get(term, (0, word))
                found[term] = (count + 1, first)
    return found


def _vector(counted: Vector, rare: dict[str, int]) -> Vector:
    weights = {term: _logarithm(count, 1) * rare[term] for term, (count, _) in counted.items()}
    length = isqrt(10**6 * sum(weight**2 for weight in weights.values()))
    return {term: (weight * 10**12 // length, counted[term][1]) for term, weight in weights.items()}


@cache
def _logarithm(above: int, below: int) -> int:
    """1 + ln(above / below) in hundredths."""
    with localcontext() as context:
        context.prec = 28
        natural = (Decimal(above) / Decimal(below)).ln()
        return int(((natural + 1) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _words(piece: str) -> list[tuple[str, str]]:
    """The runs of one way of writing: `(way, word)`."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", piece).casefold())
    words: list[tuple[str, str]] = []
    before = " "
    for letter in folded:
        if letter in "\u00ad\u200c\u200d":
            continue
        way = _way(letter)
        if way == " ":
            pass
        elif way == before:
            words[-1] = (way, words[-1][1] + letter)
        else:
            words.append((way, letter))
        before = way
    return words


def _way(letter: str) -> str:
    if not unicodedata.category(letter).startswith(("L", "M", "N")):
        return " "
    code = ord(letter)
    if wordlists.HANGUL[0] <= code <= wordlists.HANGUL[1]:
        return "hangul"
    return "unspaced" if any(low <= code <= high for low, high in wordlists.UNSPACED) else "spaced"


def _terms(way: str, whole: str) -> list[tuple[str, str]]:
    word = _noun(whole) if way == "hangul" else whole
    if len(word) < 2 or {word, whole} & wordlists.STOP_WORDS or all(unicodedata.category(c) == "Nd" for c in word):
        return []
    if way == "spaced":
        return [(_one_of(word)[: wordlists.STEM], word)]
    return [(one + other, word) for one, other in itertools.pairwise(word)]


def _one_of(word: str) -> str:
    """The singular of a plural in s."""
    if len(word) < 4 or word[-1] != "s" or word[-2:] in wordlists.KEEPS_S:
        return word
    if len(word) > 4 and word[-3:] == "ies":
        return word[:-3] + "y"
    return word[:-2] if any(word.endswith(plural) for plural in wordlists.SOUNDED_PLURALS) else word[:-1]


def _noun(word: str) -> str:
    """Endings cut again and again, as long as two syllables stay."""
    before = ""
    while before != word and not any(word.endswith(noun) for noun in wordlists.KEPT_WHOLE):
        before = word
        for ending in (*wordlists.ENDINGS, *wordlists.AFTER_CONSONANT, *wordlists.AFTER_VOWEL):
            stem = word.removesuffix(ending)
            if stem != word and len(stem) >= 2 and (ending in wordlists.ENDINGS or _agree(stem[-1], ending)):
                word = stem
                break
    return word


def _agree(syllable: str, particle: str) -> bool:
    closing = unicodedata.normalize("NFD", syllable)[2:]  # the final consonant, if there is one
    if particle == "로":
        return closing in ("", "\u11af")
    if particle == "으로":
        return closing not in ("", "\u11af")
    return (particle in wordlists.AFTER_CONSONANT) == bool(closing)
