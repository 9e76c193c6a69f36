"""The source as the architecture tests read it."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "madang"


@cache
def modules(under: Path = PACKAGE) -> tuple[tuple[str, ast.Module], ...]:
    """Every module below a folder: its path from the root, and its syntax tree."""
    paths = sorted(path for path in under.rglob("*.py") if "migrations" not in path.parts)
    return tuple((str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))) for path in paths)


@cache
def tracked() -> tuple[Path, ...]:
    """Files that belong to the repository: what git tracks or would, or (in an unpacked archive) what lies there."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        found = [path for path in ROOT.rglob("*") if not {".venv", "var", ".git"} & set(path.relative_to(ROOT).parts)]
    return tuple(sorted(path for path in found if path.is_file()))


def texts(*suffixes: str) -> Iterator[tuple[str, str]]:
    """Tracked text files, with their path from the root; vendored files are somebody else's."""
    for path in tracked():
        if "vendor" in path.parts or (suffixes and path.suffix not in suffixes):
            continue
        try:
            yield str(path.relative_to(ROOT)), path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
