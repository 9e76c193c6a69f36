"""Why something is so, as a code with parameters. Words and languages belong to the shell (`madang.words`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: What a parameter may be: JSON values only, so that reasons can stand in a record.
Param = str | int | bool | None | list[str]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: `code` is a stable name (`pass_mark`), `params` what its sentence needs (`{"score": "58.20"}`)."""

    code: str
    params: Mapping[str, Param] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        return {"code": self.code, "params": dict(self.params)}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with what was handed in: where it is, what is wrong, and (by its code) how to mend it.

    `at` is a place in the words of the source: a JSON pointer (`/sheets/3/scores/need`), or a line (`line 41`), or
    `sheets.xlsx, row 12, column need`.
    """

    code: str
    at: str
    params: Mapping[str, Param] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        return {"code": self.code, "at": self.at, "params": dict(self.params)}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a verifier found. `contradictions`: what does not follow. `not_checked`: what it left open, and why."""

    contradictions: list[Reason]
    not_checked: list[Reason]


class Malformed(ValueError):
    """The input cannot be read as what it claims to be; carries every fault found, in the order of the source."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{f.at}: {f.code}" for f in faults))
