"""What Moodle's completion report writes in its cells: states in words of the site's language, and
dates.

Words: ``completion-y``, ``-n``, ``-pass``, ``-fail`` and their ``-override`` of Moodle's language
packs ``en``, ``fr`` and ``fr_ca``, those of several years. Dates: ``%F %T`` today, long
ones in its first versions (``strftimedaydatetime``).
"""

from __future__ import annotations

import enum
import re
import unicodedata
from datetime import UTC, datetime

from tierslieu.clock import PARIS


class Completion(enum.Enum):
    """What Moodle says of one activity. ``FAILED``: gone through, below the grade to pass."""

    NOT = "not"
    DONE = "done"
    PASSED = "passed"
    FAILED = "failed"


_WORDS = {
    "": Completion.NOT,
    "not completed": Completion.NOT,
    "completed": Completion.DONE,
    "completed (achieved pass grade)": Completion.PASSED,
    "completed (did not achieve pass grade)": Completion.FAILED,
    "pas terminé": Completion.NOT,
    "non terminé": Completion.NOT,
    "terminé": Completion.DONE,
    "terminé (note pour passer atteinte)": Completion.PASSED,
    "terminé (note minimale de réussite atteinte)": Completion.PASSED,
    "terminé (a atteint la note pour passer)": Completion.PASSED,
    "terminé (n'a pas atteint la note pour passer)": Completion.FAILED,
    "terminé (n'a pas atteint la note minimale de réussite)": Completion.FAILED,
    "non achevé": Completion.NOT,
    "non achevée": Completion.NOT,
    "achevé": Completion.DONE,
    "achevé (niveau de réussite)": Completion.PASSED,
    "achevé (n'a pas atteint la note de passage)": Completion.FAILED,
}
# Whoever teaches there changed the state by hand: their name stands in the brackets.
_OVERRIDDEN = (
    (re.compile(r"not completed \(set by .+\)"), Completion.NOT),
    (re.compile(r"completed \(set by .+\)"), Completion.DONE),
    (re.compile(r"(?:non|pas) (?:terminé|rempli|achevée?) \((?:défini|établi) par .+\)"),
     Completion.NOT),
    (re.compile(r"(?:terminé|achevée?) \((?:défini|établi) par .+\)"), Completion.DONE),
)  # fmt: skip
EARLIEST_YEAR = 2000
_MONTHS = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    )
    for number, name in enumerate(names.split(), start=1)
}
_HOUR = r"(?:,? (?:à )?(\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([ap]m))?)?"
_FORMS = (
    (re.compile(r"(\d{4})-(\d\d?)-(\d\d?)" + _HOUR), (0, 1, 2)),
    (re.compile(r"(?:[^\W\d]+,? )?(\d{1,2})(?:er|st|nd|rd|th)? ([^\W\d]+),? (\d{4})" + _HOUR),
     (2, 1, 0)),
    (re.compile(r"(?:[^\W\d]+,? )?([^\W\d]+) (\d{1,2}),? (\d{4})" + _HOUR), (2, 0, 1)),
)  # fmt: skip
MAX_CELL = 300  # characters of a state or a date: longer is neither


def read_state(text: str) -> Completion | None:
    """What this word says; None for a word that Moodle does not write."""
    if len(text) > MAX_CELL:
        return None
    folded = " ".join(unicodedata.normalize("NFC", text).replace("’", "'").casefold().split())
    if folded in _WORDS:
        return _WORDS[folded]
    return next((state for form, state in _OVERRIDDEN if form.fullmatch(folded)), None)


def read_when(text: str) -> datetime | None:
    """The instant of a date by the clock of Paris, where its own zone is not said; None for no
    date. Of the hour that comes twice in autumn, the first."""
    if len(text) > MAX_CELL:
        return None
    folded = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    for form, places in _FORMS:
        found = form.fullmatch(folded)
        if found is not None:
            year, month, day = (found[place + 1] for place in places)
            return _instant(year, month, day, found.groups()[3:])
    return None


def _instant(
    year: str, month: str, day: str, clock_time: tuple[str | None, ...]
) -> datetime | None:
    number = int(month) if month.isdigit() else _MONTHS.get(month, 0)
    hour, minute, second = (int(part or 0) for part in clock_time[:3])
    half = clock_time[3]
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        if int(year) < EARLIEST_YEAR:
            return None  # a clock that was never set
        local = datetime(int(year), number, int(day), hour, minute, second, tzinfo=PARIS)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
