"""A code sent to an address, and what is to be done once it comes back: kept in the session, which is enciphered.

For what allauth has no code of its own that tells nothing: a new account (allauth would store the person first) and a
new address. A code is good for fifteen minutes and five tries.
"""

from dataclasses import dataclass
from typing import Any, Final

from allauth.core.internal.cryptokit import compare_user_code, generate_user_code
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from madang.kernel.clock import unix
from madang.kernel.mail import post
from madang.web.account.adapter import MINUTES

TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for its code: the address that the code went to, and what was typed."""

    email: str
    given: dict[str, Any]


def send(request: HttpRequest, purpose: str, *, template: str, email: str, given: dict[str, Any]) -> None:
    """Post `mail/<template>.txt` with a new code, and keep `given` until it comes back. One that waited is dropped."""
    code = generate_user_code(**settings.CODE)
    language = get_language() or settings.LANGUAGE_CODE
    post(template, to=email, language=language, context={"code": code, "minutes": MINUTES}, secret=True)
    request.session[_key(purpose)] = {"code": code, "email": email, "given": given, "at": unix(), "tries": 0}


def waiting(request: HttpRequest, purpose: str) -> Waiting | None:
    """What waits for this purpose; nothing where nothing does, or the code is too old."""
    kept = request.session.get(_key(purpose))
    if kept is None:
        return None
    if unix() - kept["at"] > MINUTES * 60:
        forget(request, purpose)
        return None
    return Waiting(kept["email"], kept["given"])


def fits(request: HttpRequest, purpose: str, code: str) -> bool:
    """Whether the code is the one. After five wrong ones nothing waits any more."""
    kept = request.session[_key(purpose)]
    if compare_user_code(actual=code, expected=kept["code"]):
        forget(request, purpose)
        return True
    kept["tries"] += 1
    if kept["tries"] >= TRIES:
        forget(request, purpose)
    else:
        request.session[_key(purpose)] = kept
    return False


def forget(request: HttpRequest, purpose: str) -> None:
    request.session.pop(_key(purpose), None)


def _key(purpose: str) -> str:
    return f"madang_code_{purpose}"
