"""Mail domains in the form in which they are compared, and where an organisation's own name begins in them.

Without a network: the tables are `public_domains.py`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from madang.core.conflicts.public_domains import BY_COUNTRY, COMMON, PROVIDERS

_DOTS = str.maketrans("。．｡", "...")


@lru_cache(maxsize=65_536)
def canonical(domain: str) -> str:
    """Lower case, in Unicode (`xn--` labels decoded), without a last dot; raises `ValueError` for what is no domain."""
    labels = domain.translate(_DOTS).removesuffix(".").split(".")
    decoded = [_label(label) for label in labels]
    if len(decoded) < 2 or len(domain) > 253 or decoded[-1].isdecimal():
        raise ValueError("conflict_not_a_domain")
    return ".".join(decoded)


def domain_of(email: str) -> str:
    """The domain of an address; `@univ.ac.kr` will do. Raises `ValueError`."""
    _, at, domain = email.strip().rpartition("@")
    if not at:
        raise ValueError("conflict_not_an_email")
    try:
        return canonical(domain)
    except ValueError:
        raise ValueError("conflict_not_an_email") from None


def address(email: str) -> str | None:
    """The whole address for comparing, case aside; None if only the domain was given."""
    local = email.strip().rpartition("@")[0]
    return f"{local.casefold()}@{domain_of(email)}" if local else None


@lru_cache(maxsize=65_536)
def registrable(domain: str) -> str | None:
    """The name that somebody registered: `cs.univ.ac.kr` -> `univ.ac.kr`; None for a suffix such as `ac.kr`.

    `domain` is canonical. Under a country's domain the second level is a suffix where the tables say so.
    """
    labels = domain.split(".")
    second, country = labels[-2], labels[-1]
    suffixes = BY_COUNTRY.get(country, frozenset())
    suffix = 2 if len(country) == 2 and country.isascii() and (second in COMMON or second in suffixes) else 1
    return ".".join(labels[-suffix - 1 :]) if len(labels) > suffix else None


def is_public(domain: str, more: frozenset[str] = frozenset()) -> bool:
    """Whether a canonical domain says nothing of an employer: a suffix, a mail provider's, or one of `more`."""
    registered = registrable(domain)
    return registered is None or registered in PROVIDERS or any(part in more for part in upwards(domain))


def upwards(domain: str) -> Iterator[str]:
    """`cs.univ.ac.kr`, `univ.ac.kr`, `ac.kr`, `kr`."""
    labels = domain.split(".")
    for start in range(len(labels)):
        yield ".".join(labels[start:])


def _label(label: str) -> str:
    folded = unicodedata.normalize("NFKC", label).casefold()
    if folded.startswith("xn--"):
        try:
            folded = unicodedata.normalize("NFKC", folded[4:].encode("ascii").decode("punycode")).casefold()
        except (UnicodeError, OverflowError):
            raise ValueError("conflict_not_a_domain") from None
    plain = folded.replace("-", "").replace("_", "")
    letters = all(unicodedata.category(char)[0] in "LNM" for char in plain)
    if not plain or not letters or len(folded) > 63 or folded[0] == "-" or folded[-1] == "-" or folded[2:4] == "--":
        raise ValueError("conflict_not_a_domain")
    return unicodedata.normalize("NFKC", folded)
