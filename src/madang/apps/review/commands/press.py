"""Writes: a report for the press begun, edited, taken anew, finished and opened again; its pack asked for and kept."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from madang.apps.calls.models import Call, DefinitionVersion
from madang.apps.calls.queries import current_version, definition_of
from madang.apps.enquiries.rules import About, tidy
from madang.apps.review import rules
from madang.apps.review.models import PressPack, PressReport, PressRevision
from madang.apps.review.queries import NumberMark, figures_digest, opened, press_counts, press_marks
from madang.core.lifecycle import PRESS_REPORT, check
from madang.core.lifecycle.press import FINISHED, WRITING
from madang.core.reasons import Reason
from madang.core.record.canonical import digest
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.permissions import allowed
from madang.papers.press.model import LANGUAGES, TABLES, USUAL, Counts, filled, taken_over
from madang.papers.press.proposal import propose
from madang.papers.press.tables import there_are


def start_press_report(
    *, actor: Actor, call: Call, as_of: dt.date | None = None, tables: Collection[str] = USUAL
) -> PressReport:
    """Begin a report on what the call received, as of a day (nothing: everything), as it is known now.

    Both texts are proposed, every number in them a figure. Tables that this reception cannot give are left out. All is
    counted before any row is locked: nobody waits for it. Raises `Refused`: a day that has not come, an unknown table.
    """
    refuse_if(allowed(actor, rules.WRITE_PRESS, About(call)))
    refuse_if([*_day_faults(call, as_of), *rules.table_faults(tables)])
    version = _version(call)
    counts = press_counts(call, version, as_of, now())
    templates = {language: propose(counts, language) for language in LANGUAGES}
    first = {
        "version": version,
        "tables": [name for name in there_are(counts) if name in tables],
        "templates": templates,
        "texts": {language: filled(template, counts)[0] for language, template in templates.items()},
        **_taken(counts),
    }
    return _start(actor=actor, call=call, first=first)


@command("review.start_press_report")
def _start(*, actor: Actor, call: Call, first: dict[str, Any]) -> PressReport:
    call = locked(Call.objects.select_related("programme")).get(pk=call.pk)
    refuse_if(allowed(actor, rules.WRITE_PRESS, About(call)))
    report = PressReport.objects.create(call=call, state=WRITING, created_at=now(), changed_at=now())
    revision = PressRevision.objects.create(report=report, number=1, by=actor.person, at=now(), **first)
    record(report, after=_state(report), payload=_payload(report, revision))
    return report


def edit_press_report(
    *, actor: Actor, report: PressReport, seen: int, texts: Mapping[str, str], tables: Collection[str]
) -> PressRevision:
    """Save both texts and the choice of tables. `{name}` in a text is filled in with the figure of that name.

    `seen`: the revision that was edited. The same as saved changes nothing.
    Raises `Refused`: somebody saved since, a finished report, no text, letters that no text has, an unknown name.
    """
    refuse_if(allowed(actor, rules.WRITE_PRESS, report))
    last = _last(report)
    given = {language: f"{tidy(texts.get(language, ''))}\n".lstrip() for language in LANGUAGES}
    counts = press_counts(report.call, last.version, last.as_of, last.known_at, years=False)
    refuse_if([*rules.press_text_faults(given, counts.figures), *rules.table_faults(tables)])
    told = {language: filled(text, counts)[0] if "{" in text else text for language, text in given.items()}
    new = {"texts": told, "tables": [name for name in TABLES if name in tables]}
    return _edit(actor=actor, report=report, seen=seen, last=last, new=new)


@command("review.edit_press_report")
def _edit(*, actor: Actor, report: PressReport, seen: int, last: PressRevision, new: dict[str, Any]) -> PressRevision:
    report = _locked(report)
    refuse_if(allowed(actor, rules.WRITE_PRESS, report))
    if report.revision == seen == last.number and new == {"texts": last.texts, "tables": last.tables}:
        return unchanged(last)
    refuse_if(check(PRESS_REPORT, "edit", report.state, _seen(report, seen, last)))
    return _saved(actor, report, last, new)


def take_press_figures(*, actor: Actor, report: PressReport, seen: int, as_of: dt.date | None) -> PressRevision:
    """Put in the figures as of another day, as they are known now, wherever a number of the text is a figure.

    Other numbers stay as they were written, and are marked. Raises `Refused` as `edit_press_report`, and for a day that
    has not come.
    """
    refuse_if(allowed(actor, rules.WRITE_PRESS, report))
    refuse_if(_day_faults(report.call, as_of))
    last, version = _last(report), _version(report.call)
    before = press_counts(report.call, last.version, last.as_of, last.known_at, years=False)
    counts = press_counts(report.call, version, as_of, now(), years=False)
    templates = {language: taken_over(last.templates[language], last.texts[language], before) for language in LANGUAGES}
    texts = {language: filled(template, counts)[0] for language, template in templates.items()}
    new = {"version": version, "templates": templates, "texts": texts, **_taken(counts)}
    return _take(actor=actor, report=report, seen=seen, last=last, new=new)


@command("review.take_press_figures")
def _take(*, actor: Actor, report: PressReport, seen: int, last: PressRevision, new: dict[str, Any]) -> PressRevision:
    report = _locked(report)
    refuse_if(allowed(actor, rules.WRITE_PRESS, report))
    refuse_if(check(PRESS_REPORT, "edit", report.state, _seen(report, seen, last)))
    return _saved(actor, report, last, new)


def finish_press_report(
    *, actor: Actor, report: PressReport, seen: int, confirmed: Mapping[str, str] | None = None
) -> PressRevision:
    """The text has been checked: from now on its papers can be taken.

    `confirmed`: for every number that no figure bears out, by its key, why it may stand. Raises `Refused`: somebody
    saved since, a number without its reason, finished already.
    """
    refuse_if(allowed(actor, rules.WRITE_PRESS, report))
    last = _last(report)
    counts = press_counts(report.call, last.version, last.as_of, last.known_at, years=False)
    reasons = {key: tidy(reason) for key, reason in (confirmed or {}).items()}
    refuse_if(rules.reason_faults({key: reason for key, reason in reasons.items() if reason}))
    found = list(press_marks(counts, last.templates, last.texts, reasons))
    return _finish(actor=actor, report=report, seen=seen, last=last, found=found)


@command("review.finish_press_report")
def _finish(
    *, actor: Actor, report: PressReport, seen: int, last: PressRevision, found: Sequence[NumberMark]
) -> PressRevision:
    report = _locked(report)
    refuse_if(allowed(actor, rules.WRITE_PRESS, report))
    still = [one.mark.shown[:40] for one in found if one.is_open]
    facts = _seen(report, seen, last) | (set() if still else {"numbers_settled"})
    refuse_if(
        Reason(one.code, {"numbers": still}) if one.code == "press_numbers_open" else one
        for one in check(PRESS_REPORT, "finish", report.state, facts)
    )
    told = [
        {"language": one.language, "shown": one.mark.shown, "sentence": one.mark.sentence, "key": one.key}
        | {"reason": one.reason}
        for one in found
        if one.mark.is_wrong
    ]
    return _saved(actor, report, last, {"confirmed": told}, state=FINISHED)


@command("review.reopen_press_report")
def reopen_press_report(*, actor: Actor, report: PressReport) -> PressReport:
    """Open a finished report for changes; what was taken before stays as its revision. Raises `Refused`: it is open."""
    report = _locked(report)
    refuse_if(allowed(actor, rules.WRITE_PRESS, report))
    refuse_if(check(PRESS_REPORT, "reopen", report.state))
    before = _state(report)
    report.state, report.changed_at = WRITING, now()
    report.save(update_fields=["state", "changed_at"])
    record(report, before=before, after=_state(report), payload={"call": report.call.slug, **_state(report)})
    return report


@command("review.ask_press_pack")
def ask_press_pack(*, actor: Actor, report: PressReport) -> PressPack:
    """Have the worker make the pack of a finished report. One that waits or is made is given back.

    Raises `Refused`: the report is not finished.
    """
    report = _locked(report)
    refuse_if(allowed(actor, rules.READ_PRESS, report))
    if report.state != FINISHED:
        raise Refused([Reason("press_report_is_open")])
    last = _last(report)
    if pack := last.packs.exclude(state="failed").first():
        return unchanged(pack)
    pack = PressPack.objects.create(revision=last, asked_by=actor.person, asked_at=now())
    record(pack, after=_pack_state(pack), payload=_pack_payload(pack, report))
    return pack


@command("review.keep_press_pack")
def keep_press_pack(*, actor: Actor, pack: PressPack, sha256: str, size_bytes: int) -> PressPack:
    """The pack was made and lies in the store; without a hash: it could not be made. A second time changes nothing."""
    pack = locked(PressPack.objects).get(pk=pack.pk)
    if pack.state != "waiting":
        return unchanged(pack)
    before = _pack_state(pack)
    pack.state = "made" if sha256 else "failed"
    pack.sha256, pack.size_bytes, pack.made_at = sha256, size_bytes, now()
    pack.save(update_fields=["state", "sha256", "size_bytes", "made_at"])
    report = pack.revision.report
    record(pack, before=before, after=_pack_state(pack), payload=_pack_payload(pack, report))
    return pack


def _locked(report: PressReport) -> PressReport:
    return locked(PressReport.objects.select_related("call__programme")).get(pk=report.pk)


def _last(report: PressReport) -> PressRevision:
    found = opened(report)
    assert found is not None, "a report has the revision that it names"
    return found.revision


def _version(call: Call) -> DefinitionVersion:
    found = current_version(call)
    assert found is not None, "nobody reads of a reception before its call is published"
    return found


def _seen(report: PressReport, seen: int, last: PressRevision) -> set[str]:
    return {"nobody_saved_since"} if report.revision == seen == last.number else set()


def _saved(
    actor: Actor, report: PressReport, last: PressRevision, new: dict[str, Any], *, state: str = WRITING
) -> PressRevision:
    """The next revision: as the last one, but for what is new."""
    kept = ("version", "as_of", "known_at", "figures_sha256", "tables", "templates", "texts", "confirmed")
    values = {name: getattr(last, name) for name in kept} | new
    before = _state(report)
    revision = PressRevision.objects.create(
        report=report, number=report.revision + 1, by=actor.person, at=now(), **values
    )
    report.revision, report.state, report.changed_at = revision.number, state, revision.at
    report.save(update_fields=["revision", "state", "changed_at"])
    record(report, before=before, after=_state(report), payload=_payload(report, revision))
    return revision


def _taken(counts: Counts) -> dict[str, Any]:
    return {"as_of": counts.as_of, "known_at": counts.known_at, "figures_sha256": figures_digest(counts)}


def _day_faults(call: Call, as_of: dt.date | None) -> tuple[Reason, ...]:
    return rules.day_faults(as_of, now().astimezone(ZoneInfo(definition_of(_version(call)).schedule.zone)).date())


def _state(report: PressReport) -> dict[str, Any]:
    return {"state": report.state, "revision": report.revision}


def _payload(report: PressReport, revision: PressRevision) -> dict[str, Any]:
    """Nothing of the texts but their hash."""
    return {
        **_state(report),
        "call": report.call.slug,
        "as_of": revision.as_of.isoformat() if revision.as_of else None,
        "known_at": revision.known_at.isoformat(),
        "figures_sha256": revision.figures_sha256,
        "texts_sha256": digest(dict(revision.texts)),
        "tables": list(revision.tables),
        "confirmed": len(revision.confirmed),
    }


def _pack_state(pack: PressPack) -> dict[str, Any]:
    return {"state": pack.state, "sha256": pack.sha256}


def _pack_payload(pack: PressPack, report: PressReport) -> dict[str, Any]:
    return {**_pack_state(pack), "call": report.call.slug, "report": report.uid, "revision": pack.revision.number}
