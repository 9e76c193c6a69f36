"""Secrets are replaced in steps, each of which every process can work with; what is old goes when nothing needs it."""

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator

from madang.apps.accounts.tasks import drop_old_keys, reseal
from madang.kernel import cipher, clock, keys, rotation
from madang.kernel.cipher import CODES, SESSIONS, CannotOpen, seal, unseal
from madang.kernel.journal import JournalEntry
from tests.factories.people import person

NOON = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)
AFTER = NOON + rotation.LONGEST + dt.timedelta(minutes=1)


def test_what_comes_is_known_before_it_is_used_and_what_goes_still_opens(data_folder):
    old = keys.secret(SESSIONS)
    before = seal(b"before", key=SESSIONS)
    rotation.stage()
    rotation.stage()  # taken up again: nothing more
    assert (keys.secret(SESSIONS), len(keys.secrets_of(SESSIONS))) == (old, 2)
    coming = keys.secrets_of(SESSIONS)[1]
    with clock.at(NOON):
        rotation.promote()
        rotation.promote()
    assert keys.secrets_of(SESSIONS) == [coming, old]
    assert unseal(before, key=SESSIONS) == b"before"
    assert not cipher.is_current(before, key=SESSIONS)
    assert cipher.is_current(seal(b"after", key=SESSIONS), key=SESSIONS)
    assert (data_folder / "keys" / SESSIONS).stat().st_mode & 0o077 == 0


def test_a_process_that_has_not_heard_of_the_change_yet_can_open_what_another_one_closes(data_folder):
    """Between the two reloads one goes by the file as it was staged, another by the file as it was promoted."""
    rotation.stage()
    staged = (data_folder / "keys" / rotation.DJANGO).read_text()
    rotation.promote()
    promoted = (data_folder / "keys" / rotation.DJANGO).read_text()
    known = [{line.split()[0] for line in text.splitlines()} for text in (staged, promoted)]
    assert known[0] == known[1]


def test_old_secrets_go_when_their_time_has_passed():
    with clock.at(NOON):
        sealed = seal(b"x", key=SESSIONS)
        rotation.stage()
        rotation.promote()
        assert rotation.drop(SESSIONS) == 0
        assert rotation.older(SESSIONS) == 1
    with clock.at(AFTER):
        assert rotation.drop(SESSIONS) == 1
    with pytest.raises(CannotOpen):
        unseal(sealed, key=SESSIONS)


@pytest.mark.django_db
def test_secrets_of_authenticators_are_closed_anew_before_their_key_goes():
    """They live for years: no old key may be dropped while one of them needs it."""
    aram = person("aram")
    app = Authenticator.objects.create(user=aram, type="totp", data={"secret": seal(b"TOTP", key=CODES)})
    codes = Authenticator.objects.create(
        user=aram,
        type="recovery_codes",
        data={"migrated_codes": [seal(b"one", key=CODES), seal(b"two", key=CODES)], "used_mask": 1},
    )
    lost = Authenticator.objects.create(user=person("boram"), type="totp", data={"secret": "gAAAAA-of-another-house"})
    with clock.at(NOON):
        rotation.stage()
        rotation.promote()
        assert drop_old_keys() == 0
    with clock.at(AFTER):
        assert drop_old_keys() == 3
        assert drop_old_keys() == 0
    for row in (app, codes, lost):
        row.refresh_from_db()
    assert unseal(app.data["secret"], key=CODES) == b"TOTP"
    assert [unseal(code, key=CODES) for code in codes.data["migrated_codes"]] == [b"one", b"two"]
    assert codes.data["used_mask"] == 1
    assert lost.data["secret"] == "gAAAAA-of-another-house"
    [row] = JournalEntry.objects.filter(command="accounts.reseal_authenticators")
    assert (row.object_id, row.details) == (str(aram.pk), {"authenticators": [app.pk, codes.pk]})
    assert reseal() == 2
    assert JournalEntry.objects.filter(command="accounts.reseal_authenticators").count() == 1
