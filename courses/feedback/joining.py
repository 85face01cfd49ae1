"""Two accounts of one person become one: nobody says «moi aussi» twice, nor to themselves."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from courses.feedback.models import CourseFeedback, MeToo
from tierslieu.people.joining.rows import drop_doubles


def join_feedback(db: Session, gone: UUID, kept: UUID, now: datetime) -> None:
    """What both said of one report counts once; what the one said of the other's report does not
    count, for it is their own."""
    drop_doubles(db, MeToo.__tablename__, gone, kept)
    for author, other in ((gone, kept), (kept, gone)):
        own = select(CourseFeedback.id).where(CourseFeedback.author_id == author)
        db.execute(delete(MeToo).where(MeToo.user_id == other, MeToo.feedback_id.in_(own)))
