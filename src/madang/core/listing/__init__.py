"""The search language of the desk's lists: words and fields in one line, typed or clicked."""

from madang.core.listing.model import WORDS, Field, Query, Term
from madang.core.listing.parse import LONGEST, MOST_TERMS, parse

__all__ = ["LONGEST", "MOST_TERMS", "WORDS", "Field", "Query", "Term", "parse"]
