"""Limits of attempts hold across processes."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from madang.kernel.counters import Counters

ADD = "import sys; from madang.kernel.counters import Counters; print(Counters(sys.argv[1], {}).add('lock', 1, 60))"


def test_what_one_process_counts_another_one_knows(tmp_path: Path) -> None:
    file = tmp_path / "counters.sqlite3"
    told = [
        subprocess.run(
            [sys.executable, "-c", ADD, str(file)], capture_output=True, text=True, check=True
        ).stdout.strip()
        for _ in range(2)
    ]
    assert told == ["True", "False"]
    assert Counters(file, {}).get("lock") == 1


def test_of_many_that_ask_at_once_one_gets_the_name(tmp_path: Path) -> None:
    counters = Counters(tmp_path / "counters.sqlite3", {})
    with ThreadPoolExecutor(8) as pool:
        for n in range(20):
            assert sum(pool.map(lambda _, n=n: counters.add(f"lock{n}", 1, 60), range(8))) == 1


def test_what_is_over_is_gone(tmp_path: Path) -> None:
    counters = Counters(tmp_path / "counters.sqlite3", {})
    counters.set("a", [1.5, 2.5], 60)
    assert counters.get("a") == [1.5, 2.5]
    assert not counters.add("a", 1, 60)
    assert counters.touch("a", -1)
    assert counters.get("a", "nothing") == "nothing"
    assert counters.add("a", 1, 60)
    assert counters.delete("a")
    assert not counters.delete("a")
    counters.set("b", 1, None)
    counters.clear()
    assert counters.get("b") is None
