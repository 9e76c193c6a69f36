"""The samples of all programmes on the site: every page whole, in both languages, for every reader."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.test import Client

from madang.apps.decisions.models import Decision
from madang.apps.decisions.queries import record_text
from madang.cli.demo import _load_example, _publish
from madang.core import callspec
from madang.core.record.read import read
from madang.papers.decision import words
from madang.papers.describe import describe
from madang.papers.library import examples, programmes
from madang.words.labels import label

pytestmark = pytest.mark.django_db
SAMPLES = sorted(name for name in examples() if name.endswith("-sample"))


def loaded(names: Iterable[str]) -> None:
    for name in names:
        _load_example(name, examples()[name], "decided", 1)


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.replace("&quot;", '"').replace("&#x27;", "'")))


def reader(language: str) -> Client:
    return Client(headers={"host": "localhost", "accept-language": language})


def headings(html: str) -> list[int]:
    return [int(level) for level in re.findall(r"<h([1-6])[ >]", html)]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_decision_is_told_whole_in_both_languages(name: str) -> None:
    loaded([name])
    decision = Decision.objects.get(call__slug=name)
    computed = read(record_text(decision)).computed()
    for language in ("ko", "en"):
        html = reader(language).get(f"/results/{name}").content.decode()
        text = text_of(html)
        for heading in ("heading_reasons", "heading_rule", "heading_facts"):
            assert words(heading, language) in text
        assert label("paper", "chapter.checks", language) in text
        assert ('id="draws"' in html) == bool(computed["draws"] or read(record_text(decision)).open_case().panel)
        assert ('id="readers"' in html) == bool(read(record_text(decision)).open_case().assignments)
        for draw in computed["draws"]:
            assert all(member in text for member in draw.get("members", ()))
        levels = headings(html.split("<main")[1])
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        ids = re.findall(r'\bid="([^"]+)"', html)
        assert len(ids) == len({*ids})
        for anchor in re.findall(r'href="#([^"]+)"', html):
            assert anchor in ids
        assert "report_" not in text
        for outcome, number in computed["counts"].items():
            assert html.count(f'<option value="{outcome}">') == bool(number)
        for group in {line.get("group") for line in computed["outcomes"]} - {None}:
            assert f"{group}" not in re.findall(r"<td>([^<]*)</td>", html)  # its label, never its id


def test_later_applications_are_said_to_count_for_the_next_batch() -> None:
    loaded(["kcity-plans-2024-sample"])
    text = text_of(reader("en").get("/results/kcity-plans-2024-sample?outcome=later").content.decode())
    assert "3 of 20 applications shown" in text
    assert "Counts for the next batch" in text


def test_every_task_is_told_with_what_came_of_it() -> None:
    loaded(["supporting-institutions-2019-sample"])
    html = reader("en").get("/results/supporting-institutions-2019-sample").content.decode()
    computed = read(record_text(Decision.objects.get())).computed()
    tasks = [task for line in computed["outcomes"] for task in line.get("tasks", ())]
    assert html.count('class="m-task-name"') == 2 * len(tasks)  # in the list, and with its reasons below
    assert "every task of an application is decided by itself" in html


def test_a_reduced_grant_a_bonus_and_a_condition_stand_in_the_ranking() -> None:
    loaded(["public-private-2022-sample", "regional-base-2022-sample"])
    ranking = reader("en").get("/results/public-private-2022-sample").content.decode().split('id="reasons"')[0]
    assert "The grant was reduced from" in ranking
    assert "Bonus of 1 for" in ranking
    text = text_of(reader("en").get("/results/regional-base-2022-sample").content.decode())
    assert "was not met" in text
    assert "passed over by a rule" not in text  # its reason says what it was


@pytest.mark.parametrize("name", sorted(programmes()))
def test_a_call_of_every_programme_is_told_in_both_languages(name: str) -> None:
    call = _publish(programmes()[name].read_text("utf-8"), sample=False)
    assert call.slug == name
    for language in ("ko", "en"):
        html = reader(language).get(f"/calls/{name}").content.decode()
        outline = describe(callspec.parse(programmes()[name].read_text("utf-8")), language)
        for section in outline.sections:
            assert f'id="{section.id}"' in html
        shown = text_of(html)
        for text in outline.texts():
            for line in text.split("\n"):
                assert " ".join(line.split()) in shown.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")


def test_sister_calls_link_to_each_other() -> None:
    sisters = ("small-cities-2022", "regional-base-2022", "public-private-2022", "living-lab-2022")
    for name in sisters:
        _publish(programmes()[name].read_text("utf-8"), sample=False)
    for name in sisters:
        html = reader("en").get(f"/calls/{name}").content.decode()
        related = html.split('id="related"')[1].split("</section>")[0]
        assert set(re.findall(r'href="/calls/([^"]+)"', related)) == {*sisters} - {name}


def test_calls_are_found_by_what_is_to_be_had_and_how_it_is_decided() -> None:
    for path in programmes().values():
        _publish(path.read_text("utf-8"), sample=False)
    shown: Callable[[str], set[str]] = lambda query: set(  # noqa: E731
        re.findall(r'm-call-title"><a href="/calls/([^"]+)"', reader("en").get(f"/calls?{query}").content.decode())
    )
    assert shown("rule=vote") == {"alliance-membership-2019", "living-lab-2022", "supporting-institutions-2019"}
    assert shown("rule=appointment") == {"regulatory-sandbox-2020"}
    assert shown("kind=certificate") == {
        "city-certification-2023",
        "product-quality-certification-2023",
        "service-certification-2023",
    }
    assert shown("kind=designation&rule=vote") == {"supporting-institutions-2019"}
    assert shown("kind=nonsense") == shown("rule=1%00") == set()
    html = reader("en").get("/calls?kind=site&rule=rank").content.decode()
    assert "/calls?rule=rank" in html  # a chip takes one filter away


# -- in a browser ------------------------------------------------------------------------------------------------------

SHOWN = ["kcity-plans-2024-sample", "supporting-institutions-2019-sample", "regulatory-sandbox-2020-sample"]


@pytest.mark.browser
@pytest.mark.parametrize(("language", "mode"), [("ko", "light"), ("en", "high-contrast")])
def test_samples_meet_wcag_aa_and_fit_every_width(
    visit: Callable[..., Any], axe: Any, language: str, mode: str
) -> None:
    loaded(SHOWN)
    pages = [f"/results/{name}" for name in SHOWN]
    for path in [*pages, f"/calls/{SHOWN[0]}", "/calls?kind=award&rule=rank"]:
        page = visit(path, language=language, mode=mode)
        page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
        for width in (1440, 390, 360):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
        assert axe(page) == []
        page.context.close()


@pytest.mark.browser
def test_a_drawing_is_read_and_the_public_edition_taken_by_keyboard_without_script(visit: Callable[..., Any]) -> None:
    loaded(["kcity-network-2021-sample"])
    page = visit("/results/kcity-network-2021-sample", language="en", width=390, script=False)
    more = page.locator("section[aria-labelledby=draws] .m-block-more").first
    row = more.locator("tbody tr").first
    assert not row.is_visible()
    more.locator("summary").focus()
    page.keyboard.press("Enter")
    assert row.is_visible()
    page.get_by_role("link", name="Download record.public.json").focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "kcity-network-2021-sample-1-record.public.json"
