"""Reading the installation's environment: flags, lists, the database address."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"", "0", "false", "no", "off"}


def flag(name: str) -> bool:
    """Whether the variable switches something on; unset is off, and anything unclear is refused."""
    value = os.environ.get(name, "").strip().lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}")
    return value in TRUE


def words(name: str, *, default: list[str]) -> list[str]:
    """A list separated by commas; the default when the variable is unset or empty."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()] or default


def database(url: str, data: Path) -> dict[str, Any]:
    """Django's entry for a database address; an empty one means SQLite in the data folder.

    `sqlite:////absolute/path`, `sqlite:///relative/path`, `postgresql://user:password@host:port/name?option=value`;
    percent-encoding is undone, and `?host=/folder` names a socket, as libpq has it.
    """
    if not url:
        return _sqlite(data / "madang.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(Path(unquote(parts.path).removeprefix("/")).absolute())
    if parts.scheme in {"postgresql", "postgres"}:
        options = dict(parse_qsl(parts.query))
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path).removeprefix("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": options.pop("host", "") or parts.hostname or "",
            "PORT": str(parts.port or options.pop("port", "")),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options,
        }
    raise ImproperlyConfigured(f"MADANG_DATABASE_URL: {parts.scheme!r} is neither sqlite nor postgresql")


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            # IMMEDIATE: a writer waits for its turn at the start, instead of failing when it first writes.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }
