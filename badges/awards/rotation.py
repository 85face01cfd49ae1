"""Changing keys: a new one takes over, a leaked one is withdrawn and its badges are signed anew."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from badges.awards.issuing import to_text
from badges.awards.keys import (
    Signer,
    is_web,
    keep_key,
    load_signer,
    new_status_list,
    public_key,
)
from badges.awards.models import Award, SigningKey
from badges.awards.queries import (
    count_to_sign_again,
    find_current_key,
    find_identity,
    find_newest_list,
    hold_keys,
    list_keys,
    list_to_sign_again,
)
from badges.engine import keys, proofs
from badges.engine.publickeys import Kind
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.mail.rules import write_mail
from tierslieu.people.models import User
from tierslieu.settings import Settings

#: Awards signed anew in one transaction.
SLICE = 100


@dataclass(frozen=True)
class Withdrawal:
    """What came of withdrawing a key: the key that took over, and the badges to sign anew."""

    withdrawn: SigningKey
    successor: SigningKey | None
    awards: int


def rotate_key(db: Session, settings: Settings, kind: Kind, *, now: datetime) -> SigningKey:
    """A new key of this kind signs from now on; what the others signed stays valid.

    Raises :class:`Refused`: ``not_opened``.
    """
    return _take_over(db, settings, kind, now)


def replace_key(db: Session, settings: Settings, name: str, *, now: datetime) -> SigningKey:
    """The same instead of the key of this name: asked for twice, it is replaced once.

    Raises :class:`NotYours` for an unknown key, :class:`Refused`: ``already_replaced``.
    """
    kind = public_key(_named(list_keys(db), name)).kind
    return _take_over(db, settings, kind, now, instead_of=name)


def _named(rows: Sequence[SigningKey], name: str) -> SigningKey:
    row = next((row for row in rows if public_key(row).name == name), None)
    if row is None:
        raise NotYours()
    return row


def _take_over(
    db: Session, settings: Settings, kind: Kind, now: datetime, *, instead_of: str = ""
) -> SigningKey:
    identity = find_identity(db)
    if identity is None:
        raise Refused(_("Le lieu n’a pas encore ouvert."), code="not_opened")
    is_web_place = is_web(identity.did)
    key = keys.SigningKey.generate(kind)  # it takes its time: before anybody waits
    lock_for_writing(db)
    rows = hold_keys(db)
    if instead_of and _named(rows, instead_of).retired_at is not None:
        raise Refused(_("Cette clé est déjà remplacée."), code="already_replaced")
    row = keep_key(settings, key, now)  # its file first: a row never lacks its key
    for older in rows:
        if older.kind == kind and older.retired_at is None:
            older.retired_at = now
    db.add(row)
    db.flush()
    if kind == "Ed25519" and not is_web_place:
        # A did:key is its key: what it signs from now on needs a list under the new name.
        newest = find_newest_list(db)
        db.add(new_status_list((newest.id if newest else 0) + 1, now, row.id))
        db.flush()
    note(db, Act.KEY_ROTATED, now=now, about={"key": public_key(row).name, "kind": kind})
    return row


def withdraw_key(
    db: Session, settings: Settings, name: str, *, since: datetime, reason: str, now: datetime
) -> Withdrawal:
    """A key that leaked: from ``since`` on, nothing it ever signed is believed. A key of the same
    kind takes over at once if it was signing.

    The badges it signed are to be signed anew (:func:`sign_again`).

    Raises :class:`NotYours` for an unknown key, :class:`Refused`: ``did_key``, ``already_revoked``,
    ``date_in_future``.
    """
    lock_for_writing(db)
    row, identity = _named(hold_keys(db), name), find_identity(db)
    if identity is None:
        raise NotYours()
    if not is_web(identity.did):
        raise Refused(
            _(
                "Un lieu sans adresse https est sa clé (did:key) : aucun document ne peut dire "
                "qu’elle est retirée. Faites-la remplacer (tierslieu keys rotate)."
            ),
            code="did_key",
        )
    if row.revoked_at is not None:
        raise Refused(_("Cette clé est déjà retirée."), code="already_revoked")
    if since > now:
        raise Refused(_("La date du retrait est à venir."), code="date_in_future")
    current = find_current_key(db, row.kind)
    successor = None
    if current is not None and current.id == row.id:
        kind: Kind = public_key(row).kind
        successor = _take_over(db, settings, kind, now)
    row.revoked_at, row.revocation_reason = since, reason.strip()
    row.retired_at = row.retired_at or now
    db.flush()
    note(db, Act.KEY_REVOKED, now=now, about={"key": name})
    return Withdrawal(row, successor, count_to_sign_again(db))


def sign_again(db: Session, settings: Settings, *, now: datetime) -> int:
    """Sign one slice of the awards whose key was withdrawn with today's key; how many there were.

    Same address, facts and status bit: only the proof is new. Their holders are told that files
    they have must be fetched again. The caller commits, and calls again until nothing is left.

    Raises :class:`KeyUnreadable`.
    """
    awards = list_to_sign_again(db, SLICE)
    if not awards:
        return 0
    signer = load_signer(db, settings)
    texts = {award.id: _sign(signer, award, now) for award in awards}  # before the write lock
    return _keep(db, texts, signer.key_id, now)


def _sign(signer: Signer, award: Award, now: datetime) -> str:
    document, _proofs = proofs.split(json.loads(award.credential))
    signed_at = now.replace(microsecond=0)
    return to_text(proofs.sign(document, signer.key, signer.method, created=signed_at))


def _keep(db: Session, texts: dict[UUID, str], key_id: UUID, now: datetime) -> int:
    lock_for_writing(db)
    kept: Sequence[Award] = list_to_sign_again(db, SLICE, only=list(texts))
    for award in kept:
        award.credential, award.signing_key_id = texts[award.id], key_id
        holder = db.get(User, award.user_id) if award.user_id else None
        if holder is not None and award.revoked_at is None:
            write_mail(
                db,
                holder.email,
                "awards_signed_again",
                {"name": holder.name, "badge": award.badge.name, "award": str(award.id)},
                now=now,
                due_key=f"signed-again:{award.id}:{key_id}",
            )
    db.flush()
    return len(kept)
