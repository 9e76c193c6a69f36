"""Three editions of one record: same root, each opens what was announced, and nothing can be learnt from the rest."""

import json
import random
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.core.deciding import decide
from madang.core.deciding.case import Check
from madang.core.record import merkle, splitting
from madang.core.record.canonical import canonical, text_digest
from madang.core.record.editions import Editor
from madang.core.record.opens import OWN, PUBLIC, kind_of
from madang.core.record.read import read
from madang.core.record.seal import Meta, build, commitment, contents, root_of, write
from madang.core.record.veil import veil
from madang.core.record.verify import State, verify
from madang.papers.classifications import for_call
from madang.papers.folder import read as read_folder
from madang.papers.library import examples, programmes
from tests.core.deciding.small_calls import BASE
from tests.core.deciding.test_draws import DRAWN, drawn_case, seated, with_sheets
from tests.core.record.sealed import KEY, PROGRAMMES, seal_case, sealed, sealed_again, with_one_change
from tests.core.record.sealed import PUBLIC as OFFICE

VEIL, SALT = bytes(range(32)), bytes(range(32, 64))
KEPT = "publish: {selected: all, ranking: none, scores: none"


@cache
def folder(programme):
    return read_folder(examples()[f"{programme}-sample"])


@cache
def made(programme, publish=None):
    """(the folder's own case, the auditor's record, its editor) of a sample folder, with another `publish` if given."""
    of = folder(programme)
    text = of.definition_text if publish is None else of.definition_text.replace(KEPT, f"publish: {{{publish}")
    record = json.loads(seal_case(text, veil(of.case, VEIL)))
    return of.case, record, Editor(record)


def opened(edition):
    return {leaf["name"]: leaf["value"] for leaf in edition["leaves"] if "name" in leaf}


def texts(value):
    """Every text inside a value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def said(edition):
    """Every text that an edition tells, beside the published definition and the sets of the country."""
    published = ("definition", "definition-text", "classifications")
    return {text for name, value in opened(edition).items() if name not in published for text in (name, *texts(value))}


def evaluators(case):
    return {row.evaluator for row in (*case.sheets, *case.panel, *case.conflicts, *case.pool)}


def selected(record):
    return {
        v["application"] for n, v in opened(record).items() if n.startswith("decided/") and v["outcome"] == "selected"
    }


def states(text, **known):
    return {finding.check: finding.state for finding in verify(text, **known).findings}


# -- the veil -----------------------------------------------------------------------------------------------------


def without_numbers(computed):
    """A decision without the numbers of sheets, which the veil shuffles."""
    told = json.loads(json.dumps(computed))
    for stage in told["stages"]:
        for line in stage["applications"]:
            for name in ("dropped", "skipped", "dropped_by_criterion"):
                line.pop(name, None)
    return told


@pytest.mark.parametrize("programme", PROGRAMMES)
@settings(max_examples=8, deadline=None)
@given(key=st.binary(min_size=32, max_size=32))
def test_veiling_changes_no_outcome_whatever_the_key(programme, key):
    of = folder(programme)
    classifications = for_call(of.definition.classifications, sample=True)
    veiled = veil(of.case, key)
    expected = without_numbers(decide(of.definition, of.case, classifications))
    assert without_numbers(decide(of.definition, veiled, classifications)) == expected
    assert veil(veiled, key) == veiled


def test_a_veiled_case_names_no_evaluator_but_in_the_table_that_only_the_auditor_sees():
    case = folder("small-cities-2022").case
    veiled = veil(case, VEIL)
    names = evaluators(case)
    assert {one.id for one in veiled.evaluators} == names
    assert len({one.pseudonym for one in veiled.evaluators}) == len(names)
    bare = replace(veiled, evaluators=())
    told = {
        text
        for table in ("sheets", "conflicts", "panel")
        for row in getattr(bare, table)
        for text in texts(row.as_json())
    }
    assert not told & names
    other = veil(case, bytes(32))
    assert not {one.pseudonym for one in veiled.evaluators} & {one.pseudonym for one in other.evaluators}
    assert [s.scores for s in veiled.sheets] != [s.scores for s in other.sheets]


# -- one root -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_every_edition_opens_the_same_root_and_nothing_in_it_contradicts(programme):
    _, record, editor = made(programme)
    read_back = read(write(record).decode())
    assert canonical(read_back.case().applications[0].as_json()) == canonical(
        next(a.as_json() for a in folder(programme).case.applications)
    )
    editions = [record, editor.public(), *(editor.party(name) for name in editor.applications())]
    for edition in editions:
        assert root_of(edition["leaves"]).hex() == record["root"]
        result = verify(write(edition).decode(), key=OFFICE)
        assert result.exit_code == 0, [f for f in result.findings if f.state is State.FAILS]
        assert edition["edition"] == "auditor" or any(f.state is State.NOT_CHECKED for f in result.findings)


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_any_single_change_in_an_edition_is_found(programme):
    _, _, editor = made(programme)
    chance = random.Random(13)
    for edition in (editor.public(), editor.party(editor.applications()[-1])):
        for _ in range(25):
            forged, what = with_one_change(edition, lambda copied: copied, chance)
            assert verify(json.dumps(forged), key=OFFICE).exit_code != 0, what


def test_an_edition_is_small_where_it_opens_little():
    _, record, editor = made("small-cities-2022")
    party = editor.party(editor.applications()[-1])
    assert len(party["leaves"]) < len(record["leaves"]) / 4


def test_an_edition_that_hides_a_winner_is_found():
    _, _, editor = made("small-cities-2022")
    edition = editor.public()
    winner = min(name for name in opened(edition) if name.startswith("decided/A"))
    leaves = [
        {"commitment": commitment(leaf).hex()} if leaf.get("name") == winner else leaf for leaf in edition["leaves"]
    ]
    findings = verify(json.dumps({**edition, "leaves": leaves})).findings
    found = {f.check: [r.code for r in f.reasons] for f in reversed(findings)}
    assert found["root"] == ["root_is"]
    assert "selected_not_all_open" in found["edition"]


def test_an_edition_that_opens_too_much_says_so():
    _, record, editor = made("small-cities-2022")
    leaves = [leaf for leaf in record["leaves"] if kind_of(leaf["name"]) in PUBLIC]
    more = next(leaf for leaf in record["leaves"] if leaf["name"].startswith("computed/scores/"))
    tree_of = {commitment(leaf): leaf for leaf in record["leaves"]}
    shown = {leaf["name"] for leaf in editor.public()["leaves"] if "name" in leaf} | {more["name"]}
    whole = [leaf if leaf["name"] in shown else {"commitment": here.hex()} for here, leaf in tree_of.items()]
    result = verify(json.dumps({**editor.public(), "leaves": whole}))
    assert result.exit_code == 0
    assert leaves
    told = [r for f in result.findings if f.check == "edition" for r in f.reasons if r.code == "edition_opens_more"]
    assert told[0].params["leaves"] == [more["name"]]


def test_a_party_edition_that_calls_itself_public_opens_more_than_was_announced():
    case, _, editor = made("small-cities-2022")
    party = editor.party(case.applications[0].id)
    findings = verify(json.dumps({**party, "edition": "public"})).findings
    assert "edition_opens_more" in [r.code for f in findings if f.check == "edition" for r in f.reasons]


def test_a_leaf_that_speaks_of_another_application_than_its_name_is_found_though_sealed_anew():
    _, record, _ = made("small-cities-2022")
    forged = json.loads(json.dumps(record))
    winner = min(n for n in opened(forged) if n.startswith("decided/A") and opened(forged)[n]["outcome"] == "selected")
    leaf = next(leaf for leaf in forged["leaves"] if leaf.get("name") == winner)
    leaf["value"]["application"] = "A99"
    edition = Editor(json.loads(sealed_again(forged))).public()
    assert winner in opened(edition)
    findings = verify(json.dumps(edition)).findings
    assert "leaf_about_another" in [r.code for f in findings for r in f.reasons if f.state is State.FAILS]


# -- what nobody learns -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_an_attacker_who_knows_panel_and_applicants_finds_neither_evaluators_nor_losers_in_the_public_edition(
    programme,
):
    case, record, editor = made(programme)
    public = editor.public()
    told, winners = said(public), selected(record)
    losers = [a for a in case.applications if a.id not in winners]
    assert losers or programme == "service-certification-2023"
    assert not told & evaluators(case)
    assert not told & {one["pseudonym"] for n, one in opened(record).items() if n.startswith("evaluators/")}
    for loser in losers:
        assert loser.id not in told
        assert not any(loser.applicant in text for text in told)
    if winners:
        assert {n.removeprefix("decided/") for n in opened(public) if n.startswith("decided/")} == winners
    figures = {"score", "exact", "rank", "passed", "sheets", "eligible", "counts"}
    assert not told & figures


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_a_party_learns_of_itself_and_of_nobody_else(programme):
    case, record, editor = made(programme)
    pseudonyms = {one["pseudonym"] for n, one in opened(record).items() if n.startswith("evaluators/")}
    public = said(editor.public())
    for application in case.applications:
        edition = editor.party(application.id)
        told = said(edition)
        assert not told & (evaluators(case) | pseudonyms)
        others = {a.id for a in case.applications if a.id != application.id}
        assert not (told & others) - public
        mine = opened(edition)
        assert mine[f"answers/{application.id}"]["application"] == application.id
        for name, value in mine.items():
            if kind_of(name) in (
                "sheets",
                "comments",
                "checklist",
                "computed/stages",
                "computed/votes",
                "computed/why",
            ):
                assert value["application"] == application.id or name in opened(editor.public())


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_closed_leaves_cannot_be_guessed_even_by_who_knows_their_value(programme):
    """The strongest guess: the true name and value, with every salt that the attacker can see or make up."""
    _, record, editor = made(programme)
    public = editor.public()
    closed = {leaf["commitment"] for leaf in public["leaves"] if "commitment" in leaf and "height" not in leaf}
    every = {commitment(leaf).hex() for leaf in record["leaves"]}
    assert closed < every
    salts = {leaf["salt"] for leaf in public["leaves"] if "salt" in leaf}
    assert len({leaf["salt"] for leaf in record["leaves"]}) == len(record["leaves"])
    hidden = [leaf for leaf in record["leaves"] if leaf["name"] not in opened(public)]
    for leaf in random.Random(1).sample(hidden, 20):
        for salt in [*random.Random(2).sample(sorted(salts), 10), "0" * 32, "", leaf["name"]]:
            assert commitment({**leaf, "salt": salt}).hex() not in every
        for guess in (leaf["value"], [leaf["name"], leaf["value"]]):
            assert merkle.leaf_hash(canonical(guess)).hex() not in every


WORLDS = ("kcity-network-2021", "small-cities-2022", "service-certification-2023", "alliance-membership-2019")


def sealed_world(programme, case, salt):
    of = folder(programme)
    classifications = for_call(of.definition.classifications, sample=True)
    veiled = veil(case, salt)
    computed = decide(of.definition, veiled, classifications)
    meta = Meta(call=of.definition.id, definition_sha256=text_digest(of.definition_text), decided_at="2022-02-01 10:00",
                program="madang test", sample=True)  # fmt: skip
    values = contents(meta=meta, definition_text=of.definition_text, definition=of.definition,
                      classifications=classifications, case=veiled, computed=computed)  # fmt: skip
    record = build(values, salt_key=salt)
    return record, Editor(record, of.definition).public()


def without(programme, case, loser):
    """The same case, but that this application failed the review (or is disqualified) and nobody scored it."""
    of = folder(programme).definition
    case = replace(case, sheets=tuple(s for s in case.sheets if s.application != loser),
                   votes=tuple(v for v in case.votes if v.application != loser))  # fmt: skip
    excluding = [item.id for item in of.review if item.excludes]
    if excluding:
        checks = tuple(c for c in case.checklist if (c.application, c.item) != (loser, excluding[0]))
        return replace(case, checklist=(*checks, Check(loser, excluding[0], "fail", "not complete")))
    changed = (
        replace(a, answers={**a.answers, "disqualified": True}) if a.id == loser else a for a in case.applications
    )
    return replace(case, applications=tuple(changed))


@pytest.mark.parametrize("programme", WORLDS)
def test_the_public_edition_is_the_same_whether_a_loser_was_scored_or_ineligible(programme):
    """Two worlds that differ in a loser alone: what is open, how many leaves there are, and nothing else to count."""
    case = folder(programme).case
    case = replace(case, draws=tuple(replace(draw, entries_sha256="") for draw in case.draws))  # of the eligible, some
    record, public = sealed_world(programme, case, SALT)
    outcomes = {n: v["outcome"] for n, v in opened(record).items() if n.startswith("decided/")}
    losers = [n.removeprefix("decided/") for n, o in outcomes.items() if o == "not_selected"]
    compared = 0
    for number, loser in enumerate(losers):
        other, theirs = sealed_world(programme, without(programme, case, loser), bytes([number]) * 32)
        told = {n: v["outcome"] for n, v in opened(other).items() if n.startswith("decided/")}
        assert told[f"decided/{loser}"] == "ineligible"
        if {n for n, o in told.items() if o == "selected"} != {n for n, o in outcomes.items() if o == "selected"}:
            continue
        if opened(other)["computed/summary"] != opened(record)["computed/summary"]:
            continue  # who moved up is not settled: that a result is not settled is public
        compared += 1
        assert opened(theirs) == opened(public)
        assert len(other["leaves"]) == len(record["leaves"])
        if compared == 3:
            break
    assert compared


def test_the_place_of_a_closed_leaf_says_nothing_about_it():
    case = folder("kcity-network-2021").case
    places = []
    for number in range(40):
        record, _ = sealed_world("kcity-network-2021", case, bytes([number + 1]) * 32)
        names = [leaf["name"] for leaf in record["leaves"]]
        places.append(
            names.index("computed/scores/A01" if "computed/scores/A01" in names else "answers/A01") / len(names)
        )
    assert min(places) < 0.2 < 0.8 < max(places)
    assert 0.3 < sum(places) / len(places) < 0.7


# -- what is announced --------------------------------------------------------------------------------------------


def names_of(edition, kind):
    return {value["application"] for name, value in opened(edition).items() if kind_of(name) == kind}


@pytest.mark.parametrize(
    ("publish", "ranks", "scores"),
    [
        ("selected: all, ranking: none, scores: none", "none", "none"),
        ("selected: all, ranking: selected, scores: none", "selected", "none"),
        ("selected: all, ranking: all, scores: none", "all", "none"),
        ("selected: all, ranking: none, scores: selected", "none", "selected"),
        ("selected: all, ranking: selected, scores: selected", "selected", "selected"),
        ("selected: all, ranking: all, scores: all", "all", "all"),
    ],
)
def test_ranks_and_scores_open_as_the_definition_publishes_them(publish, ranks, scores):
    _, record, editor = made("small-cities-2022", publish)
    public = editor.public()
    winners = selected(record)
    everyone = names_of(record, "computed/scores")
    granted = {"none": set(), "selected": winners, "all": everyone}
    assert names_of(public, "computed/ranking") == granted[ranks]
    assert names_of(public, "computed/scores") == names_of(public, "computed/stages") == granted[scores]
    assert names_of(public, "computed/outcomes") == names_of(public, "decided") == winners
    shown = {value["id"] for name, value in opened(public).items() if name.startswith("applications/")}
    assert shown == winners | granted[ranks] | granted[scores]
    both = ranks != "none" and scores != "none"
    assert names_of(public, "computed/why") | names_of(public, "computed/figures") == (winners if both else set())
    told = said(public)
    assert ("rank" in told, "score" in told) == (ranks != "none", scores != "none")
    assert not told & {"sheets", "dropped", "eligible"}
    result = verify(write(public).decode())
    assert result.exit_code == 0
    assert (states(write(public).decode())["ranking"] is State.HOLDS) == both


def test_a_rank_against_the_published_scores_is_found_though_everything_was_sealed_anew():
    _, record, _ = made("small-cities-2022", "selected: all, ranking: all, scores: all")
    forged = json.loads(json.dumps(record))
    lines = sorted((leaf for leaf in forged["leaves"] if leaf["name"].startswith("computed/ranking/")),
                   key=lambda leaf: leaf["value"]["rank"])  # fmt: skip
    first, last = lines[0]["value"], lines[9]["value"]
    first["rank"], last["rank"] = last["rank"], first["rank"]
    public = Editor(json.loads(sealed_again(forged))).public()
    assert states(write(public).decode())["ranking"] is State.FAILS


def test_a_party_without_own_scores_gets_reasons_without_figures():
    text = folder("small-cities-2022").definition_text
    text = text.replace("own_scores: true, comments: released_by_rule", "own_scores: false, comments: none")
    record = json.loads(seal_case(text, veil(folder("small-cities-2022").case, VEIL)))
    editor = Editor(record)
    loser = next(
        v["application"]
        for n, v in opened(record).items()
        if n.startswith("decided/") and v["outcome"] == "not_selected"
    )
    mine = opened(editor.party(loser))
    kinds = {kind_of(name) for name in mine}
    assert not kinds & {
        "sheets",
        "comments",
        "computed/stages",
        "computed/scores",
        "computed/ranking",
        "computed/figures",
    }
    told = json.dumps([v for n, v in mine.items() if n.startswith("computed/why/")])
    assert "total_score_is" not in told
    assert f"computed/outcomes/{loser}" in mine


def test_own_sheets_that_do_not_make_the_own_score_are_found_though_sealed_anew():
    _, record, _ = made("small-cities-2022")
    forged = json.loads(json.dumps(record))
    sheet = next(leaf["value"] for leaf in forged["leaves"] if leaf["name"].startswith("sheets/"))
    stage = next(
        leaf["value"] for leaf in forged["leaves"]
        if leaf["name"] == f"computed/stages/{sheet['stage']}/{sheet['application']}"
    )  # fmt: skip
    stage["exact"] = "1/3"
    party = Editor(json.loads(sealed_again(forged))).party(sheet["application"])
    assert states(write(party).decode())["scores"] is State.FAILS


def test_every_kind_of_leaf_has_been_thought_of():
    """A kind that is in neither table is closed; this list says that it was meant."""
    closed = {
        "evaluators", "scored-by", "conflicts", "panel", "pool", "exclusions", "draws", "reveals", "opinions", "seats",
        "votes", "sisters", "lots", "padding", "computed/counts", "computed/reasons", "computed/unclassified",
        "computed/selections", "computed/draws", "computed/all-reasons",
    }  # fmt: skip
    known = closed | set(PUBLIC) | set(OWN)
    for programme in PROGRAMMES:
        _, record, _ = made(programme)
        assert {kind_of(name) for name in opened(record)} <= known
    assert not closed & (set(PUBLIC) | set(OWN))


# -- reasons ------------------------------------------------------------------------------------------------------

IDS = frozenset({"A1", "A2", "가-3", "7", "2021/15"})
TEXT = st.sampled_from(["A1", "A2", "가-3", "7", "81.25", "note", "like A2, better", "A2는 낮음", "2021/15", ""])
VALUES = st.recursive(
    TEXT | st.integers(0, 99) | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
REASONS = st.lists(
    st.fixed_dictionaries(
        {
            "code": st.sampled_from(["x", "brand_new"]),
            "params": st.dictionaries(st.sampled_from("pqr"), VALUES, max_size=2),
        }
    ),
    max_size=3,
)
LINES = st.fixed_dictionaries(
    {
        "application": st.just("A1"),
        "reasons": REASONS,
        "tasks": st.lists(st.fixed_dictionaries({"task": st.just("t"), "reasons": REASONS}), max_size=2),
        "new_list": st.lists(TEXT, max_size=2),
        "new": TEXT,
    }
)


@given(LINES)
def test_a_line_is_cut_and_joined_without_loss_and_no_reason_tells_of_another_whatever_its_code(line):
    shown, aside = splitting.cut(line, "A1", IDS)
    assert splitting.joined(shown, aside) == line
    assert "reasons" not in json.dumps(shown)
    kept = splitting.shares([aside], "A1", IDS, figures_apart=True)
    for reason in (*kept["why"], *kept["figures"]):
        told = json.dumps(reason["params"], ensure_ascii=False)
        assert not any(f'"{id_}"' in told for id_ in IDS - {"A1"})
        assert "A2" not in told
    assert not any(splitting.tells_a_figure(reason["params"]) for reason in kept["why"])


# -- draws --------------------------------------------------------------------------------------------------------


def drawn_record(publish):
    text = BASE.format(rest=DRAWN, tracks="", kind="award") + f"announcement: {{publish: {{{publish}}}}}\n"
    case = with_sheets(drawn_case(), *seated(drawn_case()))
    return case, json.loads(seal_case(text, veil(case, VEIL)))


def test_a_draw_stands_in_the_record_and_its_pool_is_open_to_the_auditor_only():
    case, record = drawn_record("selected: all")
    assert verify(write(record).decode(), key=OFFICE).exit_code == 0
    found = {
        (f.state, r.code) for f in verify(write(record).decode()).findings if f.check == "draws" for r in f.reasons
    }
    assert (State.HOLDS, "draws_checked") in found
    assert (State.NOT_CHECKED, "draw_publication_not_here") in found
    pool = {one.evaluator for one in case.pool}
    for edition in (Editor(record).public(), Editor(record).party("B")):
        assert not said(edition) & pool
        assert verify(write(edition).decode()).exit_code == 0


def test_names_of_the_panel_are_published_where_announced_and_never_with_a_pseudonym():
    _, record = drawn_record("selected: all, panel: names")
    public = Editor(record).public()
    assert opened(public)["panel-names/written"] == sorted(seated(drawn_case()))
    assert not said(public) & {v["pseudonym"] for n, v in opened(record).items() if n.startswith("evaluators/")}
    forged = json.loads(json.dumps(record))
    next(leaf for leaf in forged["leaves"] if leaf["name"] == "panel-names/written")["value"][0] = "E99"
    assert verify(sealed_again(forged, KEY)).exit_code == 1


def test_the_samples_of_all_programmes_have_editions_that_hold():
    for programme in PROGRAMMES:
        assert programme in programmes()
        record = sealed(programme)
        for edition in (Editor(record).public(), Editor(record).party("A01")):
            assert verify(write(edition).decode(), key=OFFICE).exit_code == 0
