"""Answers in another language beside the original, by people and by the office's engine."""

from madang.apps.accounts.models import Person
from madang.apps.applications.commands.shared import (
    acting_person,
    against_place,
    against_writing,
    language_faults,
    writable_draft,
)
from madang.apps.applications.models import Draft, DraftEntry, Translation
from madang.apps.calls.queries import definition_of
from madang.core.form.clean import NotText, clean_text
from madang.core.form.keys import Keys
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, record, refuse_if, unchanged
from madang.kernel.translators import NotTranslated, translator


@command("applications.set_translation")
def set_translation(*, actor: Actor, draft: Draft, key: str, language: str, text: str) -> Translation:
    """Write an answer in another language, beside the original, which alone counts. An empty text takes it away.

    Raises `Refused`: no such answer, the language of the original, no language, a text that cannot be kept.
    """
    person, draft = acting_person(actor), writable_draft(actor, draft)
    entry = _original(draft, key, language)
    try:
        kept, _ = clean_text(text)
    except NotText as wrong:
        raise Refused([wrong.reason]) from None
    standing = draft.translations.filter(key=key, language=language).first()
    if standing and (standing.text, standing.of_revision, standing.origin) == (kept, entry.revision, "person"):
        return unchanged(standing)
    return _translated(draft, entry, language, kept, origin="person", engine="", by=person)


def translate_by_machine(*, actor: Actor, draft: Draft, key: str, language: str) -> Translation:
    """Let the office's engine translate an answer; marked as the machine's until a person takes it over.

    The engine is asked before the draft is locked. What a person wrote or took over is never replaced.
    Raises `Refused`: as `set_translation`; no engine here, one that fails, a person's translation that stands.
    """
    refuse_if(against_writing(actor, draft))
    engine = translator()
    if engine is None:
        raise Refused([Reason("draft_no_translator")])
    entry = _original(draft, key, language)
    try:
        said = engine.translate(
            str(entry.typed), source=_short(entry.language or draft.language), target=_short(language)
        )
        text, _ = clean_text(said)
    except (NotTranslated, NotText):
        raise Refused([Reason("draft_translator_failed")]) from None
    return keep_machine_translation(
        actor=actor, draft=draft, key=key, language=language, text=text, engine=engine.name, of_revision=entry.revision
    )


@command("applications.translate_by_machine")
def keep_machine_translation(
    *, actor: Actor, draft: Draft, key: str, language: str, text: str, engine: str, of_revision: int
) -> Translation:
    """Enter what an engine made. Use `translate_by_machine`, which asks the engine."""
    draft = writable_draft(actor, draft)
    entry = _original(draft, key, language)
    standing = draft.translations.filter(key=key, language=language).first()
    if standing and standing.text and standing.origin == "person":
        raise Refused([Reason("draft_translated_by_person")])
    entry.revision = of_revision
    return _translated(draft, entry, language, text, origin="machine", engine=engine, by=None)


@command("applications.take_over_translation")
def take_over_translation(*, actor: Actor, draft: Draft, key: str, language: str) -> Translation:
    """A person has read a machine's translation and answers for it. Raises `Refused`: there is none."""
    person, draft = acting_person(actor), writable_draft(actor, draft)
    refuse_if(against_place(draft, key))
    standing = draft.translations.filter(key=key, language=language).exclude(text="").first()
    if standing is None:
        raise Refused([Reason("draft_not_translated")])
    if standing.origin == "person":
        return unchanged(standing)
    standing.origin, standing.by, standing.at = "person", person, now()
    standing.save(update_fields=["origin", "by", "at"])
    record(draft, payload={"draft": draft.uid, "key": key, "language": language, "origin": "person"})
    return standing


def _original(draft: Draft, key: str, language: str) -> DraftEntry:
    """The answer that is translated."""
    refuse_if(against_place(draft, key))
    refuse_if(language_faults(language))
    named = Keys(definition_of(draft.version)).named(key)
    entry = draft.entries.filter(key=key).first() if named is not None and named.words else None
    if entry is None or not entry.typed:
        raise Refused([Reason("draft_nothing_to_translate")])
    if _short(entry.language or draft.language) == _short(language):
        raise Refused([Reason("draft_same_language", {"language": language})])
    return entry


def _translated(
    draft: Draft, entry: DraftEntry, language: str, text: str, *, origin: str, engine: str, by: Person | None
) -> Translation:
    translation, _ = Translation.objects.update_or_create(
        draft=draft,
        key=entry.key,
        language=language,
        defaults={
            "text": text,
            "origin": origin,
            "engine": engine,
            "by": by,
            "of_revision": entry.revision,
            "at": now(),
        },
    )
    told = {"key": entry.key, "language": language, "origin": origin, "of_revision": entry.revision}
    record(draft, payload={"draft": draft.uid, **told})
    return translation


def _short(language: str) -> str:
    return language.partition("-")[0].lower()
