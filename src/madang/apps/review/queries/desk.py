"""Reads: the lists of the desk by words and fields, who handles what, and notes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache, reduce
from operator import and_, or_
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.fields.json import KT, KeyTransform
from django.db.models.functions import Coalesce

from madang.apps.accounts.enums import Role
from madang.apps.accounts.models import Grant, Person
from madang.apps.applications.models import Application, Dossier, DraftFile
from madang.apps.calls.models import Call
from madang.apps.calls.queries import current_definition
from madang.apps.review.models import AssignedCase, Assignment, Handling
from madang.apps.review.rules import LIST_APPLICATIONS, readable_tracks
from madang.core.callspec import Definition
from madang.core.callspec.asked import ChoiceField, MoneyField
from madang.core.callspec.model import OrganisationKind
from madang.core.lifecycle.review import EXCLUDED, OPEN, PASSED
from madang.core.listing import WORDS, Field, Query, Term, parse
from madang.core.reasons import Malformed
from madang.core.record.canonical import digest
from madang.core.statistics import Classifications
from madang.kernel.clock import now
from madang.kernel.permissions import visible_to
from madang.papers import classifications

# --- Lists ------------------------------------------------------------------------------------------------------------

WITHDRAWN: Final = "withdrawn"
STATUSES: Final = (OPEN, PASSED, EXCLUDED, WITHDRAWN)
ME, NOBODY = "me", "none"
YES, NO = "yes", "no"
FILED, IMPORTED = "filed", "import"
_STATUS_NAMES: Final = {
    "eligible": PASSED, "적격": PASSED, "통과": PASSED, "심사중": OPEN, "제외": EXCLUDED, "철회": WITHDRAWN,
}  # fmt: skip
_YES_NO: Final = Field("choice", (YES, NO), {"예": YES, "아니오": NO})

ORDERS: Final[Mapping[str, Any]] = {
    "received": F("received_at"),
    "reference": F("reference"),
    "applicant": F("applicant_name"),
    "track": F("track"),
    "country": F("country"),
    "kind": F("kind"),
    "field": F("field"),
    "status": Coalesce(F("dossier__handling__state"), Value(OPEN)),
    "officer": Coalesce(F("dossier__handling__officer__name"), Value("")),
}
"""What a list can be sorted by; `-` before it turns it round. Equal ones stand in the order of their keys."""
NEWEST: Final = "-received"
_FIRST_DAY, _LAST_DAY = dt.date(1900, 1, 1), dt.date(9999, 12, 30)
"""Beyond them no zone of the world can be reckoned with; nothing was received there."""


@dataclass(frozen=True)
class Search:
    """What can be searched in the applications of a call, and what a query finds there. No statement of its own."""

    call: Call
    definition: Definition
    person: Person
    sets: Classifications = field(init=False)

    def __post_init__(self) -> None:
        chosen = tuple(sorted(self.definition.classifications.items()))
        object.__setattr__(self, "sets", _sets(chosen, self.call.is_sample))

    # -- the fields ---------------------------------------------------------------------------------------------------

    @property
    def fields(self) -> dict[str, Field]:
        """Fields by name, for `core.listing.parse`. Those that the call does not have are left out."""
        definition, sets = self.definition, self.sets
        named = definition.classifications
        countries = frozenset(sets.countries)
        found = {
            "status": Field("choice", STATUSES, _STATUS_NAMES),
            "kind": Field("choice", get_args(OrganisationKind)),
            "country": Field("choice" if countries else "text", countries, _labels(named.get("country", ""))),
            "officer": Field("text"),
            "received": Field("day"),
            "late": _YES_NO,
            "source": Field("choice", (FILED, IMPORTED)),
            "sample": _YES_NO,
            "missing": Field("choice", self.places),
        }
        if len(definition.tracks) > 1:
            titles = {text.casefold(): one.id for one in definition.tracks for text in dict(one.title).values()}
            found["track"] = Field("choice", tuple(one.id for one in definition.tracks), titles)
        if sets.regions:
            found["region"] = Field("choice", tuple(one.id for one in sets.regions), _labels(named.get("region", "")))
        if sets.fields:
            found["field"] = Field("choice", sets.fields, _labels(named.get("field", "")))
        return {one: Field("number") for one in self.amounts} | found

    @property
    def amounts(self) -> tuple[str, ...]:
        """Places of the form that ask for an amount; found in won."""
        return tuple(one.id for one in self.definition.fields() if isinstance(one, MoneyField))

    @property
    def documents(self) -> tuple[str, ...]:
        return tuple(one.id for one in self.definition.documents)

    @property
    def places(self) -> tuple[str, ...]:
        """What can be missing: documents first, then the form's places."""
        return tuple(dict.fromkeys([*self.documents, *(one.id for one in self.definition.fields())]))

    @property
    def on(self) -> str:
        """The day whose region sets count: the call's closing, or, where it never closes, today."""
        closes = self.definition.schedule.closes
        return closes.at[:10] if closes else f"{now().astimezone(self.zone):%Y-%m-%d}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.definition.schedule.zone)

    # -- what it finds ------------------------------------------------------------------------------------------------

    @property
    def desks(self) -> dict[str, str]:
        """Type -> its secretariat (blank: none named)."""
        return {track.id: track.secretariat or "" for track in self.definition.tracks}

    def listed(self) -> QuerySet[Application]:
        """What the person reads of the call, whether it stands or not: as `rules.LIST_APPLICATIONS` says."""
        tracks = readable_tracks(self.person, self.call, self.desks)
        rows = Application.objects.filter(call=self.call)
        return rows if tracks is None else rows.filter(self._of_tracks(tracks))

    def _of_tracks(self, tracks: Collection[str]) -> Q:
        """A type that the definition does not name any more is every secretariat's."""
        if not self.person.holds(Role.SECRETARIAT, programme=self.call.programme.slug):
            return Q(pk__in=[])
        return ~Q(track__in=[one for one in self.desks if one not in tracks])

    def found(self, query: Query) -> QuerySet[Application]:
        """The applications that the person reads and that fit: those that stand, unless withdrawn ones are asked for.
        Values of one field are alternatives, except what is missing and what is compared; whatever is negated must not
        hold.
        """
        rows = self.listed().filter(self._standing(query))
        if (
            query.having(WORDS)
            or query.having(WORDS, negated=True)
            or any(t.field in self.amounts for t in query.terms)
        ):
            rows = rows.alias(**{_amount(n): KeyTransform(id_, "answers") for n, id_ in enumerate(self.amounts)})
        for name in dict.fromkeys(term.field for term in query.terms):
            wanted = [self._condition(term) for term in query.having(name)]
            together = and_ if name in (WORDS, "missing", "received", *self.amounts) else or_
            if wanted:
                rows = rows.filter(reduce(together, wanted))
            for term in query.having(name, negated=True):
                rows = rows.exclude(self._condition(term))
        return rows

    def _standing(self, query: Query) -> Q:
        asked = {term.value for term in query.having("status")}
        if WITHDRAWN not in asked:
            return Q(undone_at__isnull=True)
        of_it = Application.objects.filter(dossier=OuterRef("dossier"))
        later = of_it.filter(Q(undone_at__isnull=True) | Q(undone_at__gt=OuterRef("undone_at")))
        gone = Q(undone_at__isnull=False, filing__isnull=False) & ~Exists(later)
        return gone if asked == {WITHDRAWN} else gone | Q(undone_at__isnull=True)

    def _condition(self, term: Term) -> Q:
        match term.field:
            case "":
                return Q(applicant_name__icontains=term.value) | Q(reference__icontains=term.value)
            case "status":
                return self._status(term.value)
            case "track" | "kind":
                return Q(**{term.field: term.value})
            case "country":
                return self._country([term.value])
            case "region":
                return self._country([c for c in self.sets.countries if self.sets.region_of(c, self.on) == term.value])
            case "field":
                return self._field(term.value)
            case "officer":
                return self._officer(term.value)
            case "received":
                return self._received(term)
            case "late":
                return Q(admitted="") if term.value == NO else ~Q(admitted="")
            case "source":
                return Q(filing__isnull=term.value == IMPORTED)
            case "sample":
                return Q(is_sample=term.value == YES)
            case "missing":
                return self._missing(term.value)
        return _compared(_amount(self.amounts.index(term.field)), term.comparison, int(term.value))

    @staticmethod
    def _status(value: str) -> Q:
        if value == WITHDRAWN:
            return Q(undone_at__isnull=False)
        if value == OPEN:
            return Q(undone_at__isnull=True) & ~_handled(state__in=[PASSED, EXCLUDED])
        return Q(undone_at__isnull=True) & _handled(state=value)

    def _country(self, codes: Sequence[str]) -> Q:
        """By the project's country where the form asks for it, else the applicant's own: as the statistics count."""
        if all(one.id != "country" for one in self.definition.fields()):
            return Q(country__in=codes)
        return Q(answers__country__in=codes) | Q(answers__country__isnull=True, country__in=codes)

    def _field(self, value: str) -> Q:
        """Any of the fields that an application names, as the statistics count."""
        asked = [one for one in self.definition.fields() if isinstance(one, ChoiceField) and one.set == "field"]
        several = [one.id for one in asked if one.many or len(asked) > 1]
        held = [Q(**{f"answers__{id_}__icontains": f'"{value}"'}) | Q(**{f"answers__{id_}": value}) for id_ in several]
        return reduce(or_, held, Q(field=value))

    def _officer(self, value: str) -> Q:
        if value == ME:
            return _handled(officer=self.person)
        if value == NOBODY:
            return ~_handled(officer__isnull=False)
        return _handled(officer__name__icontains=value)

    def _received(self, term: Term) -> Q:
        """By days of the call's zone."""
        day = min(max(dt.date.fromisoformat(term.value), _FIRST_DAY), _LAST_DAY)
        start = dt.datetime.combine(day, dt.time.min, self.zone)
        end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, self.zone)
        match term.comparison:
            case ">":
                return Q(received_at__gte=end)
            case ">=":
                return Q(received_at__gte=start)
            case "<":
                return Q(received_at__lt=start)
            case "<=":
                return Q(received_at__lt=end)
        return Q(received_at__gte=start, received_at__lt=end)

    def _missing(self, id_: str) -> Q:
        """Whether nothing stands there in what was filed: a document among the files as they were at the press, an
        answer among the answers. What came in a batch has no documents here.
        """
        if id_ not in self.documents:
            return ~Q(answers__has_key=id_)
        press = OuterRef("filing__filed_at")
        kept = Q(removed_at__isnull=True) | Q(removed_at__gt=press)
        files = DraftFile.objects.filter(kept, draft=OuterRef("filing__draft"), key=f"documents.{id_}", at__lte=press)
        return ~Exists(files)


def narrowed(person: Person, call: Call, dossiers: QuerySet[Dossier], q: str) -> QuerySet[Dossier]:
    """Of these dossiers those that a search of the desk's list finds; none where it is not understood."""
    search = Search(call, current_definition(call), person)
    try:
        query = parse(q, search.fields)
    except Malformed:
        return dossiers.none()
    return dossiers.filter(pk__in=search.found(query).order_by().values("dossier"))


def counted(rows: QuerySet[Application], query: Query) -> int:
    """How many there are. Without any term the index of what stands answers alone; it is taken where the reference is
    named, and every application has one.
    """
    return rows.count() if query.terms else rows.filter(reference__gt="").count()


def ordered(rows: QuerySet[Application], sort: str) -> QuerySet[Application]:
    """By one of `ORDERS`, `-` before it: turned round."""
    name, back = sort.removeprefix("-"), sort.startswith("-")
    key = ORDERS[name]
    return rows.order_by(key.desc() if back else key.asc(), "-pk" if back else "pk")


def beside(rows: QuerySet[Application], sort: str, one: Application) -> tuple[str, str]:
    """The dossiers (uids) that stand before and after this application in the ordered list; blank at its ends, and
    where it is not in the list. Three statements.
    """
    name, back = sort.removeprefix("-"), sort.startswith("-")
    rows = rows.annotate(place=ORDERS[name])
    here = rows.filter(pk=one.pk).values_list("place", flat=True).first()
    if here is None:
        return "", ""
    less = rows.filter(Q(place__lt=here) | Q(place=here, pk__lt=one.pk)).order_by("-place", "-pk")
    more = rows.filter(Q(place__gt=here) | Q(place=here, pk__gt=one.pk)).order_by("place", "pk")
    uids = [part.values_list("dossier__uid", flat=True).first() or "" for part in (less, more)]
    return (uids[1], uids[0]) if back else (uids[0], uids[1])


def for_a_list(rows: QuerySet[Application], amounts: Mapping[str, str]) -> QuerySet[Application]:
    """With what a row of a list shows, and nothing of the form but the amounts asked for (alias -> place)."""
    rows = rows.select_related("dossier__handling__officer").only(
        "pk", "call_id", "reference", "applicant_name", "kind", "track", "country", "field", "received",
        "received_at", "undone_at", "admitted", "is_sample", "filing_id", "batch_id", "dossier__uid",
        "dossier__handling__state", "dossier__handling__officer__name", "dossier__handling__officer__email",
    )  # fmt: skip
    return rows.annotate(**{alias: KT(f"answers__{id_}") for alias, id_ in amounts.items()})


def _handled(**how: Any) -> Q:
    """Whether the dossier has a handling that is so. Asked by its key: the dossier itself need not be looked up."""
    return Q(Exists(Handling.objects.filter(dossier=OuterRef("dossier"), **how)))


def _amount(number: int) -> str:
    return f"listed_amount_{number}"


def _compared(alias: str, comparison: str, value: int) -> Q:
    lookup = {"": "", ">": "__gt", ">=": "__gte", "<": "__lt", "<=": "__lte"}[comparison]
    return Q(**{f"{alias}{lookup}": value})


@lru_cache(maxsize=256)
def _sets(chosen: tuple[tuple[str, str], ...], sample: bool) -> Classifications:
    return classifications.for_call(dict(chosen), sample=sample)


@cache
def _labels(name: str) -> dict[str, str]:
    """What the entries of a set are called, in both languages and small letters -> their ids."""
    if name not in classifications.names():
        return {}
    entries = classifications.load(name).entries
    return {text.casefold(): entry.id for entry in entries for one in entry.labels for text in (one.en, one.ko)}


# --- Who handles it ---------------------------------------------------------------------------------------------------

_AT_ONCE: Final = 500


def officers_of(dossiers: Collection[int]) -> dict[int, int | None]:
    """Dossier -> the officer who handles it. A statement for 500 of them."""
    keys, found = sorted(dossiers), dict.fromkeys(dossiers, None)
    held: dict[int, int | None] = dict(found)
    for start in range(0, len(keys), _AT_ONCE):
        rows = Handling.objects.filter(dossier__in=keys[start : start + _AT_ONCE])
        held |= dict(rows.order_by().values_list("dossier_id", "officer_id"))
    return held


def assignment_digest(held: Mapping[int, int | None]) -> str:
    """What names a state of affairs: whose each of these dossiers is."""
    return digest({str(key): held[key] for key in sorted(held)})


def cases_of(officer: Person) -> list[Dossier]:
    """Everything that somebody handles in calls that are not decided, with its call. One statement."""
    rows = Dossier.objects.filter(handling__officer=officer, call__decided_at__isnull=True)
    return list(rows.select_related("call__programme").defer("call__search_text").order_by("call", "pk"))


def desk_people(programme: str) -> list[Person]:
    """Everybody who may have a desk in a programme's calls (blank: in any), by name, with the roles they hold. One
    statement.
    """
    at_desks = Grant.objects.filter(role__in=[Role.OFFICER, Role.SECRETARIAT], ended_at__isnull=True)
    if programme:
        at_desks = at_desks.filter(programme__in=["", programme])
    grants = Grant.objects.filter(person__in=at_desks.values("person"), person__is_active=True, ended_at__isnull=True)
    held: dict[Person, list[Grant]] = {}
    for grant in grants.select_related("person"):
        held.setdefault(grant.person, []).append(grant)
    for one, roles in held.items():
        one.held = tuple(roles)  # read once, as `Person.held` would for each of them
    return sorted(held, key=lambda one: (one.shown.casefold(), one.pk))


def last_assignment(person: Person, call: Call, within: dt.timedelta) -> Assignment | None:
    """The person's newest assignment in the call that can still be taken back. One statement."""
    rows = Assignment.objects.filter(by=person, at__gte=now() - within).filter(Q(call=call) | Q(call__isnull=True))
    newest = rows.select_related("to").order_by("-pk").first()
    return newest if newest is not None and newest.undoes_id is None else None


def assignments_of(dossier: Dossier) -> list[AssignedCase]:
    """Who had the application, the newest first. One statement."""
    rows = AssignedCase.objects.filter(dossier=dossier).select_related(
        "assignment__by", "assignment__undoes", "before", "after"
    )
    return list(rows.order_by("-pk"))


# --- The desk ---------------------------------------------------------------------------------------------------------


def previous_call(call: Call) -> Call | None:
    """The programme's call that closed last before this one closes. One statement."""
    if call.closes_at is None:
        return None
    rows = Call.objects.filter(programme=call.programme_id, published_at__isnull=False, closes_at__lt=call.closes_at)
    return rows.defer("search_text").order_by("-closes_at", "-pk").first()


_COMPARED_FOR: Final = dt.timedelta(days=180)
"""How long after its close a call is still compared with the one before."""


def desk_counts(person: Person, calls: Mapping[int, ZoneInfo], midnight: dt.datetime) -> dict[int, dict[str, int]]:
    """Call -> how many applications the person reads there: `all`, since `midnight` (`today`), by state, `mine` and
    `nobody` (of those in review), and what the programme's earlier call had by the end of the same day before its close
    (`earlier`, where there is one). `calls`: with the zone of each. Three statements.
    """
    listed = visible_to(person, LIST_APPLICATIONS, Application.objects.filter(call__in=calls, undone_at__isnull=True))
    state, officer = "dossier__handling__state", "dossier__handling__officer"
    groups = listed.order_by().values_list("call", state, officer)
    counted_ = groups.annotate(n=Count("pk"), new=Count("pk", filter=Q(received_at__gte=midnight)))
    found: dict[int, dict[str, int]] = {}
    for call, stands, handler, n, new in counted_:
        one = found.setdefault(call, dict.fromkeys(("all", "today", *STATUSES[:3], "mine", "nobody"), 0))
        one["all"] += n
        one["today"] += new
        one[stands or OPEN] += n
        if (stands or OPEN) == OPEN and handler in (None, person.pk):
            one["nobody" if handler is None else "mine"] += n
    for key, n in _earlier(person, calls).items():
        found.setdefault(key, {"all": 0})["earlier"] = n
    return found


def _earlier(person: Person, calls: Mapping[int, ZoneInfo]) -> dict[int, int]:
    """Call -> what its programme's earlier call had received by the end of the day that lay as many days before its
    close as today lies before ours.
    """
    moment = now()
    known = Call.objects.filter(pk__in=calls).order_by().values_list("pk", "programme", "closes_at")
    closing = [(closes, pk, programme) for pk, programme, closes in known if closes is not None]
    cuts: dict[int, tuple[int, dt.datetime]] = {}
    for closes, pk, programme in closing:
        before = [one for one in closing if one[2] == programme and one[0] < closes]
        if before and closes >= moment - _COMPARED_FOR:
            last, key, _ = max(before)
            zone = calls[pk]
            days = max((closes.astimezone(zone).date() - moment.astimezone(zone).date()).days, 0)
            day = last.astimezone(zone).date() - dt.timedelta(days=days)
            cuts[pk] = (key, dt.datetime.combine(day, dt.time.max, zone))
    if not cuts:
        return {}
    wanted = reduce(or_, (Q(call=key, received_at__lte=until) for key, until in cuts.values()))
    rows = visible_to(person, LIST_APPLICATIONS, Application.objects.filter(wanted, undone_at__isnull=True))
    had = dict(rows.order_by().values("call").annotate(n=Count("pk")).values_list("call", "n"))
    return {call: had[key] for call, (key, _) in cuts.items() if key in had}


def open_cases(person: Person) -> QuerySet[Application]:
    """What the person handles, stands, and is still in review; in calls that are not decided."""
    mine = Application.objects.filter(dossier__handling__officer=person, dossier__handling__state=OPEN)
    return visible_to(person, LIST_APPLICATIONS, mine.filter(undone_at__isnull=True, call__decided_at__isnull=True))


def oldest_cases(person: Person, most: int) -> QuerySet[Application]:
    """Of these the ones that wait longest. One statement."""
    rows = open_cases(person).select_related("dossier").defer("answers", "members")
    return rows.order_by("received_at", "pk")[:most]
