"""Queries compiled once give what their querysets give."""

import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madang.apps.applications.models import Draft, DraftEntry
from madang.apps.applications.queries import with_everything
from madang.kernel.commands import locked
from madang.kernel.prepared import Prepared
from tests.factories.drafts import World

pytestmark = pytest.mark.django_db


def columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.fixture
def world():
    made = World()
    made.save(name="Hanbit", fields=["traffic", "energy"])
    made.draft.refresh_from_db()
    return made


def test_rows_are_the_queryset_s_own(world):
    prepared = Prepared(lambda draft: DraftEntry.objects.filter(draft=draft), int)
    assert [columns(one) for one in prepared.all(world.draft.pk)] == [
        columns(one) for one in DraftEntry.objects.filter(draft=world.draft)
    ]
    assert prepared.all(world.draft.pk + 1) == []
    assert prepared.first(world.draft.pk + 1) is None


def test_related_rows_come_in_the_same_statement_and_what_was_left_out_is_fetched(world):
    prepared = Prepared(lambda uid: with_everything(Draft.objects.filter(uid=uid)), str)
    prepared.first(world.draft.uid)
    with CaptureQueriesContext(connection) as asked:
        found = prepared.first(world.draft.uid)
        assert found is not None
        assert (found.call.title, found.organisation.name, found.version.number) == (
            world.call.title,
            world.city.name,
            1,
        )
    assert len(asked) == 1
    assert columns(found) == columns(world.draft)
    assert found.version.data["id"] == "small-2027", "deferred: asked for when it is needed"


def test_a_changed_row_can_be_saved(world):
    prepared = Prepared(lambda pk: locked(Draft.objects).filter(pk=pk), int)
    found = prepared.first(world.draft.pk)
    assert found is not None
    found.track = "trial"
    found.save(update_fields=["track"])
    world.draft.refresh_from_db()
    assert world.draft.track == "trial"


def test_values_stay_values(world):
    prepared = Prepared(lambda uid: Draft.objects.filter(uid=uid), str)
    assert prepared.first("' OR 1=1 --") is None
    assert prepared.first("\u0001prepared 0\u0001") is None


def test_several_threads_may_run_it_at_once(world):
    prepared = Prepared(lambda draft: DraftEntry.objects.filter(draft=draft), int)
    failed = []

    def run():
        try:
            prepared.all(-1)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []


@pytest.mark.parametrize(
    "make",
    [
        lambda pk: Draft.objects.filter(pk=pk).values("uid"),
        lambda pk: Draft.objects.filter(pk=1),
        lambda pk: Draft.objects.filter(pk=pk + 1),
    ],
)
def test_what_it_cannot_do_it_refuses(make):
    with pytest.raises(TypeError):
        Prepared(make, int).all(1)
