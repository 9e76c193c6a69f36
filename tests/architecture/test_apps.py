"""The order of the apps, where import-linter cannot see it: foreign keys, migrations, file names."""

import ast
import subprocess
import sys
import tomllib

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader

from tests.architecture.source import PACKAGE, ROOT, modules

ROOM_FILES = {"__init__", "enums", "models", "rules", "queries", "commands", "events", "tasks"}
PACKAGES = {"commands", "queries"}  # of a large room: ADR 20
#: DESIGN: each app may know those to its left.
COMPLETE_ORDER = [
    "accounts", "directory", "calls", "outbox", "enquiries", "applications", "review", "evaluation", "decisions",
    "projects", "catalogue", "cooperation", "events", "alliance", "institutions", "participation",
]  # fmt: skip
OUTSIDE = {"kernel"}  # below all apps


def rooms() -> list[str]:
    return sorted(path.name for path in (PACKAGE / "apps").iterdir() if (path / "__init__.py").exists())


def place(label: str) -> int:
    return -1 if label in OUTSIDE else COMPLETE_ORDER.index(label)


def madang_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("madang.")]


def test_every_room_has_its_place_and_is_installed():
    installed = {config.label for config in apps.get_app_configs() if config.name.startswith("madang.apps.")}
    assert installed == set(rooms())
    assert set(rooms()) <= set(COMPLETE_ORDER)


def test_import_linter_keeps_the_same_order():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    [layers] = [contract["layers"] for contract in contracts if contract.get("containers") == ["madang.apps"]]
    assert [layer.strip("()") for layer in layers] == COMPLETE_ORDER[::-1]
    assert {layer for layer in layers if not layer.startswith("(")} == set(rooms())


def test_foreign_keys_point_to_the_left():
    pointing = [
        (model._meta.app_label, field.related_model._meta.app_label)
        for model in madang_models()
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete
    ]
    assert pointing
    assert [pair for pair in pointing if place(pair[1]) > place(pair[0])] == []


def test_migrations_depend_to_the_left():
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    ours = {key: migration for key, migration in disk.items() if migration.__module__.startswith("madang.")}
    pointing = [(label, on) for (label, _), migration in ours.items() for on, _ in migration.dependencies]
    before = [(on, label) for (label, _), migration in ours.items() for on, _ in migration.run_before]
    assert ours
    assert [pair for pair in pointing + before if place(pair[1]) > place(pair[0])] == []


@pytest.mark.django_db
def test_migrations_say_what_the_models_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("room", rooms())
def test_a_room_has_the_usual_files_and_none_is_empty(room):
    files = [path for path in (PACKAGE / "apps" / room).iterdir() if path.suffix == ".py"]
    assert {path.stem for path in files} <= ROOM_FILES
    folders = {path.name for path in (PACKAGE / "apps" / room).iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders <= {"migrations", *PACKAGES}
    assert folders.isdisjoint(path.stem for path in files)
    for folder in folders & PACKAGES:
        files += (PACKAGE / "apps" / room / folder).glob("*.py")
    assert [path.name for path in files if not path.read_text("utf-8").strip()] == []


def test_state_changes_in_commands_only():
    """Outside commands (and migrations) nothing saves, creates, updates or deletes a row."""
    writing = {"save", "create", "bulk_create", "get_or_create", "update_or_create", "bulk_update"}
    found = [
        f"{path}:{node.lineno} .{node.func.attr}()"
        for folder in ("apps", "web", "cli")
        if (PACKAGE / folder).exists()
        for path, tree in modules(PACKAGE / folder)
        if not path.endswith("/commands.py") and "/commands/" not in path
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in writing
        if any(isinstance(part, ast.Attribute) and part.attr == "objects" for part in ast.walk(node.func))
        or (node.func.attr == "save" and folder != "cli")
    ]
    assert found == []


def test_a_package_of_commands_is_known_by_its_front_alone():
    """`commands/__init__.py` only hands on what `__all__` says; nobody outside reaches into its modules."""
    fronts = [(path, tree) for path, tree in modules(PACKAGE / "apps") if path.endswith("/commands/__init__.py")]
    assert fronts
    for path, tree in fronts:
        _docstring, *imports, listed = tree.body
        assert all(isinstance(node, ast.ImportFrom) for node in imports), path
        names = [alias.asname or alias.name for node in imports for alias in node.names]
        assert isinstance(listed, ast.Assign)
        assert sorted(ast.literal_eval(listed.value)) == sorted(names), path
    inside = [
        f"{path}: {node.module}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and ".commands." in node.module
        if node.module.startswith("madang.apps.")
        and not path.startswith(f"src/{node.module.replace('.', '/').rpartition('/')[0]}/")
    ]
    assert inside == []


def test_listeners_are_wired_in_site_only():
    found = [
        path
        for path, tree in modules()
        if not path.startswith("src/madang/site/")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "madang.kernel.events"
        if any(name.name == "listen" for name in node.names)
    ]
    assert found == []


@pytest.mark.django_db
def test_the_database_has_the_tables_of_the_apps_and_no_others():
    tables = set(connection.introspection.table_names()) - {"django_migrations"}
    assert tables == {model._meta.db_table for model in apps.get_models(include_auto_created=True)}


NO_SOLVER = """
import django, sys
django.setup()
import madang.apps.decisions.commands, madang.site.urls
print(*sorted({"ortools", "scipy", "numpy", "pandas", "vl_convert"} & set(sys.modules)))
"""


def test_a_web_process_loads_no_solver():
    """Memory: 86 MiB for each web process that would."""
    loaded = subprocess.run([sys.executable, "-c", NO_SOLVER], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
