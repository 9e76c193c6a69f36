"""What tells organisations apart: register numbers with their check digits, and names in the form that is compared."""

from madang.core.identity.names import hidden_characters, name_key, near_pairs, search_form
from madang.core.identity.numbers import SCHEMES, Scheme, normalised_number, number_faults

__all__ = [
    "SCHEMES",
    "Scheme",
    "hidden_characters",
    "name_key",
    "near_pairs",
    "normalised_number",
    "number_faults",
    "search_form",
]
