"""The form on a bad line: 120 fields in 8 sections behind 300 kbit/s and 400 ms, in a real browser against the real
server. Also what a step costs the server. Figures are printed, never asserted.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.measure import Spread, table

LINE = {"offline": False, "latency": 400, "downloadThroughput": 300_000 / 8, "uploadThroughput": 300_000 / 8}
LIMIT_MS, LIMIT_KB = 150, 200


def slow_line(repeats: int, quick: bool, home: Path) -> str:
    """Seconds until one can type, the first time and the second, what came over the line, and the server's time."""
    data = home / "slow-line"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MADANG", "DJANGO"))}
    env["MADANG_DATA"] = str(data)
    prepared = subprocess.run(
        [sys.executable, "-m", "tests.bench.slow_line"], env=env, capture_output=True, text=True, check=True
    )
    told = json.loads(prepared.stdout.splitlines()[-1])
    with _served(env) as address:
        where = f"{address}/applications/{told['draft']}/part-3"
        times = sorted(_asked(where, told["session"]) for _ in range(40 if quick else 200))
        p95 = times[int(len(times) * 0.95)] * 1000
        rows = [*_visits(where, told["session"], min(repeats, 3))]
    said = "reached" if p95 <= LIMIT_MS else "**not reached**"
    head = ("300 kbit/s, 400 ms", "until one can type (s)", "over the line (KB)", "of it HTML (KB)")
    middle = Spread.of([one * 1000 for one in times]).middle
    return (
        f"{table(head, rows)}\n\n- A step of 15 fields on the server, one request after the other: "
        f"median {middle:.0f} ms, p95 {p95:.0f} ms (at most {LIMIT_MS} ms: {said})."
    )


@contextlib.contextmanager
def _served(env: dict[str, str]) -> Iterator[str]:
    """The site by the server that production uses, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(
        [*command, "--no-access-log", "--log-level", "warning", "madang.site.asgi:application"], env=env
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(address, timeout=5).read()
                break
            time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()


def _asked(where: str, session: str) -> float:
    asked = urllib.request.Request(where, headers={"Cookie": f"madang-session={session}", "Accept-Language": "en"})
    started = time.perf_counter()
    with urllib.request.urlopen(asked) as answer:
        answer.read()
    return time.perf_counter() - started


def _visits(where: str, session: str, repeats: int) -> Iterator[tuple[str, ...]]:
    from playwright.sync_api import sync_playwright

    found: dict[str, list[tuple[float, float, float]]] = {"first visit": [], "second visit": []}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for _ in range(repeats):
            context = chromium.new_context()
            context.add_cookies([{"name": "madang-session", "value": session, "url": where}])
            for name in found:
                found[name].append(_visit(context, where))
            context.close()
        chromium.close()
    for name, rounds in found.items():
        seconds, whole, html = (Spread.of(column) for column in zip(*rounds, strict=True))
        yield name, seconds.shown(1), f"{whole.middle:.0f}", f"{html.middle:.0f}"


def _visit(context: Any, where: str) -> tuple[float, float, float]:
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", LINE)
    sizes: dict[str, float] = {}
    kinds: dict[str, str] = {}
    line.on("Network.responseReceived", lambda told: kinds.update({told["requestId"]: told["type"]}))
    line.on("Network.loadingFinished", lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}))
    started = time.perf_counter()
    page.goto(where, wait_until="commit", timeout=120_000)
    page.wait_for_selector("[data-form][data-ready]", timeout=120_000)
    seconds = time.perf_counter() - started
    page.wait_for_load_state("networkidle")
    html = sum(size for request, size in sizes.items() if kinds.get(request) == "Document")
    whole = sum(sizes.values())
    page.close()
    return seconds, whole / 1000, html / 1000


def _prepare() -> None:
    """A data folder with the large call, a draft in it, and somebody signed in; told as JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    from madang.apps.calls.commands import publish_definition
    from madang.kernel.actors import DEMO
    from tests.factories.applying import begun
    from tests.factories.rich import large_text
    from tests.web.apply_parts import signed_in

    draft = begun(publish_definition(actor=DEMO, text=large_text(), sample=True).call)
    session = signed_in(draft.started_by).cookies["madang-session"].value
    print(json.dumps({"draft": draft.uid, "session": session}))


if __name__ == "__main__":
    _prepare()
