"""Evaluators by pseudonym, sheets in an order that says nothing: what a case goes through before it is decided.

The key is drawn for one record and thrown away: pseudonyms of two records cannot be linked, and nobody who knows the
panel can compute them. Who is who stands in the leaves `evaluators/...`, which only the auditor's edition opens.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from madang.core.deciding.case import TABLES, Assignment, Case, Conflict, Evaluator, Member, Row, Sheet
from madang.core.record.canonical import canonical

#: Tables whose `evaluator` is a pseudonym in a record.
VEILED = ("sheets", "conflicts", "assignments", "panel")
KEY_BYTES = 32
DIGITS = 16
_BODY = "body"


def veil(case: Case, key: bytes) -> Case:
    """The case with its evaluators by keyed pseudonym and their rows shuffled by the key (32 secret random bytes).

    Sheets, conflicts, assignments and panel speak of pseudonyms; pool, exclusions and draws keep the true ids, over
    which the lots are drawn. A `by` that is an evaluator's id is veiled too. Veiling changes no outcome: sheets that a
    rule treats alike are alike in every score. Of a case that is veiled already, or has no evaluators, only the rows
    are put in order.
    Raises `ValueError` on a key of another length. Cost: one keyed hash a row.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes")
    known = {} if case.evaluators else _pseudonyms(case, key)
    if not known:
        return _by_application(case)
    hidden: dict[str, Any] = {
        table: _shuffled((replace(row, evaluator=known[row.evaluator]) for row in rows), key)
        for table in VEILED
        if (rows := getattr(case, table))
    }
    for field in fields(case):
        rows = getattr(case, field.name)
        if isinstance(rows, tuple) and any(getattr(row, "by", "") in known for row in rows):
            hidden[field.name] = tuple(_unsigned(row, known) for row in rows)
    evaluators = sorted((pseudonym, name) for name, pseudonym in known.items())
    return _by_application(replace(case, **hidden, evaluators=tuple(Evaluator(*one) for one in evaluators)))


def _by_application(case: Case) -> Case:
    """Rows about applications in the order of the applications, as a record gives them back."""
    place = {application.id: number for number, application in enumerate(case.applications)}
    sorted_: dict[str, Any] = {}
    for table, row in TABLES.items():
        if any(field.name == "application" for field in fields(row)):
            rows = getattr(case, table)
            sorted_[table] = tuple(sorted(rows, key=lambda row: place.get(row.application, len(place))))
    return replace(case, **sorted_)


def _unsigned(row: Any, known: dict[str, str]) -> Any:
    return replace(row, by=known[row.by]) if row.by in known else row


def _pseudonyms(case: Case, key: bytes) -> dict[str, str]:
    """Evaluator -> pseudonym, for everybody who evaluates or may be drawn to."""
    judging: Iterable[Sheet | Conflict | Assignment | Member] = (
        row for table in VEILED for row in getattr(case, table)
    )
    names = {row.evaluator for row in judging}
    names |= {row.evaluator for row in case.pool if row.stage != _BODY}
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(names):
        attempt = 0
        while (pseudonym := _keyed(key, ["pseudonym", attempt, name])[:DIGITS]) in taken:
            attempt += 1  # 64 bits: once in billions of records
        found[name] = pseudonym
        taken.add(pseudonym)
    return found


def _shuffled(rows: Iterable[Row], key: bytes) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: _keyed(key, ["order", row.as_json()])))


def _keyed(key: bytes, value: Any) -> str:
    return hmac.new(key, canonical(value), hashlib.sha256).hexdigest()
