"""In which language a reader gets something that exists in some languages only.

The order is always the same: the reader's own language; else the first language of the call that there is; else
English; else whatever there is. Imports no Django.
"""

from collections.abc import Collection, Mapping, Sequence


def pick(own: str, there: Collection[str], order: Sequence[str] = ()) -> str:
    """Of the languages that are `there`, the one for a reader of `own`; `order`: the call's languages, its first first.

    A region is left aside where only the language itself is there (`pt-BR` reads `pt`). Blank where nothing is there.
    """
    for wanted in (own, own.partition("-")[0], *order, "en"):
        if wanted in there:
            return wanted
    return min(there, default="")


def words_in(words: Mapping[str, str], own: str, order: Sequence[str] = ()) -> str:
    """The words of a call (a title, a notice) for this reader; blank ones are not there. Blank where there are none."""
    there = {tag: text for tag, text in words.items() if text}
    return there.get(pick(own, there, order), "")
