"""Does the result follow from the texts? Read, counted and compared again, without the solver's code.

Every text is read. Where there are few, every shingle and every overlap is counted; else those of some texts at even
distances and of those that the first pairs name, against all others: `check_duplicates` says what was left.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from pydantic import ValidationError

from madang.core.matching.documents import Document
from madang.core.matching.duplicates.explain import Facts, about_all
from madang.core.matching.duplicates.model import (
    MOST_READ_BESIDE,
    DuplicatesProblem,
    DuplicatesResult,
    require_sound,
)
from madang.core.matching.duplicates.verify_texts import Reading, Side, passages, shingles
from madang.core.problem import faults_of
from madang.core.reasons import Checked, Param, Reason

#: With more letters than this, overlaps are counted out for some texts only, of so many letters together.
MOST_LETTERS: Final = 400_000
#: Pairs whose passages are found again, and the characters of their texts together.
_MOST_PASSAGES: Final = 500
_MOST_READ: Final = 3_000_000


def verify_duplicates(problem: DuplicatesProblem, result: object) -> list[Reason]:
    """Everything in `result` (as read from JSON) that does not follow from `problem`; empty where nothing contradicts.

    Raises `Malformed` for an unsound problem. Cost: all letters, then what the texts looked at share with others.
    """
    return check_duplicates(problem, result).contradictions


def check_duplicates(problem: DuplicatesProblem, result: object, most_letters: int = MOST_LETTERS) -> Checked:
    """As `verify_duplicates`, and what was not looked at because there is too much of it."""
    require_sound(problem)
    try:
        DuplicatesResult.model_validate(result)
    except ValidationError as error:
        faults = faults_of(error, result)
        return Checked([_wrong(fault.at, None, fault.code) for fault in faults], [])
    assert isinstance(result, dict)
    return _Check(problem, result, most_letters).checked()


class _Check:
    def __init__(self, problem: DuplicatesProblem, result: dict[str, Any], most_letters: int) -> None:
        self.problem, self.result = problem, result
        self.wrong: list[Reason] = []
        self.left: list[Reason] = []
        self.reading = Reading()
        self.documents = {one.id: one for one in problem.documents}
        self.letters = {one.id: self.reading.letters(one.text) for one in problem.documents}
        self.holders: dict[str, list[str]] = defaultdict(list)  # letters -> the ids of their documents
        for id_ in sorted(self.documents):
            if self.letters[id_]:
                self.holders[self.letters[id_]].append(id_)
        self.texts = list(self.holders)
        self.number = {text: number for number, text in enumerate(self.texts)}
        self.everything = sum(map(len, self.texts)) <= most_letters
        self.looked_at = dict.fromkeys(range(len(self.texts)) if self.everything else self._some(most_letters // 4))

    def checked(self) -> Checked:
        self.lowered = any(one.get("code") == "duplicates_limit_lowered" for one in self.result["reasons"])
        if self.lowered:
            self.left.append(Reason("duplicates_lowering_not_checked"))
        self.limits = self._limits()
        if not self.wrong:
            self._count()
            self._compare()
        return Checked(self.wrong, self.left)

    def _some(self, most: int) -> Iterator[int]:
        """Texts at even distances, then those that the first pairs name, of so many letters together."""
        step = max(1, len(self.texts) // 50)
        named = [self.number.get(self.letters.get(pair[side], "")) for pair in self.result["pairs"] for side in "ab"]
        held = 0
        for number in dict.fromkeys([*range(0, len(self.texts), step)[:50], *named]):
            if number is not None:
                held += len(self.texts[number])
                if held > most:
                    return
                yield number

    # --- what is counted ---

    def _classes(self) -> list[tuple[list[str] | None, set[int]]]:
        """All texts, then those of each value of the tag of `common.within`."""
        classes: dict[str, set[int]] = {}
        if (tag := self.problem.common.within) is not None:
            for one in self.problem.documents:
                if self.letters[one.id]:
                    for value in one.values(tag):
                        classes.setdefault(value, set()).add(self.number[self.letters[one.id]])
        return [(None, set(range(len(self.texts)))), *(([value], classes[value]) for value in sorted(classes))]

    def _limits(self) -> list[int]:
        """How many texts of each class may have a shingle that counts."""
        rule = self.problem.common
        self.classes = self._classes()
        limits = [rule.least + int(Fraction(rule.share_bp * len(texts), 10_000)) for _, texts in self.classes]
        stated = [one["limit"] for one in self.result["common"]]
        if self.lowered and len(stated) == len(limits):
            for halved in range(1, 40):
                if stated == [max(limit >> halved, 1) for limit in limits]:
                    return stated
        frame = [{"within": name, "texts": len(texts)} for name, texts in self.classes]
        expected = [{**one, "limit": limit} for one, limit in zip(frame, limits, strict=True)]
        self._same("/common", [{key: one[key] for key in ("within", "texts", "limit")}
                               for one in self.result["common"]], expected)  # fmt: skip
        return limits

    def _count(self) -> None:
        """Sizes, common shingles, and what the texts looked at share with each other text.

        Where not everything is looked at, sizes are known of the texts looked at and of those that pairs put beside
        them; of all others only how many shingles they have at most.
        """
        width = self.problem.shingle
        self.known = self._known()
        wanted: set[str] | None = None
        if not self.everything:
            wanted = {shingle for number in self.known for _, shingle in shingles(self.texts[number], width)}
        self.sizes, carriers = [], defaultdict[str, list[int]](list)
        for number, text in enumerate(self.texts):
            mine = {shingle for _, shingle in shingles(text, width)}
            self.sizes.append(len(mine))
            for shingle in mine if wanted is None else mine & wanted:
                carriers[shingle].append(number)
        self.distinct = tuple(self.sizes)
        ignored = {
            shingle for text in self.problem.ignore for _, shingle in shingles(self.reading.letters(text), width)
        }
        of_text: list[list[int]] = [[] for _ in self.texts]
        for place, (_, texts) in enumerate(self.classes):
            for number in texts:
                of_text[number].append(place)
        self.common, self.shared = [0] * len(self.classes), Counter[tuple[int, int]]()
        self.left_out: set[str] = set()
        for shingle, holding in carriers.items():
            if self._is_common(holding, of_text) or shingle in ignored:
                self.left_out.add(shingle)
                for number in holding:
                    self.sizes[number] -= 1
            elif len(holding) > 1:
                some = [number for number in holding if number in self.looked_at]
                self.shared.update((one, number) for one in some for number in holding if number != one)

    def _known(self) -> set[int]:
        known = set(self.looked_at)
        for pair in self.result["pairs"]:
            texts = {self.number.get(self.letters.get(pair[side], "")) for side in "ab"}
            if texts & set(self.looked_at):
                known |= {number for number in texts if number is not None}
        return known

    def _is_common(self, holding: Sequence[int], of_text: Sequence[Sequence[int]]) -> bool:
        """Whether so many texts of any class have a shingle that it is a form's."""
        if len(holding) <= min(self.limits):
            return False
        in_class = Counter(place for number in holding for place in of_text[number])
        over = [place for place, many in in_class.items() if many > self.limits[place]]
        for place in over:
            self.common[place] += 1
        return bool(over)

    # --- what is compared ---

    def _compare(self) -> None:
        if self.everything:
            self._same("/common", [one["shingles"] for one in self.result["common"]], self.common)
        identical = sorted(ids for ids in self.holders.values() if len(ids) > 1)
        self._same("/identical", self.result["identical"], identical)
        pairs = self.result["pairs"]
        keys = [self._key(pair) for pair in pairs]
        for number, (pair, key) in enumerate(zip(pairs, keys, strict=True)):
            self._figures(number, pair)
            if number and not keys[number - 1] < key:
                self.wrong.append(_wrong(f"/pairs/{number}", [pair["a"], pair["b"]], "a later place"))
        if not self.wrong:
            self._complete(keys)
            self._passages()
        self._same("/seed", self.result["seed"], self.problem.seed)
        if self.everything and not self.wrong:
            self._reasons(identical)

    def _key(self, pair: Mapping[str, Any]) -> tuple[Fraction, Fraction, int, str, str]:
        shared, sizes = pair["shared"], pair["shingles"]
        least, all_ = min(sizes), sum(sizes) - shared
        return (-Fraction(shared, least or 1), -Fraction(shared, all_ or 1), -shared, pair["a"], pair["b"])

    def _figures(self, number: int, pair: Mapping[str, Any]) -> None:
        """A pair's ids and figures."""
        at, a, b = f"/pairs/{number}", pair["a"], pair["b"]
        if a not in self.documents or b not in self.documents or not a < b or not self._compared(a, b):
            self.wrong.append(_wrong(at, [a, b], "two documents that are compared"))
            return
        one, other = self.number.get(self.letters[a]), self.number.get(self.letters[b])
        if one is None or other is None:
            self.wrong.append(_wrong(at, [a, b], "two documents with letters"))
            return
        if not {one, other} <= self.known:
            return
        sizes = [self.sizes[one], self.sizes[other]]
        self._same(f"{at}/shingles", pair["shingles"], sizes)
        shared = pair["shared"]  # of two texts that are not looked at it stays open
        if one == other:
            shared = sizes[0]
        elif one in self.looked_at or other in self.looked_at:
            shared = self.shared[(one, other) if one in self.looked_at else (other, one)]
        self._same(f"{at}/shared", pair["shared"], shared)
        if not shared or min(sizes) < self.problem.least_shingles or shared < self.problem.at_least * min(sizes):
            self.wrong.append(_wrong(at, [a, b], "no pair"))
            return
        self._same(f"{at}/containment", pair["containment"], _six(Fraction(shared, min(sizes))))
        self._same(f"{at}/resemblance", pair["resemblance"], _six(Fraction(shared, sum(sizes) - shared)))

    def _compared(self, a: str, b: str) -> bool:
        across, involving = self.problem.compare.across, self.problem.compare.involving
        one, other = self.documents[a], self.documents[b]
        if across is not None and one.values(across) == other.values(across):
            return False
        return any(all(value in side.values(tag) for tag, value in involving.items()) for side in (one, other))

    def _complete(self, keys: Sequence[tuple[Fraction, Fraction, int, str, str]]) -> None:
        """Whether every pair is there that belongs there: as many as there are, or all before the last."""
        pairs, found, most = self.result["pairs"], self.result["found"], self.problem.most_pairs
        if len(pairs) != min(found, most):
            self.wrong.append(_wrong("/pairs", len(pairs), min(found, most)))
            return
        before_all = (Fraction(-2), Fraction(0), 0, "", "")
        last = [before_all, *keys][-1] if found > most else None
        listed = Counter(frozenset((self.number[self.letters[pair["a"]]], self.number[self.letters[pair["b"]]]))
                         for pair in pairs)  # fmt: skip
        total = 0
        for one, other, shared in self._expected():
            many, before = self._many(one, other, shared, last)
            total += many
            if listed[frozenset((one, other))] != before:
                id_ = [self.holders[self.texts[text]][0] for text in (one, other)]
                self.wrong.append(_wrong(f"/pairs ({', '.join(sorted(id_))})", listed[frozenset((one, other))], before))
        if self.everything:
            self._same("/found", found, total)
        else:
            texts = len(self.texts) - len(self.looked_at)
            self.left.append(Reason("duplicates_texts_not_checked", {"texts": texts, "of": len(self.texts)}))

    def _expected(self) -> Iterator[tuple[int, int, int]]:
        """Pairs of texts that reach the threshold, each once, and what they share."""
        for number in self.looked_at:
            if self.sizes[number] >= self.problem.least_shingles:
                yield number, number, self.sizes[number]
        for (one, other), shared in self.shared.items():
            least = min(self.sizes[one], self.sizes[other])
            enough = least >= self.problem.least_shingles and shared >= self.problem.at_least * least
            if enough and (one < other or other not in self.looked_at):
                yield one, other, shared

    def _many(
        self, one: int, other: int, shared: int, last: tuple[Fraction, Fraction, int, str, str] | None
    ) -> tuple[int, int]:
        """How many pairs of documents two texts give, and how many of these are not behind the last pair shown."""
        sizes = (self.sizes[one], self.sizes[other])
        place = (-Fraction(shared, min(sizes)), -Fraction(shared, sum(sizes) - shared), -shared)
        sides = [self._by_side(text) for text in (one, other)]
        many = before = 0
        for mine in sides[0]:
            for theirs in sides[1]:
                if self._compared(mine[0], theirs[0]):
                    some = _pairs_upto(mine, theirs, None)
                    many += some
                    if last is None or place < last[:3]:
                        before += some
                    elif place == last[:3]:
                        before += _pairs_upto(mine, theirs, last[3:])
        return (many // 2, before // 2) if one == other else (many, before)

    def _by_side(self, text: int) -> list[list[str]]:
        """The documents of a text, those together that are compared with the same others."""
        sides: dict[tuple[frozenset[str], bool], list[str]] = defaultdict(list)
        across, involving = self.problem.compare.across, self.problem.compare.involving
        for id_ in self.holders[self.texts[text]]:
            one: Document = self.documents[id_]
            values = frozenset() if across is None else one.values(across)
            sides[values, all(value in one.values(tag) for tag, value in involving.items())].append(id_)
        return list(sides.values())

    def _passages(self) -> None:
        """Finds the passages of the first pairs again."""
        known: dict[str, Side] = {}
        read = looked_at = self.beyond = 0
        for number, pair in enumerate(self.result["pairs"]):
            ids = (pair["a"], pair["b"])
            read += sum(len(self.documents[id_].text) for id_ in ids)
            if read > MOST_READ_BESIDE or not self.problem.passages.most:
                self.beyond += self.problem.passages.most > 0
                self._same(f"/pairs/{number}/passages", pair["passages"], [])
            elif number < _MOST_PASSAGES and read <= _MOST_READ:
                looked_at += 1
                for id_ in ids:
                    if id_ not in known:
                        text, width = self.documents[id_].text, self.problem.shingle
                        known[id_] = Side(self.reading, text, width, lambda one: one not in self.left_out)
                follows = passages(known[ids[0]], known[ids[1]], self.problem.passages)
                self._same(f"/pairs/{number}/passages", [list(one) for one in pair["passages"]], follows)
        more = len(self.result["pairs"]) - looked_at - self.beyond
        if more > 0 and self.problem.passages.most:
            self.left.append(Reason("duplicates_passages_not_checked", {"count": more}))

    def _reasons(self, identical: list[list[str]]) -> None:
        ids = [(id_, self.number[self.letters[id_]]) for id_ in sorted(self.documents) if self.letters[id_]]
        facts = Facts(
            documents=len(self.documents),
            found=self.result["found"],
            shown=len(self.result["pairs"]),
            without_passages=self.beyond,
            common=len(self.left_out),
            lowered=self.lowered,
            without_letters=[id_ for id_ in sorted(self.documents) if not self.letters[id_]],
            too_few=[id_ for id_, text in ids if self.sizes[text] < self.problem.least_shingles],
            mostly_common=[id_ for id_, text in ids if 2 * self.sizes[text] < self.distinct[text]],
            identical=identical,
        )
        self._same("/reasons", self.result["reasons"], [one.as_json() for one in about_all(self.problem, facts)])

    def _same(self, at: str, given: object, follows: object) -> None:
        if given != follows:
            self.wrong.append(_wrong(at, given, follows))


def _pairs_upto(mine: Sequence[str], theirs: Sequence[str], last: Sequence[str] | None) -> int:
    """How many pairs two sorted lists of ids give, none with itself; with `last`: that are not behind it."""
    many = 0
    for id_ in mine:
        before, behind = bisect_left(theirs, id_), bisect_right(theirs, id_)
        if last is None:
            many += len(theirs) - (behind - before)
            continue
        if id_ < last[0]:  # this one is the smaller id
            many += len(theirs) - behind
        elif id_ == last[0]:
            many += max(0, bisect_right(theirs, last[1]) - behind)
        smaller = bisect_right(theirs, last[0]) if id_ <= last[1] else bisect_left(theirs, last[0])
        many += min(smaller, before)
    return many


def _six(value: Fraction) -> str:
    """A number from 0 to 1 as decimal text, half up."""
    millionths = (value * 1_000_000 + Fraction(1, 2)).__floor__()
    return f"{millionths // 1_000_000}.{millionths % 1_000_000:06d}"


def _wrong(at: str, given: object, follows: object) -> Reason:
    return Reason("does_not_follow", {"at": at, "given": _brief(given), "expected": _brief(follows)})


def _brief(value: object) -> Param:
    return value if isinstance(value, str | int | bool) or value is None else repr(value)[:200]
