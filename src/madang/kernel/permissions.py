"""May this person? Every right has one name, declared once, with a predicate and (for rows) the same right as a filter.

    EDIT = permission("applications.edit_draft", is_member, filter=drafts_of)      # in apps/<noun>/rules.py

    refuse_if(allowed(actor, EDIT, draft))        # in a command
    may(person, EDIT, draft)                      # on a screen, for showing or hiding a button
    visible_to(person, READ, Draft.objects.all()) # the same right for many rows

Predicates come from the `rules` package and are combined with `&`, `|`, `~`. An unknown name raises, always: a typing
mistake must never become a silent no (or yes). A property test holds predicate and filter together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models
from rules import Predicate

from madang.core.reasons import Reason
from madang.kernel.actors import Actor

M = TypeVar("M", bound=models.Model)
Filter = Callable[[Any, models.QuerySet[Any]], models.QuerySet[Any]]


class UnknownPermission(KeyError):
    """No room has declared this name."""


@dataclass(frozen=True, slots=True)
class Permission:
    """`filter(person, rows)` gives the rows for which `predicate(person, row)` holds; absent where none are listed."""

    name: str
    predicate: Predicate
    filter: Filter | None = None


PERMISSIONS: dict[str, Permission] = {}
"""Every right of the house by name."""


def permission(name: str, predicate: Predicate, *, filter: Filter | None = None) -> str:
    """Declare a right (`app.verb_noun`) and give its name back. Raises `TypeError` for a name that is taken."""
    if name in PERMISSIONS:
        raise TypeError(f"{name}: there is such a permission already")
    PERMISSIONS[name] = Permission(name, predicate, filter)
    return name


def _declared(name: str) -> Permission:
    try:
        return PERMISSIONS[name]
    except KeyError:
        raise UnknownPermission(name) from None


def may(person: Any, name: str, thing: Any = None) -> bool:
    """Whether the person may; nobody signed in is `None` or Django's anonymous user."""
    return bool(_declared(name).predicate.test(person, thing))


def visible_to(person: Any, name: str, rows: models.QuerySet[M]) -> models.QuerySet[M]:
    """The rows for which `may(person, name, row)` holds. Raises `TypeError` for a right without a filter."""
    found = _declared(name).filter
    if found is None:
        raise TypeError(f"{name}: nobody has said how to list what one may")
    return found(person, rows)


def allowed(actor: Actor, name: str, thing: Any = None) -> tuple[Reason, ...]:
    """The reasons against, none where it is allowed.

    Who sits at the machine's console (`office`) or loads samples (`demo`) may do what people may; the platform by
    itself (`system`) may do nothing that needs a right.
    """
    declared = _declared(name)
    if actor.kind in ("office", "demo"):
        return ()
    if actor.kind in ("system", "link"):
        return (Reason("people_only"),)
    return () if declared.predicate.test(actor.person, thing) else (Reason("not_permitted"),)
