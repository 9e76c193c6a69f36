"""One place of the form as its template draws it: name, help, what stands there, limits, faults, translations.

Template contexts (plain dicts), made from what `core.form.review` says. Nothing here reads the database.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Protocol

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from madang.core.callspec.asked import (
    WON_PER_UNIT,
    ChoiceField,
    Document,
    FileField,
    MoneyField,
    NumberField,
    RowsField,
)
from madang.core.callspec.model import Definition
from madang.core.form.model import MEMBERS, Count, FormState, Place
from madang.core.reasons import Reason
from madang.papers.describe.form_words import FormWords, otherwise
from madang.words import money, say

Context = dict[str, Any]

RADIOS_UP_TO: Final = 7
"""With more options a list to open is easier to read than a row of buttons."""

_NOTHING_SAID: Final = {"form_answer_needed", "form_file_needed"}
"""Reasons that say no more than that nothing stands there: the name of the place is enough."""

_DAY: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_INPUT_TYPES: Final = {"email": "email", "url": "url"}
_UNITS: Final = {"characters": _("characters"), "words": _("words"), "rows": _("rows"), "files": _("files")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """Who wrote what stands in a place, and when."""

    revision: int
    by: str
    at: dt.datetime
    language: str = ""


class About(Protocol):
    """What stands beside the places, by key: who wrote them, their files, their translations; as contexts. Asked for
    only when a place is drawn.
    """

    @property
    def entries(self) -> Mapping[str, Stood]: ...
    @property
    def files(self) -> Mapping[str, Sequence[Context]]: ...
    @property
    def translations(self) -> Mapping[str, Sequence[Context]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """Beside places that are only read: nothing."""

    entries: Mapping[str, Stood] = field(default_factory=dict)
    files: Mapping[str, Sequence[Context]] = field(default_factory=dict)
    translations: Mapping[str, Sequence[Context]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is shown with the places: what stands `about` them, and what came of the last press."""

    about: About = field(default_factory=Nothing)
    typed: Mapping[str, Any] = field(default_factory=dict)  # what was just sent and could not be kept
    refused: Mapping[str, Sequence[str]] = field(default_factory=dict)  # why not
    removed: str = ""  # `goals r3f`: the row that was just removed
    partners: str = ""  # the address where a partner can be asked for the files of a place
    closed: Callable[[str], bool] = lambda key: False  # whether a place can only be read, whoever writes here


class Places:
    """The places of one form as contexts, in one reader's language."""

    def __init__(self, definition: Definition, state: FormState, language: str, beside: Beside) -> None:
        self.d, self.state, self.track, self.beside = definition, state, state.track, beside
        self.words = FormWords(definition, language)

    # -- one place -----------------------------------------------------------------------------------------------------

    def of(self, key: str) -> Context:
        """Everything that `applicant/_place.html` draws."""
        place = self.state.places[key]
        asked = place.field
        stood = self.beside.about.entries.get(key)
        typed = self.beside.typed.get(key, place.typed)
        help_ = getattr(asked, "help", None)
        when = getattr(asked, "when", None)
        required = getattr(asked, "required", False)
        told = {
            "key": key,
            "id": f"p-{key}",
            "name": f"at:{key}",
            "label": self.words.place_name(place),
            "help": self.words.w.of(help_) if help_ else "",
            "required": place.required,
            "required_when": self.words.condition(required) if isinstance(required, str) else "",
            "shown": place.shown,
            "when": self.words.condition(when) if when else "",
            "public": bool(getattr(asked, "public", False)),
            "typed": "" if typed is None else typed,
            "revision": stood.revision if stood else 0,
            "faults": [*self.beside.refused.get(key, ()), *self.faults(place)],
            "missing": place.missing,
            "closed": self.beside.closed(key),
            "counts": [self._count(one) for one in place.counts if one.unit in ("characters", "words")],
            "translations": self.beside.about.translations.get(key, ()),
        }
        return {**told, **self._control(place, told["typed"])}

    def faults(self, place: Place) -> list[str]:
        return [say(reason, self.words.w.language) for reason in place.faults]

    def _control(self, place: Place, typed: Any) -> Context:
        asked = place.field
        match asked:
            case RowsField():
                return self._rows(place)
            case FileField() | Document():
                return self._file(place, asked)
            case ChoiceField():
                options = self.words.options(asked)
                chosen = {typed} if isinstance(typed, str) else set(typed)
                kind = "checks" if asked.many else "radios" if len(options) <= RADIOS_UP_TO else "select"
                return {"control": kind, "options": [_option(*one, chosen) for one in options]}
            case MoneyField():
                return {
                    "control": "money",
                    "unit": money.unit_name(asked.unit, self.words.w.language),
                    "won": WON_PER_UNIT[asked.unit],
                    "in_words": self.words.w.won(place.value) if isinstance(place.value, int) else "",
                }
            case NumberField():
                return {"control": "number", "unit": self.words.w.of(asked.unit) if asked.unit else ""}
        if asked is None:
            return self._particular(place, typed)
        kind = asked.type
        if kind == "yes_no":
            options = [("yes", gettext("Yes")), ("no", gettext("No"))]
            return {"control": "radios", "options": [_option(*one, {typed}) for one in options]}
        if kind == "country":
            return {"control": "country", "options": [_option(*one, {typed}) for one in self.countries]}
        if kind == "date":  # what is no date can only be shown, and mended, as text
            return {"control": "date", "type": "date" if not typed or _DAY.fullmatch(str(typed)) else "text"}
        if kind in ("long_text", "place"):
            return {"control": "area" if kind == "long_text" else kind}
        return {"control": "line", "type": _INPUT_TYPES.get(kind, "text")}

    def _particular(self, place: Place, typed: Any) -> Context:
        """The consortium, and what is asked of each member."""
        if place.key == MEMBERS:
            return self._rows(place)
        cell = place.key.rpartition(".")[2]
        if cell == "track":
            tracks = [(track.id, self.words.track(track.id)) for track in self.d.tracks]
            return {"control": "radios", "options": [_option(*one, {typed}) for one in tracks]}
        if cell == "role":
            options = self.words.roles(self.track)
        elif cell == "kind":
            options = self.words.kinds()
        elif cell == "country":
            return {"control": "country", "options": [_option(*one, {typed}) for one in self.countries]}
        else:
            return {"control": "line", "type": "text"}
        return {"control": "select", "options": [_option(*one, {typed}) for one in options]}

    @cached_property
    def countries(self) -> list[tuple[str, str]]:
        return self.words.countries()

    # -- rows ----------------------------------------------------------------------------------------------------------

    def _rows(self, place: Place) -> Context:
        count = next((one for one in place.counts if one.unit == "rows"), None)
        most = count.most if count else None
        rows = [self._row(place, number, row) for number, row in enumerate(place.rows, 1)]
        if rows:
            rows[0]["first"], rows[-1]["last"] = True, True
        removed = self.beside.removed.partition(" ")
        return {
            "control": "rows",
            "rows": rows,
            "row_name": gettext("Member") if place.key == MEMBERS else gettext("Row"),
            "add": gettext("Add a member") if place.key == MEMBERS else gettext("Add a row"),
            "can_add": most is None or len(rows) < most,
            "rows_text": self._rows_text(count) if count else "",
            "removed": removed[2] if removed[0] == place.key else "",
        }

    def _row(self, place: Place, number: int, row: str) -> Context:
        prefix = f"{place.key}.{row}."
        keys = [key for key in self._cells if key.startswith(prefix)]
        return {"id": row, "number": number, "cells": [self.of(key) for key in keys], "note": self.row_note(place, row)}

    def row_note(self, place: Place, row: str) -> str:
        """Says so where the money of the call cannot reach this member."""
        barred = place.key == MEMBERS and self.state.subsidised.get(row) is False
        return self.words.said("member.no_subsidy") if barred else ""

    @cached_property
    def _cells(self) -> list[str]:
        return [key for key in self.state.places if key.count(".") >= 2]

    def _rows_text(self, count: Count) -> str:
        if count.most is None and not count.least:
            return ""
        if count.most is None:
            return ngettext("At least %(n)s row", "At least %(n)s rows", count.least) % {"n": count.least}
        if count.least:
            return gettext("%(least)s to %(most)s rows") % {"least": count.least, "most": count.most}
        return ngettext("At most %(n)s row", "At most %(n)s rows", count.most) % {"n": count.most}

    # -- files, counts -------------------------------------------------------------------------------------------------

    def _file(self, place: Place, asked: FileField | Document) -> Context:
        formats = [name.upper() for name in asked.formats]
        limits = [", ".join(formats)] if formats else []
        if asked.max_mb:
            limits.append(gettext("at most %(n)s MB") % {"n": asked.max_mb})
        files = list(self.beside.about.files.get(place.key, ()))
        return {
            "control": "file",
            "limits": " · ".join(limits),
            "accept": ",".join(f".{name}" for name in asked.formats),
            "most_bytes": (asked.max_mb or 0) * 1024 * 1024,
            "files": [one for one in files if not one["removed"]],
            "removed_files": [one for one in files if one["removed"]],
            "partners": f"{self.beside.partners}?for={place.key}#ask" if self.beside.partners else "",
        }

    def _count(self, count: Count) -> Context:
        text = gettext("%(used)s of %(most)s %(unit)s") if count.most else gettext("%(used)s %(unit)s")
        told = {"used": f"{count.used:,}", "most": f"{count.most or 0:,}", "unit": _UNITS[count.unit]}
        return {
            "unit": count.unit,
            "used": count.used,
            "most": count.most or "",
            "over": count.most is not None and count.used > count.most,
            "text": text % told,
            "pattern": text % {**told, "used": "{used}"},
        }

    # -- what is missing -----------------------------------------------------------------------------------------------

    def missing(self) -> Iterator[tuple[str, Context]]:
        """(step, {"key", "text", "open"}) for everything that stands between this draft and its filing."""
        for one in self.state.missing:
            place = self.state.places.get(one.key)
            blank = one.reason.code == "form_rule_waits" or (place is not None and place.missing)
            yield one.step, {"key": one.key, "text": self._missing_text(one.key, one.reason), "open": blank}

    def _missing_text(self, key: str, reason: Reason) -> str:
        place = self.state.places.get(key)
        if place is None:
            return self.reason(reason)
        name = self.words.named(self.state, key)
        if reason.code in _NOTHING_SAID:
            return name
        return f"{name}: {self.reason(reason)}"

    def reason(self, reason: Reason) -> str:
        """A reason in words; an eligibility rule in the call's own."""
        told = otherwise(self.words, str(reason.params.get("rule", "")))
        if told and reason.code == "rule_not_met":
            return told
        if told and reason.code == "form_rule_waits":
            return gettext("Cannot be judged yet: %(rule)s") % {"rule": told}
        return say(Reason(reason.code, self._by_name(reason)), self.words.w.language)

    def _by_name(self, reason: Reason) -> dict[str, Any]:
        """The parameters of a reason with the names that a reader knows, in place of ids."""
        kinds, told = dict(self.words.kinds()), dict(reason.params)
        roles = dict(self.words.roles(self.track))
        for name, value in told.items():
            if name == "role":
                told[name] = roles.get(str(value), value)
            elif name == "track":
                told[name] = self.words.track(str(value))
            elif name in ("kind", "kinds", "allowed"):
                if isinstance(value, list):
                    told[name] = [kinds.get(str(one), str(one)) for one in value]
                else:
                    told[name] = kinds.get(str(value), value)
        return told


def _option(id_: str, name: str, chosen: set[Any]) -> Context:
    return {"id": id_, "name": name, "chosen": id_ in chosen}
