"""Writes: saved alerts, and what they tell."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.utils.crypto import constant_time_compare, salted_hmac

from madang.apps.accounts.models import Person
from madang.apps.calls import rules
from madang.apps.calls.models import Alert, Call, DefinitionVersion
from madang.apps.calls.queries import (
    FILTERS,
    alerts_of,
    all_calls,
    current_definition,
    fitting,
    news_since,
    state_of,
)
from madang.core.lifecycle.call import OPEN, PUBLISHED
from madang.core.reasons import Reason
from madang.kernel import mail
from madang.kernel.actors import SYSTEM, Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.permissions import allowed
from madang.kernel.tokens import token_hash
from madang.papers.wording import Wording

MOST_ALERTS = 20  # of one person: more would be noise
EVERY_DAYS = (1, 7)
FIRST_HOUR, LAST_HOUR = 9, 18  # of the person's own day: mails come at sensible hours


@command("calls.save_alert")
def save_alert(*, actor: Actor, person: Person, filters: Mapping[str, str], every_days: int = 1) -> Alert:
    """Tell a person of new calls that fit these filters, at most every day (or week). The same one again: unchanged.

    Raises `Refused`: another's, too many, an unknown rhythm. The journal holds no words that were searched for.
    """
    person = locked(Person.objects).get(pk=person.pk)
    refuse_if(allowed(actor, rules.SAVE_ALERT))
    if actor.person is None or actor.person.pk != person.pk:
        raise Refused([Reason("not_permitted")])
    wanted = _filters(filters)
    if standing := next((one for one in alerts_of(person) if one.filters == wanted), None):
        return unchanged(standing)
    reasons = _rhythm(every_days)
    if alerts_of(person).count() >= MOST_ALERTS:
        reasons.append(Reason("too_many_alerts", {"most": MOST_ALERTS}))
    refuse_if(reasons)
    alert = Alert(person=person, filters=wanted, every_days=every_days, created_at=now(), told_until=now())
    alert.token_sha256 = token_hash(alert_token(alert))
    alert.save()
    record(alert, after=_alert_state(alert), payload=_alert_state(alert))
    return alert


@command("calls.edit_alert")
def edit_alert(*, actor: Actor, alert: Alert, every_days: int) -> Alert:
    """How often an alert may tell. Raises `Refused`: another's, ended, an unknown rhythm."""
    alert = locked(Alert.objects).get(pk=alert.pk)
    refuse_if(allowed(actor, rules.EDIT_ALERT, alert))
    refuse_if(_rhythm(every_days))
    if alert.ended_at:
        raise Refused([Reason("alert_has_ended")])
    if alert.every_days == every_days:
        return unchanged(alert)
    before, alert.every_days = _alert_state(alert), every_days
    alert.save(update_fields=["every_days"])
    record(alert, before=before, after=_alert_state(alert))
    return alert


@command("calls.end_alert")
def end_alert(*, actor: Actor, alert: Alert, token: str = "") -> Alert:
    """Tell no more: by its owner, by whoever holds the link of its mails (`token`), or by the platform where the
    account is closed. Ended already: unchanged. Raises `Refused`.
    """
    alert = locked(Alert.objects.select_related("person")).get(pk=alert.pk)
    by_link = bool(token) and constant_time_compare(token_hash(token), alert.token_sha256)
    if not by_link and not (actor.kind == "system" and not alert.person.is_active):
        refuse_if(allowed(actor, rules.EDIT_ALERT, alert))
    if alert.ended_at:
        return unchanged(alert)
    before, alert.ended_at = _alert_state(alert), now()
    alert.save(update_fields=["ended_at"])
    record(alert, before=before, after=_alert_state(alert), payload={"by_link": by_link})
    return alert


@command("calls.tell_alerts_of")
def tell_alerts_of(*, actor: Actor, person: Person) -> int:
    """One mail with everything that is new for a person's alerts that are due; how many calls it names.

    Nothing outside 9 to 18 o'clock of the person's own day, and nothing twice: neither a second mail of the day, nor a
    call that another of their alerts has told already.
    """
    person = locked(Person.objects).get(pk=person.pk)
    moment = now()
    here = moment.astimezone(ZoneInfo(person.zone))
    if not person.is_active or not FIRST_HOUR <= here.hour < LAST_HOUR:
        return unchanged(0)
    alerts = list(Alert.objects.filter(person=person))
    key = f"alert:{person.uid}:{here.date().isoformat()}"
    if mail.OutgoingMail.objects.filter(key=key).exists():
        return unchanged(0)
    told = [(one, found) for one in alerts if _is_due(one, here) and (found := _news_for(one, alerts))]
    if not told:
        return unchanged(0)
    calls = {call.pk: call for _, found in told for call in found}
    mail.post(
        "alert",
        to=person.email,
        language=person.language,
        key=key,
        stoppable="alerts",
        reader=person.uid,
        context={
            "calls": [_call_told(call, person.language) for call in calls.values()],
            "ends": [{"filters": one.filters, "token": alert_token(one)} for one, _ in told],
        },
    )
    for alert, _ in told:
        alert.told_until = moment
        alert.save(update_fields=["told_until"])
    record(person, payload={"alerts": [one.uid for one, _ in told], "calls": sorted(c.slug for c in calls.values())})
    return len(calls)


def tell_alerts(most: int = 200) -> int:
    """For the worker: tell whoever has something new, and end the alerts of closed accounts. Returns mails and ends.

    Reads a few rows where nothing was published since; a run tells at most so many people, the rest wait for the next.
    """
    standing = Alert.objects.filter(ended_at__isnull=True).select_related("person")
    closed = list(standing.filter(person__is_active=False)[:most])
    for alert in closed:
        end_alert(actor=SYSTEM, alert=alert)
    newest = DefinitionVersion.objects.aggregate(at=Max("published_at"))["at"]
    if newest is None:
        return len(closed)
    waiting = standing.filter(person__is_active=True, told_until__lt=newest)
    people = Person.objects.filter(pk__in=waiting.values("person")).order_by("pk")
    sent = 0
    for person in people.iterator():
        sent += bool(tell_alerts_of(actor=SYSTEM, person=person))
        if sent == most:
            break
    return sent + len(closed)


def alert_token(alert: Alert) -> str:
    """The secret in the link that ends an alert: the same in every mail, so that an old mail's link still works."""
    return salted_hmac("madang.calls.alert", alert.uid, algorithm="sha256").hexdigest()


def _filters(given: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name in FILTERS if (value := given.get(name, "").replace("\0", "").strip()[:200])}


def _rhythm(every_days: int) -> list[Reason]:
    return [] if every_days in EVERY_DAYS else [Reason("alert_rhythm", {"days": every_days})]


def _is_due(alert: Alert, here: dt.datetime) -> bool:
    """Not told on this day of the person's yet, or within these seven days."""
    last = alert.told_until.astimezone(here.tzinfo).date()
    return alert.ended_at is None and (here.date() - last).days >= alert.every_days


def _news_for(alert: Alert, others: list[Alert]) -> list[Call]:
    """Calls that fit and are new since it last told, without those that another alert has told already."""
    news = news_since(alert.told_until)
    takes = all_calls().filter(pk__in=news, state__in=(PUBLISHED, OPEN))
    found = {call.pk: call for call in fitting(takes, alert.filters)}
    for other in others:
        if other.pk == alert.pk or not found:
            continue
        told = [pk for pk in found if other.created_at < news[pk][0] <= other.told_until]
        for pk in fitting(all_calls().filter(pk__in=told), other.filters).values_list("pk", flat=True):
            del found[pk]
    return list(found.values())


def _call_told(call: Call, language: str) -> dict[str, Any]:
    """What a mail says of a call: title, closing moment in the call's zone, path of its page."""
    definition = current_definition(call)
    wording, schedule = Wording(language), definition.schedule
    return {
        "title": wording.of(call.title),
        "sample": call.is_sample,
        "opens": wording.day(schedule.opens) if schedule.opens and state_of(call) == PUBLISHED else "",
        "closes": wording.day(schedule.closes.at) if schedule.closes else "",
        "zone": wording.zone(schedule.zone),
        "slug": call.slug,
        "amended": call.versions.count() > 1,
    }


def _alert_state(alert: Alert) -> dict[str, Any]:
    """Without the words that were searched for: they may name people."""
    chosen = {name: value for name, value in alert.filters.items() if name != "q"}
    return {
        "uid": alert.uid,
        "filters": chosen,
        "with_words": "q" in alert.filters,
        "every_days": alert.every_days,
        "ended": alert.ended_at is not None,
    }
