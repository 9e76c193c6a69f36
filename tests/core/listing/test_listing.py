"""The search language: what is typed comes back as its canonical text, and what is wrong is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.core.listing import LONGEST, Field, Query, Term, parse
from madang.core.reasons import Malformed

FIELDS = {
    "status": Field("choice", ("open", "passed", "excluded"), {"eligible": "passed"}),
    "region": Field("choice", ("new-southern", "new-northern")),
    "officer": Field("text"),
    "received": Field("day"),
    "requested": Field("number"),
}


def faults_of(text: str) -> list[tuple[str, str]]:
    with pytest.raises(Malformed) as wrong:
        parse(text, FIELDS)
    return [(fault.code, str(fault.params.get("near", ""))) for fault in wrong.value.faults]


def test_words_and_fields_are_read_and_said_in_one_order():
    typed = 'region:new-southern  "two words" status:eligible -officer:"Kim A" received:>=2021-04-01 late 서울'
    query = parse(typed, FIELDS)
    assert query.text == (
        '"two words" late 서울 -officer:"Kim A" received:>=2021-04-01 region:new-southern status:passed'
    )
    clicked = Query.of([*(parse('"two words" late 서울', FIELDS).terms)])
    for term in (Term("status", "passed"), Term("region", "new-southern"), Term("received", "2021-04-01", ">=")):
        clicked = clicked.plus(term)
    assert clicked.plus(Term("officer", "Kim A", negated=True)) == query


def test_a_term_can_be_put_and_taken_away():
    query = parse("status:open region:new-northern", FIELDS)
    assert query.only("status", "passed").text == "region:new-northern status:passed"
    assert query.only("status", "").text == "region:new-northern"
    assert query.without(Term("region", "new-northern")).text == "status:open"
    assert parse("status:open STATUS:Open", FIELDS).text == "status:open"


@pytest.mark.parametrize(
    ("typed", "number"), [("3억", 300_000_000), ("300m", 300_000_000), ("1,200", 1200), ("300백만", 300_000_000)]
)
def test_amounts_are_whole_numbers_with_short_forms(typed, number):
    assert parse(f"requested:<{typed}", FIELDS).terms == (Term("requested", str(number), "<"),)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("statsu:open", [("listing_unknown_field_near", "status")]),
        ("xyz:open", [("listing_unknown_field", "")]),
        ("region:new-southren", [("listing_unknown_value_near", "new-southern")]),
        ("region:q", [("listing_unknown_value", "")]),
        ("received:2021-02-30", [("listing_not_a_day", "")]),
        ("received:>soon", [("listing_not_a_day", "")]),
        ("status:>open", [("listing_not_compared", "")]),
        ("requested:-5", [("listing_not_a_number", "")]),
        ("requested:99999999999999999999", [("listing_not_a_number", "")]),
        ("status:", [("listing_no_value", "")]),
        ('"open', [("listing_open_quote", "")]),
        ("a\x00b", [("listing_control", "")]),
        ("a\u202eb", [("listing_control", "")]),
        ("-", [("listing_not_understood", "")]),
        ("statsu:open region:q", [("listing_unknown_field_near", "status"), ("listing_unknown_value", "")]),
        ("a" * (LONGEST + 1), [("listing_too_long", "")]),
        (" ".join(f"w{n}" for n in range(31)), [("listing_too_many_terms", "")]),
    ],
)
def test_what_is_wrong_is_named_with_the_nearest_known(typed, said):
    assert faults_of(typed) == said


LETTERS = "ab가나é€ :\"\\-<>=()*%_'\u3000"
VALUES = st.text(LETTERS, min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool)
TERMS = st.one_of(
    st.builds(Term, st.just(""), VALUES, st.just(""), st.booleans()),
    st.builds(Term, st.just("officer"), VALUES, st.just(""), st.booleans()),
    st.builds(Term, st.just("status"), st.sampled_from(["open", "passed"]), st.just(""), st.booleans()),
    st.builds(
        Term, st.just("received"), st.dates().map(str), st.sampled_from(["", ">", ">=", "<", "<="]), st.booleans()
    ),
)


@given(st.lists(TERMS, max_size=8))
def test_the_canonical_text_reads_back_to_the_same_query(terms):
    query = Query.of(terms)
    if len(query.text) <= LONGEST:
        assert parse(query.text, FIELDS) == query


@given(st.text(LETTERS + "status:open\x00\u202e\ud800", max_size=80))
def test_any_text_is_a_query_or_a_fault(text):
    try:
        query = parse(text, FIELDS)
    except Malformed:
        return
    assert parse(query.text, FIELDS) == query
