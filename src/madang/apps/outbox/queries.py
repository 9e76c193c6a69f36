"""Reads: whose mails, in which state, and who gets an announcement in which language."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Count, Model, QuerySet

from madang.apps.accounts.enums import Role
from madang.apps.calls.models import Call, DefinitionVersion
from madang.core.record.canonical import digest
from madang.kernel.mail import OF_A_DRAFT, MailBatch, OutgoingMail, State, in_state, pick

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Reach:
    """What somebody's roles cover: everything, or what is about these calls. `drafts`: also who is writing."""

    everything: bool
    calls: frozenset[str] = frozenset()
    drafts: bool = False

    def covers(self, about: str) -> bool:
        if about == OF_A_DRAFT:
            return self.drafts
        return self.everything or about in self.calls

    def of(self, rows: QuerySet[M]) -> QuerySet[M]:
        if not self.everything:
            return rows.filter(about__in=self.calls)
        return rows if self.drafts else rows.exclude(about=OF_A_DRAFT)


def reach(person: Any, roles: Collection[Role]) -> Reach:
    """Of the roles that count, what this person's cover. A statement for each role that is given for a part only.

    A secretariat's are the calls in whose definition in force it stands; a role without programme and secretariat
    covers everything, that of a secretariat every call. Who is writing a draft is no office's affair: mails of drafts
    are seen by administrators, who keep the mail running, and by auditors of everything.
    """
    calls: set[str] = set()
    everything = drafts = False
    for grant in person.held:
        if grant.role not in roles:
            continue
        if grant.role == Role.ADMINISTRATOR or not (
            grant.programme or grant.secretariat or grant.role == Role.SECRETARIAT
        ):
            everything, drafts = True, drafts or grant.role in (Role.ADMINISTRATOR, Role.AUDITOR)
            continue
        rows = Call.objects.filter(published_at__isnull=False)
        rows = rows.filter(programme__slug=grant.programme) if grant.programme else rows
        calls |= _kept_by(rows, grant.secretariat) if grant.secretariat else set(rows.values_list("slug", flat=True))
    return Reach(everything, frozenset(calls), drafts)


def _kept_by(calls: QuerySet[Call], secretariat: str) -> set[str]:
    """The calls whose definition in force names this secretariat. One statement."""
    versions = DefinitionVersion.objects.filter(call__in=calls).order_by("number")
    named = dict(versions.values_list("call__slug", "data__secretariats"))  # of equal calls the last one stays
    return {slug for slug, desks in named.items() if any(desk.get("id") == secretariat for desk in desks or ())}


def newest_first(rows: QuerySet[OutgoingMail]) -> QuerySet[OutgoingMail]:
    return rows.select_related("batch").order_by("-id")


def counts(rows: QuerySet[OutgoingMail]) -> dict[State, int]:
    """How many of these mails are in each state. A statement for each state."""
    return {state: in_state(rows, state).count() for state in State}


def templates_of(rows: QuerySet[OutgoingMail]) -> list[str]:
    return sorted(rows.order_by().values_list("template", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class Share:
    """So many readers of `own` get an announcement in `language`."""

    own: str
    language: str
    readers: int


def shares(batch: MailBatch) -> list[Share]:
    """Who gets an announcement in which language, the most readers first; those left out are not counted."""
    rows = batch.mails.filter(cancelled_at__isnull=True).order_by().values_list("own_language", "language")
    found = [Share(own, language, n) for own, language, n in rows.annotate(n=Count("pk"))]
    return sorted(found, key=lambda one: (-one.readers, one.own))


def languages_for(batch: MailBatch) -> dict[str, str]:
    """Reader's language -> the language in which the batch reaches them as it is written now. One statement."""
    own = batch.mails.order_by().values_list("own_language", flat=True).distinct()
    return {tag: pick(tag, batch.written, batch.languages) for tag in own}


def batch_state(batch: MailBatch) -> dict[str, Any]:
    """What the journal hashes of an announcement: its words, when, and for how many."""
    return {
        "texts": batch.texts,
        "state": batch.state,
        "not_before": batch.not_before.isoformat() if batch.not_before else "",
        "readers": sum(share.readers for share in shares(batch)),
    }


def seen_of(batch: MailBatch) -> str:
    """What a page shows of an announcement, as a mark: whoever releases it says which state they have read."""
    return digest(batch_state(batch))[:32]
