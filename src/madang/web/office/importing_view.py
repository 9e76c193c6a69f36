"""What pages about imports say: states, faults with their places, lists of a preview, totals, columns."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext, pgettext_lazy

from madang.apps.applications.models import Import, ReceptionBatch
from madang.core.lifecycle.importing import ASKS, CONFIRMED, FAULTY, READY, WAITING
from madang.core.reasons import Fault, Reason
from madang.kernel import progress
from madang.papers import classifications
from madang.papers.intake.matching import places_of
from madang.papers.intake.reading import plans_of
from madang.web.enquiry_view import CallWords, spoken_reason
from madang.web.public.call_view import reader
from madang.words import place, say

Context = dict[str, Any]

STATES: Final = {
    WAITING: pgettext_lazy("import", "Is being read"),
    ASKS: pgettext_lazy("import", "Columns to be chosen"),
    FAULTY: pgettext_lazy("import", "Has faults"),
    READY: pgettext_lazy("import", "Waits to be confirmed"),
    CONFIRMED: pgettext_lazy("import", "Is being taken in"),
}
TONES: Final = {WAITING: "wait", CONFIRMED: "wait", ASKS: "wait", FAULTY: "danger", READY: "done"}
PHASES: Final = {
    "reading": gettext_lazy("Reading the tables"),
    "files": gettext_lazy("Looking at the files"),
    "comparing": gettext_lazy("Comparing with what is here"),
    "counting": gettext_lazy("Counting before and after"),
    "keeping": gettext_lazy("Keeping the files"),
    "gathering": gettext_lazy("Gathering the applications"),
    "packing": gettext_lazy("Packing the files"),
    "storing": gettext_lazy("Storing the applications"),
}
GENERAL: Final = {
    "applicant": gettext_lazy("Applicant"),
    "kind": gettext_lazy("Kind of organisation"),
    "organisation": gettext_lazy("Identity of the applicant"),
    "track": gettext_lazy("Type"),
    "country": gettext_lazy("Country"),
    "received": pgettext_lazy("application", "Received"),
    "members": gettext_lazy("Members of the consortium"),
    "files": gettext_lazy("Files"),
}
_PLACE: Final = re.compile(r"(?P<file>.*?)(?:, row (?P<row>\d+))?(?:, column (?P<column>.+))?")


def badge(imported: Import) -> Context:
    return {"text": str(STATES.get(imported.state, imported.state)), "tone": TONES.get(imported.state, "closed")}


def under_way(uid: str) -> Context:
    """How far the worker is with the work of this name."""
    told = progress.of(uid)
    total = told.total if told else 0
    return {
        "phase": str(PHASES.get(told.phase if told else "", gettext("Waits for its turn"))),
        "done": told.done if told else 0,
        "total": total,
        "text": gettext("%(done)s of %(total)s") % {"done": told.done, "total": total} if told and total else "",
    }


def faults(imported: Import) -> list[Context]:
    """Each fault with its file, row and column, and what to do about it."""
    language = reader().language
    return [_fault(Fault(code, at, params), language) for code, at, params in imported.found.get("faults", [])]


def _fault(fault: Fault, language: str) -> Context:
    found = _PLACE.fullmatch(fault.at)
    parts = found.groupdict() if found else {"file": fault.at, "row": None, "column": None}
    return {
        "file": place(parts["file"] or "", language),
        "row": parts["row"] or "",
        "column": parts["column"] or "",
        "text": say(fault, language),
    }


def reasons(imported: Import) -> list[str]:
    return [spoken_reason(Reason(code, params)) for code, params in imported.reasons]


def remarks(imported: Import) -> list[str]:
    language = reader().language
    told = imported.found.get("remarks", [])
    return [f"{place(at, language)}: {say(Fault(code, at, params), language)}" for code, at, params in told]


def tiles(counts: Mapping[str, int]) -> list[Context]:
    """The consequences in figures, what changes something first."""
    names = {
        "new": gettext("New"),
        "changed": gettext("Changed"),
        "unchanged": gettext("Same as before"),
        "conflicts": gettext("Filed here already"),
        "files": gettext("Files"),
    }
    notes = {
        "changed": gettext("take the place of earlier ones"),
        "unchanged": gettext("nothing happens to them"),
        "conflicts": gettext("are left out"),
    }
    return [
        {"name": name, "value": f"{counts.get(key, 0):,}", "note": notes.get(key, "")} for key, name in names.items()
    ]


def totals(found: Mapping[str, Any], words: CallWords) -> list[Context]:
    """Tables by type, region and country with what stands before and after, as `parts/_table.html` takes them."""
    counted = found.get("totals", {})
    if not counted:
        return []
    titles = {
        "by_type": gettext("By type"),
        "by_region": gettext("By region"),
        "by_country": gettext("By country"),
    }
    columns = [
        {"text": ""},
        {"text": gettext("Before"), "kind": "number"},
        {"text": gettext("After"), "kind": "number"},
        {"text": pgettext("figures", "Change"), "kind": "number"},
    ]
    tables = []
    for key, title in titles.items():
        rows = [_row(label_of(key, id_, words), before, after) for id_, before, after in counted.get(key, [])]
        if rows:
            total = _row(gettext("Applications"), *counted["cases"])
            head = [{"text": title}, *columns[1:]]
            tables.append(
                {"id": key.replace("_", "-"), "caption": title, "columns": head, "rows": rows, "total": total}
            )
    return tables


def _row(name: str, before: int, after: int) -> list[str]:
    change = after - before
    return [name, f"{before:,}", f"{after:,}", f"{change:+,}" if change else "–"]


def label_of(table: str, id_: str, words: CallWords) -> str:
    if id_ in ("not_itemised", "unclassified"):
        return gettext("Not itemised") if id_ == "not_itemised" else gettext("Not in the classification")
    if table == "by_type":
        return words.track(id_) or id_
    name = words.definition.classifications.get(table.removeprefix("by_"))
    return classifications.label(name, id_, words.wording.language) if name else id_


def changed(found: Mapping[str, Any], words: CallWords) -> list[Context]:
    """Applications that an earlier import brought, each with the names of what differs."""
    labels = {field.id: words.wording.of(field.label) for field in words.definition.fields()}
    return [
        {
            "reference": reference,
            "applicant": applicant,
            "row": row,
            "fields": [str(GENERAL.get(name, labels.get(name, name))) for name in fields],
        }
        for reference, applicant, row, fields in found.get("changed", [])
    ]


def lines(listed: Sequence[Sequence[Any]]) -> list[Context]:
    return [{"reference": one[0], "applicant": one[1], "row": one[2], "other": one[4:5]} for one in listed]


def files(found: Mapping[str, Any], words: CallWords) -> list[Context]:
    """Files with the application and the place that their names say."""
    names = place_names(words)
    return [
        {"path": path, "reference": reference, "place": names.get(key, "")}
        for path, reference, key in found.get("files", [])
    ]


def place_names(words: CallWords) -> dict[str, str]:
    """Key of a place for files -> what the call calls it."""
    labels = {f"documents.{one.id}": words.wording.of(one.label) for one in words.definition.documents}
    labels |= {field.id: words.wording.of(field.label) for field in words.definition.fields() if field.type == "file"}
    return {key: labels.get(key, key) for key in places_of(words.definition).values()}


def more(counts: Mapping[str, int], key: str, listed: Iterable[Any]) -> str:
    """How many more there are than the list shows; blank for none."""
    left = counts.get(key, 0) - len(list(listed))
    return ngettext("and %(n)s more", "and %(n)s more", left) % {"n": f"{left:,}"} if left > 0 else ""


def columns(imported: Import, words: CallWords) -> list[Context]:
    """Every title of the tables with what it is read as, and what it may be read as. `name` is of the form's field."""
    plans = plans_of(words.definition)
    found = []
    for index, one in enumerate(imported.found.get("columns", [])):
        plan = plans.get(one["table"])
        if plan is None:
            continue
        found.append(
            {
                "name": f"column-{index}",
                "table": words.wording.of(plan.title),
                "title": one["title"],
                "letter": one["letter"],
                "samples": one["samples"],
                "unit": one["unit"],
                "value": one["column"] or one["near"],
                "proposed": one["how"] == "near",
                "unknown": one["how"] == "none",
                "own": one["how"] == "own",
                "options": [(column.id, words.wording.of(column.label)) for column in plan.columns],
            }
        )
    return found


def batch_words(batch: ReceptionBatch, words: CallWords) -> Context:
    origin = getattr(batch, "origin", None)
    stands = batch.undone_at is None
    return {
        "pk": batch.pk,
        "url": reverse("office:batch", args=[batch.pk]),
        "source": batch.source,
        "note": words.wording.of(batch.note) if batch.note else "",
        "by": origin.by.shown if origin is not None and origin.by is not None else gettext("The console"),
        "when": words.spoken(batch.imported_at),
        "datetime": batch.imported_at.isoformat(timespec="seconds"),
        "came": getattr(batch, "came", 0),
        "stand": getattr(batch, "stand", 0),
        "stands": stands,
        "badge": {
            "text": gettext("Stands") if stands else gettext("Undone"),
            "tone": "done" if stands else "closed",
        },
        "undone": words.spoken(batch.undone_at) if batch.undone_at else "",
        "original": origin,
    }
