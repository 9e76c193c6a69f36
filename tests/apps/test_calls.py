"""Publishing and amending a call's definition, and finding calls."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction

from madang.apps.calls import queries
from madang.apps.calls.commands import mark_decided, publish_definition
from madang.apps.calls.models import Call, DefinitionVersion, Programme
from madang.core.lifecycle.call import STATES
from madang.core.reasons import Malformed
from madang.kernel import clock
from madang.kernel.actors import DEMO, OFFICE, SYSTEM
from madang.kernel.append_only import WrittenOnce
from madang.kernel.commands import Refused
from madang.kernel.journal import JournalEntry
from tests.factories.calls import definition_text, published

SEOUL = ZoneInfo("Asia/Seoul")


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def everything() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Programme, Call, DefinitionVersion, JournalEntry))


@pytest.mark.django_db
def test_publishing_makes_programme_call_version_one_and_a_journal_row():
    with clock.at(dt.datetime(2021, 12, 20, 9, tzinfo=SEOUL)):
        version = publish_definition(actor=OFFICE, text=definition_text(), sample=True)
    call = version.call
    assert everything() == (1, 1, 1, 1)
    assert (call.slug, call.programme.slug, call.is_sample) == ("sample-call-2022", "sample-programme", True)
    assert call.title == {"en": "Sample call", "ko": "견본 공모"}
    assert call.opens_at == dt.datetime(2022, 1, 3, tzinfo=SEOUL)
    assert call.closes_at == dt.datetime(2022, 2, 4, 18, tzinfo=SEOUL)
    assert (version.number, version.reason, version.published_at) == (1, "", call.published_at)
    assert version.data["decide"]["seats"] == {"max": 2}
    entry = JournalEntry.objects.get()
    assert (entry.command, entry.object_id) == ("calls.publish_definition", str(call.pk))
    assert entry.details["definition_sha256"] == version.sha256


@pytest.mark.django_db
def test_every_fault_is_named_and_nothing_is_written():
    text = (
        definition_text().replace("weight: 40", "weight: 41").replace("country: iso-user-assigned", "country: nowhere")
    )
    with pytest.raises(Malformed) as malformed:
        publish_definition(actor=OFFICE, text=text, sample=True)
    assert len(malformed.value.faults) >= 2
    assert all(fault.at.startswith("line ") for fault in malformed.value.faults)
    assert everything() == (0, 0, 0, 0)


@pytest.mark.django_db
def test_the_same_text_again_changes_nothing():
    call = published()
    again = publish_definition(actor=OFFICE, text=definition_text(), sample=True)
    assert (again.call, again.number) == (call, 1)
    assert everything() == (1, 1, 1, 1)


@pytest.mark.django_db
def test_an_amendment_is_a_new_version_with_its_reason_and_notice():
    call = published()
    later = definition_text(closes="2022-02-11 18:00", title="Sample call, longer")
    with pytest.raises(Refused) as refused:
        publish_definition(actor=OFFICE, text=later, sample=True, reason="  ")
    assert codes(refused) == ["amendment_needs_reason", "amendment_needs_notice"]
    version = publish_definition(actor=OFFICE, text=later, sample=True, reason="A week more", notice="Gazette 12")
    call.refresh_from_db()
    assert (version.number, version.reason, version.notice) == (2, "A week more", "Gazette 12")
    assert call.closes_at == dt.datetime(2022, 2, 11, 18, tzinfo=SEOUL)
    assert queries.current_definition(call).title["en"] == "Sample call, longer"
    assert queries.definition_of(call.versions.get(number=1)).title["en"] == "Sample call"
    first, second = JournalEntry.objects.all()
    assert second.before_sha256 == first.after_sha256 != second.after_sha256


@pytest.mark.django_db
def test_what_an_amendment_cannot_change_is_named_all_at_once():
    published()
    text = definition_text(programme="another-programme", title="New")
    with pytest.raises(Refused) as refused:
        publish_definition(actor=OFFICE, text=text, sample=False)
    assert codes(refused) == [
        "amendment_needs_reason",
        "amendment_needs_notice",
        "programme_is_fixed",
        "sample_is_fixed",
    ]
    assert everything() == (1, 1, 1, 1)


@pytest.mark.django_db
def test_a_decided_call_is_not_amended():
    call = mark_decided(actor=OFFICE, call=published(), root="0" * 64)
    with pytest.raises(Refused) as refused:
        publish_definition(actor=OFFICE, text=definition_text(title="New"), sample=True, reason="Late")
    assert codes(refused) == ["call_already_decided"]
    assert queries.state_of(call) == "decided"


@pytest.mark.django_db
def test_the_platform_itself_publishes_nothing():
    with pytest.raises(Refused) as refused:
        publish_definition(actor=SYSTEM, text=definition_text(), sample=True)
    assert codes(refused) == ["people_publish"]
    assert everything() == (0, 0, 0, 0)


@pytest.mark.django_db
def test_published_versions_are_written_once_and_numbers_are_given_once():
    version = published().versions.get()
    version.text = "changed"
    for change in (
        version.save,
        version.delete,
        DefinitionVersion.objects.all().delete,
        version.call.versions.all().delete,
    ):
        with pytest.raises(WrittenOnce):
            change()
    row = {"call": version.call, "sha256": "0" * 64, "data": {}, "published_at": version.published_at}
    for number, reason in [(1, ""), (2, ""), (0, "a reason")]:
        with pytest.raises(IntegrityError), transaction.atomic():
            DefinitionVersion.objects.create(number=number, reason=reason, **row)


def test_two_who_publish_at_once_make_one_version(together):
    one = lambda: publish_definition(actor=OFFICE, text=definition_text(), sample=True).pk  # noqa: E731
    first, second = together(one, one)
    assert first == second
    assert everything() == (1, 1, 1, 1)


def test_two_amendments_at_once_get_numbers_of_their_own(together):
    published()

    def amend(title: str) -> int:
        later = definition_text(title=title)
        return publish_definition(actor=OFFICE, text=later, sample=True, reason=title, notice="Gazette").number

    assert sorted(together(*(lambda t=title: amend(t) for title in "ABCD"))) == [2, 3, 4, 5]
    assert JournalEntry.objects.count() == 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2022-01-02 23:59:59.999999", "published"),
        ("2022-01-03 00:00:00", "open"),
        ("2022-02-04 18:00:00.999999", "open"),
        ("2022-02-04 18:00:01", "closed"),
    ],
)
def test_the_state_turns_on_the_whole_second_the_same_in_sql_and_in_the_core(moment, state):
    call = published()
    with clock.at(dt.datetime.fromisoformat(moment).replace(tzinfo=SEOUL)):
        assert queries.state_of(call) == state
        found = {one: list(queries.in_state(queries.all_calls(), one)) for one in STATES}
    assert found == {one: [call] if one == state else [] for one in STATES}


@pytest.mark.django_db
def test_days_without_hours_count_to_their_end_and_drafts_are_not_listed():
    call = published(closes="2022-02-04")
    assert call.closes_at == dt.datetime(2022, 2, 4, 23, 59, 59, tzinfo=SEOUL)
    programme = Programme.objects.get()
    draft = Call.objects.create(programme=programme, slug="draft", is_sample=True)
    assert list(queries.all_calls()) == [call]
    assert queries.state_of(draft) == queries.with_state(Call.objects.filter(slug="draft")).get().state == "draft"
    with pytest.raises(DefinitionVersion.DoesNotExist):
        queries.current_definition(draft)


@pytest.mark.django_db
def test_calls_are_found_by_programme_state_and_words():
    a = published("lake-call", programme="lakes", title="Clean Lakes 100%", opens="2022-03-01", closes="2022-04-01")
    b = published("tram-call", programme="trams", title="Quiet trams", opens="2022-02-01", closes="2022-05-01")
    with clock.at(dt.datetime(2022, 3, 2, tzinfo=SEOUL)):
        assert list(queries.open_calls()) == [a, b]
        assert list(queries.all_calls()) == [a, b]
        assert list(queries.of_programme(queries.open_calls(), "trams")) == [b]
        for words, found in {
            "": [a, b], "견본": [a, b], "sample-agency": [a, b],
            "LAKES clean": [a], "100%": [a], "%": [a], "quiet lakes": [],
        }.items():  # fmt: skip
            assert list(queries.matching(queries.all_calls(), words)) == found, words
    assert list(queries.programmes()) == [a.programme, b.programme]


@pytest.mark.django_db
def test_a_list_of_calls_is_one_statement_however_long(django_assert_num_queries):
    published("one-call")
    with django_assert_num_queries(1):
        assert [(call.programme.slug, call.state) for call in queries.all_calls()] == [("sample-programme", "closed")]
    published("two-call"), published("three-call")
    with django_assert_num_queries(1):
        assert len([(call.programme.slug, call.state) for call in queries.all_calls()]) == 3


@pytest.mark.django_db
def test_the_database_keeps_what_sqlite_would_lose():
    """The settings that durability and fair writing rest on are really in force."""
    if connection.vendor != "sqlite":
        pytest.skip("settings of SQLite")
    with connection.cursor() as cursor:
        pragma = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert connection.transaction_mode == "IMMEDIATE"


@pytest.mark.django_db
def test_a_demo_and_an_office_write_alike():
    assert published("one-call", actor=DEMO).programme == published("two-call", actor=OFFICE).programme


@pytest.mark.django_db
def test_an_amendment_cannot_make_those_late_who_have_filed_already():
    with clock.at(dt.datetime(2022, 2, 1, 12, tzinfo=SEOUL)):
        call = published()
        given = {"actor": OFFICE, "sample": True, "reason": "Sooner", "notice": "Gazette 12"}
        with pytest.raises(Refused) as refused:
            publish_definition(text=definition_text(closes="2022-02-01 11:00"), **given)
        assert codes(refused) == ["amendment_ends_in_the_past"]
        publish_definition(text=definition_text(closes="2022-02-01 13:00"), **given)
    call.refresh_from_db()
    assert call.closes_at == dt.datetime(2022, 2, 1, 13, tzinfo=SEOUL)
