"""Decided calls: what is shown, what is kept closed, what can be taken away."""

import csv
import fcntl
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from madang.apps.calls.commands import publish_definition
from madang.apps.decisions.commands import seal_decision
from madang.apps.decisions.models import Decision
from madang.core import callspec
from madang.core.deciding import Case
from madang.core.record import editions
from madang.core.record.read import read
from madang.core.record.verify import verify
from madang.kernel import files
from madang.kernel.actors import DEMO, OFFICE
from madang.papers.decision import view
from madang.web.public import decision_page, press, records
from madang.web.public.disclosure import disclose, extent, published_reasons
from tests.factories.applications import application
from tests.factories.calls import definition_text
from tests.factories.decisions import judged, record_text

pytestmark = pytest.mark.django_db
PUBLISH = "announcement: {{publish: {{selected: {0}, ranking: {1}, scores: {2}}}}}\n"
THRESHOLD = definition_text().replace(
    "decide:\n  by: rank\n  combine: {written: 100}\n  seats: {max: 2}\n  ties: [quality, need, lot]",
    "decide: {by: threshold, combine: {written: 100}, at_least: 62}",
)


def sealed(text: str | None = None, *, of: Case | None = None, sample: bool = True, reason: str = "") -> Decision:
    """A sealed decision with its three papers (of which the last two are stand-ins: they are only handed out)."""
    text = text or definition_text()
    text = text if sample else text.replace("sample: true\n", "")
    call = publish_definition(actor=DEMO, text=text, sample=sample).call
    return seal_decision(
        actor=OFFICE,
        call=call,
        record_text=record_text(text=text, of=of, sample=sample),
        report=b"<!DOCTYPE html><p>report</p>",
        workbook=b"PK workbook",
        reason=reason,
    )


def publishing(selected: str, ranking: str, scores: str, text: str | None = None) -> str:
    """A definition that publishes so much; its form holds nothing private."""
    text = (text or definition_text()).replace("type: choice,", "type: choice, public: true,")
    text = text.replace("type: money,", "type: money, public: true,")
    return text + PUBLISH.format(selected, ranking, scores)


def without_members(*numbers: int) -> Case:
    case = judged(*numbers)
    return replace(case, applications=tuple(replace(a, members=()) for a in case.applications))


@pytest.fixture
def reader() -> Client:
    return Client(headers={"host": "localhost", "accept-language": "en"})


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


# -- the list ----------------------------------------------------------------------------------------------------------


def test_no_decision_yet_is_said(reader: Client) -> None:
    assert "No results yet" in reader.get("/results").content.decode()


def test_the_list_is_filtered_by_programme_words_and_kind(reader: Client) -> None:
    sealed()
    sealed(definition_text("other-call", programme="other", title="Other call"), sample=False)
    shown: Callable[[str], set[str]] = lambda query: set(  # noqa: E731
        re.findall(r'href="/results/([a-z0-9-]+)"', reader.get(f"/results?{query}").content.decode())
    )
    assert shown("") == {"sample-call-2022", "other-call"}
    assert shown("programme=other") == shown("q=OTHER") == shown("kind=real") == {"other-call"}
    assert shown("kind=sample&q=sample") == {"sample-call-2022"}
    assert shown("q=nothing") == shown("programme=x") == set()
    assert "No decided call matches" in reader.get("/results?q=nothing").content.decode()


def test_the_list_is_taken_away_as_filtered(reader: Client) -> None:
    decision = sealed()
    sealed(definition_text("other-call", programme="other", title="Other call"))
    answer = reader.get("/results?q=sample-call&download=csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 2
    assert decision.root in rows[1]
    assert reader.get("/results?download=xlsx").content.startswith(b"PK")


# -- one decision ------------------------------------------------------------------------------------------------------


def test_a_sample_is_shown_whole_and_marked(reader: Client) -> None:
    decision = sealed()
    html = reader.get("/results/sample-call-2022").content.decode()
    text = text_of(html)
    assert "SAMPLE" in text
    assert "2 of 4 applications are selected" in text
    assert html.index("City of Aram 4") < html.index("City of Aram 1")
    assert html.count('class="m-line"') == 1
    assert html.index("City of Aram 3") < html.index('class="m-line"') < html.index("City of Aram 2")
    assert "by version 1 of the rules" in text
    assert decision.root in text
    assert html.count('class="m-application"') == 4
    for evaluator in ("E0", "E1", "E2"):
        assert not re.search(rf"\b{evaluator}\b", text)


def test_filter_leaves_the_line_where_it_was(reader: Client) -> None:
    sealed()
    html = reader.get("/results/sample-call-2022?outcome=not_selected").content.decode()
    assert 'class="m-line"' not in html
    assert "2 of 4 applications shown" in text_of(html)
    html = reader.get("/results/sample-call-2022?q=aram+3").content.decode()
    assert 'class="m-line"' in html
    assert html.count('class="m-application"') == 1
    assert "No application matches" in reader.get("/results/sample-call-2022?q=zzz").content.decode()
    assert reader.get("/results/sample-call-2022?outcome=x&page=nonsense").status_code == 200


def test_nobody_is_ranked_where_the_call_ranks_nobody(reader: Client) -> None:
    sealed(THRESHOLD)
    html = reader.get("/results/sample-call-2022").content.decode()
    assert "Nobody is ranked" in html
    assert 'class="m-rank"' not in html
    assert 'class="m-line"' not in html
    names = re.findall(r'rowheader"><a [^>]*>City of Aram (\d)', html)
    assert names == ["2", "3", "4", "1"]  # by outcome, then by number; by score the fourth would lead


def test_names_of_applicants_are_escaped(reader: Client) -> None:
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    case = judged(1, 2, 3)
    case = replace(case, applications=(application(1, applicant=hostile), *case.applications[1:]))
    sealed(of=case)
    html = reader.get("/results/sample-call-2022?q=%3Cscript%3E").content.decode()
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_runs_are_numbered_and_an_older_one_points_to_the_newer(reader: Client) -> None:
    decision = sealed()
    seal_decision(
        actor=OFFICE, call=decision.call, record_text=record_text(of=judged(1, 2, 3, 4, score=50)), reason="Objection 3"
    )
    newest = reader.get("/results/sample-call-2022").content.decode()
    assert "Objection 3" in newest
    assert "A later decision" not in newest
    assert "A later decision" in reader.get("/results/sample-call-2022/1").content.decode()


@pytest.mark.parametrize("path", ["/results/none", "/results/sample-call-2022/9", "/results/sample-call-2022/1/x.json"])
def test_what_is_not_there_is_404(reader: Client, path: str) -> None:
    sealed()
    assert reader.get(path).status_code == 404


def test_a_damaged_record_is_said_and_nothing_is_handed_out(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_SHELF", records._Shelf())
    reader.raise_request_exception = False
    decision = sealed()
    files.path_of(decision.record_sha256).write_bytes(b"{}")
    assert "cannot be read at the moment" in reader.get("/results/sample-call-2022").content.decode()
    answer = reader.get("/results/sample-call-2022/1/record.json")
    assert (answer.status_code, answer.content == b"{}") == (500, False)


def test_a_store_that_is_gone_is_said_on_the_page_and_the_record_shown_again(
    reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_SHELF", records._Shelf())
    sealed()
    monkeypatch.setenv("MADANG_FILES_URL", "s3://k:s@127.0.0.1:1/bucket?tls=0")
    assert "The file store cannot be reached" in reader.get("/results/sample-call-2022").content.decode()
    answer = reader.get("/results/sample-call-2022/1/record.json")
    assert (answer.status_code, "It is not lost" in answer.content.decode()) == (503, True)
    monkeypatch.setenv("MADANG_FILES_URL", "")
    assert "cannot be reached" not in reader.get("/results/sample-call-2022").content.decode()


def test_a_record_is_opened_once_and_the_shelf_is_bounded(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    decision = sealed()
    shelf = records._Shelf(room=1)
    first = shelf.get(decision.record_sha256, sample=True)
    assert shelf.get(decision.record_sha256, sample=True) is first
    other = sealed(definition_text("other-call"))
    shelf.get(other.record_sha256, sample=True)
    assert len(shelf) == 1
    monkeypatch.setattr(records, "LARGEST", 10)
    with pytest.raises(records.NotShown):
        shelf.get(decision.record_sha256, sample=True)


def test_long_lists_have_pages() -> None:
    lines: Any = list(range(450))
    assert decision_page.paged(lines, "") == (1, 3, lines[:200])
    assert decision_page.paged(lines, "3") == (3, 3, lines[400:])
    assert decision_page.paged(lines, "99")[0] == 3
    assert decision_page.paged([], "-1") == (1, 1, [])


# -- what is public ----------------------------------------------------------------------------------------------------


def public(text: str, *, of: Case | None = None) -> Any:
    record = read(record_text(text=text, of=of, sample=False))
    to = extent(record.definition(), sample=False)
    opened = {name: tuple(reason["code"] for reason in told) for name, told in published_reasons(record).items()}
    return to, disclose(view(record, "en"), to, opened)


def test_the_selected_alone_in_alphabetical_order_and_nothing_else() -> None:
    to, seen = public(publishing("all", "none", "none"))
    assert (to.whole, to.files) == (False, False)
    assert [line.applicant for line in seen.applications] == ["City of Aram 3", "City of Aram 4"]  # by rank: 4, 3
    for line in seen.applications:
        assert (line.rank, line.score, line.parts, line.reasons, line.grant, line.passed) == (
            None,
            None,
            (),
            (),
            "",
            None,
        )
    assert (seen.boards, seen.columns, seen.rules, seen.reserve, seen.ballots, seen.sheets) == ((),) * 6
    assert (seen.conflicts, seen.opinions, seen.statistics, seen.status_reasons) == ((),) * 4
    assert [count.outcome for count in seen.counts] == ["selected"]


@pytest.mark.parametrize(
    ("publish", "names", "ranks", "scores"),
    [
        (("none", "none", "none"), [], [], []),
        (("all", "selected", "none"), [4, 3], [1, 2], [None, None]),
        (("all", "all", "none"), [4, 3, 2, 1], [1, 2, 3, 4], [None] * 4),
        (("all", "none", "selected"), [3, 4], [None, None], ["63.60", "64.60"]),
        (("none", "none", "all"), [1, 2, 3, 4], [None] * 4, ["61.60", "62.60", "63.60", "64.60"]),
    ],
)
def test_ranks_and_scores_only_as_far_as_published(
    publish: tuple[str, str, str], names: list[int], ranks: list[Any], scores: list[Any]
) -> None:
    to, seen = public(publishing(*publish))
    assert not to.files
    assert [line.applicant for line in seen.applications] == [f"City of Aram {n}" for n in names]
    assert [line.rank for line in seen.applications] == ranks
    assert [line.score for line in seen.applications] == scores
    assert all(any(line.parts) == (line.score is not None) for line in seen.applications)
    assert not any(line.reasons for line in seen.applications)


def test_only_a_sample_is_whole_and_hands_out_everything() -> None:
    definition = callspec.parse(publishing("all", "all", "all"))
    assert extent(definition, sample=True).files
    assert not extent(definition, sample=False).whole
    assert not extent(definition, sample=False).files


def test_a_reason_is_told_only_where_the_public_edition_opens_it() -> None:
    text, case = publishing("all", "all", "all"), judged(1, 2, 3)
    assert {line.id for line in public(text, of=case)[1].applications if line.reasons} == {"A2", "A3"}  # the selected
    assert not [line for line in public(publishing("all", "none", "none"), of=case)[1].applications if line.reasons]


@pytest.mark.parametrize("publish", [("all", "none", "none"), ("all", "selected", "selected"), ("all", "all", "all")])
def test_the_page_names_nobody_whom_the_public_edition_does_not_name(publish: tuple[str, str, str]) -> None:
    text = record_text(text=publishing(*publish), sample=False)
    edition = editions.public(json.loads(text))
    open_ = {
        leaf["name"].split("/")[1] for leaf in edition["leaves"] if leaf.get("name", "").startswith("applications/")
    }
    assert {line.id for line in public(publishing(*publish))[1].applications} == open_


def test_a_real_decision_leaks_nothing_by_any_address(reader: Client) -> None:
    sealed(publishing("all", "none", "none"), sample=False)
    for query in ("", "?q=aram", "?outcome=not_selected", "?page=2", "?q=A1"):
        text = text_of(reader.get(f"/results/sample-call-2022{query}").content.decode())
        assert "what the rules of this call publish, and nothing else" in text
        assert not re.search(r"Aram 1|Aram 2|6[1-4]\.60|Rank \d", text)
    for name in ("record.json", "report.html", "results.xlsx", press.PARTY, *press.report_names(), "../record.json"):
        for method in (reader.get, reader.head):
            assert method(f"/results/sample-call-2022/1/{name}").status_code == 404
    page = reader.get("/results/sample-call-2022").content.decode()
    handed = set(re.findall(r'href="/results/sample-call-2022/1/([^"]+)"', page))
    assert handed == {press.PUBLIC}
    for heading in ('id="checks"', 'id="draws"'):
        assert heading not in page
    listed = text_of(reader.get("/results").content.decode())
    assert "Not selected" not in listed


# -- papers ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "media"),
    [
        ("record.json", "application/json"),
        ("report.html", "text/html; charset=utf-8"),
        ("results.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_papers_are_attachments_with_their_hash_as_etag(reader: Client, name: str, media: str) -> None:
    decision = sealed()
    path = f"/results/sample-call-2022/1/{name}"
    answer = reader.get(path)
    assert answer["Content-Type"] == media
    assert answer["Content-Disposition"] == f'attachment; filename="sample-call-2022-1-{name}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    sha256 = answer["ETag"].strip('"')
    assert answer.content == files.read(sha256)
    assert sha256 in {decision.record_sha256, decision.report_sha256, decision.workbook_sha256}
    head = reader.head(path)
    assert (head.status_code, head.content, head["Content-Length"]) == (200, b"", str(len(answer.content)))
    again = reader.get(path, headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    if name == "record.json":
        assert json.loads(answer.content)["root"] == decision.root


def test_a_real_decision_hands_out_its_public_edition_under_the_same_root(reader: Client) -> None:
    decision = sealed(publishing("all", "none", "none"), sample=False)
    path = f"/results/sample-call-2022/1/{press.PUBLIC}"
    answer = reader.get(path)
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"] == f'attachment; filename="sample-call-2022-1-{press.PUBLIC}"'
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "no-cache")
    edition = json.loads(answer.content)
    assert (edition["edition"], edition["root"]) == ("public", decision.root)
    assert not [leaf for leaf in edition["leaves"] if leaf.get("name", "").startswith(("sheets/", "answers/"))]
    assert verify(answer.content.decode()).exit_code == 0
    head = reader.head(path)
    assert (head.status_code, head.content, head["Content-Length"]) == (200, b"", str(len(answer.content)))
    assert reader.get(path, headers={"if-none-match": answer["ETag"]}).status_code == 304


def test_a_sample_hands_out_a_party_edition_as_an_example(reader: Client) -> None:
    decision = sealed()
    assert (
        "What an applicant receives, here City of Aram 2 (A2)"
        in reader.get("/results/sample-call-2022").content.decode()
    )
    edition = json.loads(reader.get(f"/results/sample-call-2022/1/{press.PARTY}").content)
    assert (edition["edition"], edition["root"]) == ("party", decision.root)
    names = [leaf["name"] for leaf in edition["leaves"] if "name" in leaf]
    assert "answers/A2" in names
    assert "answers/A1" not in names


def test_a_paper_is_made_once_and_kept(reader: Client, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decision = sealed()
    path = "/results/sample-call-2022/1/report.ko.docx"
    answer = reader.get(path)
    assert answer["Content-Type"] == press.PRINTED["docx"]
    assert answer["Content-Disposition"] == 'attachment; filename="sample-call-2022-1-report.ko.docx"'
    assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None
    monkeypatch.setattr(press, "_run", None)  # from now on nothing can be made
    assert reader.get(path).content == answer.content
    kept = [one.name for one in (data_folder / "cache" / "papers").rglob("*") if one.is_file()]
    assert kept == ["report.ko.docx"]
    assert press.made(decision.record_sha256, "report.ko.docx").name == "report.ko.docx"


def test_what_nobody_asked_for_longest_leaves_first(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for day, name in enumerate(("old", "older"), 1):
        folder = data_folder / "cache" / "papers" / name
        folder.mkdir(parents=True)
        (folder / "report.ko.pdf").write_bytes(b"x" * 100)
        os.utime(folder / "report.ko.pdf", (1000 - day, 1000 - day))
    new = data_folder / "cache" / "papers" / "new"
    new.mkdir()
    (new / "report.ko.pdf").write_bytes(b"x" * 100)
    monkeypatch.setattr(press, "KEPT", 250)
    press._make_room(new.parent, spare=new)
    assert sorted(folder.name for folder in new.parent.iterdir()) == ["new", "old"]
    monkeypatch.setattr(press, "KEPT", 0)
    press._make_room(new.parent, spare=new)
    assert [folder.name for folder in new.parent.iterdir()] == ["new"]


def test_while_others_wait_a_reader_is_told_to_come_back(
    reader: Client, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed()
    monkeypatch.setattr(press, "WAIT", 0)
    with (data_folder / "cache" / "papers.lock").open("w") as place:
        fcntl.flock(place, fcntl.LOCK_EX)
        answer = reader.get(f"/results/sample-call-2022/1/{press.PUBLIC}")
    assert answer.status_code == 503
    assert (answer["Retry-After"], answer["Cache-Control"]) == ("30", "no-store")
    assert "/results/sample-call-2022/1" in answer.content.decode()
    assert reader.get(f"/results/sample-call-2022/1/{press.PUBLIC}").status_code == 200


def test_what_cannot_be_made_is_said_and_nothing_is_kept(
    reader: Client, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed()
    monkeypatch.setattr(press, "SECONDS", 0)  # no time at all
    assert reader.get("/results/sample-call-2022/1/report.en.pdf").status_code == 503
    assert not [one for one in (data_folder / "cache" / "papers").rglob("*") if one.is_file()]


def test_no_web_process_loads_what_sets_a_page() -> None:
    program = (
        "import sys, django; django.setup()\n"
        "import madang.site.urls\n"
        "heavy = ('typst', 'vl_convert', 'docx', 'hwpx', 'ortools', 'scipy', 'numpy')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- in a browser ------------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("mode", ["light", "high-contrast"])
@pytest.mark.parametrize("path", ["/results", "/results/sample-call-2022", "/results/threshold"])
def test_pages_meet_wcag_aa_and_fit_every_width(visit: Any, axe: Any, path: str, mode: str, language: str) -> None:
    sealed()
    sealed(THRESHOLD.replace("id: sample-call-2022", "id: threshold"))
    page = visit(path, language=language, mode=mode)
    assert axe(page) == []
    page.evaluate("document.querySelectorAll('details.m-application').forEach(one => one.open = true)")
    for width in (1440, 390, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(page) == []


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False])
def test_why_not_us_is_answered_by_keyboard_on_a_phone(visit: Any, script: bool) -> None:
    sealed()
    page = visit("/results/sample-call-2022", language="en", width=390, script=script)
    page.locator("input[name=q]").focus()
    page.keyboard.type("Aram 1")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=Aram+1**")
    assert page.locator(".m-line").count() == 0
    page.locator(".m-application summary").focus()
    page.keyboard.press("Enter")
    body = page.locator(".m-application-body")
    assert body.is_visible()
    assert "Rank 4 of 4" in body.inner_text()
    assert "Need" in body.inner_text()


@pytest.mark.browser
def test_the_line_is_seen_without_colour(visit: Any) -> None:
    sealed()
    page = visit("/results/sample-call-2022", language="en", width=390)
    line = page.locator(".m-line span")
    assert "selected" in line.inner_text()
    drawn = line.evaluate("node => getComputedStyle(node, '::before').borderTopStyle")
    assert drawn == "dashed"
