"""Questions about a call: who reads and answers them, what becomes public, and who gets a seat."""

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.apps.accounts.commands import actor_of, grant_role
from madang.apps.accounts.models import Person
from madang.apps.calls.commands import mark_decided
from madang.apps.calls.models import Call
from madang.apps.directory.events import HandedOver
from madang.apps.directory.models import Domain, FormerName, Handover
from madang.apps.enquiries import commands, queries, rules
from madang.apps.enquiries.models import Enquiry, PublicAnswer, Registration
from madang.core.lifecycle.enquiry import ANSWERED, ASKED, CLOSED
from madang.kernel import clock, events
from madang.kernel.actors import OFFICE, SYSTEM
from madang.kernel.append_only import WrittenOnce
from madang.kernel.clock import now
from madang.kernel.commands import Refused
from madang.kernel.journal import JournalEntry
from madang.kernel.mail import OutgoingMail
from madang.kernel.permissions import may, visible_to
from tests.factories.calls import published
from tests.factories.enquiries import asked, call_with_desks, planned
from tests.factories.people import acting, belongs, organisation, person

SECRET = "Does our harbour of Aram count twice?"
WORDS = {"en": "Does a harbour count twice?", "ko": "항만은 두 번 인정됩니까?"}
ANSWER = {"en": "Once only.", "ko": "한 번만 인정됩니다."}


def refused(function: Any, **given: Any) -> list[str]:
    before = JournalEntry.objects.count()
    with pytest.raises(Refused) as caught:
        function(**given)
    assert JournalEntry.objects.count() == before
    return [reason.code for reason in caught.value.reasons]


def mails() -> list[tuple[str, str]]:
    return [(mail.template, mail.to.partition("@")[0]) for mail in OutgoingMail.objects.order_by("pk")]


def anew(someone: Person) -> Person:
    return Person.objects.get(pk=someone.pk)  # the roles held are read once


# --- Who --------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_question_is_for_its_asker_and_its_desk_only():
    call = call_with_desks()
    asker = person("asker")
    desk = {"role": "secretariat", "programme": "sample-programme"}
    people = {
        "asker": asker,
        "north": person("north", **desk, secretariat="north"),
        "south": person("south", **desk, secretariat="south"),
        "whole": person("whole", **desk),
        "elsewhere": person("elsewhere", role="secretariat", programme="another", secretariat="north"),
        "officer": person("officer", role="officer", programme="sample-programme"),
        "other officer": person("officer2", role="officer", programme="another"),
        "auditor": person("auditor", role="auditor"),
        "administrator": person("admin", role="administrator"),
        "stranger": person("stranger"),
        "nobody": None,
    }
    readers = {
        "plan": {"asker", "north", "whole", "officer", "auditor"},
        "trial": {"asker", "south", "whole", "officer", "auditor"},
        "other": {"asker", "north", "south", "whole", "officer", "auditor"},
        "": {"asker", "north", "south", "whole", "officer", "auditor"},
    }
    for track, expected in readers.items():
        enquiry = asked(call, asker, f"About {track or 'everything'}?", track=track)
        rows = Enquiry.objects.filter(pk=enquiry.pk)
        assert {name for name, one in people.items() if may(one, rules.READ_ENQUIRY, enquiry)} == expected
        assert {n for n, one in people.items() if visible_to(one, rules.READ_ENQUIRY, rows)} == expected
        assert {n for n, one in people.items() if may(one, rules.ANSWER, enquiry)} == expected - {"asker", "auditor"}
        assert {n for n, one in people.items() if visible_to(one, rules.READ_AT_DESK, rows)} == expected - {"asker"}


grants = st.tuples(
    st.sampled_from(["officer", "secretariat", "auditor", "evaluator"]),
    st.sampled_from(["", "sample-programme", "another-programme"]),
    st.sampled_from(["", "north", "south", "nowhere"]),
)


@pytest.mark.django_db
@given(held=st.lists(grants, max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_filter_lists_exactly_what_the_predicate_allows(held):
    calls = [call_with_desks(), call_with_desks("sample-call-two", programme="another-programme")]
    asker = person("asker")
    if Enquiry.objects.count() == 0:
        for call in calls:
            for track in ("", "plan", "trial", "other"):
                asked(call, asker, f"{call} {track}", track=track)
    someone = person(f"p{Person.objects.count()}")
    for role, programme, secretariat in held:
        grant_role(actor=OFFICE, person=someone, role=role, programme=programme, secretariat=secretariat)
    for one in (anew(someone), anew(asker)):
        for right in (rules.READ_ENQUIRY, rules.READ_AT_DESK, rules.ASK_ON):
            listed = set(visible_to(one, right, Enquiry.objects.all()))
            assert listed == {row for row in Enquiry.objects.all() if may(one, right, row)}


@pytest.mark.django_db
def test_a_list_of_questions_costs_the_same_for_one_or_many():
    call, asker = call_with_desks(), person("asker")
    desk = person("north", role="secretariat", programme="sample-programme", secretariat="north")

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked_for:
            list(queries.at_desk(visible_to(anew(desk), rules.READ_AT_DESK, Enquiry.objects.all())))
        return len(asked_for)

    asked(call, asker, "One?", track="plan")
    one = statements()
    for n in range(4):
        asked(call, asker, f"More {n}?", track="plan")
        asked(call_with_desks(f"sample-call-{n}"), asker, "Elsewhere?", track="plan")
    assert statements() == one <= 4


# --- Asking and answering ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_question_goes_to_the_right_desk_and_its_text_nowhere_else():
    call = call_with_desks()
    desk = {"role": "secretariat", "programme": "sample-programme"}
    north, _ = person("north", **desk, secretariat="north", language="ko"), person("south", **desk, secretariat="south")
    asker = person("asker", language="en")
    enquiry = asked(call, asker, SECRET, track="plan")
    assert (enquiry.state, queries.whose_turn(enquiry)) == (ASKED, "office")
    assert mails() == [("enquiry_asked", "north")]
    enquiry = commands.reply(actor=actor_of(north), enquiry=enquiry, text="The reply is twenty-one.")
    assert (enquiry.state, queries.whose_turn(enquiry)) == (ANSWERED, "asker")
    enquiry = commands.ask_on(actor=actor_of(asker), enquiry=enquiry, text="And for Aram's bridge?")
    assert enquiry.state == ASKED
    enquiry = commands.close(actor=actor_of(north), enquiry=enquiry, reason="Answered in the gazette.")
    assert (enquiry.state, queries.whose_turn(enquiry)) == (CLOSED, "")
    assert mails() == [("enquiry_asked", "north"), ("enquiry_answered", "asker")] * 2
    sent = "\n".join(f"{mail.subject}\n{mail.text}" for mail in OutgoingMail.objects.all())
    kept = "\n".join(json.dumps([row.command, row.object_id, row.details]) for row in JournalEntry.objects.all())
    for text in (SECRET, "twenty-one", "bridge", "gazette", "Aram", "asker@example.org"):
        assert text not in sent
        assert text not in kept
    assert f"/office/enquiries/{enquiry.uid}" in sent
    assert f"/enquiries/{enquiry.uid}" in OutgoingMail.objects.filter(to="asker@example.org").last().text
    assert OutgoingMail.objects.get(pk=OutgoingMail.objects.first().pk).subject.startswith("공모 질문")
    assert refused(commands.reply, actor=actor_of(north), enquiry=enquiry, text="More") == ["enquiry_is_closed"]


@pytest.mark.django_db
def test_without_a_secretariat_the_question_goes_to_the_officers():
    person("officer", role="officer", programme="sample-programme")
    asked(published(opens="2022-01-03"), person("asker"))
    assert mails() == [("enquiry_asked", "officer")]


@pytest.mark.django_db
def test_what_is_refused_when_asking():
    call, asker = call_with_desks(), acting("asker")
    given = {"actor": asker, "call": call, "question": "Well?", "language": "en"}
    assert refused(commands.ask, **given | {"question": " \r\n "}) == ["question_needs_text"]
    assert refused(commands.ask, **given | {"question": "x" * 5_001}) == ["words_too_long"]
    assert refused(commands.ask, **given | {"question": "a\0b"}) == ["words_have_control"]
    assert refused(commands.ask, **given | {"question": "a\ud800b"}) == ["words_have_control"]
    assert refused(commands.ask, **given | {"question": "a\u202eb"}) == ["words_turn_direction"]
    assert refused(commands.ask, **given | {"track": "nowhere"}) == ["question_track_unknown"]
    assert refused(commands.ask, **given | {"language": "xx"}) == ["no_such_language"]
    assert refused(commands.ask, **given | {"organisation": organisation()}) == ["asks_for_another_organisation"]
    assert refused(commands.ask, **given | {"actor": SYSTEM}) == ["people_only"]
    draft = Call.objects.create(slug="draft", programme=call.programme, is_sample=True)
    assert refused(commands.ask, **given | {"call": draft}) == ["call_takes_no_questions"]
    decided = mark_decided(actor=OFFICE, call=published("sample-call-decided"), root="0" * 64)
    assert refused(commands.ask, **given | {"call": decided}) == ["call_takes_no_questions"]
    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db
def test_so_many_questions_and_messages_and_no_more():
    call, asker = call_with_desks(), person("asker")
    desk = acting("north", role="secretariat", programme="sample-programme")
    first, *_ = [asked(call, asker, f"Question {n}?") for n in range(rules.MOST_OPEN)]
    given = {"actor": actor_of(asker), "call": call, "question": "One more?", "language": "en"}
    assert refused(commands.ask, **given) == ["too_many_open_questions"]
    commands.reply(actor=desk, enquiry=first, text="Yes.")
    assert commands.ask(**given).state == ASKED
    for n in range(rules.MOST_FOLLOWING):
        commands.ask_on(actor=actor_of(asker), enquiry=first, text=f"And {n}?")
    on = {"actor": actor_of(asker), "enquiry": first}
    assert refused(commands.ask_on, **on, text="Hello?") == ["too_many_follow_ups"]
    commands.reply(actor=desk, enquiry=first, text="Patience.")
    assert commands.ask_on(**on, text="Thank you.").state == ASKED


def test_a_form_sent_twice_at_once_is_one_question(together):
    call, asker = call_with_desks(), person("asker")
    results = together(*[lambda: asked(call, Person.objects.get(pk=asker.pk), SECRET)] * 2)
    assert results[0] == results[1]
    assert Enquiry.objects.count() == 1
    on = {"actor": actor_of(asker), "enquiry": results[0], "text": "And?"}
    together(*[lambda: commands.ask_on(**on)] * 2)
    assert results[0].replies.count() == 1


@pytest.mark.django_db
def test_only_the_desk_answers_and_only_the_asker_asks_on():
    call = call_with_desks()
    enquiry = asked(call, person("asker"), track="plan")
    south = acting("south", role="secretariat", programme="sample-programme", secretariat="south")
    auditor, stranger = acting("auditor", role="auditor"), acting("stranger")
    for actor in (south, auditor, stranger, actor_of(enquiry.asker), SYSTEM):
        no = ["people_only"] if actor is SYSTEM else ["not_permitted"]
        assert refused(commands.reply, actor=actor, enquiry=enquiry, text="No") == no
        assert refused(commands.close, actor=actor, enquiry=enquiry, reason="No") == no
        assert (
            refused(commands.publish_answer, actor=actor, call=call, track="plan", question=WORDS, answer=ANSWER) == no
        )
        assert refused(commands.set_contact, actor=actor, call=call, track="plan", name=WORDS, phone="1") == no
    for actor in (south, auditor, stranger):
        assert refused(commands.ask_on, actor=actor, enquiry=enquiry, text="Me too") == ["not_permitted"]


@pytest.mark.django_db
def test_another_desks_answer_is_not_corrected_under_ones_own_type():
    call = call_with_desks()
    first = commands.publish_answer(actor=OFFICE, call=call, track="plan", question=WORDS, answer=ANSWER)
    south = acting("south", role="secretariat", programme="sample-programme", secretariat="south")
    for track in ("trial", ""):
        wrong = {"call": call, "track": track, "question": WORDS, "answer": WORDS, "corrects": first}
        assert refused(commands.publish_answer, actor=south, **wrong) == ["not_permitted"]


# --- Answers to all ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_answer_to_all_joins_the_record_and_is_corrected_by_a_further_one_only():
    call, asker = call_with_desks(), person("asker", language="en")
    enquiry = asked(call, asker, SECRET, track="plan")
    with clock.at(dt.datetime(2026, 1, 10, 9, 30, 15, 900, tzinfo=dt.UTC)):
        first = commands.publish_answer(
            actor=OFFICE, call=call, track="plan", question=WORDS, answer=ANSWER, enquiry=enquiry
        )
    enquiry.refresh_from_db()
    assert (first.number, enquiry.state) == (1, ANSWERED)
    assert mails()[-1] == ("enquiry_answered", "asker")
    assert f"/calls/{call.slug}/questions#answer-1" in OutgoingMail.objects.last().text
    again = commands.publish_answer(actor=OFFICE, call=call, track="plan", question=WORDS, answer=ANSWER)
    assert again == first
    right = {"en": "Twice, after all.", "ko": "두 번 인정됩니다."}
    second = commands.publish_answer(
        actor=OFFICE, call=call, track="plan", question=WORDS, answer=right, corrects=first
    )
    assert (second.number, second.corrects) == (2, first)
    late = {"actor": OFFICE, "call": call, "question": WORDS, "answer": ANSWER, "corrects": first}
    assert refused(commands.publish_answer, **late) == ["answer_is_corrected"]
    with pytest.raises(WrittenOnce):
        first.save()
    assert [(one.number, one.counted) for one in queries.in_force(call)] == [(2, 1)]
    row = JournalEntry.objects.filter(command="enquiries.publish_answer").first()
    assert row.details == {"number": 1, "sha256": first.sha256, "track": "plan", "corrects": None}


@pytest.mark.django_db
def test_the_list_of_answers_is_hashed_as_the_format_says():
    """Computed here from the words of docs/formats/questions.md, without our own canonical form."""
    import hashlib

    call = call_with_desks()

    def sha256(value: Any) -> str:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    with clock.at(dt.datetime(2026, 1, 10, 9, 30, 15, 900, tzinfo=dt.UTC)):
        first = commands.publish_answer(actor=OFFICE, call=call, question=WORDS, answer=ANSWER)
        commands.publish_answer(actor=OFFICE, call=call, question=WORDS, answer=WORDS, corrects=first)
    whole = queries.listed(call, queries.answers_of(call))
    assert whole["answers"][0]["published_at"] == "2026-01-10T09:30:15Z"
    assert whole["answers"][1]["corrects"] == 1
    hashes = []
    for one in whole["answers"]:
        hashes.append(one.pop("sha256"))
        assert sha256(one) == hashes[-1]
    assert whole["sha256"] == sha256({"call": call.slug, "answers": hashes})


@pytest.mark.django_db
def test_nothing_is_published_that_would_tell_who_asked():
    call, asker, city = call_with_desks(), person("jiwoo"), organisation("City of Aram")
    city.names, asker.name = {"ko": "아람시"}, "Kim Jiwoo"
    city.save()
    asker.save()
    belongs(city, asker)
    FormerName.objects.create(organisation=city, name="Old Aramville")
    Domain.objects.create(organisation=city, domain="aram.example.org", claimed_at=now())
    enquiry = asked(call, asker, SECRET, organisation=city)
    given = {"actor": OFFICE, "call": call, "question": WORDS, "enquiry": enquiry}
    for text in (
        "As the city  of\nARAM asked", "아람 시의 질문", "대도시아람시는", "ｃｉｔｙ ｏｆ ａｒａｍ",
        "ci\u200bty of aram",
        "old-aramville", "write to jiwoo@example.org", "see www.aram.example.org", "Ms Kim Jiwoo", "KimJiwoo가",
    ):  # fmt: skip
        code = refused(commands.publish_answer, **given, answer={"en": text, "ko": text}, looked=True)
        assert code == ["answer_names_somebody"], text
    for text in ("call +82 2-555-0123", "mail someone@example.org", "Ms Jiwoo says"):
        assert refused(commands.publish_answer, **given, answer=ANSWER | {"en": text}) == ["answer_may_name_somebody"]
    fine = {"en": "An Aramaic city; by 2026-02-01 at most 12,000,000 won, article 3.2.", "ko": "바아람"}
    assert commands.publish_answer(**given, answer=fine).number == 1
    contact = {"en": "Call 02-555-0123.", "ko": "02-555-0123으로 전화하십시오."}
    assert commands.publish_answer(**given, answer=contact, looked=True).number == 2
    assert PublicAnswer.objects.count() == 2


@pytest.mark.django_db
def test_an_answer_needs_every_language_of_the_call():
    given = {"actor": OFFICE, "call": call_with_desks()}
    assert refused(commands.publish_answer, **given, question={"en": "Q"}, answer={"ko": "답"}) == [
        "answer_lacks_question", "answer_lacks_words",
    ]  # fmt: skip
    other = asked(call_with_desks("sample-call-two"), person("asker"))
    assert refused(commands.publish_answer, **given, question=WORDS, answer=ANSWER, enquiry=other) == [
        "answer_of_another_call"
    ]


def test_two_who_publish_at_once_get_two_numbers(together):
    call = call_with_desks()
    one, two = ({"en": f"Answer {n}", "ko": f"답 {n}"} for n in (1, 2))
    together(
        lambda: commands.publish_answer(actor=OFFICE, call=call, question=WORDS, answer=one),
        lambda: commands.publish_answer(actor=OFFICE, call=call, question=WORDS, answer=two),
    )
    assert [answer.number for answer in queries.answers_of(call)] == [1, 2]


# --- Contacts ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_one_contact_for_a_track_and_the_former_one_ends():
    call = call_with_desks()
    north = acting("north", role="secretariat", programme="sample-programme", secretariat="north")
    name = {"en": "Northern desk", "ko": "북부 문의처"}
    given = {"actor": north, "call": call, "track": "plan", "name": name}
    assert refused(commands.set_contact, **given) == ["contact_needs_way"]
    assert refused(commands.set_contact, **given, email="nowhere") == ["not_an_address"]
    assert refused(commands.set_contact, **given | {"name": {"en": "A"}}, phone="1") == ["contact_needs_name"]
    assert refused(commands.set_contact, **given | {"track": "trial"}, phone="1") == ["not_permitted"]
    first = commands.set_contact(**given, email="North@Example.org", hours={"en": "9 to 6"})
    assert (first.email, first.is_sample) == ("north@example.org", True)
    assert commands.set_contact(**given, email="north@example.org", hours={"en": "9 to 6"}) == first
    second = commands.set_contact(**given, phone="+82 2 555 0123")
    assert list(queries.contacts_of(call)) == [second]
    commands.end_contact(actor=north, contact=second)
    commands.end_contact(actor=north, contact=second)
    assert list(queries.contacts_of(call)) == []


# --- Briefing sessions ------------------------------------------------------------------------------------------------


def places(briefing: Any) -> list[str]:
    registered = queries.standing(briefing)
    seats = queries.seated(briefing, registered)
    return [f"{one.person.name}{'' if one in seats else ' waits'}" for one in registered]


@pytest.mark.django_db
def test_the_first_who_waits_moves_up_and_is_told():
    briefing = planned(call_with_desks(), seats=1, link="https://meet.example.org/secret-room")
    people = [acting(name) for name in ("ara", "bora", "cho")]
    rows = [commands.register(actor=one, briefing=briefing) for one in people]
    assert commands.register(actor=people[0], briefing=briefing) == rows[0]
    online = commands.register(actor=acting("dan"), briefing=briefing, online=True)
    assert places(briefing) == ["Ara", "Bora waits", "Cho waits", "Dan"]
    assert refused(commands.cancel_registration, actor=people[1], registration=rows[0]) == ["not_permitted"]
    commands.cancel_registration(actor=people[0], registration=rows[0])
    assert places(briefing) == ["Bora", "Cho waits", "Dan"]
    assert mails()[4:] == [("briefing_moved_up", "bora")]
    commands.cancel_registration(actor=people[0], registration=rows[0])
    commands.cancel_registration(actor=actor_of(online.person), registration=online)
    assert mails()[5:] == []
    assert commands.register(actor=people[0], briefing=briefing) != rows[0]
    assert places(briefing) == ["Bora", "Cho waits", "Ara waits"]
    everything = "\n".join(mail.text for mail in OutgoingMail.objects.all())
    kept = json.dumps([row.details for row in JournalEntry.objects.all()])
    assert "secret-room" not in everything + kept


def test_the_last_seat_is_given_once(together):
    briefing = planned(call_with_desks(), seats=1)
    actors = [acting(f"racer{n}") for n in range(4)]
    results = together(*[lambda one=one: commands.register(actor=one, briefing=briefing) for one in actors])
    assert all(isinstance(one, Registration) for one in results)
    assert sorted(name.endswith("waits") for name in places(briefing)) == [False, True, True, True]
    seats = [mail for mail in OutgoingMail.objects.filter(template="briefing_registered") if "대기" not in mail.subject]
    assert len(seats) == 1


@pytest.mark.django_db
def test_a_change_and_a_cancellation_are_told_to_everybody_registered():
    call = call_with_desks()
    briefing = planned(call, seats=1)
    for name in ("ara", "bora"):
        commands.register(actor=acting(name), briefing=briefing)
    fields = ("begins_at", "ends_at", "title", "place", "link", "language", "seats")
    given = {"actor": OFFICE, "briefing": briefing} | {field: getattr(briefing, field) for field in fields}
    assert refused(commands.change_briefing, **given | {"ends_at": briefing.begins_at}) == ["briefing_ends_first"]
    commands.change_briefing(**given)
    commands.change_briefing(**given | {"seats": 2})
    assert mails()[2:] == [("briefing_moved_up", "bora")]
    assert refused(commands.change_briefing, **given | {"seats": 1}) == ["seats_are_taken"]
    commands.change_briefing(**given | {"seats": 2, "place": {"en": "Hall 2", "ko": "제2강당"}})
    assert mails()[3:] == [("briefing_changed", "ara"), ("briefing_changed", "bora")]
    assert "제2강당" in OutgoingMail.objects.last().text
    commands.cancel_briefing(actor=OFFICE, briefing=briefing)
    commands.cancel_briefing(actor=OFFICE, briefing=briefing)
    assert mails()[5:] == [("briefing_cancelled", "ara"), ("briefing_cancelled", "bora")]
    assert refused(commands.register, actor=acting("cho"), briefing=briefing) == ["briefing_is_cancelled"]


@pytest.mark.django_db
def test_a_session_that_has_begun_is_left_alone():
    call = call_with_desks()
    briefing = planned(call)
    row = commands.register(actor=acting("ara"), briefing=briefing)
    with clock.at(briefing.begins_at):
        assert refused(commands.register, actor=acting("bora"), briefing=briefing) == ["briefing_has_begun"]
        assert refused(commands.cancel_registration, actor=acting("ara"), registration=row) == ["briefing_has_begun"]
        assert refused(commands.cancel_briefing, actor=OFFICE, briefing=briefing) == ["briefing_has_begun"]
        given = {"actor": OFFICE, "call": call, "begins_at": briefing.begins_at, "ends_at": briefing.ends_at}
        assert refused(commands.plan_briefing, **given, link="https://x.example.org/") == ["briefing_is_past"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"place": {}}, "briefing_needs_place"),
        ({"place": {"en": "Hall"}}, "briefing_place_lacks"),
        ({"link": "javascript:alert(1)"}, "briefing_link_is_no_address"),
        ({"link": "http://meet.example.org/"}, "briefing_link_is_no_address"),
        ({"link": "https://meet.example.org/\0"}, "words_have_control"),
        ({"seats": 0}, "briefing_seats_out_of_range"),
        ({"language": "xx"}, "no_such_language"),
    ],
)
def test_an_unsound_session_is_refused(more, code):
    begins = clock.now() + dt.timedelta(days=1)
    given = {"begins_at": begins, "ends_at": begins + dt.timedelta(hours=1), "place": {"en": "Hall", "ko": "강당"}}
    assert refused(commands.plan_briefing, actor=OFFICE, call=call_with_desks(), **given | more) == [code]


# --- When an officer changes post -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_questions_asked_for_an_organisation_pass_to_whoever_takes_over(django_capture_on_commit_callbacks):
    call, city = call_with_desks(), organisation()
    giver, taker = person("giver"), person("taker")
    belongs(city, giver)
    own = asked(call, giver, "For myself?")
    office = asked(call, giver, "For the city?", organisation=city)
    handover = Handover.objects.create(
        giver=giver, taker=taker, organisation=city, reason="Changed post", at=clock.now(), by="console"
    )
    later = asked(call, giver, "Later?", organisation=city)
    with django_capture_on_commit_callbacks(execute=True):
        events.announce(HandedOver(handover_id=handover.pk))
    askers = dict(Enquiry.objects.values_list("pk", "asker__name"))
    assert askers == {own.pk: "Giver", office.pk: "Taker", later.pk: "Giver"}
    assert commands.take_over_enquiries(actor=SYSTEM, handover=handover) == 0
    [row] = JournalEntry.objects.filter(command="enquiries.take_over_enquiries")
    assert row.details == {"handover": handover.uid, "enquiries": [office.pk]}
    assert not may(giver, rules.READ_ENQUIRY, Enquiry.objects.get(pk=office.pk))
