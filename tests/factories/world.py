"""A whole small world for walking the permissions: every persona, and every thing in each of its states.

Addresses take their parameters by name: those of the thing in the state that is walked, else those of the route.
"""

import datetime as dt
import io
import re
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from django.urls import get_resolver

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.applications.commands import (
    accept_invitation,
    admit_late,
    ask_export,
    ask_for_paper,
    ask_late_admission,
    ask_supplement,
    attach_file,
    discard_draft,
    enter_paper_answer,
    file_draft,
    hand_over_paper,
    invite_colleague,
    make_export,
    propose_late_admission,
    refuse_late_admission,
    revise_filed,
    revoke_paper_request,
    save_entries,
    start_draft,
    start_upload,
    withdraw_application,
)
from madang.apps.applications.models import Dossier, Draft, PaperRequest, ReceivedFile
from madang.apps.calls.commands import (
    alert_token,
    approve_definition,
    publish_draft,
    save_alert,
    start_definition_draft,
    submit_definition,
)
from madang.apps.calls.models import Call
from madang.apps.decisions.commands import seal_decision
from madang.apps.directory import commands as directory
from madang.apps.directory.models import Organisation
from madang.apps.enquiries.commands import close
from madang.apps.outbox.commands import write_batch
from madang.apps.review import commands as review
from madang.apps.review.commands import enter_letter, finish_press_report, start_press_report
from madang.kernel import clock, keyring, outages
from madang.kernel.actors import OFFICE
from madang.kernel.mail import OutgoingMail, Reader, post, stop_address
from madang.web.access import PERSONAS
from tests.factories.calls import definition_text, published
from tests.factories.decisions import record_text
from tests.factories.enquiries import asked, call_with_desks, planned
from tests.factories.imports import bundle, handed_in, taken_in
from tests.factories.people import belongs, organisation, person
from tests.factories.supplements import in_a_batch

PROGRAMME = "sample-programme"

ROLES = {
    "officer": {"role": "officer"},
    "approver": {"role": "officer"},
    "secretariat": {"role": "secretariat", "programme": PROGRAMME, "secretariat": "north"},
    "other_secretariat": {"role": "secretariat", "programme": "another-programme"},
    "opinion_desk": {"role": "opinion_desk"},
    "evaluator": {"role": "evaluator"},
    "decision_maker": {"role": "decision_maker"},
    "auditor": {"role": "auditor"},
    "administrator": {"role": "administrator"},
}

DOCUMENT = "documents:\n  - {id: plan, formats: [pdf], label: {en: Plan, ko: 계획서}}\n"
PDF = b"%PDF-1.7\n%%EOF\n"

TRACKS = {
    "filed": "plan", "revising": "plan", "withdrawn": "plan", "writing": "plan", "discarded": "trial", "closed": "plan"
}  # fmt: skip
"""Of the drafts: an organisation writes one of a type at a time, so those that are filed come first."""

Parameters = dict[str, Any]


@dataclass
class World:
    people: dict[str, Person]
    #: thing -> state -> the parameters of addresses about it
    things: dict[str, dict[str, Parameters]] = field(default_factory=dict)
    #: route -> parameters that only this address has
    routes: dict[str, Parameters] = field(default_factory=dict)

    def client(self, persona: str) -> Client:
        client = Client(headers={"host": "localhost", "accept-language": "en"})
        if persona != "visitor":
            client.force_login(self.people[persona])
        return client

    def states(self, thing: str) -> list[str]:
        return list(self.things[thing]) if thing else [""]

    def parameters(self, route: str, thing: str, state: str) -> Parameters:
        """Of all that is known, what this address takes."""
        known = {**self.routes.get(route, {}), **(self.things[thing][state] if thing else {})}
        space, _, name = route.rpartition(":")
        resolver: Any = get_resolver()
        for one in space.split(":") if space else ():
            resolver = resolver.namespace_dict[one][1]
        wanted = {parameter for pattern in resolver.reverse_dict.getlist(name) for parameter in pattern[0][0][1]}
        return {parameter: known[parameter] for parameter in wanted}


def build() -> World:
    world = World({name: person(f"walk-{name}", **ROLES.get(name, {})) for name in PERSONAS if name != "visitor"})
    _fixed(world)
    _calls(world)
    _organisations(world)
    _enquiries(world)
    _drafts(world)
    _paper_links(world)
    _alerts(world)
    _definitions(world)
    _mails(world)
    _late(world)
    _supplements(world)
    _press(world)
    _desk(world)
    _imports(world)
    return world


def _fixed(world: World) -> None:
    world.things["text"] = {"": {"kind": "terms"}}
    world.things["passkey"] = {"": {"pk": 1}}
    world.things["issuer"] = {"": {"provider_id": "sso"}}
    world.things["person"] = {"": {"uid": world.people["stranger"].uid}}
    keyring.publish(dt.date(2022, 1, 1))
    world.routes["public:core-kind"] = {"name": "ranking"}
    world.routes["public:core-file"] = {"name": "ranking", "file": "ranking.json"}
    world.routes["public:statistics-file"] = {"form": "csv"}
    world.routes["public:result-paper"] = {"name": "record.json"}


def _calls(world: World) -> None:
    soon = published("walk-soon", opens="2099-01-01", closes="2099-02-01 18:00")
    closed, decided = published("walk-closed"), published("walk-decided")
    seal_decision(
        actor=OFFICE,
        call=decided,
        record_text=record_text(text=decided.versions.get().text),
        report=b"<!DOCTYPE html><p>report</p>",
        workbook=b"PK workbook",
    )
    calls = {
        "published": soon,
        "open": call_with_desks(more=DOCUMENT),
        "closed": closed,
        "decided": Call.objects.get(pk=decided.pk),
    }
    world.things["call"] = {state: {"slug": call.slug} for state, call in calls.items()}
    world.things["decided"] = {"": {"slug": decided.slug, "number": 1}}


def _organisations(world: World) -> None:
    people = world.people
    aram = directory.found_organisation(
        actor=OFFICE, kind="city", country="XA", name="City of Aram", sample=True, numbers=(("other", "A-1"),)
    )
    belongs(aram, people["manager"], "manage")
    belongs(aram, people["member"])
    uid = {"uid": aram.uid}
    world.things["organisation"] = {"": uid}
    world.things["organisation_number"] = {"": uid | {"pk": aram.numbers.get().pk}}
    domain = directory.claim_domain(actor=OFFICE, organisation=aram, domain="aram.example")
    world.things["organisation_domain"] = {"": uid | {"pk": domain.pk}}
    world.things["organisation_person"] = {"": uid | {"person": people["member"].uid}}
    invited = directory.invite_person(
        actor=actor_of(people["manager"]), organisation=aram, email="new@example.org", duties=["fill"]
    )
    world.things["organisation_invitation"] = {"": uid | {"pk": invited.pk}}
    token = _link_to("new@example.org", "/invitations/organisations/")
    world.things["organisation_invitation_token"] = {"": {"token": token}}
    asking = directory.ask_to_join(actor=actor_of(people["stranger"]), organisation=aram)
    world.things["organisation_request"] = {"": uid | {"pk": asking.pk}}
    world.things["merge"] = {"": _merged(aram)}


def _merged(aram: Organisation) -> Parameters:
    twin = organisation("City of Aram (again)")
    return {"pk": directory.merge_organisations(actor=OFFICE, kept=aram, absorbed=twin, reason="the same").pk}


def _enquiries(world: World) -> None:
    call = Call.objects.get(slug=world.things["call"]["open"]["slug"])
    filer = world.people["filer"]
    waiting, closed = asked(call, filer, track="plan"), asked(call, filer, "And by post?", track="plan")
    close(actor=OFFICE, enquiry=closed, reason="answered in the notice")
    world.things["enquiry"] = {"asked": {"uid": waiting.uid}, "closed": {"uid": closed.uid}}
    briefing = planned(call)
    world.things["briefing"] = {"": {"slug": call.slug, "uid": briefing.uid}}


def _drafts(world: World) -> None:
    """Of one organisation: those that are filed, one that is written, one discarded, and one whose call has closed."""
    filer, filler = world.people["filer"], world.people["filler"]
    aram = Organisation.objects.get(uid=world.things["organisation"][""]["uid"])
    starting = belongs(aram, filer, "file", "fill")
    calls = world.things["call"]
    when = dict.fromkeys(TRACKS, clock.now()) | {"closed": dt.datetime(2022, 1, 10, tzinfo=dt.UTC)}
    drafts = {}
    for state, moment in when.items():
        call = Call.objects.get(slug=calls["closed" if state == "closed" else "open"]["slug"])
        with clock.at(moment):
            draft = drafts[state] = start_draft(
                actor=actor_of(filer), call=call, organisation=aram, track=TRACKS[state], language="en"
            )
            invite_colleague(actor=actor_of(filer), draft=draft, email=filler.email, may_file=False)
            accept_invitation(actor=actor_of(filler), token=_link_to(filler.email, "/invitations/drafts/"))
        if state in ("filed", "revising", "withdrawn"):
            _filed(filer, draft)
    later = {"": _invited(filer, drafts["writing"], "1"), "discarded": _invited(filer, drafts["discarded"], "2")}
    world.things["draft_invitation"] = {state: {"token": token} for state, token in later.items()}
    discard_draft(actor=actor_of(filer), draft=drafts["discarded"])
    directory.end_affiliation(actor=OFFICE, affiliation=starting)  # what they may in drafts hangs on the drafts alone
    world.things["draft"] = {state: {"uid": draft.uid} for state, draft in drafts.items()}
    world.routes["applicant:step"] = {"step": "project"}
    writing = drafts["writing"]
    file = attach_file(
        actor=actor_of(filer), draft=writing, key="documents.plan", name="plan.pdf", content=io.BytesIO(PDF)
    )
    world.things["draft_file"] = {"": {"uid": writing.uid, "file": file.uid}}
    upload = start_upload(actor=actor_of(filer), draft=writing, key="documents.plan", name="plan.pdf", size=9)
    world.things["draft_upload"] = {"": {"uid": writing.uid, "upload": upload.uid}}
    revise_filed(actor=actor_of(filer), draft=drafts["revising"])
    withdraw_application(actor=actor_of(filer), draft=drafts["withdrawn"])
    world.things["draft_receipt"] = {"": {"uid": drafts["filed"].uid, "revision": 1, "name": "receipt"}}
    drafts["filed"].refresh_from_db()
    world.things["receipt"] = {"": {"number": f"{drafts['filed'].number}-1"}}
    world.things["dossier"] = {"": {"uid": Dossier.objects.get(reference=drafts["filed"].number).uid}}
    world.routes["office:review-proof"] = {"pk": 1}
    world.routes["office:review-undo"] = {"name": "nothing"}


def _filed(filer: Person, draft: Draft) -> None:
    """Everything that the call asks for, and the press."""
    actor = actor_of(filer)
    save_entries(actor=actor, draft=draft, changes={"requested": "100"}, base={})
    attach_file(actor=actor, draft=draft, key="documents.plan", name="plan.pdf", content=io.BytesIO(PDF))
    draft.refresh_from_db()
    file_draft(actor=actor, draft=draft, seen_revision=draft.revision, arrived_at=clock.now())


def _invited(by: Person, draft: Draft, name: str) -> str:
    """The token of an invitation that nobody has taken up yet."""
    invite_colleague(actor=actor_of(by), draft=draft, email=f"later-{name}@example.org", may_file=False)
    return _link_to(f"later-{name}@example.org", "/invitations/drafts/")


def _definitions(world: World) -> None:
    """Of a new call: one that is written, one that waits for approval, and one that was published."""
    writer, approver = actor_of(world.people["officer"]), actor_of(world.people["approver"])
    drafts = {}
    for state in ("writing", "submitted", "published"):
        text = definition_text(f"walk-definition-{state}", opens="2099-01-01", closes="2099-02-01 18:00")
        draft = drafts[state] = start_definition_draft(actor=writer, start="text", text=text, sample=True)
        if state != "writing":
            submit_definition(actor=writer, draft=draft, seen_revision=1)
        if state == "published":
            approve_definition(actor=approver, draft=draft, seen_revision=1)
            publish_draft(actor=approver, draft=draft, seen_revision=1)
    world.things["definition"] = {state: {"uid": draft.uid} for state, draft in drafts.items()}
    world.routes["office:definition-part"] = {"at": "schedule"}
    world.routes["office:definition-act"] = {"act": "remove"}


def _late(world: World) -> None:
    """Of a call that has just closed while we were out of order: one request in each state, proposed by a colleague."""
    filer, moment = world.people["filer"], clock.now()
    colleague, second = (actor_of(person(f"walk-{name}", role="officer")) for name in ("colleague", "second"))
    closes = dt.datetime(2022, 2, 4, 18, tzinfo=dt.timezone(dt.timedelta(hours=9)))
    call = call_with_desks("walk-late", opens="2022-01-03", closes=f"{closes:%Y-%m-%d %H:%M}")
    aram = Organisation.objects.get(uid=world.things["organisation"][""]["uid"])
    starting = belongs(aram, filer, "file", "fill")
    states = ("asked", "proposed", "admitted", "refused")
    drafts = []
    for _ in states:
        with clock.at(closes - dt.timedelta(days=3)):
            drafts.append(start_draft(actor=actor_of(filer), call=call, organisation=aram, track="plan", language="en"))
            save_entries(actor=actor_of(filer), draft=drafts[-1], changes={"requested": "1"}, base={})
    directory.end_affiliation(actor=OFFICE, affiliation=starting)
    began, ended = closes - dt.timedelta(hours=2), closes - dt.timedelta(hours=1)
    outage = outages.enter_outage(actor=OFFICE, began_at=began, ended_at=ended, reason="The line was cut.")
    world.things["late_admission"] = {}
    for state, draft in zip(states, drafts, strict=True):
        asked_ = ask_late_admission(actor=actor_of(filer), draft=draft, reason="The page did not come.")
        world.things["late_admission"][state] = {"uid": asked_.uid}
        until = moment + dt.timedelta(days=1)
        if state in ("proposed", "admitted"):
            propose_late_admission(
                actor=colleague, admission=asked_, outage=outage.uid, reason="Our line was cut.", until=until
            )
        if state == "admitted":
            admit_late(actor=second, admission=asked_)
        if state == "refused":
            refuse_late_admission(actor=colleague, admission=asked_, reason="The outage was over by then.")


REVIEW = """\
review:
  - {id: papers, label: {en: Papers, ko: 서류}, correction: {days: 5, clock: {days: 5, rolls: none}}}
"""


def _supplements(world: World) -> None:
    """Of a call that has closed: one asked of an application that was filed here, one answered on paper."""
    filer, filler, desk = (world.people[name] for name in ("filer", "filler", "secretariat"))
    call = call_with_desks("walk-supplement", opens="2022-01-03", closes="2022-02-04 18:00", more=REVIEW)
    aram = Organisation.objects.get(uid=world.things["organisation"][""]["uid"])
    starting = belongs(aram, filer, "file", "fill")
    with clock.at(dt.datetime(2022, 1, 10, tzinfo=dt.UTC)):
        draft = start_draft(actor=actor_of(filer), call=call, organisation=aram, track="plan", language="en")
        invite_colleague(actor=actor_of(filer), draft=draft, email=filler.email, may_file=False)
        accept_invitation(actor=actor_of(filler), token=_link_to(filler.email, "/invitations/drafts/"))
        save_entries(actor=actor_of(filer), draft=draft, changes={"requested": "100"}, base={})
        draft.refresh_from_db()
        file_draft(actor=actor_of(filer), draft=draft, seen_revision=draft.revision, arrived_at=clock.now())
    directory.end_affiliation(actor=OFFICE, affiliation=starting)
    draft.refresh_from_db()
    asked = {"things": {"review.papers": "incorrect", "requested": "incorrect"}, "reason": {"en": "Too much."}}
    dossier = Dossier.objects.get(reference=draft.number)
    supplement = ask_supplement(actor=actor_of(desk), dossier=dossier, **asked)
    world.things["supplement"] = {"": {"uid": supplement.uid}}
    world.things["draft_supplement"] = {"": {"uid": draft.uid}}
    on_paper = ask_supplement(actor=actor_of(desk), dossier=in_a_batch(call, "plan"), **asked)
    enter_paper_answer(
        actor=actor_of(desk),
        supplement=on_paper,
        note="A letter",
        arrived_on=clock.now().astimezone(dt.timezone(dt.timedelta(hours=9))).date(),
        name="letter.pdf",
        content=io.BytesIO(PDF),
    )
    world.things["supplement_scan"] = {"": {"uid": on_paper.uid}}
    letter = enter_letter(
        actor=actor_of(desk),
        dossier=dossier,
        direction="out",
        number="City-12",
        dated=dt.date(2022, 2, 7),
        counterpart="City of Aram",
        title="Request for a supplement",
        way="post",
        act="supplement",
        act_uid=supplement.uid,
        name="letter.pdf",
        content=io.BytesIO(PDF),
    )
    world.things["letter"] = {"": {"uid": letter.uid}}
    world.things["letters_call"] = {"": {"slug": call.slug}}


def _press(world: World) -> None:
    """Of the closed call: a report that is written, and one that is finished."""
    call = Call.objects.get(slug=world.things["call"]["closed"]["slug"])
    reports = {state: start_press_report(actor=OFFICE, call=call) for state in ("writing", "finished")}
    finish_press_report(actor=OFFICE, report=reports["finished"], seen=1)
    world.things["press_report"] = {state: {"uid": report.uid} for state, report in reports.items()}
    world.routes["office:press-file"] = {"name": "en.xlsx"}


def _alerts(world: World) -> None:
    alert = save_alert(actor=actor_of(world.people["member"]), person=world.people["member"], filters={"q": "city"})
    world.things["alert"] = {"": {"uid": alert.uid}}
    world.things["mail_stop_token"] = {
        "": {"token": stop_address("alerts", world.people["member"].uid).rpartition("/")[2]}
    }
    world.things["alert_token"] = {"": {"token": alert_token(alert)}}


def _mails(world: World) -> None:
    """About the open call: one mail that waits, and an announcement that is held."""
    call = Call.objects.get(slug=world.things["call"]["open"]["slug"])
    mail = post("notice", to="reader@example.org", language="en", context={"what": "password_set"}, about=call.slug)
    world.things["mail"] = {"": {"uid": mail.uid}}
    texts = {tag: {"subject": "Hall", "text": "Another hall."} for tag in ("en", "ko")}
    batch = write_batch(actor=OFFICE, call=call, texts=texts, readers=[Reader("reader@example.org", "en")])
    world.things["mail_batch"] = {"": {"uid": batch.uid}}
    world.routes["office:mail-act"] = {"act": "hold"}
    world.routes["office:mail-batch-act"] = {"act": "release"}


def _imports(world: World) -> None:
    """Of the open call, by the secretariat of its type: one import that waits to be confirmed, and one taken in."""
    call = Call.objects.get(slug=world.things["call"]["open"]["slug"])
    secretariat = actor_of(world.people["secretariat"])
    done = taken_in(call, bundle("W-1"), name="walk.zip", actor=secretariat)
    world.things["batch"] = {"": {"pk": done.batch_id}}
    world.things["received_file"] = {"": {"uid": ReceivedFile.objects.get().uid}}
    world.things["import"] = {"": {"uid": handed_in(call, bundle("W-2"), name="walk.zip", actor=secretariat).uid}}
    person_ = world.people["secretariat"]
    world.things["export"] = {"": {"uid": make_export(ask_export(actor=actor_of(person_), call=call, form="csv")).uid}}
    world.routes["office:import-act"] = {"act": "confirm"}
    world.routes["office:import-template"] = {"table": "applications"}


def _link_to(address: str, before: str) -> str:
    """The token in the newest mail to an address, as the mail will say it."""
    mail = OutgoingMail.objects.filter(to=address).latest("id")
    found = re.search(re.escape(before) + r"([\w-]+)", mail.words)
    assert found
    return found[1]


def _paper_links(world: World) -> None:
    """Links of two partners, each with a file that came by it: one that stands, and one that was ended."""
    filer, draft = world.people["filer"], Draft.objects.get(uid=world.things["draft"]["writing"]["uid"])
    world.things["paper_link"] = {state: _handed(filer, draft, state) for state in ("writing", "ended")}
    revoke_paper_request(actor=actor_of(filer), asked=PaperRequest.objects.get(partner="Ministry (ended)"))


def _handed(by: Person, draft: Draft, name: str) -> Parameters:
    """A link to a partner, and the file that came by it."""
    address = f"ministry-{name}@example.org"
    asked = ask_for_paper(
        actor=actor_of(by),
        draft=draft,
        keys=["documents.plan"],
        partner=f"Ministry ({name})",
        email=address,
        language="en",
    )
    file = hand_over_paper(asked=asked, key="documents.plan", name="letter.pdf", content=io.BytesIO(PDF))
    return {"token": _link_to(address, "/papers/"), "file": file.uid}


def _desk(world: World) -> None:
    """Of the secretariat of the filed application: a saved list, an assignment, a note; and the application's file."""
    actor = actor_of(world.people["secretariat"])
    dossier = Dossier.objects.get(uid=world.things["dossier"][""]["uid"])
    saved = review.save_list(actor=actor, call=dossier.call, name="Mine", query="")
    assignment = review.assign_officers(actor=actor, dossiers=[dossier.pk], officer=actor.person)
    assert assignment
    note = review.add_note(actor=actor, dossier=dossier, text="Ask for the map.")
    world.things["saved_list"] = {"": {"uid": saved.uid}}
    world.things["assignment"] = {"": {"uid": assignment.uid}}
    world.things["dossier_note"] = {"": {"uid": dossier.uid, "note": note.uid}}
    world.things["dossier_file"] = {"": {"uid": dossier.uid, "revision": 1, "number": 1}}
