"""Applications that are complete, and filed."""

import datetime as dt
import io
from typing import Any

from madang.apps.accounts.commands import actor_of
from madang.apps.applications import commands
from madang.apps.applications.models import Draft, Filing
from madang.apps.applications.queries import form_state
from madang.apps.calls.models import Call
from madang.kernel.clock import now
from tests.factories.drafts import World
from tests.factories.forms import DEFINITION, form_call

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
"""Enough of a PDF to be one."""


class FilingWorld(World):
    """The world of a draft with everything filled in that the call asks for."""

    def __init__(self, text: str = DEFINITION) -> None:
        super().__init__(text)
        self.fill()

    def fill(self) -> None:
        for number in range(2):
            row = commands.add_row(actor=self.first, draft=self.draft, key="goals")
            self.save(**{f"goals__{row}__goal": f"Goal {number}", f"goals__{row}__public": "no"})
        self.save(name="Hanbit", agreed="yes", people="5000", why="For everybody")
        self.attach("paper", "agreement.pdf")
        self.save(named="Agreement")
        self.attach("documents.letter", "letter.pdf")
        self.draft.refresh_from_db()
        assert form_state(self.draft).complete, form_state(self.draft).missing

    def attach(self, key: str, name: str, content: bytes = PDF) -> Any:
        return commands.attach_file(actor=self.first, draft=self.draft, key=key, name=name, content=io.BytesIO(content))

    def file(self, *, at: dt.datetime | None = None, seen: int | None = None) -> Filing:
        self.draft.refresh_from_db()
        seen = self.draft.revision if seen is None else seen
        return commands.file_draft(actor=self.first, draft=self.draft, seen_revision=seen, arrived_at=at or now())

    def now(self) -> Draft:
        self.draft.refresh_from_db()
        return self.draft


def filed() -> FilingWorld:
    """A world whose application is filed."""
    world = FilingWorld()
    world.file()
    world.draft.refresh_from_db()
    return world


__all__ = ["PDF", "Call", "FilingWorld", "actor_of", "filed", "form_call"]
