"""What the pages about one application at the desk share: finding it, its head, and the tabs between its pages."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madang.apps.accounts.models import Person
from madang.apps.applications import queries, rules
from madang.apps.applications.models import Application, Dossier
from madang.apps.enquiries.rules import SEE_DESK
from madang.kernel.permissions import may
from madang.web.enquiry_view import CallWords, uid_or_404
from madang.web.office.enquiries_shared import person_of

Context = dict[str, Any]

TABS: Final[tuple[tuple[str, str | Promise], ...]] = (
    ("office:dossier", _("Application")),
    ("office:dossier-review", _("Review")),
    ("office:dossier-checks", _("Outside checks")),
    ("office:dossier-supplements", _("Supplement")),
    ("office:dossier-letters", _("Letters")),
)
"""Route (whose only argument is the dossier's uid) and title of each page about an application, in order."""


@dataclass(frozen=True)
class Page:
    """One dossier as a person of the office reads it. `application`: the row that counts, or the last one that did."""

    person: Person
    dossier: Dossier
    application: Application
    words: CallWords

    @property
    def stands(self) -> bool:
        return self.application.undone_at is None

    @cached_property
    def handles(self) -> bool:
        """Whether this person may change anything here."""
        return may(self.person, rules.HANDLE_DOSSIER, self.dossier)

    @property
    def url(self) -> str:
        return reverse("office:dossier", args=[self.dossier.uid])

    def context(self, route: str, *more: str) -> Context:
        """What `office/dossiers/frame.html` needs for the page of this route; `more`: crumbs below it."""
        tabs = [
            {"title": title, "url": reverse(name, args=[self.dossier.uid]), "current": name == route}
            for name, title in TABS
        ]
        crumbs = [
            {"text": gettext("Office"), "url": reverse("office:home")},
            {"text": gettext("Applications"), "url": reverse("office:dossiers")},
            {"text": self.words.title, "url": reverse("office:dossiers-call", args=[self.dossier.call.slug])},
            {"text": self.dossier.reference, "url": self.url if more else ""},
            *({"text": text} for text in more),
        ]
        return {
            "section": "office",
            "page": self,
            "dossier": self.dossier,
            "application": self.application,
            "track": self.words.track(self.dossier.track),
            "tabs": tabs,
            "crumbs": crumbs,
        }


def desk_person(request: HttpRequest) -> Person:
    """Who asks, if there is a desk for this person at all."""
    person = person_of(request)
    if not may(person, SEE_DESK):
        raise PermissionDenied
    return person


def found(request: HttpRequest, uid: str, *, to_write: bool = False) -> Page:
    """The dossier of this address for whoever reads it (`to_write`: handles it) at its desk; 404 for everybody else."""
    person = person_of(request)
    dossier = queries.dossier_of(person, uid_or_404(uid))
    if dossier is None:
        raise Http404
    application = queries.last_of(dossier)
    page = Page(person, dossier, application, CallWords(dossier.call))
    if to_write and not page.handles:
        raise Http404
    return page
