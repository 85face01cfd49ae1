"""Status lists: bits, their encoding, and the caps on what strangers send."""

from __future__ import annotations

import gzip
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badges.engine import encoding, status
from badges.engine.errors import MalformedError


@given(st.sets(st.integers(0, status.MIN_ENTRIES - 1), max_size=50))
@settings(max_examples=25, deadline=None)
def test_exactly_the_bits_that_were_set_come_back(indexes: set[int]) -> None:
    bits = status.decode_list(status.encode_list(indexes))
    assert len(bits) * 8 == status.MIN_ENTRIES
    assert {i for i in range(status.MIN_ENTRIES) if bits[i // 8] & (128 >> i % 8)} == indexes
    assert all(status.read_bit(bits, index) for index in indexes)


def test_the_first_bit_is_the_highest_of_the_first_byte() -> None:
    assert status.decode_list(status.encode_list([0]))[0] == 0b1000_0000


def test_the_same_bits_give_the_same_text() -> None:
    assert status.encode_list([7, 3]) == status.encode_list([3, 7])
    assert status.encode_list([]).startswith("uH4sIAAAAAAAC")  # multibase, gzip without a date


def test_the_empty_list_of_the_specification_is_read() -> None:
    # Bitstring Status List 1.0, section 2.2, first example.
    published = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
    assert set(status.decode_list(published)) == {0}


def test_a_list_shorter_than_the_standard_allows_is_neither_made_nor_read() -> None:
    with pytest.raises(ValueError, match="131072"):
        status.encode_list([], size=1024)
    short = "u" + encoding.base64url_encode(gzip.compress(bytes(1024)))
    with pytest.raises(MalformedError) as caught:
        status.decode_list(short)
    assert caught.value.code == "status_list_too_short"


def test_a_list_that_would_fill_the_memory_is_refused_before_it_does() -> None:
    bomb = "u" + encoding.base64url_encode(gzip.compress(bytes(200_000_000), 9))
    tracemalloc.start()
    try:
        with pytest.raises(MalformedError) as caught:
            status.decode_list(bomb)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert caught.value.code == "status_list_too_long"


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "H4sIAAAA",
        "u",
        "uAAAA",
        "u!!",
        "uH4sIAAAAAAAAA-3BMQ",
        "z" + encoding.base58_encode(gzip.compress(bytes(16_384), mtime=0)),
    ],
)
def test_what_is_no_list_is_refused(encoded: str) -> None:
    with pytest.raises(MalformedError):
        status.decode_list(encoded)


def test_an_index_outside_the_list_is_refused() -> None:
    bits = status.decode_list(status.encode_list([]))
    for index in (-1, status.MIN_ENTRIES):
        with pytest.raises(MalformedError):
            status.read_bit(bits, index)
        with pytest.raises(ValueError, match="outside"):
            status.encode_list([index])


def test_indexes_are_free_and_scattered() -> None:
    taken: set[int] = set()
    for _ in range(50):
        taken.add(status.pick_index(taken))
    assert len(taken) == 50
    assert max(taken) - min(taken) > 10_000
    with pytest.raises(ValueError, match="full"):
        status.pick_index(range(10), size=10)
    assert status.pick_index({0, 1, 3}, size=4) == 2


def test_a_whole_number_as_index_is_understood_too(house: Any) -> None:
    entry = {
        "type": ["BitstringStatusListEntry"],
        "statusPurpose": "revocation",
        "statusListIndex": 12,
        "statusListCredential": "https://lieu.example/status/1",
    }
    assert status.parse_entry(entry).index == 12
    with pytest.raises(MalformedError):
        status.parse_entry(entry | {"statusListIndex": True})
    with pytest.raises(MalformedError):
        status.parse_entry(entry | {"statusListIndex": "१२"})
