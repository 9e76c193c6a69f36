"""Where a stated result departs from the one that follows: for verifiers that compute the whole answer themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from madang.core.reasons import Param, Reason

#: Fields that may differ from run to run.
_FREE = ("engine", "elapsed_ms")


def what_differs(expected: Mapping[str, Any], result: object) -> list[Reason]:
    """Each field of `result` (as read from JSON) that is not as expected, with what is given and what follows."""
    if not isinstance(result, dict):
        return [Reason("does_not_follow", {"at": "", "given": _brief(result), "expected": _brief(expected)})]
    findings = []
    for field in (*expected, *(name for name in result if name not in expected and name not in _FREE)):
        # repr tells 1, 1.0 and true apart
        known = field in result and field in expected
        if not known or repr(result[field]) != repr(expected[field]):
            given, follows = _brief(result.get(field)), _brief(expected.get(field))
            findings.append(Reason("does_not_follow", {"at": f"/{field}", "given": given, "expected": follows}))
    return findings


def _brief(value: object) -> Param:
    return value if isinstance(value, str | int | bool) or value is None else repr(value)[:200]
