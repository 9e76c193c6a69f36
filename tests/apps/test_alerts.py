"""Alerts: what they tell, when, to whom, and that they are no noise."""

import datetime as dt
import re

import pytest

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.calls import rules
from madang.apps.calls.commands import (
    MOST_ALERTS,
    alert_token,
    edit_alert,
    end_alert,
    publish_definition,
    save_alert,
    tell_alerts,
)  # fmt: skip
from madang.apps.calls.models import Alert
from madang.kernel import clock
from madang.kernel.actors import DEMO, SYSTEM
from madang.kernel.commands import Refused
from madang.kernel.journal import JournalEntry
from madang.kernel.mail import OutgoingMail
from madang.kernel.permissions import may, visible_to
from tests.factories.calls import definition_text
from tests.factories.people import person

pytestmark = pytest.mark.django_db
SEOUL = dt.timezone(dt.timedelta(hours=9))
DAY = dt.datetime(2026, 11, 20, 10, tzinfo=SEOUL)


def at(days: float = 0, hour: float = 10) -> dt.datetime:
    return DAY + dt.timedelta(days=days, hours=hour - 10)


def kept(owner: Person, when: dt.datetime = DAY, every_days: int = 1, **filters: str) -> Alert:
    with clock.at(when):
        return save_alert(actor=actor_of(owner), person=owner, filters=filters, every_days=every_days)


def publish(id: str, when: dt.datetime, **parts: str) -> None:
    given = {"opens": "2026-11-01", "closes": "2026-12-30 18:00"} | parts
    with clock.at(when):
        publish_definition(actor=DEMO, text=definition_text(id, **given), sample=True)


def amend(id: str, when: dt.datetime, *swap: str, **parts: str) -> None:
    given = {"opens": "2026-11-01", "closes": "2026-12-30 18:00"} | parts
    text = definition_text(id, **given)
    text = text.replace(*swap) if swap else text
    with clock.at(when):
        publish_definition(actor=DEMO, text=text, sample=True, reason="A change", notice="Gazette")


def told(when: dt.datetime) -> list[str]:
    """The calls named in the mails that a run at this moment posts."""
    before = set(OutgoingMail.objects.values_list("pk", flat=True))
    with clock.at(when):
        tell_alerts()
    mails = OutgoingMail.objects.exclude(pk__in=before)
    return sorted(slug for mail in mails for slug in re.findall(r"/calls/(\S+)", mail.text))


@pytest.fixture
def owner() -> Person:
    return person("aram", language="en", zone="Asia/Seoul")


def test_one_mail_tells_of_everything_new_that_fits_and_only_that(owner: Person) -> None:
    publish("older-call", at(-1), title="Older")
    kept(owner, programme="alpha")
    kept(owner, q="bridge")
    publish("alpha-call", at(0.1), programme="alpha", title="Alpha")
    publish("bridge-call", at(0.1), programme="beta", title="Bridges")
    publish("other-call", at(0.1), programme="beta", title="Clinics")
    assert told(at(1)) == ["alpha-call", "bridge-call"]
    [mail] = OutgoingMail.objects.all()
    assert (mail.to, mail.language, mail.template) == ("aram@example.org", "en", "alert")
    assert mail.subject == "2 calls that fit your alerts"
    assert "[Sample] Bridges" in mail.text
    assert "Wednesday 30 December 2026 18:00" in mail.text
    assert told(at(2)) == []


def test_it_tells_at_most_once_a_day_and_only_by_day_of_the_reader(owner: Person) -> None:
    kept(owner)
    publish("first-call", at(0, 11))
    assert told(at(0, 12)) == []  # saved today: tomorrow at the earliest
    assert told(at(1, 8.9)) == []
    assert told(at(1, 18)) == []
    assert told(at(1, 17.9)) == ["first-call"]
    publish("second-call", at(1, 17.95))
    assert told(at(1, 17.99)) == []
    assert told(at(2, 9)) == ["second-call"]


def test_the_hours_are_those_of_the_reader(owner: Person) -> None:
    far = person("bada", zone="America/Bogota", language="en")
    kept(far)
    publish("first-call", at(0, 11))
    assert told(at(1, 12)) == []  # 22 o'clock there
    assert told(at(2, 0)) == ["first-call"]


def test_a_weekly_alert_waits_for_its_week(owner: Person) -> None:
    kept(owner, every_days=7)
    publish("first-call", at(1))
    assert told(at(6)) == []
    publish("second-call", at(6, 12))
    assert told(at(7)) == ["first-call", "second-call"]
    publish("third-call", at(8))
    assert told(at(13)) == []
    assert told(at(14)) == ["third-call"]


def test_no_call_is_told_twice_by_two_alerts(owner: Person) -> None:
    kept(owner, programme="alpha")
    kept(owner, every_days=7, q="bridge")
    publish("alpha-bridge", at(0.1), programme="alpha", title="Bridges")
    assert told(at(1)) == ["alpha-bridge"]
    assert told(at(7)) == []
    assert told(at(8)) == []


def test_an_amendment_is_told_where_it_matters(owner: Person) -> None:
    publish("first-call", at(-5))
    kept(owner)
    amend("first-call", at(0.1), title="Another title only")
    assert told(at(1)) == []
    amend("first-call", at(1.1), closes="2026-12-31 18:00", title="Another title only")
    assert told(at(2)) == ["first-call"]
    assert "amended" in OutgoingMail.objects.get().text


def test_a_call_that_has_closed_meanwhile_is_not_told(owner: Person) -> None:
    kept(owner)
    publish("short-call", at(0.1), closes="2026-11-20 23:00")
    assert told(at(1)) == []


def test_nothing_is_written_where_nothing_is_new(owner: Person) -> None:
    kept(owner)
    rows = JournalEntry.objects.count()
    assert told(at(1)) == []
    assert (JournalEntry.objects.count(), OutgoingMail.objects.count()) == (rows, 0)


def test_alerts_of_a_closed_account_end(owner: Person) -> None:
    alert = kept(owner)
    Person.objects.filter(pk=owner.pk).update(is_active=False)
    publish("first-call", at(0.1))
    assert told(at(1)) == []
    alert.refresh_from_db()
    assert alert.ended_at


def test_saving_changing_and_ending(owner: Person) -> None:
    alert = kept(owner, q="  bridge\0 ", nonsense="x")
    assert alert.filters == {"q": "bridge"}
    assert kept(owner, q="bridge").pk == alert.pk
    other = actor_of(person("bada"))
    for wrong in (
        lambda: edit_alert(actor=other, alert=alert, every_days=7),
        lambda: end_alert(actor=other, alert=alert),
    ):
        with pytest.raises(Refused) as refused:
            wrong()
        assert [reason.code for reason in refused.value.reasons] == ["not_permitted"]
    with pytest.raises(Refused) as refused:
        edit_alert(actor=actor_of(owner), alert=alert, every_days=3)
    assert [reason.code for reason in refused.value.reasons] == ["alert_rhythm"]
    assert edit_alert(actor=actor_of(owner), alert=alert, every_days=7).every_days == 7
    with pytest.raises(Refused):
        save_alert(actor=other, person=owner, filters={})
    with pytest.raises(Refused):
        end_alert(actor=SYSTEM, alert=alert, token="wrong")
    assert end_alert(actor=SYSTEM, alert=alert, token=alert_token(alert)).ended_at
    with pytest.raises(Refused) as refused:
        edit_alert(actor=actor_of(owner), alert=alert, every_days=1)
    assert [reason.code for reason in refused.value.reasons] == ["alert_has_ended"]
    assert "bridge" not in str(list(JournalEntry.objects.values_list("payload", flat=True)))


def test_more_alerts_than_anybody_needs_are_refused(owner: Person) -> None:
    for number in range(MOST_ALERTS):
        kept(owner, q=f"word{number}")
    with pytest.raises(Refused) as refused:
        kept(owner, q="one more")
    assert [reason.code for reason in refused.value.reasons] == ["too_many_alerts"]


def test_who_sees_an_alert_is_who_may_change_it(owner: Person) -> None:
    other = person("bada")
    alerts = [kept(owner, q="a"), kept(owner, q="b"), kept(other, q="c")]
    for someone in (owner, other, person("third"), None):
        seen = set(visible_to(someone, rules.EDIT_ALERT, Alert.objects.all()))
        assert seen == {alert for alert in alerts if may(someone, rules.EDIT_ALERT, alert)}
