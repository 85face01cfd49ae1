"""Awarding, revoking, sharing.

An award is prepared first (criteria checked, credential signed: milliseconds of arithmetic), then
recorded under the write lock, where what could have changed meanwhile is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from badges.awards import issuing, judging
from badges.awards.acts import note_award
from badges.awards.candidate_queries import find_session, list_people
from badges.awards.criteria import Assessment, assess
from badges.awards.facts import Judgements
from badges.awards.forgetting import forget_holder
from badges.awards.keys import Signer, load_list_signer
from badges.awards.making import (
    Recipient,
    already_held,
    draft_awards,
    no_account,
    not_automatic,
    record_awards,
    remember,
)
from badges.awards.models import Award, Sharing, StatusList
from badges.awards.renewals.queries import Standing
from badges.awards.renewals.rules import find_holders
from badges.designs.models import BadgeClass
from badges.designs.queries import get_badge
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.house import House
from tierslieu.logbook.acts import Act
from tierslieu.mail.rules import write_mail
from tierslieu.people.models import User
from tierslieu.people.queries import list_own_addresses
from tierslieu.settings import Settings
from tierslieu.web.languages import MAIN, current, speaking


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
    judgements: Judgements | None = None,
) -> Award:
    """Award a badge to somebody who meets its criteria; one that ends soon or is over is renewed.

    ``grounds``: said beside those computed;
    ``judgements``: what the facilitator states where the badge asks for it.

    Raises :class:`Refused`: ``criteria_unmet`` (the sentence says what is missing),
    ``already_held``, ``own_award``, ``badge_archived``, ``no_account``, and as
    :func:`~badges.awards.judging.check_judgement`.
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
        judgements=judgements,
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
    judgements: Judgements | None = None,
    is_automatic: bool = False,
) -> Outcome:
    """Award a badge to those of these people who may have it; the others are refused by name.

    ``is_automatic``: nobody read it over; refused where the badge does not say so.

    Raises :class:`NotYours` for an unknown badge or session, :class:`Refused` for an archived
    badge.
    """
    badge = get_badge(db, badge_id)
    if badge is None or (session_id is not None and find_session(db, session_id) is None):
        raise NotYours()
    if badge.archived_at is not None:
        raise Refused(_("Ce badge est archivé : il n’est plus attribué."), code="badge_archived")
    if is_automatic and not badge.automatic:
        raise not_automatic()
    outcome = Outcome()
    wanted = list(dict.fromkeys(user_ids))
    people = {user.id: user for user in list_people(db, wanted)}
    holders = find_holders(db, badge_id, wanted, now)
    found = assess(db, badge, wanted, house, session_id=session_id, judgements=judgements, now=now)
    written = found
    if current() != MAIN:  # what is signed is in the language of the place, whoever awards it
        with speaking(MAIN):
            written = assess(
                db, badge, wanted, house, session_id=session_id, judgements=judgements, now=now
            )
    recipients = []
    for user_id in wanted:
        hindered = holders.hinders(user_id, is_automatic=is_automatic)
        held = holders.held.get(user_id)
        refusal = _refusal(people.get(user_id), hindered, held, found[user_id], actor_id)
        if refusal is not None:
            outcome.refused.append((user_id, refusal))
            continue
        person = people[user_id]
        grounded = [*written[user_id].met, *grounds]
        stated = judging.judged(badge, (judgements or {}).get(user_id, {}))
        try:
            judging.check_room(db, person, (judgement for _asked, judgement in stated))
        except Refused as refused:
            outcome.refused.append((user_id, refused))
            continue
        kept = judging.keep(stated, user_id, now)
        recipients.append(Recipient(user_id, person.email, person.name, grounded, kept))
    if recipients:
        told = remember(badge, signer)
        drafts = draft_awards(
            db,
            badge,
            recipients,
            signer,
            now=now,
            actor_id=actor_id,
            session_id=session_id,
            is_automatic=is_automatic,
        )
        _record(db, badge_id, drafts, outcome, told=told, now=now)
    return outcome


def _refusal(
    person: User | None,
    holds_it: bool,
    held: Standing | None,
    found: Assessment,
    actor_id: UUID | None,
) -> Refused | None:
    if person is None or not person.active:
        return no_account()
    if person.id == actor_id:
        return Refused(
            _("On ne s’attribue pas un badge à soi-même : demandez à quelqu’un de l’équipe."),
            code="own_award",
        )
    if holds_it:
        return already_held(person.name, held)
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


def _record(
    db: Session,
    badge_id: UUID,
    drafts: Sequence[Award],
    outcome: Outcome,
    *,
    told: Callable[[BadgeClass], bool],
    now: datetime,
) -> None:
    refused = record_awards(db, badge_id, drafts, told=told, now=now)
    for draft in drafts:
        refusal = refused.get(draft.id)
        if refusal is None:
            outcome.awards.append(draft)
            if not draft.is_automatic:
                note_award(db, Act.BADGE_AWARDED, draft, now=now, actor_id=draft.awarded_by_id)
        elif refusal.code == "try_again":
            raise refusal
        elif draft.user_id is not None:
            outcome.refused.append((draft.user_id, refusal))


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
    address = holder.email if holder is not None else found.recipient_email
    # An award that waited is withdrawn: it waits no more, and the address has no use here.
    found.recipient_email = found.claim_token = None
    if address is not None:
        write_mail(
            db,
            address,
            "awards_revoked",
            {
                "name": holder.name if holder is not None else found.holder_name,
                "is_account": holder is not None,
                "badge": found.badge.name,
                "reason": reason,
                "award": str(found.id),
            },
            now=now,
            due_key=f"revocation:{found.id}",
        )
    db.flush()
    note_award(db, Act.BADGE_REVOKED, found, now=now, actor_id=actor_id, words=reason)
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
    """Forget who holds these awards: name, credential, grounds, judgements. The bits stay as they
    are, so that files in the person's own hands verify as before. What waits at their address goes
    too."""
    own = list_own_addresses(db, user_id)
    address = select(User.email).where(User.id == user_id).scalar_subquery()
    theirs = or_(
        Award.user_id == user_id, Award.recipient_email == address, Award.recipient_email.in_(own)
    )
    for found in db.scalars(select(Award).where(theirs).order_by(Award.id)):
        forget_holder(found)
    db.flush()
