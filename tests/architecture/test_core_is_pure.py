"""The core decides and does nothing else. import-linter stops imports; this stops what needs none."""

import ast

import pytest

from tests.architecture.source import PACKAGE, modules

CORE = modules(PACKAGE / "core")
FORBIDDEN_IMPORTS = {
    "time", "random", "secrets", "os", "io", "pathlib", "shutil", "tempfile", "subprocess", "socket", "ssl", "http",
    "urllib", "sqlite3", "logging", "threading", "multiprocessing", "asyncio", "locale", "getpass", "platform", "uuid",
    "django", "psycopg",
}  # fmt: skip
FORBIDDEN_CALLS = {"open", "print", "input", "exec", "eval", "breakpoint", "hash", "id"}
CLOCKS = {"now", "today", "utcnow", "time", "monotonic", "perf_counter", "localtime"}


def names_imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []


def faults(tree: ast.Module) -> list[str]:
    found = []
    for node in ast.walk(tree):
        for name in names_imported(node):
            if name.split(".")[0] in FORBIDDEN_IMPORTS:
                found.append(f"line {node.lineno}: imports {name}")
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id in FORBIDDEN_CALLS:
                found.append(f"line {node.lineno}: calls {called.id}()")
            if isinstance(called, ast.Attribute) and called.attr in CLOCKS and not node.args:
                found.append(f"line {node.lineno}: asks the clock by .{called.attr}()")
        if isinstance(node, ast.Global):
            found.append(f"line {node.lineno}: changes a global")
    return found


@pytest.mark.parametrize(("path", "tree"), CORE, ids=[path for path, _ in CORE])
def test_a_core_module_has_no_clock_file_chance_environment_or_output(path, tree):
    assert faults(tree) == []


@pytest.mark.parametrize(
    "code",
    [
        "import random", "from os import environ", "import urllib.request", "open('x')", "print(1)", "hash('a')",
        "import datetime\ndatetime.datetime.now()", "import datetime as dt\ndt.date.today()",
        "def f():\n    global x\n    x = 1",
    ],
)  # fmt: skip
def test_this_test_sees(code):
    assert len(faults(ast.parse(code))) == 1
