"""How long a text is, in every script: what a browser counts while somebody types, and what decides.

The rule, in words, stands in `docs/formats/call-definition.md`; `tests/core/form/counted.json` holds texts with their
counts, on which this and the browser's counting are both tested.
"""

from __future__ import annotations

import regex

# Properties that a browser's regular expressions know under the same names.
_SPACE = r"\p{White_Space}"
_ENDS = regex.compile(rf"^{_SPACE}+|{_SPACE}+$")
_BROKEN = regex.compile(r"[\uD800-\uDFFF]")  # half of a character: no text, in any browser or database
_CLUSTER = regex.compile(r"\X")
_APART = regex.compile(rf"[{_SPACE}\u200B]+")
_TWO = r"\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u30FC"
_FOUR = r"\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}"
_STRETCH = regex.compile(rf"(?P<two>[{_TWO}]+)|(?P<four>[{_FOUR}]+)|(?P<other>[^{_TWO}{_FOUR}]+)")
_LETTER = regex.compile(r"[\p{L}\p{N}]")
_TOGETHER = regex.compile(rf"[{_TWO}{_FOUR}]")


def tidy(text: str) -> str:
    """The text that counts and is kept as the answer: line ends as one character, nothing blank at either end."""
    if text.isascii():
        return text.replace("\r\n", "\n").replace("\r", "\n").strip(" \t\n\v\f")
    text = _BROKEN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return str(_ENDS.sub("", text))


def characters(text: str) -> int:
    """What a reader takes for one character (a grapheme cluster) in the tidy text: `각`, `é`, a flag are one each."""
    text = tidy(text)
    if text.isascii():
        return len(text)
    return sum(1 for _ in _CLUSTER.finditer(text))


def words(text: str) -> int:
    """Runs between spaces; in scripts that are written without spaces, two or four letters make a word.

    Han and kana: two, Thai, Lao, Khmer and Burmese: four, each stretch rounded up. What else stands in such a run
    counts one for each stretch with a letter or digit in it.
    """
    runs = [run for run in _APART.split(tidy(text)) if run]
    return sum(map(_of_run, runs)) if _TOGETHER.search(text) else len(runs)


def _of_run(run: str) -> int:
    if not _TOGETHER.search(run):
        return 1
    count = 0
    for found in _STRETCH.finditer(run):
        if found["two"]:
            count += -(-len(found["two"]) // 2)
        elif found["four"]:
            count += -(-len(_LETTER.findall(found["four"])) // 4)
        elif _LETTER.search(found["other"]):
            count += 1
    return count
