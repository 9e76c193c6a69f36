"""Keys: made once, closed to others, the same for everybody who starts at once."""

import datetime as dt
import fcntl
import os
import stat
import subprocess
import sys

import pytest

from madang.core.reasons import Malformed
from madang.core.record.keylist import judge, read_keys
from madang.kernel import keyring, keys
from madang.kernel.datadir import data_dir


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_signing_key_is_made_on_first_use_and_closed_to_others(data_folder):
    key = keys.load_or_make("records")
    assert keys.public_hex(keys.load_or_make("records")) == keys.public_hex(key)
    assert [path.name for path in (data_folder / "keys").iterdir()] == ["records.pem"]
    assert mode(data_folder / "keys" / "records.pem") == 0o600
    assert {mode(data_folder), *(mode(data_folder / name) for name in ("files", "keys", "cache"))} == {0o700}


def test_the_signature_of_a_loaded_key_is_checked_by_its_public_half():
    signature = keys.load_or_make().sign(b"root")
    keys.load_or_make().public_key().verify(signature, b"root")
    assert len(bytes.fromhex(keys.public_hex(keys.load_or_make()))) == 32


def test_names_have_keys_of_their_own():
    assert keys.public_hex(keys.load_or_make("one")) != keys.public_hex(keys.load_or_make("two"))
    assert keys.secret("django") == keys.secret("django") != keys.secret("other")


@pytest.mark.parametrize("open_to", [0o640, 0o604, 0o666])
def test_a_key_that_others_can_read_is_not_used(data_folder, open_to):
    keys.load_or_make("records")
    (data_folder / "keys" / "records.pem").chmod(open_to)
    with pytest.raises(keys.KeyUnusable, match="chmod 600"):
        keys.load_or_make("records")


def test_a_damaged_key_is_not_replaced(data_folder):
    path = data_dir() / "keys" / "records.pem"
    path.write_text("not a key")
    path.chmod(0o600)
    with pytest.raises(keys.KeyUnusable, match="no Ed25519 key"):
        keys.load_or_make("records")
    assert path.read_text() == "not a key"


def test_an_open_umask_opens_nothing(tmp_path):
    before = os.umask(0)
    try:
        keys.load_or_make("records", folder=tmp_path / "a" / "keys")
    finally:
        os.umask(before)
    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "keys") == 0o700
    assert mode(tmp_path / "a" / "keys" / "records.pem") == 0o600


RACE = """
import sys
from madang.kernel import keys
sys.stdin.readline()
print(keys.public_hex(keys.load_or_make("records")), keys.secret("django"))
assert "django" not in sys.modules
"""


def test_processes_that_start_at_once_have_one_key(data_folder):
    command = [sys.executable, "-c", RACE]
    racers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        for _ in range(4)
    ]
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = {racer.communicate()[0] for racer in racers}
    assert [racer.returncode for racer in racers] == [0, 0, 0, 0]
    assert len(said) == 1
    assert sorted(path.name for path in (data_folder / "keys").iterdir()) == ["django", "records.pem"]


# -- the ring -----------------------------------------------------------------------------------------------------

FIRST, SECOND = dt.date(2021, 6, 1), dt.date(2023, 6, 1)


def signing() -> str:
    return keys.public_hex(keys.load_or_make())


def refusal(do) -> list[str]:
    with pytest.raises(Malformed) as refused:
        do()
    return [fault.code for fault in refused.value.faults]


def test_the_list_is_made_on_first_use_open_to_all_and_stays(data_folder):
    assert keyring.published() is None
    listed = keyring.publish(FIRST)
    assert [(key.key, key.from_) for key in listed.keys] == [(signing(), FIRST)]
    assert keyring.publish(SECOND) == listed == read_keys(keyring.published())
    assert mode(data_folder / "keys" / keyring.PUBLIC) == 0o644
    assert mode(data_folder / "keys" / "records.pem") == 0o600


def test_a_new_key_is_endorsed_by_the_old_one_which_is_gone(data_folder):
    old = keyring.publish(FIRST).keys[0].key
    listed = keyring.rotate(SECOND)
    assert [key.key for key in listed.keys] == [old, signing()]
    assert not judge(listed, signing(), "2024-01-01", pinned=old).wrong
    assert read_keys(keyring.published()) == listed
    assert sorted(path.name for path in (data_folder / "keys").iterdir()) == [
        ".records.lock", "records.pem", "records.public.json",
    ]  # fmt: skip
    assert mode(data_folder / "keys" / "records.pem") == 0o600


def test_a_leaked_signing_key_is_replaced_by_one_that_it_does_not_endorse():
    leaked = keyring.publish(FIRST).keys[0].key
    listed = keyring.revoke(leaked, dt.date(2022, 9, 1), "stolen", today=SECOND)
    assert [(key.key, key.state, key.endorsed_by) for key in listed.keys] == [
        (leaked, "revoked", None),
        (signing(), "current", None),
    ]
    assert read_keys(keyring.published()) == listed


def test_a_leaked_key_of_earlier_days_leaves_the_signing_key_alone():
    old = keyring.publish(FIRST).keys[0].key
    current = keyring.rotate(SECOND).keys[1].key
    listed = keyring.revoke(old, dt.date(2023, 5, 1), "stolen", today=SECOND)
    assert (signing(), [key.state for key in listed.keys]) == (current, ["revoked", "current"])


def test_key_and_list_that_do_not_belong_together_are_left_as_they_are(data_folder):
    keyring.publish(FIRST)
    published, private = keyring.published(), data_folder / "keys" / "records.pem"
    private.unlink()
    for do in (lambda: keyring.publish(SECOND), lambda: keyring.rotate(SECOND)):
        assert refusal(do) == ["keys_private_missing"]
    assert not private.exists()  # a missing key is never replaced in silence
    keys.load_or_make()
    for do in (lambda: keyring.publish(SECOND), lambda: keyring.rotate(SECOND)):
        assert refusal(do) == ["keys_differ"]
    assert keyring.published() == published


def test_a_lost_signing_key_can_be_revoked_and_a_new_one_starts(data_folder):
    lost = keyring.publish(FIRST).keys[0].key
    (data_folder / "keys" / "records.pem").unlink()
    listed = keyring.revoke(lost, SECOND, "disk failed", today=SECOND)
    assert [key.state for key in listed.keys] == ["revoked", "current"]
    assert listed.current.key == signing()


def test_nothing_is_changed_without_a_list_or_with_a_damaged_one(data_folder):
    assert refusal(lambda: keyring.rotate(SECOND)) == ["keys_not_published"]
    (data_dir() / "keys" / keyring.PUBLIC).write_text("{")
    assert refusal(lambda: keyring.rotate(SECOND)) == refusal(keyring.published) == ["not_json"]


def test_a_second_process_is_told_that_one_is_at_work(data_folder):
    listed = keyring.publish(FIRST)
    with (data_folder / "keys" / ".records.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert refusal(lambda: keyring.rotate(SECOND)) == ["keys_busy"]
    assert read_keys(keyring.published()) == listed


class PowerCut(BaseException):
    """Nothing of ours may catch this."""


@pytest.mark.parametrize("change", ["rotate", "revoke"])
@pytest.mark.parametrize("call", ["replace", "fsync"])
@pytest.mark.parametrize("number", range(12))
def test_after_a_crash_at_any_step_key_and_list_belong_together(change, call, number, monkeypatch):
    first = keyring.publish(FIRST).keys[0].key
    real, left = getattr(os, call), [number]

    def cut(*given, **named):
        if left[0] == 0:
            raise PowerCut
        left[0] -= 1
        return real(*given, **named)

    with monkeypatch.context() as until_here:
        until_here.setattr(os, call, cut)
        try:
            if change == "rotate":
                keyring.rotate(SECOND)
            else:
                keyring.revoke(first, SECOND, "stolen", today=SECOND)
        except PowerCut:
            pass
    signs = signing()  # signing goes on, whatever the crash left
    listed = keyring.publish(SECOND)
    assert listed.current.key == signs == signing()
    assert len(listed.keys) == (1 if signs == first else 2)
    assert keyring.rotate(SECOND).current.key == signing()


ROTATE = """
import datetime as dt, sys
from madang.core.reasons import Malformed
from madang.kernel import keyring
sys.stdin.readline()
try:
    print(keyring.rotate(dt.date(2023, 6, 1)).current.key)
except Malformed as refused:
    print(refused.faults[0].code)
assert "django" not in sys.modules
"""


def test_processes_that_rotate_at_once_leave_one_chain():
    keyring.publish(FIRST)
    racers = [
        subprocess.Popen([sys.executable, "-c", ROTATE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = [racer.communicate()[0].strip() for racer in racers]
    done = {line for line in said if line != "keys_busy"}
    listed = read_keys(keyring.published())
    assert done == {key.key for key in listed.keys[1:]}
    assert done
    assert not judge(listed, signing(), "2024-01-01", pinned=listed.keys[0].key).wrong
