"""Five rounds of each fault of the file store; `make torture` runs more."""

from tests.torture.store_faults import disk_full, store_gone


def test_a_service_that_goes_at_any_moment():
    assert store_gone(5)["refused"] >= 5


def test_a_disk_that_fills_up_at_any_moment():
    assert disk_full(5)["refused"] == 5
