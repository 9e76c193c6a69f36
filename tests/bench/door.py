"""`python -m tests.bench.door [--quick]`: what the door costs, and how late its stamp is while the site is busy.

Cost: processor time of one request through door and queue, before an application that does nothing, beside the same
request without them; in one process, in turn. Lateness: the site under granian with one worker; some clients make it
work without pause, another asks for a stamp again and again. Late is what lies between the moment before the request
was sent and the stamp.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import Any

ROUNDS, REQUESTS, LATE_REQUESTS = 7, 4000, 400
BUSY = (0, 4, 16, 64)
"""Clients who ask for pages without pause."""
MOST_COST_US, MOST_LATE_MS = 100, 100
"""Limits: microseconds a request, and milliseconds of lateness in 99 of 100."""
HEADERS = [
    (b"host", b"localhost"), (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"),
    (b"accept", b"text/html,application/xhtml+xml"), (b"accept-language", b"ko,en;q=0.5"),
    (b"accept-encoding", b"gzip, br"), (b"cookie", b"madang-language=ko; madang-session=" + b"s" * 32),
]  # fmt: skip
FORM = [*HEADERS, (b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"400")]


def main() -> None:
    quick = "--quick" in sys.argv
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        os.environ |= {
            "MADANG_DATA": folder,
            "MADANG_DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "madang.site.settings",
        }
        for words in (("migrate", "-v0"), ("collectstatic", "--noinput", "-v0")):
            subprocess.run([sys.executable, "-m", "django", *words], check=True)
        print("one request                 without (µs)   with door and queue (µs)   door (µs)   with : without")
        for name, method, path, headers, body in (
            ("page of somebody signed in", "GET", "/applications/abc", HEADERS, b""),
            ("form of somebody signed in", "POST", "/applications/abc/save", FORM, b"x" * 400),
            ("press", "POST", "/applications/abc/file", FORM, b"x" * 400),
        ):
            bare, through = costs(method, path, headers, body, 3 if quick else ROUNDS)
            told = "reached" if through - bare < MOST_COST_US else "NOT reached"
            print(f"{name:27} {bare:12.1f} {through:26.1f} {through - bare:11.1f} {through / bare:15.2f}", end="")
            print(f"   limit {MOST_COST_US} µs  {told}")
        print("\nstamp while so many ask without pause:  median (ms)   99 of 100 (ms)   latest (ms)   answers/s")
        for clients in BUSY:
            late, answers = lateness(Path(folder), clients, 50 if quick else LATE_REQUESTS)
            most = late[int(len(late) * 0.99)]
            told = "reached" if most < MOST_LATE_MS else "NOT reached"
            print(f"{clients:37} {median(late):13.1f} {most:16.1f} {late[-1]:13.1f} {answers:11.1f}", end="")
            print(f"   limit {MOST_LATE_MS} ms  {told}")


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    """An application that reads the body and answers."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def costs(method: str, path: str, headers: Any, body: bytes, rounds: int) -> tuple[float, float]:
    """Microseconds of processor a request, without and with; medians of rounds in turn."""
    import django

    django.setup()
    from madang.web.door.known import Known
    from madang.web.door.outer import Door
    from madang.web.door.plan import plan
    from madang.web.door.prepared import prepared
    from madang.web.door.proxies import Proxies
    from madang.web.door.queue import Queue

    pages, known = prepared(), Known(1_000_000)
    known.learn("s" * 32, "somebody", "ko")
    queue = Queue(nothing, plan=plan(threads=2, writers=1), pages=pages, known=known)
    door = Door(queue, proxies=Proxies(("127.0.0.1",)), pages=pages, known=known, cookie="madang-session")

    async def one(app: Any) -> float:
        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            pass

        began = time.process_time()
        for _ in range(REQUESTS):
            scope = {
                "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "path": path,
                "query_string": b"", "root_path": "", "headers": headers, "client": ("192.0.2.1", "1"),
            }  # fmt: skip
            await app(scope, receive, send)
        return (time.process_time() - began) / REQUESTS * 1e6

    async def all_rounds() -> list[tuple[float, float]]:
        await one(door)
        return [(await one(nothing), await one(door)) for _ in range(rounds)]

    found = asyncio.run(all_rounds())
    return median(bare for bare, _ in found), median(through for _, through in found)


APPLICATION = '''
"""The site, with one address more: the stamp of a request, told without a place."""
import json
from madang.site.asgi import application as site
from madang.web.door.asgi import ARRIVED_AT

inner = site._app

async def stamped(scope, receive, send):
    if scope["path"] != "/stamp":
        return await inner(scope, receive, send)
    body = json.dumps(scope[ARRIVED_AT].timestamp()).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})

site._app = stamped
application = site
'''


def lateness(folder: Path, clients: int, requests: int) -> tuple[list[float], float]:
    """Milliseconds of lateness in their order, and the answers a second that the others got (pages, or "busy")."""
    (folder / "stamped_site.py").write_text(APPLICATION)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--interface", "asginl", "--workers", "1", "--port", str(port), "--no-access-log", "--log-level", "error"]
    paths = f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    with subprocess.Popen(
        [sys.executable, "-m", "granian", *words, "--workers-kill-timeout", "2", "stamped_site:application"],
        env=os.environ | {"PYTHONPATH": paths},
    ) as server:
        try:
            line = _connected(port)
            _asked(line, "/stamp")
            done = threading.Event()
            counts = [0] * clients
            threads = [threading.Thread(target=_busy, args=(port, done, counts, n)) for n in range(clients)]
            for thread in threads:
                thread.start()
            time.sleep(1.0 if clients else 0.0)  # until all of them are at it
            began, late = time.perf_counter(), []
            before = sum(counts)
            for _ in range(requests):
                sent = time.time()
                late.append((json.loads(_asked(line, "/stamp")) - sent) * 1000)
                time.sleep(0.003)
            answers = (sum(counts) - before) / (time.perf_counter() - began)
            done.set()
            for thread in threads:
                thread.join()
            return sorted(late), answers
        finally:
            server.terminate()


def _busy(port: int, done: threading.Event, counts: list[int], number: int) -> None:
    """Asks for a page that is made anew for everybody, with a form in it."""
    line = _connected(port)
    while not done.is_set():
        _asked(line, "/account/signup/")
        counts[number] += 1


def _connected(port: int) -> socket.socket:
    for _ in range(600):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=60)
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the site did not start")


def _asked(line: socket.socket, path: str) -> bytes:
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    here = b""
    while b"\r\n\r\n" not in here:
        here += line.recv(1 << 16)
    head, _, body = here.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head.lower())[1])  # type: ignore[index]  # every answer has one
    while len(body) < length:
        body += line.recv(1 << 16)
    return body


if __name__ == "__main__":
    main()
