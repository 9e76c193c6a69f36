"""Every example folder with applications: what a review shows of each rule is what a decision says."""

from dataclasses import replace

import pytest

from madang.apps.applications.commands import receive_from_folder
from madang.apps.applications.models import Dossier
from madang.apps.calls.commands import publish_definition
from madang.apps.review.models import OutsideResult, Verdict
from madang.apps.review.queries import reviewed
from madang.core.deciding.decide import prepare
from madang.core.deciding.eligibility import eligibility, examine
from madang.kernel.actors import DEMO
from madang.kernel.clock import now
from madang.papers.folder import read
from tests.architecture.source import ROOT
from tests.factories.people import person

FOLDERS = sorted(path.parent for path in (ROOT / "examples").glob("*/applications.csv"))


@pytest.mark.parametrize("folder", FOLDERS, ids=[path.name for path in FOLDERS])
def test_rule_by_rule_gives_what_the_decision_gives(folder):
    found = read(folder, for_decision=False)
    told = {name: examined.reasons for name, examined in examine(found.definition, found.case)}
    assert told == eligibility(found.definition, found.case)
    later = prepare(found.definition, replace(found.case, draws=(), reveals=(), pool=(), exclusions=())).verdicts
    assert {name: told[name] for name in later} == later


@pytest.mark.django_db
@pytest.mark.parametrize("folder", FOLDERS, ids=[path.name for path in FOLDERS])
def test_the_review_of_what_came_in_says_what_the_decision_says(folder):
    """Received here, with the folder's own checklist and outside answers as the office's verdicts.

    Sister calls are hints in a review, and no reason by themselves: they are left out on both sides.
    """
    found = read(folder, for_decision=False)
    case = replace(found.case, sisters=())
    call = publish_definition(actor=DEMO, text=found.definition_text, sample=True).call
    receive_from_folder(actor=DEMO, call=call, case=case)
    dossiers = list(Dossier.objects.filter(call=call).select_related("call").order_by("pk"))
    by_reference = {one.reference: one for one in dossiers}
    officer = person("officer", role="officer")
    written = {"by": officer, "at": now()}
    eyes = {item.id for item in found.definition.review if item.four_eyes}
    for line in case.checklist:
        if line.verdict == "not_applicable":
            continue
        dossier = by_reference[line.application]
        about = {"dossier": dossier, "application": dossier.applications.get(), "item": line.item}
        row = Verdict.objects.create(**about, verdict=line.verdict, reason=line.reason, **written)
        if line.item in eyes:
            second = person(f"second{row.pk}")
            Verdict.objects.create(**about, verdict=line.verdict, confirms=row, by=second, at=now())
    for answer in case.outside_checks:
        result = {"clear": "clear", "found": "found"}.get(answer.verdict, "open")
        OutsideResult.objects.create(
            dossier=by_reference[answer.application], check_id=answer.check, result=result, source=answer.source,
            on=answer.on or "2022-01-01", note=answer.reason, **written,
        )  # fmt: skip
    reviews = {one.dossier.reference: one for one in reviewed(call, dossiers)}
    decided = eligibility(found.definition, case)
    assert reviews.keys() == decided.keys()
    days = {answer.application for answer in case.outside_checks if not answer.on}  # a day is always given here
    for name, reasons in decided.items():
        if name not in days:
            assert reviews[name].examined.reasons == reasons
        eligible = not reviews[name].ineligible and not reviews[name].items_against and not reviews[name].checks_found
        assert eligible == (not reasons)
    assert any(decided.values()) or not any(one.examined.reasons for one in reviews.values())
