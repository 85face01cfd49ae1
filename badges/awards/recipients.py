"""To whom a badge says it was given: a salted hash of an address, or a key of its holder's.

Its holder may have it signed again: for today's address, or for a key made for this badge alone.
The facts stay, and so does the address of its page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from badges.awards.issuing import Place, pick_places, status_entries, to_text, with_bit
from badges.awards.keys import Signer
from badges.awards.making import open_lists
from badges.awards.models import Award, FormerPlace, Sharing, StatusList
from badges.awards.queries import find_own_award, list_taken
from badges.engine import proofs
from badges.engine.credentials import Recipient
from badges.engine.errors import EngineError
from badges.engine.publickeys import PublicKey
from badges.engine.recipients import compare
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import User

Subject = dict[str, Any]


@dataclass(frozen=True)
class Named:
    """What a credential says of its holder. ``did``: their key, if it is bound to one."""

    did: str | None
    is_by_address: bool
    is_by_name: bool


def read_recipient(award: Award) -> Named:
    """To whom this award's credential says it was given."""
    subject = _subject(json.loads(award.credential)) if award.credential else {}
    kinds = {identity.get("identityType") for identity in _identities(subject)}
    return Named(subject.get("id"), "emailAddress" in kinds, "name" in kinds)


def is_for(award: Award, addresses: Sequence[str]) -> bool:
    """Whether the credential is made out to one of these addresses."""
    return compare(json.loads(award.credential), addresses) == "same"


def sign_for_address(
    db: Session, award_id: UUID, person: User, signer: Signer, *, now: datetime
) -> Award:
    """The same badge, made out to the person's present address.

    A file made out to an earlier address stays valid: it says nothing wrong. One bound to a key
    is withdrawn, so that no two holders of the same badge can be shown.

    Raises :class:`NotYours`; :class:`Refused`: ``revoked``, ``same_recipient``, ``try_again``.
    """
    address, name = person.email, person.name
    own = _own(db, award_id, person)
    if is_for(own, [address]):
        raise Refused(_("Ce badge est déjà signé pour cette adresse."), code="same_recipient")

    def change(subject: Subject) -> bool:
        had_key = subject.pop("id", None) is not None
        others = [i for i in _identities(subject) if i.get("identityType") != "emailAddress"]
        subject["identifier"] = [Recipient.from_email(address).to_json(), *others]
        if had_key and not others and name:
            subject["identifier"].append(_name_of(own.holder_name or name))
        return had_key

    return _sign_again(db, own, person.id, change, signer, now=now)


def sign_for_key(
    db: Session,
    award_id: UUID,
    person: User,
    public_key: str,
    signer: Signer,
    *,
    with_name: bool,
    now: datetime,
    may_reuse: bool = False,
) -> Award:
    """The same badge, bound to a key of the holder's instead of a hash of their address.

    ``public_key``: a multikey (Ed25519 ``z6Mk…``, P-256 ``zDn…``). The former form is withdrawn:
    its status bit is set, and the new form has another. ``may_reuse``: a wallet chooses its key
    itself, and may choose the same one for several badges.

    Raises :class:`NotYours`; :class:`Refused`: ``key_invalid``, ``key_used``, ``revoked``,
    ``try_again``.
    """
    try:
        is_right = PublicKey.from_multikey(public_key).kind in ("Ed25519", "P-256")
    except EngineError:
        is_right = False
    if not is_right:
        raise Refused(
            _("Cette clé n’est d’aucun genre qui convienne."), code="key_invalid", status=422
        )
    own = _own(db, award_id, person)
    did = f"did:key:{public_key}"
    if not may_reuse and is_key_used(db, did):
        raise Refused(
            _("Cette clé sert déjà à un badge : une même clé les relierait. Faites-en une autre."),
            code="key_used",
        )

    def change(subject: Subject) -> bool:
        names = [i for i in _identities(subject) if i.get("identityType") == "name"]
        if with_name and not names and own.holder_name:
            names = [_name_of(own.holder_name)]
        subject.pop("identifier", None)
        if with_name:
            subject["identifier"] = names
        subject["id"] = did
        return True

    return _sign_again(db, own, person.id, change, signer, now=now)


def is_key_used(db: Session, did: str) -> bool:
    """Whether a badge is bound to this key already."""
    # The key stands in the credential's text alone, once: looked for as it is written there.
    found = select(func.count()).select_from(Award)
    return bool(db.scalar(found.where(Award.credential.contains(f'"{did}"', autoescape=True))))


def _own(db: Session, award_id: UUID, person: User) -> Award:
    award = find_own_award(db, person, award_id)
    if award is None or not award.credential:
        raise NotYours()
    if award.revoked_at is not None:
        raise Refused(_("Ce badge a été retiré : il n’est plus signé."), code="revoked", status=410)
    if award.suspended_at is not None:
        raise Refused(
            _("Ce badge est suspendu : il n’est pas signé de nouveau tant que cela dure."),
            code="suspended",
        )
    return award


def _sign_again(
    db: Session,
    award: Award,
    user_id: UUID,
    change: Callable[[Subject], bool],
    signer: Signer,
    *,
    now: datetime,
) -> Award:
    """``change`` writes the new holder into the subject; says whether the former form ends."""
    before = award.credential
    document, _proofs = proofs.split(json.loads(before))
    former_ends = change(_subject(document))
    # A place that is its key (did:key) keeps one list for each key.
    has_other_key = document["issuer"]["id"] != signer.did
    document["issuer"]["id"] = signer.did
    place = None
    if former_ends or has_other_key:
        (place,) = pick_places(db, 1)
        entries = status_entries(signer, place, award.badge.suspendable)
        said = [entry.to_json() for entry in entries]
        document["credentialStatus"] = said[0] if len(said) == 1 else said
    signed_at = now.replace(microsecond=0)
    text = to_text(proofs.sign(document, signer.key, signer.method, created=signed_at))
    return _record(db, award.id, user_id, before, text, place, signer, now=now)


def _record(
    db: Session,
    award_id: UUID,
    user_id: UUID,
    before: str,
    text: str,
    place: Place | None,
    signer: Signer,
    *,
    now: datetime,
) -> Award:
    lock_for_writing(db)
    award = db.get(Award, award_id, with_for_update={"of": Award}, populate_existing=True)
    if award is None or award.user_id != user_id:
        raise NotYours()
    crossed = Refused(
        _("Ce badge a changé entre-temps : rien n’a été écrit, recommencez."), code="try_again"
    )
    if award.credential != before or award.revoked_at is not None or award.suspended_at is not None:
        raise crossed
    if place is not None:
        lists = {place.list_id: signer.key_id}
        open_lists(db, lists, suspendable=award.badge.suspendable, now=now)
        if list_taken(db, place.list_id, [place.index]):
            raise crossed
        listing = db.get_one(
            StatusList, award.status_list_id, with_for_update=True, populate_existing=True
        )
        listing.bits = with_bit(listing.bits, award.status_index)
        listing.changed_at = max(now, listing.changed_at)
        listing.credential = ""  # to be signed anew, outside this transaction
        db.add(
            FormerPlace(
                list_id=award.status_list_id,
                index=award.status_index,
                award_id=award.id,
                set_at=now,
            )
        )
        award.status_list_id, award.status_index = place.list_id, place.index
    award.credential, award.signing_key_id = text, signer.key_id
    award.is_named = read_recipient(award).is_by_name
    if not award.is_named and award.sharing is Sharing.PUBLIC:
        award.sharing = Sharing.LINK  # the public page says whose badges it shows
    db.flush()
    return award


def _subject(document: Mapping[str, Any]) -> Subject:
    found: Subject = document["credentialSubject"]
    return found


def _identities(subject: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(subject.get("identifier", []))


def _name_of(name: str) -> dict[str, Any]:
    return {
        "type": "IdentityObject",
        "hashed": False,
        "identityHash": name,
        "identityType": "name",
    }
