"""Asking, answering, saying that it is solved, thanking; what is silent closes by itself."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.clock import days
from tierslieu.community.aid.asks.queries import (
    count_written,
    find_ask,
    find_message,
    list_silent,
)
from tierslieu.community.aid.groups.queries import Group, Reader
from tierslieu.community.aid.groups.rules import charter_number, hold_person
from tierslieu.community.aid.models import AidAsk, AidMessage
from tierslieu.community.aid.moderation.queries import has_open_report, suspended_until
from tierslieu.community.aid.notices import take_back_notices, tell_ask, tell_reply
from tierslieu.community.aid.private import check_private
from tierslieu.community.aid.search import clear_message
from tierslieu.community.entries.rules import check_length, searched, wrong
from tierslieu.errors import NotYours, Refused
from tierslieu.web.formats import long_day

MAX_TITLE = 120  # characters
MAX_WORDS = 4000
SILENCE = days(30)  # after which an ask closes by itself
KEPT = days(2 * 365)  # after which a silent thread is erased
# Enough for a lively evening, too little for a machine or an outburst.
MOST_ASKS, ASKS_WITHIN = 5, days(1)
MOST_MESSAGES, MESSAGES_WITHIN = 15, timedelta(minutes=15)


def check_may_write(db: Session, reader: Reader, now: datetime) -> None:
    """Raise :class:`Refused` for whoever did not join (``not_joined``), did not agree to the
    charter in force (``charter_changed``), or may not write for some days (``suspended``)."""
    if reader.member is None:
        message = _("Pour écrire ici, acceptez d’abord la charte et choisissez votre nom.")
        raise Refused(message, code="not_joined")
    if reader.member.charter_number != charter_number(db):
        message = _("La charte a changé : lisez-la et acceptez-la avant d’écrire de nouveau.")
        raise Refused(message, code="charter_changed")
    until = suspended_until(db, reader.user_id, now)
    if until is not None:
        raise Refused(
            _(
                "Jusqu’au %(day)s, vous lisez mais n’écrivez pas : l’équipe vous a dit pourquoi "
                "par mail. Pour en parler, répondez à ce mail.",
                day=long_day(until),
            ),
            code="suspended",
        )


def _check_pace(db: Session, user_id: UUID, now: datetime, *, is_ask: bool) -> None:
    if is_ask and count_written(db, user_id, now - ASKS_WITHIN, asks_only=True) >= MOST_ASKS:
        message = _(
            "Vous avez déjà posé %(most)s questions en un jour : laissez aux autres le temps de "
            "répondre, ou complétez une de vos demandes.",
            most=MOST_ASKS,
        )
        raise Refused(message, code="too_many", status=429)
    if count_written(db, user_id, now - MESSAGES_WITHIN) >= MOST_MESSAGES:
        message = _(
            "Vous avez écrit %(most)s messages en un quart d’heure, c’est le plus que le lieu "
            "accepte d’affilée : reprenez dans quelques minutes.",
            most=MOST_MESSAGES,
        )
        raise Refused(message, code="too_many", status=429)


def _check_words(words: str) -> str:
    words = check_length(words, MAX_WORDS, "words")
    if not words:
        raise wrong(_("Écrivez votre message."), "words_missing", "words")
    check_private(words, "words")
    return words


def ask_for_help(
    db: Session,
    reader: Reader,
    group: Group,
    *,
    title: str,
    words: str,
    step_key: str,
    steps: Collection[str],
    now: datetime,
) -> AidAsk:
    """Ask a group, about one of ``steps`` (keys) or none. Who helps on that step may be told.

    Raises as :func:`check_may_write`; ``too_many`` (429); ``title_missing``, ``words_missing``,
    ``too_long``, ``private_email``, ``private_phone``, ``unknown_step``, each with its field.
    """
    hold_person(db, reader.user_id)
    check_may_write(db, reader, now)
    title = " ".join(title.split())
    title = check_length(title, MAX_TITLE, "title")
    if not title:
        raise wrong(_("Dites en quelques mots ce que vous cherchez."), "title_missing", "title")
    check_private(title, "title")
    words = _check_words(words)
    if step_key and step_key not in steps:
        raise wrong(_("Choisissez une étape de la liste."), "unknown_step", "step")
    _check_pace(db, reader.user_id, now, is_ask=True)
    ask = AidAsk(
        path_id=group.path.id,
        cohort_id=group.cohort.id if group.cohort else None,
        step_key=step_key,
        author_id=reader.user_id,
        title=title,
        search_text=searched((title, words)),
        created_at=now,
        last_at=now,
    )
    ask.messages = [
        AidMessage(author_id=reader.user_id, is_first=True, words=words, created_at=now)
    ]
    db.add(ask)
    db.flush()
    tell_ask(db, ask, now)
    return ask


def _hold_ask(db: Session, reader: Reader, ask_id: UUID) -> AidAsk:
    """The ask, held until the commit, so that two who act on it see one another."""
    hold_person(db, reader.user_id)
    db.execute(select(AidAsk.id).where(AidAsk.id == ask_id).with_for_update())
    ask = find_ask(db, reader, ask_id)
    if ask is None:
        raise NotYours
    return ask


def answer(db: Session, reader: Reader, ask_id: UUID, words: str, *, now: datetime) -> AidMessage:
    """Write in a thread; who asked may be told. Raises as :func:`ask_for_help`, or ``closed``."""
    ask = _hold_ask(db, reader, ask_id)
    check_may_write(db, reader, now)
    if ask.closed_at is not None:
        message = _(
            "Cette demande est close : plus rien ne s’y écrivait. Posez une nouvelle question, ou "
            "demandez à qui l’a posée de la rouvrir."
        )
        raise Refused(message, code="closed")
    words = _check_words(words)
    _check_pace(db, reader.user_id, now, is_ask=False)
    message = AidMessage(author_id=reader.user_id, words=words, created_at=now)
    ask.messages.append(message)
    ask.last_at = now
    ask.search_text = f"{ask.search_text} {searched((words,))}"
    db.flush()
    tell_reply(db, ask, message, now)
    return message


def _own_ask(db: Session, reader: Reader, ask_id: UUID) -> AidAsk:
    ask = _hold_ask(db, reader, ask_id)
    if ask.author_id != reader.user_id:
        raise NotYours
    return ask


def solve(
    db: Session, reader: Reader, ask_id: UUID, thanked: Collection[UUID], *, now: datetime
) -> int:
    """Say that one's ask is solved, and thank the messages that helped; gives how many are new.

    Raises ``already_solved``; NotYours but for who asked.
    """
    ask = _own_ask(db, reader, ask_id)
    if ask.solved_at is not None:
        raise Refused(_("Cette demande est déjà résolue."), code="already_solved")
    ask.solved_at, ask.last_at = now, now
    count = 0
    for message in ask.messages:
        if message.id in thanked and message.thanked_at is None and _may_thank(message, reader):
            message.thanked_at = now
            count += 1
    db.flush()
    return count


def _may_thank(message: AidMessage, reader: Reader) -> bool:
    is_others = not message.is_first and message.author_id != reader.user_id
    return is_others and message.hidden_at is None


def thank(db: Session, reader: Reader, message_id: UUID, *, now: datetime) -> AidMessage:
    """Thank for an answer to one's ask. Raises ``already_thanked``; NotYours but for who asked."""
    found = find_message(db, reader, message_id)
    if found is None:
        raise NotYours
    ask = _own_ask(db, reader, found.ask_id)
    message = next((one for one in ask.messages if one.id == message_id), None)
    if message is None or not _may_thank(message, reader):
        raise NotYours
    if message.thanked_at is not None:
        raise Refused(_("Vous avez déjà remercié pour ce message."), code="already_thanked")
    message.thanked_at = now
    db.flush()
    return message


def reopen(db: Session, reader: Reader, ask_id: UUID, *, now: datetime) -> AidAsk:
    """Open one's ask again. Raises ``is_open``; NotYours but for who asked."""
    ask = _own_ask(db, reader, ask_id)
    if ask.solved_at is None and ask.closed_at is None:
        raise Refused(_("Cette demande est déjà ouverte."), code="is_open")
    ask.solved_at, ask.closed_at, ask.last_at = None, None, now
    db.flush()
    return ask


def take_back(db: Session, reader: Reader, message_id: UUID, *, now: datetime) -> AidAsk | None:
    """Take away one's own message: its words, and the mails about it that still wait; of an ask in
    which nobody else wrote, all of it (None).

    What is hidden or reported stays for the team to look at: ``hidden``, ``reported``.
    """
    found = find_message(db, reader, message_id)
    if found is None or found.author_id != reader.user_id:
        raise NotYours
    ask = _hold_ask(db, reader, found.ask_id)
    message = next((one for one in ask.messages if one.id == message_id), None)
    if message is None:
        raise NotYours
    if message.hidden_at is not None:
        raise Refused(
            _("Ce message est masqué : l’équipe s’en occupe, et vous écrira."), code="hidden"
        )
    is_alone = message.is_first and all(one.author_id == reader.user_id for one in ask.messages)
    if any(has_open_report(db, one.id) for one in (ask.messages if is_alone else [message])):
        raise Refused(
            _("Ce message est signalé : l’équipe le lit d’abord. Réessayez ensuite."),
            code="reported",
        )
    take_back_notices(db, message, now)
    if is_alone:
        # The row stays for a day, so that taking back gives nobody more to write.
        for one in ask.messages:
            clear_message(db, one)
        return None
    clear_message(db, message)
    return ask


def close_silent(db: Session, now: datetime, *, limit: int = 200) -> int:
    """Close asks in which nothing was written for a month; gives how many."""
    found = list_silent(db, now - SILENCE, is_open=True, limit=limit)
    for ask in found:
        ask.closed_at = now
    db.flush()
    return len(found)


def forget_old(db: Session, now: datetime, *, limit: int = 200) -> int:
    """Erase threads in which nothing was written for two years; gives how many."""
    found = list_silent(db, now - KEPT, is_open=False, limit=limit)
    for ask in found:
        db.delete(ask)
    db.flush()
    return len(found)
