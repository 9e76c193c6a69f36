"""What the repository must hold, and what must never get into it."""

import re

import pytest

from tests.architecture.source import ROOT, modules, texts, tracked

#: An address of a package index in a file that is installed from: it would tie everybody to one network.
REGISTRY = re.compile(
    r"--(extra-)?index-url|--find-links|--trusted-host|PIP_INDEX_URL|index-servers|//[\w.:-]+/(\w+/)*simple/?(\s|$)"
)
#: A folder of somebody's machine.
MACHINE_PATH = re.compile(r"(?<![\w.:/<-])/(home/(?!\w*\}?/?\b(user|you)\b)\w+|root|work|Users/\w+)/[\w.-]")
HERE = "tests/architecture/test_repository.py"


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "NOTICE", "Makefile"])
def test_the_files_that_a_newcomer_looks_for_are_there(name):
    assert (ROOT / name).read_text("utf-8").strip()


def test_decision_records_are_numbered_once_and_have_the_three_parts():
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [path.name[:4] for path in records]
    assert len(numbers) == len(set(numbers)) >= 4
    for path in records:
        text = path.read_text("utf-8")
        assert [part for part in ("## Context", "## Decision", "## Consequences") if part not in text] == [], path.name


@pytest.mark.parametrize("pattern", [REGISTRY, MACHINE_PATH], ids=["package registries", "paths of one machine"])
def test_nothing_of_one_machine_is_in_the_repository(pattern):
    found = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in texts()
        if path != HERE
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    ["--index-url https://x/y", "see https://index.example/pypi/simple/", "cd /home/kim/x", "in /root/code/src"],
)
def test_this_test_sees(line):
    assert REGISTRY.search(line) or MACHINE_PATH.search(line)


def test_every_silenced_check_says_why():
    """`# type: ignore[code]  # reason`, and `# noqa: CODE - reason` or a lambda kept on one line."""
    found = []
    for path, text in texts(".py"):
        for number, line in enumerate(text.splitlines(), 1):
            if "type: ignore" in line and not re.search(r"# type: ignore\[[\w-]+(, ?[\w-]+)*\]\s+# \w", line):
                found.append(f"{path}:{number}")
    assert [place for place in found if not place.startswith("tests/architecture/")] == []


def test_no_module_is_excused_from_the_checks():
    configuration = (ROOT / "pyproject.toml").read_text("utf-8")
    assert "ignore_errors" not in configuration
    assert "ignore_imports" not in configuration  # import-linter's list of exceptions


HASHED = "examples/receipt-sample/form.json"
"""A filed form as the site gives it out: its hash is of these bytes, and no line end is among them."""


def test_code_is_not_kept_as_comments_and_files_end_in_a_newline():
    open_ended = [
        path for path, text in texts(".py", ".toml", ".json", ".md", ".html", ".css") if text and text[-1] != "\n"
    ]
    assert open_ended == [HASHED]


def test_modules_say_what_they_are_for():
    """Every module of ours starts with a docstring, but for the little ones that Django's form asks for."""
    import ast

    bare = [path for path, tree in modules() if tree.body and not ast.get_docstring(tree)]
    assert [path for path in bare if not path.endswith("/apps.py")] == []


def test_nothing_large_or_secret_is_tracked():
    keys = [str(p.relative_to(ROOT)) for p in tracked() if p.suffix in {".pem", ".key", ".sqlite3"}]
    large = [str(p.relative_to(ROOT)) for p in tracked() if "vendor" not in p.parts and p.stat().st_size > 2_000_000]
    assert (keys, large) == ([], [])
