"""The rule for who missed sessions without a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from flask_babel import ngettext
from sqlalchemy.orm import Session

from courses.enrolments.queries import list_active
from tierslieu.attendance.missed import AFTER
from tierslieu.attendance.queries import list_missed
from tierslieu.attention import Among, AttentionFinding
from tierslieu.web.formats import long_day


def find_missed(
    db: Session, figures: Mapping[str, int], now: datetime, among: Among
) -> Sequence[AttentionFinding]:
    """Those with a path under way who held a seat ``times`` times within ``months`` (of thirty
    days) and were absent without a word. A roll may still be corrected for a while: until then it
    says nothing."""
    since = now - timedelta(days=30 * figures["months"])
    follows = {person_id for person_id, _enrolment in list_active(db, among)}
    found = []
    for person_id, sessions in list_missed(db, since, now - AFTER, among).items():
        if person_id in follows and len(sessions) >= figures["times"]:
            last = sessions[-1]
            sentence = ngettext(
                "%(num)s séance manquée sans prévenir en %(months)s mois : la dernière, "
                "« %(title)s », le %(day)s.",
                "%(num)s séances manquées sans prévenir en %(months)s mois : la dernière, "
                "« %(title)s », le %(day)s.",
                len(sessions),
                months=figures["months"],
                title=last.title,
                day=long_day(last.starts_at),
            )
            found.append(AttentionFinding(person_id, last.ends_at + AFTER, str(sentence)))
    return found
