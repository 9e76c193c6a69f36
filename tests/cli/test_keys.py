"""`madang keys` as an office types it."""

import datetime as dt
import json

import pytest

from madang.cli.main import main
from madang.core.record.keylist import judge, read_keys
from madang.kernel import clock

FIRST = dt.datetime(2021, 6, 1, 12, tzinfo=dt.UTC)
LATER = dt.datetime(2023, 6, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("MADANG_LANGUAGE", "en")


@pytest.fixture
def keys(tmp_path, capsys):
    """`keys("rotate", "--yes", on=LATER)` -> exit code, what was said, what was complained."""

    def run(*words, on=FIRST):
        with clock.at(on):
            code = main(["keys", *words, "--data", str(tmp_path / "office")])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_publish_writes_the_list_for_everybody(keys, tmp_path):
    code, said, _ = keys("publish")
    assert code == 0
    out = tmp_path / "list.json"
    assert keys("publish", "--out", str(out), on=LATER)[0] == 0
    assert out.read_text("utf-8") == said
    assert [entry["from"] for entry in json.loads(said)["keys"]] == ["2021-06-01"]


def test_the_first_day_can_be_that_of_the_first_decision(keys):
    keys("publish", "--from", "2019-01-01")
    assert "from 2019-01-01, in use" in keys("list")[1]


def test_nothing_is_replaced_without_yes(keys):
    _, before, _ = keys("publish")
    first = read_keys(before).keys[0].key
    code, said, complained = keys("rotate")
    assert (code, said) == (1, "")
    assert "--yes" in complained
    assert keys("revoke", first, "--reason", "stolen")[0] == 1
    assert keys("publish")[1] == before


def test_rotate_and_revoke_tell_what_to_do_next_and_list_shows_it(keys):
    first = read_keys(keys("publish")[1]).keys[0].key
    code, said, _ = keys("rotate", "--yes", on=LATER)
    assert code == 0
    assert "Publish the new list" in said
    second = read_keys(keys("publish")[1]).keys[1].key
    assert not judge(read_keys(keys("publish")[1]), second, "2023-07-01", pinned=first).wrong
    code, said, _ = keys("revoke", second[:8], "--from", "2023-05-30", "--reason", "lost laptop", "--yes", on=LATER)
    assert code == 0
    listed = keys("list", on=LATER)[1].splitlines()
    assert [line.split("  ")[1] for line in listed] == [
        "from 2023-06-01, in use",
        "from 2023-06-01, revoked from 2023-05-30 on: lost laptop",
        "from 2021-06-01 to 2023-06-01",
    ]


@pytest.mark.parametrize(
    ("words", "on", "told"),
    [
        (("revoke", "00000000", "--reason", "x", "--yes"), LATER, "no key"),
        (("revoke", "ab", "--reason", "x", "--yes"), LATER, "no key"),
        (("rotate", "--yes"), FIRST - dt.timedelta(days=2), "Check the clock"),
    ],
)
def test_a_refusal_has_its_reason_and_changes_nothing(keys, words, on, told):
    before = keys("publish")[1]
    code, _, complained = keys(*words, on=on)
    assert (code, told in complained) == (1, True)
    assert keys("publish")[1] == before


def test_a_key_is_not_revoked_from_a_day_to_come(keys):
    first = read_keys(keys("publish")[1]).keys[0].key
    assert keys("revoke", first, "--from", "2021-06-03", "--reason", "x", "--yes")[0] == 1


def test_without_a_list_the_way_to_one_is_told(keys):
    for words in (("list",), ("rotate", "--yes"), ("rotate",)):
        code, _, complained = keys(*words)
        assert (code, "madang keys publish" in complained) == (1, True)


def test_a_key_file_that_others_can_read_is_unusable(keys, tmp_path):
    keys("publish")
    (tmp_path / "office" / "keys" / "records.pem").chmod(0o644)
    code, _, complained = keys("rotate", "--yes")
    assert (code, "chmod 600" in complained) == (2, True)
