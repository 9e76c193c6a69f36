"""Any table: every cell counted again by brute force; totals that add up, and those that cannot."""

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from madang.core.statistics import Classifications, Region
from madang.core.statistics.cross import Asked, Counted, Dimension, cross, keys_of, week_of

SETS = Classifications(
    countries=("AA", "AB", "AC"),
    regions=(Region(id="north", countries=({"country": "AA"},)), Region(id="other", rest=True)),
    fields=("water", "safety"),
)
TRACKS = ("plan", "trial")
ON = "2021-04-20"

applications = st.lists(
    st.builds(
        Counted,
        application=st.just("A"),
        track=st.sampled_from([*TRACKS, ""]),
        country=st.sampled_from(["AA", "AB", "AC", "QZ", ""]),
        fields=st.sampled_from([(), ("water",), ("water", "safety"), ("fire",)]),
        kind=st.sampled_from(["city", "company", ""]),
        day=st.sampled_from(["2021-02-18", "2021-02-22", ""]),
    ),
    max_size=12,
)
dimensions = st.sampled_from(get_args(Dimension))


@given(applications, dimensions, st.none() | dimensions, st.sampled_from(["cases", "countries"]), st.booleans())
def test_every_cell_is_what_a_recount_gives(counted, rows, columns, measure, only):
    asked = Asked(rows=rows, columns=columns, measure=measure, only=(("type", "plan"),) if only else ())
    table = cross(counted, SETS, TRACKS, ON, asked)
    keys = keys_of(SETS, TRACKS, ON)

    def recount(row=None, column=None):
        found = [
            one
            for one in counted
            if (not only or one.track == "plan")
            and (row is None or row in keys[rows](one))
            and (column in (None, "") or column in keys[columns](one))
        ]
        return len(found) if measure == "cases" else len({one.country for one in found} & {"AA", "AB", "AC"})

    assert [list(line) for line in table.cells] == [[recount(r, c) for c in table.columns] for r in table.rows]
    assert list(table.row_totals) == [recount(r) for r in table.rows]
    assert list(table.column_totals) == [recount(None, c) for c in table.columns]
    assert table.total == recount()
    sums = [sum(line[n] for line in table.cells) for n in range(len(table.columns))]
    if table.rows:
        assert table.rows_add_up == (sums == list(table.column_totals) and sum(table.row_totals) == table.total)


def test_distinct_countries_do_not_add_up_and_cases_do():
    twice = [Counted("A1", "plan", "AA"), Counted("A2", "trial", "AA"), Counted("A3", "plan", "AB")]
    countries = cross(twice, SETS, TRACKS, ON, Asked(rows="type", measure="countries"))
    assert (countries.row_totals, countries.total, countries.rows_add_up) == ((2, 1), 2, False)
    cases = cross(twice, SETS, TRACKS, ON, Asked(rows="type", columns="country"))
    assert (cases.rows, cases.columns) == (("plan", "trial"), ("AA", "AB"))
    assert cases.rows_add_up
    assert cases.columns_add_up


def test_weeks_begin_on_monday_and_no_day_has_none():
    assert [week_of(day) for day in ("2021-02-21", "2021-02-22", "2021-01-01", "", "soon")] == [
        "2021-W07", "2021-W08", "2020-W53", "", "",
    ]  # fmt: skip
