"""What the pages of the enquiry desk share: who asks, at which desk, and the way back."""

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext

from madang.apps.accounts.models import Person
from madang.apps.enquiries import rules
from madang.apps.enquiries.models import Enquiry
from madang.kernel.permissions import may, visible_to
from madang.web.enquiry_view import CallWords, Context, Field, uid_or_404

FORMS: Final = ("csv", "xlsx")
TEXT_FAULTS: Final = ("words_too_long", "words_have_control", "words_turn_direction")


def person_of(request: HttpRequest) -> Person:
    """Who is signed in; 404 for nobody."""
    if not isinstance(request.user, Person):
        raise Http404("nobody is signed in")
    return request.user


def see_other(name: str, *args: Any) -> HttpResponseRedirect:
    """On to the page of this name."""
    return HttpResponseRedirect(reverse(name, args=args), status=303)


def crumbs_of(*more: Context | str) -> list[Context]:
    """The way from the list of questions to this page."""
    first: list[Context] = [
        {"text": gettext("Office"), "url": reverse("office:home")},
        {"text": gettext("Questions"), "url": reverse("office:enquiries")},
    ]
    return first + [{"text": one} if isinstance(one, str) else one for one in more]


def call_crumb(words: CallWords) -> Context:
    """The step at the call's page of the desk."""
    return {"text": words.title, "url": reverse("office:enquiries-call", args=[words.call.slug])}


def enquiry_at(request: HttpRequest, uid: str) -> Enquiry:
    """The question, for whoever reads at its desk; 404 for everybody else."""
    rows = Enquiry.objects.select_related("call__programme", "asker", "organisation")
    return get_object_or_404(visible_to(person_of(request), rules.READ_AT_DESK, rows), uid=uid_or_404(uid))


def enquiry_to_answer(request: HttpRequest, uid: str) -> Enquiry:
    """The question, for whoever works at its desk; 404 for everybody else."""
    enquiry = enquiry_at(request, uid)
    if not may(request.user, rules.ANSWER, enquiry):
        raise Http404("reads here, and writes nothing")
    return enquiry


def call_at_desk(request: HttpRequest, slug: str, *, to_write: bool) -> CallWords:
    """The call, for whoever reads (or works) at its desk; 404 for everybody else."""
    words = CallWords.at(slug)
    if not may(request.user, rules.READ_AT_DESK, rules.About(words.call)):
        raise Http404("not at this desk")
    if to_write and not may(request.user, rules.ANSWER, rules.About(words.call)):
        raise Http404("reads here, and writes nothing")
    return words


def value_of(fields: list[Field], name: str) -> str:
    """What stands in the field of this name; blank where there is none."""
    return next((field.value for field in fields if field.name == name), "")
