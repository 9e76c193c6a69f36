"""Two small addresses for balancers and watchers: does this process answer, and can it do its work?"""

from __future__ import annotations

import threading
import time
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from madang.kernel import readiness

ASKED_EVERY_S: Final = 1.0
"""However often anybody asks, a process looks no oftener than this."""

_lock = threading.Lock()
_found: tuple[float, dict[str, bool]] = (0.0, {})


@require_safe
def alive(_: HttpRequest) -> HttpResponse:
    """200: the process answers. Nothing else is asked, the database neither."""
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


@require_safe
def ready(_: HttpRequest) -> HttpResponse:
    """200 where database, files and disk are there, else 503; which of them, in JSON. Why not: `madang doctor`."""
    found = _looked()
    status = 200 if all(found.values()) else 503
    return JsonResponse(found, status=status, headers={"Cache-Control": "no-store"})


def _looked() -> dict[str, bool]:
    global _found  # noqa: PLW0603 - one answer for all who ask within a second
    with _lock:
        at, found = _found
        if not found or time.monotonic() - at >= ASKED_EVERY_S:
            found = {
                "database": not readiness.database(),
                "store": not readiness.store(),
                "disk": readiness.free_bytes() >= readiness.LEAST_FREE,
            }
            _found = (time.monotonic(), found)
    return found
