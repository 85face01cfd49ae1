"""What other sites answered, kept for some minutes.

A page that anybody may open as often as they like (a shared collection) verifies its badges each
time. Without this, whoever opens it makes us go out at will. Our own documents are never kept: a
badge of ours that was just withdrawn is seen at once.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

from badges.engine.errors import FetchFailed, FetchRefused, FetchSpent
from badges.verification.fetching import MAX_BYTES, SECONDS, Own

KEPT_FOR = 300.0  # seconds
MOST_KEPT = 512  # addresses
MOST_BYTES = 16 * MAX_BYTES

Fetch = Callable[[str], bytes]
Answer = bytes | FetchFailed | FetchRefused


class _Kept(NamedTuple):
    answer: Answer
    until: float


class Memory:
    """Answers by address, the oldest forgotten first; one for all threads of a process.

    ``now``: seconds of a clock that only goes forward.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._bytes = 0
        self._asking: dict[str, tuple[Lock, int]] = {}  # who is out, and how many wait for them

    def ask(self, address: str, fetch: Fetch) -> bytes:
        """What is kept of this address, or what ``fetch`` says, once for all who ask meanwhile."""
        answer = self._find(address)
        if answer is None:
            turn = self._take_turn(address)
            is_mine = False
            try:
                # Not for ever: whoever waits holds a thread.
                is_mine = turn.acquire(timeout=SECONDS)
                answer = self._find(address)
                if answer is None:
                    answer = self._go(address, fetch) if is_mine else FetchSpent("", address)
            finally:
                if is_mine:
                    turn.release()
                self._leave_turn(address)
        if isinstance(answer, bytes):
            return answer
        raise answer.with_traceback(None)

    def _go(self, address: str, fetch: Fetch) -> Answer:
        answer: Answer
        try:
            answer = fetch(address)
        except FetchSpent as error:
            return error  # says nothing about the address
        except (FetchFailed, FetchRefused) as error:
            answer = error
        self._keep(address, answer)
        return answer

    def _find(self, address: str) -> Answer | None:
        with self._lock:
            kept = self._kept.get(address)
            return kept.answer if kept is not None and self._now() < kept.until else None

    def _keep(self, address: str, answer: Answer) -> None:
        with self._lock:
            self._drop(address)
            self._kept[address] = _Kept(answer, self._now() + KEPT_FOR)
            self._bytes += _size(answer)
            while len(self._kept) > MOST_KEPT or self._bytes > MOST_BYTES:
                self._drop(next(iter(self._kept)))

    def _drop(self, address: str) -> None:
        kept = self._kept.pop(address, None)
        if kept is not None:
            self._bytes -= _size(kept.answer)

    def _take_turn(self, address: str) -> Lock:
        with self._lock:
            turn, waiting = self._asking.get(address, (Lock(), 0))
            self._asking[address] = (turn, waiting + 1)
            return turn

    def _leave_turn(self, address: str) -> None:
        with self._lock:
            turn, waiting = self._asking[address]
            if waiting == 1:
                del self._asking[address]
            else:
                self._asking[address] = (turn, waiting - 1)


def _size(answer: Answer) -> int:
    return len(answer) if isinstance(answer, bytes) else len(getattr(answer, "body", b""))


class Remembering:
    """``fetch`` with a memory for what is not ours. ``before_leaving`` ends the transaction of
    who waits for another's answer."""

    def __init__(
        self,
        memory: Memory,
        own: Own,
        fetch: Fetch,
        *,
        before_leaving: Callable[[], None] = lambda: None,
    ) -> None:
        self._memory, self._own, self._fetch = memory, own, fetch
        self._before_leaving = before_leaving

    def __call__(self, address: str) -> bytes:
        """As ``fetch``."""
        found = self._own(address.strip())
        if found is not None:
            return found
        self._before_leaving()
        return self._memory.ask(address.strip(), self._fetch)

    def share(self) -> Remembering:
        """The same for one badge of several: see :meth:`Fetcher.share`."""
        anew = getattr(self._fetch, "share", None)
        fetch = anew() if anew is not None else self._fetch
        return Remembering(self._memory, self._own, fetch, before_leaving=self._before_leaving)
