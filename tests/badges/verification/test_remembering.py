"""What other sites answered is kept for some minutes; what is ours never is."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from badges.engine.errors import FetchFailed, FetchSpent
from badges.verification import remembering
from badges.verification.remembering import KEPT_FOR, MOST_KEPT, Memory

THERE = "https://ecole.example/statut"


class Elsewhere:
    """Other sites: how often each was asked; what it says."""

    def __init__(self, says: bytes | FetchFailed = b"oui") -> None:
        self.asked: list[str] = []
        self.says = says

    def __call__(self, address: str) -> bytes:
        self.asked.append(address)
        if isinstance(self.says, bytes):
            return self.says
        raise self.says


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize("says", [b"oui", b""])
def test_an_address_is_gone_to_once_in_some_minutes(says: bytes) -> None:
    clock, there = Clock(), Elsewhere(says)
    memory = Memory(clock)
    assert [memory.ask(THERE, there) for _ in range(5)] == [says] * 5
    assert there.asked == [THERE]
    clock.seconds = KEPT_FOR
    memory.ask(THERE, there)
    assert there.asked == [THERE, THERE]


def test_an_answer_that_did_not_come_is_kept_too() -> None:
    memory, there = Memory(Clock()), Elsewhere(FetchFailed("offline", THERE))
    for _ in range(3):
        with pytest.raises(FetchFailed):
            memory.ask(THERE, there)
    assert there.asked == [THERE]


def test_what_was_not_asked_for_lack_of_room_is_not_kept() -> None:
    tired = FetchSpent("enough", THERE)
    memory = Memory(Clock())
    with pytest.raises(FetchFailed):
        memory.ask(THERE, Elsewhere(tired))
    assert memory.ask(THERE, Elsewhere()) == b"oui"


def test_memory_is_bounded_in_number_and_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, there = Memory(Clock()), Elsewhere()
    for number in range(MOST_KEPT + 1):
        memory.ask(f"{THERE}/{number}", there)
    memory.ask(f"{THERE}/{MOST_KEPT}", there)
    assert len(there.asked) == MOST_KEPT + 1, "the newest is there"
    memory.ask(f"{THERE}/0", there)
    assert len(there.asked) == MOST_KEPT + 2, "the oldest was forgotten"
    monkeypatch.setattr(remembering, "MOST_BYTES", 5)
    small, there = Memory(Clock()), Elsewhere(b"1234")
    for address in ("a", "b", "b", "a"):
        small.ask(address, there)
    assert there.asked == ["a", "b", "a"]


def test_who_asks_meanwhile_waits_for_the_same_answer() -> None:
    memory, asked, may_answer = Memory(Clock()), threading.Event(), threading.Event()
    count = []

    def slow(address: str) -> bytes:
        count.append(address)
        asked.set()
        assert may_answer.wait(10)
        return b"oui"

    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(memory.ask, THERE, slow) for _ in range(4)]
        assert asked.wait(10)
        may_answer.set()
        assert [one.result(10) for one in found] == [b"oui"] * 4
    assert count == [THERE]
    assert not memory._asking


def test_who_waits_too_long_for_another_s_answer_goes_on_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remembering, "SECONDS", 0.05)
    memory, asked, may_answer = Memory(Clock()), threading.Event(), threading.Event()

    def slow(address: str) -> bytes:
        asked.set()
        assert may_answer.wait(10)
        return b"oui"

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(memory.ask, THERE, slow)
        assert asked.wait(10)
        with pytest.raises(FetchSpent):
            memory.ask(THERE, Elsewhere())
        may_answer.set()
        assert first.result(10) == b"oui"
    assert memory.ask(THERE, Elsewhere(b"autre")) == b"oui", "and what came is kept"
    assert not memory._asking


def test_our_own_documents_are_read_fresh_each_time() -> None:
    own, ours = "https://ici.example/status/1", iter([b"tient", b"retire"])
    there = Elsewhere()
    fetch = remembering.Remembering(
        Memory(Clock()),
        lambda a: next(ours) if a == own else None,
        there,
    )
    assert fetch(own) == b"tient"
    assert fetch(own) == b"retire"
    assert fetch(THERE) == fetch(THERE) == b"oui"
    assert there.asked == [THERE]
