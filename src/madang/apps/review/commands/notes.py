"""Notes about an application, which stay within one secretariat, or among the ministry's officers."""

from __future__ import annotations

from madang.apps.accounts.models import Person
from madang.apps.applications.models import Dossier
from madang.apps.enquiries.rules import text_faults, tidy
from madang.apps.review import rules
from madang.apps.review.models import Note
from madang.core.reasons import Reason
from madang.core.record.canonical import text_digest
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.permissions import allowed


@command("review.add_note")
def add_note(*, actor: Actor, dossier: Dossier, text: str) -> Note:
    """Note something about the application for one's own secretariat, or (an officer) for the ministry.

    Raises `Refused`: no right, no text, too long. The journal holds the text's hash, never the text.
    """
    dossier = locked(Dossier.objects.select_related("call__programme")).get(pk=dossier.pk)
    refuse_if(allowed(actor, rules.WRITE_NOTE, dossier))
    if not isinstance(actor.person, Person):
        raise Refused([Reason("people_only")])
    text = tidy(text)
    refuse_if(text_faults(text, "note_needs_text", rules.LONGEST_NOTE))
    desk = rules.desk_of(actor.person, dossier)
    note = Note.objects.create(dossier=dossier, secretariat=desk, text=text, by=actor.person, at=now())
    told = {"note": note.uid, "dossier": dossier.uid, "secretariat": desk, "sha256": text_digest(text)}
    record(note, after=told, payload=told)
    return note


@command("review.remove_note")
def remove_note(*, actor: Actor, note: Note) -> Note:
    """Take a note of one's own away; it is shown to auditors only from then on. Removed already: the same.

    Raises `Refused`: somebody else's.
    """
    note = locked(Note.objects.select_related("dossier__call__programme")).get(pk=note.pk)
    if note.removed_at is not None and note.by_id == getattr(actor.person, "pk", None):
        return unchanged(note)
    refuse_if(allowed(actor, rules.REMOVE_NOTE, note))
    note.removed_at = now()
    note.save(update_fields=["removed_at"])
    told = {"note": note.uid, "dossier": note.dossier.uid, "removed_at": note.removed_at.isoformat()}
    record(note, after=told, payload=told)
    return note
