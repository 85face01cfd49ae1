"""The rule for who fell silent: follows a path, and left no trace for some weeks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from courses.enrolments.queries import get_enrolments, list_active
from courses.progress.gathering import compute_progress
from tierslieu.attention import Among, AttentionFinding, Trace
from tierslieu.house import House
from tierslieu.web.formats import long_day

SLICE = 300  # enrolments computed at once, so that memory stays bounded


def list_last_traces(
    db: Session, house: House, now: datetime, among: Among
) -> dict[UUID, tuple[datetime, str]]:
    """The last trace of each person and what it is; of those alone if some are given."""
    last: dict[UUID, tuple[datetime, str]] = {}
    for trace in house.all(Trace):
        label = str(trace.label)  # said once, not for each person
        for person_id, at in trace.latest(db, now, among).items():
            if person_id not in last or at > last[person_id][0]:
                last[person_id] = (at, label)
    return last


def find_silent(
    db: Session, house: House, figures: Mapping[str, int], now: datetime, among: Among
) -> Sequence[AttentionFinding]:
    """Those with a path under way that is not finished, and no trace for ``weeks``."""
    before = now - timedelta(weeks=figures["weeks"])
    last = list_last_traces(db, house, now, among)
    silent: dict[UUID, list[UUID]] = defaultdict(list)
    for person_id, enrolment_id in list_active(db, among):
        # Whoever follows a path left at least the trace of having begun it.
        if person_id in last and last[person_id][0] <= before:
            silent[person_id].append(enrolment_id)
    unfinished = set(_unfinished(db, house, [one for ids in silent.values() for one in ids]))
    return [
        AttentionFinding(person_id, last[person_id][0], _say(*last[person_id], now))
        for person_id, ids in silent.items()
        if unfinished.intersection(ids)
    ]


def _unfinished(db: Session, house: House, ids: Sequence[UUID]) -> Iterator[UUID]:
    for start in range(0, len(ids), SLICE):
        enrolments = get_enrolments(db, ids[start : start + SLICE])
        progress = compute_progress(db, enrolments, house)
        yield from (one.id for one in enrolments if not progress[one.id].is_complete)


def _say(at: datetime, label: str, now: datetime) -> str:
    return str(
        _(
            "Aucune trace depuis %(weeks)s semaines : dernière, %(what)s le %(day)s.",
            weeks=(now - at).days // 7,
            what=label,
            day=long_day(at),
        )
    )
