"""Machine translation by an engine that the office chooses; off until `MADANG_TRANSLATOR_URL` names one.

An engine is a service with the interface of LibreTranslate (`POST /translate`), which an office can run on a machine
of its own, so that drafts need not leave the house. A text is sent without the name of who wrote it.
"""

import http.client
import json
import urllib.request
from dataclasses import dataclass
from typing import Final, Protocol

from django.conf import settings

TIMEOUT_S: Final = 20
_LARGEST = 2 * 1024 * 1024


class NotTranslated(RuntimeError):
    """The engine did not answer, or said no. What it said is for the log, never for a screen."""


class Translator(Protocol):
    """Any engine that an installation may use."""

    @property
    def name(self) -> str:
        """Shown beside every text that it made."""
        ...

    def translate(self, text: str, *, source: str, target: str) -> str:
        """The text in `target`; raises `NotTranslated`."""
        ...


@dataclass(frozen=True, slots=True)
class LibreTranslate:
    """Asks a service over HTTP. `key` is sent only where the service wants one."""

    url: str
    key: str = ""
    name: str = "LibreTranslate"

    def translate(self, text: str, *, source: str, target: str) -> str:
        body = {"q": text, "source": source, "target": target, "format": "text"}
        if self.key:
            body["api_key"] = self.key
        request = urllib.request.Request(  # noqa: S310  # the scheme was checked when the address was read
            f"{self.url}/translate", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310  # as above
                said = json.loads(answer.read(_LARGEST))
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise NotTranslated(type(error).__name__) from None
        found = said.get("translatedText") if isinstance(said, dict) else None
        if not isinstance(found, str) or not found.strip():
            raise NotTranslated("no translatedText")
        return found


def translator() -> Translator | None:
    """The engine of this installation, or nothing."""
    if not settings.TRANSLATOR_URL:
        return None
    return LibreTranslate(settings.TRANSLATOR_URL, settings.TRANSLATOR_KEY)
