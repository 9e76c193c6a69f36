"""A draft of a definition as the office's pages show it: outline, findings, whose turn it is, history, differences."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from madang.apps.accounts.models import Person
from madang.apps.calls.models import DefinitionDraft, DefinitionVersion
from madang.apps.calls.queries import current_version, inspected, writers_of
from madang.apps.calls.rules import APPROVE_DEFINITION, PUBLISH, WRITE_DEFINITION
from madang.core.callspec.blocks import Block
from madang.core.callspec.edit.changes import changes
from madang.core.callspec.edit.place import place
from madang.core.callspec.edit.shape import ROOT, Path, Shape, block_of, data_at, fields_of, parts, shape_at
from madang.core.lifecycle.definition import APPROVED, DISCARDED, OPEN, PUBLISHED, SUBMITTED, WRITING
from madang.core.reasons import Fault
from madang.kernel.permissions import may
from madang.web.office.definition_form import within
from madang.web.office.definition_words import key_words, kind_words, part_name, place_words, value_words
from madang.web.public.call_view import reader
from madang.words import say, say_fault

STATE_NAMES: Final = {
    WRITING: pgettext_lazy("definition", "Being written"),
    SUBMITTED: pgettext_lazy("definition", "Waits for approval"),
    APPROVED: pgettext_lazy("definition", "Approved"),
    PUBLISHED: pgettext_lazy("definition", "Published"),
    DISCARDED: pgettext_lazy("definition", "Discarded"),
}
TONES: Final = {WRITING: "plain", SUBMITTED: "wait", APPROVED: "open", PUBLISHED: "done", DISCARDED: "closed"}
TABS: Final = (
    ("office:definition", _("Overview")),
    ("office:definition-form", _("Forms")),
    ("office:definition-text", _("Text")),
    ("office:definition-preview", _("Preview")),
    ("office:definition-differences", _("Differences")),
)
MOST_HISTORY: Final = 50
MOST_TEXT_LINES: Final = 4000

Context = dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """A fault in words, with the way to its place."""

    text: str
    where: str
    url: str
    line: int


class DraftView:
    """One draft, for one reader."""

    def __init__(self, draft: DefinitionDraft, person: Person) -> None:
        self.draft = draft
        self.person = person

    @cached_property
    def found(self) -> Any:
        return inspected(self.draft.text)

    @property
    def data(self) -> Any:
        return self.found.data

    @property
    def title(self) -> str:
        return reader().of(self.draft.title) or self.draft.slug or gettext("Without a title")

    @property
    def state_name(self) -> str:
        return str(STATE_NAMES[self.draft.state])

    @property
    def tone(self) -> str:
        return TONES[self.draft.state]

    @property
    def is_open(self) -> bool:
        return self.draft.state in OPEN

    @property
    def is_amendment(self) -> bool:
        return (self.draft.call_id is not None and self.draft.state != PUBLISHED) or bool(self.draft.reason)

    @property
    def origin(self) -> str:
        """What the draft was begun with, in words."""
        first, _, rest = self.draft.origin.partition(" ")
        if first == "call":
            slug, _, number = rest.partition(" version ")
            if number:
                return gettext("Version %(number)s of %(call)s") % {"number": number, "call": slug}
            return gettext("A copy of %(call)s") % {"call": slug}
        named = {"text": gettext("A text"), "empty": gettext("An empty definition")}
        return named.get(first) or gettext("The shipped definition %(name)s") % {"name": first.rpartition("/")[2]}

    @property
    def kind(self) -> str:
        return gettext("Amendment") if self.is_amendment else gettext("New call")

    @property
    def url(self) -> str:
        return reverse("office:definition", args=[self.draft.uid])

    def part_url(self, path: Path) -> str:
        written = place(path)
        args = [self.draft.uid, written] if written else [self.draft.uid]
        return reverse("office:definition-part" if written else "office:definition-form", args=args)

    # -- who may do what now ------------------------------------------------------------------------------------------

    @cached_property
    def writers(self) -> set[int]:
        return writers_of(self.draft)

    @property
    def may_write(self) -> bool:
        return self.draft.state == WRITING and may(self.person, WRITE_DEFINITION, self.draft)

    @property
    def may_approve(self) -> bool:
        mine = self.person.pk in {*self.writers, self.draft.submitted_by_id}
        return self.draft.state == SUBMITTED and not mine and may(self.person, APPROVE_DEFINITION, self.draft)

    @property
    def may_return(self) -> bool:
        return self.draft.state in (SUBMITTED, APPROVED) and may(self.person, APPROVE_DEFINITION, self.draft)

    @property
    def may_publish(self) -> bool:
        return self.draft.state == APPROVED and may(self.person, PUBLISH, self.draft)

    @property
    def may_extend(self) -> bool:
        """Whether the published call's deadline can be extended by this reader."""
        call = self.draft.call
        can = call is not None and call.closes_at is not None and call.decided_at is None
        return self.draft.state == PUBLISHED and can and may(self.person, WRITE_DEFINITION, call)

    @property
    def may_discard(self) -> bool:
        return self.is_open and may(self.person, WRITE_DEFINITION, self.draft)

    @property
    def is_my_turn(self) -> bool:
        """Whether this reader is among those who can take the next step."""
        wrote = self.draft.state == WRITING and self.person.pk in self.writers and self.may_write
        return wrote or self.may_approve or self.may_publish

    @property
    def turn(self) -> str:
        """Whose turn it is, in a line."""
        if self.draft.state == WRITING:
            return gettext("Yours") if self.is_my_turn else self.draft.written_by.shown
        if self.draft.state == SUBMITTED:
            return gettext("Yours: approve or return") if self.may_approve else gettext("Another officer")
        if self.draft.state == APPROVED:
            return gettext("Yours: publish") if self.may_publish else gettext("An officer")
        return ""

    @property
    def frame(self) -> Context:
        """What every page of a draft needs."""
        return {
            "section": "office",
            "view": self,
            "tabs": [(reverse(name, args=[self.draft.uid]), str(words), name) for name, words in TABS],
            "findings": self.findings,
        }

    # -- findings -----------------------------------------------------------------------------------------------------

    @cached_property
    def findings(self) -> list[Finding]:
        return [self._finding(path, fault) for path, fault in self.found.faults]

    def _finding(self, path: Path, fault: Fault) -> Finding:
        line = int(fault.at.split()[1]) if fault.at.startswith("line ") else 0
        if self.data is None:
            url = reverse("office:definition-text", args=[self.draft.uid])
            return Finding(say(fault, reader().language), "", f"{url}#line-{line}" if line else url, line)
        page = self._page_of(path)
        at = path[: len(page) + 1]
        if self._is_within(at):
            at = path[: len(page) + 2]
        anchor = f"#{anchor_of(at, page)}" if at != page else ""
        return Finding(say(fault, reader().language), place_words(path, self.data), self.part_url(page) + anchor, line)

    def _page_of(self, path: Path) -> Path:
        """The part whose form has this place: the nearest that stands there."""
        while path and (path not in self.pages or self._is_within(path)):
            path = path[:-1]
        return path

    @cached_property
    def pages(self) -> frozenset[Path]:
        """The paths of all parts that stand there."""
        return frozenset(path for path, _ in parts(self.data))

    def _is_within(self, path: Path) -> bool:
        """Whether the part stands in the form of the one above it: items of lists and maps never do."""
        above, shape = shape_at(path[:-1], self.data), shape_at(path, self.data)
        if above is None or shape is None or above.kind not in ("block", "union"):
            return False
        return within(path, shape, data_at(path, self.data))

    def faults_at(self, path: Path, *, below: bool = True) -> list[str]:
        """Sentences of the faults of a place, and of what is below it."""
        return [
            say(fault, reader().language)
            for at, fault in self.found.faults
            if at == path or (below and at[: len(path)] == path)
        ]

    @cached_property
    def sentences(self) -> list[str]:
        return [say_fault(fault, reader().language) for _, fault in self.found.faults]

    # -- outline ------------------------------------------------------------------------------------------------------

    def outline(self, here: Path) -> list[Context]:
        """Every top-level part with the number of its faults; below the one that is open, all its parts."""
        data = self.data if isinstance(self.data, dict) else {}
        rows = [self._row(data, (), here, 0)]
        for key, shape in fields_of(ROOT.block).items() if ROOT.block else ():
            if shape.kind not in ("block", "union", "blocks", "block_map"):
                continue
            path: Path = (key,)
            rows.append(self._row(data, path, here, 0, shape))
            if here[:1] == path:
                below = [at for at, _ in parts(data) if at[:1] == path]
                for at in below:
                    if len(at) > 1 and self._is_near(at, here):
                        rows.append(self._row(data, at, here, sum(at[: len(one)] == one for one in below)))
        return rows

    def _is_near(self, at: Path, here: Path) -> bool:
        """The items of what is open, and the way down to the place itself with its neighbours."""
        return len(at) <= 2 or at[:-1] == here or here[: len(at)] == at or at[:-1] == here[:-1] or at[:-2] == here

    def _row(self, data: Any, path: Path, here: Path, depth: int, shape: Shape | None = None) -> Context:
        value = data_at(path, data)
        listed = shape is not None and shape.kind in ("blocks", "block_map")
        name = key_words(str(path[0]), ROOT.block) if len(path) == 1 else part_name(path, data)
        count = len(value) if listed and isinstance(value, list | dict) else None
        url = f"{self.part_url(())}#{anchor_of(path, ())}" if listed or value is None else self.part_url(path)
        return {
            "name": name if path else gettext("Head of the call"),
            "url": url,
            "depth": min(depth, 5),
            "here": path == here and not listed,
            "count": count,
            "faults": len(self.faults_at(path)) if path else len([1 for at, _ in self.found.faults if len(at) < 2]),
            "absent": value is None and bool(path),
        }

    def crumbs(self, path: Path) -> list[Context]:
        """From the list of calls down to this part."""
        crumbs: list[Context] = [
            {"text": gettext("Office"), "url": reverse("office:home")},
            {"text": gettext("Calls in the office"), "url": reverse("office:calls")},
            {"text": self.title, "url": self.url},
        ]
        if path:
            crumbs.append({"text": gettext("Forms"), "url": self.part_url(())})
        for depth in range(1, len(path) + 1):
            at = path[:depth]
            if at in self.pages:
                crumbs.append({"text": part_name(at, self.data), "url": self.part_url(at)})
        return crumbs

    # -- lists of parts -----------------------------------------------------------------------------------------------

    def children(self, path: Path) -> list[Context]:
        """The parts below a part that have forms of their own, by key: lists, and single parts."""
        shape_block = _block_at(path, self.data)
        here = data_at(path, self.data)
        found = []
        for key, shape in fields_of(shape_block).items() if shape_block else ():
            value = here.get(key) if isinstance(here, dict) else None
            if shape.kind in ("blocks", "block_map"):
                found.append(self._list(path, key, shape, value, shape_block))
            elif shape.kind in ("block", "union") and not within((*path, key), shape, value):
                found.append(self._single(path, key, shape, value, shape_block))
        return found

    def _list(self, path: Path, key: str, shape: Shape, value: Any, block: type[Block] | None) -> Context:
        at = (*path, key)
        named = shape.kind == "block_map"
        steps: list[str | int] = []
        if named and isinstance(value, dict):
            steps = list(value)
        elif not named and isinstance(value, list):
            steps = list(range(len(value)))
        rows = [self._item((*at, step), place_number, len(steps)) for place_number, step in enumerate(steps)]
        kinds = shape.item.kinds if shape.item else {}
        tag = shape.item.tag if shape.item else ""
        return {
            "at": place(at),
            "anchor": anchor_of(at, path),
            "path": at,
            "shape": shape,
            "block": block,
            "key": key,
            "list": True,
            "named": named,
            "rows": rows,
            "kinds": list(kinds),
            "tag": tag or "rules",
            "faults": self.faults_at(at, below=False),
            "required": shape.required,
        }

    def _item(self, path: Path, number: int, count: int) -> Context:
        return {
            "name": part_name(path, self.data),
            "kind": kind_words(path, self.data),
            "id": _id_of(data_at(path, self.data)),
            "url": self.part_url(path),
            "at": place(path),
            "faults": len(self.faults_at(path)),
            "first": number == 0,
            "last": number == count - 1,
            "number": number + 1,
            "ordered": isinstance(path[-1], int),
        }

    def _single(self, path: Path, key: str, shape: Shape, value: Any, block: type[Block] | None) -> Context:
        at = (*path, key)
        return {
            "at": place(at),
            "anchor": anchor_of(at, path),
            "path": at,
            "shape": shape,
            "block": block,
            "key": key,
            "list": False,
            "there": value is not None,
            "url": self.part_url(at),
            "kind": kind_words(at, self.data) if value is not None else "",
            "kinds": list(shape.kinds),
            "tag": shape.tag,
            "faults": self.faults_at(at) if value is None else [],
            "count": len(self.faults_at(at)),
            "required": shape.required,
        }

    # -- history and differences --------------------------------------------------------------------------------------

    def history(self) -> list[Context]:
        """The texts, the newest first."""
        texts = self.draft.texts.select_related("by").order_by("-revision")[:MOST_HISTORY]
        return [
            {
                "revision": one.revision,
                "by": one.by.shown,
                "at": one.at,
                "newest": one.revision == self.draft.revision,
                "url": f"{reverse('office:definition-differences', args=[self.draft.uid])}?against={one.revision}",
            }
            for one in texts
        ]

    @cached_property
    def published(self) -> DefinitionVersion | None:
        """The version that an amendment would follow."""
        if self.draft.call is None or self.draft.state in (PUBLISHED, DISCARDED):
            return None
        return current_version(self.draft.call)

    def compared(self, before: str) -> Context:
        """What changed from an earlier text to this one: by part and in words, and line by line."""
        old = inspected(before).data
        listed = list(changes(old, self.data)) if isinstance(old, dict) and isinstance(self.data, dict) else []
        groups: dict[str, list[Context]] = {}
        for change in listed:
            side = old if change.what == "removed" else self.data
            groups.setdefault(part_name(change.path[:1], side), []).append(
                {
                    "where": place_words(change.path[1:] and change.path, side),
                    "what": change.what,
                    "before": value_words(change.path, change.before),
                    "after": value_words(change.path, change.after),
                    "law": change.is_law,
                }
            )
        return {
            "groups": list(groups.items()),
            "count": len(listed),
            "law": any(change.is_law for change in listed),
            "lines": list(_lines(before, self.draft.text)),
            "same": before == self.draft.text,
        }


def anchor_of(path: Path, page: Path) -> str:
    """The anchor on a part's page of a place below it."""
    return "at-" + "-".join(str(step) for step in path[len(page) :])


def _lines(before: str, after: str) -> Iterator[Context]:
    marks = {"+": "added", "-": "removed", "@": "place"}
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=2, lineterm="")
    for number, line in enumerate(lines):
        if number < 2:  # the names of the two files
            continue
        if number > MOST_TEXT_LINES:
            return
        yield {
            "text": line[1:] if not line.startswith("@@") else line,
            "mark": marks.get(line[:1], "same"),
            "sign": line[:1],
        }


def _block_at(path: Path, data: Any) -> type[Block] | None:
    shape = shape_at(path, data)
    return block_of(shape, data_at(path, data)) if shape else None


def _id_of(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    return next((value[key] for key in ("id", "section", "role") if isinstance(value.get(key), str)), "")
