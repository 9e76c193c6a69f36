"""The words of the screens: gather them, and compile their Korean.

    python scripts/messages.py           gather msgids into the .po (translations stay), compile the .mo
    python scripts/messages.py --check   change nothing; say what is missing, stale or empty, and exit 1

The msgid is the English text. Only Babel and Django are needed, no gettext tools.
"""

import io
import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "madang"
PLACE = re.compile(r"%\((\w+)\)s")
FOLDER = SOURCE / "locale" / "ko" / "LC_MESSAGES"
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}

HEAD = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Language: ko\n"
"Plural-Forms: nplurals=1; plural=0;\n"

"""


def sources() -> Iterator[tuple[Path, bytes]]:
    """Every file that may hold words of a screen, templates turned into Python for the extractor."""
    import django
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix == ".py":
            yield path, path.read_bytes()
        elif path.suffix in (".html", ".txt") and "templates" in path.parts:
            yield path, templatize(path.read_text(encoding="utf-8"), origin=str(path)).encode()


def gathered() -> Catalog:
    """What the source says now, without translations."""
    catalog = Catalog(locale="ko", project="Madang", charset="utf-8", fuzzy=False)
    for path, text in sources():
        for _line, message, _comments, context in extract("python", io.BytesIO(text), keywords=KEYWORDS):
            catalog.add(message, locations=[(str(path.relative_to(ROOT)), 0)], context=context)
    return catalog


def written() -> Catalog:
    path = FOLDER / "django.po"
    if not path.exists():
        return Catalog(locale="ko")
    with path.open("rb") as file:
        return read_po(file, locale="ko")


def po_text(catalog: Catalog) -> bytes:
    """The .po without dates and line numbers, so that it changes only when words do."""
    out = io.BytesIO()
    write_po(out, catalog, omit_header=True, no_location=True, sort_output=True, width=120)
    return HEAD.encode() + out.getvalue().lstrip()


def mo_bytes(catalog: Catalog) -> bytes:
    catalog.creation_date = catalog.revision_date = datetime(
        2026, 1, 1, tzinfo=UTC
    )  # so that equal words make equal files
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def spoken(path: Path) -> dict[tuple[object, object], object]:
    """What a .mo says, by msgid and context; nothing when it does not exist."""
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {_key(message): _whole(message.string) for message in read_mo(file) if message.id}


def _key(message: Message) -> tuple[object, object]:
    """Msgid and context; `read_mo` gives plurals as lists and contexts as bytes."""
    context = message.context.decode() if isinstance(message.context, bytes) else message.context
    return _whole(message.id), context


def _whole(text: object) -> object:
    return tuple(text) if isinstance(text, list) else text


def faults() -> Iterator[str]:
    """What is wrong with the committed files, one line each."""
    now, kept = gathered(), written()
    here = {(message.id, message.context) for message in now if message.id}
    there = {(message.id, message.context): message for message in kept if message.id}
    yield from (f"not in the .po: {key[0]!r}" for key in sorted(here - there.keys(), key=str))
    yield from (f"no longer used: {key[0]!r}" for key in sorted(there.keys() - here, key=str))
    for message in there.values():
        texts = message.string if isinstance(message.string, (tuple, list)) else [message.string]
        if not all(texts):
            yield f"no Korean: {message.id!r}"
        if message.fuzzy:
            yield f"fuzzy: {message.id!r}"
        yield from (f"{message.id!r}: {error}" for error in message.check(kept))
        ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
        wanted, given = (set(PLACE.findall(" ".join(of))) for of in (ids, filter(None, texts)))
        if wanted != given:
            yield f"{message.id!r}: other places to fill in: {sorted(wanted ^ given)}"
    if spoken(FOLDER / "django.mo") != {key: message.string for key, message in there.items()}:
        yield "the .mo is not what the .po compiles to"


def update() -> None:
    catalog, kept = gathered(), written()
    for message in catalog:
        old = kept.get(message.id, message.context) if message.id else None
        if old is not None:
            message.string = old.string
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "django.po").write_bytes(po_text(catalog))
    (FOLDER / "django.mo").write_bytes(mo_bytes(written()))


if __name__ == "__main__":
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    if "--check" not in sys.argv:
        update()
    found = list(faults())
    print("\n".join(found) or "words: complete")
    sys.exit(bool(found))
