"""The end of a review: passed, excluded under a published ground, or opened again; one by one and many at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from madang.apps.accounts.models import Person
from madang.apps.applications.models import Dossier
from madang.apps.calls.models import Call
from madang.apps.enquiries.rules import text_faults, tidy
from madang.apps.review import rules
from madang.apps.review.commands.shared import acting_person, locked_review
from madang.apps.review.models import Closing, Handling
from madang.apps.review.queries import Reviewed, language_of, reviewed
from madang.core.lifecycle import REVIEW
from madang.core.lifecycle.review import PASSED
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.tokens import new_uid

OFFICES_WORDS: Final = ""
"""The key of words that are the office's own, in no language of the call."""
SET: Final = ("state", "ground", "reason", "closed_by", "closed_at", "changed_at")
"""What of a handling these commands write; who handles it is another's."""


@command("review.pass_review")
def pass_review(*, actor: Actor, dossier: Dossier) -> Handling:
    """The application goes on to its evaluation.

    Raises `Refused`: no right, not open, decided, does not stand, a line of
    the checklist open or failed, not eligible, an outside check open or found, a supplement open (each thing named).
    """
    person, review = locked_review(actor, dossier)
    refuse_if(review.against("pass"))
    return _closed(review, person, "pass")


@command("review.exclude")
def exclude(*, actor: Actor, dossier: Dossier, ground: str, words: Mapping[str, str]) -> Handling:
    """Exclude the application under a published ground that is found against it.

    `words`: {language: reason} as the applicant will be told it; at least in the language of the application.
    Raises `Refused`: no right, not open, decided, does not stand, no such ground or nothing found under it, words
    missing in the applicant's language, a supplement open.
    """
    person, review = locked_review(actor, dossier)
    words = {language: text for language, given in words.items() if (text := tidy(given))}
    given = [fact for fact, there in (("ground_given", bool(ground)), ("reason_given", bool(words))) if there]
    refuse_if(review.against("exclude", *given))
    if ground not in review.grounds:
        raise Refused([Reason("review_ground_not_found")])
    own = language_of(review.application)
    refuse_if(rules.words_faults(words, own, rules.languages_of(review.definition, own)))
    return _closed(review, person, "exclude", ground=ground, words=words)


@command("review.reopen")
def reopen(*, actor: Actor, dossier: Dossier, reason: str) -> Handling:
    """Open a passed or excluded review again; its verdicts stand. Raises `Refused`: no right, open already, decided, no
    reason.
    """
    person, review = locked_review(actor, dossier)
    reason = tidy(reason)
    refuse_if(review.against("reopen", *(["reason_given"] if reason else [])))
    refuse_if(text_faults(reason, "", rules.LONGEST_REASON))
    return _closed(review, person, "reopen", words={OFFICES_WORDS: reason})


@dataclass(frozen=True, slots=True)
class Together:
    """What a bulk act did. `name` leads to its undoing; blank where nothing was done."""

    name: str
    done: tuple[Dossier, ...]


@command("review.pass_together")
def pass_together(*, actor: Actor, call: Call, dossiers: Collection[Dossier]) -> Together:
    """Pass all of these that can be passed now; the others stay as they are.

    Only those of the call that the person handles are looked at. Nothing to pass: nothing changes.
    Cost: the rules of the whole call once, a dozen statements.
    """
    person = acting_person(actor)
    call = Call.objects.select_related("programme").get(pk=call.pk)
    mine = rules.handled_by(person, Dossier.objects.filter(call=call, pk__in=[one.pk for one in dossiers]))
    rows = list(locked(Dossier.objects.filter(pk__in=mine.values("pk"))).select_related("call").order_by("pk"))
    clean = [one for one in reviewed(call, rows) if one.clean]
    if not clean:
        return unchanged(Together("", ()))
    name = new_uid()
    _write_together(clean, person, "pass", name, {})
    told = {"together": name, "count": len(clean), "references": [one.dossier.reference for one in clean][:500]}
    record(call, after={"together": name, "count": len(clean)}, payload={"call": call.slug, **told})
    return Together(name, tuple(one.dossier for one in clean))


@command("review.undo_together")
def undo_together(*, actor: Actor, call: Call, name: str, reason: str) -> Together:
    """Open again what was passed together under this name and is still passed by it. Undone already: nothing changes.

    Raises `Refused`: no such bulk act of this call at one's desk, no reason, the call is decided.
    """
    person, reason = acting_person(actor), tidy(reason)
    made = Closing.objects.filter(together=name, act="pass", dossier__call=call) if name else Closing.objects.none()
    mine = rules.handled_by(person, Dossier.objects.filter(pk__in=made.values("dossier")))
    rows = list(locked(Dossier.objects.filter(pk__in=mine.values("pk"))).select_related("call").order_by("pk"))
    if not rows:
        raise Refused([Reason("review_no_such_act")])
    refuse_if(text_faults(reason, "review_needs_reason", rules.LONGEST_REASON))
    last: dict[int, Closing] = {}
    for one in Closing.objects.filter(dossier__in=rows).order_by("pk"):
        last[one.dossier_id] = one
    found = [
        one for one in reviewed(rows[0].call, rows) if one.state == PASSED and last[one.dossier.pk].together == name
    ]
    if not found:
        return unchanged(Together("", ()))
    refuse_if(found[0].against("reopen", "reason_given"))
    _write_together(found, person, "reopen", name, {OFFICES_WORDS: reason})
    record(
        call,
        after={"together": name, "undone": len(found)},
        payload={"call": call.slug, "together": name, "count": len(found)},
    )
    return Together(name, tuple(one.dossier for one in found))


def _closed(
    review: Reviewed, person: Person, act: str, *, ground: str = "", words: Mapping[str, str] | None = None
) -> Handling:
    """Write what became of the review: its state, the row that stays, the journal's row."""
    words = dict(words or {})
    handling = review.handling or Handling(dossier=review.dossier)
    before = _state(handling)
    _set(handling, person, act, ground, words)
    if review.handling is None:
        handling.save(force_insert=True)
    else:
        handling.save(update_fields=SET)
    _row(review, person, act, ground, words, "").save()
    told = {"dossier": review.dossier.uid, "revision": review.revision, "languages": sorted(words)}
    record(handling, before=before, after=_state(handling), payload={**_state(handling), **told})
    return handling


def _write_together(reviews: list[Reviewed], person: Person, act: str, name: str, words: dict[str, str]) -> None:
    new = [Handling(dossier=one.dossier) for one in reviews if one.handling is None]
    known = [one.handling for one in reviews if one.handling is not None]
    for handling in (*new, *known):
        _set(handling, person, act, "", words)
    Handling.objects.bulk_create(new, batch_size=500)
    Handling.objects.bulk_update(known, SET, batch_size=500)
    Closing.objects.bulk_create((_row(one, person, act, "", words, name) for one in reviews), batch_size=500)


def _set(handling: Handling, person: Person, act: str, ground: str, words: Mapping[str, str]) -> None:
    open_again = act == "reopen"
    handling.state, handling.ground = REVIEW.move(act).to, ground
    handling.reason = next(iter(words.values()), "")
    handling.closed_by, handling.closed_at = (None, None) if open_again else (person, now())
    handling.changed_at = now()


def _row(review: Reviewed, person: Person, act: str, ground: str, words: dict[str, str], together: str) -> Closing:
    return Closing(
        dossier=review.dossier,
        application=review.application,
        act=act,
        ground=ground,
        words=words,
        together=together,
        by=person,
        at=now(),
    )


def _state(handling: Handling) -> dict[str, Any]:
    """Without the words: they are people's."""
    return {"state": handling.state, "ground": handling.ground}
