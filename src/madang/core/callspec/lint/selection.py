"""The deciding rule: fit for its outcome, ties that are clear, quotas and lists that seats can hold."""

from __future__ import annotations

from collections.abc import Iterator

from madang.core.callspec.asked import ChoiceField
from madang.core.callspec.lint.common import (
    Found,
    Params,
    Path,
    Sets,
    country_codes,
    repeated,
    scored_name,
    scored_names,
)
from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByRank, ByThreshold, CapEach, Quota


def fits_outcome(d: Definition, sets: Sets) -> Iterator[Found]:
    """A certificate or a membership has no ranking, and a ranking waits until all are there."""
    if not isinstance(d.decide, ByRank):
        return
    if d.outcome.kind in ("certificate", "membership"):
        yield ("decide", "by"), "certificate_with_ranking", {"kind": d.outcome.kind}
    if d.decide.close == "per_case":
        yield ("decide", "close"), "ranking_needs_batch", {}


def ties(d: Definition, sets: Sets) -> Iterator[Found]:
    """Every name in the order of ties (and among marks of their own) means one scored stage or criterion."""
    if isinstance(d.decide, ByThreshold):
        for name in d.decide.each_at_least:
            yield from _scored(d, ("decide", "each_at_least", name), name)
    if not isinstance(d.decide, ByRank):
        return
    for number, name in repeated(d.decide.ties):
        yield ("decide", "ties", number), "duplicate_tie_rule", {"id": name}
    for number, name in enumerate(d.decide.ties):
        path = ("decide", "ties", number)
        if name != "lot":
            yield from _scored(d, path, name)
        elif number != len(d.decide.ties) - 1:
            yield path, "lot_not_last", {}


def _scored(d: Definition, path: Path, name: str) -> Iterator[Found]:
    match scored_name(d, name):
        case "none":
            yield path, "unknown_criterion", {"criterion": name, "known": scored_names(d)}
        case "several":
            known = [full for full in scored_names(d) if full == name or full.endswith(f".{name}")]
            yield path, "ambiguous_criterion", {"criterion": name, "known": known}


def quotas(d: Definition, sets: Sets) -> Iterator[Found]:
    decide = d.decide
    if not isinstance(decide, ByRank):
        return
    if decide.seats.min > decide.seats.max:
        told: Params = {"id": "seats", "min": str(decide.seats.min), "max": str(decide.seats.max)}
        yield ("decide", "seats"), "least_over_most", told
    for number, rule in enumerate(decide.rules):
        path = ("decide", "rules", number)
        tag = rule.quota if isinstance(rule, Quota) else rule.cap_each
        known = _tag_values(d, tag, sets)
        if known is None:
            yield path, "unknown_tag", {"name": tag}
        elif isinstance(rule, CapEach):
            yield from _cap(path, rule, d, decide, known)
        else:
            for value in rule.values:
                if known and value not in known:
                    told = {"name": value, "tag": tag, "known": sorted(known)}
                    yield (*path, "values", value), "unknown_tag_value", told
            yield from _quota(path, rule, d, decide, known)
    if decide.reserve and decide.reserve.per and _tag_values(d, decide.reserve.per, sets) is None:
        yield ("decide", "reserve", "per"), "unknown_tag", {"name": decide.reserve.per}


def _tag_values(d: Definition, tag: str, sets: Sets) -> frozenset[str] | None:
    """The values that a tag can take; `None` where the tag is unknown, empty where they are not listed."""
    if tag == "track":
        return frozenset(track.id for track in d.tracks) or None
    field = d.field(tag)
    if isinstance(field, ChoiceField) and field.options:
        return frozenset(option.id for option in field.options)
    if isinstance(field, ChoiceField):
        return sets.get(d.classifications.get(field.set or "", ""), frozenset())
    if tag == "country":
        return country_codes(d, sets)
    if tag in ("region", "field") and tag in d.classifications:
        return sets.get(d.classifications[tag], frozenset())
    if tag in ("applicant", "organisation"):
        return frozenset()
    if field is not None and field.type in ("country", "place", "organisation", "yes_no"):
        return frozenset()
    return None


def _one_each(d: Definition, tag: str) -> bool:
    """Whether an application counts for one value at most."""
    return not (isinstance(field := d.field(tag), ChoiceField) and field.many)


def _always(d: Definition, tag: str) -> bool:
    """Whether every application has a value: then bounds over all values bound the whole."""
    field = d.field(tag)
    if tag == "track":
        return True
    everybody = any(field in section.fields and not section.tracks for section in d.form)
    return field is not None and field.required is True and field.when is None and everybody


def _quota(path: Path, rule: Quota, d: Definition, decide: ByRank, known: frozenset[str]) -> Iterator[Found]:
    shares, seats = rule.values, decide.seats
    for value, share in shares.items():
        if share.min is not None and share.max is not None and share.min > share.max:
            told: Params = {"id": value, "min": str(share.min), "max": str(share.max)}
            yield (*path, "values", value), "least_over_most", told
    least = sum(share.min or 0 for share in shares.values())
    if not _one_each(d, rule.quota):
        least = max((share.min or 0 for share in shares.values()), default=0)
    if least > seats.max:
        yield path, "quota_over_seats", {"id": rule.id, "least": least, "seats": seats.max}
    if known and set(shares) >= known and all(s.max is not None for s in shares.values()) and _always(d, rule.quota):
        most = sum(share.max or 0 for share in shares.values())
        if most < seats.min:
            yield path, "quota_under_seats", {"id": rule.id, "most": most, "seats": seats.min}


def _cap(path: Path, rule: CapEach, d: Definition, decide: ByRank, known: frozenset[str]) -> Iterator[Found]:
    most = rule.max * len(known)
    if known and most < decide.seats.min and _always(d, rule.cap_each):
        yield path, "quota_under_seats", {"id": rule.id, "most": most, "seats": decide.seats.min}
    for other in decide.rules:
        if isinstance(other, Quota) and other.quota == rule.cap_each:
            for value, share in other.values.items():
                if (share.min or 0) > rule.max:
                    told: Params = {
                        "id": other.id,
                        "cap": rule.id,
                        "value": value,
                        "least": share.min or 0,
                        "most": rule.max,
                    }
                    yield path, "quota_over_cap", told


def lists(d: Definition, sets: Sets) -> Iterator[Found]:
    """One list per track: each track is decided by itself, so it has its own places and shares nothing."""
    decide = d.decide
    if not isinstance(decide, ByRank) or decide.list != "per_track":
        return
    if not d.tracks:
        yield ("decide", "list"), "list_per_track_without_tracks", {}
        return
    own = next((rule for rule in decide.rules if isinstance(rule, Quota) and rule.quota == "track"), None)
    without = [t.id for t in d.tracks if own is None or t.id not in own.values or own.values[t.id].max is None]
    if without:
        yield ("decide", "list"), "per_track_without_quota", {"tracks": without}
    elif own is not None:
        most = sum(share.max or 0 for share in own.values.values())
        least = sum(share.min or 0 for share in own.values.values())
        if decide.seats.max < most or decide.seats.min > least:
            told: Params = {"rule": "seats", "min": str(least), "max": str(most)}
            yield ("decide", "seats"), "per_track_seats", told
    for number, rule in enumerate(decide.rules):
        if (rule.quota if isinstance(rule, Quota) else rule.cap_each) != "track":
            yield ("decide", "rules", number), "per_track_with_shared_rule", {"rule": rule.id}
    if d.money.budget_krw is not None:
        yield ("money", "budget_krw"), "per_track_with_shared_rule", {"rule": "budget_krw"}
    if decide.reserve and decide.reserve.per != "track":
        yield ("decide", "reserve"), "per_track_with_shared_rule", {"rule": "reserve"}


def estimates(d: Definition, sets: Sets) -> Iterator[Found]:
    """An announced use says where it applies, rests on one panel's sheets, and has what it needs to decide."""
    if not isinstance(d.decide, ByRank):
        return
    asked, path = d.decide.uncertainty, ("decide", "uncertainty")
    if asked.announced_use == "none":
        for part in ("band", "second_round"):
            if getattr(asked, part) is not None:
                yield (*path, part), "estimate_use_not_announced", {"part": part}
        return
    if asked.band is None:
        yield path, "band_missing", {"use": asked.announced_use}
    elif asked.band.from_ >= asked.band.to:
        told: Params = {"id": "band", "min": str(asked.band.from_), "max": str(asked.band.to)}
        yield (*path, "band"), "least_over_most", told
    judged = [stage.id for stage in d.judged()]
    if len(d.decide.combine) != 1 or not set(d.decide.combine) <= set(judged):
        yield path, "estimates_need_one_panel", {"stages": list(d.decide.combine)}
    if d.decide.walk != "rank_order":
        yield path, "estimates_with_total_value", {}
    yield from _second_round(d, d.decide, judged)


def _second_round(d: Definition, decide: ByRank, judged: list[str]) -> Iterator[Found]:
    named, path = decide.uncertainty.second_round, ("decide", "uncertainty")
    if decide.uncertainty.announced_use != "second_round":
        if named is not None:
            yield (*path, "second_round"), "estimate_use_not_announced", {"part": "second_round"}
    elif named is None:
        yield path, "second_round_missing", {"known": judged}
    elif named not in judged or named in decide.combine:
        known = [name for name in judged if name not in decide.combine]
        yield (*path, "second_round"), "unknown_second_round", {"name": named, "known": known}


CHECKS = (fits_outcome, ties, quotas, lists, estimates)
