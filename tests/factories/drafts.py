"""A draft that two people write in."""

from typing import Any

from madang.apps.accounts.commands import actor_of
from madang.apps.applications.commands import Saved, save_entries, start_draft
from madang.apps.applications.models import DraftEntry, DraftMember
from madang.kernel import clock
from madang.kernel.actors import Actor
from tests.factories.forms import DEFINITION, form_call
from tests.factories.people import belongs, organisation, person


class World:
    """An open call, a city with two people who write in its draft, and somebody from elsewhere."""

    def __init__(self, text: str = DEFINITION) -> None:
        self.call = form_call(text)
        self.city = organisation()
        self.aram, self.boram = person("aram", zone="Asia/Seoul"), person("boram", language="en", zone="Asia/Jakarta")
        belongs(self.city, self.aram, "file")
        self.first = actor_of(self.aram)
        self.draft = start_draft(actor=self.first, call=self.call, organisation=self.city, track="plan", language="ko")
        DraftMember.objects.create(draft=self.draft, person=self.boram, since=clock.now())
        self.second = actor_of(self.boram)
        self.stranger = actor_of(person("stranger"))

    def save(self, actor: Actor | None = None, base: Any = None, **typed: Any) -> Saved:
        changes = {key.replace("__", "."): value for key, value in typed.items()}
        return save_entries(actor=actor or self.first, draft=self.draft, changes=changes, base=base or {})

    def stored(self) -> dict[str, Any]:
        return dict(DraftEntry.objects.filter(draft=self.draft).values_list("key", "typed"))
