"""Whatever somebody with the owner's rights does to the journal, verify finds it and names the first row."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.core.reasons import Reason
from madang.core.record.findings import Verification
from madang.core.record.keylist import Key, KeyList, read_keys
from madang.core.record.sealed_log import COLUMNS, leaf
from madang.kernel import clock, keyring, keys, sealing
from madang.kernel.journal import JournalEntry
from madang.kernel.sealed_check import Known, check
from madang.kernel.sealing import Seal, SealedRow, columns, copy_path, seal
from tests.factories.sealed import sealed, written
from tests.factories.tampering import take_down

BATCHES = (5, 1, 9, 8)
ROWS = sum(BATCHES)
JOURNAL, LEAVES, SEALS = (f'"{model._meta.db_table}"' for model in (JournalEntry, SealedRow, Seal))
only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite: PostgreSQL keeps types itself")


def found(**known: Any) -> Verification:
    return check(Known(**known))


def wrong(result: Verification) -> list[Reason]:
    return [reason for one in result.findings if one.state == "fails" for reason in one.reasons]


def codes(result: Verification) -> list[str]:
    return [reason.code for reason in wrong(result)]


def first(result: Verification) -> tuple[str, int]:
    """What was named: code and place (from 0)."""
    [reason, *_] = [reason for one in result.findings if one.check == "journal_rows" for reason in one.reasons]
    return reason.code, int(reason.params["place"]) - 1  # type: ignore[arg-type]  # a place is a number


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def db_id(entry: uuid.UUID) -> Any:
    """An id as the database has it."""
    return JournalEntry._meta.pk.get_db_prep_value(entry, connection)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# -- what an attacker does ------------------------------------------------------------------------------------------


def entry_at(place: int) -> uuid.UUID:
    return SealedRow.objects.values_list("entry_id", flat=True).get(place=place)


def forge_leaf(place: int) -> None:
    """The stated leaf, computed again from what stands there now."""
    row = JournalEntry.objects.values_list(*COLUMNS).get(pk=entry_at(place))
    sql(f"UPDATE {LEAVES} SET leaf = %s WHERE place = %s", leaf(columns(row)).hex(), place)


def change(place: int, column: str) -> None:
    new = dt.datetime(2020, 1, 1, tzinfo=dt.UTC) if column == "at" else "x"
    if column == "at" and connection.vendor == "sqlite":
        new = "2020-01-01 00:00:00"
    sql(f"UPDATE {JOURNAL} SET {column} = %s WHERE id = %s", new, db_id(entry_at(place)))


def remove(place: int, *, with_leaf: bool) -> None:
    entry = entry_at(place)
    if with_leaf:
        sql(f"DELETE FROM {LEAVES} WHERE place = %s", place)
    sql(f"DELETE FROM {JOURNAL} WHERE id = %s", db_id(entry))


def shift(start: int, by: int) -> None:
    """Every place from `start` on, moved."""
    sql(f"UPDATE {LEAVES} SET place = place + 100000 WHERE place >= %s", start)
    sql(f"UPDATE {LEAVES} SET place = place - 100000 + %s WHERE place >= 100000", by)


def insert(place: int) -> None:
    shift(place, 1)
    [row] = written(1, start=777)
    SealedRow.objects.bulk_create([SealedRow(place=place, entry_id=row.pk, leaf="0" * 64)])
    forge_leaf(place)


def swap_places(one: int, other: int) -> None:
    sql(f"UPDATE {LEAVES} SET place = 100000 WHERE place = %s", one)
    sql(f"UPDATE {LEAVES} SET place = %s WHERE place = %s", one, other)
    sql(f"UPDATE {LEAVES} SET place = %s WHERE place = 100000", other)


def swap_contents(one: int, other: int) -> None:
    """What the two rows say, but not their ids: both are changed."""
    texts = {place: JournalEntry.objects.get(pk=entry_at(place)).payload for place in (one, other)}
    for place, text in ((one, texts[other]), (other, texts[one])):
        sql(f"UPDATE {JOURNAL} SET payload = %s WHERE id = %s", text, db_id(entry_at(place)))
        forge_leaf(place)


places = st.integers(0, ROWS - 1)
pairs = st.lists(places, min_size=2, max_size=2, unique=True)
text_columns = st.sampled_from([name for name in COLUMNS if name != "id"])

#: what is done, and what must be named
attacks = st.one_of(
    st.tuples(places, text_columns).map(lambda t: (lambda: change(*t), "journal_row_changed", t[0])),
    st.tuples(places, text_columns).map(
        lambda t: (lambda: (change(*t), forge_leaf(t[0])), "journal_row_changed", t[0])
    ),
    places.map(lambda p: (lambda: remove(p, with_leaf=False), "journal_row_removed_known", p)),
    places.map(lambda p: (lambda: remove(p, with_leaf=True), "journal_row_removed", p)),
    places.map(lambda p: (lambda: (remove(p, with_leaf=True), shift(p, -1)), "journal_row_removed", p)),
    places.map(lambda p: (lambda: sql(f"DELETE FROM {LEAVES} WHERE place = %s", p), "journal_leaf_removed", p)),
    places.map(
        lambda p: (
            lambda: sql(f"UPDATE {LEAVES} SET leaf = %s WHERE place = %s", "0" * 64, p),
            "journal_leaf_changed",
            p,
        )
    ),
    st.integers(0, ROWS).map(lambda p: (lambda: insert(p), "journal_row_inserted", p)),
    pairs.map(lambda p: (lambda: swap_places(*p), "journal_row_moved", min(p))),
    pairs.map(lambda p: (lambda: swap_contents(*p), "journal_row_changed", min(p))),
    places.filter(lambda p: p < ROWS - 1).map(
        lambda p: (lambda: (shift(p, 0), move_to_end(p)), "journal_row_removed", p)
    ),
)


def move_to_end(place: int) -> None:
    sql(f"UPDATE {LEAVES} SET place = 200000 WHERE place = %s", place)
    sql(f"UPDATE {LEAVES} SET place = place - 1 WHERE place > %s AND place < 200000", place)
    sql(f"UPDATE {LEAVES} SET place = %s WHERE place = 200000", ROWS - 1)


@pytest.fixture
def log(db: None) -> list[uuid.UUID]:
    """A log of several seals, whose guards an attacker has taken down."""
    made = sealed(*BATCHES)
    connection.check_constraints()
    take_down()
    return made


def test_an_untouched_journal_holds(db):
    sealed(*BATCHES)
    result = found(copies=[copy_path()], keys=KeyList((Key(keys.public_hex(keys.load_or_make())),)))
    assert (result.exit_code, wrong(result)) == (0, [])
    told = {reason.code: reason.params for one in result.findings for reason in one.reasons}
    assert told["journal_rows_hold"] == {"rows": ROWS}
    assert told["journal_seals_hold"] == {"seals": len(BATCHES)}
    assert "journal_guards_stood" in told
    assert "journal_all_sealed" in told
    assert told["journal_interval_seen"]["every"] == 10


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(attack=attacks)
def test_what_is_done_is_named(log, attack: tuple[Callable[[], Any], str, int]):
    do, code, place = attack
    with undone():
        do()
        result = found()
    if code == "journal_row_removed" and first(result)[0] == "journal_row_moved":
        code = "journal_row_moved"  # the row stands elsewhere in the log
    assert (result.exit_code, first(result)) == (1, (code, place))


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    touched=st.dictionaries(
        places, st.sampled_from(["change", "forge", "remove", "remove_both"]), min_size=1, max_size=5
    )
)
def test_of_several_the_first_is_named(log, touched: dict[int, str]):
    with undone():
        for place, what in touched.items():
            if what in ("change", "forge"):
                change(place, "payload")
            if what == "forge":
                forge_leaf(place)
            if what.startswith("remove"):
                remove(place, with_leaf=what == "remove_both")
        result = found()
    assert (result.exit_code, first(result)[1]) == (1, min(touched))


def test_the_row_that_is_named_is_the_row(log):
    change(7, "actor_id")
    [reason] = wrong(found())
    entry = JournalEntry.objects.values_list("at", flat=True).get(pk=log[7])
    assert reason == Reason(
        "journal_row_changed",
        {"place": 8, "entry": str(log[7]), "command": "tests.act", "at": f"{entry:%Y-%m-%d %H:%M:%S} UTC"},
    )


# -- seals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value"),
    [("root", "0" * 64), ("size", 7), ("previous", "0" * 64), ("guards", "0" * 64), ("gaps", '["x"]'), ("gaps", "x"),
     ("signature", "0" * 128), ("signature", "zz"), ("key", "0" * 64), ("day", "2020-01-01"),
     ("leaves", b""), ("leaves", b"x" * 33), ("leaves", b"x" * 32)],
)  # fmt: skip
@pytest.mark.parametrize("number", [1, 2, len(BATCHES)])
def test_a_changed_seal_is_named(log, column, value, number):
    sql(f"UPDATE {SEALS} SET {column} = %s WHERE number = %s", value, number)
    result = found()
    assert result.exit_code == 1
    assert {reason.params.get("seal") for reason in wrong(result)} <= {number, number + 1}
    assert not [
        reason
        for one in result.findings
        if one.check == "journal_rows" and one.state == "fails"
        for reason in one.reasons
    ]


@pytest.mark.parametrize("number", range(1, len(BATCHES)))
def test_a_removed_seal_is_named(log, number):
    sql(f"DELETE FROM {SEALS} WHERE number = %s", number)
    assert wrong(found())[0] == Reason("journal_seal_removed", {"seal": number})


def test_a_damaged_seal_does_not_hide_a_changed_row(log):
    sql(f"UPDATE {SEALS} SET root = %s WHERE number = 3", "0" * 64)
    change(8, "payload")
    result = found()
    assert first(result) == ("journal_row_changed", 8)
    assert "journal_seal_signature_bad" in codes(result)


def test_a_size_beyond_all_measure_ends_all_the_same(log):
    sql(f"UPDATE {SEALS} SET size = %s WHERE number = 2", 2**62)
    sql(f"DELETE FROM {SEALS} WHERE number = 1")
    assert found().exit_code == 1


def test_a_log_made_anew_with_another_key_is_found_by_the_offices_key(db):
    sealed(3)
    office = KeyList((Key(keys.public_hex(keys.load_or_make())),))
    copy = copy_path().read_bytes()
    with undone():
        connection.check_constraints()
        take_down()
        for table in (LEAVES, SEALS):
            sql(f"DELETE FROM {table}")
        sql(f"UPDATE {JOURNAL} SET payload = '{{}}'")
        forged = Ed25519PrivateKey.generate()
        (copy_path().parent / "keys" / "records.pem").write_bytes(keys.private_pem(forged))
        seal(sweep=True)
        assert wrong(found()) == []  # nothing contradicts itself
        assert codes(found(keys=office)) == ["journal_seal_key", "key_did_not_sign"]
        assert codes(found(copies=[copy_path()])) == ["journal_copy_differs"]  # our own copy was not cut
        assert copy_path().read_bytes() == copy


def test_seals_over_a_change_of_keys_hold_under_the_published_list(db):
    keyring.publish(dt.date(2026, 1, 1))
    sealed(2)
    keyring.rotate(clock.now().astimezone().date())
    sealed(2)
    listed = read_keys(keyring.published() or "")
    result = found(keys=listed)
    assert wrong(result) == []
    assert [one.reasons[0].code for one in result.findings if one.check == "journal_key"] == [
        "journal_key_holds", "key_list_trusted",
    ]  # fmt: skip


# -- what only something outside shows ------------------------------------------------------------------------------


def cut(size: int, seals: int) -> None:
    """The end of the log, gone with its rows and seals."""
    entries = list(SealedRow.objects.filter(place__gte=size).values_list("entry_id", flat=True))
    sql(f"DELETE FROM {LEAVES} WHERE place >= %s", size)
    for entry in entries:
        sql(f"DELETE FROM {JOURNAL} WHERE id = %s", db_id(entry))
    sql(f"DELETE FROM {SEALS} WHERE number > %s", seals)


def test_a_log_that_was_cut_off_is_found_by_the_copy(log, tmp_path):
    outside = tmp_path / "seals-of-the-audit-office.jsonl"
    outside.write_bytes(copy_path().read_bytes())
    root = Seal.objects.get(number=4).root
    cut(15, 3)
    assert wrong(found()) == []
    [reason] = wrong(found(copies=[copy_path()]))
    assert (reason.code, reason.params["seal"], reason.params["size"], reason.params["rows"]) == (
        "journal_log_shortened", 4, ROWS, 15,
    )  # fmt: skip
    assert codes(found(roots=[root])) == ["journal_root_unknown"]
    sealed(4, 4)  # the log goes on, and is another one
    assert codes(found(copies=[copy_path()])) == ["journal_copy_differs"]
    copy_path().unlink()
    sealing.keep_copy()
    assert wrong(found(copies=[copy_path()])) == []
    assert codes(found(copies=[outside])) == ["journal_copy_differs"]


def test_a_root_that_was_noted_down_is_found_again(db):
    sealed(*BATCHES)
    result = found(roots=[Seal.objects.get(number=2).root])
    assert (
        result.exit_code,
        [one.reasons[0].params["size"] for one in result.findings if one.check == "journal_root"],
    ) == (0, [6])


def test_a_copy_that_was_changed_or_is_none(db, tmp_path):
    sealed(2, 2)
    lines = copy_path().read_text().splitlines(keepends=True)
    copy = tmp_path / "copy.jsonl"
    copy.write_text(lines[0].replace('"size":2', '"size":3') + "{\n" + lines[1])
    assert codes(found(copies=[copy])) == ["journal_copy_line", "journal_copy_signature"]
    nowhere = found(copies=[tmp_path / "nowhere"])
    assert (nowhere.exit_code, [one.state for one in nowhere.findings if one.check == "journal_copy"]) == (
        0,
        ["not_checked"],
    )


# -- what is not sealed ---------------------------------------------------------------------------------------------


def test_rows_that_are_not_sealed_are_told_with_their_age(db):
    moment = dt.datetime(2026, 12, 1, 3, 0, tzinfo=dt.UTC)
    with clock.at(moment):
        sealed(2)
        written(3)
    with clock.at(moment + dt.timedelta(seconds=42)):
        result = found()
    assert result.exit_code == 0
    told = {reason.code: reason.params for one in result.findings for reason in one.reasons}
    assert told["journal_rows_unsealed"] == {"rows": 3, "at": "2026-12-01 03:00:00 UTC", "age": 42}


def test_the_longest_wait_is_told(db):
    moment = dt.datetime(2026, 12, 1, 3, 0, tzinfo=dt.UTC)
    with clock.at(moment):
        [slow] = written(1)
    with clock.at(moment + dt.timedelta(seconds=31)):
        sealed_rows = written(1)
        assert len(sealed_rows) == 1
        seal(sweep=True)
    told = {reason.code: reason.params for one in found().findings for reason in one.reasons}
    assert told["journal_interval_seen"] == {"every": 10, "longest": "31.0", "entry": str(slow.pk)}


def test_an_empty_journal_says_so(db):
    result = found()
    assert (result.exit_code, result.findings[0].reasons) == (0, (Reason("journal_no_seals"),))


# -- rows that are bent ---------------------------------------------------------------------------------------------

BENT = {
    "no time": ("at", "'yesterday'"),
    "a number for a time": ("at", "5"),
    "bytes that are no text": ("payload", "CAST(x'ff' AS TEXT)"),
    "a blob": ("payload", "x'00'"),
    "a float": ("payload", "0.5"),
    "a number": ("object_id", "CAST(7 AS INTEGER)"),
}


@only_sqlite
@pytest.mark.parametrize("how", BENT)
def test_a_sealed_row_that_was_bent_is_named(log, how):
    column, value = BENT[how]
    sql(f"UPDATE {JOURNAL} SET {column} = {value} WHERE id = %s", db_id(log[6]))
    assert first(found()) == ("journal_row_changed", 6)


@only_sqlite
@pytest.mark.parametrize("how", ["no time", "bytes that are no text", "a blob"])
def test_a_bent_row_stops_neither_sealing_nor_checking(db, how):
    sealed(2)
    rows = written(3)
    column, value = BENT[how]
    with undone():
        take_down()
        sql(f"UPDATE {JOURNAL} SET {column} = {value} WHERE id = %s", db_id(rows[1].pk))
        assert seal(sweep=True) == 2
        others = ", ".join(name for name in COLUMNS if name != "id")
        copied = f"SELECT 'no id at all', {others} FROM {JOURNAL} WHERE id = %s"
        sql(f"INSERT INTO {JOURNAL} (id, {others}) {copied}", db_id(rows[0].pk))
        written(1)
        assert seal(sweep=True) == 1
        result, stands = found(), sealing.state()
    assert stands.unsealed == 2
    assert [(reason.code, reason.params["entry"]) for reason in wrong(result)][-1] == (
        "journal_row_bent",
        "no id at all",
    )
