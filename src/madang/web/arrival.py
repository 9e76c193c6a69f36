"""When a request came in: stamped by the outermost layer of the web process, before any queue (`site/asgi.py`).

A press counts by this moment and by no other: what happens to it afterwards is our affair.
"""

import datetime as dt

from django.http import HttpRequest

from madang.kernel.clock import now
from madang.web.door.asgi import ARRIVED_AT as ARRIVED_AT  # the key in the ASGI scope: a moment in UTC


def arrived_at(request: HttpRequest) -> dt.datetime:
    """The moment of arrival in UTC; without that layer around it (a test's client), now."""
    scope = getattr(request, "scope", None) or {}
    found = scope.get(ARRIVED_AT)
    return found if isinstance(found, dt.datetime) else now()
