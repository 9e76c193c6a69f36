"""What `test_door_served` runs under granian: the whole door before an application that computes in threads.

`/compute` keeps a thread busy with Python until `/static/release` is asked for, and `/static/state` tells how many do
and how many wait. Every answer tells what the application saw: stamp, peer, names of headers, size of the body. At most
three visitors wait.
"""

import asyncio
import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")
django.setup()

from madang.kernel.clock import now  # noqa: E402 - Django must be set up first
from madang.web.door.asgi import ARRIVED_AT, KNOWN  # noqa: E402
from madang.web.door.handler import Handler  # noqa: E402
from madang.web.door.known import Known  # noqa: E402
from madang.web.door.outer import Door  # noqa: E402
from madang.web.door.plan import plan  # noqa: E402
from madang.web.door.prepared import prepared  # noqa: E402
from madang.web.door.proxies import Proxies  # noqa: E402
from madang.web.door.queue import Queue  # noqa: E402

sys.setswitchinterval(0.001)
places, known, released = plan(threads=3, writers=3), Known(600), threading.Event()
computing = threading.Semaphore(0)
pool, files = ThreadPoolExecutor(places.threads), Handler(2)
places.lines["pages, visitors"].most = 3
for line in places.lines.values():
    line.patience = None  # a test may be slow

OURS = ("/static/release", "/static/state")


def compute() -> None:
    """Python that never pauses: as bad a neighbour as a view can be."""
    computing.release()
    while not released.is_set():
        sum(range(1000))


async def work(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"].startswith("/static/") and scope["path"] not in OURS:
        return await files(scope, receive, send)
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        if not message["more_body"]:
            break
    if scope["path"] == "/compute":
        await asyncio.get_running_loop().run_in_executor(pool, compute)
    if scope["path"] == "/static/release":
        released.set()
    if scope["path"] == "/hello":
        scope[KNOWN] = "session", "somebody", "en"
    told = {
        "arrived_at": scope[ARRIVED_AT].timestamp(),
        "now": now().timestamp(),
        "client": scope["client"][0],
        "headers": sorted(name.decode() for name, _ in scope["headers"]),
        "size": size,
        "computing": computing._value,
        "waiting": queue.places.waiting,
    }
    body = json.dumps(told).encode()
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


pages = prepared()
proxies = Proxies(os.environ["PROXIES"].split(","), arrival="X-Request-Start", client="X-Real-IP")
queue = Queue(work, plan=places, pages=pages, known=known)
application = Door(queue, proxies=proxies, pages=pages, known=known, cookie="madang-session")
