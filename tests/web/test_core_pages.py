"""The pages of the decision core: found, whole in both languages, files as shipped, no solver in the web process."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from madang.papers.core_samples import SAMPLES, sample_of
from madang.papers.library import solve_samples

pytestmark = pytest.mark.django_db
PAGES = ["/core", *(f"/core/{kind}" for kind in SAMPLES)]
FILES = [(kind, f"{name}{end}") for kind in SAMPLES for name in SAMPLES[kind] for end in (".json", ".result.json")]


def reader(language: str) -> Client:
    return Client(headers={"host": "localhost", "accept-language": language})


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound(path: str, language: str) -> None:
    answer = reader(language).get(path)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*src=)", html)
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", html.split("<main")[1])]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len({*ids})
    for labelled in re.findall(r'aria-labelledby="([^"]+)"', html):
        assert labelled in ids
    assert "m-badge-sample" in html


def test_the_way_there_is_on_the_front_page_and_in_the_footer() -> None:
    html = reader("en").get("/").content.decode()
    assert html.count('href="/core"') == 2


@pytest.mark.parametrize(("kind", "file"), FILES)
def test_files_are_those_shipped_and_linked(kind: str, file: str) -> None:
    assert f'href="/core/{kind}/{file}"' in reader("ko").get(f"/core/{kind}").content.decode()
    answer = reader("ko").get(f"/core/{kind}/{file}")
    assert answer.content == (solve_samples() / file).read_bytes()
    assert answer["Content-Disposition"] == f'attachment; filename="{file}"'
    assert answer["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", ["/core/lots", "/core/none", "/core/panel/names.json", "/core/panel/..%2fnames.json"])
def test_what_is_not_there_is_404(path: str) -> None:
    assert reader("en").get(path).status_code == 404


def test_the_command_that_checks_does_what_the_page_says() -> None:
    html = reader("en").get("/core/assignment").content.decode()
    check = re.search(r"<code>madang (solve assignment \S+ --check \S+)</code>", html)
    assert check
    program = "import sys; from madang.cli.main import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, *check[1].split()]
    english = {**os.environ, "MADANG_LANGUAGE": "en"}
    done = subprocess.run(command, cwd=solve_samples(), env=english, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing contradicts" in done.stdout


def test_both_plans_and_the_reasons_are_told() -> None:
    html = reader("en").get("/core/assignment").content.decode()
    pairs = sum(len(sample_of(name).result["pairs"]) for name in SAMPLES["assignment"])
    assert html.count('data-mark="chosen"') == pairs + 1  # and the legend
    assert "A conflict of interest forbids it." in html
    html = reader("ko").get("/core/timetable").content.decode()
    assert "둘 다 비어 있는 시간대가 없습니다" in html
    assert html.count("data-new") == 1


def test_showing_the_core_loads_no_solver() -> None:
    program = (
        "import sys, django; django.setup()\n"
        "from django.test import Client\n"
        "from django.conf import settings\n"
        "settings.STORAGES['staticfiles'] = {'BACKEND': 'django.contrib.staticfiles.storage.StaticFilesStorage'}\n"
        f"codes = {{Client(headers={{'host': 'localhost'}}).get(path).status_code for path in {PAGES!r}}}\n"
        "heavy = ('ortools', 'scipy', 'numpy', 'vl_convert', 'typst')\n"
        "print(codes, [name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{200} []"


# -- in a browser ------------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize(("language", "mode"), [("ko", "light"), ("en", "high-contrast")])
def test_pages_meet_wcag_aa_and_fit_every_width(visit: Callable[..., Any], axe: Any, language: str, mode: str) -> None:
    for path in PAGES:
        page = visit(path, language=language, mode=mode)
        page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
        for width in (1440, 390, 360):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
        assert axe(page) == [], path
        page.context.close()


@pytest.mark.browser
def test_a_wide_plan_is_scrolled_and_a_file_taken_by_keyboard_without_script(visit: Callable[..., Any]) -> None:
    page = visit("/core", language="en", width=390, script=False)
    page.get_by_role("link", name="Timetable of meetings").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/core/timetable")
    region = page.get_by_role("region", name="Meetings by time and table")
    region.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    link = page.get_by_role("link", name="timetable-no-show.result.json")
    link.focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "timetable-no-show.result.json"
