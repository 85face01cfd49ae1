"""What is sealed is an age file: other programs open it, and whatever is done to it is noticed."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrage import passphrase as rage

from tierslieu.backup import age
from tierslieu.backup.age import CHUNK, Damaged, SealedReader, SealedWriter, WrongPassphrase

WORDS = "un assez long secret"
# pyrage 1.4.0: passphrase.encrypt("vu de loin".encode(), WORDS).hex()
SEALED_BY_RAGE = (
    "6167652d656e6372797074696f6e2e6f72672f76310a2d3e207363727970742036426e2b70574662"
    "62424765592b547056494d6e47772031390a4f327474655073707579317966387137597941385151"
    "503770746a436b79617750533438725557636336590a2d2d2d2041463770494d65466f614e634c36"
    "4148474a6f2b7451784c53684f2f2b726f3544354f706435436e414f590aca18fb30556cc0a19287"
    "d1814b5e98caa7434f31ee4eea04f7dae16cc4f870934afb9e632f792a2d0d34"
)
sizes = st.sampled_from([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7])


def seal(data: bytes, piece: int = 1000) -> bytes:
    raw = io.BytesIO()
    writer = SealedWriter(raw, WORDS)
    for start in range(0, len(data), piece):
        writer.write(data[start : start + piece])
    writer.finish()
    return raw.getvalue()


def unseal(sealed: bytes, words: str = WORDS) -> bytes:
    return SealedReader(io.BytesIO(sealed), words).read() or b""


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_another_program_reads_what_we_seal_and_we_what_it_seals(size: int) -> None:
    data = bytes(i % 251 for i in range(size))
    assert rage.decrypt(seal(data), WORDS) == data
    assert unseal(seal(data)) == data


def test_we_read_what_another_program_sealed() -> None:
    assert unseal(bytes.fromhex(SEALED_BY_RAGE)) == b"vu de loin"


@given(data=st.data(), size=sizes, bit=st.integers(0, 7))
def test_a_bit_changed_anywhere_is_noticed(data: st.DataObject, size: int, bit: int) -> None:
    sealed = bytearray(seal(b"x" * size))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << bit
    with pytest.raises((Damaged, WrongPassphrase)):
        unseal(bytes(sealed))


@given(data=st.data(), size=sizes)
def test_an_end_cut_off_or_added_is_noticed(data: st.DataObject, size: int) -> None:
    sealed = seal(b"x" * size)
    with pytest.raises((Damaged, WrongPassphrase)):
        unseal(sealed[: data.draw(st.integers(0, len(sealed) - 1))])
    with pytest.raises(Damaged):
        unseal(sealed + data.draw(st.binary(min_size=1, max_size=40)))


def test_chunks_that_change_places_are_noticed() -> None:
    sealed = seal(b"a" * CHUNK + b"b" * CHUNK + b"c")
    end, whole = len(sealed) - 17, CHUNK + 16
    start = end - 2 * whole
    first, second = sealed[start : start + whole], sealed[start + whole : end]
    with pytest.raises(Damaged):
        unseal(sealed[:start] + second + first + sealed[end:])
    with pytest.raises(Damaged):
        unseal(sealed[: start + whole])  # cut between two chunks


def test_a_wrong_passphrase_is_told_from_damage() -> None:
    with pytest.raises(WrongPassphrase):
        unseal(seal(b"data"), "un autre secret aussi long")


def test_a_file_that_asks_for_endless_work_is_refused_before_it_is_done() -> None:
    sealed = seal(b"data").replace(b" %d\n" % age.WORK, b" 30\n", 1)
    with pytest.raises(Damaged):
        unseal(sealed)


def test_a_file_without_its_end_cannot_be_read_to_the_end() -> None:
    raw = io.BytesIO()
    SealedWriter(raw, WORDS).write(b"x" * 3 * CHUNK)
    with pytest.raises(Damaged):
        unseal(raw.getvalue())
