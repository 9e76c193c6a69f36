"""Applications at the desk: the list with its search, one application, who handles it, notes."""

import csv
import io
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from openpyxl import load_workbook

from madang.apps.accounts.commands import actor_of, grant_role
from madang.apps.accounts.models import Person
from madang.apps.applications import commands as applications
from madang.apps.applications.models import Application, DraftFile
from madang.apps.calls.queries import current_definition
from madang.apps.review import commands, queries, rules
from madang.apps.review.models import Assignment, Handling, Note, SavedList
from madang.core.deciding.case import Case
from madang.core.listing import parse
from madang.kernel.actors import DEMO, OFFICE
from madang.kernel.journal import JournalEntry
from madang.kernel.permissions import may, visible_to
from tests.factories.applications import application
from tests.factories.desk import Desk, attach, filed_here, press, revised
from tests.factories.people import person

pytestmark = pytest.mark.django_db
HOST = {"host": "localhost", "accept-language": "en"}


@pytest.fixture
def desk():
    return Desk()


def client_of(who) -> Client:
    client = Client(headers=HOST)
    client.force_login(who)
    return client


def address(desk, text: str = "", **more: str) -> dict:
    return {"path": f"/office/applications/calls/{desk.call.slug}", "data": {"q": text, **more}}


def listed(desk, who, text: str = "", **more: str) -> list[str]:
    """The numbers of the applications on the first page of a list."""
    answer = client_of(who).get(**address(desk, text, **more))
    assert answer.status_code == 200, answer.context["asked"].faults
    place = [one["name"] for one in answer.context["columns"]].index("reference") - 1
    return [row["cells"][place]["text"] for row in answer.context["rows"]]


# --- The list ---------------------------------------------------------------------------------------------------------


def test_each_desk_lists_its_own_and_the_ministry_all(desk):
    plans, trials = {"A1", "A3", "A5"}, {"A2", "A4", "A6"}
    assert set(listed(desk, desk.north)) == plans
    assert set(listed(desk, desk.south)) == trials
    assert set(listed(desk, desk.ministry)) == set(listed(desk, desk.auditor)) == plans | trials
    assert client_of(desk.elsewhere).get(**address(desk)).context["page"].paginator.count == 0
    assert client_of(person("stranger")).get(**address(desk)).status_code == 403


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A1", ["A1"]),
        ('"City of Aram 4"', ["A4"]),
        ("city a1", ["A1"]),
        ("-city", []),
        ("track:plan -A1", ["A3", "A5"]),
        ("track:plan track:trial", ["A1", "A2", "A3", "A4", "A5", "A6"]),
        ("track:계획", ["A1", "A3", "A5"]),
        ("country:XB", ["A3", "A6"]),
        ("-country:xa", ["A3", "A6"]),
        ("received:>=2022-01-14", ["A4", "A5", "A6"]),
        ("received:2022-01-12", ["A2"]),
        ("-received:<2022-01-15", ["A5", "A6"]),
        ("received:>2022-01-12 received:<2022-01-15", ["A3", "A4"]),
        ("source:import kind:city sample:yes late:no", ["A1", "A2", "A3", "A4", "A5", "A6"]),
        ("source:filed", []),
        ("field:transport", ["A1", "A2", "A3", "A4", "A5", "A6"]),
        ("missing:field", []),
        ("missing:plan", ["A1", "A2", "A3", "A4", "A5", "A6"]),
        ("requested:300m", ["A1", "A2", "A3", "A4", "A5", "A6"]),
        ("requested:>3억", []),
        ("officer:none status:open", ["A1", "A2", "A3", "A4", "A5", "A6"]),
        ("status:passed", []),
        ("status:withdrawn", []),
    ],
)
def test_words_and_fields_find(desk, text, found):
    assert listed(desk, desk.ministry, text, sort="reference") == found


def test_what_was_filed_here_is_found_by_its_papers_money_and_state(desk):
    draft = filed_here(desk.call)
    other = filed_here(desk.call, track="other", amount="200")
    assert listed(desk, desk.ministry, "source:filed requested:>=100m", sort="reference") == sorted(
        [draft.number, other.number]
    )
    assert listed(desk, desk.ministry, "source:filed requested:>100m") == [other.number]
    assert listed(desk, desk.ministry, "source:filed missing:plan") == []
    filer = draft.started_by
    applications.revise_filed(actor=actor_of(filer), draft=draft)
    draft.refresh_from_db()
    applications.remove_file(actor=actor_of(filer), draft=draft, file=DraftFile.objects.get(draft=draft))
    assert listed(desk, desk.ministry, "source:filed missing:plan") == []  # what is not filed is nobody's
    applications.withdraw_application(actor=actor_of(filer), draft=draft, reason="Another budget.")
    assert listed(desk, desk.ministry, "source:filed") == [other.number]
    assert listed(desk, desk.ministry, "status:withdrawn") == [draft.number]
    assert listed(desk, desk.ministry, "status:withdrawn status:open source:filed", sort="reference") == sorted(
        [draft.number, other.number]
    )


def test_an_undone_import_is_in_no_list(desk):
    applications.undo_batch(
        actor=DEMO,
        batch=desk.call.batches.get(),
        reason="the wrong sheet",
    )
    assert listed(desk, desk.ministry) == []
    assert listed(desk, desk.ministry, "status:withdrawn") == []


def test_review_states_and_officers_are_found(desk):
    actor = actor_of(desk.ministry)
    commands.assign_officers(actor=actor, dossiers=[desk.dossier("A1").pk], officer=desk.north)
    Handling.objects.filter(dossier=desk.dossier("A1")).update(state="passed")
    assert listed(desk, desk.ministry, "status:eligible officer:north") == ["A1"]
    assert listed(desk, desk.north, "officer:me") == ["A1"]
    assert listed(desk, desk.south, "officer:me") == []
    assert listed(desk, desk.ministry, "-officer:north status:open", sort="reference") == ["A2", "A3", "A4", "A5", "A6"]


def test_clicking_a_filter_leads_to_the_address_that_typing_has(desk):
    client = client_of(desk.ministry)
    clicked = client.get(
        **address(desk, "aram country:XA", **{"set-track": "plan", "set-status": "", "sort": "reference"})
    )
    assert clicked.status_code == 303
    typed = client.get(**address(desk, "track:plan country:xa aram", sort="reference"))
    assert clicked["Location"] == typed.context["asked"].address()
    assert parse_qs(urlsplit(clicked["Location"]).query) == {"q": ["aram country:XA track:plan"], "sort": ["reference"]}


@pytest.mark.parametrize(
    "sort", ["received", "-received", "applicant", "track", "country", "kind", "field", "status", "officer", "-officer"]
)
def test_every_column_sorts(desk, sort):
    assert set(listed(desk, desk.ministry, sort=sort)) == {"A1", "A2", "A3", "A4", "A5", "A6"}
    assert listed(desk, desk.ministry, sort="-reference")[0] == "A6"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("statsu:open", "Did you mean “status”"),
        ("track:paln", "Did you mean “plan”"),
        ("received:tomorrow", "is no day"),
        ("'; DROP TABLE x; -- requested:>1e9", "whole number"),
        ("a\x00b", "control character"),
        ("\u202eabc", "control character"),
        ("<script>alert(1)</script> x:y", "There is no field “x”"),
        ("w " * 400, "too long"),
        ('"', "quotation mark"),
        ("received:0000-13-99", "is no day"),
    ],
)
def test_what_is_not_understood_is_said_and_nothing_is_found(desk, text, said):
    answer = client_of(desk.ministry).get(**address(desk, text))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert answer.context["rows"] == []
    assert client_of(desk.ministry).get(**address(desk, text, format="csv")).status_code == 400


@pytest.mark.parametrize(
    "text", ["100%", "_", "\\", '"a \\" b"', "ⓐ", "가" * 100, "received:>=9999-12-31", "received:<0001-01-01"]
)
def test_strange_searches_are_searches(desk, text):
    assert listed(desk, desk.ministry, text) == []


def test_strange_addresses_are_refused_or_read_as_nothing(desk):
    client = client_of(desk.ministry)
    for more in (
        {"sort": "--x"},
        {"sort": "password"},
        {"page": "9" * 40},
        {"columns": "x,\x00,officer"},
        {"set-track": "\x00"},
    ):
        assert client.get(**address(desk, "", **more)).status_code in (200, 303)
    assert client.get(**address(desk, "", format="exe")).status_code == 400


def test_the_list_is_taken_along_with_its_columns_and_defused(desk):
    evil = application(9, applicant="=cmd|' /C calc'!A0")
    applications.receive_from_folder(
        actor=DEMO,
        call=desk.call,
        case=Case(applications=(evil,), sample=True),
    )
    client = client_of(desk.ministry)
    more = {"columns": "reference,requested,region", "sort": "reference"}
    answer = client.get(**address(desk, "track:plan", format="csv", **more))
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["Applicant", "Number", "Requested", "Sample"]
    assert [row[1] for row in rows[1:]] == ["A1", "A3", "A5", "A9"]
    assert rows[4][0] == "'=cmd|' /C calc'!A0"
    assert rows[1][2] == "300000000"
    book = load_workbook(io.BytesIO(client.get(**address(desk, "", format="xlsx", **more)).content))
    assert [cell.data_type for cell in book.active[9]][:3] == ["s", "s", "n"]


def test_lists_are_kept_shared_renamed_and_removed(desk):
    north, south, slug = client_of(desk.north), client_of(desk.south), desk.call.slug
    save = f"/office/applications/calls/{slug}/lists"
    north.post(save, {"name": "My plans", "q": "track:plan officer:me", "sort": "reference"})
    north.post(save, {"name": "Ours", "q": "country:XB", "shared": "yes"})
    kept = {one.name: one for one in SavedList.objects.all()}
    assert parse_qs(kept["My plans"].query) == {"q": ["officer:me track:plan"], "sort": ["reference"]}
    assert [one["name"] for one in north.get(**address(desk)).context["saved"]] == ["My plans", "Ours"]
    assert [one["name"] for one in south.get(**address(desk)).context["saved"]] == ["Ours"]
    assert client_of(desk.elsewhere).get(**address(desk)).context["saved"] == []
    ours = f"/office/applications/lists/{kept['Ours'].uid}"
    assert south.post(ours, {"name": "Theirs"}).status_code == 404
    north.post(ours, {"name": "My plans", "shared": "yes"})  # a name that is taken
    north.post(ours, {"name": "Ours still"})
    assert SavedList.objects.get(pk=kept["Ours"].pk).name == "Ours still"
    assert south.get(**address(desk)).context["saved"] == []
    north.post(ours, {"act": "remove"})
    assert [one["name"] for one in north.get(**address(desk)).context["saved"]] == ["My plans"]
    north.post(save, {"name": "Ours still", "q": "", "sort": ""})  # the name is free again
    assert SavedList.objects.filter(removed_at__isnull=True).count() == 2
    assert client_of(desk.auditor).post(save, {"name": "x"}).status_code == 404


# --- Who handles it ---------------------------------------------------------------------------------------------------


def test_assigning_many_shows_first_what_changes_and_can_be_undone(desk):
    client, where = client_of(desk.ministry), f"/office/applications/calls/{desk.call.slug}/assign"
    one = desk.dossier("A1")
    commands.assign_officers(actor=actor_of(desk.ministry), dossiers=[one.pk], officer=desk.north_too)
    seen = client.get(where, {"q": "track:plan", "which": "all", "officer": desk.north.uid})
    assert [(line["from"], line["count"]) for line in seen.context["preview"]] == [("nobody", 2), ("North-Too", 1)]
    told = {"q": "track:plan", "which": "all", "officer": desk.north.uid, "seen": seen.context["seen"]}
    assert client.post(where, told).status_code == 303
    assert set(listed(desk, desk.north, "officer:me")) == {"A1", "A3", "A5"}
    assert client.post(where, told).status_code == 422  # what was seen is no more
    [case] = queries.assignments_of(one)[:1]
    assert (case.before, case.after) == (desk.north_too, desk.north)
    commands.assign_officers(actor=actor_of(desk.north), dossiers=[desk.dossier("A3").pk], officer=None)
    undo = client.get(**address(desk)).context["undo"]
    assert client.post(f"/office/applications/assignments/{undo['uid']}/undo", {"next": "//evil.example"})[
        "Location"
    ] == ("/office/applications")
    assert Handling.objects.get(dossier=one).officer == desk.north_too
    assert Handling.objects.get(dossier=desk.dossier("A3")).officer is None
    assert client.get(**address(desk)).context["undo"] is None
    first = Assignment.objects.get(uid=undo["uid"])
    assert commands.undo_assignment(actor=actor_of(desk.ministry), assignment=first) == first.undone_by
    assert client_of(desk.north).post(f"/office/applications/assignments/{undo['uid']}/undo").status_code == 404


def test_only_people_with_a_desk_for_it_get_it(desk):
    client, where = client_of(desk.ministry), f"/office/applications/calls/{desk.call.slug}/assign"
    seen = client.get(where, {"which": "all", "officer": desk.north.uid})
    assert seen.context["no_desk"] == 3
    told = {"which": "all", "officer": desk.north.uid, "seen": seen.context["seen"]}
    assert client.post(where, told).status_code == 422
    assert not Assignment.objects.exists()
    assert client.post(where, told | {"officer": desk.elsewhere.uid}).status_code == 422
    assert client_of(desk.auditor).get(where).status_code == 404
    north = client_of(desk.north)
    trial = desk.dossier("A2")
    assert north.get(where, {"which": "selected", "one": trial.uid, "officer": desk.north.uid}).context["count"] == 0
    assert north.post(f"/office/applications/{trial.uid}/officer", {"officer": "me"}).status_code == 404
    north.post(f"/office/applications/{desk.dossier('A1').uid}/officer", {"officer": "me"})
    north.post(f"/office/applications/{desk.dossier('A3').uid}/officer", {"officer": desk.south.uid})
    assert [one.officer for one in Handling.objects.all()] == [desk.north]


def test_a_second_officer_takes_over_in_the_middle(desk):
    keys = [desk.dossier(reference).pk for reference in ("A1", "A3")]
    commands.assign_officers(actor=actor_of(desk.ministry), dossiers=keys, officer=desk.north)
    client = client_of(desk.ministry)
    pair = {"of": desk.north.uid, "to": desk.north_too.uid}
    seen = client.get("/office/applications/handover", pair)
    assert seen.context["count"] == 2
    told = pair | {"seen": seen.context["seen"]}
    assert client.post("/office/applications/handover", told).status_code == 422  # no reason
    assert client.post("/office/applications/handover", told | {"reason": "Parental leave"}).status_code == 303
    assert {one.officer for one in Handling.objects.all()} == {desk.north_too}
    page = client.get(f"/office/applications/{desk.dossier('A1').uid}")
    assert "Parental leave" in page.context["history"][0]["text"]
    row = JournalEntry.objects.get(command="review.hand_over_cases")
    assert "Parental" not in row.payload
    assert client.post("/office/applications/handover", pair | {"to": desk.south.uid, "reason": "x"}).status_code == 422
    assert client_of(desk.auditor).get("/office/applications/handover").status_code == 404


# --- Notes ------------------------------------------------------------------------------------------------------------


def test_notes_stay_within_their_desk(desk):
    open_to_both = application(7, track="other")
    applications.receive_from_folder(actor=DEMO, call=desk.call, case=Case(applications=(open_to_both,), sample=True))
    dossier = desk.dossier("A7")
    url = f"/office/applications/{dossier.uid}"
    texts = {"north": "Northern secret", "south": "Southern secret", "ministry": "Ministerial secret"}
    for name, text in texts.items():
        assert client_of(getattr(desk, name)).post(f"{url}/notes", {"text": text}).status_code == 303
    assert set(Note.objects.values_list("secretariat", flat=True)) == {"north", "south", ""}
    readers = {"north": {"north"}, "north_too": {"north"}, "south": {"south"}, "ministry": {"ministry"},
               "auditor": set(texts)}  # fmt: skip
    for name, own in readers.items():
        who = getattr(desk, name)
        page = client_of(who).get(url).content.decode()
        assert {key for key, text in texts.items() if text in page} == own, name
        seen = visible_to(who, "review.read_note", Note.objects.all())
        assert {one.pk for one in Note.objects.all() if may(who, "review.read_note", one)} == {one.pk for one in seen}
    for word in ("secret", "Southern"):
        assert listed(desk, desk.ministry, word) == listed(desk, desk.north, word) == []
        taken = client_of(desk.north).get(**address(desk, "", format="csv")).content.decode()
        assert word not in taken
    assert not JournalEntry.objects.filter(payload__contains=" secret").exists()
    note = Note.objects.get(secretariat="north")
    assert client_of(desk.north_too).post(f"{url}/notes/{note.uid}/remove").status_code == 404
    assert client_of(desk.south).post(f"{url}/notes/{note.uid}/remove").status_code == 404
    assert client_of(desk.north).post(f"{url}/notes/{note.uid}/remove").status_code == 303
    assert "Northern secret" not in client_of(desk.north).get(url).content.decode()
    assert "Northern secret" in client_of(desk.auditor).get(url).content.decode()
    assert client_of(desk.auditor).post(f"{url}/notes", {"text": "x"}).status_code == 404


@pytest.mark.parametrize("text", ["", "   ", "a\x00b", "\u202e", "x" * 5001])
def test_a_refused_note_keeps_what_was_typed(desk, text):
    answer = client_of(desk.north).post(f"/office/applications/{desk.dossier('A1').uid}/notes", {"text": text})
    assert answer.status_code == 422
    assert answer.context["note_faults"]


# --- One application --------------------------------------------------------------------------------------------------


def test_the_page_tells_what_was_filed_and_never_what_is_being_written(desk):
    filer = person("filer")
    draft = filed_here(desk.call, by=filer)
    dossier = desk.dossier(draft.number)
    revised(draft, filer, requested="250")
    applications.revise_filed(actor=actor_of(filer), draft=draft)
    draft.refresh_from_db()
    base = dict(draft.entries.values_list("key", "revision"))
    applications.save_entries(actor=actor_of(filer), draft=draft, changes={"requested": "777"}, base=base)
    unfiled = attach(draft, filer, "unfiled.pdf")
    client, url = client_of(desk.north), f"/office/applications/{dossier.uid}"
    page = client.get(url).content.decode()
    assert "250" in page
    assert "777" not in page
    assert "unfiled.pdf" not in page
    assert [one["revision"] for one in client.get(url).context["revisions"]] == [2, 1]
    changes = client.get(f"{url}/changes?of=1&and=2").content.decode()
    assert "777" not in changes
    assert client.get(f"{url}/changes?of=1&and=2").context["groups"]
    assert client.get(f"{url}/changes?of=9&and=\x00").status_code == 200
    got = client.get(f"{url}/files/2/1")
    assert b"".join(got.streaming_content).startswith(b"%PDF")
    assert got["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert client.get(f"{url}/files/1/1/view").status_code == 200
    for wrong in ("files/3/1", "files/2/2", "files/2/0", "files/2/0/view"):
        assert client.get(f"{url}/{wrong}").status_code == 404
    for other in (desk.south, desk.elsewhere, filer):
        for path in ("", "/changes", "/files/2/1", "/files/2/1/view"):
            assert client_of(other).get(url + path).status_code == 404
    assert client_of(desk.auditor).get(f"{url}/files/2/1").status_code == 200
    assert unfiled.name not in client.get(f"{url}/changes").content.decode()


def test_a_withdrawal_is_told_with_its_reason(desk):
    filer = person("filer")
    draft = filed_here(desk.call, by=filer)
    applications.withdraw_application(actor=actor_of(filer), draft=draft, reason="The mayor changed his mind.")
    answer = client_of(desk.north).get(f"/office/applications/{desk.dossier(draft.number).uid}")
    assert "The mayor changed his mind." in answer.content.decode()
    assert answer.context["history"][0]["text"] == "Withdrawn by the applicant"
    applications.resume_application(actor=actor_of(filer), draft=draft)
    press(draft, filer)
    answer = client_of(desk.north).get(f"/office/applications/{desk.dossier(draft.number).uid}")
    assert answer.context["withdrawal"] is None


def test_an_imported_application_reads_as_the_form_has_it(desk):
    answers = {"field": "transport", "requested": 300_000_000, "remark": "by post", "odd": [1, {"a": 2}]}
    extra = application(8, answers=answers)
    applications.receive_from_folder(actor=DEMO, call=desk.call, case=Case(applications=(extra,), sample=True))
    answer = client_of(desk.south).get(f"/office/applications/{desk.dossier('A8').uid}")
    text = answer.content.decode()
    assert "Requested" in text
    assert {"name": "remark", "value": "by post"} in answer.context["handed"]["others"]
    assert answer.context["revisions"] == []


def test_the_way_goes_on_within_the_list(desk):
    client = client_of(desk.ministry)
    for sort, order in (("reference", "A1 A3 A5"), ("-reference", "A5 A3 A1"), ("-received", "A5 A3 A1")):
        first, middle, last = (f"/office/applications/{desk.dossier(one).uid}" for one in order.split())
        way = client.get(middle, {"q": "track:plan", "sort": sort}).context["way"]
        assert (way["before"].partition("?")[0], way["after"].partition("?")[0]) == (first, last)
        assert client.get(first, {"q": "track:plan", "sort": sort}).context["way"]["before"] == ""
    assert client.get(first, {"q": "nonsense:x"}).context["way"] is None
    assert client.get(first).context["way"] is None


# --- What it costs ----------------------------------------------------------------------------------------------------


def test_the_list_asks_the_same_few_questions_for_one_and_for_fifty(django_assert_max_num_queries):
    many = Desk(*range(1, 61))
    client = client_of(many.ministry)
    client.get(**address(many))
    with django_assert_max_num_queries(12):
        assert len(client.get(**address(many)).context["rows"]) == 50
    with django_assert_max_num_queries(12):
        client.get(**address(many, "country:XA status:open missing:plan region", columns="requested,officer"))


def test_the_page_of_one_application_asks_few_questions(desk, django_assert_max_num_queries):
    draft = filed_here(desk.call)
    client, url = client_of(desk.north), f"/office/applications/{desk.dossier(draft.number).uid}"
    for text in ("one", "two", "three"):
        client.post(f"{url}/notes", {"text": text})
    with django_assert_max_num_queries(30):
        client.get(url, {"q": "", "sort": "reference"})


def test_parse_and_search_know_the_same_fields(desk):
    search = queries.Search(desk.call, current_definition(desk.call), desk.north)
    for name, field in search.fields.items():
        value = next(iter(field.values), "2022-01-11" if field.kind == "day" else "1")
        query = parse(f"{name}:{value} -{name}:{value}", search.fields)
        assert list(search.found(query)) == []


def test_a_list_asks_the_right_of_every_row(desk):
    """What a list reckons once for its call is what the right says of each application."""
    applications.receive_from_folder(
        actor=DEMO, call=desk.call, case=Case(applications=(application(7, track="other"),), sample=True)
    )
    everybody = person("everybody", role="secretariat", programme="sample-programme")
    both = person("both", role="secretariat", programme="sample-programme", secretariat="north")
    grant_role(actor=OFFICE, person=both, role="secretariat", programme="sample-programme", secretariat="south")
    people = [desk.north, desk.south, desk.ministry, desk.auditor, desk.elsewhere, everybody, person("stranger"),
              Person.objects.get(pk=both.pk)]  # fmt: skip
    rows = Application.objects.filter(call=desk.call).select_related("call__programme")
    for who in people:
        listed = set(queries.Search(desk.call, current_definition(desk.call), who).listed())
        assert listed == set(visible_to(who, rules.LIST_APPLICATIONS, rows))
        assert listed == {one for one in rows if may(who, rules.LIST_APPLICATIONS, one)}
