"""A supplement in words, for the office and for whoever applies: its state, what is asked, how its days count."""

import datetime as dt
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, pgettext_lazy

from madang.apps.applications.commands import named_things
from madang.apps.applications.models import Supplement
from madang.core.clocks import Count, Terms, count_days
from madang.core.lifecycle.supplement import ANSWERED, CANCELLED, EXPIRED, OPEN
from madang.papers import calendars
from madang.papers.describe.form_words import FormWords
from madang.papers.wording import Wording
from madang.web.public.call_view import reader

Context = dict[str, Any]

STATES: Final = {
    OPEN: pgettext_lazy("supplement", "Waits for the applicant"),
    ANSWERED: pgettext_lazy("supplement", "Answered"),
    EXPIRED: pgettext_lazy("supplement", "Not answered in time"),
    CANCELLED: pgettext_lazy("supplement", "Taken back"),
}
TONES: Final = {OPEN: "wait", ANSWERED: "done", EXPIRED: "danger", CANCELLED: "closed"}
KINDS: Final = {
    "incorrect": pgettext_lazy("supplement", "incorrect"),
    "incomplete": pgettext_lazy("supplement", "incomplete"),
}


def state_badge(supplement: Supplement) -> Context:
    return {"text": str(STATES[supplement.state]), "tone": TONES[supplement.state]}


def things_of(supplement: Supplement, words: FormWords) -> list[Context]:
    """What is asked, by name: {"name", "item", "kind", "what", "kind_text"}."""
    return [{**thing, "kind_text": KINDS[thing["kind"]]} for thing in named_things(supplement, words)]


def also_open(supplement: Supplement, words: FormWords) -> list[str]:
    """Places that may be changed too, because they depend on what is asked."""
    asked = {thing["what"] for thing in supplement.things}
    return [words.called(place) for place in supplement.places if place not in asked]


def exact(moment: dt.datetime, zone: ZoneInfo) -> str:
    """A moment to the second, in wall time of this zone."""
    return reader().day(f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}")


def counted_again(supplement: Supplement, zone: ZoneInfo) -> Count:
    """The days of the request, counted again from what it was sent with."""
    kept = supplement.terms
    terms = Terms(days=kept["days"], count=kept["count"], first_day=kept["first_day"], rolls=kept["rolls"])
    return count_days(terms, supplement.asked_at.astimezone(zone).date(), calendars.load(kept["calendar"]))


def count_words(count: Count, wording: Wording) -> list[Context]:
    """Every day from the first to the last, each with its number or with why it did not count."""
    why = {
        "first_day": gettext("the first day is not counted"),
        "weekend": gettext("weekend"),
        "stop": gettext("the clock stands"),
    }
    days: dict[dt.date, str] = {day: str(number) for number, day in enumerate(count.counted, 1)}
    for one in count.skipped:
        days[one.day] = why.get(one.why) or wording.of(dict(one.label))
    numbered = set(count.counted)
    return [
        {"day": wording.day(day.isoformat()), "text": text, "counts": day in numbered, "last": day == count.last}
        for day, text in sorted(days.items())
    ]


def rule_words(item: str, terms: Context, words: FormWords) -> str:
    """By which published rule the time is what it is."""
    label = next((words.w.of(one.label) for one in words.d.review if one.id == item), item)
    text = (
        gettext("%(days)s business days for “%(item)s”")
        if terms["count"] == "business"
        else gettext("%(days)s days for “%(item)s”")
    )
    first = "" if terms["first_day"] == "included" else ", " + gettext("the first day not counted")
    return text % {"days": terms["days"], "item": label} + first
