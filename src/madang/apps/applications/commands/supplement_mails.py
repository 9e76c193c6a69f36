"""What a supplement's mails say, to those who write in the application and to whoever asked for it."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from madang.apps.accounts.models import Person
from madang.apps.applications import rules
from madang.apps.applications.commands.shared import in_words
from madang.apps.applications.models import Supplement
from madang.apps.applications.queries import people_of, supplement_definition
from madang.core.callspec import Definition
from madang.kernel import mail
from madang.kernel.mail.languages import pick
from madang.papers.describe.form_words import FormWords


def tell_applicants(supplement: Supplement, template: str, *, what: str = "", **more: Any) -> int:
    """One mail to everybody who writes in the application; returns how many. Nobody, where it came in a batch.

    `what` makes the mail the only one of its kind where one template comes again (an extension, a reminder).
    """
    if supplement.draft is None:
        return 0
    definition = supplement_definition(supplement)
    people = [one.person for one in people_of(supplement.draft)]
    for person in people:
        path = f"/applications/{supplement.draft.uid}/supplement"
        _post(supplement, definition, person, template, what, path=path, **more)
    return len(people)


def tell_office(supplement: Supplement, template: str) -> None:
    """One mail to whoever asked for it."""
    path = f"/office/supplements/{supplement.uid}"
    _post(supplement, supplement_definition(supplement), supplement.asked_by, template, path=path)


def _post(
    supplement: Supplement, definition: Definition, reader: Person, template: str, what: str = "", **more: Any
) -> None:
    call, languages = supplement.dossier.call, definition.languages
    there, own = ZoneInfo(definition.schedule.zone), ZoneInfo(reader.zone)
    until = supplement.until
    chosen = pick(reader.language, dict(settings.LANGUAGES), languages) or "en"
    mail.post(
        template,
        to=reader.email,
        language=reader.language,
        languages=languages,
        about=call.slug,
        key=rules.supplement_key(supplement, reader, what or template),
        context={
            "call": mail.words_in(call.title, reader.language, languages),
            "organisation": supplement.application.applicant_name,
            "reference": supplement.dossier.reference,
            "things": named_things(supplement, FormWords(definition, chosen)),
            "places": [FormWords(definition, chosen).called(place) for place in supplement.places],
            "reason": mail.words_in(supplement.reason, reader.language, languages),
            "days": supplement.terms["days"],
            "until": in_words(until, there),
            "until_here": in_words(until, own),
            "elsewhere": until.astimezone(there).utcoffset() != until.astimezone(own).utcoffset(),
            **more,
        },
    )


def named_things(supplement: Supplement, words: FormWords) -> list[dict[str, Any]]:
    """What is asked, by name: `item` (of the review's checklist) or a place of the form, and its `kind`."""
    labels = {f"review.{item.id}": words.w.of(item.label) for item in words.d.review}
    return [
        {
            "name": labels.get(thing["what"]) or words.called(thing["what"]),
            "item": thing["what"] in labels,
            "kind": thing["kind"],
            "what": thing["what"],
        }
        for thing in supplement.things
    ]
