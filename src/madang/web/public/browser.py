"""The second verifier, which runs in the reader's browser: its words, and all of it as one file for offline use."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from madang.web.downloads import attachment
from madang.words import catalogue

_STATIC = files("madang.web") / "static" / "verify"


@cache
def _script(name: str) -> str:
    return (_STATIC / name).read_text("utf-8")


@cache
def _entries() -> dict[str, dict[str, str]]:
    """Every sentence that the scripts can say: the codes that they quote, their checks, states and verdicts."""
    quoted = set(re.findall(r'["`]([a-z][a-z_]+)["`$]', _script("madang-verify.js") + _script("page.js")))
    families = ("js_", "check_", "state_", "verdict_", "draw")
    return {code: dict(entry) for code, entry in catalogue().items() if code in quoted or code.startswith(families)}


def words(language: str) -> dict[str, str]:
    """Code -> sentence with its parameters in braces, in one language. JSON for the page: data, never script."""
    return {code: entry.get(language) or entry["en"] for code, entry in _entries().items()}


@require_safe
def offline(request: HttpRequest, **kwargs: object) -> HttpResponse:
    """The verifier as one HTML file in both languages: it needs no network, and no trust in this site tomorrow."""
    language = "ko" if get_language() == "ko" else "en"
    scripts = {"verifier": _script("madang-verify.js"), "screen": _script("page.js")}
    told = {"language": language, "words": _entries(), "say": words(language)}
    page = render_to_string("public/verify/offline.html", told | scripts)
    return attachment("madang-verify.html", page.encode(), "text/html; charset=utf-8")
