"""Reporting on a course, and following a report to its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.feedback.models import (
    CourseFeedback,
    FeedbackEvent,
    FeedbackKind,
    FeedbackState,
    MeToo,
)
from courses.feedback.queries import count_written, find_pictured, find_report, find_same_report
from courses.feedback.words import state_words
from courses.paths.models import Step
from courses.paths.queries import find_step
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.rules import Letter, write_mail, write_mails
from tierslieu.people.models import User
from tierslieu.uploads.models import Upload
from tierslieu.uploads.rules import KeptFile, has_room, row_of
from tierslieu.web.formats import day, hour
from tierslieu.web.links import clean_url

MIN_BODY, MAX_BODY = 10, 4000  # characters
MAX_LOCATION = 500  # characters
MAX_WORD = 2000  # characters
MAX_PICTURE_TEXT = 500  # characters
MOST_REPORTS, WITHIN = 10, timedelta(hours=1)  # of one person
MOST_AT_ONCE = 100  # reports noted as sent together

NEW, CONFIRMED = FeedbackState.NEW, FeedbackState.CONFIRMED
SENT, FIXED, REFUSED = FeedbackState.SENT, FeedbackState.FIXED, FeedbackState.REFUSED
# A report goes forward; what was closed may be opened again by confirming it.
MOVES: dict[FeedbackState, tuple[FeedbackState, ...]] = {
    NEW: (CONFIRMED, SENT, FIXED, REFUSED),
    CONFIRMED: (SENT, FIXED, REFUSED),
    SENT: (FIXED, REFUSED),
    FIXED: (CONFIRMED,),
    REFUSED: (CONFIRMED,),
}


def check_pace(db: Session, author_id: UUID, now: datetime) -> None:
    """Raise :class:`Refused` ``too_many`` (429) for whoever sent ten reports within an hour."""
    if count_written(db, author_id, now - WITHIN) >= MOST_REPORTS:
        message = _(
            "Vous avez envoyé %(most)s signalements en une heure, c’est le plus que le lieu "
            "accepte d’affilée : gardez le vôtre, et reprenez un peu plus tard.",
            most=MOST_REPORTS,
        )
        raise Refused(message, code="too_many", status=429)


def _wrong(message: str, code: str, field: str) -> Refused:
    return Refused(message, code=code, field=field, status=422)


def report(
    db: Session,
    author_id: UUID,
    step_id: UUID,
    *,
    kind: FeedbackKind,
    body: str,
    now: datetime,
    unit: str = "",
    location: str = "",
    picture: KeptFile | None = None,
    picture_text: str = "",
) -> CourseFeedback:
    """Report on a step: what, where, in 10 to 4,000 characters, with a screenshot if wished.

    ``picture``: one drawn anew by :mod:`tierslieu.uploads.pictures`, and kept. Raises
    :class:`Refused` ``body_too_short``, ``body_too_long``, ``unknown_unit``,
    ``location_too_long``, ``picture_text_too_long``, ``no_room``, ``already_reported`` for the
    same words sent twice, or as :func:`check_pace`.
    """
    lock_for_writing(db)
    db.execute(select(User.id).where(User.id == author_id).with_for_update(key_share=True))
    step = find_step(db, step_id)
    if step is None:
        raise NotYours
    body, unit, location = body.strip(), unit.strip(), location.strip()
    _check_report(step, body, unit, location)
    if picture and len(picture_text) > MAX_PICTURE_TEXT:
        message = _("Cette description est trop longue : 500 caractères sont possibles.")
        raise _wrong(message, "picture_text_too_long", "picture_text")
    if find_same_report(db, author_id, step_id, body):
        raise Refused(
            _("Vous avez déjà envoyé ce signalement : il est dans votre liste."),
            code="already_reported",
        )
    check_pace(db, author_id, now)
    found = CourseFeedback(
        step_id=step_id,
        unit=unit,
        location=location,
        kind=kind,
        body=body,
        author_id=author_id,
        created_at=now,
    )
    if picture is not None:
        found.picture = _picture_row(db, author_id, picture, now)
        found.picture_text = picture_text.strip()
    db.add(found)
    db.flush()
    return found


def _picture_row(db: Session, author_id: UUID, picture: KeptFile, now: datetime) -> Upload:
    if not has_room(db, author_id, picture.size):
        message = _("Vos fichiers prennent déjà toute la place prévue, 500 Mo.")
        raise _wrong(message, "no_room", "picture")
    return row_of(picture, author_id, now)


def remove_picture(db: Session, report_id: UUID, user: User) -> None:
    """Take the screenshot of a report away: whoever sent it, or the team when it shows somebody.
    The bytes leave the disk at the next sweep. Raises :class:`NotYours`."""
    lock_for_writing(db)
    found = find_pictured(db, report_id, user)
    if found is None:
        raise NotYours
    upload, found.picture, found.picture_text = found.picture, None, ""
    db.flush()
    db.delete(upload)
    db.flush()


def _check_report(step: Step, body: str, unit: str, location: str) -> None:
    if len(body) < MIN_BODY:
        message = _(
            "Dites-en un peu plus : il faut au moins %(min)s caractères pour que l’équipe du "
            "cours comprenne.",
            min=MIN_BODY,
        )
        raise _wrong(message, "body_too_short", "body")
    if len(body) > MAX_BODY:
        message = _(
            "Ce texte est trop long : 4 000 caractères sont possibles, il en a %(count)s. "
            "Faites-en deux signalements.",
            count=len(body),
        )
        raise _wrong(message, "body_too_long", "body")
    if unit and unit not in step.units:
        message = _("Cette unité n’est pas de cette étape : choisissez dans la liste.")
        raise _wrong(message, "unknown_unit", "unit")
    if len(location) > MAX_LOCATION:
        message = _("Cet endroit est trop long : 500 caractères sont possibles.")
        raise _wrong(message, "location_too_long", "location")


def change_state(
    db: Session,
    report_id: UUID,
    to_state: FeedbackState,
    *,
    actor_id: UUID,
    now: datetime,
    word: str = "",
    seen: FeedbackState | None = None,
    shown: bool | None = None,
    upstream_url: str = "",
) -> CourseFeedback:
    """Bring a report a step further, with a word; whoever reported it is told by mail, and at its
    end those who said «moi aussi».

    ``seen`` is the state the facilitator had before their eyes; ``shown``: whether others on the
    step may read it (None: as it was); ``upstream_url``: where the course team follows it (empty:
    as it was). Raises :class:`Refused` ``state_changed`` (says by whom) if it is another by now,
    ``merged``, ``state_impossible``, ``word_missing`` (not keeping a report needs a reason),
    ``word_too_long`` or ``bad_link``.
    """
    lock_for_writing(db)
    db.execute(select(CourseFeedback.id).where(CourseFeedback.id == report_id).with_for_update())
    found = find_report(db, report_id)
    if found is None:
        raise NotYours
    if seen is not None and found.state is not seen:
        raise _changed(db, found)
    if found.merged_into_id is not None:
        raise Refused(
            _("Ce retour est réuni à un autre, qui dit la même chose : répondez à celui-là."),
            code="merged",
        )
    if to_state not in MOVES[found.state]:
        raise Refused(
            _("Ce retour est déjà « %(state)s ».", state=state_words()[found.state]),
            code="state_impossible",
        )
    word = word.strip()
    if to_state is REFUSED and not word:
        message = _("Dites pourquoi : la personne qui a signalé lira votre mot.")
        raise _wrong(message, "word_missing", "word")
    if len(word) > MAX_WORD:
        message = _("Ce mot est trop long : 2 000 caractères sont possibles.")
        raise _wrong(message, "word_too_long", "word")
    url = clean_url(upstream_url)
    event = FeedbackEvent(
        feedback_id=found.id, to_state=to_state, actor_id=actor_id, at=now, word=word
    )
    found.events.append(event)
    found.state = to_state
    found.upstream_url = url or found.upstream_url
    found.is_shown = found.is_shown if shown is None else shown
    db.flush()
    _tell(db, found, event)
    if to_state in (FIXED, REFUSED):
        _tell_others(db, found, event)
    return found


def send_many(
    db: Session,
    report_ids: Sequence[UUID],
    *,
    actor_id: UUID,
    now: datetime,
    word: str = "",
    upstream_url: str = "",
) -> tuple[int, int]:
    """Note many reports as sent; gives how many were, and how many could not be any more (closed,
    merged, gone, sent before). Raises :class:`Refused` as :func:`change_state` does for the word
    and the link, with none of them changed."""
    if not report_ids:
        raise Refused(_("Cochez d’abord les retours que vous avez transmis."), code="none_chosen")
    ids = sorted(set(report_ids))[:MOST_AT_ONCE]  # one order: two at once do not wait in a ring
    sent = 0
    for report_id in ids:
        try:
            change_state(
                db,
                report_id,
                SENT,
                actor_id=actor_id,
                now=now,
                word=word,
                upstream_url=upstream_url,
            )
        except Refused as refused:
            if refused.code not in ("state_impossible", "merged", "not_found"):
                raise
        else:
            sent += 1
    return sent, len(ids) - sent


def _changed(db: Session, found: CourseFeedback) -> Refused:
    last = found.events[-1] if found.events else None
    actor = db.get(User, last.actor_id) if last and last.actor_id else None
    at = last.at if last else found.created_at
    return Refused(
        _(
            "Entre-temps, %(who)s a noté ce retour « %(state)s » (%(when)s). Relisez-le avant "
            "de décider.",
            who=actor.name if actor else _("quelqu’un de l’équipe"),
            state=state_words()[found.state],
            when=f"{day(at)}, {hour(at)}",
        ),
        code="state_changed",
    )


def _tell(db: Session, found: CourseFeedback, event: FeedbackEvent) -> None:
    author = db.get(User, found.author_id) if found.author_id else None
    if author is None:
        return
    write_mail(
        db,
        author.email,
        "feedback_answered",
        {
            "name": author.name,
            "path": found.step.version.path.short_title,
            "step": found.step.title,
            "state": event.to_state.value,
            "word": event.word,
            "body": found.body,
            "upstream_url": found.upstream_url,
            "mine_url": "/mes-signalements",
        },
        now=event.at,
        due_key=f"feedback-answered:{event.id}",
    )


def _tell_others(db: Session, found: CourseFeedback, event: FeedbackEvent) -> None:
    """Whoever said «moi aussi» and wishes to know the end. What the reporter wrote stays out."""
    people = db.execute(
        select(User.id, User.email, User.name)
        .join(MeToo, MeToo.user_id == User.id)
        .where(MeToo.feedback_id == found.id, MeToo.wants_mail.is_(True))
        .order_by(MeToo.at, MeToo.id)
    )
    letters = [
        Letter(
            email,
            "feedback_me_too_answered",
            {
                "name": name,
                "path": found.step.version.path.short_title,
                "step": found.step.title,
                "state": event.to_state.value,
                "word": event.word,
                "mine_url": "/mes-signalements",
            },
            f"feedback-me-too:{event.id}:{user_id}",
        )
        for user_id, email, name in people
    ]
    write_mails(db, letters, now=event.at)
