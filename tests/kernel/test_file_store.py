"""One suite for every kind of store: a folder, and a bucket of an S3 service that is not ours."""

import errno
import hashlib
import io
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from madang.kernel import files
from tests.factories.s3 import Line, Service


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    one = Service()
    yield one
    one.stop()


@dataclass
class Kind:
    """A store in use, and a hand that goes behind its back."""

    name: str
    change: Callable[[str, bytes], None]
    names: Callable[[], list[str]]
    url: str = ""


@pytest.fixture(params=["folder", "bucket"])
def kind(request: pytest.FixtureRequest, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Kind:
    if request.param == "folder":
        return Kind(
            "folder",
            lambda sha256, content: files.path_of(sha256).write_bytes(content) and None,
            lambda: [path.name for path in (data_folder / "files").rglob("*") if path.is_file()],
        )
    return bucket(request.getfixturevalue("service"), monkeypatch)


def bucket(service: Service, monkeypatch: pytest.MonkeyPatch, *, port: int = 0) -> Kind:
    url = service.bucket(port=port)
    monkeypatch.setenv("MADANG_FILES_URL", url)
    client, name = service.client, urlsplit(url).path.split("/")[1]
    return Kind(
        "bucket",
        lambda sha256, content: client.put_object(Bucket=name, Key=f"in/here/{sha256[:2]}/{sha256}", Body=content),
        lambda: [one["Key"].rpartition("/")[2] for one in client.list_objects_v2(Bucket=name).get("Contents", ())],
        url,
    )


def nothing_aside(data_folder: Path) -> bool:
    return not [path for path in data_folder.rglob("*") if path.is_file() and path.name.startswith((".new-", ".read-"))]


# --- What both do -----------------------------------------------------------------------------------------------------


def test_a_file_is_kept_under_its_hash_and_read_back(kind, data_folder):
    content = "기록".encode() * 700_000  # several pieces
    kept = files.keep(io.BytesIO(content))
    assert kept == files.Kept(hashlib.sha256(content).hexdigest(), len(content))
    assert files.read(kept.sha256) == content
    assert (files.size(kept.sha256), files.exists(kept.sha256), files.exists("0" * 64)) == (len(content), True, False)
    with files.opened(kept.sha256) as file:
        assert (file.seek(-6, io.SEEK_END), file.read()) == (len(content) - 6, "기록".encode())
    assert kind.names() == [kept.sha256]
    assert nothing_aside(data_folder)


@pytest.mark.parametrize("damage", [b"recorD", b"record ", b"", b"recor"])
def test_damage_is_found_and_mended_by_keeping_the_file_again(kind, damage):
    kept = files.keep(b"record")
    kind.change(kept.sha256, damage)
    with pytest.raises(files.Corrupted):
        files.read(kept.sha256)
    assert files.keep(b"record") == kept
    assert files.read(kept.sha256) == b"record"


def test_nothing_wrong_is_ever_handed_out(kind):
    kept = files.keep(b"record")
    kind.change(kept.sha256, b"forged")
    with pytest.raises(files.Corrupted), files.reading(kept.sha256):
        pytest.fail("a damaged file was opened")


def test_an_upload_that_breaks_off_leaves_nothing(kind, data_folder):
    class BreaksOff(io.BytesIO):
        def read(self, *_: object) -> bytes:
            if self.tell():
                raise ConnectionError
            return super().read(5)

    with pytest.raises(ConnectionError):
        files.keep(BreaksOff(b"the first bytes come, the rest does not"))
    assert kind.names() == []
    assert nothing_aside(data_folder)


def test_what_was_never_kept_is_not_there(kind):
    for ask in (files.read, files.size, files.opened):
        with pytest.raises(files.NotKept):
            ask("0" * 64)


@pytest.mark.parametrize("name", ["", "../keys/records.pem", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_only_a_hash_names_a_file(kind, name):
    for ask in (files.read, files.size, files.exists):
        with pytest.raises(ValueError, match="SHA-256"):
            ask(name)


def test_what_is_too_large_or_looks_wrong_is_not_kept(kind, data_folder):
    def look(whole):
        assert whole.read() == b"12345"
        raise ValueError("not this one")

    with pytest.raises(files.TooLarge):
        files.keep(b"123456", most=5)
    with pytest.raises(ValueError, match="not this one"):
        files.keep(b"12345", most=5, check=look)
    assert kind.names() == []
    assert nothing_aside(data_folder)
    assert files.keep(b"12345", most=5).size == 5


def test_the_same_content_kept_by_many_at_once_is_there_once_and_whole(kind):
    content = os.urandom(300_000)
    found: list[files.Kept] = []
    start = threading.Barrier(8)

    def run() -> None:
        start.wait()
        found.append(files.keep(content))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [files.Kept(hashlib.sha256(content).hexdigest(), 300_000)] * 8
    assert kind.names() == [found[0].sha256]
    assert files.read(found[0].sha256) == content


def test_every_file_is_listed_in_order(kind):
    kept = sorted((files.keep(bytes([n]) * n) for n in range(1, 8)), key=lambda one: one.sha256)
    assert list(files.all()) == kept


def test_a_large_file_goes_through_in_pieces(kind, tmp_path):
    """200 MB in and out again, in a process whose memory may grow by 48 MB."""
    program = """
import hashlib, io, resource, sys
from madang.kernel import files
files.keep(b"the client is made, and what it imports")
class Large(io.RawIOBase):
    left = 200
    def read(self, size=-1):
        self.left -= 1
        return bytes([self.left % 251]) * 2**20 if self.left >= 0 else b""
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
kept = files.keep(Large())
with files.reading(kept.sha256) as file:
    size = sum(len(piece) for piece in iter(lambda: file.read(2**20), b""))
assert kept.size == size == 200 * 2**20
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
assert grown < 48 * 1024, f"{grown} kB"
"""
    environment = {**os.environ, "MADANG_DATA": str(tmp_path / "large"), "MADANG_FILES_URL": kind.url}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)


# --- A folder ---------------------------------------------------------------------------------------------------------


def test_a_folder_is_closed_to_others(data_folder):
    kept = files.keep(b"record")
    path = files.path_of(kept.sha256)
    assert path == data_folder / "files" / kept.sha256[:2] / kept.sha256
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_written_is_a_store_that_is_gone(data_folder):
    kept = files.keep(b"record")
    os.rename(data_folder / "files", data_folder / "elsewhere")
    (data_folder / "files").write_bytes(b"what an operator put there by mistake")
    with pytest.raises(files.StoreGone):
        files.keep(b"another")
    (data_folder / "files").unlink()
    os.rename(data_folder / "elsewhere", data_folder / "files")
    assert files.read(kept.sha256) == b"record"


def test_what_a_dead_process_left_aside_is_swept_after_a_day(data_folder):
    files.keep(b"record")
    (data_folder / "cache" / "uploads").mkdir()
    old, new = data_folder / "files" / ".new-old", data_folder / "cache" / ".new-now"
    upload = data_folder / "cache" / "uploads" / "tmp1.upload.pdf"
    for path in (old, new, upload):
        path.write_bytes(b"half")
    for path in (old, upload):
        os.utime(path, (1, 1))
    assert files.sweep() == 2
    assert [path.exists() for path in (old, upload, new)] == [False, False, True]


# --- A bucket ---------------------------------------------------------------------------------------------------------


def test_what_is_there_already_is_not_sent_again(service, monkeypatch):
    line = Line(service.port)
    bucket(service, monkeypatch, port=line.port)
    content = os.urandom(100_000)
    kept = files.keep(content)
    line.cut_after(10_000)
    assert files.keep(content) == kept  # a question alone goes over the line
    with pytest.raises(files.StoreGone):
        files.keep(content + b".")


def test_a_bucket_that_is_gone_is_said_and_comes_back_by_itself(service, monkeypatch, data_folder):
    line = Line(service.port)
    kind = bucket(service, monkeypatch, port=line.port)
    kept = files.keep(b"record")
    line.cut()
    for ask in (lambda: files.keep(b"another"), lambda: files.read(kept.sha256), lambda: files.exists(kept.sha256)):
        with pytest.raises(files.StoreGone) as gone:
            ask()
        assert "secret" not in str(gone.value)
    assert nothing_aside(data_folder)
    line.mend()
    assert files.read(kept.sha256) == b"record"
    another = files.keep(b"another")
    assert sorted(kind.names()) == sorted([kept.sha256, another.sha256])


def test_a_line_that_breaks_in_the_middle_leaves_nothing_half(service, monkeypatch, data_folder):
    line = Line(service.port)
    kind = bucket(service, monkeypatch, port=line.port)
    content = os.urandom(3_000_000)
    line.cut_after(1_000_000)
    with pytest.raises(files.StoreGone):
        files.keep(content)
    assert kind.names() == []
    line.mend()
    kept = files.keep(content)
    line.cut_after(1_000_000, answers=True)
    with pytest.raises(files.StoreGone):
        files.read(kept.sha256)
    assert nothing_aside(data_folder)
    line.mend()
    assert files.read(kept.sha256) == content


def test_a_service_that_hangs_is_given_up(service, monkeypatch):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, says nothing
        monkeypatch.setattr("madang.kernel.files.s3._ANSWER_S", 0.3)
        bucket(service, monkeypatch, port=silent.getsockname()[1])
        with pytest.raises(files.StoreGone, match="ReadTimeout"):
            files.keep(b"record")


def test_a_bucket_that_does_not_exist_or_refuses_is_a_store_that_is_gone(service, monkeypatch):
    monkeypatch.setenv("MADANG_FILES_URL", f"s3://k:s@127.0.0.1:{service.port}/no-such-bucket?tls=0")
    with pytest.raises(files.StoreGone, match="no-such-bucket"):
        files.keep(b"record")


def test_keys_may_come_from_the_environment(service, monkeypatch):
    url = service.bucket()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "other")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("MADANG_FILES_URL", "s3://" + url.rpartition("@")[2])
    assert files.read(files.keep(b"record").sha256) == b"record"


def test_only_a_bucket_loads_the_client():
    program = "import sys; from madang.kernel import files; files.keep(b''); assert 'boto3' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "MADANG_FILES_URL": ""})


@pytest.mark.parametrize("url", ["http://host/bucket", "s3://host", "gs://bucket", "file:relative"])
def test_an_address_that_is_none_is_said(monkeypatch, url):
    monkeypatch.setenv("MADANG_FILES_URL", url)
    with pytest.raises(ValueError, match="s3"):
        files.keep(b"record")


def test_files_move_from_a_folder_to_a_bucket_checked(service):
    kept, to = files.keep(b"record"), files.store_at(service.bucket())
    assert files.copy(kept.sha256, source=files.store(), to=to) == kept
    with to.opened(kept.sha256) as file:
        assert file.read() == b"record"
    files.path_of(kept.sha256).write_bytes(b"forged")
    with pytest.raises(files.Corrupted):
        files.copy(kept.sha256, source=files.store(), to=to)


def test_a_full_disk_is_told_from_a_broken_one():
    from madang.kernel.files.store import failed

    assert isinstance(failed(OSError(errno.ENOSPC, "No space left on device"), "here"), files.DiskFull)
    assert isinstance(failed(OSError(errno.EIO, "Input/output error"), "here"), files.StoreGone)
