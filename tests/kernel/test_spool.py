"""The spool: pieces are added at the end and nowhere else, whole or not at all."""

import io
import os
import stat
import threading

import pytest

from madang.kernel import spool


def test_pieces_are_added_at_the_end_and_read_back_whole(data_folder):
    spool.begin("a")
    assert spool.length("a") == 0
    assert spool.append("a", io.BytesIO(b"first "), at=0, count=6) == 6
    assert spool.append("a", io.BytesIO(b"second"), at=6, count=6) == 12
    with spool.whole("a") as file:
        assert file.read() == b"first second"
    path = spool.path_of("a")
    assert path == data_folder / "uploads" / "a"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("at", [0, 2, 4, 100])
def test_a_piece_that_begins_elsewhere_changes_nothing(at):
    spool.begin("a")
    spool.append("a", io.BytesIO(b"abc"), at=0, count=3)
    with pytest.raises(spool.WrongPlace) as wrong:
        spool.append("a", io.BytesIO(b"xy"), at=at, count=2)
    assert wrong.value.length == spool.length("a") == 3


@pytest.mark.parametrize("content", [b"", b"x", b"xyz"])
def test_a_piece_of_another_length_than_announced_leaves_nothing(content):
    spool.begin("a")
    spool.append("a", io.BytesIO(b"abc"), at=0, count=3)
    with pytest.raises(spool.WrongLength):
        spool.append("a", io.BytesIO(content), at=3, count=2)
    assert spool.path_of("a").read_bytes() == b"abc"


def test_a_line_that_breaks_within_a_piece_leaves_nothing_of_it():
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise ConnectionResetError
            return super().read(2)

    spool.begin("a")
    with pytest.raises(ConnectionResetError):
        spool.append("a", Broken(b"abcdef"), at=0, count=6)
    assert spool.length("a") == 0


def test_the_same_piece_twice_at_once_is_there_once():
    spool.begin("a")
    start, results = threading.Barrier(8), []

    def add() -> None:
        start.wait()
        try:
            results.append(spool.append("a", io.BytesIO(b"x" * 300_000), at=0, count=300_000))
        except spool.WrongPlace as wrong:
            results.append(wrong)

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one for one in results if one == 300_000] == [300_000]
    assert spool.length("a") == 300_000


def test_what_was_taken_away_is_not_there_and_a_name_leads_nowhere_else():
    with pytest.raises(spool.NotSpooled):
        spool.length("a")
    with pytest.raises(spool.NotSpooled):
        spool.append("a", io.BytesIO(b"x"), at=0, count=1)
    spool.begin("a")
    assert spool.last_written("a") is not None
    spool.remove("a")
    spool.remove("a")
    assert spool.uids() == []
    assert spool.last_written("a") is None
    with pytest.raises(spool.NotSpooled), spool.whole("a"):
        pytest.fail("it was taken away")
    for name in ("../keys/x", "", "a/b", "a\0"):
        with pytest.raises(ValueError, match="not the name"):
            spool.begin(name)


def test_whoever_waited_for_a_file_that_was_taken_away_meanwhile_finds_nothing():
    spool.begin("a")
    found = []
    with spool.whole("a"):
        waiting = threading.Thread(target=lambda: found.append(_added()))
        waiting.start()
        os.unlink(spool.path_of("a"))
    waiting.join()
    assert found == ["gone"]


def _added() -> str:
    try:
        spool.append("a", io.BytesIO(b"x"), at=0, count=1)
    except spool.NotSpooled:
        return "gone"
    return "added"
