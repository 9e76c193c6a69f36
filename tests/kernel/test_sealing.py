"""Rows become leaves, by membership, once, whoever seals; and what the office signs leads back to them."""

import datetime as dt
import json
import os
import stat
import uuid

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection

from madang.core.record import merkle
from madang.core.record.canonical import canonical
from madang.core.record.sealed_log import COLUMNS
from madang.kernel import clock, guards, keyring, keys, sealing, worker
from madang.kernel.journal import JournalEntry
from madang.kernel.sealed_check import Known, check
from madang.kernel.sealing import Seal, SealedRow, copy_path, keep_copy, seal, state
from tests.factories.sealed import log, sealed, written
from tests.factories.tampering import take_down

NOON = dt.datetime(2026, 12, 1, 3, 0, tzinfo=dt.UTC)


def by_hand(entry: JournalEntry) -> bytes:
    """A leaf as docs/formats/journal.md says, without our code."""
    told = {"madang_journal": 1}
    for name in COLUMNS:
        told[name] = getattr(entry, name)
    told["id"], told["at"] = str(entry.id), entry.at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return merkle.leaf_hash(canonical(told))


@pytest.mark.django_db
def test_every_row_becomes_a_leaf_under_a_signed_root():
    ids = sealed(3, 1, 4)
    entries = JournalEntry.objects.in_bulk(ids)
    leaves = [by_hand(entries[one]) for one in ids]
    assert log() == list(enumerate(ids))
    assert [row.leaf for row in SealedRow.objects.all()] == [one.hex() for one in leaves]
    seals = list(Seal.objects.all())
    assert [(one.number, one.size, one.root) for one in seals] == [
        (number, size, merkle.root(leaves[:size]).hex()) for number, size in ((1, 3), (2, 4), (3, 8))
    ]
    assert {one.key for one in seals} == {keys.public_hex(keys.load_or_make())}


@pytest.mark.django_db
def test_a_line_of_the_copy_is_checked_with_nothing_of_ours(data_folder):
    sealed(2, 3)
    lines = [json.loads(line) for line in (data_folder / "seals.jsonl").read_text().splitlines()]
    assert [(line["number"], line["size"]) for line in lines] == [(1, 2), (2, 5)]
    for line in lines:
        signature, key = bytes.fromhex(line.pop("signature")), bytes.fromhex(line["key"])
        signed = json.dumps(line, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    assert lines[0]["previous"] is None
    assert stat.S_IMODE((data_folder / "seals.jsonl").stat().st_mode) == 0o600


def test_a_leaf_holds_every_column():
    assert sorted(COLUMNS) == sorted(field.attname for field in JournalEntry._meta.concrete_fields)


@pytest.mark.django_db
def test_a_row_with_a_smaller_id_that_comes_late_is_sealed_too():
    first = sealed(3)
    old = uuid.UUID(int=int((clock.now() - dt.timedelta(days=1)).timestamp() * 1000) << 80 | 0x7 << 76 | 0b10 << 62)
    [late] = written(1)
    JournalEntry.objects.bulk_create([JournalEntry(**{**_values(late), "id": old})])
    assert seal(sweep=False) == 1  # the recent one; far-off ones wait for the sweep
    assert state().unsealed == 1
    assert seal(sweep=True) == 1
    assert [entry for _, entry in log()] == [*first, late.pk, old]


def _values(entry: JournalEntry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in COLUMNS}


@pytest.mark.django_db
def test_a_flood_is_sealed_in_short_pieces():
    written(2 * sealing.BATCH + 7)
    assert seal(sweep=True) == 2 * sealing.BATCH + 7
    assert list(Seal.objects.values_list("size", flat=True)) == [
        sealing.BATCH,
        2 * sealing.BATCH,
        2 * sealing.BATCH + 7,
    ]


@pytest.mark.django_db
def test_nothing_is_written_where_there_is_nothing_to_seal(django_assert_num_queries):
    sealed(2)
    with django_assert_num_queries(1):
        assert seal(sweep=False) == 0
    assert Seal.objects.count() == 1


def test_several_sealers_make_one_log(together):
    for start in range(0, 60, 20):
        written(20, start=start)
        results = together(*[lambda: seal(sweep=True)] * 3)
        assert [one for one in results if isinstance(one, Exception)] == []
        assert sum(results) == 20
    assert [place for place, _ in log()] == list(range(60))
    assert list(Seal.objects.values_list("number", "size")) == [(1, 20), (2, 40), (3, 60)]
    assert len(copy_path().read_text().splitlines()) == 3


def test_writers_go_on_while_rows_are_sealed(together):
    def write() -> int:
        return sum(len(written(1, start=number)) for number in range(30))

    def seal_again_and_again() -> int:
        return sum(seal(sweep=True) for _ in range(10))

    *wrote, sealed_then = together(write, write, seal_again_and_again)
    assert wrote == [30, 30]
    assert sealed_then + seal(sweep=True) == 60
    assert check(Known(copies=[copy_path()])).exit_code == 0
    assert len(log()) == 60


@pytest.mark.django_db
def test_a_crash_between_commit_and_copy_is_mended():
    sealed(1, 1, 1)
    whole = copy_path().read_bytes()
    for left in (b"", whole[: whole.index(b"\n") + 1], whole[:-40]):
        copy_path().write_bytes(left)
        keep_copy()
        assert copy_path().read_bytes() == whole
    os.unlink(copy_path())
    assert keep_copy() == 3
    assert copy_path().read_bytes() == whole


@pytest.mark.django_db
def test_a_rotated_key_signs_the_next_seal():
    keyring.publish(dt.date(2026, 1, 1))
    sealed(1)
    keyring.rotate(clock.now().astimezone().date())
    sealed(1)
    assert Seal.objects.values("key").distinct().count() == 2


@pytest.mark.django_db
def test_nothing_is_built_on_a_seal_that_contradicts_itself():
    sealed(3)
    take_down()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE kernel_seal SET root = %s", ["0" * 64])
    written(1)
    with pytest.raises(sealing.LogDamaged, match="seal 1"):
        seal(sweep=True)


@pytest.mark.django_db
def test_a_seal_says_what_was_missing_when_it_was_made():
    sealed(1)
    take_down()
    sealed(1)
    connection.check_constraints()  # no event is pending, which would forbid PostgreSQL to alter a table
    guards.install(connection)
    sealed(1)
    first, second, third = Seal.objects.all()
    assert (first.gaps, third.gaps) == ("[]", "[]")
    assert any("kernel_journalentry" in gap for gap in json.loads(second.gaps))
    assert len({one.guards for one in (first, second, third)}) == 3


@pytest.mark.django_db
def test_how_it_stands():
    assert state() == sealing.State(0, None, 0, None)
    with clock.at(NOON):
        sealed(2)
    with clock.at(NOON + dt.timedelta(seconds=3)):
        written(1)
    with clock.at(NOON + dt.timedelta(seconds=5)):
        written(1)
    assert state() == sealing.State(2, NOON, 2, NOON + dt.timedelta(seconds=3))


def test_the_worker_seals_at_the_stated_interval():
    assert [(job.every_s, job.work) for job in worker.JOBS if job.name == "seal"] == [(sealing.SEAL_EVERY_S, seal)]
