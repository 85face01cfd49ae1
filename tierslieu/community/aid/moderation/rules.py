"""Reporting; hiding, restoring, removing, suspending: with a word, told, written down."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.bookings.holding import next_waking
from tierslieu.clock import days
from tierslieu.community.aid.asks.queries import find_message
from tierslieu.community.aid.asks.rules import KEPT
from tierslieu.community.aid.groups.queries import Reader, find_member
from tierslieu.community.aid.groups.rules import hold_person
from tierslieu.community.aid.models import (
    Act,
    AidDecision,
    AidMessage,
    AidReport,
    ReportReason,
)
from tierslieu.community.aid.moderation.queries import (
    find_report,
    list_old_decisions,
    list_reports,
    suspended_until,
)
from tierslieu.community.aid.notices import take_back_notices
from tierslieu.community.aid.search import clear_message, renew_search
from tierslieu.community.entries.rules import MAX_REASON, check_length, wrong
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.rules import write_mail
from tierslieu.mail.words import in_each
from tierslieu.people.models import User
from tierslieu.web.formats import long_day

HIDES_AT = 3  # reports by as many people hide a message until the team looked at it
MAX_DAYS = 90  # of a suspension


def _hold_message(db: Session, reader: Reader, message_id: UUID) -> AidMessage:
    hold_person(db, reader.user_id)
    db.execute(select(AidMessage.id).where(AidMessage.id == message_id).with_for_update())
    message = find_message(db, reader, message_id)
    if message is None:
        raise NotYours
    return message


def report(
    db: Session,
    reader: Reader,
    message_id: UUID,
    *,
    reason: ReportReason,
    words: str,
    now: datetime,
    hides_at: int = HIDES_AT,
) -> AidReport:
    """Say that a message is not to stay. Once ``hides_at`` people did so since the team last
    looked, it is hidden at once until the team looks.

    Raises ``own_message``, ``already_reported``, ``too_long``, ``words_missing`` (for «other»).
    """
    message = _hold_message(db, reader, message_id)
    if message.author_id == reader.user_id:
        raise Refused(
            _("Ce message est de vous : vous pouvez le retirer vous-même."), code="own_message"
        )
    if find_report(db, message_id, reader.user_id) is not None:
        raise Refused(
            _("Vous avez déjà signalé ce message : l’équipe le lira."), code="already_reported"
        )
    words = check_length(words, MAX_REASON, "words")
    if reason is ReportReason.OTHER and not words:
        raise wrong(_("Dites en quelques mots ce qui ne va pas."), "words_missing", "words")
    made = AidReport(
        message_id=message_id,
        reporter_id=reader.user_id,
        reason=reason,
        words=words,
        created_at=now,
    )
    db.add(made)
    db.flush()
    waiting = list_reports(db, message_id, is_open=True)
    if len(waiting) >= hides_at and message.hidden_at is None:
        message.hidden_at = now
        renew_search(db, message.ask)
        _write_down(db, message, None, Act.AUTO_HIDE, "", now)
        take_back_notices(db, message, now)
        _tell(db, message, Act.AUTO_HIDE, "", now)
    return made


def _write_down(
    db: Session, message: AidMessage, actor_id: UUID | None, act: Act, word: str, now: datetime
) -> AidDecision:
    decision = AidDecision(
        at=now,
        act=act,
        person_id=message.author_id,
        message_id=message.id,
        actor_id=actor_id,
        word=word,
    )
    db.add(decision)
    db.flush()
    return decision


def check_not_own(reader: Reader, message: AidMessage) -> None:
    """Raise NotYours but for the team, ``own_message`` for who wrote it."""
    if not reader.is_team:
        raise NotYours
    if message.author_id == reader.user_id:
        raise Refused(
            _("Ce message est de vous : une autre personne de l’équipe doit s’en occuper."),
            code="own_message",
        )


def moderate(
    db: Session, reader: Reader, message_id: UUID, act: Act, *, word: str, now: datetime
) -> AidDecision:
    """Hide, restore, remove or keep a message; its reports are answered by it.

    Hiding and removing need a word, which the author reads by mail. Raises ``own_message``,
    ``word_missing``, ``too_long``, ``already_hidden``, ``not_hidden``, ``already_removed``.
    """
    message = _hold_message(db, reader, message_id)
    check_not_own(reader, message)
    word = check_length(word, MAX_REASON, "word")
    if act in (Act.HIDE, Act.REMOVE) and not word:
        message_ = _("Dites pourquoi : la personne qui a écrit ce message le lira.")
        raise wrong(message_, "word_missing", "word")
    if not message.words:
        raise Refused(_("Les mots de ce message sont déjà retirés."), code="already_removed")
    # What reports hid is hidden by a person by this; what somebody hid is not hidden anew.
    if act is Act.HIDE and message.hidden_at is not None and not _hidden_by_reports(db, message):
        raise Refused(_("Ce message est déjà masqué."), code="already_hidden")
    if act is Act.RESTORE and message.hidden_at is None:
        raise Refused(_("Ce message n’est plus masqué."), code="not_hidden")
    _tell(db, message, act, word, now)
    if act is Act.HIDE:
        message.hidden_at = message.hidden_at or now
        take_back_notices(db, message, now)
    elif act is Act.REMOVE:
        take_back_notices(db, message, now)
        message.hidden_at = None
        clear_message(db, message)
    elif message.hidden_at is not None and _has_left(db, message):
        message.hidden_at = None  # it was hidden for the team alone: its author took it along
        clear_message(db, message)
    else:
        message.hidden_at = None
    renew_search(db, message.ask)
    for one in list_reports(db, message_id, is_open=True):
        one.settled_at = now
    return _write_down(db, message, reader.user_id, act, word, now)


def _has_left(db: Session, message: AidMessage) -> bool:
    return message.author_id is None or find_member(db, message.author_id) is None


def _hidden_by_reports(db: Session, message: AidMessage) -> bool:
    return bool(list_reports(db, message.id, is_open=True))


def suspend(
    db: Session, reader: Reader, message_id: UUID, *, count: int, word: str, now: datetime
) -> AidDecision:
    """Who wrote that message reads but does not write for ``count`` days, told why by mail.

    Raises ``own_message``, ``no_author``, ``bad_days`` (1 to 90), ``word_missing``, ``too_long``.
    """
    message = _hold_message(db, reader, message_id)
    check_not_own(reader, message)
    if message.author_id is None:
        raise Refused(_("La personne qui a écrit ce message est partie."), code="no_author")
    if not 1 <= count <= MAX_DAYS:
        sentence = _("Un nombre de jours entre 1 et %(most)s.", most=MAX_DAYS)
        raise wrong(sentence, "bad_days", "days")
    word = check_length(word, MAX_REASON, "why")
    if not word:
        raise wrong(_("Dites pourquoi : cette personne le lira."), "word_missing", "why")
    decision = AidDecision(
        at=now,
        act=Act.SUSPEND,
        person_id=message.author_id,
        message_id=message.id,
        actor_id=reader.user_id,
        word=word,
        until=now + days(count),
    )
    db.add(decision)
    db.flush()
    _tell(db, message, Act.SUSPEND, word, now, until=in_each(lambda: long_day(now + days(count))))
    return decision


def lift(db: Session, reader: Reader, message_id: UUID, *, now: datetime) -> AidDecision:
    """End a suspension. Raises ``not_suspended``, ``own_message``."""
    message = _hold_message(db, reader, message_id)
    check_not_own(reader, message)
    if message.author_id is None or suspended_until(db, message.author_id, now) is None:
        raise Refused(_("Cette personne peut déjà écrire."), code="not_suspended")
    _tell(db, message, Act.LIFT, "", now)
    return _write_down(db, message, reader.user_id, Act.LIFT, "", now)


def _tell(
    db: Session, message: AidMessage, act: Act, word: str, now: datetime, *, until: Any = ""
) -> None:
    """Tell the author by mail; that nothing changed is not told."""
    author = db.get(User, message.author_id) if message.author_id else None
    if author is None or act is Act.KEEP:
        return
    write_mail(
        db,
        author.email,
        "community_aid_moderated",
        {
            "name": author.name,
            "title": message.ask.title,
            "act": act.value,
            "word": word,
            "until": until,
            "path": f"/entraide/demandes/{message.ask_id}",
        },
        now=now,
        leaves_at=next_waking(now),
        due_key=f"aid-moderated:{message.id}:{act.value}:{now.isoformat()}",
    )


def forget_old_decisions(db: Session, now: datetime, *, limit: int = 200) -> int:
    """Erase decisions made two years ago; gives how many."""
    found = list_old_decisions(db, now - KEPT, limit)
    for one in found:
        db.delete(one)
    db.flush()
    return len(found)
