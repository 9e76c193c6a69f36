"""Organisations when two people act at the same moment."""

from typing import Any

from madang.apps.directory import commands, queries
from madang.apps.directory.models import Organisation
from madang.kernel.actors import OFFICE, Actor
from tests.factories.people import acting, belongs


def founded(name: str = "City of Aram", by: Actor = OFFICE, **more: Any) -> Organisation:
    return commands.found_organisation(actor=by, kind="city", country="XA", name=name, sample=True, **more)


def test_two_who_found_one_company_at_once_get_one_company(together: Any) -> None:
    def found() -> Organisation:
        return founded(numbers=[("kr-brn", "1208147521")])

    results = together(found, found)
    assert sorted(type(result).__name__ for result in results) == ["Organisation", "Refused"]


def test_two_managers_who_leave_at_once_do_not_both_leave(together: Any) -> None:
    one, two = acting("aram"), acting("baram")
    city = founded(by=one)
    mine, other = city.affiliations.get(), belongs(city, two.person, "manage")
    results = together(
        lambda: commands.end_affiliation(actor=one, affiliation=mine),
        lambda: commands.end_affiliation(actor=two, affiliation=other),
    )
    assert sorted(type(result).__name__ for result in results) == ["Affiliation", "Refused"]
    assert len(queries.managers_of(city)) == 1
