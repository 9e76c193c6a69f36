"""What may come in: files of real people pass, and those of an enemy are refused with their reason."""

import contextlib
import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.kernel.file_formats import format_of
from madang.kernel.incoming import archives
from madang.kernel.incoming.look import _look, look
from madang.kernel.incoming.pdf_password import needs_password
from madang.kernel.incoming.unwanted import Unwanted
from tests.factories.handed_in import EVIL, GOOD, altered_pdf, dense, hwp, locked_pdf, pdf, zipped


def looked_at(content: bytes) -> tuple[str | None, str]:
    file = io.BytesIO(content)
    format = format_of(file)
    try:
        look(file, format)
    except Unwanted as unwanted:
        return format, unwanted.reason.code
    return format, ""


@pytest.mark.parametrize("what", GOOD)
def test_what_real_people_hand_in_passes(what):
    format, make = GOOD[what]
    assert looked_at(make()) == (format, "")


@pytest.mark.parametrize("what", EVIL)
def test_what_an_enemy_hands_in_does_not(what):
    _name, code, make = EVIL[what]
    format, found = looked_at(make())
    if code.startswith("draft_file"):  # for the caller to say: no format that anybody takes
        assert (format, found) == (None, "")
    else:
        assert found == code


def test_a_bomb_costs_little_memory():
    content = io.BytesIO(dense())
    tracemalloc.start()
    try:
        with pytest.raises(Unwanted):
            archives.look_at_archive(content)
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024**2
    finally:
        tracemalloc.stop()


def test_a_bomb_ends_at_the_limit_and_not_at_its_size(monkeypatch):
    """A list that says little: what comes out is counted, and the rest is left packed."""
    monkeypatch.setattr(archives, "DENSE_FROM", 2**20)
    monkeypatch.setattr(archives, "DENSEST", 1)
    out = 0

    class Counted(archives.Budget):
        def spend(self, size: int) -> None:
            nonlocal out
            out += size
            super().spend(size)

    content = io.BytesIO(zipped({"a": zipped({"b": b"\0" * 8 * 2**20}), "c": b"x"}))
    with pytest.raises(Unwanted):
        archives._look(content, Counted(len(content.getvalue())), 0)
    assert out < 2 * 2**20


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256-R5", "AES-256"])
def test_a_pdf_opens_without_a_password_or_it_does_not(algorithm):
    for user, locked in (("", False), ("secret", True)):
        content = locked_pdf(user, "owner", algorithm)
        assert needs_password(io.BytesIO(content), len(content)) is locked


def test_a_program_is_found_behind_a_name_in_any_spelling():
    for name in ("readme.exe", "설명서.scr", "a.pdf.bat"):
        content = altered_pdf(lambda one, name=name: one.add_attachment(name, b"text"))
        assert looked_at(content)[1] == "file_holds_program"


CHANGES = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=8)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(sorted(GOOD)), CHANGES, st.integers(0, 10**6))
def test_whatever_comes_there_is_an_answer(what, changes, cut):
    """Real files with bytes changed, and cut off: `_look` itself never fails, so its guard in `look` hides nothing."""
    content = bytearray(GOOD[what][1]())
    for at, value in changes:
        content[at % len(content)] = value
    for changed in (bytes(content), bytes(content[: cut % len(content)])):
        file = io.BytesIO(changed)
        with contextlib.suppress(Unwanted):
            _look(file, format_of(file))


def test_the_samples_are_what_they_say():
    """The readers of others open them."""
    from hwpx.hwp5.cfb import CompoundFile
    from pypdf import PdfReader

    assert "BodyText/Section0" in CompoundFile(hwp()).stream_paths()
    assert len(PdfReader(io.BytesIO(pdf())).pages) == 1
