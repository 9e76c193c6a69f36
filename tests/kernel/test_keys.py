"""Keys: made once, closed to others, the same for everybody who starts at once."""

import os
import stat
import subprocess
import sys

import pytest

from madang.kernel import keys
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
