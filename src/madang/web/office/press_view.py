"""A report for the press as its pages show it: the texts with their marks, the tables, what is different today."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext_lazy

from madang.apps.applications.queries import told_in_public
from madang.apps.review.models import PressPack, PressReport
from madang.apps.review.queries import NumberMark, Opened
from madang.apps.review.tasks import progress_of
from madang.core.lifecycle.press import FINISHED, WRITING
from madang.core.statistics.press import CHANGED, OTHER_UNIT, SEVERAL, Mark
from madang.papers.press.model import FORMS, LANGUAGES, STEPS
from madang.papers.press.naming import Naming
from madang.papers.press.tables import Table, shown, tables_of, there_are
from madang.web.enquiry_view import CallWords, Context, Field, language_name
from madang.words.labels import label

STATES: Final[Mapping[str, str | Promise]] = {
    WRITING: pgettext_lazy("press report", "Being written"),
    FINISHED: pgettext_lazy("press report", "Finished"),
}
NEAR: Final = 200
"""Letters of a sentence that are shown on each side of a number."""
TONES: Final = {WRITING: "wait", FINISHED: "done"}


def badge(report: PressReport) -> Context:
    return {"text": str(STATES[report.state]), "tone": TONES[report.state]}


def crumbs(words: CallWords | None = None, *more: str) -> list[Context]:
    """The way to the page of a call's reports, and below it."""
    found: list[Context] = [
        {"text": gettext("Office"), "url": reverse("office:home")},
        {"text": gettext("Figures for the press"), "url": reverse("office:press-calls")},
    ]
    if words is not None:
        found.append({"text": words.title, "url": reverse("office:press", args=[words.call.slug])})
    return [*found, *({"text": text} for text in more)]


class ReportView:
    """One opened report in the reader's language. `typed`: texts and tables that were not saved."""

    def __init__(
        self,
        opened: Opened,
        words: CallWords,
        typed: Mapping[str, str] | None = None,
        chosen: Sequence[str] | None = None,
    ) -> None:
        self.opened, self.words = opened, words
        self.texts = dict(typed or opened.revision.texts)
        self.chosen = set(opened.revision.tables if chosen is None else chosen)
        self.language = words.wording.language if words.wording.language in LANGUAGES else "en"
        self.naming = Naming(opened.counts, self.language)

    @property
    def title(self) -> str:
        return next((line.strip() for line in self.texts[self.language].splitlines() if line.strip()), "")

    @property
    def as_of(self) -> str:
        """As of when, and known when, in words."""
        counts = self.opened.counts
        known = self.words.wording.day(counts.known)
        if counts.as_of is None:
            return gettext("Everything received, as known on %(known)s") % {"known": known}
        day = self.naming.day(counts.as_of.isoformat())
        return gettext("As of %(day)s, as known on %(known)s") % {"day": day, "known": known}

    @property
    def not_public(self) -> bool:
        return not told_in_public(self.opened.report.call)

    def fields(self) -> list[Field]:
        """The texts, side by side."""
        found = []
        for language in LANGUAGES:
            name = language_name(language, self.words.wording)
            field = Field(f"text_{language}", name, "area", value=self.texts[language], rows=18, required=True)
            field.lang = language
            found.append(field)
        return found

    def checked(self) -> list[Context]:
        """For each language the saved text, and what is said of the numbers in it that are wrong."""
        every = self.opened.marks()
        return [self._checked(language, [one for one in every if one.language == language]) for language in LANGUAGES]

    def _checked(self, language: str, found: Sequence[NumberMark]) -> Context:
        said = [one for one in found if one.mark.is_wrong or one.mark.status == SEVERAL]
        wrong = [one for one in said if one.mark.is_wrong]
        right = len(found) - len(wrong)
        return {
            "language": language,
            "name": language_name(language, self.words.wording),
            "text": self.opened.revision.texts[language],
            "wrong": [self.line(one) for one in wrong],
            "several": [self._several(one) for one in said if not one.mark.is_wrong],
            "open": sum(one.is_open for one in wrong),
            "right": ngettext(
                "%(n)s number is a figure of the reception.", "%(n)s numbers are figures of the reception.", right
            )
            % {"n": right},
        }

    def line(self, one: NumberMark) -> Context:
        """One number that is wrong, in words and in its sentence."""
        mark = one.mark
        figure = self.opened.counts.figures.get(mark.name)
        told = {
            "shown": mark.shown,
            "figure": self.naming.figure(mark.name) if figure else "",
            "value": figure.text if figure else "",
        }
        if mark.status == CHANGED:
            text = gettext("“%(shown)s” no longer matches: %(figure)s = %(value)s.")
        elif mark.status == OTHER_UNIT:
            text = gettext("“%(shown)s” is told of something else than it counts: %(figure)s = %(value)s.")
        elif figure:
            text = gettext("“%(shown)s” is no figure of the reception. The nearest: %(figure)s = %(value)s.")
        else:
            text = gettext("“%(shown)s” is no figure of the reception.")
        return {
            "key": one.key,
            "shown": mark.shown,
            "text": text % told,
            **_in_sentence(self.opened.revision.texts[one.language], mark),
            "reason": one.reason,
        }

    def _several(self, one: NumberMark) -> str:
        names = "; ".join(self.naming.figure(name) for name in one.mark.names[:4])
        return gettext("“%(shown)s” may be: %(names)s.") % {"shown": one.mark.shown, "names": names}

    def tables(self) -> list[Context]:
        """The chosen tables, for `parts/_table.html`."""
        return [table_of(table) for table in tables_of(self.opened.counts, self.chosen, self.language)]

    def choices(self) -> list[Context]:
        return choices(there_are(self.opened.counts), self.chosen, self.language)

    def figures(self) -> list[Context]:
        """Every figure by name, in words, with its value: to be put into a text."""
        return [
            {"name": f"{{{name}}}", "text": self.naming.figure(name), "value": figure.text}
            for name, figure in self.opened.counts.figures.items()
            if not name.startswith("by_country.")
        ]

    def differences(self, found: Iterable[tuple[str, str, str]]) -> Context | None:
        """What a report of today would tell otherwise."""
        rows = [[self.naming.figure(name), then, today] for name, then, today in found]
        if not rows:
            return None
        heads = [gettext("Figure"), gettext("This report"), gettext("Today")]
        columns = [{"text": text, "kind": "number"} if n else {"text": text} for n, text in enumerate(heads)]
        return {"id": "differences", "caption": gettext("Different today"), "columns": columns, "rows": rows}

    def downloads(self) -> list[Context]:
        """The files of a finished report, by language."""
        uid = self.opened.report.uid
        return [
            {
                "name": language_name(language, self.words.wording),
                "files": [
                    {"text": form.upper(), "url": reverse("office:press-file", args=[uid, f"{language}.{form}"])}
                    for form in FORMS
                    if form != "json"
                ],
            }
            for language in LANGUAGES
        ]


def choices(there: Iterable[str], chosen: Iterable[str], language: str) -> list[Context]:
    """Tables to tick."""
    wanted = set(chosen)
    names = {name: f"table.{name}" for name in there} | {"growth": "table.growth_choice"}
    return [{"id": name, "text": label("press", names[name], language), "checked": name in wanted} for name in there]


def table_of(table: Table) -> Context:
    found: Context = {
        "id": f"table-{table.id}",
        "caption": table.title,
        "columns": [{"text": text, "kind": "number"} if number else {"text": text} for text, number in table.columns],
        "rows": [[shown(cell) for cell in row] for row in table.rows],
        "note": table.note,
    }
    return found | ({"total": [shown(cell) for cell in table.total]} if table.total else {})


def _in_sentence(text: str, mark: Mark) -> Context:
    """What stands before and behind the number in its sentence; of a long one what is near."""
    first = text.index(mark.sentence, max(mark.start - len(mark.sentence), 0))
    at = mark.start - first
    before, after = mark.sentence[:at], mark.sentence[at + len(mark.shown) :]
    return {
        "before": before if len(before) <= NEAR else f"…{before[-NEAR:]}",
        "after": after if len(after) <= NEAR else f"{after[:NEAR]}…",
    }


def pack_view(report: PressReport, pack: PressPack | None) -> Context:
    """The pack of a finished report: not asked for, being made, made, or failed."""
    state = pack.state if pack else ""
    done = progress_of(pack) if pack and state == "waiting" else 0
    return {
        "state": state,
        "url": reverse("office:press-pack", args=[report.uid]),
        "look": reverse("office:press-pack-state", args=[report.uid]),
        "done": done,
        "steps": STEPS,
        "sha256": pack.sha256 if pack else "",
        "size": pack.size_bytes if pack else 0,
    }


def context_of(view: ReportView, **more: Any) -> Context:
    """What every page about one report needs."""
    report = view.opened.report
    return {
        "section": "office",
        "report": report,
        "revision": view.opened.revision,
        "view": view,
        "words": view.words,
        "badge": badge(report),
        "sample": view.opened.counts.sample,
        "crumbs": crumbs(view.words, view.title),
        **more,
    }
