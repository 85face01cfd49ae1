"""Setting the rules; noting a contact; asking no more for a while; forgetting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.attention import AttentionRule
from tierslieu.clock import to_local
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.people.models import FACILITATOR, User
from tierslieu.support.attention.listing_queries import remove_listed_of
from tierslieu.support.attention.models import (
    PLACE,
    AttentionContact,
    AttentionPause,
    AttentionSetting,
    ContactOutcome,
    ContactWay,
    PauseKind,
)
from tierslieu.support.attention.queries import (
    list_all_of,
    list_latest_settings,
    list_living_pauses,
    list_old,
)

MAX_WORDS = 1000  # characters
MAX_REASON = 300
LONGEST = timedelta(days=366)  # a pause; after it one asks again
WRITTEN_WITHIN = timedelta(days=92)  # a contact noted afterwards
KEPT = timedelta(days=365)
AT_ONCE = 200


@dataclass(frozen=True)
class Contact:
    """How, when and what came out; ``again_on``: the day before which the rules keep quiet."""

    way: ContactWay
    outcome: ContactOutcome
    happened_on: date
    words: str = ""
    again_on: date | None = None


def set_place(db: Session, is_on: bool, *, actor_id: UUID, now: datetime) -> None:
    """Whether this place asks after people by rules at all."""
    _set(db, PLACE, is_on, {}, actor_id=actor_id, now=now)


def set_rule(
    db: Session,
    rule: AttentionRule,
    is_on: bool,
    figures: Mapping[str, int],
    *,
    actor_id: UUID,
    now: datetime,
) -> None:
    """A rule's figures from now on, and whether it speaks. Raises :class:`Refused`
    ``wrong_figure`` beside the first that is out of its bounds."""
    for figure in rule.figures:
        if not figure.least <= figures.get(figure.name, figure.least - 1) <= figure.most:
            raise Refused(
                _("Entre %(least)s et %(most)s.", least=figure.least, most=figure.most),
                code="wrong_figure",
                field=figure.name,
                status=422,
            )
    kept = {figure.name: figures[figure.name] for figure in rule.figures}
    _set(db, rule.code, is_on, kept, actor_id=actor_id, now=now)


def _set(
    db: Session, code: str, is_on: bool, figures: dict[str, int], *, actor_id: UUID, now: datetime
) -> None:
    lock_for_writing(db)
    found = next((one for one in list_latest_settings(db) if one.code == code), None)
    if found is not None and (found.is_on, found.figures) == (is_on, figures):
        return
    db.add(
        AttentionSetting(code=code, is_on=is_on, figures=figures, set_at=now, set_by_id=actor_id)
    )
    db.flush()
    about: dict[str, str | int] = {"setting": "attention", "rule": code, "on": int(is_on)}
    note(db, Act.SETTINGS_CHANGED, now=now, about=about, actor_id=actor_id)


def log_contact(
    db: Session, about_id: UUID, author_id: UUID, contact: Contact, *, now: datetime
) -> AttentionContact:
    """Somebody of the team asked after a person, who reads what is noted.

    Raises NotYours for who is not of the team, or on oneself; :class:`Refused` ``wrong_day``,
    ``wrong_words``, ``wrong_until``.
    """
    _hold(db, about_id, author_id)
    today = to_local(now).date()
    if not today - WRITTEN_WITHIN <= contact.happened_on <= today:
        raise Refused(
            _("Choisissez un jour des trois derniers mois, aujourd’hui au plus tard."),
            code="wrong_day",
            field="happened_on",
            status=422,
        )
    made = AttentionContact(
        about_id=about_id,
        author_id=author_id,
        way=contact.way,
        outcome=contact.outcome,
        happened_on=contact.happened_on,
        words=_checked(contact.words, MAX_WORDS, "words"),
        written_at=now,
    )
    db.add(made)
    if contact.again_on is not None:
        _check_until(contact.again_on, today, "again_on")
        _pause(db, about_id, author_id, PauseKind.LATER, contact.again_on, "", now)
    db.flush()
    return made


def pause(
    db: Session,
    about_id: UUID,
    author_id: UUID,
    until: date | None,
    reason: str,
    *,
    now: datetime,
) -> AttentionPause:
    """The team asks no more before that day; without a day, until something new happens.

    Raises NotYours, and :class:`Refused` ``wrong_until`` or ``no_reason``.
    """
    _hold(db, about_id, author_id)
    reason = _checked(reason, MAX_REASON, "reason")
    if not reason:
        raise Refused(
            _("Dites pourquoi, en quelques mots : la personne les lit aussi."),
            code="no_reason",
            field="reason",
            status=422,
        )
    if until is not None:
        _check_until(until, to_local(now).date(), "until")
    kind = PauseKind.LATER if until is not None else PauseKind.ASIDE
    return _pause(db, about_id, author_id, kind, until, reason, now)


def resume(db: Session, about_id: UUID, author_id: UUID, *, now: datetime) -> int:
    """The team's own pauses of this person are over; returns how many. What the person asked for
    stays theirs."""
    _hold(db, about_id, author_id)
    return _end(db, about_id, (PauseKind.LATER, PauseKind.ASIDE), now)


def pause_self(db: Session, user_id: UUID, until: date, *, now: datetime) -> AttentionPause:
    """All is well, says the person: not before that day. Raises :class:`Refused`
    ``wrong_until``."""
    _hold_person(db, user_id)
    _check_until(until, to_local(now).date(), "until")
    return _pause(db, user_id, user_id, PauseKind.OWN, until, "", now)


def resume_self(db: Session, user_id: UUID, *, now: datetime) -> int:
    """The person takes that back; returns how many pauses ended."""
    _hold_person(db, user_id)
    return _end(db, user_id, (PauseKind.OWN,), now)


def forget_about(db: Session, user_id: UUID) -> None:
    """Somebody leaves: what was noted on them is gone; what they noted loses their name."""
    lock_for_writing(db)
    remove_listed_of(db, user_id)
    contacts, pauses = list_all_of(db, user_id)
    every: list[AttentionContact | AttentionPause] = [*contacts, *pauses]
    for one in every:
        if one.about_id == user_id:
            db.delete(one)
        else:
            one.author_id = None
    db.flush()


def forget_old_contacts(db: Session, *, now: datetime) -> int:
    """Erase contacts and pauses that are a year old; returns how many. No pause is that long."""
    lock_for_writing(db)
    found = list_old(db, now - KEPT - timedelta(days=1), AT_ONCE)
    for one in found:
        db.delete(one)
    db.flush()
    return len(found)


def _hold_person(db: Session, user_id: UUID) -> None:
    lock_for_writing(db)
    if db.get(User, user_id, with_for_update=True, populate_existing=True) is None:
        raise NotYours


def _hold(db: Session, about_id: UUID, author_id: UUID) -> None:
    # Two who speak of one person wait here for one another.
    _hold_person(db, about_id)
    author = db.get(User, author_id)
    if author is None or author_id == about_id or not author.holds(FACILITATOR):
        raise NotYours


def _pause(
    db: Session,
    about_id: UUID,
    author_id: UUID,
    kind: PauseKind,
    until: date | None,
    reason: str,
    now: datetime,
) -> AttentionPause:
    """A new one takes the place of the old one of its kind."""
    _end(db, about_id, (kind,), now)
    made = AttentionPause(
        about_id=about_id,
        author_id=author_id,
        kind=kind,
        until=until,
        reason=reason,
        made_at=now,
    )
    db.add(made)
    db.flush()
    return made


def _end(db: Session, about_id: UUID, kinds: tuple[PauseKind, ...], now: datetime) -> int:
    found = [one for one in list_living_pauses(db, [about_id]) if one.kind in kinds]
    for one in found:
        one.ended_at = now
    db.flush()
    return len(found)


def _check_until(until: date, today: date, field: str) -> None:
    if not today < until <= today + LONGEST:
        raise Refused(
            _("Choisissez un jour à venir, dans un an au plus."),
            code="wrong_until",
            field=field,
            status=422,
        )


def _checked(text: str, most: int, field: str) -> str:
    text = text.strip()
    if len(text) > most:
        raise Refused(
            _("%(length)s caractères au plus.", length=most),
            code="wrong_words",
            field=field,
            status=422,
        )
    return text
