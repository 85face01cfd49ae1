"""Whether a password is in a list of those that leaked elsewhere, without telling it to anybody.

Off unless ``TIERSLIEU_LEAKED_PASSWORDS`` names the list, by ranges as «Pwned Passwords» publishes
it (https://haveibeenpwned.com/API/v3, «Searching by range»): a service, which is told the first
five signs of the password's SHA-1 and gives some hundred endings, among padding, compared here; or
a folder of the same ranges on this machine. The list helps and decides nothing else: where it can't
be read, the password is judged by our own rules alone.
"""

from __future__ import annotations

import hashlib
import logging
import time
import urllib.request
from pathlib import Path

from tierslieu import logs

_log = logging.getLogger("tierslieu.people")
WAITS = 2.0  # seconds for a service, while somebody looks at a form
RESTS = 60.0  # seconds a service that failed is left alone
LONGEST = 1_000_000  # bytes of a range; the longest today have some 60,000 with their padding
_rests_until: dict[str, float] = {}  # by the address of the service


def has_leaked(password: str, at: str) -> bool:
    """Whether ``password`` is in the list ``at``, an address or a folder; False where it can't be
    told, which the log says."""
    name = (
        hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False)
        .hexdigest()
        .upper()
    )
    beginning, ending = name[:5], name[5:]
    if time.monotonic() < _rests_until.get(at, 0):
        return False
    try:
        range_of_it = _read(at, beginning)
    except Exception as failure:
        if at.startswith("http"):
            _rests_until[at] = time.monotonic() + RESTS
        told = logs.fields(**logs.describe_error(failure))
        _log.warning("no list of leaked passwords: %s", type(failure).__name__, extra=told)
        return False
    for line in range_of_it.upper().split():
        one, _colon, times = line.partition(":")
        if one == ending:
            return times != "0"  # padding
    return False


def _read(at: str, beginning: str) -> str:
    """The endings of the list that begin so, a line each: ``ENDING:times``."""
    if not at.startswith("http"):
        plain = Path(at) / beginning
        return (plain if plain.exists() else plain.with_suffix(".txt")).read_text("utf-8-sig")
    head = {"User-Agent": "tierslieu", "Add-Padding": "true"}
    asked = urllib.request.Request(f"{at}{beginning}", headers=head)  # noqa: S310 - a setting, checked
    with urllib.request.urlopen(asked, timeout=WAITS) as answer:  # noqa: S310
        return str(answer.read(LONGEST).decode("utf-8-sig"))
