"""Writes: a definition before its publication: start, write, submit, approve, publish, discard."""

import hashlib
import unicodedata
from typing import Any, Final, Literal

from madang.apps.calls import rules
from madang.apps.calls.commands.publishing import publish_definition
from madang.apps.calls.models import Call, DefinitionDraft, DefinitionDraftText, DefinitionVersion
from madang.apps.calls.queries import current_version, inspected, state_of, writers_of
from madang.core.callspec.edit.blank import EMPTY
from madang.core.callspec.edit.clone import next_round
from madang.core.callspec.edit.operation import Edit, Misplaced, edited
from madang.core.callspec.source import MAX_CHARACTERS
from madang.core.lifecycle import CALL, check
from madang.core.lifecycle.definition import APPROVED, DEFINITION, DISCARDED, OPEN, PUBLISHED, SUBMITTED, WRITING
from madang.core.reasons import Malformed, Reason
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, locked_whole, record, refuse_if, unchanged
from madang.kernel.permissions import allowed
from madang.papers import library

Start = Literal["programme", "clone", "amendment", "text", "empty"]
MOST_WORDS: Final = 4000  # characters of a reason or notice
CONTROLS: Final = ("Cc", "Cs", "Co", "Cn")  # Unicode categories that no text needs, but for line ends and tabs
TURNS: Final = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # turn the direction of what follows


@command("calls.start_definition_draft")
def start_definition_draft(
    *, actor: Actor, start: Start, of: str = "", text: str = "", sample: bool = False
) -> DefinitionDraft:
    """Begin to write a definition: from one that ships (`of` is its id), as the next round of a call (`of` its slug:
    days a year later), as an amendment of a published call, from a text, or from an empty one.

    The text may have faults; it must be text. Raises `Refused`. The draft that is open already, for an amendment.
    """
    refuse_if(allowed(actor, rules.WRITE_DEFINITION))
    call = _named_call(of) if start in ("clone", "amendment") else None
    if call and start == "amendment":
        refuse_if(allowed(actor, rules.WRITE_DEFINITION, call))
        refuse_if(check(CALL, "amend", state_of(call), CALL.move("amend").needs))
        if standing := call.drafts.filter(state__in=OPEN).first():
            return unchanged(standing)
    text, origin = _first_text(start, of, text, call)
    refuse_if(_unreadable(text))
    moment = now()
    draft = DefinitionDraft(
        call=call if start == "amendment" else None,
        origin=origin,
        state=WRITING,
        is_sample=call.is_sample if call and start == "amendment" else sample,
        written_by=_person(actor),
        created_at=moment,
    )
    _set_text(draft, text, actor, number=1)
    record(draft, after=_draft_state(draft), payload={"start": start, "of": of[:200], **_draft_state(draft)})
    return draft


@command("calls.save_definition_text")
def save_definition_text(*, actor: Actor, draft: DefinitionDraft, text: str, seen_revision: int) -> DefinitionDraft:
    """Put a whole text in the place of the last one; `seen_revision`: the one that its writer saw. Raises `Refused`."""
    draft = _for_writing(actor, draft, seen_revision)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    refuse_if(_unreadable(text))
    return _save(draft, text, actor)


@command("calls.edit_definition")
def edit_definition(*, actor: Actor, draft: DefinitionDraft, edit: Edit, seen_revision: int) -> DefinitionDraft:
    """One act of editing: values set, a part added, doubled, moved, removed. What else the text says stays as it is.

    Raises `Refused`, also where the place is not there (any more) or the text is no YAML.
    """
    draft = _for_writing(actor, draft, seen_revision)
    for value in _texts_in(edit):
        refuse_if(_unreadable(value))
    try:
        text = edited(draft.text, edit)
    except Misplaced:
        raise Refused([Reason("no_such_part")]) from None
    except Malformed as malformed:
        raise Refused([Reason("text_not_readable")]) from malformed
    refuse_if(_unreadable(text))
    return _save(draft, text, actor)


@command("calls.undo_definition")
def undo_definition(*, actor: Actor, draft: DefinitionDraft, to_revision: int, seen_revision: int) -> DefinitionDraft:
    """An earlier text again, as a new revision: nothing is lost, and undoing can be undone. Raises `Refused`."""
    draft = _for_writing(actor, draft, seen_revision)
    earlier = draft.texts.filter(revision=to_revision).first()
    if earlier is None:
        raise Refused([Reason("no_such_revision")])
    return _save(draft, earlier.text, actor)


@command("calls.submit_definition")
def submit_definition(
    *, actor: Actor, draft: DefinitionDraft, seen_revision: int, reason: str = "", notice: str = ""
) -> DefinitionDraft:
    """Send a definition without faults for approval. An amendment says why, and where it will be made known.

    Raises `Refused`.
    """
    draft = _locked(draft)
    refuse_if(allowed(actor, rules.WRITE_DEFINITION, draft))
    reason, notice = reason.strip(), notice.strip()
    refuse_if(against_words(reason, notice))
    given = {"reason_given": bool(reason), "notice_given": bool(notice)} if draft.call else {}
    refuse_if(check(DEFINITION, "submit", draft.state, _facts(draft, seen_revision, **given)))
    before = _draft_state(draft)
    draft.state, draft.submitted_by, draft.returned_reason = SUBMITTED, _person(actor), ""
    draft.reason, draft.notice = (reason, notice) if draft.call else ("", "")
    return _moved(draft, before)


@command("calls.return_definition")
def return_definition(*, actor: Actor, draft: DefinitionDraft, reason: str) -> DefinitionDraft:
    """Back to its writers, with what is to be changed; also how writers take their own back. Raises `Refused`."""
    draft = _locked(draft)
    refuse_if(allowed(actor, rules.APPROVE_DEFINITION, draft))
    reason = reason.strip()
    refuse_if(against_words(reason))
    refuse_if(check(DEFINITION, "return", draft.state, {"reason_given"} if reason else ()))
    before = _draft_state(draft)
    draft.state, draft.submitted_by, draft.approved_by, draft.returned_reason = WRITING, None, None, reason
    return _moved(draft, before)


@command("calls.approve_definition")
def approve_definition(*, actor: Actor, draft: DefinitionDraft, seen_revision: int) -> DefinitionDraft:
    """Approve what was submitted. Four eyes: nobody who wrote one of its texts or submitted it. Raises `Refused`."""
    draft = _locked(draft)
    refuse_if(allowed(actor, rules.APPROVE_DEFINITION, draft))
    mine = _person(actor).pk in {*writers_of(draft), draft.submitted_by_id}
    facts = _facts(draft, seen_revision) | (set() if mine else {"four_eyes"})
    refuse_if(check(DEFINITION, "approve", draft.state, facts))
    before = _draft_state(draft)
    draft.state, draft.approved_by = APPROVED, _person(actor)
    return _moved(draft, before)


@command("calls.publish_draft")
def publish_draft(*, actor: Actor, draft: DefinitionDraft, seen_revision: int) -> DefinitionVersion:
    """Publish what was approved: a new call, or the next version of one. It cannot be taken back.

    Raises `Refused`. Side effects: `publish_definition` with its event, after which the applicants' drafts follow.
    """
    draft = _locked(draft)
    refuse_if(rules.may_publish(actor, draft))
    refuse_if(check(DEFINITION, "publish", draft.state, _facts(draft, seen_revision)))
    before = _draft_state(draft)
    version = publish_definition(
        actor=actor, text=draft.text, sample=draft.is_sample, reason=draft.reason, notice=draft.notice
    )
    draft.state, draft.published_version, draft.call = PUBLISHED, version, version.call
    _moved(draft, before, version=version.number)
    return version


@command("calls.discard_definition")
def discard_definition(*, actor: Actor, draft: DefinitionDraft) -> DefinitionDraft:
    """Give a draft up. Its texts stay readable. Raises `Refused`."""
    draft = _locked(draft)
    refuse_if(allowed(actor, rules.WRITE_DEFINITION, draft))
    refuse_if(check(DEFINITION, "discard", draft.state))
    before = _draft_state(draft)
    draft.state = DISCARDED
    return _moved(draft, before)


def _locked(draft: DefinitionDraft) -> DefinitionDraft:
    return locked_whole(DefinitionDraft.objects.select_related("call", "call__programme"), draft.pk)


def _for_writing(actor: Actor, draft: DefinitionDraft, seen_revision: int) -> DefinitionDraft:
    draft = _locked(draft)
    refuse_if(allowed(actor, rules.WRITE_DEFINITION, draft))
    _person(actor)
    refuse_if(check(DEFINITION, "write", draft.state, _facts(draft, seen_revision)))
    return draft


def _person(actor: Actor) -> Any:
    """Who acts, as an account: each text has its writer, and four eyes need two people."""
    if actor.person is None:
        raise Refused([Reason("people_only")])
    return actor.person


def _facts(draft: DefinitionDraft, seen_revision: int, **given: bool) -> set[str]:
    """What holds of a draft now; names as in `core.lifecycle.definition`."""
    found = inspected(draft.text)
    slug, programme = found.word("id"), found.word("programme")
    last = current_version(draft.call) if draft.call else None
    holds = {
        "latest_read": seen_revision == draft.revision,
        "without_faults": not found.faults,
        "id_is_free": draft.call is not None or not _is_published(slug),
        "id_is_the_calls": draft.call is None or slug == draft.call.slug,
        "same_programme": draft.call is None or programme == draft.call.programme.slug,
        "changes_something": last is None or last.text != draft.text,
        "of_the_newest": last is None or draft.origin == _amending(last),
        "reason_given": True,
        "notice_given": True,
        **given,
    }
    return {name for name, yes in holds.items() if yes}


def _is_published(slug: str) -> bool:
    return Call.objects.filter(slug=slug, published_at__isnull=False).exists()


def _named_call(slug: str) -> Call:
    """The published call, locked: two who begin an amendment at once get the same one."""
    call = locked(Call.objects).filter(slug=slug, published_at__isnull=False).select_related("programme").first()
    if call is None:
        raise Refused([Reason("no_such_call", {"call": slug[:80]})])
    return call


def _first_text(start: Start, of: str, text: str, call: Call | None) -> tuple[str, str]:
    """The text to begin with, and where it comes from."""
    if call is not None:
        version = current_version(call)
        assert version is not None
        if start == "amendment":
            return version.text, _amending(version)
        return next_round(version.text), f"call {call.slug}"
    if start == "programme":
        path = library.programmes().get(of)
        if path is None:
            raise Refused([Reason("no_shipped_definition", {"name": of[:80]})])
        return path.read_text("utf-8"), f"programmes/{path.name}"
    if start == "text":
        return text.replace("\r\n", "\n").replace("\r", "\n"), "text"
    return EMPTY, "empty"


def _amending(version: DefinitionVersion) -> str:
    return f"call {version.call.slug} version {version.number}"


def _unreadable(text: str) -> list[Reason]:
    """Why this text cannot be kept: too long, or with characters that no reader sees."""
    if len(text) > MAX_CHARACTERS:
        return [Reason("definition_too_long", {"most": MAX_CHARACTERS})]
    hidden = (char for char in set(text) if char in TURNS or unicodedata.category(char) in CONTROLS)
    bad = min((char for char in hidden if char not in "\n\t"), default="")
    return [Reason("hidden_character", {"code": f"U+{ord(bad):04X}"})] if bad else []


def against_words(*given: str) -> list[Reason]:
    """Why these reasons or notices cannot be kept: too long, or with characters that no reader sees."""
    found = []
    for words in given:
        found += [Reason("reason_too_long", {"most": MOST_WORDS})] if len(words) > MOST_WORDS else []
        found += _unreadable(words)
    return found


def _texts_in(edit: Edit) -> list[str]:
    """Every text that an act of editing brings along."""
    found, waiting = [edit.name, edit.kind], list(edit.values.values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
    return found


def _save(draft: DefinitionDraft, text: str, actor: Actor) -> DefinitionDraft:
    if text == draft.text:
        return unchanged(draft)
    before = _draft_state(draft)
    _set_text(draft, text, actor, number=draft.revision + 1)
    record(draft, before=before, after=_draft_state(draft), payload=_draft_state(draft))
    return draft


def _set_text(draft: DefinitionDraft, text: str, actor: Actor, *, number: int) -> None:
    found = inspected(text)
    draft.text, draft.revision, draft.changed_at = text, number, now()
    draft.slug, draft.title = found.word("id")[:80], found.title
    draft.save()
    DefinitionDraftText.objects.create(draft=draft, revision=number, text=text, by=_person(actor), at=draft.changed_at)


def _moved(draft: DefinitionDraft, before: dict[str, Any], **more: Any) -> DefinitionDraft:
    draft.changed_at = now()
    draft.save()
    record(draft, before=before, after=_draft_state(draft), payload={**_draft_state(draft), **more})
    return draft


def _draft_state(draft: DefinitionDraft) -> dict[str, Any]:
    """For the journal: no words, only what they hash to."""
    return {
        "draft": draft.uid,
        "state": draft.state,
        "revision": draft.revision,
        "text_sha256": hashlib.sha256(draft.text.encode()).hexdigest(),
    }
