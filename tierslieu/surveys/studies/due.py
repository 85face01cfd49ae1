"""Which happenings a wave asks about now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.clock import days
from tierslieu.house import Happening, Occasion
from tierslieu.surveys.models import Wave
from tierslieu.surveys.studies.queries import list_entries

LOOK_BACK = timedelta(days=14)  # a roll called late still invites; older happenings are let go
ENTRY = "study_entry"  # somebody takes part from now on: each study's own occasion


Looked = dict[tuple[str, int], list[Happening]]


def list_due(
    db: Session,
    wave: Wave,
    occasions: Mapping[str, Occasion],
    now: datetime,
    looked: Looked | None = None,
) -> list[Happening]:
    """What happened ``wave.delay_days`` ago, or is to come in so many days, and is asked about now.

    Of a study about a path only what concerns that path; of a study with an agreement of its own
    only those who take part, and nothing due before it was opened. What is to come is not asked
    about once it began. ``looked``: what was found for other waves at this same ``now``; an
    occasion may take long to find.
    """
    study, earliest = wave.study, now - LOOK_BACK
    entries: Mapping[UUID, datetime] | None = None
    if study.has_own_consent:
        assert study.opened_at is not None  # a draft has no open waves
        earliest, entries = max(earliest, study.opened_at), list_entries(db, study.id)
    if wave.occasion == ENTRY:
        found: Iterable[Happening] = (
            Happening(user_id, at, f"study:{study.id}", study.title, study.path_id)
            for user_id, at in (entries or {}).items()
        )
        is_ahead = False
    elif wave.occasion in occasions:
        occasion = occasions[wave.occasion]
        is_ahead, shift = occasion.is_ahead, days(wave.delay_days)
        shift = shift if is_ahead else -shift
        looked, which = {} if looked is None else looked, (wave.occasion, wave.delay_days)
        if which not in looked:
            looked[which] = list(occasion.find(db, now - LOOK_BACK + shift, now + shift))
        found = looked[which]
    else:
        return []
    kept = []
    for one in found:
        due = one.at - days(wave.delay_days) if is_ahead else one.at + days(wave.delay_days)
        if not earliest <= due <= now or (is_ahead and one.at <= now):
            continue
        if study.path_id is not None and one.path_id != study.path_id:
            continue
        if entries is not None and one.user_id not in entries:
            continue
        kept.append(one)
    return kept
