"""The decision core shown alone: a page for each kind of `madang solve`, its invented sample, the answer, the proof."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.papers.core_samples import SAMPLES, cards, file_text, screen
from madang.papers.core_samples.model import Board, Planner, Section, Shaded
from madang.web.downloads import attachment
from madang.web.public.blocks import drawn


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every kind: what it decides, what its sample shows."""
    return render(request, "public/core/index.html", {"cards": cards(_language())})


@require_safe
def kind(request: HttpRequest, name: str) -> HttpResponse:
    """One kind: the question, the sample and its answer, the reasons, the proof, the files."""
    shown = screen(name, _language())
    if shown is None:
        raise Http404
    kinds = list(SAMPLES)
    after = kinds[(kinds.index(name) + 1) % len(kinds)]
    context = {
        "screen": shown,
        "tiles": [
            {"name": tile.label, "value": tile.value, "note": tile.note, "long": len(tile.value) > 9}
            for tile in shown.answer.tiles
        ],
        "sections": [_drawn(section) for section in shown.answer.sections],
        "files": [
            {"url": reverse("public:core-file", args=[name, file.name]), "name": file.name, "text": file.text}
            for file in shown.files
        ],
        "source": {"name": shown.files[0].name, "text": file_text(name, shown.files[0].name)},
        "after": next(card for card in cards(_language()) if card.kind == after),
        "crumbs": [{"text": _("Decision core"), "url": reverse("public:core")}, {"text": shown.title}],
    }
    return render(request, "public/core/kind.html", context)


@require_safe
def file(request: HttpRequest, name: str, file: str) -> HttpResponse:
    """A problem or a result as it is shipped."""
    text = file_text(name, file)
    if text is None:
        raise Http404
    return attachment(file, text.encode(), "application/json")


def _language() -> str:
    return "ko" if get_language() == "ko" else "en"


def _drawn(section: Section) -> dict[str, Any]:
    """A section with the template that draws each of its parts."""
    parts: list[dict[str, Any]] = []
    for place, part in enumerate(section.parts):
        match part:
            case Board():
                parts.append({"template": "public/core/_board.html", "board": part})
            case Shaded():
                parts.append({"template": "public/core/_shaded.html", "table": part, "rows": _summed(part)})
            case Planner():
                parts.append({"template": "public/core/_planner.html", "plan": part})
            case _:
                parts.append({"template": "parts/_blocks.html", "blocks": drawn([part], f"{section.id}-{place}")})
    return {"id": section.id, "title": section.title, "parts": parts}


def _summed(table: Shaded) -> list[tuple[str, str, Any, str]]:
    """Rows of a shaded table with the sum at their end, if it has sums."""
    sums = table.sums[1] if table.sums else ("",) * len(table.rows)
    return [(*line, total) for line, total in zip(table.rows, sums, strict=True)]
