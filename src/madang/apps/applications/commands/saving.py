"""Keep what was typed in a draft, without ever writing over what somebody else wrote since."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from madang.apps.accounts.models import Person
from madang.apps.applications.commands.shared import (
    acting_person,
    against_place,
    language_faults,
    note_changes,
    record_changes,
    writable_draft,
)
from madang.apps.applications.models import Draft, DraftEntry
from madang.apps.applications.queries import typed_of, values_at
from madang.apps.calls.queries import definition_of
from madang.core.form import Typed
from madang.core.form.clean import NotText, clean
from madang.core.form.keys import TRACK, Keys, Named
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import command, refuse_if, unchanged

MOST_KEYS: Final = 2000
"""Places that one save takes; the rest is refused, so that it can be sent again."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody changed this place since it was read: what stands there now, and who wrote it."""

    key: str
    typed: Typed
    revision: int
    by: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a save. `revision` is the draft's; `saved` maps each place that stands as it was sent (or was not
    touched on a page without script) to its revision; `noted` are saved places from which invisible characters were
    taken out, and why. `draft` is the draft as it was left.
    """

    draft: Draft
    revision: int
    saved: Mapping[str, int]
    conflicts: tuple[Conflict, ...] = ()
    refused: tuple[tuple[str, Reason], ...] = ()
    noted: tuple[tuple[str, Reason], ...] = ()


@command("applications.save_entries")
def save_entries(
    *, actor: Actor, draft: Draft, changes: Mapping[str, Any], base: Mapping[str, int], language: str = ""
) -> Saved:
    """Keep what was typed. `base` says which revision of each place was read (0 or absent: it was empty).

    Each place by itself: what stands there already is saved (sent twice, it is written once); what somebody changed
    since it was read is a conflict; what cannot be kept is refused with its reason; the rest is written. `language`
    names the language of these answers where it is not the draft's. Raises `Refused`: no right, the draft or its call
    takes nothing now. Cost: nine statements for up to 140 places (ten on PostgreSQL).
    """
    save = _Save(actor, draft, language)
    return save.keep(changes, lambda key: base.get(key, 0) if isinstance(base.get(key), int) else 0)


@command("applications.save_step")
def save_step(*, actor: Actor, draft: Draft, changes: Mapping[str, Any], base_revision: int) -> Saved:
    """Keep a whole page that was sent without script: it was drawn at the draft's revision `base_revision`.

    A place that comes back as it was drawn was not touched, whatever others wrote there since: it is left alone.
    Everything else as `save_entries`.
    """
    save = _Save(actor, draft)
    return save.keep(changes, lambda key: base_revision, drawn_at=base_revision)


@command("applications.overwrite_entry")
def overwrite_entry(*, actor: Actor, draft: Draft, key: str, typed: Any, seen_revision: int) -> Saved:
    """Write over what somebody else wrote, after looking at it: `seen_revision` says what was looked at.

    Changed once more since then, it is a conflict again.
    """
    save = _Save(actor, draft)
    return save.keep({key: typed}, lambda _: seen_revision)


class _Save:
    """One save under the draft's lock."""

    def __init__(self, actor: Actor, draft: Draft, language: str = "") -> None:
        self.person = acting_person(actor)
        self.draft = writable_draft(actor, draft)
        if language:
            refuse_if(language_faults(language))
        self.language = "" if language == self.draft.language else language
        self.definition = definition_of(self.draft.version)
        self.keys = Keys(self.definition)
        self.refused: list[tuple[str, Reason]] = []
        self.noted: list[tuple[str, Reason]] = []

    def keep(self, changes: Mapping[str, Any], base: Callable[[str], int], drawn_at: int | None = None) -> Saved:
        wanted = self._readable(changes)
        standing = self._standing(wanted)
        wanted = self._with_rows(wanted, standing)
        drawn = self._drawn(wanted, standing, drawn_at)
        saved: dict[str, int] = {}
        conflicts, accepted = [], {}
        for key, (_, typed) in wanted.items():
            entry = standing.get(key)
            there, revision = (typed_of(entry.typed), entry.revision) if entry else (self._empty(key), 0)
            if typed == there or drawn.get(key) == typed:
                saved[key] = revision
            elif entry is not None and revision > base(key):
                conflicts.append(Conflict(key, there, revision, entry.by.shown, entry.at))
            elif closed := against_place(self.draft, key):
                self.refused += [(key, reason) for reason in closed]
            else:
                accepted[key] = typed
        if accepted:
            write(self.draft, self.person, accepted, language=self.language)
            saved |= dict.fromkeys(accepted, self.draft.revision)
        noted = tuple(one for one in self.noted if one[0] in saved)
        found = Saved(self.draft, self.draft.revision, saved, tuple(conflicts), tuple(self.refused), noted)
        return found if accepted else unchanged(found)

    def _readable(self, changes: Mapping[str, Any]) -> dict[str, tuple[Named, Typed]]:
        """The places that this form has, with a text that can be kept."""
        found = {}
        for number, (key, given) in enumerate(changes.items()):
            named = self.keys.named(key)
            if number >= MOST_KEYS:
                self.refused.append((key, Reason("form_too_many_keys", {"most": MOST_KEYS})))
            elif named is None or named.kind in ("rows", "files"):
                self.refused.append((key, Reason("form_no_such_place")))
            else:
                try:
                    typed, hidden = clean(given, many=named.many)
                except NotText as wrong:
                    self.refused.append((key, wrong.reason))
                    continue
                if named.kind == "track" and typed and typed not in {track.id for track in self.definition.tracks}:
                    self.refused.append((key, Reason("form_no_such_place")))
                    continue
                if hidden:
                    self.noted.append((key, Reason("form_hidden_removed")))
                found[key] = (named, typed)
        return found

    def _standing(self, wanted: Mapping[str, tuple[Named, Typed]]) -> dict[str, DraftEntry]:
        """What stands in these places, and the orders of the rows that they belong to."""
        keys = {*wanted, *(named.of for named, _ in wanted.values() if named.kind == "cell")}
        if not keys:
            return {}
        found = self.draft.entries.filter(key__in=keys).select_related("by").order_by()
        return {entry.key: entry for entry in found}

    def _with_rows(
        self, wanted: dict[str, tuple[Named, Typed]], standing: Mapping[str, DraftEntry]
    ) -> dict[str, tuple[Named, Typed]]:
        """Without cells of rows that are not there: removed by somebody, or forged."""
        found = {}
        for key, (named, typed) in wanted.items():
            order = standing.get(named.of)
            if named.kind == "cell" and (order is None or named.row not in order.typed):
                self.refused.append((key, Reason("form_row_not_there")))
            else:
                found[key] = (named, typed)
        return found

    def _drawn(
        self, wanted: Mapping[str, Any], standing: Mapping[str, DraftEntry], drawn_at: int | None
    ) -> dict[str, Typed]:
        """What the page showed, of places that were changed since."""
        if drawn_at is None:
            return {}
        late = [key for key in wanted if key in standing and standing[key].revision > drawn_at]
        shown = values_at(self.draft, late, drawn_at) if late else {}
        return {key: shown.get(key, self._empty(key)) for key in late}

    def _empty(self, key: str) -> Typed:
        if key == TRACK:
            return self.draft.track
        named = self.keys.named(key)
        return () if named is not None and named.many else ""


def write(draft: Draft, person: Person, typed: Mapping[str, Typed], *, language: str = "") -> None:
    """Put these values into the locked draft, as its next revision, with this command's journal row."""
    before = draft.revision
    put(draft, person, typed, language=language)
    record_changes(draft, before, typed)


def put(draft: Draft, person: Person, typed: Mapping[str, Typed], *, language: str = "") -> None:
    """The same without the journal row: for a command that writes its own."""
    before = draft.revision
    draft.revision, draft.changed_at = before + 1, now()
    if TRACK in typed:
        draft.track = str(typed[TRACK])
    draft.save(update_fields=["revision", "changed_at", "track"])
    stored = {key: list(value) if isinstance(value, tuple) else value for key, value in typed.items()}
    written: dict[str, Any] = {"revision": draft.revision, "by": person, "at": draft.changed_at}
    DraftEntry.objects.bulk_create(
        [DraftEntry(draft=draft, key=key, typed=value, language=language, **written) for key, value in stored.items()],
        update_conflicts=True,
        unique_fields=["draft", "key"],
        update_fields=["typed", "language", "revision", "by", "at"],
    )
    note_changes(draft, person, stored)
