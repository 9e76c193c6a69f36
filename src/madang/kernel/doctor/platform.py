"""Checks with Django: database, journal, files, mail, the worker, outages, and settings that are unsafe in public."""

import contextlib
import datetime as dt
import io
import os
import smtplib
import ssl
from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.db import Error, connection
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from madang.kernel import files, guards, preparing, running, scanning, sealing
from madang.kernel.clock import now
from madang.kernel.doctor import Check, Finding, bad, ok, warn
from madang.kernel.mail import OutgoingMail
from madang.kernel.outages import Outage, Pulse

OLDEST_POSTGRESQL: Final = 14
UNSEALED_FOR: Final = dt.timedelta(minutes=2)
OVERDUE: Final = dt.timedelta(minutes=10)
LATELY: Final = dt.timedelta(days=7)
MAIL_WITHIN_S: Final = 8


def with_database(check: Check) -> Check:
    """A check that says nothing where the database does not answer: `database` has said so."""

    def run() -> Iterator[Finding]:
        with contextlib.suppress(Error):
            yield from check()

    return run


def database() -> Iterator[Finding]:
    try:
        yield from _database()
    except Error as error:
        said = str(error).strip().partition("\n")[0][:200]
        damaged = connection.vendor == "sqlite" and ("malformed" in said or "not a database" in said)
        yield bad("doctor_sqlite_damaged", fault=said) if damaged else bad("database_gone", error=said)


def _database() -> Iterator[Finding]:
    _asked("SELECT 1")
    yield from _sqlite() if connection.vendor == "sqlite" else _postgresql()
    if waiting := preparing.unapplied():
        yield bad("migrations_wait", count=len(waiting), first=waiting[0])
    else:
        yield ok("migrations_none")


def _asked(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return str(cursor.fetchone()[0])


def _sqlite() -> Iterator[Finding]:
    mode, synchronous = _asked("PRAGMA journal_mode"), _asked("PRAGMA synchronous")
    if mode != "wal" or synchronous != "2":
        yield bad("doctor_sqlite_unsafe", mode=mode, synchronous=synchronous)
    else:
        yield ok("doctor_sqlite", version=_asked("SELECT sqlite_version()"))
    fault = _asked("PRAGMA quick_check(1)")
    yield ok("doctor_sqlite_sound") if fault == "ok" else bad("doctor_sqlite_damaged", fault=fault[:200])


def _postgresql() -> Iterator[Finding]:
    version = _asked("SHOW server_version")
    if int(version.split(".")[0]) < OLDEST_POSTGRESQL:
        yield bad("doctor_postgresql_old", version=version, oldest=OLDEST_POSTGRESQL)
    else:
        yield ok("doctor_postgresql", version=version)
    off = [name for name in ("fsync", "full_page_writes") if _asked(f"SHOW {name}") != "on"]
    off += ["synchronous_commit"] if _asked("SHOW synchronous_commit") == "off" else []
    yield bad("doctor_postgresql_unsafe", settings=off) if off else ok("doctor_postgresql_safe")


def journal() -> Iterator[Finding]:
    weak = {"guards_role_superuser", "guards_role_owner", "guards_role_granted", "guards_no_rebuilds"}
    for reason in guards.told(connection):
        gap = reason.code.startswith("guards_gap")
        yield Finding("bad" if gap else "warn" if reason.code in weak else "ok", reason)
    state = sealing.state()
    if state.oldest_unsealed_at is not None and now() - state.oldest_unsealed_at > UNSEALED_FOR:
        yield bad("doctor_unsealed", count=state.unsealed, since=f"{state.oldest_unsealed_at:%Y-%m-%d %H:%M} UTC")
    else:
        yield ok("doctor_sealed", size=state.size)


def store() -> Iterator[Finding]:
    """Written, read and found; the probe is always the same file, so that nothing grows."""
    probe = b"madang doctor\n"
    try:
        kept = files.keep(probe)
        same = files.read(kept.sha256) == probe
    except (files.StoreGone, files.DiskFull, OSError, ValueError) as error:
        yield bad("doctor_store_gone", error=str(error)[:200])
        return
    yield ok("doctor_store") if same else bad("doctor_store_gone", error="another content")
    if os.environ.get(scanning.VARIABLE):
        try:
            scanning.scan(io.BytesIO(probe))
            yield ok("doctor_scanner")
        except scanning.NotScanned as error:
            yield bad("doctor_no_scanner", error=str(error)[:200])


def mail() -> Iterator[Finding]:
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield warn("doctor_mail_into_files")
    else:
        yield from _mail_server()
    for name in sorted(settings.MAIL_HELD):
        if not _has_template(name):
            yield warn("doctor_mail_held_unknown", name=name[:80])
    rows = OutgoingMail.objects.all()
    failed = rows.filter(failed_at__gte=now() - LATELY).count()
    overdue = rows.filter(due_at__lt=now() - OVERDUE).count()
    if failed:
        yield warn("doctor_mail_failed", count=failed, days=LATELY.days)
    if overdue:
        yield bad("doctor_mail_overdue", count=overdue)
    if not failed and not overdue:
        yield ok("doctor_mail_sent")


def _has_template(name: str) -> bool:
    try:
        get_template(f"mail/{name}.txt")
    except TemplateDoesNotExist:
        return False
    return True


def _mail_server() -> Iterator[Finding]:
    """Connects and greets, and sends nothing."""
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    kind = smtplib.SMTP_SSL if settings.EMAIL_USE_SSL else smtplib.SMTP
    try:
        with kind(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=MAIL_WITHIN_S) as server:
            server.ehlo()
            if settings.EMAIL_USE_TLS:
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
    except (OSError, smtplib.SMTPException) as error:
        yield bad("doctor_no_mail_server", address=where, error=str(error)[:200])
    else:
        yield ok("doctor_mail_server", address=where)


def worker() -> Iterator[Finding]:
    beat = Pulse.objects.values_list("at", flat=True).first()
    if beat is None:
        yield bad("doctor_no_worker")
    elif now() - beat > running.GAP:
        yield bad("doctor_worker_silent", since=f"{beat:%Y-%m-%d %H:%M:%S} UTC")
    else:
        yield ok("doctor_worker")


def outages() -> Iterator[Finding]:
    waiting = len(running.noticed())
    if waiting:
        yield warn("doctor_outages_waiting", count=waiting)
    lately = Outage.objects.filter(ended_at__gte=now() - LATELY).exclude(kind="entered")
    if last := lately.order_by("-ended_at").first():
        at = f"{last.ended_at:%Y-%m-%d %H:%M} UTC"
        yield warn("doctor_outages", count=lately.count(), days=LATELY.days, last=at)
    elif not waiting:
        yield ok("doctor_no_outages", days=LATELY.days)


def in_public() -> Iterator[Finding]:
    """What is fine on one's own machine, and not where others come."""
    found = [
        *([bad("doctor_debug")] if settings.DEBUG else []),
        *([bad("doctor_demo")] if settings.DEMO else []),
        *([bad("doctor_any_host")] if "*" in settings.ALLOWED_HOSTS else []),
        *([warn("doctor_no_https")] if not settings.HTTPS else []),
        *([warn("doctor_local_hosts")] if "127.0.0.1" in settings.ALLOWED_HOSTS else []),
        *([warn("doctor_local_address")] if "//127.0.0.1" in settings.SITE_ADDRESS else []),
    ]
    yield from found or [ok("doctor_in_public")]


CHECKS: Final[dict[str, Check]] = {
    "database": database,
    "journal": with_database(journal),
    "files": store,
    "mail": with_database(mail),
    "worker": with_database(worker),
    "outages": with_database(outages),
    "settings": in_public,
}
