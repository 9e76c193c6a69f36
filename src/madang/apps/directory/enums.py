"""What somebody may do for an organisation."""

from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy as _


class Duty(StrEnum):
    """Several can be held at once; none of them means: belongs to the organisation and reads what is shared there."""

    MANAGE = "manage"
    FILE = "file"
    FILL = "fill"
    CONTACT = "contact"


DUTY_NAMES: Final = {
    Duty.MANAGE: _("Manages the organisation's page and its people"),
    Duty.FILE: _("Files applications in its name"),
    Duty.FILL: _("Writes applications"),
    Duty.CONTACT: _("Is its contact"),
}


class Joined(StrEnum):
    """How somebody came to belong to an organisation."""

    FOUNDED = "founded"
    INVITATION = "invitation"
    DOMAIN = "domain"
    REQUEST = "request"
    HANDOVER = "handover"


JOINED_NAMES: Final = {
    Joined.FOUNDED: _("Founded it here"),
    Joined.INVITATION: _("By invitation"),
    Joined.DOMAIN: _("By the mail domain"),
    Joined.REQUEST: _("Asked to join"),
    Joined.HANDOVER: _("Took over from a colleague"),
}

KIND_NAMES: Final = {
    "government": _("Government"),
    "city": _("City or local government"),
    "public_body": _("Public body"),
    "international_organisation": _("International organisation"),
    "university": _("University"),
    "company": _("Company"),
    "research_institute": _("Research institute"),
    "association": _("Association"),
    "institution": _("Institution"),
    "place": _("Place"),
    "person": _("A person acting alone"),
}
"""`madang.core.callspec.model.OrganisationKind` in words; a test holds the two together."""

SCHEME_NAMES: Final = {
    "kr-brn": _("Korean business registration number"),
    "kr-crn": _("Korean corporate registration number"),
    "lei": _("Legal Entity Identifier (LEI)"),
    "other": _("Number of another register"),
}
"""`madang.core.identity.SCHEMES` in words."""
