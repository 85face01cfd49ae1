"""Joining mutual aid, its charter, one's name and mails, leaving; the forum beside a group."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.paths.models import Path
from tierslieu.clock import days
from tierslieu.community.aid.asks.queries import (
    list_empty,
    list_held,
    list_left_behind,
    list_written,
)
from tierslieu.community.aid.groups.queries import (
    Reader,
    current_charter,
    find_member,
    find_stopper,
    has_group,
    list_taken_names,
)
from tierslieu.community.aid.helping.queries import list_offers_of
from tierslieu.community.aid.models import (
    AidCharter,
    AidForum,
    AidMember,
    AidMessage,
    Notices,
)
from tierslieu.community.aid.moderation.queries import has_open_report, suspended_until
from tierslieu.community.aid.notices import take_back_notices
from tierslieu.community.aid.private import check_private
from tierslieu.community.aid.search import clear_message, renew_search
from tierslieu.community.entries.rules import check_length, wrong
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import ADMINISTRATOR, FACILITATOR, User, fold
from tierslieu.people.rules import check_name
from tierslieu.web.links import clean_url

MAX_NAME = 40  # characters of the name shown
MAX_CHARTER = 6000
HELD = days(1)  # the longest time within which messages are counted


def charter_number(db: Session) -> int:
    """The number of the charter in force; 0 for the text that comes with the place."""
    charter = current_charter(db)
    return charter.number if charter is not None else 0


def hold_person(db: Session, user_id: UUID) -> None:
    """Whatever this person does here twice at once is done one after the other."""
    lock_for_writing(db)
    db.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))


def _shown(name: str) -> str:
    name = check_name(name) if name.strip() else ""
    if not name:
        raise wrong(
            _("Écrivez le nom sous lequel on vous lira, par exemple votre prénom."),
            "name_missing",
            "shown_name",
        )
    check_private(name, "shown_name")
    return check_length(name, MAX_NAME, "shown_name")


def _check_renaming(db: Session, member: AidMember, name: str, now: datetime) -> None:
    if name != member.shown_name and suspended_until(db, member.user_id, now) is not None:
        message = _("Tant que vous n’écrivez pas ici, votre nom ne change pas.")
        raise wrong(message, "suspended", "shown_name")


def _check_free(db: Session, user_id: UUID, name: str) -> None:
    """Nobody is read under the name of somebody of the team, nor of another member."""
    if fold(name) in {fold(taken) for taken in list_taken_names(db, user_id)}:
        message = _("Quelqu’un porte déjà ce nom ici : ajoutez par exemple une initiale.")
        raise wrong(message, "name_taken", "shown_name")


def join_aid(
    db: Session,
    user_id: UUID,
    *,
    shown_name: str,
    accepts: int | None,
    notices: Notices,
    now: datetime,
) -> AidMember:
    """Agree to the charter of number ``accepts`` and be read under that name; also again, when
    the charter changed. Whoever is in no group has nothing to join: NotYours.

    Raises ``charter_missing`` (not agreed), ``charter_changed`` (another one is in force now),
    ``name_missing``, ``name_taken``, ``too_long``, ``private_email``, ``private_phone``,
    ``suspended`` (another name, while one may not write).
    """
    hold_person(db, user_id)
    person = db.get(User, user_id)
    if person is None or not (person.holds(FACILITATOR) or has_group(db, user_id)):
        raise NotYours
    if accepts is None:
        message = _("Pour entrer dans les groupes, lisez la charte et cochez que vous l’acceptez.")
        raise wrong(message, "charter_missing", "accepts")
    if accepts != charter_number(db):
        message = _("La charte vient de changer : relisez-la, puis acceptez-la.")
        raise wrong(message, "charter_changed", "accepts")
    name = _shown(shown_name)
    member = find_member(db, user_id)
    if member is not None:
        _check_renaming(db, member, name, now)
    _check_free(db, user_id, name)
    if member is None:
        member = AidMember(
            user_id=user_id, stop_key=secrets.token_urlsafe(24), joined_at=now, told_at=now
        )
        db.add(member)
    if member.accepted_at is None or member.charter_number != accepts:
        member.charter_number, member.accepted_at = accepts, now
    member.shown_name, member.notices = name, notices
    db.flush()
    return member


def change_member(
    db: Session, user_id: UUID, *, shown_name: str, notices: Notices, now: datetime
) -> AidMember:
    """Another name, other mails. Raises as :func:`join_aid`; NotYours for who did not join."""
    hold_person(db, user_id)
    member = find_member(db, user_id)
    if member is None:
        raise NotYours
    name = _shown(shown_name)
    _check_renaming(db, member, name, now)
    _check_free(db, user_id, name)
    member.shown_name = name
    if member.notices is not notices:  # what came before is no news
        member.notices, member.told_at = notices, now
    db.flush()
    return member


def stop_notices(db: Session, stop_key: str) -> AidMember:
    """No more mails for the member whose key that is. Raises NotYours for nobody's."""
    lock_for_writing(db)
    member = find_stopper(db, stop_key)
    if member is None:
        raise NotYours
    member.notices = Notices.NONE
    db.flush()
    return member


def leave_aid(
    db: Session, user_id: UUID, *, with_words: bool, now: datetime, is_final: bool = False
) -> None:
    """Leave all groups: what one wrote stays without a name, or goes (``with_words``).

    An ask that others answered keeps their answers, its own words gone. Offers of help go. The
    team's decisions stay until the account goes (``is_final``), so that nobody undoes them by
    leaving. For the same reason what was written within a day, and what somebody reported until
    the team decides, keeps its author, whose name nobody reads any more; see :func:`settle_left`.
    """
    hold_person(db, user_id)
    held = set() if is_final else list_held(db, user_id, now - HELD)
    member = find_member(db, user_id)
    if member is not None:
        db.delete(member)
    for offer in list_offers_of(db, user_id):
        db.delete(offer)
    if with_words:
        remove_words(db, user_id, now, held=held)
    else:
        for message in list_written(db, user_id):
            if message.id not in held:
                _cut(message)
    db.flush()


def _cut(message: AidMessage) -> None:
    message.author_id = None
    if message.is_first:
        message.ask.author_id = None


def remove_words(db: Session, user_id: UUID, now: datetime, *, held: Collection[UUID] = ()) -> None:
    """All this person wrote goes, with the mails about it that still wait; threads in which others
    wrote stay, for them, and are found by what is left. Of what is ``held`` the words go, but for
    reported ones, which are hidden for the team."""
    for message in list_written(db, user_id):
        ask = message.ask
        take_back_notices(db, message, now)
        if message.id in held:
            if has_open_report(db, message.id):
                message.hidden_at = message.hidden_at or now
                renew_search(db, ask)
            else:
                clear_message(db, message)
        elif not message.is_first:
            ask.messages.remove(message)
            renew_search(db, ask)
        elif all(one.author_id == user_id and one.id not in held for one in ask.messages):
            db.delete(ask)
        else:
            clear_message(db, message)
            _cut(message)
    db.flush()


def settle_left(db: Session, now: datetime, *, limit: int = 200) -> int:
    """What was held when its author left is held no more: it stays without a name, or goes if it
    is hidden or empty; so do asks that were taken back. Gives how many."""
    left = list_left_behind(db, now - HELD, limit=limit)
    for message in left:
        if message.hidden_at is not None:
            message.hidden_at = None
            clear_message(db, message)
        _cut(message)
    db.flush()
    empty = list_empty(db, now - HELD, limit=limit)
    for ask in empty:
        db.delete(ask)
    db.flush()
    return len(left) + len(empty)


def publish_charter(db: Session, actor_id: UUID, text: str, *, seen: int, now: datetime) -> None:
    """A new charter, which everybody is asked to agree to before they write again.

    ``seen``: the number of the one that was before the writer's eyes. Raises ``text_missing``,
    ``too_long``, ``same_text`` or ``changed_meanwhile``; NotYours but for facilitators and
    administrators.
    """
    lock_for_writing(db)
    person = db.get(User, actor_id)
    if person is None or not person.holds(FACILITATOR, ADMINISTRATOR):
        raise NotYours
    current = current_charter(db)
    text = check_length(text, MAX_CHARTER, "text")
    if not text:
        raise wrong(_("Écrivez le texte de la charte."), "text_missing", "text")
    if seen != (current.number if current else 0):
        raise Refused(
            _(
                "Quelqu’un a publié une autre charte pendant que vous écriviez. Lisez-la dans un "
                "autre onglet, reprenez ce qui a changé, puis publiez de nouveau."
            ),
            code="changed_meanwhile",
        )
    if current is not None and current.text == text:
        message = _("Ce texte est celui de la charte : rien n’a changé.")
        raise wrong(message, "same_text", "text")
    number = current.number + 1 if current else 1
    db.add(AidCharter(number=number, text=text, published_at=now, published_by_id=actor_id))
    db.flush()


def set_forum(db: Session, reader: Reader, path_id: UUID, url: str) -> None:
    """Say where the forum of a path is (empty: none). Raises ``bad_link``; for the team."""
    lock_for_writing(db)
    if not reader.is_team or db.get(Path, path_id) is None:
        raise NotYours
    link = clean_url(url)
    told = db.get(AidForum, path_id)
    if told is None:
        db.add(AidForum(path_id=path_id, url=link))
    else:
        told.url = link
    db.flush()
