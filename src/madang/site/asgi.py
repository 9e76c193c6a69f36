"""The web process: an ASGI application for granian or any other ASGI server. What each layer does: `web/door`."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402 - Django must be set up first

from madang.web.door.handler import Handler  # noqa: E402
from madang.web.door.known import Known  # noqa: E402
from madang.web.door.outer import Door  # noqa: E402
from madang.web.door.plan import plan  # noqa: E402
from madang.web.door.prepared import prepared  # noqa: E402
from madang.web.door.proxies import Proxies  # noqa: E402
from madang.web.door.queue import Queue  # noqa: E402
from madang.web.keeper import Keeper  # noqa: E402
from madang.web.keeping import SITE  # noqa: E402

# How long a thread that computes may keep the others waiting. The event loop is one of them, and it stamps.
sys.setswitchinterval(0.001)

places = plan(threads=settings.WEB_THREADS, writers=settings.WEB_WRITERS)
pages, known = prepared(), Known(settings.WEB_WRITES_PER_MINUTE)
queue = Queue(Handler(places.threads), plan=places, pages=pages, known=known)
application = Door(
    Keeper(queue, SITE),
    proxies=Proxies(settings.PROXIES, arrival=settings.ARRIVAL_HEADER, client=settings.CLIENT_HEADER),
    pages=pages,
    known=known,
    cookie=settings.SESSION_COOKIE_NAME,
)
