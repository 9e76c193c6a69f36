"""`madang admin`: the first administrator comes from the console."""

import pytest

from madang.apps.accounts.models import Person
from madang.cli.main import main
from madang.kernel.journal import JournalEntry
from tests.factories.people import person

pytestmark = pytest.mark.django_db


def test_the_first_administrator_is_made_and_the_journal_says_where(capsys):
    assert main(["admin", "Boss@Example.org"]) == 0
    assert (
        "boss@example.org got an account without a password, which is an administrator now" in capsys.readouterr().out
    )
    boss = Person.objects.get()
    assert boss.holds("administrator")
    assert not boss.has_usable_password()
    assert {row.actor_kind for row in JournalEntry.objects.all()} == {"office"}
    assert main(["admin", "boss@example.org"]) == 0
    assert "already" in capsys.readouterr().out
    assert JournalEntry.objects.count() == 2


def test_somebody_who_is_there_keeps_what_they_have_and_the_last_one_stays(capsys, monkeypatch):
    monkeypatch.setenv("MADANG_LANGUAGE", "en")
    sari = person("sari", role="officer")
    assert main(["admin", sari.email]) == 0
    assert "has an account" in capsys.readouterr().out
    assert main(["admin", sari.email, "--end"]) == 1
    assert "last administrator" in capsys.readouterr().err
    person("second", role="administrator")
    assert main(["admin", sari.email, "--end"]) == 0
    assert [grant.role for grant in Person.objects.get(pk=sari.pk).held] == ["officer"]


@pytest.mark.parametrize("words", [["nobody"], ["a@example.org\nb"], ["stranger@example.org", "--end"]])
def test_what_cannot_be_is_refused_with_its_reason(words, capsys):
    assert main(["admin", *words]) == 1
    assert len(capsys.readouterr().err) > 10
    assert not Person.objects.exists()
