"""The deposit note: a record's root on one page, in Korean and English, for an audit office or the gazette."""

from __future__ import annotations

from collections.abc import Mapping

from madang.core.reasons import Reason
from madang.core.record.keylist import in_fours
from madang.words import LANGUAGES, say

NAME = "deposit.txt"


def deposit_note(root: str, *, call: str, decided_at: str, title: Mapping[str, str] | None = None) -> str:
    """The text of the note. Its last line, `root: HEX`, is for machines; the groups of four are for people."""
    parts = [_told(root, call, decided_at, (title or {}).get(language), language) for language in LANGUAGES]
    return "\n\n".join([*parts, f"root: {root}"]) + "\n"


def _told(root: str, call: str, decided_at: str, title: str | None, language: str) -> str:
    named = f"{title} ({call})" if title else call
    return "\n".join(
        [
            say(Reason("deposit_heading"), language),
            "",
            say(Reason("deposit_call", {"call": named}), language),
            say(Reason("deposit_decided", {"decided_at": decided_at}), language),
            say(Reason("deposit_root"), language),
            *(f"    {line}" for line in _lines(root)),
            "",
            say(Reason("deposit_compare"), language),
            say(Reason("deposit_command"), language),
        ]
    )


def _lines(root: str) -> list[str]:
    groups = in_fours(root).split()
    return [" ".join(groups[i : i + 4]) for i in range(0, len(groups), 4)]
