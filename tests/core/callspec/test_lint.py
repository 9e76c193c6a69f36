"""Every fault that `lint` knows, planted into a real definition: one code, on the exact line."""

from __future__ import annotations

import pytest

from tests.core.callspec.plant import ALL, ALLIANCE, CITIES, KCITY, SERVICE, faults_of, line_of, planted, text_of

LAB, BOARD, CITY = "living-lab-2022", "supporting-institutions-2019", "city-certification-2023"
BASE, SANDBOX = "regional-base-2022", "regulatory-sandbox-2020"
PANEL = "panel: {seats: 7, draw_from: 21, substitutes: ordered, compose: {external: {min: 7}}, sample: true}"
LATER = """      - version: "2021"
        received_before: 2023-05-20
        criteria: [{id: staff, weight: 100, field: staff, label: {en: S, ko: 가}, steps: [{from: 1, points: 100}]}]
"""
RUBRIC = """evaluation:
  - id: judged
    kind: judged
    scale: {min: 0, max: 10}
    criteria: [{id: a, weight: 100, label: {en: A, ko: 가}}]
"""


def _part(name: str, start: str, end: str) -> str:
    """The text of a definition from one mark up to another."""
    text = text_of(name)
    return text[text.index(start) : text.index(end, text.index(start))]


WRITTEN = "{id: written, kind: written, from: 2021-05-17, to: 2021-06-04, sample: true}"
COMBINE_ONE = "combine: {written: 100}"

#: code, definition, changes (old -> new), what stands on the faulty line afterwards
PLANTED = [
    # issue A1
    ("weights_do_not_add_up", KCITY, [("weight: 30\n", "weight: 31\n")], "criteria:"),
    ("weights_do_not_add_up", SERVICE, [("{indicators: 40, judged: 60}", "{indicators: 40, judged: 50}")], "combine:"),
    ("share_too_fine", SERVICE, [("{indicators: 40, judged: 60}", "{indicators: 33.333, judged: 66.667}")], "combine:"),
    (
        "stage_out_of_order",
        KCITY,
        [("from: 2021-05-17, to: 2021-06-04", "from: 2021-04-22, to: 2021-06-04")],
        "id: written, k",
    ),
    ("unreachable_field", KCITY, [("when: mou == true", "when: mou == true && mou == false")], "id: mou_text"),
    ("quota_over_seats", KCITY, [("development: {min: 3, max: 5}", "development: {min: 8, max: 9}")], "id: per-track"),
    (
        "quota_under_seats",
        KCITY,
        [
            ("demonstration: {min: 2, max: 4}", "demonstration: {min: 0, max: 0}"),
            ("seats: {min: 10, max: 12}", "seats: {min: 11, max: 12}"),
        ],
        "id: per-track",
    ),
    (
        "quota_over_budget",
        KCITY,
        [
            (
                "  limits: {default: {grant_krw: {max: 1000000000}, sample: true}}",
                "  budget_krw: 1000000000\n  limits: {demonstration: {grant_krw: {min: 600000000}}}",
            )
        ],
        "id: per-track",
    ),
    ("seats_over_budget", CITIES, [("seats: {min: 0, max: 16}", "seats: {min: 17, max: 17}")], "budget_krw:"),
    ("limit_over_budget", CITIES, [("budget_krw: 64000000000", "budget_krw: 3900000000")], "budget_krw:"),
    ("match_over_ceiling", CITIES, [("grant_krw: {max: 2000000000}", "grant_krw: {max: 2000000001}")], "limits:"),
    ("match_without_fields", CITIES, [("  own: local\n", "")], "match:"),
    (
        "missing_translation",
        CITIES,
        [("label: {en: Plan, ko: 사업계획의 타당성}", "label: {en: Plan}")],
        "label: {en: Plan}",
    ),
    ("unknown_name_in_rule", CITIES, [("rule: basic || special", "rule: basic || specal")], "specal"),
    (
        "unknown_country_in_rule",
        KCITY,
        [("subsidy: member.country == 'KR'", "subsidy: member.country == 'KOR'")],
        "'KOR'",
    ),
    ("unknown_unit_in_rule", CITIES, [("krw(40, 'eok')", "krw(40, 'uk')")], "'uk'"),
    (
        "vote_with_rubric",
        ALLIANCE,
        [
            (
                "\ndecide:\n",
                """
evaluation:
  - id: judged
    kind: judged
    scale: {min: 0, max: 10}
    criteria: [{id: a, weight: 100, label: {en: A, ko: 가}}]
decide:
""",
            )
        ],
        "evaluation:",
    ),
    (
        "certificate_with_ranking",
        SERVICE,
        [
            ("by: threshold", "by: rank\n  seats: {max: 3}"),
            ("  at_least: 70\n", ""),
            ("close: per_case", "close: batch"),
        ],
        "by: rank",
    ),
    # chains and circles
    (
        "unreachable_field",
        KCITY,
        [
            (
                "when: track == 'demonstration', label: {en: Own",
                "when: track == 'demonstration' && track == 'development', label: {en: Own",
            )
        ],
        "id: own,",
    ),
    ("condition_names_itself", KCITY, [("when: mou == true", "when: mou_text == null")], "id: mou_text"),
    (
        "conditions_in_circle",
        CITIES,
        [
            ("{id: special, type: yes_no, required: true,", "{id: special, type: yes_no, when: basic,"),
            ("{id: basic, type: yes_no, required: true,", "{id: basic, type: yes_no, when: special == false,"),
        ],
        "id: special",
    ),
    # words and names
    (
        "language_not_declared",
        CITIES,
        [("{en: Plan, ko: 사업계획의 타당성}", "{en: Plan, ko: 계획, fr: Plan}")],
        "fr: Plan",
    ),
    ("repeated_name", CITIES, [("languages: [en, ko]", "languages: [en, ko, en]")], "languages:"),
    ("duplicate_id", KCITY, [("{id: place, type: place", "{id: name, type: place")], "{id: name, type: place"),
    ("duplicate_id", KCITY, [("{id: own, type: money", "{id: priority, type: money")], "{id: priority, type: money"),
    (
        "duplicate_id",
        KCITY,
        [("- role: member", "- role: overseas_public_partner\n        min: 0")],
        "role: overseas_public_partner\n        min: 0",
    ),
    ("duplicate_id", ALLIANCE, [("{id: venture,", "{id: large,")], "{id: large, label: {en: Venture"),
    (
        "duplicate_id",
        CITIES,
        [("{id: residents, type: text", "{id: goal, type: text")],
        "{id: goal, type: text, max_characters: 200, required: true, label: {en: Set by",
    ),
    (
        "duplicate_id",
        ALLIANCE,
        [("- section: organisation", "- section: a\n    title: {en: A, ko: 가}\n    fields: []\n  - section: a")],
        "- section: a\n    title: {en: The",
    ),
    ("reserved_field_id", KCITY, [("{id: priority, type: number", "{id: received, type: number")], "{id: received"),
    ("unknown_secretariat", CITIES, [("    secretariat: lh", "    secretariat: hl")], "secretariat: hl"),
    ("unknown_track", KCITY, [("limits: {default:", "limits: {demo:")], "limits: {demo:"),
    (
        "unknown_stage",
        SERVICE,
        [
            (
                "stops_on: [supplement], sample: true}}\n    - {id: written",
                "stops_on: [suplement], sample: true}}\n    - {id: written",
            )
        ],
        "[suplement]",
    ),
    ("own_sister", CITIES, [("[regional-base-2022,", "[small-cities-2022,")], "calls:"),
    ("sample_hour_without_hour", KCITY, [("2021-04-20 18:00,", "2021-04-20,")], "closes:"),
    ("sample_names_unknown_field", KCITY, [("sample: [hour]", "sample: [minute]")], "[minute]"),
    # form
    ("unknown_set", KCITY, [("field: molit-release-2021}", "field: molit-release-2012}")], "molit-release-2012"),
    ("set_not_declared", CITIES, [("set: field", "set: fields")], "set: fields"),
    ("choice_without_options", CITIES, [("set: field, ", "")], "id: field"),
    ("unknown_format", KCITY, [("formats: [pdf, hwpx, docx]", "formats: [pdf, doc]")], "formats: [pdf, doc]"),
    ("least_over_most", KCITY, [("min: 1, max: 99", "min: 100, max: 99")], "max: 99"),
    # schedule
    ("unknown_zone", CITIES, [("zone: Asia/Seoul", "zone: Asia/Soul")], "zone:"),
    ("window_without_dates", CITIES, [("  opens: 2021-12-27\n", "")], "schedule:"),
    ("closes_before_opens", CITIES, [("opens: 2021-12-27", "opens: 2021-12-30")], "closes:"),
    ("opens_before_announced", CITIES, [("announced: 2021-11-23", "announced: 2021-12-28")], "opens:"),
    ("cut_offs_without_rolling", ALLIANCE, [("mode: rolling", "mode: invited")], "cut_offs:"),
    ("rolling_without_cut_offs", CITIES, [("mode: window", "mode: rolling")], "mode: rolling"),
    ("closing_does_not_match_count", ALLIANCE, [("days: 15", "days: 14")], "counts:"),
    ("closing_does_not_match_count", ALLIANCE, [("first_day: included", "first_day: excluded")], "counts:"),
    (
        "closing_does_not_match_count",
        CITIES,
        [("18:00, sample: [hour]", "18:00, counts: {days: 3}, sample: [hour]")],
        "closes:",
    ),
    ("count_without_opening", ALLIANCE, [("  opens: 2019-01-11\n", "")], "counts:"),
    (
        "on_and_from",
        KCITY,
        [(", on: 2021-06-23", ", on: 2021-06-23, from: 2021-06-23, to: 2021-06-24")],
        "id: announcement",
    ),
    ("stage_without_time", KCITY, [(", on: 2021-06-23", "")], "id: announcement"),
    ("stage_without_start", KCITY, [("from: 2021-06-07, ", "")], "id: decision"),
    ("stage_without_end", KCITY, [(", to: 2021-06-18", "")], "id: decision"),
    ("stage_ends_before_it_starts", KCITY, [("to: 2021-06-18", "to: 2021-06-01")], "id: decision"),
    ("stage_before_closing", KCITY, [("from: 2021-04-21", "from: 2021-04-19")], "id: review"),
    # rules
    ("rule_syntax", CITIES, [("rule: basic || special", "rule: basic || ")], "rule: basic ||"),
    ("unknown_part_in_rule", KCITY, [("m.country != 'KR'", "m.nation != 'KR'")], "m.nation"),
    ("unknown_function_in_rule", CITIES, [("rule: basic || special", "rule: lower(name) == 'a'")], "lower(name)"),
    (
        "unknown_value_in_rule",
        KCITY,
        [("required: track != 'demonstration'", "required: track != 'demonstrations'")],
        "'demonstrations'",
    ),
    ("unknown_value_in_rule", KCITY, [("m.role == 'overseas_public_partner'", "m.role == 'partner'")], "'partner'"),
    ("rule_does_not_answer", CITIES, [("rule: basic || special", "rule: total + 1")], "total + 1"),
    # scores
    ("least_over_most", CITIES, [("scale: {min: 0, max: 100", "scale: {min: 100, max: 100")], "scale: {min: 100"),
    ("step_does_not_fit", CITIES, [("max: 100, step: 1", "max: 100, step: 3")], "step: 3"),
    ("mark_outside_scale", KCITY, [('"90":', '"190":')], '"190":'),
    ("mark_outside_scale", KCITY, [("pass_mark: 60", "pass_mark: 160")], "pass_mark: 160"),
    ("trim_never_happens", CITIES, [("min_sheets_to_trim: 5", "min_sheets_to_trim: 8")], "min_sheets_to_trim: 8"),
    ("trim_never_happens", CITIES, [(PANEL, "assign: {each: 3}")], "min_sheets_to_trim: 5"),
    ("panel_and_assign", CITIES, [(PANEL, "assign: {each: 7}\n    " + PANEL)], "assign:"),
    ("share_over_each", CITIES, [(PANEL, "assign: {each: 5, at_least: {external: 6}}")], "assign:"),
    ("least_over_most", CITIES, [(PANEL, "assign: {each: 5, load: {min: 9, max: 8}}")], "assign:"),
    ("not_a_text_field", CITIES, [(PANEL, "assign: {each: 5, texts: [total]}")], "assign:"),
    ("not_a_choice_field", CITIES, [(PANEL, "assign: {each: 5, fields: total}")], "assign:"),
    ("more_sheets_than_seats", CITIES, [("trim: total,", "trim: total, min_sheets: 8,")], "min_sheets: 8"),
    ("pool_smaller_than_panel", CITIES, [("draw_from: 21", "draw_from: 6")], "draw_from: 6"),
    ("composition_cannot_hold", CITIES, [("external: {min: 7}", "external: {min: 8}")], "{min: 8}"),
    ("not_a_number_field", SERVICE, [("field: satisfaction", "field: name")], "field: name"),
    ("steps_out_of_order", SERVICE, [("{from: 70, points: 70}", "{from: 90, points: 70}")], "{from: 90"),
    (
        "criterion_called_lot",
        KCITY,
        [("- {id: prospects,", "- {id: lot,"), ("[cooperation, prospects, lot]", "[cooperation, lot]")],
        "{id: lot,",
    ),
    # the deciding rule
    ("vote_without_yes", ALLIANCE, [('["yes", "no", abstain]', '["aye", "no", abstain]')], "options: ["),
    ("vote_without_seats", ALLIANCE, [("  seats: 9\n", ""), ("[seats, quorum", "[quorum")], "decide:"),
    ("majority_never_reached", ALLIANCE, [("majority: 50", "majority: 100")], "majority: 100"),
    ("duplicate_option", ALLIANCE, [('"no", abstain]', '"no", "no"]')], "options: ["),
    ("unknown_criterion", CITIES, [("presentation.residents, lot", "presentation.people, lot")], "ties:"),
    (
        "ambiguous_criterion",
        CITIES,
        [("presentation.residents, lot", "residents, lot"), ("{id: problem, weight: 40", "{id: residents, weight: 40")],
        "ties:",
    ),
    ("duplicate_tie_rule", CITIES, [("presentation.residents, lot", "presentation, lot")], "ties:"),
    ("lot_not_last", CITIES, [("[presentation, presentation.residents, lot]", "[lot, presentation]")], "ties:"),
    ("least_over_most", KCITY, [("seats: {min: 10, max: 12}", "seats: {min: 12, max: 11}")], "seats: {min: 12"),
    ("unknown_tag", KCITY, [("cap_each: country", "cap_each: continent")], "cap_each: continent"),
    ("unknown_tag_value", KCITY, [("values: {development:", "values: {developments:")], "values: {developments"),
    (
        "quota_over_cap",
        KCITY,
        [("cap_each: country, max: 2", "cap_each: track, max: 2"), ("seats: {min: 10", "seats: {min: 0")],
        "cap_each: track",
    ),
    ("not_a_money_field", CITIES, [("own: local\n", "own: name\n")], "own: name"),
    ("money_without_cost_field", KCITY, [("  cost: requested  ", "  #")], "limits: {default"),
    (
        "grant_over_cost",
        CITIES,
        [("  match: {grant: 1, own: 1}\n", ""), ("grant_krw: {max: 2000000000}", "grant_krw: {max: 4000000001}")],
        "limits:",
    ),
    # bodies, tasks, groups, earlier indicators and conditions
    ("drawn_without_pool", LAB, [("    draw_from: 45\n", "")], "  drawn:"),
    ("body_per_track", LAB, [("    draw_from: 45\n", "    draw_from: 45\n    per: track\n")], "per: track"),
    ("compose_without_seats", LAB, [("  places: 5", "  compose: {women: {min: 1}}\n  places: 5")], "compose: {women"),
    ("composition_over_seats", BOARD, [("external: {min: 4}", "external: {min: 4}\n    a: {min: 2}")], "  compose:"),
    ("ties_without_places", LAB, [("  places: 5", "  #")], "ties: [lot]"),
    ("places_with_tasks", BOARD, [("  seats: 5", "  places: 3\n  ties: [lot]\n  seats: 5")], "places: 3"),
    ("repeated_name", BOARD, [("key: [subject, activity, place]", "key: [subject, place, place]")], "key: ["),
    (
        "task_rows_not_required",
        BOARD,
        [("        min: 1\n        max: 20", "        min: 0\n        max: 20")],
        "rows: tasks",
    ),
    (
        "tasks_with_scores",
        CITY,
        [("  close: per_case\n", "  close: per_case\n  unit: application_and_task\n")],
        "unit: application_and_task",
    ),
    ("earlier_without_version", CITY, [('    version: "2023"\n', "")], "    earlier:"),
    ("earlier_out_of_order", CITY, [("    earlier:\n", f"    earlier:\n{LATER}")], "    earlier:"),
    ("repeated_name", CITY, [('version: "2022"', 'version: "2023"')], '- version: "2023"'),
    (
        "criterion_not_in_earlier",
        CITY,
        [
            ("  by: grade\n", "  by: threshold\n  at_least: 70\n  each_at_least: {companies: 40}\n"),
            (_part(CITY, "  groups:", "  sample: [combine"), ""),
        ],
        "criteria:\n          - {id: budget, weight: 30",
    ),
    ("unreachable_group", CITY, [("when: population >= 500000", "when: population > 0")], "id: small-medium"),
    ("conditional_without_conditions", BASE, [(_part(BASE, "  conditions:", "money:"), "")], "amounts: ["),
    ("repeated_name", BASE, [("amounts: [full, conditional]", "amounts: [full, full, conditional]")], "amounts: ["),
    ("appointment_with_rubric", SANDBOX, [("\ndecide:\n", f"\n{RUBRIC}\ndecide:\n")], "evaluation:"),
    (
        "repeated_name",
        BASE,
        [("[small-cities-2022, public-private-2022,", "[living-lab-2022, public-private-2022,")],
        "calls:",
    ),
]


@pytest.mark.parametrize("name", ALL)
def test_the_definitions_that_we_ship_have_no_fault(name: str) -> None:
    assert faults_of(text_of(name)) == []


@pytest.mark.parametrize(
    ("code", "name", "changes", "mark"), PLANTED, ids=[f"{c[0]}-{n}" for n, c in enumerate(PLANTED)]
)
def test_a_planted_fault_is_found_on_its_line(code: str, name: str, changes: list[tuple[str, str]], mark: str) -> None:
    text = planted(name, *changes)
    found = [(fault.code, fault.at) for fault in faults_of(text)]
    assert (code, line_of(text, mark)) in found
    # what else is found follows from the plant: nothing far from it is blamed
    assert len(found) <= 4, found


def test_faults_stand_in_the_order_of_the_text() -> None:
    text = planted(
        KCITY, ("pass_mark: 60", "pass_mark: 160"), ("zone: Asia/Seoul", "zone: Mars"), ("weight: 40", "weight: 41")
    )
    lines = [int(fault.at.split()[1]) for fault in faults_of(text)]
    assert lines == sorted(lines)
    assert len(lines) == 3


PER_TRACK = [
    ("list: one", "list: per_track"),
    ("    - {id: per-country, cap_each: country, max: 2, sample: true}\n", ""),
    ("seats: {min: 10, max: 12}", "seats: {min: 0, max: 14}"),
]


def test_one_list_per_track_with_places_of_its_own_is_fine() -> None:
    assert faults_of(planted(KCITY, *PER_TRACK)) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("solution-plan: {min: 3, max: 5}", "solution-plan: {min: 3}"), "per_track_without_quota"),
        (("seats: {min: 0, max: 14}", "seats: {min: 9, max: 14}"), "per_track_seats"),
        (("seats: {min: 0, max: 14}", "seats: {min: 0, max: 13}"), "per_track_seats"),
        (("  reserve:", "    - {id: c, cap_each: country, max: 2}\n  reserve:"), "per_track_with_shared_rule"),
        (("  cost: requested", "  budget_krw: 9000000000\n  cost: requested"), "per_track_with_shared_rule"),
        (("reserve: {per: track, count: 2", "reserve: {count: 2"), "per_track_with_shared_rule"),
    ],
)
def test_one_list_per_track_shares_nothing(change: tuple[str, str], code: str) -> None:
    assert [fault.code for fault in faults_of(planted(KCITY, *PER_TRACK, change))] == [code]


def test_a_choice_with_a_thousand_answers_is_left_alone() -> None:
    """Too many combinations to try: nothing is claimed rather than something wrong."""
    fields = "".join(f"      - {{id: f{n}, type: yes_no, label: {{en: F, ko: 가}}}}\n" for n in range(20))
    rule = " && ".join(f"f{n} == true" for n in range(20))
    extra = f"{fields}      - {{id: last, type: text, when: {rule}, label: {{en: L, ko: 끝}}}}\n"
    text = planted(KCITY, ("  - section: money\n", f"{extra}  - section: money\n"))
    assert faults_of(text) == []


@pytest.mark.parametrize(
    ("rule", "reached"),
    [
        ("many == ['a', 'b']", True),
        ("'a' in many && size(many) == 1", True),
        ("'a' in many && many == ['b']", False),
        ("size(many) == 4", False),
        ("kind_of == null", True),  # not required, so it may stay blank
        ("kind_of == 'x' || kind_of == 'y'", True),
        ("kind_of == 'x' && kind_of == 'y'", False),
        ("follow == true", True),
        ("follow == true && kind_of == 'y'", False),  # `follow` is asked of x only
        ("number > 3", True),  # cannot be listed: left alone
        ("hidden > 3", False),  # can be asked of nobody
    ],
)
def test_conditions_are_tried_with_the_conditions_they_rest_on(rule: str, reached: bool) -> None:
    options = "options: [{id: x, label: {en: X, ko: 가}}, {id: y, label: {en: Y, ko: 나}}]"
    many = options.replace("id: x", "id: a").replace("id: y", "id: b")
    fields = f"""
      - {{id: kind_of, type: choice, {options}, label: {{en: K, ko: 가}}}}
      - {{id: many, type: choice, many: true, {many}, label: {{en: M, ko: 나}}}}
      - {{id: follow, type: yes_no, when: kind_of == 'x', label: {{en: F, ko: 다}}}}
      - {{id: number, type: number, label: {{en: N, ko: 라}}}}
      - {{id: hidden, type: number, when: kind_of == 'x' && kind_of == 'y', label: {{en: H, ko: 마}}}}
      - {{id: last, type: text, when: "{rule}", label: {{en: L, ko: 바}}}}
"""
    text = planted(KCITY, ("  - section: money\n", f"{fields.lstrip(chr(10))}  - section: money\n"))
    blamed = {fault.params["id"] for fault in faults_of(text) if fault.code == "unreachable_field"}
    assert blamed == ({"hidden"} if reached else {"hidden", "last"})


@pytest.mark.parametrize(
    ("first", "second", "unreachable"),
    [
        ("population >= 500000", "population < 500000", set()),
        ("population >= 500000", "true", set()),
        ("500000 <= population", "population > 100000", set()),
        ("population >= 1", "population >= 2", {"small-medium"}),  # the first takes everybody
        ("population > 499999 && population < 500001", "population != 500000", set()),
        ("population > 500000 && population < 500001", "true", {"large"}),  # people are counted in whole numbers
        ("population * 2 > 0", "population > 3", set()),  # not a plain comparison: nothing is claimed
        ("plan_in_force && population > 5", "!plan_in_force", set()),
        ("plan_in_force || population > 0", "true", {"small-medium"}),
        ("name == 'a'", "name == 'b'", set()),  # a text can be anything
    ],
)
def test_a_group_that_nobody_falls_into_is_found(first: str, second: str, unreachable: set[str]) -> None:
    text = planted(
        CITY,
        ("when: population >= 500000", f'when: "{first}"'),
        ("when: population < 500000", f'when: "{second}"'),
    )
    assert {fault.params["id"] for fault in faults_of(text) if fault.code == "unreachable_group"} == unreachable
