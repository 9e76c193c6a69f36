"""Numbers of public registers: how they are written down for comparing, and their check digits.

A check digit finds slips of the pen. It never says that a number was given out, or to whom.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from madang.core.conflicts.naming import registry_number
from madang.core.reasons import Reason

Scheme = Literal["kr-brn", "kr-crn", "lei", "other"]
SCHEMES: Final[tuple[Scheme, ...]] = get_args(Scheme)
"""Korean business registration (사업자등록번호), Korean corporate registration (법인등록번호), Legal Entity Identifier
(ISO 17442), and any other register of the organisation's country."""

LONGEST: Final = 60
_DIGITS: Final = {"kr-brn": 10, "kr-crn": 13}


def normalised_number(scheme: Scheme, number: str, country: str = "") -> str:
    """The number as it is compared: letters and digits only, in capitals (`120-81-47521` -> `1208147521`).

    A number of scheme `other` is one of its country's registers: the country's code stands in front of it.
    """
    plain = registry_number(number)
    return f"{country}-{plain}" if scheme == "other" else plain


def number_faults(scheme: str, number: str, *, sure: bool = False) -> tuple[Reason, ...]:
    """Why this can be no number of the scheme; nothing where it can.

    `sure`: somebody has held it against the certificate. That outweighs the check digit of a corporate registration
    number, whose register may give numbers without one; it outweighs nothing else.
    """
    if scheme not in SCHEMES:
        return (Reason("no_such_register", {"scheme": scheme[:40]}),)
    plain = registry_number(number)
    given = number.strip()[:80]
    if not plain or len(plain) > LONGEST or not plain.isascii() or not any(char.isdecimal() for char in plain):
        return (Reason("not_a_register_number", {"given": given, "most": LONGEST}),)
    if scheme in _DIGITS and (not plain.isdecimal() or len(plain) != _DIGITS[scheme]):
        return (Reason("register_number_length", {"given": given, "digits": _DIGITS[scheme]}),)
    if scheme == "lei" and (len(plain) != 20 or not plain[-2:].isdecimal()):
        return (Reason("lei_form", {"given": given}),)
    if scheme == "kr-crn" and not _checks(scheme, plain) and not sure:
        return (Reason("corporate_number_check_digit", {"given": given}),)
    if scheme in ("kr-brn", "lei") and not _checks(scheme, plain):
        return (Reason("register_number_check_digit", {"given": given}),)
    return ()


def _checks(scheme: str, plain: str) -> bool:
    if scheme == "lei":  # ISO 7064 MOD 97-10: letters as 10 to 35
        return int("".join(str(int(char, 36)) for char in plain)) % 97 == 1
    digits = [int(char) for char in plain]
    if scheme == "kr-brn":
        weighted = sum(d * w for d, w in zip(digits[:9], (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=True))
        return (weighted + digits[8] * 5 // 10 + digits[9]) % 10 == 0
    return (sum(d * (1 + place % 2) for place, d in enumerate(digits[:12])) + digits[12]) % 10 == 0
