"""What the house ships goes through the real commands."""

import pytest

from madang.apps.applications.commands import receive_from_folder
from madang.apps.applications.queries import reception
from madang.apps.calls.commands import publish_definition
from madang.apps.calls.queries import all_calls, current_definition
from madang.core.statistics import of_call
from madang.kernel.actors import DEMO
from madang.papers import classifications
from madang.papers.folder import read
from tests.architecture.source import ROOT

PROGRAMMES = sorted((ROOT / "programmes").glob("*.yaml"))


@pytest.mark.django_db
@pytest.mark.parametrize("path", PROGRAMMES, ids=[path.stem for path in PROGRAMMES])
def test_every_shipped_definition_can_be_published(path):
    text = path.read_text("utf-8")
    call = publish_definition(actor=DEMO, text=text, sample=False).call
    assert call.slug == path.stem
    assert list(all_calls()) == [call]
    assert current_definition(call).languages == ("en", "ko")


@pytest.mark.django_db
def test_the_reception_of_111_is_counted_from_the_database_as_from_its_folder():
    folder = read(ROOT / "examples" / "kcity-network-2021", for_decision=False)
    call = publish_definition(actor=DEMO, text=folder.definition_text, sample=False).call
    receive_from_folder(actor=DEMO, call=call, case=folder.case)
    sets = classifications.for_call(folder.definition.classifications)
    counted = of_call(current_definition(call), reception(call), sets)
    assert counted == of_call(folder.definition, folder.case, sets)
    assert counted["total"] == {"cases": 111, "countries": 39}
