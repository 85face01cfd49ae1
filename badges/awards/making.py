"""Making awards, one or a hundred: signed first, then written under the lock, all in a few queries.

Signing is arithmetic and holds no lock; what could have changed meanwhile is looked at again when
the rows are written.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from badges.awards import issuing, judging
from badges.awards.keys import Signer, new_status_list
from badges.awards.models import Award, AwardJudgement, StatusList
from badges.awards.queries import list_taken, suspension_list
from badges.awards.renewals.queries import Standing
from badges.awards.renewals.rules import Holders, find_addresses, find_holders, renew
from badges.awards.waiting.queries import remove_given
from badges.designs.documents import achievement_of
from badges.designs.models import BadgeClass
from badges.designs.queries import get_badge
from badges.designs.rules import freeze_badge
from badges.engine.credentials import StatusPurpose
from tierslieu.among import is_among
from tierslieu.db import lock_for_writing
from tierslieu.errors import Refused
from tierslieu.mail.rules import Letter, write_mails
from tierslieu.mail.words import in_each
from tierslieu.people.models import User
from tierslieu.web.formats import long_day


@dataclass(frozen=True)
class Recipient:
    """Who is to receive a badge, on what grounds. Without ``user_id``, it waits at ``email``."""

    user_id: UUID | None
    email: str
    name: str
    grounds: Sequence[str]
    judgements: list[AwardJudgement] = field(default_factory=list)


def remember(badge: BadgeClass, signer: Signer) -> Callable[[BadgeClass], bool]:
    """Remembers what a credential signed now says of the badge; asked later, whether it still
    does."""

    def said(now: BadgeClass) -> object:
        return achievement_of(now, signer.base_url), now.valid_months, now.suspendable

    facts = said(badge)
    return lambda now: facts == said(now)


def draft_awards(
    db: Session,
    badge: BadgeClass,
    recipients: Sequence[Recipient],
    signer: Signer,
    *,
    now: datetime,
    actor_id: UUID | None,
    session_id: UUID | None = None,
    is_automatic: bool = False,
) -> list[Award]:
    """The awards of these people, signed, not yet in the database; in the same order.

    ``is_automatic``: nobody read them over.
    """
    valid_from = now.replace(microsecond=0)
    months = badge.valid_months
    valid_until = issuing.add_months(valid_from, months) if months else None
    facts = [
        issuing.Particulars(
            award_id=uuid.uuid4(),
            place=place,
            email=recipient.email,
            name=recipient.name,
            grounds=recipient.grounds,
            evidence=judging.publish(recipient.judgements),
            valid_from=valid_from,
            valid_until=valid_until,
        )
        for recipient, place in zip(
            recipients, issuing.pick_places(db, len(recipients)), strict=True
        )
    ]
    texts = issuing.sign_awards(signer, badge, facts)
    return [
        Award(
            id=fact.award_id,
            badge_id=badge.id,
            user_id=recipient.user_id,
            recipient_email=None if recipient.user_id else recipient.email,
            claim_token=None if recipient.user_id else secrets.token_urlsafe(24),
            holder_name=recipient.name,
            session_id=session_id,
            awarded_at=valid_from,
            awarded_by_id=actor_id,
            valid_until=valid_until,
            grounds=list(recipient.grounds),
            status_list_id=fact.place.list_id,
            status_index=fact.place.index,
            signing_key_id=signer.key_id,
            credential=text,
            judgements=recipient.judgements,
            is_automatic=is_automatic,
        )
        for recipient, fact, text in zip(recipients, facts, texts, strict=True)
    ]


def record_awards(
    db: Session,
    badge_id: UUID,
    drafts: Sequence[Award],
    *,
    told: Callable[[BadgeClass], bool],
    now: datetime,
) -> dict[UUID, Refused]:
    """Write those that may be written, each with its mail; gives the refusal of each other, by id.

    ``told``: what :func:`remember` gave before they were signed.

    A refusal is ``no_account``, ``already_held``, or ``try_again``: another award took the same
    bit, which the signature names. Raises :class:`Refused`: ``badge_archived``, ``not_automatic``;
    ``try_again`` when the badge changed while it was signed; ``try_again`` and ``already_held``
    when two writers met in the database itself, with nothing to be kept.
    """
    lock_for_writing(db)
    people = _lock_people(db, drafts)
    badge = get_badge(db, badge_id, locked=True)
    if badge is not None and not told(badge):
        raise Refused(
            _(
                "Ce badge vient d’être modifié par quelqu’un d’autre : relisez-le et recommencez, "
                "rien n’a été écrit."
            ),
            code="try_again",
        )
    if badge is None or badge.archived_at is not None:
        raise Refused(_("Ce badge est archivé : il n’est plus attribué."), code="badge_archived")
    if not badge.automatic and any(draft.is_automatic for draft in drafts):
        raise not_automatic()
    held = find_holders(db, badge_id, list(people), now)
    addresses = [draft.recipient_email for draft in drafts if draft.recipient_email]
    waiting = find_addresses(db, badge_id, addresses, now)
    taken = _taken_places(db, drafts)
    refused: dict[UUID, Refused] = {}
    for draft in drafts:
        refusal = _look_again(draft, people, held, waiting, taken)
        if refusal is not None:
            refused[draft.id] = refusal
    made = [draft for draft in drafts if draft.id not in refused]
    names = [people[draft.user_id].name if draft.user_id else "" for draft in made]
    if made:
        if not renew(db, [(d, _renewed(d, held, waiting)) for d in made], now=now):
            raise _try_again()
        letters = [_letter(draft, badge, people) for draft in made]
        freeze_badge(badge, now=now)
        _insert(db, made, names, badge.suspendable, now)
        remove_given(db, badge_id, [draft.user_id for draft in made if draft.user_id])
        write_mails(db, letters, now=now)
    return refused


def already_held(name: str, held: Standing | None = None) -> Refused:
    """Somebody has this badge; ``name`` empty where an address is all that is known. ``held``
    says from when it can be renewed."""
    if not name:
        return Refused(
            _("Ce badge est déjà à cette adresse : on ne le reçoit qu’une fois."),
            code="already_held",
        )
    if held is not None and held.renewable_from is not None:
        words = _(
            "%(name)s a déjà ce badge : il pourra être renouvelé à partir du %(day)s.",
            name=name,
            day=long_day(held.renewable_from),
        )
        return Refused(words, code="already_held")
    return Refused(_("%(name)s a déjà ce badge.", name=name), code="already_held")


def no_account() -> Refused:
    """Whoever it was has closed the account."""
    return Refused(_("Cette personne n’a pas de compte ouvert."), code="no_account")


def not_automatic() -> Refused:
    """This badge does not say that it is awarded without being read over."""
    return Refused(
        _("Ce badge n’est attribué qu’après relecture par l’équipe."), code="not_automatic"
    )


def _try_again() -> Refused:
    # One chance in a hundred thousand while two award at once: the signature names the bit.
    return Refused(
        _("Deux attributions se sont croisées : recommencez, rien n’a été écrit."),
        code="try_again",
    )


def _lock_people(db: Session, drafts: Sequence[Award]) -> dict[UUID, User]:
    """The people, in one order: two who award the same badge at once go one after the other."""
    ids = sorted(draft.user_id for draft in drafts if draft.user_id is not None)
    found = db.scalars(
        select(User)
        .where(is_among(User.id, ids))
        .order_by(User.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {user.id: user for user in found}


def _taken_places(db: Session, drafts: Sequence[Award]) -> set[tuple[int, int]]:
    taken = set()
    for list_id in sorted({draft.status_list_id for draft in drafts}):
        indexes = [draft.status_index for draft in drafts if draft.status_list_id == list_id]
        taken |= {(list_id, index) for index in list_taken(db, list_id, indexes)}
    return taken


def _look_again(
    draft: Award,
    people: dict[UUID, User],
    held: Holders[UUID],
    waiting: Holders[str],
    taken: set[tuple[int, int]],
) -> Refused | None:
    if draft.user_id is None:
        assert draft.recipient_email is not None
        if waiting.hinders(draft.recipient_email, is_automatic=draft.is_automatic):
            return already_held("")
    else:
        person = people.get(draft.user_id)
        if person is None or not person.active:
            return no_account()
        if held.hinders(person.id, is_automatic=draft.is_automatic):
            return already_held(person.name, held.held.get(person.id))
    return _try_again() if (draft.status_list_id, draft.status_index) in taken else None


def _renewed(draft: Award, held: Holders[UUID], waiting: Holders[str]) -> list[Standing]:
    """What this award renews: of who has an account all they have of this badge; at an address,
    what waits there. What its account holds is renewed when the award becomes that account's."""
    if draft.user_id is not None:
        return held.renewable.get(draft.user_id, [])
    found = waiting.renewable.get(draft.recipient_email or "", [])
    return [standing for standing in found if standing.waits]


def _letter(draft: Award, badge: BadgeClass, people: dict[UUID, User]) -> Letter:
    about = {"badge": badge.name, "slug": badge.slug}
    key = f"award:{draft.id}"
    if draft.user_id is None:
        assert draft.recipient_email is not None
        context = {"name": draft.holder_name, "token": draft.claim_token, **about}
        return Letter(draft.recipient_email, "awards_waiting", context, key)
    person = people[draft.user_id]
    context = {"name": person.name, "award": str(draft.id), **about}
    if draft.renews_id is None:
        return Letter(person.email, "awards_awarded", context, key)
    until = draft.valid_until
    context["until"] = in_each(lambda: long_day(until)) if until else ""
    return Letter(person.email, "awards_renewed", context, key)


def open_lists(db: Session, lists: Mapping[int, UUID], *, suspendable: bool, now: datetime) -> None:
    """Begin those of these status lists that are not there, each under its key; with their twins
    for suspensions where awards can be suspended."""
    asked: dict[int, tuple[UUID, StatusPurpose]] = {
        number: (key_id, "revocation") for number, key_id in lists.items()
    }
    if suspendable:
        twins = {suspension_list(number): key_id for number, key_id in lists.items()}
        asked |= {number: (key_id, "suspension") for number, key_id in twins.items()}
    known = set(db.scalars(select(StatusList.id).where(StatusList.id.in_(sorted(asked)))))
    for number, (key_id, purpose) in sorted(asked.items()):
        if number not in known:
            db.add(new_status_list(number, now, key_id, purpose))
    db.flush()


def _insert(
    db: Session, made: Sequence[Award], names: Sequence[str], suspendable: bool, now: datetime
) -> None:
    lists = {draft.status_list_id: draft.signing_key_id for draft in made}
    try:
        open_lists(db, lists, suspendable=suspendable, now=now)
        db.add_all(made)
        db.flush()
    except IntegrityError as error:
        told = str(error.orig)  # PostgreSQL names the index, SQLite its columns
        if "uq_award_standing" in told or "award.badge_id, award.user_id" in told:
            raise already_held(names[0] if len(names) == 1 else "") from error
        if "uq_award_waiting" in told or "award.badge_id, award.recipient_email" in told:
            raise already_held("") from error
        if "status_list" in told:
            raise _try_again() from error
        raise
