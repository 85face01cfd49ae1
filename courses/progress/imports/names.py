"""What the name of a report says of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

_NAME = re.compile(
    r"(?P<course>.+?)_(?P<kind>problem_grade_report|grade_report)(?P<errors>_err)?"
    r"(?:_(?P<at>\d{4}-\d\d-\d\d-\d{4}))?(?: ?\(\d+\))?\.(?:csv|txt)",
    re.IGNORECASE,
)
_COURSE = re.compile(r"(?P<org>.+?)_(?P<number>\d\w*?)_(?P<run>.+)")


@dataclass(frozen=True)
class ReportName:
    """What the name of the file says: the course as ``org``, ``number`` and ``run``, and when the
    report was made (the platform's own clock, no zone)."""

    org: str
    number: str
    run: str
    made_at: datetime | None


def read_name(filename: str) -> ReportName | None:
    """What the name of a report says; None where it was renamed."""
    found = _NAME.fullmatch(filename.strip())
    if found is None:
        return None
    made_at = None
    if found["at"]:
        try:
            made_at = datetime.strptime(found["at"], "%Y-%m-%d-%H%M")  # noqa: DTZ007 - no zone said
        except ValueError:
            return None
    course = found["course"]
    parts = _COURSE.fullmatch(course)
    if parts is not None:
        return ReportName(parts["org"], parts["number"], parts["run"], made_at)
    # edX_DemoX_Demo_Course: an organisation and a number hold no «_» where the number is a word.
    split = course.split("_", 2)
    return ReportName(split[0], split[1], split[2], made_at) if len(split) == 3 else None
