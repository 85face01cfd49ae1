"""How many public checks of a process may be out at other sites at once.

A slow address holds a thread for some seconds. Anybody may ask for a check: without a bound, a few
slow addresses would keep every thread, and the whole place would wait for them.
"""

from __future__ import annotations

from threading import BoundedSemaphore

from badges.engine.errors import FetchSpent
from badges.verification.fetching import SECONDS_TOGETHER

AT_ONCE = 2
AFTER = int(SECONDS_TOGETHER)  # seconds: no check is out for longer
_places = BoundedSemaphore(AT_ONCE)


class Turn:
    """One check's place outside, taken when it first leaves the house: ours never need one."""

    def __init__(self) -> None:
        self.is_refused = self._is_out = False

    def take(self) -> None:
        """Raises FetchSpent when too many are out, now and for the rest of this check."""
        if not self._is_out and not self.is_refused:
            self._is_out = _places.acquire(blocking=False)
            self.is_refused = not self._is_out
        if self.is_refused:
            raise FetchSpent("too many checks are out")

    def end(self) -> None:
        """Give the place back."""
        if self._is_out:
            self._is_out = False
            _places.release()
