"""Calls in the office: a programme officer makes, has approved, publishes and amends a call without touching YAML."""

import csv
import html
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from madang.apps.accounts.models import Person
from madang.apps.calls.commands import publish_definition
from madang.apps.calls.models import Call, DefinitionDraft
from madang.core.callspec.edit.place import place
from madang.core.callspec.edit.shape import block_of, data_at, kind_of, parts
from madang.core.callspec.source import Source
from madang.kernel.actors import DEMO
from madang.papers import library
from madang.web.office.access_calls import ACCESS, OFFICERS, READERS
from madang.web.office.definition_form import groups_of, read_form
from tests.factories.calls import definition_text, published
from tests.factories.people import acting, person

pytestmark = pytest.mark.django_db


def signed_in(who: Person, language: str = "en") -> Client:
    client = Client(headers={"host": "localhost"})
    client.cookies["madang-language"] = language  # a person's own language counts where no cookie says another
    client.force_login(who)
    return client


@pytest.fixture
def officer() -> Client:
    return signed_in(person("haneul", role="officer"))


def begun(client: Client, **given: str) -> DefinitionDraft:
    answer = client.post("/office/calls/new", {"start": "text", "text": definition_text(), **given})
    assert answer.status_code == 303
    return DefinitionDraft.objects.get(uid=answer["Location"].rsplit("/", 1)[1])


def address(draft: DefinitionDraft, name: str = "definition", *more: str) -> str:
    return reverse(f"office:{name}", args=[draft.uid, *more])


def words(answer: Any) -> str:
    main = answer.content.decode().split("<main")[1].split("</main>")[0]
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", main).split()))


def fields(answer: Any) -> dict[str, list[str]]:
    """What a browser would send back of the part's form, unchanged."""
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.found: dict[str, list[str]] = {}
            self.inside = False
            self.name, self.text, self.options = "", None, []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            if tag == "form":
                self.inside = given.get("class") == "d-fields"
            if not self.inside:
                return
            kind, name = given.get("type", "text"), given.get("name") or ""
            if tag == "input" and name and (kind not in ("radio", "checkbox") or "checked" in given):
                self.found.setdefault(name, []).append(given.get("value") or "")
            elif tag == "textarea":
                self.name, self.text = name, ""
            elif tag == "select":
                self.name, self.options = name, []
            elif tag == "option":
                self.options.append((given.get("value") or "", "selected" in given))

        def handle_data(self, data: str) -> None:
            if self.text is not None:
                self.text += data

        def handle_endtag(self, tag: str) -> None:
            if tag == "form":
                self.inside = False
            elif tag == "textarea" and self.text is not None:
                self.found.setdefault(self.name, []).append(self.text.removeprefix("\n").replace("\n", "\r\n"))
                self.text = None
            elif tag == "select" and self.inside:
                chosen = [value for value, is_chosen in self.options if is_chosen] or [self.options[0][0]]
                self.found.setdefault(self.name, []).extend(chosen)

    reader = Reader()
    reader.feed(answer.content.decode())
    return reader.found


# --- Everything by forms ----------------------------------------------------------------------------------------------


def sent_back(path: tuple[Any, ...], data: Any) -> QueryDict:
    """What a browser sends of a part's form in which nothing was touched."""
    given = QueryDict(mutable=True)
    for one in (one for group in groups_of(path, data) for one in group.inputs):
        chosen = [option for option, _, is_chosen in one.options if is_chosen]
        if one.shape.kind in ("choices", "sample"):
            given[f"{one.name}@is"] = "1"
            given.setlist(f"{one.name}@some", [row["value"] for row in one.rows if row.get("chosen")])
        if one.options:
            given.setlist(one.name, chosen)
        elif not one.parts and not one.rows:
            given[one.name] = one.value.replace("\n", "\r\n")
        rows = one.rows if one.shape.kind == "map" else []
        given.update({row["key_name"]: row["key"] for row in rows})
        for name, _, value in [*one.parts, *(part for row in rows for part in row["parts"])]:
            given[name] = value.replace("\n", "\r\n")
    return given


@pytest.mark.parametrize("name", library.programmes())
def test_the_form_of_every_part_of_every_programme_sent_back_asks_for_no_change(name: str) -> None:
    data = Source(library.programmes()[name].read_text("utf-8")).data
    for path, _ in parts(data):
        assert read_form(path, data, sent_back(path, data)) == {}, path


def test_every_kind_of_part_has_a_form_that_sent_back_unchanged_changes_nothing(officer: Client) -> None:
    """One of each kind that stands in a shipped programme; the test above reads the forms of all."""
    known: set[tuple[Any, ...]] = set()
    for path_of_file in library.programmes().values():
        text = path_of_file.read_text("utf-8")
        data, draft = Source(text).data, None
        for path, shape in parts(data):
            here = data_at(path, data)
            block = block_of(shape, here)
            like = (block, kind_of(shape, here))
            if like in known:
                continue
            known.add(like)
            draft = draft or begun(officer, text=text)
            where = address(draft, "definition-part", place(path)) if path else address(draft, "definition-form")
            sent = fields(officer.get(where))
            assert sent["seen"] == ["1"], path
            assert officer.post(where, sent).status_code == 303, path
        if draft:
            draft.refresh_from_db()
            assert (draft.text, draft.revision) == (text, 1)
    assert len(known) > 60


def test_a_field_changes_its_line_and_findings_stand_beside_their_places(officer: Client) -> None:
    draft = begun(officer)
    where = address(draft, "definition-part", "evaluation/0/criteria/0")
    sent = fields(officer.get(where)) | {"v:weight": ["41"], "v:label@ko": [""]}
    page = officer.post(where, sent, follow=True)
    draft.refresh_from_db()
    assert "{id: need, weight: 41, label: {en: Need}}" in draft.text
    assert "Saved as revision 2" in words(page)
    overview = officer.get(address(draft))
    assert f'href="{where}#at-label"' in overview.content.decode()
    assert "Scored stages › judged by evaluators › Criteria › Need › Words" in words(overview)
    assert 'id="f-v-label-fault"' in page.content.decode()


def test_what_is_typed_is_kept_even_where_it_is_no_number(officer: Client) -> None:
    draft = begun(officer)
    where = address(draft, "definition-part", "evaluation/0/criteria/0")
    page = officer.post(where, fields(officer.get(where)) | {"v:weight": ["forty"]}, follow=True)
    draft.refresh_from_db()
    assert "weight: forty" in draft.text
    assert 'value="forty"' in page.content.decode()
    assert 'id="f-v-weight-fault"' in page.content.decode()


def test_parts_are_added_doubled_moved_and_removed(officer: Client) -> None:
    draft = begun(officer)
    act = address(draft, "definition-act")

    def do(what: str, page: str, **more: str) -> str:
        draft.refresh_from_db()
        answer = officer.post(act, {"do": what, "page": page, "seen": draft.revision, **more})
        assert answer.status_code == 303, words(answer)
        draft.refresh_from_db()
        return str(answer["Location"])

    there = do("add", "form/0", at="form/0/fields", kind="rows")
    assert there == address(draft, "definition-part", "form/0/fields/2")
    assert Source(draft.text).data["form"][0]["fields"][2] == {"id": "rows-1", "type": "rows"}
    do("up form/0/fields/2", "form/0")
    do("duplicate form/0/fields/0", "form/0")
    assert [one["id"] for one in Source(draft.text).data["form"][0]["fields"]] == [
        "field", "field-1", "rows-1", "requested",
    ]  # fmt: skip
    do("remove form/0/fields/1", "form/0")
    do("add", "money", at="money/limits", name="plan") if "money" in Source(draft.text).data else do(
        "add", "", at="money"
    )
    do("kind", "decide", at="decide", kind="vote")
    assert Source(draft.text).data["decide"] == {"by": "vote", "ties": ["quality", "need", "lot"], "seats": {"max": 2}}


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"do": "add", "at": "title"}, 422),
        ({"do": "explode", "at": ""}, 404),
        ({"do": "remove form/99"}, 404),
        ({"do": "remove tracks/0", "page": "nowhere/0"}, 404),
        ({"do": "kind", "at": "decide", "kind": "tombola"}, 422),
        ({"do": "add", "at": "form", "seen": "7"}, 422),
        ({"do": "up tracks/0"}, 422),
    ],
)
def test_an_act_on_what_is_not_there_is_refused(officer: Client, given: dict[str, str], status: int) -> None:
    draft = begun(officer)
    answer = officer.post(address(draft, "definition-act"), {"page": "", "seen": "1", **given})
    assert answer.status_code == status
    draft.refresh_from_db()
    assert draft.revision == 1


@pytest.mark.parametrize("at", ["form/0/fields/99", "title", "x", "%00", "form//0", "a/" * 60 + "a"])
def test_an_address_without_a_part_is_404(officer: Client, at: str) -> None:
    draft = begun(officer)
    assert officer.get(address(draft, "definition-form") + f"/{at}").status_code == 404


@pytest.mark.parametrize(
    "text", ["- a\n- b\n", "just words\n", "a: [\n", "form: 7\ndecide: [1]\ntracks: {a: 1}\nmoney: x\n"]
)
def test_pages_stand_even_where_the_text_is_no_definition(officer: Client, text: str) -> None:
    draft = begun(officer, text=text)
    for name in ("definition", "definition-form", "definition-text", "definition-preview", "definition-differences",
                 "definition-trial", "definition-submit", "definition-approval", "definition-publish"):  # fmt: skip
        assert officer.get(address(draft, name)).status_code == 200, name


def test_a_save_over_anothers_is_refused_and_what_was_typed_stands_there(officer: Client) -> None:
    draft = begun(officer)
    where = address(draft, "definition-part", "tracks/0")
    mine = fields(officer.get(where)) | {"v:title@en": ["Mine"]}
    other = signed_in(person("bora", role="officer"))
    other.post(where, fields(other.get(where)) | {"v:title@en": ["Hers"]})
    answer = officer.post(where, mine)
    assert answer.status_code == 422
    assert 'value="Mine"' in answer.content.decode()
    assert "Somebody saved this draft after you opened it" in words(answer)
    draft.refresh_from_db()
    assert draft.text.count("Hers") == 1


def test_hidden_characters_huge_and_broken_input_are_answered_in_words(officer: Client) -> None:
    draft = begun(officer)
    where = address(draft, "definition-part", "tracks/0")
    answer = officer.post(where, fields(officer.get(where)) | {"v:title@en": ["a\u202eb"]})
    assert answer.status_code == 422
    assert "U+202E" in words(answer)
    assert officer.post(address(draft, "definition-text"), {"seen": "1", "text": "a\0b"}).status_code == 422
    assert officer.post("/office/calls/new", {"start": "nonsense"}).status_code == 422
    assert officer.post("/office/calls/new", {"start": "text", "text": " "}).status_code == 422
    latin = io.BytesIO("제목".encode("euc-kr"))
    answer = officer.post("/office/calls/new", {"start": "text", "file": latin})
    assert answer.status_code == 422
    assert "UTF-8" in words(answer)
    assert officer.post(where, {f"v:{n}": "x" for n in range(12_000)}).status_code in (400, 422)
    draft.refresh_from_db()
    assert draft.revision == 1


def test_a_rule_is_tried_out_against_sample_answers(officer: Client) -> None:
    draft = begun(officer, text=library.programmes()["kcity-network-2021"].read_text("utf-8"))
    where = address(draft, "definition-trial")
    seen = words(officer.post(where, {"rule": "mou == true && track != 'demonstration'"}))
    assert "mou = true, track = development true" in seen
    assert "mou = false, track = development false" in seen
    seen = words(officer.post(where, {"rule": "requested <= krw(1, 'eok')", "s:requested": "100000000"}))
    assert "The rule says: true" in seen
    assert "requestd" in words(officer.post(where, {"rule": "requestd > 1"}))
    for bad in ("1 +", "(((((", "x" * 9000, "\0", "a.b.c", "members.exists(m,"):
        assert officer.post(where, {"rule": bad}).status_code == 200
    fragment = officer.post(where, {"field": "v:rule", "v:rule": "mou == true"}, headers={"hx-request": "true"})
    assert "<html" not in fragment.content.decode()


def test_an_amendment_without_its_notice_is_refused_and_the_reason_stays(officer: Client) -> None:
    call = published()
    draft = begun(officer, start="amendment", amendment=call.slug)
    where = address(draft, "definition-submit")
    officer.post(address(draft, "definition-text"), {"seen": "1", "text": draft.text.replace("max: 2}", "max: 3}")})
    answer = officer.post(where, {"seen": "2", "reason": "A <misprint>", "notice": " "})
    assert answer.status_code == 422
    assert "Say where the notice stands" in words(answer)
    assert "A &lt;misprint&gt;</textarea>" in answer.content.decode()
    assert "fixed at publication" in words(answer)


def test_the_text_by_hand_with_its_lines_and_findings(officer: Client) -> None:
    draft = begun(officer)
    where = address(draft, "definition-text")
    page = officer.post(
        where, {"seen": "1", "text": draft.text.replace("\n", "\r\n").replace("weight: 40", "weight: 4")}
    )
    assert page.status_code == 303
    page = officer.get(where)
    assert 'id="line-1"' in page.content.decode()
    assert "data-fault" in page.content.decode()
    draft.refresh_from_db()
    assert officer.get(where, {"format": "yaml"}).content.decode() == draft.text


def test_the_preview_is_in_the_language_asked_for(officer: Client) -> None:
    draft = begun(officer)
    assert "견본 공모" in words(officer.get(address(draft, "definition-preview"), {"language": "ko"}))
    seen = officer.get(address(draft, "definition-preview"), {"language": "en"})
    assert "Sample call" in words(seen)
    assert "disabled" in seen.content.decode()
    assert 'data-key="requested" data-control="money"' in seen.content.decode()  # as the applicant's form draws it


# --- The list, and who may --------------------------------------------------------------------------------------------


def test_the_list_tells_whose_turn_it_is_and_goes_along_as_a_file(officer: Client) -> None:
    empty = words(officer.get("/office/calls"))
    assert "Nothing is in work" in empty
    assert "No calls have been published yet" in empty
    draft = begun(officer, text=definition_text("mine-2026", title="Mine <b>"))
    other = signed_in(person("bora", role="officer"))
    begun(other, text=definition_text("hers-2026", title="Hers"))
    published("out-2022", title="Out")
    seen = words(officer.get("/office/calls"))
    assert "Mine <b>" in seen
    assert "Hers" in seen
    assert "Amend" in seen
    mine = words(officer.get("/office/calls?mine=1&q=mine"))
    assert "Hers" not in mine
    rows = list(csv.reader(io.StringIO(officer.get("/office/calls?format=csv").content.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == ["hers-2026", "mine-2026"]
    assert officer.get("/office/calls?format=xlsx").status_code == 200
    assert officer.get("/office/calls?format=pdf").status_code == 400
    assert officer.get("/office/calls?q=%00&state=zebra&page=x").status_code == 200
    assert "1 waits for you" in words(officer.get("/office/"))
    assert draft.uid in other.get("/office/calls").content.decode()


def test_addresses_keep_to_their_table(officer: Client) -> None:
    draft = begun(officer)
    clients = {
        "officer": officer,
        "approver": signed_in(person("bora", role="officer")),
        "auditor": signed_in(person("audit", role="auditor")),
        "secretariat": signed_in(person("sec", role="secretariat")),
        "stranger": signed_in(person("stranger")),
        "visitor": Client(headers={"host": "localhost"}),
    }
    for name, access in ACCESS.items():
        if name == "office:definition-discard":
            continue
        args = [draft.uid] if access.thing else []
        where = reverse(name, args=[*args, "schedule"] if name.endswith("-part") else args)
        for persona, client in clients.items():
            assert client.get(where).status_code == access.get.status(persona), (name, persona, "GET")
            assert client.post(where).status_code == access.post.status(persona), (name, persona, "POST")
    assert set(OFFICERS) < set(READERS)


def test_a_guessed_draft_is_404(officer: Client) -> None:
    assert officer.get("/office/calls/drafts/0000000000000000000000").status_code == 404


# --- The whole way, in a browser --------------------------------------------------------------------------------------


def sign_in(page: Any, who: Person, live_server: Any) -> None:
    cookie = signed_in(who).cookies["madang-session"].value
    page.context.clear_cookies(name="madang-session")
    page.context.add_cookies([{"name": "madang-session", "value": cookie, "url": live_server.url}])


@pytest.fixture
def last_year() -> Call:
    text = library.programmes()["kcity-network-2021"].read_text("utf-8")
    return publish_definition(actor=DEMO, text=text, sample=False).call


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_clone_mend_approve_publish_amend_in_korean_without_script(
    last_year: Call, visit: Callable[..., Any], live_server: Any, axe: Callable[..., Any]
) -> None:
    haneul, bora = person("haneul", role="officer"), person("bora", role="officer")
    page = visit("/preferences", language="ko", script=False)
    sign_in(page, haneul, live_server)
    page.goto(f"{live_server.url}/office/")
    page.get_by_role("link", name="공모 관리").click()
    page.get_by_role("link", name="다음 회차로 복제").click()
    page.get_by_role("button", name="시작").click()
    page.get_by_role("link", name="양식으로 편집").click()
    outline = page.get_by_role("navigation", name="정의의 각 부분")
    outline.get_by_role("link", name="일정", exact=True).click()
    page.get_by_role("group", name="기한").get_by_label("날짜").fill("2022-04-29")
    page.get_by_role("button", name="저장").click()
    assert "점검 사항이" in page.locator(".m-messages").inner_text()
    page.get_by_role("navigation", name="이 정의의 페이지").get_by_role("link", name="한눈에 보기").click()
    findings = page.locator(".d-findings")
    assert "접수 마감" in findings.inner_text()
    findings.get_by_role("link").first.click()
    page.locator("#f-v-from").fill("2022-04-30")
    page.locator("#f-v-to").fill("2022-05-01")
    page.get_by_role("button", name="저장").click()
    page.locator('.d-side-wide a[href$="stages/1"]').click()
    page.locator("#f-v-from").fill("2022-05-02")
    page.get_by_role("button", name="저장").click()
    assert "오류가 없습니다" in page.locator(".m-messages").inner_text()
    page.get_by_role("navigation", name="이 정의의 페이지").get_by_role("link", name="한눈에 보기").click()
    page.get_by_role("link", name="승인 요청").click()
    page.get_by_role("button", name="승인 요청").click()
    assert "승인 대기" in page.locator(".d-head").inner_text()
    sign_in(page, bora, live_server)
    page.reload()
    page.get_by_role("link", name="검토하고 승인").click()
    page.get_by_role("button", name="승인", exact=True).click()
    page.get_by_role("link", name="공고로 이동").click()
    assert "2022-04-29 18:00:00" in page.locator("main").inner_text()
    page.get_by_role("button", name="공고하기").click()
    page.get_by_role("link", name="공개 페이지 보기").click()
    assert "2022년" in page.locator("h1").inner_text()
    assert Call.objects.get(slug="kcity-network-2022").versions.count() == 1


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_an_amendment_by_keyboard_on_a_phone_in_english(
    last_year: Call, visit: Callable[..., Any], live_server: Any, axe: Callable[..., Any]
) -> None:
    haneul, bora = person("haneul", role="officer"), person("bora", role="officer")
    page = visit("/preferences", language="en", width=390)
    sign_in(page, haneul, live_server)

    def press(role: str, name: str, **more: Any) -> None:
        """Reach a control as a keyboard does, and press it."""
        control = page.get_by_role(role, name=name, **more).first
        control.focus()
        page.keyboard.press("Enter")
        page.wait_for_load_state("load")

    def weigh(criterion: str, weight: str) -> None:
        press("link", criterion, exact=True)
        page.get_by_role("textbox", name="Weight (per cent)").focus()
        page.keyboard.press("Control+A")
        page.keyboard.type(weight)
        page.keyboard.press("Enter")
        page.wait_for_url("**/criteria/*")

    page.goto(f"{live_server.url}/office/calls")
    press("button", "Amend")
    page.wait_for_url("**/drafts/*")
    press("link", "Edit by forms")
    page.wait_for_url("**/form")
    press("link", "Evaluation by the committee") if page.get_by_role(
        "link", name="Evaluation by the committee"
    ).first.is_visible() else page.goto(page.url + "/evaluation/0")
    page.wait_for_url("**/evaluation/0")
    weigh("Intergovernmental cooperation", "35")
    page.locator(".m-message").filter(has_text="Saved as revision 2").wait_for()
    page.locator(".m-message").filter(has_text="Findings: 1").wait_for()
    assert axe(page) == []
    press("link", "Evaluation by the committee")
    page.wait_for_url("**/evaluation/0")
    page.locator(".d-child .d-faults").first.wait_for()
    weigh("Prospects of the project", "35")
    page.locator(".m-message").filter(has_text="no faults").wait_for()
    press("link", "Differences")
    page.locator(".m-alert", has_text="This touches what decides").wait_for()
    assert page.locator(".d-changes li").count() == 2
    press("link", "Overview")
    page.wait_for_url(re.compile(r"/drafts/\w+$"))
    press("link", "Send for approval")
    page.get_by_label("Reason for the change").focus()
    page.keyboard.type("A weight was printed wrongly.")
    page.get_by_label("Where the change is made known").focus()
    page.keyboard.type("Notice 2021-12")
    press("button", "Send for approval")
    page.locator(".d-head", has_text="Waits for approval").wait_for()
    sign_in(page, bora, live_server)
    page.reload()
    press("link", "Check and approve")
    page.get_by_role("button", name="Approve", exact=True).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    press("button", "Approve", exact=True)
    page.locator(".d-head", has_text="Approved").wait_for()
    press("link", "To publication")
    press("button", "Publish the amendment")
    page.locator(".d-head", has_text="Published").wait_for()
    version = last_year.versions.get(number=2)
    assert (version.reason, version.notice) == ("A weight was printed wrongly.", "Notice 2021-12")
    assert "the day was published, the hour was not" in version.text


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("language", "mode", "width"), [("ko", "light", 360), ("en", "high-contrast", 1440)])
def test_pages_are_accessible_and_fit(
    last_year: Call,
    visit: Callable[..., Any],
    live_server: Any,
    axe: Callable[..., Any],
    language: str,
    mode: str,
    width: int,
) -> None:
    actor = acting("haneul", role="officer")
    client = signed_in(actor.person)
    draft = begun(client, start="amendment", amendment=last_year.slug)
    page = visit("/preferences", language=language, mode=mode, width=width)
    sign_in(page, actor.person, live_server)
    for where in (
        "/office/calls",
        "/office/calls/new",
        address(draft, "definition-part", "decide"),
        address(draft, "definition-part", "form/0/fields/3"),
        address(draft, "definition-text"),
        address(draft, "definition-preview"),
        address(draft, "definition-submit"),
    ):
        page.goto(live_server.url + where)
        assert axe(page) == [], where
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), where


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_rule_is_tried_out_within_the_form(last_year: Call, visit: Callable[..., Any], live_server: Any) -> None:
    who = person("haneul", role="officer")
    draft = begun(signed_in(who), start="amendment", amendment=last_year.slug)
    page = visit("/preferences", language="en")
    sign_in(page, who, live_server)
    page.goto(live_server.url + address(draft, "definition-part", "form/0/fields/6"))
    page.get_by_role("button", name="Try this rule out").last.click()
    page.locator(".d-cases").get_by_text("mou = true").wait_for()
    assert page.url.endswith("form/0/fields/6")
