"""The frame of every page: languages, modes, headers, accessibility, and that nothing needs script."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

import madang
from madang.web.public.samples import specimens

WEB = Path(madang.__file__).parent / "web"
PAGES = ["/", "/style-guide", "/preferences", "/no-such-page"]
CSP = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
}  # fmt: skip
pytestmark = pytest.mark.django_db


def status(path: str) -> int:
    return 404 if path == "/no-such-page" else 200


@pytest.fixture
def reader() -> Client:
    return Client(headers={"host": "localhost"})


# --- Without a browser ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_exactly_the_strict_policy(reader: Client, path: str) -> None:
    answer = reader.get(path)
    assert answer.status_code == status(path)
    assert set(answer["Content-Security-Policy"].split("; ")) == CSP
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_holds_what_the_policy_forbids(reader: Client, path: str) -> None:
    html = reader.get(path).content.decode()
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on|javascript:", html)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "ko"), ("ko-KR", "ko"), ("en-GB,en;q=0.8", "en"), ("fr", "ko"), ("fr,en;q=0.5", "en")],
)
def test_language_follows_the_browser_and_is_korean_otherwise(reader: Client, accepted: str, language: str) -> None:
    html = reader.get("/", headers={"accept-language": accepted}).content.decode()
    assert f'<html lang="{language}"' in html


def test_a_choice_is_kept_and_leads_back_to_the_page(reader: Client) -> None:
    answer = reader.post("/preferences", {"language": "en", "mode": "high-contrast", "next": "/style-guide?a=1"})
    assert (answer.status_code, answer["Location"]) == (303, "/style-guide?a=1")
    assert '<html lang="en" data-krds-mode="high-contrast">' in reader.get("/").content.decode()


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "", "preferences"]
)
def test_a_choice_never_leads_to_another_site(reader: Client, target: str) -> None:
    assert reader.post("/preferences", {"mode": "light", "next": target})["Location"] == "/"


def test_an_unknown_choice_is_not_kept(reader: Client) -> None:
    assert not reader.post("/preferences", {"language": "xx", "mode": '"><script>'}).cookies
    reader.cookies["madang-mode"] = "nonsense"
    assert 'data-krds-mode="light"' in reader.get("/").content.decode()


def test_a_form_without_its_token_is_refused_in_words() -> None:
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost", "accept-language": "en"})
    answer = strict.post("/verify", {})
    assert answer.status_code == 403
    assert "load the page again" in answer.content.decode()


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "cross-site", "origin": "http://localhost"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://localhost"}, 303),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({}, 303),
    ],
)
def test_a_choice_needs_no_token_and_comes_from_a_page_of_this_site(said: dict[str, str], status: int) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost", "accept-language": "en"})
    answer = strict.post("/preferences", {"mode": "high-contrast"}, headers=said)
    assert answer.status_code == status
    assert bool(answer.cookies) == (status == 303)


def test_the_government_line_shows_only_where_the_operator_is_one(reader: Client, settings: Any) -> None:
    line = "대한민국 공식 전자정부 누리집"
    assert line not in reader.get("/").content.decode()
    settings.OPERATOR_IS_GOVERNMENT = True
    assert line in reader.get("/").content.decode()


def test_errors_of_ours_are_said_in_words(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr("madang.web.public.views.specimens", broken)
    for language, words in (("ko", "시스템에 문제가 생겼습니다"), ("en", "Something went wrong on our side")):
        reader = Client(raise_request_exception=False, headers={"host": "localhost", "accept-language": language})
        answer = reader.get("/style-guide")
        assert answer.status_code == 500
        assert words in answer.content.decode()
        assert "on purpose" not in answer.content.decode()


def test_the_style_guide_shows_every_part_of_a_page() -> None:
    # What every page shows by itself:
    frame = {"header", "nav", "footer", "masthead", "language", "modes", "mark", "me", "me_menu"}
    shown = {specimen["part"] for specimen in specimens()}
    nested = {
        found
        for name in shown
        for found in re.findall(r'include "(parts/[^"]+)"', (WEB / "templates" / name).read_text())
    }
    every = {f"parts/{path.name}" for path in (WEB / "templates" / "parts").glob("_*.html")}
    assert every - shown - nested == {f"parts/_{name}.html" for name in frame}


def test_every_part_tells_its_context() -> None:
    for path in (WEB / "templates" / "parts").glob("_*.html"):
        assert "Context:" in path.read_text().split("{% endcomment %}")[0], path.name


def test_device_mode_uses_the_same_dark_colours_as_high_contrast() -> None:
    css = (WEB / "static" / "css" / "madang.css").read_text()
    chosen = re.search(r'\n\[data-krds-mode="high-contrast"\] \{\n(.*?)\n\}', css, re.S)
    device = re.search(r'dark\) \{\n  \[data-krds-mode="theme"\] \{\n(.*?)\n  \}\n\}', css, re.S)
    assert chosen
    assert device
    assert [line.strip() for line in chosen[1].split("\n")] == [line.strip() for line in device[1].split("\n")]


def test_static_files_collect_under_hashed_names(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    html = Client(headers={"host": "localhost"}).get("/").content.decode()
    addresses = re.findall(r'(?:href|src)="/static/([^"]+)"', html)
    assert len(addresses) == 8
    for address in addresses:
        assert re.search(r"\.[0-9a-f]{12}\.", address)
        assert (tmp_path / address).is_file()


# --- In a browser -----------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("mode", ["light", "high-contrast"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_meet_wcag_aa_and_fit_every_width(visit: Any, axe: Any, path: str, mode: str, language: str) -> None:
    page = visit(path, language=language, mode=mode, status=status(path))
    assert axe(page) == []
    for width in (1440, 390, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(page) == []  # as laid out on a phone


@pytest.mark.browser
def test_axe_would_find_a_missing_label(visit: Any, axe: Any) -> None:
    page = visit("/style-guide", language="en")
    page.evaluate("document.querySelector('label[for=drop-light]').remove()")
    assert [fault["rule"] for fault in axe(page)] == ["label"]


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_following_the_device_shows_one_drawing_of_each_chart(visit: Any, axe: Any, scheme: str) -> None:
    page = visit("/style-guide", mode="theme", color_scheme=scheme)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(0, 0, 0)"}[scheme]
    assert axe(page) == []


@pytest.mark.browser
def test_keyboard_reaches_content_menu_and_language(visit: Any) -> None:
    page = visit("/preferences", language="ko")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "m-skip"
    assert page.locator(".m-skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"

    page.locator(".m-language button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("html[lang=en]")
    assert page.url.endswith("/preferences")

    page.locator(".m-display summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector('html[data-krds-mode="high-contrast"]')


@pytest.mark.browser
def test_focus_is_always_visible(visit: Any) -> None:
    page = visit("/style-guide", language="en", width=390)
    for _ in range(12):
        page.keyboard.press("Tab")
        outline = page.evaluate(
            """() => { const drawn = (of) => {
                         const style = getComputedStyle(document.activeElement, of);
                         return style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth) };
                       return Math.max(drawn(null), drawn("::after")) }"""
        )
        assert outline >= 2, page.evaluate("document.activeElement.outerHTML")


@pytest.mark.browser
def test_language_and_mode_work_without_script(visit: Any) -> None:
    page = visit("/no-such-page", language="ko", width=390, script=False, status=404)
    page.locator(".m-language button").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.url.endswith("/no-such-page")
    page.locator(".m-menu summary").click()
    page.locator(".m-menu").get_by_role("button", name="High contrast").click()
    assert page.locator("html").get_attribute("data-krds-mode") == "high-contrast"
    assert page.locator(".m-copy:visible").count() == 0


@pytest.mark.browser
def test_a_hash_can_be_copied_and_a_file_dropped(visit: Any) -> None:
    page = visit("/style-guide", language="en", permissions=["clipboard-read", "clipboard-write"])
    button = page.locator(".m-copy").first
    button.click()
    page.wait_for_function("document.querySelector('.m-copy').textContent === 'Copied'")
    assert page.evaluate("navigator.clipboard.readText()") == button.get_attribute("data-copy")

    page.evaluate(
        """() => { const data = new DataTransfer(); data.items.add(new File(["{}"], "record.json"));
                   const area = document.querySelector("[data-drop]");
                   area.dispatchEvent(new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: data})) }"""
    )
    assert page.evaluate("document.querySelector('[data-drop] input').files[0].name") == "record.json"
