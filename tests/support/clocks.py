"""A clock that is wrong, for what is kept and for what is signed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from tierslieu import clock
from tierslieu.web import unseen


@contextmanager
def ahead(by: timedelta) -> Iterator[None]:
    """Within, it is later by so much."""
    real = unseen.TimestampSigner.get_timestamp
    with pytest.MonkeyPatch.context() as patch, clock.fixed_at(clock.now() + by):
        later = int(by.total_seconds())
        patch.setattr(unseen.TimestampSigner, "get_timestamp", lambda self: real(self) + later)
        yield
