"""When we were not there: the log of our own outages, to which a late admission can refer.

The supervisor and the worker notice by their beats (`kernel.running`), since when and until when something was gone; a
silence of up to a minute is a restart. What nobody could notice, an operator enters with a reason. A row is written
once. Kinds: `down` (no web process served), `database`, `store`, `entered`, and `clock`: somebody set the machine's
clock; then `began_at` and `ended_at` are when it was noticed, and nothing was gone.
"""

import datetime as dt
import logging
from dataclasses import replace
from typing import Any, Final

from django.db import Error, connection, models
from rules import always_false

from madang.core.reasons import Reason
from madang.kernel import readiness, running
from madang.kernel.actors import SYSTEM, Actor
from madang.kernel.append_only import AppendOnly
from madang.kernel.clock import now
from madang.kernel.commands import command, record, refuse_if, unchanged
from madang.kernel.permissions import allowed, permission
from madang.kernel.running import GAP, KINDS, Kind, Noticed
from madang.kernel.tokens import UID_LENGTH, new_uid

log = logging.getLogger(__name__)

ENTER: Final = permission("kernel.enter_outage", always_false)  # at the machine's console alone
LONGEST_REASON: Final = 500


class Outage(AppendOnly):
    """From `began_at` to `ended_at`, as far as we know. `detail` says more in one word: `died`, `OperationalError`.

    `reason` and `entered_by` (the label of who sat at the console) belong to kind `entered`.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in KINDS])
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    noticed_at = models.DateTimeField()
    detail = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    entered_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["began_at", "id"]
        indexes = [models.Index(fields=["ended_at", "began_at"], name="outage_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"


class Pulse(models.Model):
    """One row: when a worker last wrote into this database. So a copy, too, knows until when the platform lived."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()


def standing(began_at: dt.datetime, ended_at: dt.datetime) -> models.QuerySet[Outage]:
    """The outages that touch this span of time, its ends included, the earliest first."""
    return Outage.objects.filter(began_at__lte=ended_at, ended_at__gte=began_at)


@command("kernel.record_outage")
def record_outage(*, actor: Actor, noticed: Noticed) -> Outage:
    """Write down what the platform noticed itself; once, however often it is told."""
    if found := Outage.objects.filter(uid=noticed.uid).first():
        return unchanged(found)
    outage = Outage.objects.create(
        uid=noticed.uid,
        kind=noticed.kind,
        began_at=noticed.began_at,
        ended_at=noticed.ended_at,
        noticed_at=noticed.noticed_at,
        detail=noticed.detail[:100],
    )
    record(outage, after=_state(outage), payload=_payload(outage))
    return outage


@command("kernel.enter_outage")
def enter_outage(*, actor: Actor, began_at: dt.datetime, ended_at: dt.datetime, reason: str) -> Outage:
    """Write down an outage that could not be noticed (the line, the house's network). It is over; the reason is shown
    to whoever may rely on it. Who enters it sits at the machine's console.
    """
    refuse_if(allowed(actor, ENTER))
    reason = " ".join(reason.split())
    refuse_if(_faults(began_at, ended_at, reason))
    outage = Outage.objects.create(
        kind="entered",
        began_at=began_at,
        ended_at=ended_at,
        noticed_at=now(),
        reason=reason,
        entered_by=actor.label,
    )
    record(outage, after=_state(outage), payload=_payload(outage))
    return outage


def _faults(began_at: dt.datetime, ended_at: dt.datetime, reason: str) -> list[Reason]:
    found = []
    if ended_at <= began_at:
        found.append(Reason("outage_ends_before_it_begins"))
    if ended_at > now():
        found.append(Reason("outage_not_over"))
    if not reason or not reason.isprintable():
        found.append(Reason("outage_needs_reason"))
    if len(reason) > LONGEST_REASON:
        found.append(Reason("outage_reason_too_long", {"most": LONGEST_REASON}))
    return found


def _state(outage: Outage) -> dict[str, Any]:
    return {**_payload(outage), "reason": outage.reason, "entered_by": outage.entered_by}


def _payload(outage: Outage) -> dict[str, Any]:
    return {
        "uid": outage.uid,
        "kind": outage.kind,
        "began_at": outage.began_at.isoformat(),
        "ended_at": outage.ended_at.isoformat(),
        "detail": outage.detail,
    }


# -- noticing, in the worker -------------------------------------------------------------------------------------------

WORKER: Final = "worker"
PULSE_S: Final = 15.0
"""How often the worker looks at database and files; a write each time, so that a read-only disk is noticed too."""


class Watch:
    """What one worker knows of database and files. When each was last well is kept in `run/`, for the next worker."""

    def __init__(self) -> None:
        self._began = now()
        self._gone: dict[str, tuple[dt.datetime, str]] = {}
        self._before: dt.datetime | None = None  # the last pulse of the workers before this one
        self._has_beaten = False

    def look(self) -> int:
        """Ask database and files; what was gone and is back becomes an outage. Returns how many are gone."""
        self._look("database", self._beat())
        self._look("store", readiness.store())
        return len(self._gone)

    def write(self) -> int:
        """Bring what was noticed into the database; returns how many rows were written. What cannot be waits."""
        written = 0
        for outage in running.noticed() if self._has_beaten else ():
            told = self._shortened(outage)
            try:
                if told is not None:
                    record_outage(actor=SYSTEM, noticed=told)
                    written += 1
            except Error as error:  # gone again, or another worker was writing the same row
                log.warning("an outage waits to be written: %s", type(error).__name__)
                break
            running.forget(outage)
        return written

    def _shortened(self, outage: Noticed) -> Noticed | None:
        """Another machine on the same database may have served meanwhile: then it was shorter, or no outage at all."""
        if outage.kind != "down" or self._before is None or not outage.began_at < self._before:
            return outage
        return replace(outage, began_at=self._before) if outage.ended_at - self._before > GAP else None

    def _beat(self) -> str:
        """Write into the database; empty, or the kind of error. What stood there first tells until when we lived."""
        try:
            if not self._has_beaten:
                self._before = Pulse.objects.filter(name=WORKER).values_list("at", flat=True).first()
            if not Pulse.objects.filter(name=WORKER).update(at=now()):
                Pulse.objects.create(name=WORKER, at=now())
        except Error as error:
            connection.close()  # the next one asks anew
            return type(error).__name__
        if not self._has_beaten:
            self._has_beaten = True
            self._notice_restored()
        return ""

    def _notice_restored(self) -> None:
        """In a data folder that is new the supervisor knows of no earlier beat; a database that was restored does."""
        found, before = running.state(), self._before
        if found is not None and found.is_first and before is not None and found.started_at - before > GAP:
            _notice(Noticed("down", before, now(), "restored"))

    def _look(self, kind: Kind, error: str) -> None:
        moment = now()
        if error:
            if kind not in self._gone:
                log.error("%s does not answer: %s", kind, error)
                self._gone[kind] = (_last_well(kind) or self._began, error)
            return
        if gone := self._gone.pop(kind, None):
            began, how = gone
            log.warning("%s answers again, after %.0f s", kind, (moment - began).total_seconds())
            if moment - began > GAP:
                _notice(Noticed(kind, began, moment, how))
        try:
            running.write_json(running.run_file(f"{kind}.json"), {"well_at": moment.isoformat()})
        except OSError as problem:
            log.warning("run/ cannot be written: %s", problem.strerror)


def _last_well(kind: Kind) -> dt.datetime | None:
    found = (running.read_json(running.run_file(f"{kind}.json")) or {}).get("well_at")
    try:
        return dt.datetime.fromisoformat(found) if isinstance(found, str) else None
    except ValueError:
        return None


def _notice(outage: Noticed) -> None:
    try:
        running.notice(outage)
    except OSError as problem:
        log.warning("an outage of %s could not be kept: %s", outage.kind, problem.strerror)
