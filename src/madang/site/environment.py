"""Reading the installation's environment: flags, lists, the addresses of database, mail server and single sign-on."""

import os
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured

from madang.kernel import files, scanning

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


def number(name: str, *, default: int, most: int) -> int:
    """A whole number from 1 to `most`; the default when the variable is unset or empty."""
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= most):
        raise ImproperlyConfigured(f"{name} must be a whole number from 1 to {most}, not {value!r}")
    return int(value)


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
        # A thread of the web process keeps its connection. Opening one costs a millisecond; closing the last one writes
        # the whole log back into the database, a third of the processor time of a small write.
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            # IMMEDIATE: a writer waits for its turn at the start, instead of failing when it first writes.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }


def mail(url: str, data: Path) -> dict[str, Any]:
    """Django's settings for a mail address; an empty one (or `file:`) writes mails into the data folder's `mail/`.

    `smtp://user:password@host:port` plainly, `smtps://` over TLS from the start, `smtp+tls://` with STARTTLS;
    `console:` prints; `django:dotted.path.Backend?name=value` is any backend of Django: names in small letters are
    arguments of the class, names in capitals are settings that it reads.
    """
    parts = urlsplit(url or "file:")
    backends = "django.core.mail.backends"
    common: dict[str, Any] = {"MAIL_OPTIONS": {}}
    if parts.scheme == "file":
        return common | {"EMAIL_BACKEND": f"{backends}.filebased.EmailBackend", "EMAIL_FILE_PATH": str(data / "mail")}
    if parts.scheme == "console":
        return common | {"EMAIL_BACKEND": f"{backends}.console.EmailBackend"}
    if parts.scheme == "django":
        return _any_backend(parts.path, parts.query)
    if parts.scheme in {"smtp", "smtps", "smtp+tls"}:
        return common | {
            "EMAIL_BACKEND": f"{backends}.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname or "localhost",
            "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_SSL": parts.scheme == "smtps",
            "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
            "EMAIL_TIMEOUT": 30,
        }
    raise ImproperlyConfigured(
        f"MADANG_MAIL_URL: {parts.scheme!r} is none of smtp, smtps, smtp+tls, file, console and django"
    )


def _any_backend(path: str, query: str) -> dict[str, Any]:
    try:
        import_module(path.rpartition(".")[0])
    except (ImportError, ValueError) as error:
        raise ImproperlyConfigured(f"MADANG_MAIL_URL: there is no backend {path!r} here: {error}") from error
    given = {name: _value(value) for name, value in parse_qsl(query, keep_blank_values=True)}
    for name in given:
        if name.isupper() and hasattr(global_settings, name) and not name.startswith("EMAIL_"):
            raise ImproperlyConfigured(f"MADANG_MAIL_URL: {name} is a setting of Django's, not of a mail backend")
    options = {name: value for name, value in given.items() if not name.isupper()}
    return {"EMAIL_BACKEND": path, "MAIL_OPTIONS": options} | {n: v for n, v in given.items() if n.isupper()}


def _value(text: str) -> str | int | bool:
    """`25` is a number, `true` and `false` are a choice, everything else is text."""
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isascii() and text.isdigit() else text


def oidc() -> dict[str, Any]:
    """allauth's entry for the single sign-on of this installation; nothing where no issuer is named."""
    issuer = os.environ.get("MADANG_OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return {}
    client = os.environ.get("MADANG_OIDC_CLIENT_ID", "")
    if not client:
        raise ImproperlyConfigured("MADANG_OIDC_ISSUER needs MADANG_OIDC_CLIENT_ID")
    app = {
        "provider_id": "sso",
        "name": os.environ.get("MADANG_OIDC_NAME", "") or urlsplit(issuer).hostname,
        "client_id": client,
        "secret": os.environ.get("MADANG_OIDC_CLIENT_SECRET", ""),
        "settings": {"server_url": issuer},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}


def file_store(url: str) -> None:
    """Refuses an address of the file store that is none; it is read where it is used (`madang.kernel.files`)."""
    try:
        files.check_address(url)
    except ValueError as error:
        raise ImproperlyConfigured(f"{files.VARIABLE}: {error}") from None


def scanner(where: str) -> None:
    """The same for the virus scanner (`madang.kernel.scanning`)."""
    if where and not where.startswith("unix:/") and not where.rpartition(":")[2].isdecimal():
        raise ImproperlyConfigured(f"{scanning.VARIABLE} must be host:port or unix:/path")


def translator(url: str) -> str:
    """The address of a translation service, without a slash at its end; empty: none."""
    if url and urlsplit(url).scheme not in {"http", "https"}:
        raise ImproperlyConfigured("MADANG_TRANSLATOR_URL must begin with http:// or https://")
    return url.rstrip("/")


def sso_origins() -> list[str]:
    """Where a browser is sent for single sign-on: the issuer's origin, for the content security policy."""
    parts = urlsplit(os.environ.get("MADANG_OIDC_ISSUER", ""))
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []
