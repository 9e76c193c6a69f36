"""Organisations on screen: one's own, letting in, handing over, and the office's list, duplicates and merges."""

import csv
import datetime as dt
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as sent_mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.directory import commands, queries
from madang.apps.directory.models import Affiliation, Merge, Organisation
from madang.kernel import clock, mail
from madang.kernel.actors import OFFICE
from madang.kernel.commands import COMMANDS
from madang.kernel.journal import JournalEntry
from madang.web.account.organisations import HAPPENED
from madang.web.account.organisations_parts import offer
from tests.factories.people import belongs, person

pytestmark = pytest.mark.django_db


def verified(name: str, email: str = "", **more: Any) -> Person:
    found = person(name, **more)
    EmailAddress.objects.update_or_create(email=email or found.email, defaults={"user": found, "verified": True})
    return found


def founded(name: str = "City of Aram", by: Person | None = None, **more: Any) -> Organisation:
    actor = actor_of(by) if by else OFFICE
    given = {"kind": "city", "country": "XA", "name": name, "sample": True} | more
    return commands.found_organisation(actor=actor, **given)


def as_(someone: Person | None, language: str = "en") -> Client:
    client = Client(headers={"host": "localhost"})
    client.cookies["madang-language"] = language  # a person's own language counts where no cookie says another
    if someone is not None:
        client.force_login(someone)
    return client


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[-2000:]
    shown = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(shown.replace("&#x27;", "'").split())


def link_in_mail() -> str:
    mail.deliver_due()
    found = re.search(r"/invitations/organisations/[\w-]+", sent_mail.outbox[-1].body)
    assert found
    return found[0]


@pytest.fixture
def manager() -> Person:
    return verified("aram")


@pytest.fixture
def city(manager: Person) -> Organisation:
    return founded(by=manager)


# --- Everything has its entry -----------------------------------------------------------------------------------------


def test_every_command_of_the_room_has_its_words_in_a_history() -> None:
    assert {name for name in COMMANDS if name.startswith("directory.")} == set(HAPPENED)


# --- Founding ---------------------------------------------------------------------------------------------------------

FORM = {"name": "City of Baram", "country": "XA", "kind": "city"}


def test_the_empty_list_shows_the_ways_in(manager: Person) -> None:
    seen = text(as_(manager).get("/organisations"))
    assert "You belong to no organisation yet" in seen
    assert "아직 소속된 기관이 없습니다" in text(as_(manager, "ko").get("/organisations"))
    assert as_(None).get("/organisations").status_code == 302


def test_an_organisation_is_registered_and_has_its_page(manager: Person) -> None:
    client = as_(manager)
    given = FORM | {"name_ko": "바람시", "scheme": "kr-brn", "number": "120-81-47521", "domain": "baram.example"}
    answer = client.post("/organisations/new", given)
    assert answer.status_code == 303
    made = Organisation.objects.get()
    assert answer["location"] == f"/organisations/{made.uid}"
    seen = text(client.get(answer["location"]))
    for words in ("City of Baram", "바람시", "120-81-47521", "baram.example not confirmed yet", "Registered by Aram"):
        assert words in seen
    assert "City of Baram" in text(client.get("/organisations"))


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(manager: Person) -> None:
    wrong = FORM | {"scheme": "kr-brn", "number": "123-45-67890"}
    for given, field in ((wrong | {"country": ""}, "country"), (wrong, "number")):
        answer = as_(manager).post("/organisations/new", given)
        text(answer, 422)
        html = answer.content.decode()
        assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', html)
        assert 'value="City of Baram"' in html
        assert 'value="123-45-67890"' in html
    assert not Organisation.objects.exists()


@pytest.mark.parametrize("wrong", ["\0", "\u202e", "x" * 1_000_000, "{{ 7*7 }}<script>", "=1+1"])
def test_strange_input_is_refused_or_shown_as_it_is_and_never_breaks(manager: Person, wrong: str) -> None:
    client = as_(manager)
    fields = ["name", "name_ko", "name_en", "kind", "country", "scheme", "number", "domain", "parent"]
    for field in fields:
        answer = client.post("/organisations/new", FORM | {field: wrong})
        assert answer.status_code in (303, 422), field
        assert b"<script>" not in client.get("/organisations").content.replace(b"<script src", b"")
    assert client.get("/organisations/similar", {"name": wrong, "country": wrong}).status_code == 200


def test_who_looks_alike_is_shown_before_a_second_entry_is_made(city: Organisation) -> None:
    stranger = as_(verified("baram"))
    fragment = text(stranger.get("/organisations/similar", {"name": "CITY OF ARAM", "country": "XA"}))
    assert "City of Aram" in fragment
    assert text(stranger.get("/organisations/similar", {"name": "City of Ara", "country": "XA"})) == ""
    answer = stranger.post("/organisations/new", FORM | {"name": "Сity of Aram"})  # a Cyrillic С
    assert "Is it one of these?" in text(answer, 422)
    assert Organisation.objects.count() == 1
    assert stranger.post("/organisations/new", FORM | {"name": "city of aram", "another": "yes"}).status_code == 303


def test_a_taken_number_is_not_said_whose_and_leads_to_asking(city: Organisation, manager: Person) -> None:
    commands.add_number(actor=OFFICE, organisation=city, scheme="kr-brn", number="1208147521")
    asker = verified("baram")
    client = as_(asker)
    answer = client.post("/organisations/new", FORM | {"scheme": "kr-brn", "number": "120-81-47521"})
    assert "City of Aram" not in text(answer, 422)
    found = re.search(r'href="(/organisations/ask\?offer=[^"]+)"', answer.content.decode())
    assert found
    assert "City of Aram" not in text(client.get(found[1]))
    token = found[1].partition("offer=")[2]
    assert client.post("/organisations/ask", {"offer": token, "note": "Planning"}).status_code == 303
    assert queries.open_requests(city).get().person == asker
    assert "Planning" in text(as_(manager).get(f"/organisations/{city.uid}"))


def test_an_offer_is_for_one_person_for_a_while_and_cannot_be_made_up(city: Organisation) -> None:
    mine, another = verified("baram"), verified("coram")
    address = offer(mine, city, named=True)
    assert as_(mine).get(address).status_code == 200
    assert as_(another).get(address).status_code == 404
    assert as_(mine).get(address + "x").status_code == 404
    for token in ("", "\0", "x" * 5000, city.uid):
        assert as_(mine).get("/organisations/ask", {"offer": token}).status_code == 404
        assert as_(mine).post("/organisations/ask", {"offer": token}).status_code == 404


# --- Whose page it is -------------------------------------------------------------------------------------------------


def pages(city: Organisation, colleague: Person) -> list[str]:
    domain = commands.claim_domain(actor=OFFICE, organisation=city, domain="aram.example")
    number = commands.add_number(actor=OFFICE, organisation=city, scheme="other", number="77")
    request = commands.ask_to_join(actor=actor_of(person("asker")), organisation=city)
    rest = [
        "edit", "numbers", f"numbers/{number.pk}/end", "domains", f"domains/{domain.pk}", f"domains/{domain.pk}/end",
        "invite", f"requests/{request.pk}", f"people/{colleague.uid}", f"people/{colleague.uid}/end",
    ]  # fmt: skip
    return [f"/organisations/{city.uid}/{one}" for one in rest]


def test_another_organisation_is_not_found_and_members_change_nothing(city: Organisation, manager: Person) -> None:
    member, stranger, officer = verified("baram"), verified("coram"), verified("officer", role="officer")
    belongs(city, member, "fill")
    own = f"/organisations/{city.uid}"
    for someone, status in ((stranger, 404), (member, 200), (officer, 200), (manager, 200), (None, 302)):
        assert as_(someone).get(own).status_code == status
        hand_over = as_(someone).get(f"{own}/hand-over").status_code
        assert hand_over == (404 if someone in (stranger, officer) else status)
    for address in pages(city, manager):
        for someone, status in ((stranger, 404), (member, 404), (officer, 404), (manager, 200), (None, 302)):
            assert as_(someone).get(address).status_code == status, (address, someone)
            if status != 200:
                assert as_(someone).post(address, {"act": "send", "answer": "yes"}).status_code == status
    assert as_(stranger).post(f"{own}/people/{manager.uid}/end").status_code == 404
    assert [a.person for a in queries.people_of(city)] == [manager, member]


def test_ids_of_another_organisation_are_not_found_here(city: Organisation, manager: Person) -> None:
    owner = verified("baram")
    other = founded("City of Baram", by=owner, numbers=[("other", "5")], claimed_domains=["b.example"])
    invitation = commands.invite_person(actor=actor_of(owner), organisation=other, email="x@example.org", duties=[])
    client, own = as_(manager), f"/organisations/{city.uid}"
    stranger = queries.people_of(other)[0].person.uid
    for address in (
        f"{own}/numbers/{other.numbers.get().pk}/end", f"{own}/domains/{other.domains.get().pk}",
        f"{own}/domains/{other.domains.get().pk}/end", f"{own}/people/{stranger}", f"{own}/people/{stranger}/end",
        f"{own}/invitations/{invitation.pk}/revoke", f"{own}/requests/99999999999999999999999",
    ):  # fmt: skip
        assert client.post(address).status_code == 404, address


def test_addresses_of_colleagues_are_for_managers(city: Organisation, manager: Person) -> None:
    member = verified("baram")
    belongs(city, member)
    own = f"/organisations/{city.uid}"
    assert "aram@example.org" not in text(as_(member).get(own))
    assert "baram@example.org" in text(as_(manager).get(own))


# --- Letting in -------------------------------------------------------------------------------------------------------


def test_who_is_invited_comes_back_after_signing_in_and_accepts_once(city: Organisation, manager: Person) -> None:
    answer = as_(manager).post(f"/organisations/{city.uid}/invite", {"email": "baram@example.org", "duties": ["fill"]})
    assert answer.status_code == 303
    link = link_in_mail()
    visitor = as_(None)
    seen = visitor.get(link)
    assert "City of Aram" in text(seen)
    assert "baram@example.org" not in text(seen)
    assert f'href="{reverse("account_signup")}?next={link}"' in seen.content.decode()
    assert visitor.post(link)["location"] == f"{reverse('account_login')}?next={link}"
    invited = verified("baram")
    client = as_(invited)
    assert "Accept the invitation" in text(client.get(link))
    assert client.post(link)["location"] == f"/organisations/{city.uid}"
    assert "accepted already" in text(client.get(link), 410)
    assert "accepted already" in text(client.post(link), 410)


def test_a_link_is_worth_nothing_to_others_when_old_or_made_up(city: Organisation, manager: Person) -> None:
    commands.invite_person(actor=actor_of(manager), organisation=city, email="baram@example.org", duties=["manage"])
    link = link_in_mail()
    thief = as_(verified("coram"))
    assert "b…@example.org" in text(thief.get(link))
    assert "b…@example.org" in text(thief.post(link), 422)
    assert thief.get(link + "x").status_code == 404
    assert thief.post("/invitations/organisations/x").status_code == 404
    with clock.at(clock.now() + dt.timedelta(days=15)):
        assert "run out" in text(as_(None).get(link), 410)
    assert queries.people_of(city).count() == 1


def test_duties_are_what_the_form_offers_and_nothing_else(city: Organisation, manager: Person) -> None:
    colleague = verified("baram")
    belongs(city, colleague)
    client, address = as_(manager), f"/organisations/{city.uid}/people/{colleague.uid}"
    sent = {"duties": ["fill"], "post": "Officer", "person": str(manager.pk), "is_sample": "", "joined_by": "founded"}
    assert client.post(address, sent).status_code == 303
    standing = Affiliation.objects.get(person=colleague)
    assert (standing.duties, standing.post, standing.organisation) == (["fill"], "Officer", city)
    text(client.post(address, {"duties": ["fill", "administrator"]}), 422)
    own = f"/organisations/{city.uid}/people/{manager.uid}"
    assert "Nobody else manages" in text(client.post(own, {"duties": ["fill"]}), 422)
    assert "Nobody else manages" in text(client.post(f"{own}/end"), 422)


def test_a_domain_is_confirmed_and_a_colleague_joins_by_it(city: Organisation, manager: Person) -> None:
    client = as_(manager)
    answer = client.post(f"/organisations/{city.uid}/domains", {"domain": "aram.example"})
    page = answer["location"]
    assert "not a mail domain" not in text(client.get(page))
    assert client.post(page, {"act": "send", "mailbox": "info"}).status_code == 303
    mail.deliver_due()
    assert sent_mail.outbox[-1].to == ["info@aram.example"]
    code = re.search(r"^ +(\w{4}-\w{4})$", sent_mail.outbox[-1].body, re.MULTILINE)
    assert code
    assert "4 more tries" in text(client.post(page, {"act": "verify", "code": "AAAA-AAAA"}), 422)
    assert client.post(page, {"act": "verify", "code": code[1]}).status_code == 303
    colleague = as_(verified("baram", "baram@aram.example"))
    assert "You can join by your mail address" in text(colleague.get("/organisations"))
    assert colleague.post(f"/organisations/{city.uid}/join").status_code == 303
    assert as_(verified("coram")).post(f"/organisations/{city.uid}/join").status_code == 404


def test_a_number_whose_check_digit_does_not_fit_needs_the_certificate(city: Organisation, manager: Person) -> None:
    client, address = as_(manager), f"/organisations/{city.uid}/numbers"
    given = {"scheme": "kr-crn", "number": "110111-0062431"}
    answer = client.post(address, given)
    text(answer, 422)
    assert 'id="sure"' in answer.content.decode()
    assert client.post(address, given | {"sure": "yes"}).status_code == 303
    assert "110111-0062431" in text(client.get(address))


# --- Handing over -----------------------------------------------------------------------------------------------------


def test_handing_over_is_looked_at_before_it_happens(city: Organisation, manager: Person) -> None:
    colleague = verified("baram")
    belongs(city, colleague)
    client, address = as_(manager), f"/organisations/{city.uid}/hand-over"
    text(client.post(address), 422)
    given = {"taker": colleague.uid, "reason": "New post"}
    assert "Hand over now" in text(client.post(address, given | {"step": "look"}))
    assert len(queries.managers_of(city)) == 1
    answer = client.post(address, given | {"step": "confirm"})
    assert (answer.status_code, answer["location"]) == (303, "/organisations")
    assert [a.person for a in queries.people_of(city)] == [colleague]
    assert "Handed over" in text(as_(colleague).get(f"/organisations/{city.uid}"))


def test_a_manager_hands_over_for_a_colleague_and_members_only_for_themselves(
    city: Organisation, manager: Person
) -> None:
    one, two = verified("baram"), verified("coram")
    belongs(city, one, "file")
    belongs(city, two)
    address = f"/organisations/{city.uid}/hand-over"
    given = {"from": one.uid, "taker": two.uid, "reason": "Left", "step": "confirm"}
    assert as_(two).post(address, given).status_code == 404
    assert as_(manager).post(address, given).status_code == 303
    assert {a.person: a.duties for a in queries.people_of(city)}[two] == ["file"]


def test_only_administrators_see_and_pass_on_roles(city: Organisation, manager: Person) -> None:
    officer, admin, taker = (
        verified("officer", role="officer"),
        verified("root", role="administrator"),
        verified("baram"),
    )
    belongs(city, officer)
    belongs(city, taker)
    [grant] = officer.held
    address, given = f"/organisations/{city.uid}/hand-over", {"from": officer.uid, "taker": taker.uid, "reason": "x"}
    assert "Programme officer" not in text(as_(manager).get(f"{address}?from={officer.uid}"))
    assert "Programme officer" in text(as_(admin).get(f"{address}?from={officer.uid}"))
    as_(manager).post(address, given | {"step": "confirm", "stays": "yes", "roles": [str(grant.pk)]})
    assert Person.objects.get(pk=officer.pk).holds("officer")
    as_(admin).post(address, given | {"step": "confirm", "roles": [str(grant.pk)]})
    assert not Person.objects.get(pk=officer.pk).holds("officer")
    assert Person.objects.get(pk=taker.pk).holds("officer")


# --- The office -------------------------------------------------------------------------------------------------------


def test_the_office_lists_filters_and_takes_along(city: Organisation) -> None:
    founded("=HYPERLINK(1)", kind="company", country="XB")
    officer = as_(verified("officer", role="officer"))
    assert "2 organisations" in text(officer.get("/office/organisations"))
    assert "1 organisation " in text(
        officer.get("/office/organisations", {"q": "aram", "kind": "city", "country": "XA"})
    )
    assert "No organisation fits" in text(officer.get("/office/organisations", {"q": "\0zeppelin"}))
    file = officer.get("/office/organisations", {"format": "csv", "kind": "company"})
    [head, row] = csv.reader(io.StringIO(file.content.decode("utf-8-sig")))
    assert row[0] == "'=HYPERLINK(1)"
    assert len(head) == len(row)
    assert officer.get("/office/organisations?format=xlsx").content.startswith(b"PK")
    assert officer.get("/office/organisations?format=exe").status_code == 400
    for address in ("", "/duplicates", "/merges", "/merge"):
        assert as_(verified(f"p{len(address)}")).get(f"/office/organisations{address}").status_code == 404


def test_one_organisation_or_many_cost_the_office_the_same_statements(city: Organisation) -> None:
    officer = as_(verified("officer", role="officer"))

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            officer.get("/office/organisations")
        return len(seen)

    commands.add_number(actor=OFFICE, organisation=city, scheme="other", number="777")
    statements()  # the first one also writes the session down
    few = statements()
    for n in range(30):
        founded(f"City {n}", numbers=[("other", str(n))], claimed_domains=[f"c{n}.example"])
    assert statements() == few


def test_duplicates_are_compared_merged_and_parted_again(city: Organisation, manager: Person) -> None:
    second = founded("CITY OF ARAM", by=verified("baram"))
    officer, secretariat = as_(verified("officer", role="officer")), as_(verified("sec", role="secretariat"))
    assert "The names look the same" in text(secretariat.get("/office/organisations/duplicates"))
    pair = {"kept": city.uid, "absorbed": second.uid}
    assert secretariat.get("/office/organisations/merge", pair).status_code == 404
    assert secretariat.post("/office/organisations/merge", pair | {"reason": "x"}).status_code == 404
    assert "Baram: Manages" in text(officer.get("/office/organisations/merge", pair))
    assert "how you know" in text(officer.post("/office/organisations/merge", pair), 422)
    assert officer.post("/office/organisations/merge", pair | {"reason": "Telephone"}).status_code == 303
    baram = as_(Person.objects.get(email="baram@example.org"))
    assert baram.get(f"/organisations/{second.uid}")["location"] == f"/organisations/{city.uid}"
    assert as_(verified("coram")).get(f"/organisations/{second.uid}").status_code == 404
    assert "Telephone" in text(officer.get("/office/organisations/merges"))
    undo = f"/office/organisations/merges/{Merge.objects.get().pk}/undo"
    assert secretariat.post(undo).status_code == 404
    assert "1 person goes back" in text(officer.get(undo))
    assert officer.post(undo).status_code == 303
    assert "Undone" in text(officer.get("/office/organisations/merges"))
    assert officer.get(undo).status_code == 404
    assert officer.get("/office/organisations/merge", {"kept": "\0", "absorbed": second.uid}).status_code == 404


def test_reading_writes_nothing(city: Organisation, manager: Person) -> None:
    addresses = ["/organisations", "/organisations/new", f"/organisations/{city.uid}", *pages(city, manager)]
    rows = JournalEntry.objects.count()
    for address in addresses:
        assert as_(manager).get(address).status_code == 200
    assert JournalEntry.objects.count() == rows


# --- In a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture
def open_as(chromium: Any, live_server: Any, visit: Callable[..., Any]) -> Callable[..., Any]:
    """open_as(person, path, ...) opens a page as `visit` does, signed in."""

    def opened(someone: Person, path: str, **more: Any) -> Any:
        client = Client()
        client.force_login(someone)
        cookie = {
            "name": "madang-session", "value": client.cookies["madang-session"].value, "domain": "localhost",
            "path": "/", "expires": -1, "httpOnly": True, "secure": False, "sameSite": "Lax",
        }  # fmt: skip
        return visit(path, storage_state={"cookies": [cookie], "origins": []}, **more)

    return opened


def everything(manager: Person) -> tuple[Organisation, list[str]]:
    """A city with people, numbers, domains, an invitation, a request and a look-alike; and every page about it."""
    city = founded(
        "Metropolitan City of Aram", by=manager, names={"ko": "아람광역시"}, numbers=[("kr-brn", "120-81-47521")],
        claimed_domains=["aram.example"],
    )  # fmt: skip
    belongs(city, verified("baram"), "fill", "file")
    belongs(city, verified("coram"))
    commands.invite_person(actor=actor_of(manager), organisation=city, email="daram@example.org", duties=["fill"])
    commands.ask_to_join(actor=actor_of(verified("eram")), organisation=city, note="Urban planning division")
    colleague = Person.objects.get(email="baram@example.org")
    own = f"/organisations/{city.uid}"
    rest = [
        "", "/edit", "/numbers", "/domains", f"/domains/{city.domains.get().pk}", "/invite", "/hand-over",
        f"/people/{colleague.uid}", f"/people/{manager.uid}/end", f"/requests/{city.join_requests.get().pk}",
    ]  # fmt: skip
    return city, ["/organisations", "/organisations/new", *(own + one for one in rest), link_in_mail_to("daram")]


def link_in_mail_to(name: str) -> str:
    mail.deliver_due()
    body = next(one.body for one in reversed(sent_mail.outbox) if one.to == [f"{name}@example.org"])
    found = re.search(r"/invitations/organisations/[\w-]+", body)
    assert found
    return found[0]


def office_pages(city: Organisation) -> list[str]:
    second = founded("METROPOLITAN CITY OF ARAM", by=verified("garam"))
    third = founded("Aram City Hall")
    commands.merge_organisations(actor=OFFICE, kept=city, absorbed=third, reason="Confirmed by telephone")
    pair = f"kept={city.uid}&absorbed={second.uid}"
    rest = ["", "?q=zeppelin", "/duplicates", f"/merge?{pair}", "/merges", f"/merges/{Merge.objects.get().pk}/undo"]
    return [f"/office/organisations{one}" for one in rest]


@pytest.mark.browser
@pytest.mark.parametrize(("language", "mode"), [("ko", "light"), ("en", "high-contrast")])
def test_pages_meet_wcag_aa_and_fit_every_width(
    open_as: Callable[..., Any], axe: Any, language: str, mode: str
) -> None:
    manager, officer = verified("aram"), verified("officer", role="officer")
    city, own = everything(manager)
    for someone, addresses in ((verified("haram"), ["/organisations"]), (manager, own), (officer, office_pages(city))):
        page = open_as(someone, addresses[0], language=language, mode=mode)
        for address in addresses:
            page.goto(address_of(page, address))
            assert axe(page) == [], address
            for width in (1440, 390, 360):
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
            page.set_viewport_size({"width": 1440, "height": 900})
        page.context.close()


def address_of(page: Any, path: str) -> str:
    return "/".join(page.url.split("/")[:3]) + path


@pytest.mark.browser
def test_a_company_is_registered_and_a_colleague_invited(open_as: Callable[..., Any]) -> None:
    """Korean, on a desktop: the look-alike appears while one types; then the page, and the invitation."""
    founded("한빛 모빌리티", kind="company")
    page = open_as(verified("aram"), "/organisations", language="ko")
    page.get_by_role("link", name="기관 등록").click()
    page.get_by_label("국가").select_option("XA")
    page.get_by_label("기관명", exact=True).press_sequentially("㈜한빛모빌리티")
    page.locator("#alike strong", has_text="한빛 모빌리티").wait_for()
    page.get_by_label("기관명", exact=True).fill("바람 교통")
    page.locator("#alike .m-alert").wait_for(state="detached")
    page.locator("#kind").select_option("company")
    page.get_by_role("button", name="기관 등록하기").click()
    page.wait_for_url("**/organisations/*")
    assert page.locator("h1").inner_text() == "바람 교통"
    page.get_by_role("link", name="동료 초대").first.click()
    page.get_by_label("전자우편 주소").fill("baram@example.org")
    page.get_by_role("button", name="초대 보내기").click()
    page.get_by_text("baram@example.org 주소로 초대를 보냈습니다.").wait_for()


@pytest.mark.browser
def test_duties_pass_on_by_keyboard_on_a_phone_without_script(open_as: Callable[..., Any]) -> None:
    manager = verified("aram")
    city = founded(by=manager)
    belongs(city, verified("baram"), "fill")
    page = open_as(manager, f"/organisations/{city.uid}", language="en", width=390, script=False)
    page.get_by_role("link", name="Hand over").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/hand-over")
    choice = page.get_by_role("radio", name="Baram")
    assert choice.bounding_box()["width"] >= 20  # KRDS hides the browser's own
    choice.focus()
    page.keyboard.press("Space")
    page.get_by_label("Why").focus()
    page.keyboard.type("New post from March")
    page.get_by_role("button", name="Look at what passes on").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Hand over now").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/organisations")
    page.get_by_text("Handed over to Baram.").wait_for()


@pytest.mark.browser
def test_the_office_merges_two_entries_and_parts_them(open_as: Callable[..., Any]) -> None:
    founded(by=verified("aram"))
    founded("CITY OF ARAM", by=verified("baram"))
    page = open_as(verified("officer", role="officer"), "/office/organisations", language="en")
    page.get_by_role("link", name="Possible duplicates").click()
    page.get_by_role("link", name="Keep the first").click()
    page.get_by_label("How you know that they are one").fill("Confirmed by telephone")
    page.get_by_role("button", name="Merge").click()
    page.wait_for_url("**/merges")
    page.get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Undo the merge").click()
    page.get_by_text("is an organisation of its own again").wait_for()
    assert not Organisation.objects.filter(merged_into__isnull=False).exists()


def test_founding_leads_back_to_where_an_organisation_was_needed(manager: Person) -> None:
    client, way = as_(manager), "/calls/a-call/apply"
    assert (
        f'href="/organisations/new?next={way.replace("/", "%2F")}"'
        in client.get("/organisations", {"next": way}).content.decode()
    )
    assert client.post(f"/organisations/new?next={way}", FORM)["location"] == way
    for evil in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        answer = client.post(f"/organisations/new?next={evil}", FORM | {"another": "yes"})
        assert answer["location"].startswith("/organisations/"), evil
        assert b"/organisations/new?next" not in client.get("/organisations", {"next": evil}).content
