"""A report as files: one at a time, and as a pack for the sites that publish it.

The pack has a folder for each site that the call names, complete in itself, and a README with the hash of every file.
The same report gives the same bytes, but for the pictures, which are the renderer's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from madang.papers import office
from madang.papers.blocks import Figure, Paper
from madang.papers.press.making import files_of
from madang.papers.press.model import LANGUAGES, STEPS, Report
from madang.papers.press.naming import Naming
from madang.papers.press.page import fragment, page
from madang.papers.press.paper import paper_of
from madang.papers.press.tables import tables_of
from madang.papers.press.workbook import workbook

Told = Callable[[int], None]


def file_of(report: Report, language: str, form: str) -> bytes:
    """The report as one file. Raises `making.NotMade`."""
    if form == "json":
        return figures_json(report)
    if form == "xlsx":
        return workbook(report, language)
    paper = paper_of(report, language)
    return page(paper).encode() if form == "html" else files_of(paper, [form])[form]


def figures_json(report: Report) -> bytes:
    """Every figure by name, the tables in words, and what they were counted from."""
    counts = report.counts
    told: dict[str, Any] = {
        "call": counts.call,
        "sample": counts.sample,
        "report": report.uid,
        "revision": report.revision,
        "as_of": counts.as_of.isoformat() if counts.as_of else None,
        "known_at": counts.known_at.isoformat(timespec="microseconds"),
        "figures": {name: figure.text for name, figure in counts.figures.items()},
        "not_from_the_reception": [dict(one) for one in report.confirmed],
        "statistics": dict(counts.statistics),
        "tables": {language: _told(report, language) for language in LANGUAGES},
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _told(report: Report, language: str) -> list[dict[str, Any]]:
    return [
        {
            "id": table.id,
            "title": table.title,
            "columns": [text for text, _ in table.columns],
            "rows": [list(row) for row in table.rows],
            "total": list(table.total),
            "notes": list(table.notes),
        }
        for table in tables_of(report.counts, report.tables, language)
    ]


def pack(report: Report, told: Told = lambda _: None) -> bytes:
    """The pack as a ZIP file; `told` hears after each of `STEPS` steps how many are done. Raises `making.NotMade`."""
    each: dict[str, bytes] = {"figures.json": figures_json(report)}
    done = 0
    for language in LANGUAGES:
        paper = paper_of(report, language)
        each |= _charts(paper, language)
        done += 1
        told(done)
        made = files_of(paper, ["pdf", "hwpx"])
        each |= {f"{language}/report.{form}": content for form, content in made.items()}
        each[f"{language}/report.html"] = fragment(paper).encode()
        each[f"{language}/report.xlsx"] = workbook(report, language)
        done += 1
        told(done)
    sites = report.counts.definition.announcement.publish.sites or ("all",)
    content = {f"{site}/{name}": data for site in sites for name, data in sorted(each.items())}
    readme = _readme(report, sites, content)
    found = office.archive({"README.txt": readme, **content}, stored=[name for name in content if name[-3:] == "png"])
    told(STEPS)
    return found


def _charts(paper: Paper, language: str) -> Mapping[str, bytes]:
    figures = [part for part in paper.parts if isinstance(part, Figure)]
    made = {f"{language}/charts/{n}.svg": figure.svg for n, figure in enumerate(figures, 1)}
    return made | {f"{language}/charts/{n}.png": office.pixels(figure) for n, figure in enumerate(figures, 1)}


def _readme(report: Report, sites: tuple[str, ...], content: Mapping[str, bytes]) -> bytes:
    lines = []
    for language in LANGUAGES:
        naming = Naming(report.counts, language)
        lines += [report.title(language)]
        lines += [naming.say("sample_note")] if report.counts.sample else []
        lines += [naming.say("readme.report", uid=report.uid, revision=report.revision), naming.say("readme.what")]
        lines += [f"{naming.say('readme.sites')}:"]
        lines += [f"  {site}/  {naming.say('readme.all') if site == 'all' else naming.body(site)}" for site in sites]
        lines += [""]
    lines += [" / ".join(Naming(report.counts, language).say("readme.hashes") for language in LANGUAGES)]
    lines += [f"{hashlib.sha256(data).hexdigest()}  {name}" for name, data in content.items()]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")  # whoever opens it with a double click reads Korean
