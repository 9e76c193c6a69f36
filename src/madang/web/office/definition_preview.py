"""A definition as applicants will see it, in one language. Read only: nothing here can be sent."""

from typing import Any, Final

from django.utils import translation

from madang.core.callspec import Definition
from madang.core.callspec.asked import RowsField
from madang.core.form import Entered, review
from madang.core.form.model import MEMBERS, FormState
from madang.papers.describe import describe
from madang.web.applicant.place_view import Beside, Places
from madang.web.public.call_sections import sections

Context = dict[str, Any]

_OF_THE_APPLICANT: Final = ("applicant", "check")
"""Steps of which a definition asks nothing: who applies is known, and a check needs answers."""


def preview_call(definition: Definition, language: str) -> Context:
    """The public page's words: title, summary, badges, and every section as `calls/_section.html` draws it."""
    outline = describe(definition, language)
    return {
        "title": outline.title,
        "summary": outline.summary,
        "badges": [{"text": text} for text in outline.badges],
        "sections": sections(outline),
    }


def preview_form(definition: Definition, language: str) -> list[Context]:
    """The form's steps with their places, as the applicant's own page draws them (`applicant/_place.html`): of a call
    with types, for the first that wants a consortium; of what repeats, one row. Conditions are told, not applied.
    """
    track = next((track.id for track in definition.tracks if track.consortium), "")
    typed = {field.id: ("one",) for section in definition.form for field in section.fields if _repeats(field)}
    state = review(definition, Entered(typed={**typed, MEMBERS: ("one",)}, track=track))
    with translation.override(language):
        places = Places(definition, state, language, Beside())
        return [
            {
                "id": step.id,
                "title": places.words.step_title(step),
                "places": [places.of(key) for key in _tops(state, step.keys)],
            }
            for step in state.steps
            if step.kind not in _OF_THE_APPLICANT
        ]


def _repeats(field: Any) -> bool:
    return isinstance(field, RowsField)


def _tops(state: FormState, keys: tuple[str, ...]) -> list[str]:
    """The places of a step without the cells of its rows, which stand in the place that repeats."""
    return [key for key in keys if not (key.count(".") > 1 and key.partition(".")[0] in state.places)]
