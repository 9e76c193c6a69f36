"""Who holds which role, as predicates for every room, and the rights around accounts themselves."""

import re
import unicodedata
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from django.db.models import QuerySet
from rules import predicate

from madang.apps.accounts.enums import Role
from madang.apps.accounts.models import Person, is_person
from madang.kernel.permissions import permission

BIDI: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Controls of the direction of writing: in a name they turn around what stands beside it."""


def has_controls(name: str) -> bool:
    """Whether a name holds what cannot be seen: control characters, half characters, turns of direction."""
    return any(unicodedata.category(char) in ("Cc", "Cs") or unicodedata.bidirectional(char) in BIDI for char in name)


_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")


def is_language(tag: str) -> bool:
    """Whether this names a language: `vi`, `zh-Hant`, `pt-BR`. It need not be one that the site speaks: its words come
    in the language that is nearest then, and those of a call in this one.
    """
    try:
        return len(tag) <= 10 and bool(_LANGUAGE.fullmatch(tag)) and bool(Locale.parse(tag, sep="-"))
    except (UnknownLocaleError, ValueError):
        return False


def role(name: Role, *, of: str = "") -> Any:
    """A predicate: the person holds this role.

    `of` names an attribute path of the thing that tells the programme's slug (`programme.slug`); then the role must
    cover that programme. Without it the role counts wherever it was given.
    """

    @predicate(f"role:{name.value}{':' + of if of else ''}")
    def holds(person: Any, thing: Any = None) -> bool:
        if not is_person(person):
            return False
        if not of or thing is None:
            return bool(person.holds(name))
        found = thing
        for part in of.split("."):
            found = getattr(found, part)
        return bool(person.holds(name, programme=found))

    return holds


@predicate("signed-in")
def is_signed_in(person: Any, thing: Any = None) -> bool:
    return is_person(person)


@predicate("oneself")
def is_oneself(person: Any, thing: Any = None) -> bool:
    return is_person(person) and thing is not None and person.pk == thing.pk


is_officer = role(Role.OFFICER)
is_secretariat = role(Role.SECRETARIAT)
is_auditor = role(Role.AUDITOR)
is_administrator = role(Role.ADMINISTRATOR)


def _oneself_or_all(person: Any, rows: QuerySet[Person]) -> QuerySet[Person]:
    if not is_person(person):
        return rows.none()
    if is_administrator.test(person, None) or is_auditor.test(person, None):
        return rows
    return rows.filter(pk=person.pk)


READ_PERSON = permission("accounts.read_person", is_oneself | is_administrator | is_auditor, filter=_oneself_or_all)
EDIT_PERSON = permission("accounts.edit_person", is_oneself)
GRANT_ROLE = permission("accounts.grant_role", is_administrator)
CLOSE_ACCOUNT = permission("accounts.close_account", is_oneself | is_administrator)
READ_ROLES = permission("accounts.read_roles", is_administrator | is_auditor)
