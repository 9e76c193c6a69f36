"""Which places of a form may be changed, and where two filed forms differ."""

from madang.core.callspec import check
from madang.core.form.places import changed_places, elsewhere, place_of, places_of, with_dependents
from tests.factories.forms import DEFINITION

D, _ = check(DEFINITION, {}, lambda name: None)
FORM = {
    "applicant": {"name": "Aram"}, "track": "plan", "members": [], "files": [], "translations": [],
    "answers": {"name": "a", "goals": [{"goal": "x"}]},
}  # fmt: skip


def file(key, name="a.pdf", sha256="1", uid="u"):
    return {"key": key, "name": name, "sha256": sha256, "uid": uid}


def test_a_key_stands_in_its_place():
    given = ("goals.r3f.when", "documents.letter", "applicant.track", "members.r1.name", "name")
    assert [place_of(key) for key in given] == ["goals", "documents.letter", "applicant.track", "members", "name"]


def test_what_depends_on_a_place_is_opened_with_it_in_the_order_of_the_form():
    assert with_dependents(D, ["agreed"]) == ("agreed", "paper", "named", "goals")
    assert with_dependents(D, ["why"]) == ("why", "named")
    assert with_dependents(D, ["documents.letter", "mail"]) == ("mail", "documents.letter")
    assert "members" in places_of(D)


def test_every_difference_is_named_by_its_place_and_a_file_by_what_it_is():
    same = {**FORM, "files": [file("paper", uid="u")]}
    assert changed_places(same, {**same, "files": [file("paper", uid="another")]}) == frozenset()
    after = {
        **FORM,
        "answers": {"name": "b", "goals": [{"goal": "y"}], "page": "z"},
        "files": [file("documents.letter")],
        "translations": [{"key": "goals.1.goal", "language": "en", "origin": "person", "text": "y"}],
        "track": "trial",
        "members": [{"role": "member"}],
        "applicant": {"name": "Boram"},
    }
    everything = {"name", "goals", "page", "documents.letter", "applicant.track", "members", "applicant"}
    assert changed_places(FORM, after) == everything
    assert elsewhere(FORM, after, everything - {"page"}) == ("page",)
