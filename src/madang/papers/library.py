"""The definitions and example folders that come with the product, from a wheel or from a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_CHECKOUT = _PACKAGE.parent.parent


def _root(name: str) -> Path:
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _CHECKOUT / name


def programmes() -> dict[str, Path]:
    """Definition files by id, in alphabetical order."""
    return {path.stem: path for path in sorted(_root("programmes").glob("*.yaml"))}


def examples() -> dict[str, Path]:
    """Folders to decide, or whose reception to count, by name."""
    return {path.name: path for path in sorted(_root("examples").iterdir()) if (path / "call.yaml").is_file()}


def example(name: str) -> Path | None:
    return examples().get(name)


def solve_samples() -> Path:
    """The folder of sample problems for `madang solve`, each with its result."""
    return _root("examples") / "solve"
