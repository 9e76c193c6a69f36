"""The desk and a call's figures: every number leads to the applications that it counts, and stays within one's desk."""

import datetime as dt
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from madang.apps.accounts.commands import actor_of
from madang.apps.applications import commands as applications
from madang.apps.review import commands
from madang.apps.review.models import Handling
from madang.core.deciding.case import Case
from madang.kernel import clock
from madang.kernel.actors import DEMO
from madang.papers.charts_intake import cumulative
from tests.factories.applications import application
from tests.factories.calls import published
from tests.factories.desk import Desk, filed_here
from tests.factories.people import person

pytestmark = pytest.mark.django_db
HOST = {"host": "localhost", "accept-language": "en"}


def client_of(who) -> Client:
    client = Client(headers=HOST)
    client.force_login(who)
    return client


def cards(client) -> dict:
    return {card["url"].rpartition("/")[2]: card for card in client.get("/office/applications").context["calls"]}


def count_behind(client, url: str) -> int:
    parts = urlsplit(url)
    return client.get(f"{parts.path}?{parts.query}").context["page"].paginator.count


def test_every_number_of_the_desk_leads_to_what_it_counts():
    desk = Desk()
    filed_here(desk.call)
    keys = [desk.dossier(reference).pk for reference in ("A1", "A3", "A5")]
    commands.assign_officers(actor=actor_of(desk.ministry), dossiers=keys[:2], officer=desk.north)
    Handling.objects.filter(dossier=keys[0]).update(state="passed")
    client = client_of(desk.north)
    card = cards(client)[desk.call.slug]
    told = {one["text"]: one["count"] for one in card["numbers"]}
    assert card["all"] == count_behind(client, card["url"]) == 4
    assert told == {
        "new today": 1,
        "in review": 3,
        "of them nobody's": 2,
        "of them mine": 1,
        "passed": 1,
        "excluded": 0,
    }
    for one in card["numbers"]:
        assert count_behind(client, one["url"]) == one["count"], one
    assert [one["reference"] for one in client.get("/office/applications").context["mine"]] == ["A3"]
    assert cards(client_of(desk.ministry))[desk.call.slug]["all"] == 7
    assert cards(client_of(desk.elsewhere)) == {}
    home = client.get(reverse("office:home")).context["cards"]
    assert [card["waiting"] for card in home if card["url"] == "/office/applications"] == [1]


def test_what_is_due_is_told_with_its_day():
    now = clock.now()
    soon = f"{now.date() + dt.timedelta(days=3)} 18:00"
    published("sample-call-soon", closes=soon, opens="2022-01-03")
    published("sample-call-later", closes=f"{now.date() + dt.timedelta(days=60)} 18:00", opens="2022-01-03")
    officer = person("officer", role="officer", language="en")
    due = client_of(officer).get("/office/applications").context["due"]
    assert [(one["text"], one["url"].rpartition("/")[2]) for one in due] == [("The call closes", "sample-call-soon")]


def test_the_round_before_is_counted_to_the_same_day_before_its_close():
    today = clock.now().astimezone(dt.timezone(dt.timedelta(hours=9))).date()
    before = published("sample-call-before", opens="2021-01-01", closes="2021-06-30 18:00")
    rows = tuple(application(n, received=f"2021-06-{n:02} 09:00:00") for n in range(1, 31))
    applications.receive_from_folder(actor=DEMO, call=before, case=Case(applications=rows, sample=True))
    now_open = published("sample-call-now", opens="2022-01-03", closes=f"{today + dt.timedelta(days=20)} 18:00")
    mine = tuple(application(n, received=f"{today}") for n in range(1, 4))
    applications.receive_from_folder(actor=DEMO, call=now_open, case=Case(applications=mine, sample=True))
    client = client_of(person("officer", role="officer", language="en"))
    assert cards(client)["sample-call-now"]["earlier"] == 10
    figures = client.get("/office/applications/calls/sample-call-now/figures")
    assert figures.context["curve"]["told"] == "3 so far. The earlier round had 10 on the same day."
    rows = {row[0]: row[1:] for row in figures.context["curve"]["figure"]["table"]["rows"]}
    assert rows["20"] == ["3", "10"]
    assert rows["0"] == ["", "30"]


def test_a_curve_has_no_gaps_and_ends_today():
    assert cumulative({-5: 2, -3: 1, 0: 9}, -1) == {-5: 2, -4: 2, -3: 3, -2: 3, -1: 3}
    assert cumulative({}, -1) == {-1: 0}


def test_figures_count_ones_own_types_and_lead_into_the_list():
    desk = Desk()
    north = client_of(desk.north)
    url = f"/office/applications/calls/{desk.call.slug}/figures"
    counted = north.get(url).context["counted"]
    assert counted.total["cases"] == 3
    assert not counted.whole
    assert client_of(desk.ministry).get(url).context["counted"].total["cases"] == 6
    assert client_of(desk.elsewhere).get(url).context["counted"].total["cases"] == 0
    assert client_of(person("stranger")).get(url).status_code == 403
    for name in ("by_type", "by_country", "by_field"):
        for row in counted.table(name)["rows"]:
            if isinstance(row[0], dict):
                assert count_behind(north, row[0]["url"]) == int(row[1])


def test_the_desk_asks_few_questions(django_assert_max_num_queries):
    desk = Desk()
    for n in range(5):
        published(f"sample-call-more-{n}", closes="2099-02-04 18:00")
    keys = [desk.dossier(reference).pk for reference in ("A1", "A3", "A5")]
    commands.assign_officers(actor=actor_of(desk.ministry), dossiers=keys, officer=desk.north)
    client = client_of(desk.north)
    client.get("/office/applications")  # the first answer of a session notes it
    with django_assert_max_num_queries(14):
        client.get("/office/applications")
