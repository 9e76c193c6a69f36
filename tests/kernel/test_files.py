"""The file store: content under its hash, damage found."""

import hashlib
import io
import stat

import pytest

from madang.kernel import files


def test_a_file_is_kept_under_its_hash_and_read_back(data_folder):
    content = "기록".encode() * 700_000  # several pieces
    kept = files.keep(io.BytesIO(content))
    assert kept == files.Kept(hashlib.sha256(content).hexdigest(), len(content))
    assert files.read(kept.sha256) == content
    path = files.path_of(kept.sha256)
    assert path == data_folder / "files" / kept.sha256[:2] / kept.sha256
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("damage", [b"recorD", b"record ", b"", b"recor"])
def test_damage_is_found_and_mended_by_keeping_the_file_again(damage):
    kept = files.keep(b"record")
    files.path_of(kept.sha256).write_bytes(damage)
    with pytest.raises(files.Corrupted):
        files.read(kept.sha256)
    assert files.keep(b"record") == kept
    assert files.read(kept.sha256) == b"record"


def test_nothing_wrong_is_ever_handed_out():
    kept = files.keep(b"record")
    files.path_of(kept.sha256).write_bytes(b"forged")
    with pytest.raises(files.Corrupted), files.reading(kept.sha256):
        pytest.fail("a damaged file was opened")


def test_an_upload_that_breaks_off_leaves_nothing(data_folder):
    class BreaksOff(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        files.keep(BreaksOff())
    assert list((data_folder / "files").rglob("*")) == []


def test_what_was_never_kept_is_not_there():
    with pytest.raises(files.NotKept):
        files.read("0" * 64)


@pytest.mark.parametrize("name", ["", "../keys/records.pem", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_only_a_hash_names_a_file(name):
    with pytest.raises(ValueError, match="SHA-256"):
        files.read(name)


def test_what_is_too_large_or_looks_wrong_is_not_kept(data_folder):
    def look(whole):
        assert whole.read() == b"12345"
        raise ValueError("not this one")

    with pytest.raises(files.TooLarge):
        files.keep(b"123456", most=5)
    with pytest.raises(ValueError, match="not this one"):
        files.keep(b"12345", most=5, check=look)
    assert [path for path in (data_folder / "files").rglob("*") if path.is_file()] == []
    assert files.keep(b"12345", most=5).size == 5
