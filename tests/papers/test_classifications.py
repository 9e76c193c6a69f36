"""The dated sets that come with the product."""

from __future__ import annotations

import pytest

from madang.core.reasons import Malformed
from madang.papers import classifications


@pytest.mark.parametrize("name", classifications.names())
def test_every_set_is_readable_has_both_languages_and_its_file_name(name: str) -> None:
    found = classifications.load(name)
    assert found.id == name
    assert len(set(found.ids)) == len(found.ids)
    for entry in found.entries:
        assert entry.label("ko") != entry.label("en")


@pytest.mark.parametrize(
    ("on", "english", "korean"),
    [("2021-04-20", "Turkey", "터키"), ("2022-05-31", "Turkey", "터키"), ("2022-06-01", "Türkiye", "튀르키예")],
)
def test_a_country_keeps_the_name_of_its_time(on: str, english: str, korean: str) -> None:
    assert classifications.label("iso-3166", "TR", "en", on) == english
    assert classifications.label("iso-3166", "TR", "ko", on) == korean


def test_without_a_day_the_name_is_todays_and_an_unknown_code_stays_a_code() -> None:
    assert classifications.label("iso-3166", "TR", "en") == "Türkiye"
    assert classifications.label("iso-3166", "QQ", "en") == "QQ"
    assert classifications.country_label("XA", "ko") == "예시국 A"


def test_the_policy_regions_have_the_sizes_of_the_policy() -> None:
    regions = classifications.load("molit-policy-regions")
    sizes = {entry.id: len(entry.countries) for entry in regions.entries}
    assert (sizes["new-southern"], sizes["new-northern"], sizes["other"]) == (11, 14, 0)
    countries = classifications.known_countries("iso-3166")
    assert len(countries) == 249
    assert {member.country for entry in regions.entries for member in entry.countries} <= countries


@pytest.mark.parametrize(
    ("country", "region"),
    [("VN", "new-southern"), ("UZ", "new-northern"), ("PY", "central-south-america"), ("NO", "other")],
)
def test_countries_stand_in_their_policy_region(country: str, region: str) -> None:
    assert classifications.region_of(country, "molit-policy-regions", "2021-04-20") == region


def test_before_the_policy_there_was_no_such_region() -> None:
    assert classifications.region_of("VN", "molit-policy-regions", "2017-11-08") is None


def test_invented_countries_are_marked_and_never_real_ones() -> None:
    invented = classifications.load("iso-user-assigned")
    assert invented.sample
    assert not set(invented.ids) & classifications.known_countries("iso-3166")
    assert classifications.load("sample-regions").sample


def test_a_sample_knows_invented_countries_beside_the_real_ones_in_some_region() -> None:
    chosen = {"country": "iso-3166", "region": "molit-policy-regions"}
    real, sample = classifications.for_call(chosen), classifications.for_call(chosen, sample=True)
    assert real.region_of("XA", "2021-04-20") is None
    assert sample.region_of("VN", "2021-04-20") == "new-southern"
    invented = classifications.load("iso-user-assigned").ids
    assert {sample.region_of(code, "2021-04-20") for code in invented} == {region.id for region in sample.regions}
    own = classifications.for_call({"country": "iso-user-assigned", "region": "sample-regions"}, sample=True)
    assert own.region_of("XA", "2021-04-20") == "sample-north"


def test_a_call_gets_the_sets_that_it_names_and_no_others() -> None:
    sets = classifications.for_call({"field": "decree-fields"})
    assert (len(sets.fields), sets.countries, sets.regions) == (12, (), ())


def test_unknown_sets_and_sets_of_another_kind_are_named_together() -> None:
    with pytest.raises(Malformed) as refused:
        classifications.for_call({"country": "iso-9999", "region": "decree-fields"})
    assert [(fault.code, fault.at) for fault in refused.value.faults] == [
        ("unknown_classification", "classifications/country"),
        ("wrong_classification", "classifications/region"),
    ]
