"""The office's desk for mail: who may what, holding, editing, releasing, announcements to many, what comes back."""

import datetime as dt
import json
import re
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.core import mail as django_mail

from madang.apps.calls.commands import publish_definition
from madang.apps.calls.models import Call
from madang.apps.outbox import commands, queries, rules
from madang.apps.outbox.tasks import read_maildir, take_report
from madang.core.lifecycle import MAIL, MAIL_BATCH
from madang.core.lifecycle.mail import BATCH_STATES, STATES
from madang.kernel import clock
from madang.kernel.actors import OFFICE, SYSTEM
from madang.kernel.commands import Refused
from madang.kernel.journal import JournalEntry
from madang.kernel.mail import (
    OF_A_DRAFT,
    MailBatch,
    OutgoingMail,
    Reader,
    State,
    coming_back,
    deliver_due,
    in_state,
    post,
    stop_address,
)
from madang.kernel.mail.bounces import read_bounces
from madang.kernel.mail.message import message_id
from madang.kernel.permissions import may, visible_to
from tests.factories.calls import definition_text, published
from tests.factories.enquiries import call_with_desks
from tests.factories.people import acting, person

NOON = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _in_memory(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def notice(to: str = "sari@example.org", **more: Any) -> OutgoingMail:
    return post("notice", to=to, language="en", context={"what": "password_set"}, **more)


def anew(mail: OutgoingMail) -> OutgoingMail:
    return OutgoingMail.objects.get(pk=mail.pk)


def codes(refused: Any) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


# --- Who --------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_everybody_sees_the_mails_of_their_own_calls_and_rights_and_lists_agree() -> None:
    mine, other = call_with_desks("call-north"), published("call-other", programme="other-programme")
    mails = [notice(), notice(about=mine.slug), notice(about=other.slug), notice(about="gone")]
    mails.append(notice(about=OF_A_DRAFT))
    batch = MailBatch(about=mine.slug)
    people = {
        "administrator": (person("ad", role="administrator"), [0, 1, 2, 3, 4]),
        "officer": (person("of", role="officer"), [0, 1, 2, 3]),
        "officer of one": (person("o1", role="officer", programme="other-programme"), [2]),
        "secretariat": (person("s1", role="secretariat", programme="sample-programme", secretariat="north"), [1]),
        "secretariat of all": (person("s2", role="secretariat"), [1, 2]),
        "no such desk": (person("s3", role="secretariat", secretariat="nowhere"), []),
        "auditor": (person("au", role="auditor"), [0, 1, 2, 3, 4]),
        "evaluator": (person("ev", role="evaluator"), []),
        "nobody": (person("no"), []),
    }
    for name, (who, seen) in people.items():
        wanted = [mails[i].pk for i in seen]
        for right in (rules.READ_MAIL, rules.HANDLE_MAIL):
            expected = [] if (name, right) == ("auditor", rules.HANDLE_MAIL) else wanted
            listed = visible_to(who, right, OutgoingMail.objects.order_by("pk"))
            assert list(listed.values_list("pk", flat=True)) == expected, (name, right)
            assert [one.pk for one in mails if may(who, right, one)] == expected, (name, right)
        assert may(who, rules.HANDLE_MAIL, batch) == (1 in seen and name != "auditor")


# --- The life of one mail ---------------------------------------------------------------------------------------------


def test_the_tables_are_whole() -> None:
    for table, states in ((MAIL, STATES), (MAIL_BATCH, BATCH_STATES)):
        assert set(table.wrong_state) == set(table.states) == set(states)
        assert {state for move in table.moves for state in (*move.from_, move.to) if state} <= set(states)


@pytest.mark.django_db
def test_a_mail_is_held_changed_and_released_and_its_first_words_are_kept() -> None:
    mail = notice()
    first = mail.text
    commands.hold_mail(actor=OFFICE, mail=mail, reason="The text is wrong.")
    assert anew(mail).state is State.HELD
    assert deliver_due() == 0
    commands.edit_mail(actor=acting("of", role="officer"), mail=mail, subject="New", text="New words.", seen=0)
    with pytest.raises(Refused) as refused:
        commands.edit_mail(actor=OFFICE, mail=mail, subject="Other", text="Other words.", seen=0)
    assert codes(refused) == ["mail_changed_since"]
    [before] = mail.edits.all()
    assert (before.text, len(before.by)) == (first, 22)
    commands.release_mail(actor=OFFICE, mail=mail)
    assert deliver_due() == 1
    assert (django_mail.outbox[0].subject, django_mail.outbox[0].body) == ("New", "New words.\n")
    rows = JournalEntry.objects.filter(object_kind="kernel.outgoingmail").order_by("id")
    assert [row.command for row in rows] == ["outbox.hold_mail", "outbox.edit_mail", "outbox.release_mail"]
    assert all(row.before_sha256 != row.after_sha256 for row in rows)
    assert "sari" not in "".join(row.payload + row.actor_label for row in rows)


@pytest.mark.django_db
def test_a_held_mail_keeps_its_hour() -> None:
    with clock.at(NOON):
        mail = notice(not_before=NOON + dt.timedelta(hours=5))
        commands.hold_mail(actor=OFFICE, mail=mail, reason="wait")
        commands.release_mail(actor=OFFICE, mail=mail)
    assert anew(mail).due_at == NOON + dt.timedelta(hours=5)


@pytest.mark.django_db
def test_codes_and_receipts_are_never_held_changed_or_withdrawn() -> None:
    secret = post("sign_in_code", to="a@example.org", language="en", context={"code": "1", "minutes": 1}, secret=True)
    for mail in (secret, notice(prompt=True)):
        for act in (
            lambda m: commands.hold_mail(actor=OFFICE, mail=m, reason="x"),
            lambda m: commands.cancel_mail(actor=OFFICE, mail=m, reason="x"),
            lambda m: commands.edit_mail(actor=OFFICE, mail=m, subject="x", text="x", seen=0),
        ):
            with pytest.raises(Refused) as refused:
                act(mail)
            assert codes(refused)[0] == "mail_is_code_or_receipt"
    assert deliver_due() == 2


@pytest.mark.django_db
def test_what_has_failed_is_sent_again_with_the_same_name_but_never_what_was_sent() -> None:
    mail = notice()
    OutgoingMail.objects.filter(pk=mail.pk).update(failed_at=NOON, due_at=None, attempts=7)
    commands.send_again(actor=OFFICE, mail=mail)
    assert deliver_due() == 1
    assert django_mail.outbox[0].extra_headers["Message-ID"] == message_id(mail)
    for act in (commands.send_again, commands.release_mail):
        with pytest.raises(Refused) as refused:
            act(actor=OFFICE, mail=mail)
        assert codes(refused) == ["mail_is_sent"]
    with pytest.raises(Refused) as refused:
        commands.cancel_mail(actor=OFFICE, mail=notice(), reason=" ")
    assert codes(refused) == ["mail_needs_reason"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("subject", "text", "code"),
    [
        ("", "Words", "mail_needs_subject"),
        ("Hello", " \n", "mail_needs_text"),
        ("Hello\nBcc: x@example.org", "Words", "mail_subject_is_one_line"),
        ("Hello", "w" * 20_001, "mail_text_too_long"),
        ("Hello", "a\0b", "mail_text_has_control"),
        ("Hello \u202e", "Words", "mail_text_turns_direction"),
    ],
)
def test_words_that_no_mail_can_have_are_refused_with_their_reason(subject: str, text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        commands.edit_mail(actor=OFFICE, mail=notice(), subject=subject, text=text, seen=0)
    assert codes(refused) == [code]


MOMENTS = ("cancelled_at", "bounced_at", "sent_at", "failed_at", "held_at", "claimed_at")


@pytest.mark.django_db
def test_a_state_is_the_same_in_python_and_in_sql() -> None:
    mail = notice()
    row = OutgoingMail.objects.filter(pk=mail.pk)
    with clock.at(NOON):
        for chosen in range(2 ** len(MOMENTS)):
            for due in (None, NOON - dt.timedelta(minutes=1), NOON + dt.timedelta(minutes=1)):
                moments = {name: NOON if chosen >> i & 1 else None for i, name in enumerate(MOMENTS)}
                row.update(due_at=due, **moments)
                assert [state for state in State if in_state(row, state).exists()] == [row.get().state]


# --- Announcements to many --------------------------------------------------------------------------------------------

READERS = [
    Reader("a@example.org", "ko"),
    Reader("b@example.org", "en"),
    Reader("c@example.org", "vi"),
    Reader("d@example.org", "th"),
    Reader("A@example.org", "en"),
]


def call_in_three() -> Call:
    text = definition_text("call-three", opens="2099-01-01", closes="2099-02-01 18:00")
    text = re.sub(r"ko: ([^}]+)\}", r"ko: \1, vi: \1}", text.replace("[en, ko]", "[vi, ko, en]"))
    return publish_definition(actor=OFFICE, text=text, sample=True).call


def texts(*languages: str) -> dict[str, dict[str, str]]:
    return {tag: {"subject": f"Subject {tag}", "text": f"Text {tag}"} for tag in languages}


def written(call: Call, *languages: str, **more: Any) -> MailBatch:
    return commands.write_batch(actor=OFFICE, call=call, texts=texts(*languages), readers=READERS, **more)


@pytest.mark.django_db
def test_each_reader_gets_the_language_that_fits_once_and_nothing_before_the_release() -> None:
    call = call_in_three()
    batch = written(call, "ko", "en", key="results")
    assert written(call, "ko", "en", key="results").pk == batch.pk
    assert deliver_due() == 0
    with pytest.raises(Refused) as refused:
        commands.release_batch(actor=OFFICE, batch=batch, seen=queries.seen_of(batch))
    assert [(one.code, one.params) for one in refused.value.reasons] == [("batch_lacks_language", {"language": "vi"})]
    assert {one.own: one.language for one in queries.shares(batch)} == {"ko": "ko", "en": "en", "vi": "ko", "th": "ko"}
    seen = queries.seen_of(batch)
    commands.edit_batch(actor=OFFICE, batch=batch, texts=texts("vi", "ko", "en"), not_before=None, seen=seen)
    with pytest.raises(Refused) as refused:
        commands.release_batch(actor=OFFICE, batch=batch, seen=seen)
    assert codes(refused) == ["batch_changed_since"]
    batch.refresh_from_db()
    commands.release_batch(actor=OFFICE, batch=batch, seen=queries.seen_of(batch))
    assert deliver_due() == 4
    got = {one.to[0]: one.body.strip() for one in django_mail.outbox}
    assert got == {
        "a@example.org": "Text ko", "b@example.org": "Text en", "c@example.org": "Text vi", "d@example.org": "Text vi",
    }  # fmt: skip
    batch.refresh_from_db()
    with pytest.raises(Refused) as refused:
        commands.release_batch(actor=OFFICE, batch=batch, seen=queries.seen_of(batch))
    assert codes(refused) == ["batch_is_released"]
    rows = JournalEntry.objects.filter(object_kind="kernel.mailbatch")
    assert [json.loads(row.payload).get("going") for row in rows.order_by("id")] == [None, None, 4]
    assert "example.org" not in "".join(row.payload for row in rows)


@pytest.mark.django_db
def test_one_reader_can_be_left_out_and_the_rest_be_called_back() -> None:
    batch = written(published(), "ko", "en")
    one = batch.mails.get(to="c@example.org")
    with pytest.raises(Refused) as refused:
        commands.release_mail(actor=OFFICE, mail=one)
    assert codes(refused) == ["mail_waits_for_its_batch"]
    with pytest.raises(Refused) as refused:
        commands.edit_mail(actor=OFFICE, mail=one, subject="x", text="y", seen=0)
    assert codes(refused) == ["mail_text_is_the_batchs"]
    commands.cancel_mail(actor=OFFICE, mail=one, reason="asked not to")
    commands.release_batch(actor=OFFICE, batch=batch, seen=queries.seen_of(batch))
    assert deliver_due(most=1) == 1
    commands.cancel_batch(actor=OFFICE, batch=batch, reason="a mistake")
    assert deliver_due() == 0
    expected = dict.fromkeys(State, 0) | {State.SENT: 1, State.CANCELLED: 3}
    assert queries.counts(batch.mails.all()) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "readers", "code"),
    [
        ({}, READERS, "batch_has_no_text"),
        ({"ko": {"subject": "Only"}}, READERS, "batch_has_no_text"),
        (texts("ko", "fr"), READERS, "mail_language_unknown"),
        (texts("ko"), [], "batch_has_no_readers"),
        (texts("ko"), [Reader("nobody", "ko")], "batch_has_a_bad_address"),
    ],
)
def test_an_announcement_that_nobody_could_read_is_refused(words: Any, readers: list[Reader], code: str) -> None:
    with pytest.raises(Refused) as refused:
        commands.write_batch(actor=OFFICE, call=published(), texts=words, readers=readers)
    assert codes(refused) == [code]
    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db
def test_the_secretariat_of_another_programme_writes_to_nobody() -> None:
    stranger = acting("s", role="secretariat", programme="other")
    with pytest.raises(Refused) as refused:
        commands.write_batch(actor=stranger, call=published(), texts=texts("ko"), readers=READERS)
    assert codes(refused) == ["not_permitted"]


@pytest.mark.django_db
def test_many_readers_cost_few_statements(django_assert_max_num_queries: Any) -> None:
    call, many = published(), [Reader(f"{i}@example.org", "ko") for i in range(1500)]
    with django_assert_max_num_queries(70):
        batch = commands.write_batch(actor=OFFICE, call=call, texts=texts("ko", "en"), readers=many)
        commands.release_batch(actor=OFFICE, batch=batch, seen=queries.seen_of(batch))
    assert in_state(batch.mails.all(), State.WAITING).count() == 1500


def test_two_who_release_at_the_same_moment_release_once(together: Any) -> None:
    batch = written(published(), "ko", "en")
    seen = queries.seen_of(batch)
    done = together(*[lambda: commands.release_batch(actor=OFFICE, batch=batch, seen=seen)] * 2)
    assert sorted(type(one).__name__ for one in done) == ["MailBatch", "Refused"]


def test_holding_and_sending_at_the_same_moment_is_one_or_the_other(together: Any) -> None:
    for i in range(6):
        mail = notice(to=f"{i}@example.org")
        sent, held = together(deliver_due, lambda mail=mail: commands.hold_mail(actor=OFFICE, mail=mail, reason="x"))
        assert (sent == 1) == isinstance(held, Refused), (sent, held)
        assert anew(mail).state == (State.SENT if sent else State.HELD)


# --- What comes back --------------------------------------------------------------------------------------------------


def report(
    mail: OutgoingMail,
    *,
    to: str = "",
    action: str = "failed",
    status: str = "5.1.1",
    whole: bool = False,
    id: str = "",
) -> bytes:
    """A delivery status notification as a mail server writes it (RFC 3464)."""
    head = f"Message-ID: {id or message_id(mail)}\nSubject: x\nTo: {mail.to}\n"
    parts = [
        ("text/plain; charset=utf-8", "I am sorry to inform you ...\n"),
        (
            "message/delivery-status",
            f"Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; {to or mail.to}\n"
            f"Action: {action}\nStatus: {status}\nDiagnostic-Code: smtp; 550 no such user\n",
        ),
        ("message/rfc822", head + "\nText\n") if whole else ("text/rfc822-headers", head),
    ]
    body = "".join(f"--B\nContent-Type: {kind}\n\n{text}\n" for kind, text in parts)
    top = 'From: mailer@mx.example.net\nContent-Type: multipart/report; report-type=delivery-status; boundary="B"\n'
    return f"{top}MIME-Version: 1.0\n\n{body}--B--\n".encode()


def sent_one(to: str = "sari@example.org") -> OutgoingMail:
    mail = notice(to)
    assert deliver_due() == 1
    return anew(mail)


@pytest.mark.django_db
@pytest.mark.parametrize("whole", [True, False])
def test_a_mail_that_comes_back_is_marked_with_its_address_until_one_stays(whole: bool) -> None:
    mail = sent_one()
    [(bounce, ours)] = take_report(report(mail, to="SARI@example.org", whole=whole), actor=SYSTEM)
    assert (ours, bounce.status) == (True, "5.1.1")
    assert anew(mail).state is State.BOUNCED
    assert set(coming_back(["sari@example.org", "else@example.org"])) == {"sari@example.org"}
    assert [ours for _, ours in take_report(report(mail), actor=SYSTEM)] == [True]  # told twice: nothing changes
    assert JournalEntry.objects.filter(command="outbox.take_bounce").count() == 1
    later = sent_one()
    assert coming_back(["sari@example.org"]) == {}
    list(take_report(report(later, status="5.7.1"), actor=SYSTEM))
    assert anew(later).state is State.BOUNCED
    assert coming_back(["sari@example.org"]) == {}  # by policy: that says nothing about the mailbox


@pytest.mark.django_db
def test_a_forged_or_unfinished_report_marks_nothing() -> None:
    mail, other = sent_one(), sent_one("other@example.org")
    waiting = notice("third@example.org")
    forged = (report(mail, to="other@example.org"), report(mail, id=f"<{'a' * 22}@localhost>"), report(waiting))
    for raw in forged:
        assert [ours for _, ours in take_report(raw, actor=SYSTEM)] == [False]
    for raw in (report(mail, action="delayed"), report(mail, id="<x@localhost>"), report(mail, id="<\0>")):
        assert list(take_report(raw, actor=SYSTEM)) == []
    assert {anew(one).state for one in (mail, other)} == {State.SENT}
    with pytest.raises(Refused):
        commands.take_bounce(actor=acting("of", role="officer"), bounce=read_bounces(report(mail))[0])


def _plain() -> bytes:
    answer = EmailMessage()
    answer["Subject"] = "I am on holiday"
    answer.set_content("Back on Monday")
    return answer.as_bytes()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\0\0",
        _plain(),
        b"Content-Type: multipart/report\n\nno boundary",
        b"Content-Type: multipart/report; boundary=B\n\n--B\nContent-Type: message/delivery-status\n\nnothing\n--B--",
        b"".join(b"Content-Type: multipart/report; boundary=%d\n\n--%d\n" % (i, i) for i in range(3000)),
        b"Content-Type: multipart/report; boundary=B; charset*=nonsense''%ff\n\n--B\n"
        b"Content-Type: text/rfc822-headers; charset=no-such\nContent-Transfer-Encoding: base64\n\n====\n--B--",
    ],
)
def test_what_is_no_report_is_read_without_complaint(raw: bytes) -> None:
    assert read_bounces(raw) == []


@pytest.mark.django_db
def test_a_maildir_is_read_once(tmp_path: Path) -> None:
    mail = sent_one()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1.host").write_bytes(report(mail))
    (tmp_path / "new" / "2.host").write_bytes(_plain())
    assert [ours for _, ours in read_maildir(tmp_path, actor=SYSTEM)] == [True]
    assert list((tmp_path / "new").iterdir()) == []
    assert sorted(one.name for one in (tmp_path / "cur").iterdir()) == ["1.host:2,S", "2.host:2,S"]
    assert list(read_maildir(tmp_path, actor=SYSTEM)) == []


# --- Lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_leaving_a_list_cancels_what_waits_and_coming_back_sends_again() -> None:
    waits = notice(stoppable="alerts", reader="R1")
    token = stop_address("alerts", "R1").rpartition("/")[2]
    commands.leave_list(actor=SYSTEM, token=token)
    commands.leave_list(actor=SYSTEM, token=token)
    assert anew(waits).state is State.CANCELLED
    assert notice(stoppable="alerts", reader="R1").state is State.CANCELLED
    commands.leave_list(actor=SYSTEM, token=token, leave=False)
    assert notice(stoppable="alerts", reader="R1").state is State.WAITING
    assert JournalEntry.objects.filter(command="outbox.leave_list").count() == 2
    with pytest.raises(Refused) as refused:
        commands.leave_list(actor=SYSTEM, token=token + "x")
    assert codes(refused) == ["mail_stop_unknown"]
