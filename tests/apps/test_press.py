"""A report for the press: what it tells stays, what is wrong in it is found, and nobody overwrites anybody."""

import datetime as dt
import io
import json
from zipfile import ZipFile

import pytest

from madang.apps.applications.commands import receive_from_folder, undo_batch
from madang.apps.applications.models import ReceptionBatch
from madang.apps.enquiries.rules import About
from madang.apps.review import commands, queries, rules, tasks
from madang.apps.review.models import PressReport, PressRevision
from madang.core.deciding.case import Case, Round
from madang.core.reasons import Reason
from madang.kernel import clock, files
from madang.kernel.actors import OFFICE, SYSTEM
from madang.kernel.commands import Refused
from madang.kernel.journal import JournalEntry
from madang.kernel.permissions import may, visible_to
from madang.papers.press.model import LANGUAGES, TABLES
from tests.factories.applications import application, case
from tests.factories.calls import published
from tests.factories.filing import FilingWorld
from tests.factories.people import acting, person
from tests.factories.press import kcity

pytestmark = pytest.mark.django_db


@pytest.fixture
def report() -> PressReport:
    return commands.start_press_report(actor=OFFICE, call=kcity(), tables=TABLES)


def now_open(report: PressReport) -> queries.Opened:
    report.refresh_from_db()
    found = queries.opened(report)
    assert found is not None
    return found


def edited(report: PressReport, old: str, new: str, language: str = "ko") -> PressRevision:
    seen = now_open(report).revision
    texts = {**seen.texts, language: seen.texts[language].replace(old, new)}
    assert texts != seen.texts
    return commands.edit_press_report(actor=OFFICE, report=report, seen=seen.number, texts=texts, tables=seen.tables)


def few() -> Case:
    return Case(applications=tuple(application(n, track="development", country="VN") for n in (1, 2, 3)), sample=True)


def refused(act) -> list[Reason]:
    with pytest.raises(Refused) as found:
        act()
    return found.value.reasons


def finished(report: PressReport, **more) -> PressRevision:
    return commands.finish_press_report(actor=OFFICE, report=report, seen=now_open(report).revision.number, **more)


def test_the_report_begins_with_the_release_of_the_round(report):
    found = now_open(report)
    assert "39개국 111건 접수" in found.revision.texts["ko"]
    assert "rose by 31 from 80 (38.8%)" in found.revision.texts["en"]
    assert found.revision.tables == ["type", "region", "country", "field", "type_field", "kind", "growth", "years"]
    assert [one for one in found.marks() if one.mark.is_wrong] == []
    assert found.counts_as_then
    assert found.counts.figures["growth.cases.percent"].text == "38.8"


def test_swapped_figures_are_marked_and_stop_the_report(report):
    edited(report, "39개국에서 111건", "111개국에서 39건")
    found = [(one.language, one.mark.shown, one.mark.name) for one in now_open(report).marks() if one.is_open]
    assert found == [("ko", "111", "countries"), ("ko", "39", "cases")]
    [reason] = refused(lambda: finished(report))
    assert (reason.code, reason.params) == ("press_numbers_open", {"numbers": ["111", "39"]})


def test_a_number_from_elsewhere_needs_a_reason_for_itself(report):
    edited(report, "rose by 31", "rose, in a programme of 28 years, by 31", "en")
    [mark] = [one for one in now_open(report).marks() if one.is_open]
    assert mark.mark.shown == "28"
    assert refused(lambda: finished(report, confirmed={mark.key: "  "}))[0].code == "press_numbers_open"
    assert refused(lambda: finished(report, confirmed={mark.key: "x" * 501}))[0].code == "words_too_long"
    revision = finished(report, confirmed={mark.key: "The ministry's annual report", "other": "x"})
    assert [(one["shown"], one["reason"]) for one in revision.confirmed] == [("28", "The ministry's annual report")]
    assert now_open(report).report.state == "finished"
    assert refused(lambda: edited(report, "31", "32", "en"))[0].code == "press_report_is_finished"
    commands.reopen_press_report(actor=OFFICE, report=report)
    edited(report, "접수되었다고", "들어왔다고")
    assert [one for one in now_open(report).marks() if one.is_open] == []  # the reason stays with its sentence
    assert refused(lambda: commands.ask_press_pack(actor=OFFICE, report=report))[0].code == "press_report_is_open"


def test_names_in_braces_are_filled_in_and_unknown_ones_refused(report):
    edited(report, "밝혔습니다.", "밝혔습니다. 신남방은 {by_region.new-southern.cases}건입니다.")
    assert "신남방은 35건입니다." in now_open(report).revision.texts["ko"]
    [reason] = refused(lambda: edited(report, "밝혔습니다.", "밝혔습니다. {cases.all}"))
    assert (reason.code, reason.params["name"]) == ("press_figure_unknown", "cases.all")


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "press_text_missing"), ("\0", "words_have_control"), ("\u202e39", "words_turn_direction"),
     ("x" * 20_001, "words_too_long"),
     ("1 " * 501, "press_too_many_numbers")],
)  # fmt: skip
def test_what_is_no_text_is_refused(report, text, code):
    given = {"ko": text, "en": "A text"}
    reasons = refused(
        lambda: commands.edit_press_report(actor=OFFICE, report=report, seen=1, texts=given, tables=["type"])
    )
    assert [reason.code for reason in reasons] == [code]


def test_nobody_overwrites_what_somebody_saved_meanwhile(report):
    edited(report, "밝혔습니다", "밝혔다")
    texts = dict.fromkeys(LANGUAGES, "Another text")
    for act in (
        lambda: commands.edit_press_report(actor=OFFICE, report=report, seen=1, texts=texts, tables=[]),
        lambda: commands.take_press_figures(actor=OFFICE, report=report, seen=1, as_of=None),
        lambda: commands.finish_press_report(actor=OFFICE, report=report, seen=1),
    ):
        assert [reason.code for reason in refused(act)] == ["press_report_changed"]
    before = JournalEntry.objects.count()
    last = now_open(report).revision
    commands.edit_press_report(actor=OFFICE, report=report, seen=2, texts=last.texts, tables=last.tables)
    assert JournalEntry.objects.count() == before  # the same again changes nothing


def test_an_old_report_tells_what_it_told_and_what_is_different_today():
    call = kcity()
    report = commands.start_press_report(actor=OFFICE, call=call)
    then = now_open(report).counts.figures
    undo_batch(actor=OFFICE, batch=ReceptionBatch.objects.get(), reason="a wrong file")
    receive_from_folder(actor=OFFICE, call=call, case=few())
    found = now_open(report)
    assert found.counts.figures == then
    assert found.counts_as_then
    told = {name: (mine, today) for name, mine, today in queries.changed_today(found, clock.now())}
    assert told["cases"] == ("111", "3")
    assert told["by_type.solution-plan.cases"] == ("40", "0")


def test_figures_taken_anew_change_the_text_where_it_told_a_figure(report):
    edited(report, "rose by 31", "rose, in a programme of 28 years, by 31", "en")
    commands.take_press_figures(actor=OFFICE, report=report, seen=2, as_of=dt.date(2021, 3, 1))
    found = now_open(report)
    cases = found.counts.figures["cases"].text
    assert int(cases) < 111
    assert found.revision.texts["en"].startswith(f"{cases} applications from")
    assert [one.mark.shown for one in found.marks() if one.is_open] == ["28"]
    assert (
        refused(lambda: commands.take_press_figures(actor=OFFICE, report=report, seen=3, as_of=dt.date(2999, 1, 1)))[
            0
        ].code
        == "press_day_ahead"
    )


def test_the_pack_is_made_by_the_worker_once(report):
    finished(report)
    pack = commands.ask_press_pack(actor=OFFICE, report=report)
    assert commands.ask_press_pack(actor=OFFICE, report=report) == pack
    assert tasks.progress_of(pack) == 0
    assert tasks.make_packs() == 1
    assert tasks.make_packs() == 0
    pack.refresh_from_db()
    with ZipFile(io.BytesIO(files.read(pack.sha256))) as found:
        told = json.loads(found.read("kaia/figures.json"))
    assert (told["figures"]["cases"], told["sample"], told["revision"]) == ("111", True, 2)
    assert commands.keep_press_pack(actor=SYSTEM, pack=pack, sha256="", size_bytes=0).state == "made"


def test_the_journal_knows_hashes_and_no_text(report):
    edited(report, "밝혔습니다", "밝혔다")
    entry = JournalEntry.objects.latest("id")
    assert entry.command == "review.edit_press_report"
    told = json.loads(entry.payload)
    assert (told.pop("revision"), len(told.pop("texts_sha256")), len(told.pop("figures_sha256"))) == (2, 64, 64)
    assert "39" not in json.dumps(told)


def test_before_the_end_the_reception_is_the_officers_alone():
    world = FilingWorld()  # its call takes applications now
    programme = world.call.programme.slug
    people = {role: person(f"p-{role}", role=role) for role in ("officer", "auditor", "evaluator")}
    people["secretariat"] = person("p-desk", role="secretariat", programme=programme, secretariat="north")
    about = About(world.call)
    reading = {role for role, one in people.items() if may(one, rules.READ_PRESS, about)}
    writing = {role for role, one in people.items() if may(one, rules.WRITE_PRESS, about)}
    assert (reading, writing) == ({"officer", "auditor"}, {"officer"})
    commands.start_press_report(actor=OFFICE, call=world.call)
    seen = {role for role, one in people.items() if visible_to(one, rules.READ_PRESS, PressReport.objects.all())}
    assert seen == reading
    closed = published("closed-call", programme=programme)
    assert may(people["secretariat"], rules.WRITE_PRESS, About(closed))
    other = person("p-other", role="secretariat", programme="another", secretariat="x")
    assert not may(other, rules.READ_PRESS, About(closed))
    with pytest.raises(Refused):
        commands.start_press_report(actor=acting("nobody"), call=closed)


def test_earlier_rounds_come_from_the_sheet_and_from_earlier_calls():
    earlier = published("sample-2020", opens="2020-01-31", closes="2020-03-20 18:00")
    receive_from_folder(actor=OFFICE, call=earlier, case=case(1, 2, 3))
    call = published("sample-2021", opens="2021-01-31", closes="2021-03-20 18:00")
    receive_from_folder(actor=OFFICE, call=call, case=case(1, 2, rounds=(Round(2019, 10, 4),)))
    found = now_open(commands.start_press_report(actor=OFFICE, call=call, tables=["years"]))
    assert [(one.year, one.cases, one.source) for one in found.counts.years] == [
        (2019, 10, "sheet"),
        (2020, 3, "here"),
        (2021, 2, "here"),
    ]
