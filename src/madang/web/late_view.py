"""Late admissions and outages in words, for applicants, the office and the public."""

import datetime as dt
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from madang.apps.applications import queries
from madang.apps.applications.models import LateAdmission
from madang.core.lifecycle.late_admission import ADMITTED, ASKED, PROPOSED, REFUSED
from madang.kernel.outages import Outage
from madang.web.public.call_view import reader

STATES: Final = {
    ASKED: pgettext_lazy("late admission", "Asked for"),
    PROPOSED: pgettext_lazy("late admission", "Proposed"),
    ADMITTED: pgettext_lazy("late admission", "Admitted"),
    REFUSED: pgettext_lazy("late admission", "Refused"),
}
TONES: Final = {ASKED: "wait", PROPOSED: "wait", ADMITTED: "done", REFUSED: "closed"}
KINDS: Final = {
    "down": _("The site did not answer"),
    "database": _("The database did not answer"),
    "store": _("The file store did not answer"),
    "clock": _("The machine's clock was set"),
}

Context = dict[str, Any]


def state_badge(admission: LateAdmission) -> Context:
    return {"text": str(STATES[admission.state]), "tone": TONES[admission.state]}


def exact(moment: dt.datetime, zone: ZoneInfo) -> str:
    """A moment to the second, in wall time of this zone."""
    return reader().day(f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}")


def span(outage: Outage, zone: ZoneInfo) -> str:
    """From when to when; the day once where it is one day."""
    began, ended = outage.began_at.astimezone(zone), outage.ended_at.astimezone(zone)
    until = f"{ended:%H:%M:%S}" if began.date() == ended.date() else exact(ended, zone)
    return f"{exact(began, zone)} – {until}"


def outage_words(outage: Outage, zone: ZoneInfo) -> Context:
    """An outage of the log: what it was, from when to when, and what somebody entered about it."""
    kind = KINDS.get(outage.kind)
    return {
        "uid": outage.uid,
        "kind": str(kind) if kind else gettext("Entered by the operator"),
        "span": span(outage, zone),
        "reason": outage.reason,
    }


def admission_words(uid: str, zone: ZoneInfo) -> Context | None:
    """What everybody may know of a late admission that a receipt names: the outage (`span`), the `reason`, `until`
    when; never whose. Nothing where none of this name was admitted. Two statements.
    """
    admission = queries.late_admission_named(uid)
    if admission is None:
        return None
    outage = queries.outage_named(admission.outage)
    return {
        "span": span(outage, zone) if outage else "",
        "reason": admission.reason,
        "until": exact(admission.until, zone) if admission.until else "",
    }
