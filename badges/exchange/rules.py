"""Signing for a program, and withdrawing what was signed.

The bits stand in lists of their own (numbered from ``FIRST_EXCHANGE_LIST``), so that a bit can
never be an award's too: each table's own constraint is enough, on both databases.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from badges.awards.issuing import Place, with_bit
from badges.awards.keys import Signer, is_web, new_status_list
from badges.awards.models import StatusList
from badges.awards.queries import FIRST_EXCHANGE_LIST
from badges.engine import proofs, shape, status
from badges.engine.errors import EngineError
from badges.exchange.drafting import Draft, engine_refusal, with_status
from badges.exchange.models import IssuedCredential
from badges.exchange.queries import (
    count_in_list,
    find_by_credential_id,
    find_newest_list,
    is_index_taken,
)
from tierslieu.db import lock_for_writing
from tierslieu.errors import Refused

TRIES = 5  # each with another bit: one in a hundred thousand is taken meanwhile


@dataclass(frozen=True)
class Asker:
    """Whose program asks, with which token."""

    user_id: UUID
    token_id: UUID


def issue(
    db: Session,
    wanted: Draft,
    signer: Signer,
    *,
    asker: Asker,
    now: datetime,
    status_wanted: bool = True,
) -> dict[str, Any]:
    """Sign a draft, with a bit that nobody else has, and remember the bit.

    Signed before the write lock; under it, what could have changed is looked at again.

    Raises :class:`Refused`: 409 ``already_issued`` (its name was used before), 409 ``try_again``,
    or 400 with a code of the engine (an undefined term, an unknown context…).
    """
    for _try in range(TRIES):
        if wanted.credential_id and find_by_credential_id(db, wanted.credential_id):
            raise _already_issued()
        place = pick_place(db, signer) if status_wanted else None
        document, name = wanted.document, wanted.credential_id
        if place is not None:
            document, entry_id = with_status(document, signer, place.list_id, place.index)
            name = name or entry_id
        signed = _sign(document, signer, now)
        lock_for_writing(db)
        if place is not None and not _hold(db, place, signer, now):
            db.rollback()
            continue
        db.add(
            IssuedCredential(
                credential_id=name,
                status_list_id=place.list_id if place else None,
                status_index=place.index if place else None,
                signing_key_id=signer.key_id,
                issued_at=now,
                issued_by_id=asker.user_id,
                token_id=asker.token_id,
            )
        )
        try:
            db.flush()
        except IntegrityError:
            db.rollback()  # the bit or the name went to another while we signed: look again
            continue
        return signed
    raise Refused(
        _("Plusieurs programmes se sont croisés : recommencez, rien n’a été écrit."),
        code="try_again",
    )


def _already_issued() -> Refused:
    return Refused(
        _("Une attestation de cet identifiant a déjà été signée."), code="already_issued"
    )


def pick_place(db: Session, signer: Signer) -> Place:
    """A random free bit of the list being filled; half full, the next list begins.

    So does it under another name: a did:key is its key, and signs its own lists only.
    """
    newest = find_newest_list(db)
    list_id, size = (
        (newest.id, newest.size) if newest else (FIRST_EXCHANGE_LIST, status.MIN_ENTRIES)
    )
    is_renamed = newest is not None and newest.signing_key_id != signer.key_id
    if count_in_list(db, list_id) * 2 >= size or (is_renamed and not is_web(signer.did)):
        list_id, size = list_id + 1, status.MIN_ENTRIES
    while is_index_taken(db, list_id, index := secrets.randbelow(size)):
        pass
    return Place(list_id, index)


def _hold(db: Session, place: Place, signer: Signer, now: datetime) -> bool:
    """Whether the bit is still free; its list is there from now on."""
    if db.get(StatusList, place.list_id) is None:
        db.add(new_status_list(place.list_id, now, signer.key_id))
        try:
            db.flush()
        except IntegrityError:
            return False
    return not is_index_taken(db, place.list_id, place.index)


def _sign(document: dict[str, Any], signer: Signer, now: datetime) -> dict[str, Any]:
    try:
        signed = proofs.sign(
            document, signer.key, signer.method, created=now.replace(microsecond=0)
        )
    except EngineError as error:
        raise engine_refusal(error, "contexts") from error
    # Open Badges' schema wants a list of proofs; other readers want the one proof itself.
    return signed if shape.is_badge(document) else {**signed, "proof": signed["proof"][0]}


def set_status(
    db: Session, credential_id: str, *, revoked: bool, asker: Asker, now: datetime
) -> IssuedCredential:
    """Withdraw a credential; asked again, nothing changes.

    Raises :class:`Refused`: 404 ``not_found``, 409 ``no_status`` (it was signed without), 409
    ``revocation_is_final`` (Bitstring Status List 2.1: a revocation is not taken back).
    """
    lock_for_writing(db)
    issued = db.scalar(
        select(IssuedCredential)
        .where(IssuedCredential.credential_id == credential_id)
        .with_for_update()
    )
    if issued is None:
        raise Refused(
            _("Aucune attestation de cet identifiant n’a été signée ici."),
            code="not_found",
            status=404,
        )
    if issued.status_list_id is None or issued.status_index is None:
        raise Refused(
            _("Cette attestation a été signée sans statut : rien ne peut la retirer."),
            code="no_status",
        )
    if issued.revoked_at is not None and not revoked:
        raise Refused(
            _("Un retrait est définitif : signez une nouvelle attestation."),
            code="revocation_is_final",
        )
    if not revoked or issued.revoked_at is not None:
        return issued
    issued.revoked_at, issued.revoked_by_id = now, asker.user_id
    listing = db.get_one(
        StatusList, issued.status_list_id, with_for_update=True, populate_existing=True
    )
    listing.bits = with_bit(listing.bits, issued.status_index)
    listing.changed_at = max(now, listing.changed_at)
    listing.credential = ""  # to be signed anew, outside this transaction
    db.flush()
    return issued


def forget_askers(db: Session, user_id: UUID) -> None:
    """No longer say who had these credentials signed or withdrawn; their bits stay."""
    for column in (IssuedCredential.issued_by_id, IssuedCredential.revoked_by_id):
        db.execute(update(IssuedCredential).where(column == user_id).values({column: None}))
