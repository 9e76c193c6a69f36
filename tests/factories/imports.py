"""Applications as somebody else wrote them down: tables, archives, and their way through an import. All invented."""

import csv
import io
import zipfile
from typing import Any

import openpyxl

from madang.apps.applications import commands, tasks
from madang.apps.applications.models import Import
from madang.apps.calls.models import Call
from madang.kernel.actors import OFFICE, Actor

HEADER = ["application", "applicant", "kind", "track", "country", "received", "field", "requested [million]"]
PDF = b"%PDF-1.7\n%%EOF\n"


def row(number: int, **more: Any) -> list[Any]:
    given = {
        "application": f"A{number}",
        "applicant": f"City of Aram {number}",
        "kind": "city",
        "track": "plan" if number % 2 else "trial",
        "country": "XA",
        "received": "2022-01-12",
        "field": "transport",
        "requested [million]": 300,
    }
    return [(given | more)[name] for name in HEADER]


def sheet(*rows: list[Any], header: list[str] = HEADER) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    for one in (header, *rows):
        page.append(one)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_csv(*rows: list[Any], header: list[str] = HEADER, encoding: str = "utf-8") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode(encoding)


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def handed_in(call: Call, content: bytes, name: str = "list.xlsx", actor: Actor = OFFICE) -> Import:
    imported = commands.hand_in_import(
        actor=actor, call=call, name=name, content=io.BytesIO(content), size=len(content)
    )
    return worked(imported)


def worked(imported: Import) -> Import:
    tasks.work_on_imports()
    return Import.objects.select_related("batch").get(pk=imported.pk)


def confirmed(imported: Import, actor: Actor = OFFICE) -> Import:
    commands.confirm_import(
        actor=actor, imported=imported, seen=imported.seen_at.isoformat(), note={"en": "From the agency's mailbox"}
    )
    return worked(imported)


def taken_in(call: Call, content: bytes, name: str = "list.xlsx", actor: Actor = OFFICE) -> Import:
    done = confirmed(handed_in(call, content, name, actor), actor)
    assert done.state == "done", done.reasons
    return done


def bundle(*references: str, track: str = "plan") -> bytes:
    """A ZIP with applications of one type, and a file for each."""
    rows = [row(0, application=one, track=track) for one in references]
    return zipped({"applications.xlsx": sheet(*rows)} | {f"{one}/plan.pdf": PDF for one in references})
