"""The samples of the decision core: every result follows from its problem, and every screen tells it whole."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from madang.core.kinds import KINDS
from madang.papers.core_samples import SAMPLES, cards, file_text, sample_of, screen
from madang.papers.core_samples.files import names
from madang.papers.library import solve_samples
from madang.words import catalogue

NAMES = [name for kind in SAMPLES.values() for name in kind]
#: What is optimised may be reached by another plan as good: there the value counts, not the plan.
VALUES = {
    "assignment-total": ("total", "bound"),
    "assignment-fair": ("total", "worst", "bound"),
    "selection-total": ("selected", "value", "bound", "used_krw", "explain"),
    "timetable": ("weight", "bound"),
    "timetable-no-show": ("weight", "bound", "moved"),
}
ESTIMATED = {"estimates", "evaluators", "variance"}  # judged by the verifier: last digits may differ between machines

NOT_SAID = {"id", "kind", "tone", "mark"}


def read(name: str) -> tuple[Any, Any, dict[str, Any]]:
    sample = sample_of(name)
    kind = KINDS[sample.problem["kind"]]
    return kind, kind.read(sample.problem), dict(sample.result)


def texts(of: object) -> Iterator[str]:
    """Every text of a screen that a reader sees."""
    if isinstance(of, str):
        yield of
    elif isinstance(of, tuple | list):
        for one in of:
            yield from texts(one)
    elif is_dataclass(of):
        for field in fields(of):
            if field.name not in NOT_SAID:
                yield from texts(getattr(of, field.name))


def test_every_file_belongs_to_a_sample() -> None:
    shipped = {path.name for path in solve_samples().iterdir()}
    assert shipped == {f"{name}{ending}" for name in NAMES for ending in (".json", ".result.json")} | {"names.json"}


@pytest.mark.parametrize("name", NAMES)
def test_the_verifier_finds_nothing_and_the_forms_are_those_published(name: str) -> None:
    kind, problem, result = read(name)
    assert kind.verify(problem, result) == []
    schema = kind.schema()
    Draft202012Validator(schema["problem"]).validate(sample_of(name).problem)
    Draft202012Validator(schema["result"]).validate(result)
    assert result["elapsed_ms"] == 0


@pytest.mark.parametrize("name", NAMES)
def test_solved_again_it_is_the_same(name: str) -> None:
    kind, problem, shipped = read(name)
    again = kind.solve(problem)
    assert kind.verify(problem, again) == []
    if name in VALUES:
        compared = {"status", *VALUES[name]}
    else:
        compared = again.keys() - {"elapsed_ms", "engine", "certificate"} - ESTIMATED
    assert json.loads(json.dumps({key: again[key] for key in compared})) == {key: shipped[key] for key in compared}


@pytest.mark.parametrize("name", ["assignment-total", "selection-total", "timetable", "conflicts", "panel"])
def test_one_changed_number_is_found(name: str) -> None:
    kind, problem, result = read(name)
    changed = {
        "assignment": {"total": "6.5"},
        "selection": {"value": 600},
        "timetable": {"weight": 41},
        "conflicts": {"pairs": result.get("pairs", [])[1:]},
        "panel": {"members": result.get("members", [])[::-1]},
    }
    assert kind.verify(problem, result | changed[kind.name])


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("kind", SAMPLES)
def test_a_screen_shows_names_and_sentences_never_ids_and_codes(kind: str, language: str) -> None:
    page = screen(kind, language)
    assert page is not None
    told = [text for text in texts((page.title, page.question, page.story, page.answer)) if text]
    ids = {id_ for id_ in names() if re.fullmatch(r"[A-Z]\d+|\w+(-\w+)+|\w+:\w+", id_)}
    spelt_alike = {one[language] for one in names().values()}
    for text in told:
        words = {*re.findall(r"[\w:-]+", re.sub(r"\S+\.example", "", text))}
        assert not words & ({*catalogue()} | ids) - spelt_alike - {"selected", "tied"}, text
        assert not re.search(r"None|\?\?|[{}]", text), text
    if language == "ko":
        headings = [page.title, page.question, page.answer.headline, *(one.title for one in page.answer.sections)]
        assert all(re.search("[가-힣]", text) for text in headings)
    else:
        texts_themselves = "".join(
            one.get("text", "") for one in sample_of(SAMPLES[kind][0]).problem.get("documents", ())
        )
        for text in told:
            ours = "" if text.strip("“”") in texts_themselves else text
            assert not re.search("[가-힣]", ours) or "Words of the application" in ours, text


def test_the_story_counts_what_is_there() -> None:
    problem = sample_of("timetable").problem
    assert f"{len(problem['wishes'])} wishes" in shown("timetable").story
    assert (len(problem["companies"]), len(problem["agencies"]), len(problem["slots"])) == (8, 6, 8)
    problem = sample_of("selection-rank").problem
    assert (len(problem["applications"]), len(problem["rules"])) == (12, 5)
    assert len(sample_of("ranking").problem["sheets"]) == 30


def shown(kind: str) -> Any:
    """A screen that there is."""
    found = screen(kind, "en")
    assert found is not None
    return found


def test_the_numbers_on_the_screen_are_those_of_the_result() -> None:
    plans = shown("assignment").answer.sections[0].parts
    for plan, name in zip(plans, SAMPLES["assignment"], strict=True):
        chosen = sum(cell.mark == "chosen" for _, _, cells in plan.rows for cell in cells)
        assert chosen == len(sample_of(name).result["pairs"])
    (grid,) = shown("timetable").answer.sections[0].parts
    held = sum(cell is not None for _, cells in grid.rows for cell in cells)
    assert held == len(sample_of("timetable").result["meetings"])
    board = shown("ranking").answer.sections[0].parts[0]
    assert [rung.line_after != "" for rung in board.rows].index(True) + 1 == 4
    for rung in board.rows:
        span = rung.cells[3].span
        assert 0 <= span.low <= span.middle <= span.high <= 1000


def test_there_is_a_card_for_each_kind_and_no_other_screen() -> None:
    assert [card.kind for card in cards("ko")] == list(SAMPLES)
    assert screen("lots", "ko") is None
    assert file_text("assignment", "names.json") is None
    assert file_text("assignment", "../../pyproject.toml") is None
    assert file_text("nothing", "assignment-fair.json") is None


def test_screens_load_no_solver() -> None:
    program = (
        "import sys\n"
        "from madang.papers.core_samples import SAMPLES, screen\n"
        "[screen(kind, language) for kind in SAMPLES for language in ('ko', 'en')]\n"
        "print([name for name in ('numpy', 'scipy', 'ortools', 'django') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
