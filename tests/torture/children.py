"""Programs of this package that run inside an installation: JSON goes in, JSON comes out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def told_by(module: str, environment: Mapping[str, str], asked: Any, *, within_s: float = 900) -> Any:
    """What `python -m tests.torture.MODULE` answers to this question. Raises `RuntimeError` with what went wrong."""
    command = [sys.executable, "-m", f"tests.torture.{module}"]
    done = subprocess.run(
        command,
        env=dict(environment),
        cwd=ROOT,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module}: {done.stderr[-3000:]}")
    return json.loads(done.stdout)


def answer(work: Any) -> None:
    """The other side: set up Django, read the question, print what `work` makes of it."""
    import django

    django.setup()
    print(json.dumps(work(json.load(sys.stdin))))
