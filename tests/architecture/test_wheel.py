"""The wheel holds everything that the product needs, and nothing of the workshop."""

import subprocess
import sys
import zipfile

import pytest

from tests.architecture.source import ROOT


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = out.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.parametrize("folder", ["programmes", "examples"])
def test_definitions_and_examples_are_inside(names, folder):
    shipped = {f"madang/{path.relative_to(ROOT)}" for path in (ROOT / folder).rglob("*") if path.is_file()}
    assert shipped <= names


@pytest.mark.parametrize("ending", [".json", ".html", ".css", ".js", ".mo", ".svg", ".woff2"])
def test_what_is_not_python_is_inside_too(names, ending):
    package = ROOT / "src"
    mine = {str(path.relative_to(package)) for path in package.rglob(f"*{ending}")}
    assert mine
    assert mine <= names


def test_tests_and_scripts_are_not(names):
    assert [name for name in names if name.startswith(("tests/", "scripts/", "docs/"))] == []
