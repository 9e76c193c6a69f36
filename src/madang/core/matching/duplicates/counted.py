"""Which shingles count: not those of a form, that too many texts have, and not those of texts to be ignored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from madang.core.matching.duplicates.letters import Whole
from madang.core.matching.duplicates.shingles import Grouped, Mask


@dataclass(frozen=True, slots=True)
class Classes:
    """Texts that are looked at by themselves when a shingle is called common; the first class is all of them.

    `texts[first[c]:first[c+1]]` belong to class `c`; `limits[c]`: more of them than this make a shingle common.
    """

    first: Whole
    texts: Whole
    limits: Whole

    def lowered(self, times: int) -> Whole:
        """The limits, halved so often; at 1 whatever two texts share is common."""
        limits: Whole = np.maximum(self.limits >> times, 1)
        return limits


def classes_of(members: Sequence[Sequence[int]], least: int, share_bp: int) -> Classes:
    """`members`: the texts of each class."""
    sizes = np.array([len(one) for one in members], np.int64)
    flat = [text for one in members for text in one]
    return Classes(
        np.concatenate(([0], np.cumsum(sizes))), np.array(flat, np.int64), least + share_bp * sizes // 10_000
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """What counts of `Grouped`: `left_out` and `kept` (has carriers to compare) for each shingle; `sizes`: how many
    shingles of each text are counted; `common`: how many shingles each class finds common; `carriers` of each shingle.
    """

    left_out: Mask
    kept: Mask
    sizes: Whole
    common: Whole
    carriers: Whole


class Counting:
    """Decides which shingles count; `texts` are compared, those behind them are to be ignored."""

    def __init__(self, found: Grouped, texts: int, classes: Classes) -> None:
        self.found, self.texts, self.classes = found, texts, classes
        count = len(found.first) - 1
        self._of = np.repeat(np.arange(count, dtype=np.int32), np.diff(found.first))
        compared = found.texts < texts
        self.carriers = np.bincount(self._of[compared], minlength=count) if not compared.all() else np.diff(found.first)
        self._ignored = self.carriers < np.diff(found.first)
        self._inside = self._carriers_by_class()

    def _carriers_by_class(self) -> tuple[Whole, Whole, Whole]:
        """Shingle, class but the first, and how many of the class's texts have the shingle."""
        classes, first = len(self.classes.limits), int(self.classes.first[1])
        texts = self.classes.texts[first:]
        if not len(texts):
            return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
        order = np.argsort(texts, kind="stable")
        of_text = np.repeat(np.arange(1, classes), np.diff(self.classes.first[1:]))[order]
        many = np.bincount(texts, minlength=len(self.found.distinct))
        begin = np.concatenate(([0], np.cumsum(many)))
        keys = []
        for turn in range(int(many.max())):  # a text is seldom in more than one
            has = many[self.found.texts] > turn
            owner = self.found.texts[has]
            keys.append(self._of[has].astype(np.int64) * classes + of_text[begin[owner] + turn])
        key = np.concatenate(keys)
        key.sort()
        new = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1]))) if len(key) else np.zeros(0, np.int64)
        return key[new] // classes, key[new] % classes, np.diff(np.concatenate((new, [len(key)])))

    def counted(self, lowered: int = 0) -> Counted:
        """With the limits halved `lowered` times."""
        limits = self.classes.lowered(lowered)
        common = self.carriers > limits[0]
        shingles, classes, carriers = self._inside
        over = carriers > limits[classes]
        many = np.bincount(classes[over], minlength=len(limits))
        many[0] = np.count_nonzero(common)
        common[shingles[over]] = True
        left_out = common | self._ignored
        lost = np.bincount(self.found.texts[left_out[self._of]], minlength=len(self.found.distinct))
        sizes = (self.found.distinct - lost)[: self.texts]
        return Counted(left_out, ~left_out & (self.carriers > 1), sizes, many, self.carriers)
