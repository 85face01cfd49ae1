"""A collection as a signed presentation.

Signed by the place when it is asked for: the place says that the person whose account holds these
badges put them together. It does not sign in their name. Whoever holds the keys that badges are
bound to can sign the same collection themselves, for one occasion; then the keys say it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from badges.awards.issuing import to_text
from badges.awards.keys import KeyUnreadable, Signer, load_award_signer, load_signer
from badges.awards.models import Award
from badges.collections.models import Collection, CollectionMember
from badges.engine import jose, presentations, proofs
from badges.engine.dids import Resolver
from badges.engine.encoding import base64url_decode, base64url_encode
from badges.engine.errors import EngineError
from tierslieu.errors import Refused
from tierslieu.settings import Settings


@dataclass(frozen=True)
class ToSign:
    """What one key of the holder's signs: 64 bytes in base64url."""

    did: str
    data: str


def collection_address(base_url: str, collection: Collection) -> str:
    """The collection's own address."""
    return f"{base_url}/collections/{collection.id}"


def credential_of(member: CollectionMember) -> dict[str, Any] | str:
    """A badge as it goes into a presentation: its document, or its token."""
    return _read(member.award.credential if member.award else member.kept.credential)  # type: ignore[union-attr]


def _read(text: str) -> dict[str, Any] | str:
    if jose.looks_like_token(text):
        return text
    document: dict[str, Any] = json.loads(text)
    return document


def present(db: Session, settings: Settings, collection: Collection) -> str:
    """The collection signed by the place: the same badges at the same date give the same text.

    Raises :class:`KeyUnreadable` when today's key cannot sign.
    """
    signer = load_signer(db, settings)
    document = _build(collection, signer.base_url, holder=signer.did)
    awards = [member.award for member in collection.members if member.award is not None]
    return _sign(db, settings, document, awards, signer, collection.changed_at)


def present_person(
    db: Session, settings: Settings, page_id: UUID, awards: Sequence[Award], now: datetime
) -> str:
    """What a person shows to everybody, signed by the place as one of their collections would be.

    Raises :class:`KeyUnreadable` when today's key cannot sign.
    """
    signer = load_signer(db, settings)
    document = presentations.build(
        [_read(award.credential) for award in awards],
        holder=signer.did,
        identifier=f"{signer.base_url}/badges/personnes/{page_id}",
    )
    return _sign(db, settings, document, awards, signer, now)


def _sign(
    db: Session,
    settings: Settings,
    document: dict[str, Any],
    awards: Sequence[Award],
    today: Signer,
    created: datetime,
) -> str:
    """A place that is a did:key has another name since its key changed: each of its names that is
    the issuer of a badge here signs too, so that it is seen that who gathered them issued them."""
    for one in [today, *_former(db, settings, awards, today)]:
        document = presentations.sign(
            document, one.key, one.method, created=created.replace(microsecond=0)
        )
    return to_text(document)


def _former(
    db: Session, settings: Settings, awards: Sequence[Award], today: Signer
) -> list[Signer]:
    found = {}
    for award in awards:
        with suppress(KeyUnreadable):  # its badge is then not seen to be gathered by its issuer
            signer = load_award_signer(db, settings, award)
            if signer.did != today.did:
                found[signer.did] = signer
    return [found[did] for did in sorted(found)]


def own_keys(collection: Collection) -> list[str]:
    """The did:key of each badge in it that is bound to one, in order, each once."""
    found = []
    for member in collection.members:
        credential = credential_of(member)
        if isinstance(credential, dict):
            subject = credential.get("credentialSubject")
            did = subject.get("id") if isinstance(subject, dict) else None
            if isinstance(did, str) and did.startswith("did:key:z6Mk"):
                found.append(did)
    return list(dict.fromkeys(found))


def read_occasion(challenge: str, domain: str, created: datetime) -> dict[str, Any]:
    """What is signed besides the badges: when, and for whom."""
    occasion: dict[str, Any] = {"created": created.replace(microsecond=0)}
    for name, value in (("challenge", challenge.strip()), ("domain", domain.strip())):
        if value:
            occasion[name] = value
    return occasion


def list_to_sign(
    collection: Collection, base_url: str, dids: list[str], occasion: dict[str, Any]
) -> list[ToSign]:
    """What each of these keys has to sign for this occasion."""
    document = _build(collection, base_url, holder=dids[0] if len(dids) == 1 else None)
    return [
        ToSign(
            did, base64url_encode(proofs.data_to_sign(document, _draft(document, did, occasion)))
        )
        for did in dids
    ]


def attach_signatures(
    collection: Collection, base_url: str, signed: dict[str, str], occasion: dict[str, Any]
) -> str:
    """The presentation with the signatures of its holder's keys (did → base64url).

    Raises :class:`Refused` ``signature_wrong``.
    """
    dids = list(signed)
    document = _build(collection, base_url, holder=dids[0] if len(dids) == 1 else None)
    whole = document
    try:
        for did, signature in signed.items():
            options, value = _draft(document, did, occasion), base64url_decode(signature)
            method = Resolver(None).method(options["verificationMethod"])
            if not method.public_key.verifies(value, proofs.data_to_sign(document, options)):
                raise _wrong()
            whole = proofs.attach(whole, options, value)
    except EngineError as error:
        raise _wrong() from error
    return to_text(whole)


def _wrong() -> Refused:
    return Refused(
        _("Une clé n’a pas signé comme il faut : la collection a peut-être changé, recommencez."),
        code="signature_wrong",
        status=422,
    )


def _build(collection: Collection, base_url: str, holder: str | None) -> dict[str, Any]:
    return presentations.build(
        [credential_of(member) for member in collection.members],
        holder=holder,
        identifier=collection_address(base_url, collection),
    )


def _draft(document: dict[str, Any], did: str, occasion: dict[str, Any]) -> dict[str, Any]:
    method = f"{did}#{did.removeprefix('did:key:')}"
    return presentations.draft(document, method, **occasion)
