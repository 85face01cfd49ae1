"""Offering a badge to a wallet and handing it over, bound to the wallet's key.

OpenID4VCI 1.0, section 3.5: the holder, signed in here, authorises beforehand; the wallet shows the
offer's code and the digits its holder typed, receives a token, and proves that it holds the key.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from badges.awards.keys import Signer
from badges.awards.models import Award
from badges.awards.queries import find_own_award
from badges.awards.recipients import sign_for_key
from badges.wallets.models import WalletOffer
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import User

VALIDITY = timedelta(minutes=10)
MOST_TRIES = 5


class Declined(Exception):
    """A wallet is told no, with the code that its protocol has for it."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description


@dataclass(frozen=True)
class Offered:
    """A new offer: what its address holds, and what its holder types in the wallet."""

    offer: WalletOffer
    secret: str
    pin: str


def hash_secret(secret: str) -> str:
    """A secret as it is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def code_of(secret: str) -> str:
    """The pre-authorised code of the offer with this secret."""
    return hmac.new(secret.encode(), b"pre-authorized_code", hashlib.sha256).hexdigest()


def offer_badge(
    db: Session, award_id: UUID, person: User, *, with_name: bool, now: datetime
) -> Offered:
    """Offer a standing badge of this person's own; an earlier offer of it ends.

    Raises :class:`NotYours`; :class:`Refused` ``revoked``.
    """
    person_id = person.id
    lock_for_writing(db)
    award = find_own_award(db, person, award_id)
    if award is None or not award.credential:
        raise NotYours()
    if award.revoked_at is not None:
        raise Refused(_("Ce badge a été retiré : il n’est plus signé."), code="revoked", status=410)
    db.execute(delete(WalletOffer).where(WalletOffer.award_id == award_id))
    secret, pin = secrets.token_urlsafe(24), f"{secrets.randbelow(1_000_000):06d}"
    offer = WalletOffer(
        award_id=award_id,
        user_id=person_id,
        with_name=with_name,
        secret_hash=hash_secret(code_of(secret)),
        pin_hash=hash_pin(code_of(secret), pin),
        created_at=now,
    )
    db.add(offer)
    db.flush()
    return Offered(offer, secret, pin)


def find_offer(db: Session, code: str, now: datetime) -> WalletOffer | None:
    """The offer with this code, until it is used or over; how often it was tried is for who takes
    the digits to look at, under the lock."""
    return db.scalar(
        select(WalletOffer).where(
            WalletOffer.secret_hash == hash_secret(code),
            WalletOffer.created_at > now - VALIDITY,
            WalletOffer.used_at.is_(None),
        )
    )


def exchange_code(db: Session, code: str, pin: str, *, now: datetime) -> tuple[str | None, str]:
    """A token for the code and the digits; the code serves once.

    Gives the token and ``""``, or None and why not: a wrong try is counted, and the caller commits
    it. After five the offer is over.
    """
    lock_for_writing(db)
    offer = find_offer(db, code, now)
    if offer is None or offer.token_hash is not None:
        return None, "the code is unknown, spent or over"
    db.refresh(offer, with_for_update=True)
    # Looked at again under the lock: those who came at once waited for it one after the other.
    if offer.token_hash is not None or offer.tries >= MOST_TRIES:
        return None, "the code is spent"
    if not hmac.compare_digest(offer.pin_hash, hash_pin(code, pin)):
        offer.tries += 1
        db.flush()
        return None, "the digits are wrong"
    token = secrets.token_urlsafe(32)
    offer.token_hash = hash_secret(token)
    db.flush()
    return token, ""


def hash_pin(code: str, pin: str) -> str:
    """The digits as they are kept: with the offer's code, so that no table of them helps."""
    return hash_secret(f"{pin.strip()}:{code}")


def find_granted(db: Session, token: str, now: datetime) -> WalletOffer:
    """The offer this token was given for. Raises :class:`Declined` ``invalid_token``."""
    offer = db.scalar(
        select(WalletOffer).where(
            WalletOffer.token_hash == hash_secret(token),
            WalletOffer.created_at > now - VALIDITY,
            WalletOffer.used_at.is_(None),
        )
    )
    if offer is None:
        raise Declined("invalid_token", "the token is unknown, spent or over")
    return offer


def hand_over(
    db: Session, offer_id: UUID, public_key: str, signer: Signer, *, now: datetime
) -> Award:
    """Sign the badge for the wallet's key, and end the offer.

    ``public_key``: a multikey whose possession was proved. Raises :class:`Declined`,
    :class:`Refused`, :class:`NotYours`.
    """
    offer = db.get(WalletOffer, offer_id)
    person = db.get(User, offer.user_id) if offer else None
    if offer is None or person is None or not person.active:
        raise Declined("credential_request_denied", "the offer is over")
    award = sign_for_key(
        db,
        offer.award_id,
        person,
        public_key,
        signer,
        with_name=offer.with_name,
        may_reuse=True,
        now=now,
    )
    fresh = db.get(WalletOffer, offer_id, with_for_update=True, populate_existing=True)
    if fresh is None or fresh.used_at is not None:
        raise Declined("credential_request_denied", "the offer is over")
    fresh.used_at = now
    db.flush()
    return award


def forget_over(db: Session, now: datetime) -> int:
    """Forget offers of which nothing can come any more; gives how many."""
    done = db.execute(delete(WalletOffer).where(WalletOffer.created_at < now - timedelta(days=1)))
    return int(getattr(done, "rowcount", 0))


def erase(db: Session, user_id: UUID) -> None:
    """Forget this person's offers."""
    db.execute(delete(WalletOffer).where(WalletOffer.user_id == user_id))
