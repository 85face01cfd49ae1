"""Reports on a course as tests need them; each call commits."""

from __future__ import annotations

import io
from datetime import datetime

from PIL import Image
from sqlalchemy.orm import Session

from courses.feedback.models import CourseFeedback, FeedbackKind, FeedbackState
from courses.feedback.rules import change_state, report
from courses.paths.models import Step
from tests.support.courses import NOW
from tierslieu.people.models import User

BODY = "La réponse attendue au quiz est fausse."


def make_report(
    db: Session, author: User, step: Step, body: str = BODY, *, now: datetime = NOW
) -> CourseFeedback:
    """A new report on that step."""
    found = report(db, author.id, step.id, kind=FeedbackKind.ERROR, body=body, now=now)
    db.commit()
    return found


def bring(
    db: Session,
    found: CourseFeedback,
    state: FeedbackState,
    actor: User,
    *,
    now: datetime = NOW,
    shown: bool = True,
    word: str = "Vu.",
) -> CourseFeedback:
    """The team brings it to that state; others may read it unless said otherwise."""
    change_state(db, found.id, state, actor_id=actor.id, now=now, word=word, shown=shown)
    db.commit()
    return found


def photograph(form: str = "JPEG", size: tuple[int, int] = (60, 40), orientation: int = 6) -> bytes:
    """A picture of a phone that tells where and when it was taken, and by which device."""
    picture = Image.new("RGB", size, "white")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0110] = "Telephone-de-Samira"  # Model
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[1] = "N"  # GPS: north
    exif.get_ifd(0x8825)[2] = (43.0, 36.0, 59.0)
    buffer = io.BytesIO()
    more = {"comment": b"secret-comment"} if form == "JPEG" else {}
    picture.save(buffer, form, exif=exif, icc_profile=b"secret-profile", xmp=b"secret-xmp", **more)
    return buffer.getvalue()
