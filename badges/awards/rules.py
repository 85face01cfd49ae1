"""Awarding, revoking, sharing.

An award is prepared first (criteria checked, credential signed: milliseconds of arithmetic), then
recorded under the write lock, where what could have changed meanwhile is looked at again.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from badges.awards import issuing
from badges.awards.criteria import Assessment, assess
from badges.awards.keys import Signer, load_list_signer, new_status_list
from badges.awards.models import Award, Sharing, StatusList
from badges.awards.queries import find_session, is_index_taken, list_people, list_standing
from badges.designs.models import BadgeClass
from badges.designs.queries import get_badge
from badges.designs.rules import freeze_badge
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.house import House
from tierslieu.mail.rules import write_mail
from tierslieu.people.models import User
from tierslieu.settings import Settings


@dataclass
class Outcome:
    """What came of awarding to several people: the awards, and each refusal with its sentence."""

    awards: list[Award] = field(default_factory=list)
    refused: list[tuple[UUID, Refused]] = field(default_factory=list)


def award(
    db: Session,
    badge_id: UUID,
    user_id: UUID,
    signer: Signer,
    *,
    house: House,
    now: datetime,
    actor_id: UUID | None,
    session_id: UUID | None = None,
    grounds: Sequence[str] = (),
) -> Award:
    """Award a badge to somebody who meets its criteria. ``grounds``: said beside those computed.

    Raises :class:`Refused`: ``criteria_unmet`` (the sentence says what is missing),
    ``already_held``, ``own_award``, ``badge_archived``, ``no_account``.
    """
    outcome = award_many(
        db,
        badge_id,
        [user_id],
        signer,
        house=house,
        now=now,
        actor_id=actor_id,
        session_id=session_id,
        grounds=grounds,
    )
    for _user_id, refusal in outcome.refused:
        raise refusal
    return outcome.awards[0]


def award_many(
    db: Session,
    badge_id: UUID,
    user_ids: Sequence[UUID],
    signer: Signer,
    *,
    house: House,
    now: datetime,
    actor_id: UUID | None,
    session_id: UUID | None = None,
    grounds: Sequence[str] = (),
) -> Outcome:
    """Award a badge to those of these people who may have it; the others are refused by name.

    Raises :class:`NotYours` for an unknown badge or session, :class:`Refused` for an archived
    badge.
    """
    badge = get_badge(db, badge_id)
    if badge is None or (session_id is not None and find_session(db, session_id) is None):
        raise NotYours()
    if badge.archived_at is not None:
        raise Refused(_("Ce badge est archivé : il n’est plus attribué."), code="badge_archived")
    outcome = Outcome()
    wanted = list(dict.fromkeys(user_ids))
    people = {user.id: user for user in list_people(db, wanted)}
    held = list_standing(db, badge_id, wanted)
    found = assess(db, badge, wanted, house, session_id=session_id)
    drafts = []
    for user_id in wanted:
        refusal = _refusal(people.get(user_id), user_id in held, found[user_id], actor_id)
        if refusal is not None:
            outcome.refused.append((user_id, refusal))
            continue
        drafts.append(
            _sign(
                db,
                badge,
                people[user_id],
                signer,
                now=now,
                actor_id=actor_id,
                session_id=session_id,
                grounds=[*found[user_id].met, *grounds],
            )
        )
    _record(db, badge_id, drafts, outcome, now=now)
    return outcome


def _refusal(
    person: User | None, holds_it: bool, found: Assessment, actor_id: UUID | None
) -> Refused | None:
    if person is None or not person.active:
        return Refused(_("Cette personne n’a pas de compte ouvert."), code="no_account")
    if person.id == actor_id:
        return Refused(
            _("On ne s’attribue pas un badge à soi-même : demandez à quelqu’un de l’équipe."),
            code="own_award",
        )
    if holds_it:
        return _already_held(person.name)
    if not found.qualifies:
        return Refused(
            _(
                "%(name)s ne remplit pas encore les critères : %(missing)s.",
                name=person.name,
                missing=" ; ".join(found.missing),
            ),
            code="criteria_unmet",
        )
    return None


def _already_held(name: str) -> Refused:
    return Refused(_("%(name)s a déjà ce badge.", name=name), code="already_held")


def _sign(
    db: Session,
    badge: BadgeClass,
    person: User,
    signer: Signer,
    *,
    now: datetime,
    actor_id: UUID | None,
    session_id: UUID | None,
    grounds: Sequence[str],
) -> Award:
    """The award, signed, not yet in the database."""
    place = issuing.pick_place(db)
    award_id = uuid.uuid4()
    valid_from = now.replace(microsecond=0)
    months = badge.valid_months
    valid_until = issuing.add_months(valid_from, months) if months else None
    text = issuing.sign_award(
        signer,
        badge,
        person,
        award_id=award_id,
        place=place,
        grounds=grounds,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    return Award(
        id=award_id,
        badge_id=badge.id,
        user_id=person.id,
        holder_name=person.name,
        session_id=session_id,
        awarded_at=valid_from,
        awarded_by_id=actor_id,
        valid_until=valid_until,
        grounds=list(grounds),
        status_list_id=place.list_id,
        status_index=place.index,
        signing_key_id=signer.key_id,
        credential=text,
    )


def _record(
    db: Session, badge_id: UUID, drafts: Sequence[Award], outcome: Outcome, *, now: datetime
) -> None:
    if not drafts:
        return
    lock_for_writing(db)
    ids = sorted(draft.user_id for draft in drafts if draft.user_id is not None)
    # The people, in one order: two who award the same badge at once go one after the other.
    people = {
        user.id: user
        for user in db.scalars(
            select(User)
            .where(User.id.in_(ids))
            .order_by(User.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    }
    badge = db.get(BadgeClass, badge_id, populate_existing=True)
    if badge is None or badge.archived_at is not None:
        raise Refused(_("Ce badge est archivé : il n’est plus attribué."), code="badge_archived")
    held = list_standing(db, badge_id, ids)
    for draft in drafts:
        person = people.get(draft.user_id) if draft.user_id else None
        if person is None or not person.active:
            gone = Refused(_("Cette personne n’a pas de compte ouvert."), code="no_account")
            outcome.refused.append((draft.user_id or badge_id, gone))
            continue
        if person.id in held:
            outcome.refused.append((person.id, _already_held(person.name)))
            continue
        _insert(db, draft, person, now)
        write_mail(
            db,
            person.email,
            "awards_awarded",
            {"name": person.name, "badge": badge.name, "slug": badge.slug, "award": str(draft.id)},
            now=now,
            due_key=f"award:{draft.id}",
        )
        outcome.awards.append(draft)
    if outcome.awards:
        freeze_badge(badge, now=now)
    db.flush()


def _insert(db: Session, draft: Award, person: User, now: datetime) -> None:
    if db.get(StatusList, draft.status_list_id) is None:
        db.add(new_status_list(draft.status_list_id, now, draft.signing_key_id))
        db.flush()
    if is_index_taken(db, draft.status_list_id, draft.status_index):
        # One chance in a hundred thousand while two award at once: the signature names the bit.
        raise Refused(
            _("Deux attributions se sont croisées : recommencez, rien n’a été écrit."),
            code="try_again",
        )
    name = person.name  # not to be read again once the flush has failed
    db.add(draft)
    try:
        db.flush()
    except IntegrityError as error:
        told = str(error.orig)  # PostgreSQL names the index, SQLite its columns
        if "uq_award_standing" not in told and "award.badge_id, award.user_id" not in told:
            raise
        raise _already_held(name) from error


def revoke(
    db: Session, award_id: UUID, *, reason: str, now: datetime, actor_id: UUID | None
) -> Award:
    """Withdraw an award, with the reason its holder will read.

    The credential stays as it is; its bit in the status list says it.

    Raises :class:`Refused`: ``reason_missing``, ``already_revoked``; :class:`NotYours`.
    """
    reason = reason.strip()
    if not reason:
        raise Refused(
            _("Dites pourquoi : la personne lira cette raison."),
            code="reason_missing",
            field="reason",
            status=422,
        )
    lock_for_writing(db)
    found = db.get(Award, award_id, with_for_update={"of": Award}, populate_existing=True)
    if found is None:
        raise NotYours()
    if found.revoked_at is not None:
        raise Refused(_("Ce badge est déjà retiré."), code="already_revoked")
    found.revoked_at, found.revoked_by_id, found.revocation_reason = now, actor_id, reason
    listing = db.get_one(
        StatusList, found.status_list_id, with_for_update=True, populate_existing=True
    )
    listing.bits = issuing.with_bit(listing.bits, found.status_index)
    listing.changed_at = max(now, listing.changed_at)
    listing.credential = ""  # to be signed anew, outside this transaction
    holder = db.get(User, found.user_id) if found.user_id else None
    if holder is not None:
        write_mail(
            db,
            holder.email,
            "awards_revoked",
            {
                "name": holder.name,
                "badge": found.badge.name,
                "reason": reason,
                "award": str(found.id),
            },
            now=now,
            due_key=f"revocation:{found.id}",
        )
    db.flush()
    return found


def publish_status_list(db: Session, list_id: int, settings: Settings) -> str:
    """The signed list as it stands, kept for the next who asks; signed before the write lock.

    The same bits and date always give the same text, so two who publish at once agree.
    Raises :class:`KeyUnreadable`: the list is then signed when it is asked for.
    """
    listing = db.get(StatusList, list_id)
    if listing is None:
        raise NotYours()
    if listing.credential:
        return listing.credential
    signer = load_list_signer(db, settings, listing)
    text, bits = issuing.sign_status_list(signer, listing), listing.bits
    lock_for_writing(db)
    fresh = db.get_one(StatusList, list_id, with_for_update=True, populate_existing=True)
    if fresh.bits == bits:
        fresh.credential = text
    db.flush()
    return text


def share(
    db: Session,
    award_id: UUID,
    user_id: UUID,
    *,
    now: datetime,
    sharing: Sharing = Sharing.LINK,
) -> Award:
    """Its holder opens the page to whoever has the address, or shows it to everybody.

    Raises :class:`NotYours`; :class:`Refused` ``nameless``: a badge signed without a name is not
    shown under one.
    """
    found = _own(db, award_id, user_id)
    if sharing is Sharing.PUBLIC and not found.is_named:
        raise Refused(
            _(
                "Ce badge est signé sans votre nom ; votre page publique le porte. Partagez-le par "
                "une adresse, ou faites-le signer de nouveau avec votre nom."
            ),
            code="nameless",
        )
    found.sharing, found.shared_at = sharing, (found.shared_at or now) if sharing.is_open else None
    db.flush()
    return found


def stop_sharing(db: Session, award_id: UUID, user_id: UUID) -> Award:
    """Its holder closes the page again; files already handed out stay verifiable."""
    found = _own(db, award_id, user_id)
    found.sharing, found.shared_at = Sharing.PRIVATE, None
    db.flush()
    return found


def _own(db: Session, award_id: UUID, user_id: UUID) -> Award:
    lock_for_writing(db)
    found = db.get(Award, award_id, with_for_update={"of": Award}, populate_existing=True)
    if found is None or found.user_id != user_id or not found.credential:
        raise NotYours()
    return found


def erase_holder(db: Session, user_id: UUID) -> None:
    """Forget who holds these awards: name, credential, grounds. The bits stay as they are, so
    that files in the person's own hands verify as before."""
    for found in db.scalars(select(Award).where(Award.user_id == user_id).order_by(Award.id)):
        found.user_id, found.holder_name, found.credential = None, "", ""
        found.grounds, found.revocation_reason = [], ""
        found.sharing, found.shared_at = Sharing.PRIVATE, None
    db.flush()
