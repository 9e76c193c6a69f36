"""The roles that a person can be given. Whoever applies, belongs to a company or lives in a city needs none of them:
those rights follow from drafts, affiliations and places."""

from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    """What somebody is in the programme (DESIGN, people and what they come for)."""

    OFFICER = "officer"
    SECRETARIAT = "secretariat"
    OPINION_DESK = "opinion_desk"
    EVALUATOR = "evaluator"
    DECISION_MAKER = "decision_maker"
    PROJECT_MANAGER = "project_manager"
    CENTRE_OFFICER = "centre_officer"
    INSTITUTION_OFFICER = "institution_officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


ROLE_NAMES: Final = {
    Role.OFFICER: _("Programme officer of the ministry"),
    Role.SECRETARIAT: _("Secretariat"),
    Role.OPINION_DESK: _("Mission or ministry that is asked for opinions"),
    Role.EVALUATOR: _("Evaluator"),
    Role.DECISION_MAKER: _("Decision maker"),
    Role.PROJECT_MANAGER: _("Project manager"),
    Role.CENTRE_OFFICER: _("Officer of an overseas cooperation centre"),
    Role.INSTITUTION_OFFICER: _("Officer of a supporting institution"),
    Role.AUDITOR: _("Auditor"),
    Role.ADMINISTRATOR: _("System administrator"),
}


class ConsentKind(StrEnum):
    """What is consented to, one by one."""

    TERMS = "terms"
    PRIVACY = "privacy"
    NEWS = "news"


CONSENT_NAMES: Final = {
    ConsentKind.TERMS: _("Terms of use"),
    ConsentKind.PRIVACY: _("Processing of personal data"),
    ConsentKind.NEWS: _("News about programmes by mail"),
}
