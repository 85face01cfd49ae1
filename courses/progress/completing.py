"""Who came to the end of a path, and when, found among those who did something then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment
from courses.enrolments.queries import get_enrolments, list_begun_ids, list_enrolments_of
from courses.progress.computing import Progress
from courses.progress.gathering import compute_progress
from courses.progress.queries import list_dated
from tierslieu.house import House

SLICE = 500  # enrolments, or people, computed at once, so that memory stays bounded


def in_slices(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    """Those ids, so many at once."""
    for start in range(0, len(ids), SLICE):
        yield ids[start : start + SLICE]


def find_completed(
    db: Session, house: House, since: datetime, until: datetime
) -> Iterator[tuple[Enrolment, Progress]]:
    """The enrolments whose last required step was done in [since, until), begun before ``until``.

    A path is complete on the day of the last thing that makes it so, and that is a thing of the
    person's own, in a path that is a part of it too: whoever has none of those days is not asked
    about, however many they are.
    """
    people = sorted({*list_dated(db, since, until), *house.find_dated(db, since, until)})
    for user_ids in in_slices(people):
        enrolments = [e for e in list_enrolments_of(db, user_ids) if e.started_at < until]
        progress = compute_progress(db, enrolments, house)
        for enrolment in enrolments:
            at = progress[enrolment.id].completed_at
            if at is not None and since <= at < until:
                yield enrolment, progress[enrolment.id]


def list_completed(
    db: Session, house: House, since: datetime, until: datetime
) -> Iterator[tuple[UUID, UUID]]:
    """(person, path) of the enrolments begun in [since, until) of which all that is required is
    done, whenever it was."""
    for ids in in_slices(list_begun_ids(db, since, until)):
        enrolments = get_enrolments(db, ids)
        progress = compute_progress(db, enrolments, house)
        for enrolment in enrolments:
            if progress[enrolment.id].is_complete:
                yield enrolment.user_id, enrolment.path_id
