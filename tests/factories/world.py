"""A whole small world for walking the permissions: every persona, and every thing in each of its states."""

from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from madang.apps.accounts.models import Person
from madang.apps.directory.models import Organisation
from madang.web.access import PERSONAS
from tests.factories.calls import published
from tests.factories.people import belongs, organisation, person

PROGRAMME = "sample-programme"
OPEN = {"opens": "2022-01-03", "closes": "2099-02-04 18:00"}

ROLES = {
    "officer": {"role": "officer"},
    "approver": {"role": "officer"},
    "secretariat": {"role": "secretariat", "programme": PROGRAMME},
    "other_secretariat": {"role": "secretariat", "programme": "another-programme"},
    "opinion_desk": {"role": "opinion_desk"},
    "evaluator": {"role": "evaluator"},
    "decision_maker": {"role": "decision_maker"},
    "auditor": {"role": "auditor"},
    "administrator": {"role": "administrator"},
}
DUTIES = {"member": (), "manager": ("manage",), "filler": (), "filer": ("fill", "file")}


@dataclass
class World:
    people: dict[str, Person]
    organisation: Organisation
    #: thing -> state -> the parameters of addresses about it
    things: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    #: route -> parameters that only this address has
    routes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def client(self, persona: str) -> Client:
        client = Client(headers={"host": "localhost"})
        if persona != "visitor":
            client.force_login(self.people[persona])
        return client

    def states(self, thing: str) -> list[str]:
        return list(self.things[thing]) if thing else [""]

    def parameters(self, route: str, thing: str, state: str) -> dict[str, Any]:
        """Of all that is known, what this address takes."""
        from django.urls import get_resolver

        known = {**(self.things[thing][state] if thing else {}), **self.routes.get(route, {})}
        space, _, name = route.rpartition(":")
        resolver: Any = get_resolver()
        for one in space.split(":") if space else ():
            resolver = resolver.namespace_dict[one][1]
        wanted = {parameter for pattern in resolver.reverse_dict.getlist(name) for parameter in pattern[0][0][1]}
        return {parameter: known[parameter] for parameter in wanted}


def build() -> World:
    people = {name: person(f"walk-{name}", **ROLES.get(name, {})) for name in PERSONAS if name != "visitor"}
    aram = organisation()
    for name, duties in DUTIES.items():
        belongs(aram, people[name], *duties)
    world = World(people, aram)
    calls = {
        "published": published("walk-soon", opens="2099-01-01", closes="2099-02-01 18:00"),
        "open": published("walk-open", **OPEN),
        "closed": published("walk-closed"),
    }
    world.things["call"] = {state: {"slug": call.slug} for state, call in calls.items()}
    return world
