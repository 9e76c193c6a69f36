"""Browser fixtures: a real Chromium against Django's live server, in which every console error is a failure.

They can run side by side (xdist): each test has its own browser context, each worker its own server and browser.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
CHROMIUM = shutil.which("chromium")


@pytest.fixture(autouse=True)
def _shell(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Unhashed static files (the manifest has its own test), and charts cached for this run only."""
    settings.STORAGES = django_settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.DATA = tmp_path_factory.getbasetemp() / "data"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for the whole session."""
    if CHROMIUM is None:
        pytest.skip("no chromium: run scripts/install-debian.sh")
    from playwright.sync_api import sync_playwright

    # Playwright's event loop makes Django believe that this thread is asynchronous, until the session ends.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """visit(path, language=, mode=, width=, script=, **context) opens a page as a reader with these choices.

    Every error in the console fails the test, except that the page itself may answer with the status expected, and
    what is done on it with one of `also` (422: a form with faults; a text: what the browser says of a broken line).
    """
    errors: list[str] = []
    contexts = []

    def open_page(
        path: str,
        *,
        language: str = "",
        mode: str = "",
        width: int = 1440,
        script: bool = True,
        status: int = 200,
        also: tuple[int | str, ...] = (),
        **more: Any,
    ) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script, **more)
        contexts.append(context)
        chosen = {"madang-language": language, "madang-mode": mode}
        context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in chosen.items() if v])
        page = context.new_page()
        address = live_server.url + path
        page.on("console", lambda line: _note(errors, line, address, status, also))
        page.on("pageerror", lambda error: errors.append(str(error)))
        answer = page.goto(address)
        assert answer.status == status
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors


def _note(errors: list[str], line: Any, address: str, status: int, also: tuple[int | str, ...]) -> None:
    announced = status != 200 and line.location.get("url") == address and str(status) in line.text
    announced = announced or any((one if isinstance(one, str) else f"status of {one}") in line.text for one in also)
    if line.type == "error" and not announced:
        errors.append(line.text)


@pytest.fixture(scope="session")
def axe() -> Callable[[Any], list[dict[str, Any]]]:
    """axe(page) gives axe-core's violations of WCAG 2.2 AA."""
    source = next(Path(str(files("axe_playwright_python"))).rglob("axe.min.js")).read_text(encoding="utf-8")

    def violations(page: Any) -> list[dict[str, Any]]:
        page.evaluate(source)
        # Without preload: axe would fetch the style sheets and put them in as inline styles, which our policy blocks.
        found = page.evaluate("rules => axe.run(document, {runOnly: rules, preload: false})", RULES)
        return [
            {
                "rule": one["id"],
                "at": [node["target"] for node in one["nodes"]],
                "why": one["nodes"][0]["failureSummary"],
            }
            for one in found["violations"]
        ]

    return violations


@pytest.fixture(autouse=True)
def _uncounted() -> None:
    """Limits of attempts begin anew with every test."""
    from django.core.cache import cache

    cache.clear()
