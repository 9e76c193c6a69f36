"""Merkle trees against the published vectors of Certificate Transparency, and paths against roots."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.core.record import merkle

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@pytest.mark.parametrize(("size", "expected"), ROOTS.items())
def test_roots_are_the_published_ones(size, expected):
    assert merkle.root([merkle.leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == expected


def by_the_rfc(hashes):
    """RFC 9162 2.1.1, word for word: split at the largest power of two under n."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return merkle.node(by_the_rfc(hashes[:split]), by_the_rfc(hashes[split:]))


@given(st.integers(1, 70))
def test_pairing_level_by_level_is_the_tree_of_the_rfc(size):
    hashes = [merkle.leaf_hash(bytes([i])) for i in range(size)]
    assert merkle.root(hashes) == by_the_rfc(hashes)


@given(st.integers(1, 70), st.data())
def test_a_path_leads_to_the_root_from_its_own_leaf_and_place_only(size, data):
    hashes = [merkle.leaf_hash(bytes([i])) for i in range(size)]
    index = data.draw(st.integers(0, size - 1))
    steps = merkle.path(hashes, index)
    root = merkle.root(hashes)
    assert merkle.root_of_path(hashes[index], index, size, steps) == root
    other = data.draw(st.integers(0, size - 1))
    if other != index:
        assert merkle.root_of_path(hashes[other], index, size, steps) != root
    assert merkle.root_of_path(hashes[index], index, size, [*steps, hashes[0]]) is None


def numbered(size):
    return [merkle.leaf_hash(str(number).encode()) for number in range(size)]


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_log_that_grows_has_the_root_of_all_its_leaves(first, more):
    hashes, frontier = numbered(first + more), merkle.Frontier()
    for one in hashes[:first]:
        frontier.append(one)
    assert frontier.root() == merkle.root(hashes[:first])
    frontier = merkle.Frontier(frontier.size, frontier.roots)  # as it was kept, and taken up again
    for one in hashes[first:]:
        frontier.append(one)
    assert (frontier.root(), frontier.size) == (merkle.root(hashes), first + more)
    assert len(frontier.roots) == (first + more).bit_count()


@pytest.mark.parametrize(("size", "roots"), [(-1, []), (1, []), (3, [b"x" * 32]), (0, [b"x" * 32])])
def test_a_frontier_that_cannot_be_is_refused(size, roots):
    with pytest.raises(ValueError, match="do not make"):
        merkle.Frontier(size, roots)


@given(st.data())
def test_a_path_of_leaves_that_pass_by_is_the_same_path(data):
    size = data.draw(st.integers(1, 130))
    index = data.draw(st.integers(0, size - 1))
    hashes = numbered(size)
    assert merkle.path_in(iter(hashes), index) == merkle.path(hashes, index)


def test_no_path_outside_of_the_log():
    with pytest.raises(IndexError):
        merkle.path_in(iter(numbered(3)), 3)
