"""How far a piece of work is, as one process tells and another reads it."""

import pytest

from madang.kernel import progress
from madang.kernel.progress import Progress


def test_the_last_word_counts_until_the_work_is_over(data_folder):
    assert progress.of("a1") is None
    progress.tell("a1", "reading")
    progress.tell("a1", "files", 3, 10)
    assert progress.of("a1") == Progress("files", 3, 10)
    assert progress.of("a2") is None
    progress.end("a1")
    progress.end("a1")
    assert progress.of("a1") is None


@pytest.mark.parametrize("content", ["", "{", "[1, 2, 3, 4]", "\x00"])
def test_what_is_torn_is_nothing(data_folder, content):
    progress.tell("a1", "reading")
    (data_folder / "cache" / "progress" / "a1").write_text(content, "utf-8")
    assert progress.of("a1") is None


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a" * 65])
def test_no_name_leads_out_of_its_folder(name):
    with pytest.raises(ValueError, match="not the name"):
        progress.tell(name, "reading")
