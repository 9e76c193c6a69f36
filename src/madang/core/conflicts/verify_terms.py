"""Names, mail domains and days, read once more for the checker by other means than the solver's (only data shared)."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from functools import lru_cache

from madang.core.conflicts.legal_forms import ATTACHED, BRACKETED, LEADING, TRAILING
from madang.core.conflicts.public_domains import BY_COUNTRY, COMMON, PROVIDERS

_BRACKETS = re.compile("|".join(re.escape(f"({form})") for form in BRACKETED))
_ATTACHED = "|".join(sorted(ATTACHED, key=len, reverse=True))
_SUFFIX = re.compile(
    "|".join(
        [
            f"(?:{'|'.join(sorted(COMMON))})\\.[a-z]{{2}}",
            *(f"(?:{'|'.join(sorted(names))})\\.{country}" for country, names in BY_COUNTRY.items()),
            "[^.]+",
        ]
    )
)
_BASE = "a-zđøłħ"


@lru_cache(maxsize=65_536)
def same_name(text: str, person: bool = False) -> str:
    """What two spellings of one name have in common: of an organisation (its legal form goes), or of a person."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    marks = "".join(sorted({char for char in text if unicodedata.combining(char)}))
    if marks:
        text = re.sub(f"(?<=[{_BASE}])[{re.escape(marks)}]+", "", text)
    text = unicodedata.normalize("NFKC", text)
    for letter, plain in zip("đøłħ", "dolh", strict=True):
        text = text.replace(letter, plain)
    if not person:
        text = _BRACKETS.sub(" ", text)
    text = re.sub("[.'’`·]", "", text).replace("&", " and ")
    words = "".join(char if unicodedata.category(char)[0] in "LNM" else " " for char in text).split()
    if person:
        return "".join(words)
    said = f" {' '.join(words)} "
    for form in (rf"^ {_either(LEADING)} (?=\S)", rf"(?<=\S) {_either(TRAILING)} $"):
        while (shorter := re.sub(form, " ", said)) != said:
            said = shorter
    name = said.replace(" ", "")
    for attached in (f"^(?:{_ATTACHED})(?=.)", f"(?<=.)(?:{_ATTACHED})$"):
        while (shorter := re.sub(attached, "", name)) != name:
            name = shorter
    return name


def _either(forms: tuple[tuple[str, ...], ...]) -> str:
    return "(?:" + "|".join(" ".join(form) for form in forms) + ")"


def same_number(text: str) -> str:
    """Letters and digits of a register number."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).upper()))


@lru_cache(maxsize=65_536)
def mail_domain(text: str) -> str:
    """The domain of an address (or a domain) in ASCII, as the wire has it."""
    domain = re.sub("[。．｡]", ".", text.strip().split("@")[-1]).rstrip(".")
    return ".".join(map(_wire, domain.split(".")))


def _wire(label: str) -> str:
    label = unicodedata.normalize("NFKC", label).casefold()
    if label.startswith("xn--"):
        label = unicodedata.normalize("NFKC", label[4:].encode().decode("punycode")).casefold()
    label = unicodedata.normalize("NFKC", label)
    return label if label.isascii() else "xn--" + label.encode("punycode").decode()


@lru_cache(maxsize=65_536)
def own_part(domain: str) -> str:
    """The last labels of which one person or organisation is the holder; empty for a suffix of everybody's."""
    labels = domain.split(".")
    for start in range(len(labels)):
        if _SUFFIX.fullmatch(".".join(labels[start:])):
            return ".".join(labels[start - 1 :]) if start else ""
    return ""


def tells_an_employer(domain: str, public: frozenset[str]) -> bool:
    own = own_part(domain)
    return own not in PROVIDERS | {""} and not any(domain == one or domain.endswith("." + one) for one in public)


def first_that_counts(as_of: dt.date, years: int) -> dt.date:
    """The first day for which N years from the day after it have not run out before `as_of`."""
    lowest = dt.date(1900, 1, 1)
    if as_of.year - years < 1900:
        return lowest
    day = max(lowest, dt.date(as_of.year - years, as_of.month, 1) - dt.timedelta(days=3))
    while not _running(day, as_of, years):
        day += dt.timedelta(days=1)
    return day


def _running(end: dt.date, as_of: dt.date, years: int) -> bool:
    after = end + dt.timedelta(days=1)
    return (as_of.year, as_of.month, as_of.day) < (after.year + years, after.month, after.day)


def held(from_: str | None, to: str | None, as_of: dt.date, years: int) -> bool | None:
    """Whether a tie counts on `as_of`, `years` years after its end; None if that depends on days nobody wrote down."""
    begin_low, begin_high = _ends(from_ or "1900-01-01")
    end_low, end_high = _ends(to or "2899-12-31")
    if begin_low > as_of or not _running(end_high, as_of, years):
        return False
    sure = min(begin_high, end_high) <= as_of and _running(max(begin_low, end_low), as_of, years)
    return True if sure else None


def _ends(text: str) -> tuple[dt.date, dt.date]:
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 3:
        return dt.date(*parts), dt.date(*parts)
    if len(parts) == 1:
        return dt.date(parts[0], 1, 1), dt.date(parts[0], 12, 31)
    year, month = parts
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return dt.date(year, month, 1), following - dt.timedelta(days=1)
