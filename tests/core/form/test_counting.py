"""Counting, by the table on which the browser's counting is tested too."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.core.form.count import characters, tidy, words
from madang.papers.plan import Column
from madang.papers.values import Refused, value_of

TABLE = json.loads((Path(__file__).parent / "counted.json").read_text("utf-8"))


@pytest.mark.parametrize("row", TABLE, ids=[row["name"] for row in TABLE])
def test_a_text_counts_as_the_table_says(row):
    assert (characters(row["text"]), words(row["text"])) == (row["characters"], row["words"])


@settings(deadline=None)
@given(st.text())
def test_counting_does_not_see_blanks_at_the_ends_and_never_counts_more_words_than_characters(text):
    assert characters(f"  {text}\r\n") == characters(tidy(text))
    assert words(text) <= characters(text)
    assert (words(text) == 0) <= (tidy(text.replace("\u200b", " ")) == "" or not text.isascii())


def test_a_limit_means_the_same_in_a_spreadsheet():
    """A flag, and four Chinese characters: one character, and two words."""
    column = Column("c", "text", {"en": "C"}, max_characters=1, max_words=1)
    assert value_of("🇰🇷", column, typed=False) == "🇰🇷"
    with pytest.raises(Refused) as refused:
        value_of("智慧城市", Column("c", "text", {"en": "C"}, max_words=1), typed=False)
    assert (refused.value.code, refused.value.params) == ("too_many_words", {"count": 2, "max": 1})
