"""Sealing a decision: verified first, kept whole, once."""

import json
from dataclasses import replace

import pytest

from madang.apps.calls.commands import publish_definition
from madang.apps.calls.queries import state_of
from madang.apps.decisions import queries
from madang.apps.decisions.commands import seal_decision
from madang.apps.decisions.models import Decision
from madang.core.deciding.case import Sheet
from madang.core.reasons import Malformed
from madang.kernel import files
from madang.kernel.actors import OFFICE, SYSTEM
from madang.kernel.append_only import WrittenOnce
from madang.kernel.commands import Refused
from madang.kernel.journal import JournalEntry
from tests.factories.calls import definition_text, published
from tests.factories.decisions import judged, record_text

PER_CASE = """\
decide: {by: threshold, close: per_case, combine: {written: 100}, at_least: 60}
outcome: {kind: certificate}
"""


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


@pytest.fixture
def call(db):
    return published()


def test_a_sealed_decision_keeps_its_record_and_papers(call):
    text = record_text()
    decision = seal_decision(actor=OFFICE, call=call, record_text=text, report=b"<html>", workbook=b"PK")
    call.refresh_from_db()
    assert state_of(call) == "decided"
    assert queries.record_text(decision) == text
    assert (files.read(decision.report_sha256), files.read(decision.workbook_sha256)) == (b"<html>", b"PK")
    assert (decision.number, decision.root, decision.status) == (1, json.loads(text)["root"], "computed")
    assert decision.definition_version == call.versions.get()
    assert decision.summary["applications"] == 4
    assert decision.summary["outcomes"]["selected"] == 2
    assert len(decision.summary["signed_by"]) == 1
    assert list(queries.decided_calls()) == [call]
    assert queries.latest_decision(call) == queries.by_root(decision.root) == decision
    written = [entry.command for entry in JournalEntry.objects.all()]
    assert written == ["calls.publish_definition", "calls.mark_decided", "decisions.seal_decision"]


def test_the_same_record_again_changes_nothing(call):
    first = seal_decision(actor=OFFICE, call=call, record_text=record_text())
    rows = JournalEntry.objects.count()
    assert seal_decision(actor=OFFICE, call=call, record_text=record_text()) == first
    assert (Decision.objects.count(), JournalEntry.objects.count()) == (1, rows)


def test_a_further_decision_needs_a_reason_and_stands_beside_the_first(call):
    seal_decision(actor=OFFICE, call=call, record_text=record_text())
    other = record_text(of=judged(1, 2, 3, 4, score=50))
    with pytest.raises(Refused) as refused:
        seal_decision(actor=OFFICE, call=call, record_text=other)
    assert codes(refused) == ["new_decision_needs_reason"]
    second = seal_decision(actor=OFFICE, call=call, record_text=other, reason="Objection 3 was upheld")
    assert (second.number, queries.latest_decision(call)) == (2, second)
    assert [decision.number for decision in queries.decisions(call)] == [1, 2]


def test_a_record_that_does_not_follow_is_refused_with_what_does_not(call):
    record = json.loads(record_text())
    leaf = next(leaf for leaf in record["leaves"] if leaf["name"].startswith("computed/outcomes/"))
    leaf["value"]["outcome"] = "selected" if leaf["value"]["outcome"] != "selected" else "not_selected"
    with pytest.raises(Refused) as refused:
        seal_decision(actor=OFFICE, call=call, record_text=json.dumps(record))
    assert "value_differs" in codes(refused)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"madang_record": 9}'])
def test_what_is_no_record_is_malformed(call, text):
    with pytest.raises(Malformed):
        seal_decision(actor=OFFICE, call=call, record_text=text)


def test_only_the_edition_that_can_be_computed_again_is_sealed(call):
    record = json.loads(record_text()) | {"edition": "public"}
    with pytest.raises(Refused) as refused:
        seal_decision(actor=OFFICE, call=call, record_text=json.dumps(record))
    assert codes(refused) == ["record_not_whole"]


def test_a_record_must_rest_on_a_published_version_of_this_call(call):
    for text, code in [
        (record_text(text=definition_text(title="Never published")), ["definition_never_published"]),
        (record_text(text=definition_text("other-call")), ["record_of_another_call"]),
        (record_text(sample=False), ["record_sample_differs"]),
    ]:
        with pytest.raises(Refused) as refused:
            seal_decision(actor=OFFICE, call=call, record_text=text)
        assert codes(refused) == code
    publish_definition(
        actor=OFFICE, text=definition_text(title="Amended"), sample=True, reason="A word", notice="Gazette"
    )
    earlier = seal_decision(actor=OFFICE, call=call, record_text=record_text())
    assert earlier.definition_version.number == 1


def test_a_call_that_is_still_open_is_not_decided(db):
    text = definition_text(closes="2999-01-01 18:00")
    call = published(closes="2999-01-01 18:00")
    with pytest.raises(Refused) as refused:
        seal_decision(actor=OFFICE, call=call, record_text=record_text(text=text))
    assert codes(refused) == ["call_still_open"]


def test_case_by_case_a_call_is_decided_while_it_is_open(db):
    text = definition_text(closes="2999-01-01 18:00")
    per_case = text[: text.index("decide:")] + PER_CASE
    call = publish_definition(actor=OFFICE, text=per_case, sample=True).call
    for score in (50, 60):
        text = record_text(text=per_case, of=judged(1, 2, score=score))
        seal_decision(actor=OFFICE, call=call, record_text=text)
    assert (state_of(call), queries.latest_decision(call).number) == ("open", 2)
    assert list(queries.decided_calls()) == [call]


def test_a_result_that_is_not_settled_is_kept_and_decides_nothing(call):
    tied = replace(judged(), applications=judged(1, 2, 3).applications)
    sheets = tuple(Sheet("written", f"A{n}", "E1", {"need": "70", "quality": "70"}) for n in (1, 2, 3))
    decision = seal_decision(actor=OFFICE, call=call, record_text=record_text(of=replace(tied, sheets=sheets)))
    call.refresh_from_db()
    assert (decision.status, state_of(call)) == ("undetermined", "closed")
    seal_decision(actor=OFFICE, call=call, record_text=record_text())
    call.refresh_from_db()
    assert state_of(call) == "decided"


def test_the_platform_itself_decides_nothing(call):
    with pytest.raises(Refused) as refused:
        seal_decision(actor=SYSTEM, call=call, record_text=record_text())
    assert codes(refused) == ["people_publish"]


def test_decisions_are_written_once(call):
    decision = seal_decision(actor=OFFICE, call=call, record_text=record_text())
    decision.status = "optimal"
    for change in (decision.save, decision.delete, call.decisions.all().delete):
        with pytest.raises(WrittenOnce):
            change()


def test_a_damaged_record_is_not_handed_out(call):
    decision = seal_decision(actor=OFFICE, call=call, record_text=record_text())
    path = files.path_of(decision.record_sha256)
    path.write_bytes(path.read_bytes().replace(b"selected", b"SELECTED", 1))
    with pytest.raises(files.Corrupted):
        queries.record_text(decision)


def test_two_who_seal_the_same_at_once_make_one_decision(together):
    call, text = published(), record_text()
    one = lambda: seal_decision(actor=OFFICE, call=call, record_text=text).pk  # noqa: E731
    first, second = together(one, one)
    assert first == second
    assert Decision.objects.count() == 1


def test_two_who_seal_different_records_at_once_meet_at_the_call(together):
    call = published()
    texts = [record_text(), record_text(of=judged(1, 2, 3, 4, score=50))]
    results = together(*(lambda t=text: seal_decision(actor=OFFICE, call=call, record_text=t) for text in texts))
    assert sorted(type(result).__name__ for result in results) == ["Decision", "Refused"]
    assert Decision.objects.count() == 1
