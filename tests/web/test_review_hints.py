"""Hints of a review: the same applicant in sister calls of the season, and selected within three years."""

import datetime as dt
from typing import Any

import pytest

from madang.apps.calls.models import Call
from madang.apps.decisions.commands import seal_decision
from madang.apps.decisions.queries import latest_decision
from madang.apps.directory import commands as directory
from madang.apps.review.queries import identities, review_of
from madang.kernel import clock, files
from madang.kernel.actors import OFFICE
from madang.web.office.review_hints import _of_record
from tests.factories.calls import definition_text, published
from tests.factories.decisions import judged, record_text
from tests.factories.people import organisation, person
from tests.factories.review import filed, received, review_call, secretary
from tests.web.apply_parts import signed_in, words

pytestmark = pytest.mark.django_db

SISTERS = "sisters: {season: spring, calls: [sister-call-2022], refuse: second_application}\n"


def page_of(someone: Any, dossier: Any) -> str:
    return words(signed_in(someone).get(f"/office/applications/{dossier.uid}/review").content.decode())


def decided(id: str = "earlier-call-2022") -> Call:
    """A decided call in which City of Aram 4 and 3 are selected of four."""
    text = definition_text(id)
    call = published(id)
    record = record_text(text=text, of=judged(1, 2, 3, 4))
    seal_decision(actor=OFFICE, call=call, record_text=record, report=b"<!DOCTYPE html><p>r</p>", workbook=b"PK w")
    return call


def test_who_applied_in_a_sister_call_is_a_hint_and_no_verdict():
    sister = published("sister-call-2022")
    [there] = received(sister, 9, applicant="City of Aram 1", organisation="", track="plan")
    call = review_call(more=SISTERS)
    mine, other = received(call, 1, 3)
    first = secretary("first")
    page = page_of(first, mine)
    assert "Applied in a sister call of the season" in page
    assert "A9" in page
    assert "Only the name looks the same." in page
    assert "The same applicant elsewhere" not in page_of(first, other)
    assert review_of(mine).ineligible == []
    assert there.uid in signed_in(first).get(f"/office/applications/{mine.uid}/review").content.decode()
    south = secretary("south", "south")
    [theirs] = received(call, 11, applicant="City of Aram 1", organisation="", track="trial")
    assert "A9" in page_of(south, theirs)


def test_the_link_is_only_for_those_who_read_there():
    sister = published("sister-call-2022", programme="another-programme")
    [there] = received(sister, 9, applicant="City of Aram 1", track="plan")
    [mine] = received(review_call(more=SISTERS), 1)
    text = signed_in(secretary("first")).get(f"/office/applications/{mine.uid}/review").content.decode()
    assert "A9" in words(text)
    assert there.uid not in text
    officer = signed_in(person("officer", role="officer"))
    assert there.uid in officer.get(f"/office/applications/{mine.uid}/review").content.decode()


def test_who_was_selected_within_three_years_is_a_hint_until_three_years_are_over():
    decided()
    call = review_call()
    selected, not_selected = received(call, 3, 1)
    first = secretary("first")
    day = dt.datetime(2025, 2, 20, 12, tzinfo=dt.UTC)
    with clock.at(day):
        page = page_of(first, selected)
        assert "Selected within three years" in page
        assert "2022-02-20" in page
        assert "Selected within three years" not in page_of(first, not_selected)
    with clock.at(day + dt.timedelta(days=1)):
        assert "Selected within three years" not in page_of(first, selected)


def test_a_record_that_is_lost_takes_nothing_but_the_hint(data_folder):
    call = decided()
    [mine] = received(review_call(), 3)
    decision = latest_decision(call)
    assert decision
    files.path_of(decision.record_sha256).write_bytes(b"damaged")
    _of_record.cache_clear()
    with clock.at(dt.datetime(2023, 1, 1, tzinfo=dt.UTC)):
        assert "Checklist" in page_of(secretary("first"), mine)


def test_former_names_and_merged_entries_are_one_organisation():
    aram = organisation("City of Aram")
    aram.former_names.create(name="Aram Town")
    twin = organisation("Aram Municipality")
    stranger = organisation("City of Brook", country="XB")
    directory.merge_organisations(actor=OFFICE, kept=aram, absorbed=twin, reason="the same")
    named = [
        (aram.uid, "City of Aram"), (twin.uid, "Aram Municipality"), ("", "aram  TOWN"), ("aram-7", "City of Aram"),
        (stranger.uid, "City of Brook"), ("", "Nobody knows"),
    ]  # fmt: skip
    marks = identities(named)
    entry = f"u:{aram.uid}"
    assert [entry in marks[one] for one in named] == [True, True, False, False, False, False]  # a name alone: no entry
    first, merged, former, foreign, brook, nobody = (marks[one] for one in named)
    assert first & merged & former & foreign
    assert not (brook | nobody) & first
    assert not brook & nobody


def test_an_application_filed_here_is_found_by_its_entry_through_a_merge():
    sister = published("sister-call-2022")
    call = review_call(more=SISTERS)
    _, mine = filed(call, "City of Aram")
    aram = mine.applications.get().filing.draft.organisation
    twin = organisation("Aram Municipality")
    received(sister, 9, applicant="Somebody else's spelling", organisation=twin.uid, track="plan")
    first = secretary("first")
    assert "The same applicant elsewhere" not in page_of(first, mine)
    directory.merge_organisations(actor=OFFICE, kept=aram, absorbed=twin, reason="the same")
    assert "The same organisation in the directory." in page_of(first, mine)
