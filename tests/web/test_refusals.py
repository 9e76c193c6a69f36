"""A refusal that no view expected is told with its reason, and changes nothing."""

import pytest
from django.test import Client

from madang.apps.accounts.commands import actor_of
from madang.apps.directory import commands
from madang.apps.directory.models import Domain
from madang.kernel.actors import OFFICE
from tests.factories.people import person

pytestmark = pytest.mark.django_db


def test_what_changed_between_the_page_and_the_press_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = person("aram", language="en")
    city = commands.found_organisation(actor=actor_of(manager), kind="city", country="XA", name="City", sample=True)
    domain = commands.claim_domain(actor=actor_of(manager), organisation=city, domain="aram.example")
    twin = commands.found_organisation(actor=OFFICE, kind="city", country="XA", name="Twin", sample=True)
    seen = Client(headers={"host": "localhost"})
    seen.force_login(manager)
    address = f"/organisations/{city.uid}/domains/{domain.pk}/end"
    assert seen.get(address).status_code == 200
    ended = commands.end_domain

    def merged_meanwhile(**given: object) -> Domain:
        commands.merge_organisations(actor=OFFICE, kept=twin, absorbed=city, reason="the same")
        return ended(**given)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(commands, "end_domain", merged_meanwhile)
    answer = seen.post(address)
    assert answer.status_code == 409
    assert "Nothing was changed" in answer.content.decode()
    assert Domain.objects.get(pk=domain.pk).ended_at is None
