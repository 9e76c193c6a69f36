"""Each rule by itself, with its boundary days, names in Korean, and mail domains that look alike."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from madang.core.conflicts import verify_conflicts
from madang.core.conflicts.days import held_within, since
from madang.core.conflicts.domains import canonical, registrable
from madang.core.conflicts.naming import organisation_name, person_name
from madang.core.conflicts.public_domains import PROVIDERS
from madang.core.conflicts.verify_terms import first_that_counts, held, own_part, same_name
from tests.core.conflicts.conflict_problems import call, read, solved

HANBIT = {"id": "hanbit", "names": ["(주)한빛"], "domains": ["hanbit.co.kr"]}


def found(rule: dict[str, Any], evaluator: dict[str, Any], **parts: Any) -> tuple[str, set[str]] | None:
    """Strength and codes of what one rule has against one evaluator and the application of hanbit; checked."""
    basis: dict[str, Any] = {
        "organisations": [HANBIT],
        "applications": [{"id": "A1", "parties": [{"organisation": "hanbit", "role": "lead"}]}],
    }
    data = call(**basis | parts, evaluators=[{"id": "E1", **evaluator}], rules=[{"id": "r", **rule}])
    result = solved(data)
    assert verify_conflicts(read(data), result) == []
    mine = [one for one in result["conflicts"] if one["application"] == "A1"]
    if not mine:
        return None
    return mine[0]["strength"], {fact["code"].removeprefix("conflict_") for fact in mine[0]["evidence"]}


def worked(**tie: Any) -> dict[str, Any]:
    return {"affiliations": [{"organisation": "hanbit", **tie}]}


@pytest.mark.parametrize(
    ("as_of", "to", "strength"),
    [
        ("2026-03-02", "2023-03-02", "found"),  # exactly three years ago: the last day of the period
        ("2026-03-03", "2023-03-02", None),
        ("2026-03-02", "2023-03-01", None),
        ("2027-02-28", "2024-02-29", "found"),  # 29 February: the period begins on 1 March, ends on 28 February
        ("2027-03-01", "2024-02-29", None),
        ("2024-02-29", "2021-02-28", "found"),  # and ends on 29 February where there is one
        ("2024-03-01", "2021-02-28", None),
        ("2026-03-02", "2023-03", "suspected"),  # some day in March
        ("2026-03-01", "2023-03", "found"),  # every day in March 2023 is within
        ("2026-04-01", "2023-03", None),
        ("2026-03-02", "2023", "suspected"),
        ("2026-03-02", None, "found"),  # still there
    ],
)
def test_employment_within_three_years_to_the_day(as_of: str, to: str | None, strength: str | None) -> None:
    rule = {"type": "employment", "years": 3}
    given_ = found(rule, worked(**{"from": "2019-01", "to": to}), as_of=as_of)
    assert (given_ and given_[0]) == strength
    if strength == "suspected":
        assert given_ is not None
        assert "day_open" in given_[1]


def test_what_has_not_begun_does_not_count() -> None:
    rule = {"type": "employment", "years": 3}
    assert found(rule, worked(**{"from": "2026-03-03"})) is None
    assert found(rule, worked(**{"from": "2026-03"})) == ("suspected", {"tie_employment", "party", "day_open"})
    assert found(rule, worked(**{"from": "2026-03-02"})) == ("found", {"tie_employment", "party"})


@settings(max_examples=300, deadline=None)
@given(st.dates(dt.date(1900, 1, 1), dt.date(2899, 12, 31)), st.integers(0, 100))
@example(dt.date(2024, 2, 29), 4)
@example(dt.date(2027, 2, 28), 3)
@example(dt.date(1903, 3, 1), 3)
def test_the_first_day_that_counts_is_reckoned_twice_alike(day: dt.date, years: int) -> None:
    first = since(day, years)
    assert first == first_that_counts(day, years)
    assert held_within(None, first.isoformat(), first, day) == 2
    assert held(None, first.isoformat(), day, years) is True
    if first > dt.date(1900, 1, 1):
        before = (first - dt.timedelta(days=1)).isoformat()
        assert (held_within(None, before, first, day), held(None, before, day, years)) == (0, False)


def test_kinds_of_ties_belong_to_their_rules() -> None:
    service, post = {"type": "service", "years": 2}, {"type": "same_organisation"}
    for kind in ("service", "advice", "contract", "research"):
        assert found(service, worked(kind=kind, to="2024-03-02")) == ("found", {f"tie_{kind}", "party"})
        assert found(service, worked(kind=kind, to="2024-03-01")) is None
        assert found(post, worked(kind=kind)) is None
    assert found(post, worked(kind="director")) == ("found", {"tie_director", "party"})
    assert found(post, worked(to="2026-03-01")) is None
    assert found({"type": "shareholding"}, worked(kind="shareholder")) == ("found", {"tie_shareholder", "party"})
    assert found({**service, "kinds": ["advice"]}, worked(kind="service")) is None


@pytest.mark.parametrize(
    "name",
    ["한빛", "㈜한빛", "(주) 한 빛", "한빛(주)", "주식회사 한빛", "한빛주식회사", "（주）한빛", "주식회사한빛"],
)
def test_a_name_alone_is_only_suspected(name: str) -> None:
    rule = {"type": "employment", "years": 3}
    evidence = {"tie_employment", "name_alike", "party"}
    assert found(rule, {"affiliations": [{"name": name}]}) == ("suspected", evidence)
    assert found(rule, {"affiliations": [{"name": name + "소프트"}]}) is None


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Hanbit Co., Ltd.", "HANBIT", True),
        ("Hanbit Co., Ltd.", "The Hanbit Company, Inc.", True),
        ("Ｈａｎｂｉｔ　Ｓ．Ａ．", "hanbit sa", True),
        ("Công ty TNHH Ánh Dương", "Anh Duong Co., Ltd", True),
        ("PT Sinar Laut Tbk", "Sinar Laut", True),
        ("Kim & Park", "Kim and Park", True),
        ("재단법인 한빛", "한빛", True),
        ("The Company", "Company", True),
        ("한빛", "한빛소프트", False),
        ("ガス", "カス", False),
        ("주식회사", "유한회사", False),
    ],
)
def test_names_that_are_alike(one: str, other: str, alike: bool) -> None:
    assert (organisation_name(one) == organisation_name(other)) == alike
    assert (same_name(one) == same_name(other)) == alike


pieces = st.lists(
    st.one_of(
        st.sampled_from(["(주)", "주식회사", "한빛", " ", "The ", "PT ", " Co.", " Ltd.", " joint stock company"]),
        st.text(max_size=3),
    ),
    max_size=6,
).map("".join)


@settings(max_examples=600, deadline=None)
@given(pieces)
def test_names_are_read_twice_alike(text: str) -> None:
    assert organisation_name(text) == same_name(text)
    assert person_name(text) == same_name(text, person=True)


def test_register_numbers_and_former_names_make_one_organisation() -> None:
    rule = {"type": "same_organisation"}
    mine = {"affiliations": [{"organisation": "old"}]}
    first = {**HANBIT, "registry_numbers": ["110111-1234567"]}
    same = {"id": "old", "registry_numbers": ["１１０１１１ 1234567"]}
    assert found(rule, mine, organisations=[first, same]) == ("found", {"tie_employment", "same_number", "party"})
    chain = [HANBIT, {"id": "old", "same_as": ["mid"]}, {"id": "mid"}, {"id": "next", "same_as": ["mid", "hanbit"]}]
    assert found(rule, mine, organisations=chain) == ("found", {"tie_employment", "same_as", "party"})
    assert found(rule, mine, organisations=[HANBIT, {"id": "old"}]) is None
    # two entries of one name are not proven to be one
    twin = [HANBIT, {"id": "old", "names": ["한빛 주식회사"]}]
    assert found(rule, mine, organisations=twin) == ("suspected", {"tie_employment", "name_alike", "party"})


def above(name: str, *parents: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "parents": [{"organisation": parent, **more} for parent in parents]}


def test_groups_over_any_depth() -> None:
    rule = {"type": "same_parent"}
    mine = {"affiliations": [{"organisation": "sister"}]}
    tree = [above("hanbit", "h1"), above("h1", "h2"), above("h2", "top"), above("sister", "top"), {"id": "top"}]
    evidence = {"tie_employment", "same_group", "party"}
    assert found(rule, mine, organisations=tree) == ("found", evidence)
    assert found(rule, {"affiliations": [{"organisation": "top"}]}, organisations=tree) == ("found", evidence)
    assert found(rule, worked(), organisations=tree) is None  # the same organisation is another rule's
    ministry = [*tree[:-1], {"id": "top", "umbrella": True}]
    assert found(rule, mine, organisations=ministry) is None  # an umbrella relates no two children
    assert found(rule, {"affiliations": [{"organisation": "top"}]}, organisations=ministry) == ("found", evidence)


def test_links_count_while_they_hold() -> None:
    mine = {"affiliations": [{"organisation": "sister"}]}

    def tree(to: str) -> list[dict[str, Any]]:
        return [above("hanbit", "top", to=to), above("sister", "top"), {"id": "top"}]

    now, later = {"type": "same_parent"}, {"type": "same_parent", "years": 2}
    assert found(now, mine, organisations=tree("2026-03-01")) is None
    assert found(now, mine, organisations=tree("2026-03-02")) is not None
    assert found(later, mine, organisations=tree("2024-03-01")) is None
    assert found(later, mine, organisations=tree("2024-03-02")) == ("found", {"tie_employment", "same_group", "party"})
    doubtful = found(later, mine, organisations=tree("2024-03"))
    assert doubtful == ("suspected", {"tie_employment", "same_group", "link_open", "party"})
    assert found({"type": "employment", "years": 2}, mine, organisations=tree("2026-04")) is None
    assert found({"type": "employment", "years": 2, "group": True}, mine, organisations=tree("2026-04")) is not None


@pytest.mark.parametrize(
    ("email", "registered", "strength"),
    [
        ("a@univ.ac.kr", "univ.ac.kr", "found"),
        ("a@UNIV.AC.KR", "univ.ac.kr", "found"),
        ("@cs.univ.ac.kr", "univ.ac.kr", "found"),  # a department under the domain
        ("a@notuniv.ac.kr", "univ.ac.kr", None),  # looks alike
        ("a@univ.ac.kr", "cs.univ.ac.kr", None),  # the department registered its own
        ("a@univ.ac.kr.example.com", "univ.ac.kr", None),
        ("a@xn--" + "한빛".encode("punycode").decode() + ".kr", "한빛.KR", "found"),
        ("a@univ.ac.kr.", "Univ.Ac.Kr", "found"),
        ("a@ｕｎｉｖ．ac.kr", "univ.ac.kr", "found"),
    ],
)
def test_a_registered_mail_domain(email: str, registered: str, strength: str | None) -> None:
    organisations = [{"id": "hanbit", "domains": [registered]}]
    given_ = found({"type": "email_domain"}, {"emails": [email]}, organisations=organisations)
    assert (given_ and given_[0]) == strength


@pytest.mark.parametrize(
    ("mine", "theirs", "strength"),
    [
        ("a@cs.univ.ac.kr", "b@med.univ.ac.kr", "suspected"),
        ("a@univ.ac.kr", "b@other.ac.kr", None),  # ac.kr is everybody's
        ("a@gmail.com", "b@GMAIL.com", None),
        ("a@naver.com", "b@naver.com", None),
        ("a@korea.kr", "b@korea.kr", None),  # all public servants
        ("a@city.gov.xy", "b@town.gov.xy", None),  # a country that is not listed
        ("a@lab.example.vn", "b@example.vn", "suspected"),
    ],
)
def test_a_mail_domain_shared_with_people_of_the_application(mine: str, theirs: str, strength: str | None) -> None:
    party = {"organisation": "hanbit", "people": [{"id": "p1", "email": theirs}]}
    parts: dict[str, Any] = {"applications": [{"id": "A1", "parties": [party]}]}
    given_ = found({"type": "email_domain"}, {"emails": [mine]}, **parts)
    assert (given_ and given_[0]) == strength
    assert (
        found({"type": "email_domain"}, {"emails": [mine]}, **parts, public_domains=["univ.ac.kr", "example.vn"])
        is None
    )


def test_providers_are_registrable_names_and_read_twice_alike() -> None:
    assert all(registrable(domain) == domain == own_part(domain) == canonical(domain) for domain in PROVIDERS)
    for domain in ("ac.kr", "seoul.kr", "co.uk", "com.vn", "go.id", "com", "kr"):
        assert (registrable(f"x.{domain}"), own_part(f"x.{domain}")) == (f"x.{domain}", f"x.{domain}")
    assert (registrable("ac.kr"), own_part("ac.kr")) == (None, "")


def test_people_of_an_application() -> None:
    people = [{"id": "p1", "name": "김 가람", "email": "garam@hanbit.co.kr"}]
    parts: dict[str, Any] = {"applications": [{"id": "A1", "parties": [{"organisation": "hanbit", "people": people}]}]}
    rule = {"type": "participant"}
    assert found(rule, {"names": ["김가람"]}, **parts) == ("suspected", {"person_alike"})
    assert found(rule, {"emails": ["Garam@HANBIT.co.kr"]}, **parts) == ("found", {"person_email"})
    assert found(rule, {"emails": ["@hanbit.co.kr"], "names": ["김나람"]}, **parts) is None


def test_declared_and_challenged() -> None:
    people = [{"id": "p1"}]
    parts: dict[str, Any] = {"applications": [{"id": "A1", "parties": [{"organisation": "hanbit", "people": people}]}]}
    rule = {"type": "declared"}
    for target in ({"application": "A1"}, {"person": "p1"}, {"organisation": "hanbit"}):
        given_ = found(rule, {"declared": [{**target, "relation": "kin"}]}, **parts)
        assert given_ is not None
        assert given_[0] == "declared"
        assert found({**rule, "relations": ["adviser"]}, {"declared": [{**target, "relation": "kin"}]}, **parts) is None
    assert found(rule, {"declared": [{"name": "한빛"}]}, **parts) == ("suspected", {"declared", "name_alike", "party"})
    adviser = {"type": "declared", "relations": ["adviser"], "years": 5}
    taught = {"person": "p1", "relation": "adviser"}
    assert found(adviser, {"declared": [{**taught, "to": "2021-03-02"}]}, **parts) == ("declared", {"declared"})
    assert found(adviser, {"declared": [{**taught, "to": "2021-03-01"}]}, **parts) is None
    for state, strength in (("accepted", "declared"), ("pending", "suspected"), ("rejected", None)):
        challenges = [{"application": "A1", "evaluator": "E1", "state": state}]
        given_ = found({"type": "challenged"}, {}, challenges=challenges)
        assert (given_ and given_[0]) == strength


def test_applied_together() -> None:
    rule = {"type": "co_application", "years": 3}
    lab = {"id": "lab"}
    at_lab = {"affiliations": [{"organisation": "lab"}]}
    parties = [{"organisation": "lab"}, {"organisation": "hanbit"}]
    earlier = [{"id": "2023", "on": "2023-03-02", "parties": parties}]
    parts: dict[str, Any] = {"organisations": [HANBIT, lab], "earlier": earlier}
    evidence = {"together_application", "tie_employment", "party"}
    assert found(rule, at_lab, **parts) == ("found", evidence)
    assert found({**rule, "through_employer": False}, at_lab, **parts) is None
    assert found(rule, {"affiliations": [{"organisation": "lab", "to": "2026-03-01"}]}, **parts) is None
    assert found(rule, at_lab, **parts | {"earlier": [{**earlier[0], "on": "2023-03-01"}]}) is None
    assert found(rule, at_lab, **parts | {"earlier": [{**earlier[0], "kind": "work"}]}) is None
    alone = [{"id": "2023", "on": "2024", "parties": [{"organisation": "hanbit"}]}]
    assert found(rule, worked(), **parts | {"earlier": alone}) is None  # nobody applies together with oneself
    themselves = [{"id": "W", "kind": "work", "on": "2025", "parties": [{"evaluator": "E1"}, {"person": "p1"}]}]
    people = [{"id": "A1", "parties": [{"organisation": "hanbit", "people": [{"id": "p1"}]}]}]
    joint = {"type": "joint_work", "years": 3}
    assert found(joint, {}, applications=people, earlier=themselves) == ("found", {"together_work"})


def test_applying_together_in_this_call() -> None:
    rule = {"type": "co_application", "years": 0}
    applications = [
        {"id": "A1", "parties": [{"organisation": "hanbit"}]},
        {"id": "A2", "parties": [{"organisation": "hanbit"}, {"organisation": "lab"}]},
    ]
    parts: dict[str, Any] = {"organisations": [HANBIT, {"id": "lab"}], "applications": applications}
    at_lab = {"affiliations": [{"organisation": "lab"}]}
    assert found(rule, at_lab, **parts) == ("found", {"applies_together", "tie_employment", "party"})
    assert found(rule, at_lab, **parts | {"applications": [applications[0]]}) is None
