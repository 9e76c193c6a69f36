"""What the pages about organisations share: whose page it is, refusals beside their fields, names in words."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core import signing
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.directory.enums import DUTY_NAMES, KIND_NAMES, SCHEME_NAMES, Duty
from madang.apps.directory.models import Affiliation, Organisation, RegistryNumber
from madang.apps.directory.queries import the_one_that_counts
from madang.apps.directory.rules import MANAGE_ORGANISATION, READ_ORGANISATION
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.permissions import may, visible_to
from madang.papers import classifications
from madang.web.public.call_view import reader
from madang.words import say

Context = dict[str, Any]

SHORT_DUTIES: Final = {
    Duty.MANAGE: pgettext_lazy("duty", "Manages"),
    Duty.FILE: pgettext_lazy("duty", "Files"),
    Duty.FILL: pgettext_lazy("duty", "Writes"),
    Duty.CONTACT: pgettext_lazy("duty", "Contact"),
}

FIELD_OF: Final = {
    "no_such_kind_of_organisation": "kind",
    "no_such_country": "country",
    "organisation_needs_name": "name",
    "organisation_name_too_long": "name",
    "name_has_hidden_characters": "name",
    "parent_of_another": "parent",
    "parent_in_a_circle": "parent",
    "no_such_register": "number",
    "not_a_register_number": "number",
    "register_number_length": "number",
    "register_number_check_digit": "number",
    "corporate_number_check_digit": "number",
    "lei_form": "number",
    "number_is_taken": "number",
    "not_a_domain": "domain",
    "domain_of_everybody": "domain",
    "domain_is_taken": "domain",
    "not_an_address": "email",
    "too_many_invitations": "email",
    "no_such_duty": "duties",
    "last_manager": "duties",
    "domain_code_wrong": "code",
    "domain_code_too_old": "code",
    "domain_code_tried_too_often": "code",
    "domain_code_just_sent": "email",
    "domain_codes_of_today": "email",
    "hand_over_to_another": "taker",
    "taker_must_belong": "taker",
    "hand_over_needs_reason": "reason",
    "merge_needs_reason": "reason",
    "line_too_long": "reason",
    "too_many_requests_to_join": "note",
}
"""The field that a refusal is about; what is not here stands in the summary only."""


@dataclass
class Faults:
    """What was refused, in words: all of it for the summary, and by field."""

    all: list[str] = field(default_factory=list)
    by: dict[str, str] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)

    def take(self, reasons: Iterable[Reason], **fields: str) -> "Faults":
        """Add reasons; `fields` names the field of a code where this page calls it otherwise."""
        for reason in reasons:
            sentence = say(reason, reader().language)
            self.codes.add(reason.code)
            if sentence not in self.all:
                self.all.append(sentence)
            if at := fields.get(reason.code) or FIELD_OF.get(reason.code):
                self.by.setdefault(at, sentence)
        return self


def me(request: HttpRequest) -> Person:
    """Who is signed in; views ask for `login_required` before."""
    assert isinstance(request.user, Person)
    return request.user


def acting(request: HttpRequest) -> Actor:
    return actor_of(me(request))


def found(request: HttpRequest, uid: str) -> Organisation:
    """The organisation of an address, or the one that it was merged into. 404 where it is not this reader's."""
    given = Organisation.objects.filter(uid=uid).first()
    if given is None:
        raise Http404("no such organisation")
    counts = the_one_that_counts(given)
    visible = visible_to(request.user, READ_ORGANISATION, Organisation.objects.filter(pk=counts.pk))
    organisation = visible.select_related("parent").first()
    if organisation is None:
        raise Http404("not this reader's organisation")
    return organisation


def managed(request: HttpRequest, uid: str) -> Organisation:
    """The same, for those who manage it. 404 for everybody else."""
    organisation = found(request, uid)
    if not may(request.user, MANAGE_ORGANISATION, organisation):
        raise Http404("not managed by this reader")
    return organisation


def crumbs(*more: tuple[str, str], organisation: Organisation | None = None) -> list[Context]:
    """The way here: the list of one's organisations, the organisation, and pairs of words and address."""
    steps = [(_("My organisations"), reverse("account:organisations"))]
    if organisation is not None:
        steps.append((organisation.name, page_of(organisation)))
    return [{"text": text, "url": url} for text, url in (*steps, *more)]


def page_of(organisation: Organisation) -> str:
    return reverse("account:organisation", args=[organisation.uid])


def particulars(organisation: Organisation) -> Context:
    """What stands about it on cards, in the reader's language."""
    return {
        "name": organisation.name,
        "kind": str(KIND_NAMES.get(organisation.kind, organisation.kind)),
        "country": country_name(organisation.country),
        "sample": organisation.is_sample,
        "url": page_of(organisation),
    }


def country_name(code: str) -> str:
    return classifications.country_label(code, reader().language)


def countries(*, sample: bool) -> list[tuple[str, str]]:
    """Codes and names in the reader's language, sorted by name; the invented ones first, for samples."""
    choices: list[tuple[str, str]] = []
    for name in [classifications.INVENTED, "iso-3166"] if sample else ["iso-3166"]:
        known = classifications.load(name)
        choices += sorted(
            ((code, known.label(code, reader().language)) for code in known.ids), key=lambda pair: pair[1]
        )
    return choices


def kinds() -> list[tuple[str, str]]:
    return [(kind, str(name)) for kind, name in KIND_NAMES.items()]


def schemes() -> list[tuple[str, str]]:
    return [(scheme, str(name)) for scheme, name in SCHEME_NAMES.items()]


def duties_offered(chosen: Iterable[str]) -> list[Context]:
    """Every duty with its words, for checkboxes."""
    held = set(chosen)
    return [{"value": duty.value, "name": str(DUTY_NAMES[duty]), "chosen": duty in held} for duty in Duty]


def duties_in_words(duties: Iterable[str]) -> list[str]:
    held = set(duties)
    return [str(SHORT_DUTIES[duty]) for duty in Duty if duty in held]


def duty_badges(affiliation: Affiliation) -> list[Context]:
    """A badge for each duty; `Reads` where there is none."""
    words = duties_in_words(affiliation.duties)
    badges = [{"text": text, "tone": "plain"} for text in words]
    if affiliation.has(Duty.MANAGE):
        badges[0]["tone"] = "done"
    return badges or [{"text": _("Reads only"), "tone": "closed"}]


def number_shown(number: RegistryNumber) -> str:
    """With the hyphens that its register prints."""
    text = number.number
    if number.scheme == "kr-brn":
        return f"{text[:3]}-{text[3:5]}-{text[5:]}"
    if number.scheme == "kr-crn":
        return f"{text[:6]}-{text[6:]}"
    return text.partition("-")[2] if number.scheme == "other" else text


def day(moment: dt.datetime, person: Person) -> str:
    """The day in words, in the reader's zone."""
    return reader().day(moment.astimezone(ZoneInfo(person.zone)).date().isoformat())


# --- An offer to ask: what lets somebody ask an organisation that they cannot see -------------------------------------

_SALT: Final = "organisations.ask"
_HOURS: Final = 2


def offer(person: Person, organisation: Organisation, *, named: bool) -> str:
    """The address of the page on which this person, and nobody else, may ask to be let in; `named` tells its name."""
    token = signing.dumps({"o": organisation.uid, "p": person.uid, "n": named}, salt=_SALT, compress=True)
    return f"{reverse('account:ask-to-join')}?offer={token}"


def offered(person: Person, token: str) -> tuple[Organisation, bool]:
    """The organisation of an offer, and whether it is named. Raises `Http404`: forged, old, or somebody else's."""
    try:
        told = signing.loads(token[:2000], salt=_SALT, max_age=_HOURS * 3600)
    except signing.BadSignature:
        raise Http404("no such offer") from None
    organisation = Organisation.objects.filter(uid=told["o"]).first()
    if organisation is None or told["p"] != person.uid:
        raise Http404("not this reader's offer")
    return the_one_that_counts(organisation), bool(told["n"])
