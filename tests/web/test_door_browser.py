"""What a person sees of the door, in a real browser and under the real server."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.web.served import Line, granian

pytestmark = pytest.mark.browser
PRESS = "/applications/abc/file"


@pytest.fixture
def page(chromium: Any, tmp_path: Any) -> Iterator[Callable[..., Any]]:
    """page(language, mode, width): an empty page of a browser at the running door."""
    environment = {"MADANG_DATA": str(tmp_path), "MADANG_DEBUG": "1", "PROXIES": "192.0.2.1"}
    with granian("tests.web.door_app:application", **environment) as port:
        contexts = []

        def opened(language: str = "ko", mode: str = "light", width: int = 1440, script: bool = True) -> Any:
            address = f"http://127.0.0.1:{port}"
            context = chromium.new_context(
                viewport={"width": width, "height": 900}, base_url=address, java_script_enabled=script
            )
            chosen = {"madang-language": language, "madang-mode": mode}
            context.add_cookies([{"name": name, "value": value, "url": address} for name, value in chosen.items()])
            contexts.append(context)
            return context.new_page()

        opened.port = port  # type: ignore[attr-defined]  # for whoever speaks to the server otherwise
        yield opened
        for context in contexts:
            context.close()


def test_the_truth_about_waiting_and_then_the_page(page: Any, axe: Callable[[Any], list[dict[str, Any]]]) -> None:
    at_work = [Line(page.port).send("GET /compute HTTP/1.1") for _ in range(2)]
    release = Line(page.port)
    release.until(computing=2)
    waiting = [Line(page.port).send("GET /waits HTTP/1.1") for _ in range(3)]
    release.until(waiting=3)
    for language, mode, width, said in (
        ("ko", "light", 390, "앞서 기다리는 요청이"),
        ("en", "high-contrast", 1440, "Requests before yours"),
    ):
        shown = page(language, mode, width)
        assert shown.goto("/somewhere?a=1").status == 503
        assert said in shown.locator(".m-lead").inner_text()
        assert 5 <= int(shown.locator("meta[http-equiv=refresh]").get_attribute("content")) <= 60
        # A page that waits for its turn must come again by itself, also without script: the one rule that is let off.
        assert [one for one in axe(shown) if one["rule"] != "meta-refresh"] == []
        assert shown.evaluate("document.documentElement.scrollWidth") == width
        assert shown.evaluate("getComputedStyle(document.querySelector('.d-points')).display") == "grid"
    quiet = page("en", script=False)
    quiet.goto("/somewhere?a=1")
    release.send("GET /static/release HTTP/1.1").answer()
    release.socket.close()
    for line in (*at_work, *waiting):
        assert line.answer().status == 200
        line.socket.close()
    quiet.keyboard.press("Tab")
    quiet.get_by_role("link", name="Try again now").focus()
    with quiet.expect_navigation() as again:
        quiet.keyboard.press("Enter")
    assert again.value.status == 200
    assert quiet.url.endswith("/somewhere?a=1")


def test_whoever_sends_too_much_reads_why(page: Any) -> None:
    """Not "connection reset": what still comes is taken for a moment, so that the answer arrives."""
    shown = page("en")
    shown.goto("/somewhere")
    post = """async ([path, size]) => {
        const asked = {method: "POST", body: new Blob([new Uint8Array(size)]), headers: {Accept: "application/json"}};
        const answer = await fetch(path, asked);
        return [answer.status, (await answer.json()).reasons[0]];
    }"""
    status, reason = shown.evaluate(post, [PRESS, 30_000_000])
    assert status == 413
    assert "At most 16 KB" in reason
    shown.set_content(f'<form method="post" action="{PRESS}"><textarea name="x"></textarea><button>Go</button></form>')
    shown.locator("textarea").fill("x" * 20_000)
    with shown.expect_navigation() as sent:
        shown.locator("button").click()
    assert sent.value.status == 413
    assert "This is too large" in shown.locator("h1").inner_text()
