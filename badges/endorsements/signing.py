"""What a partner signs: here, with a key made for it alone, or elsewhere with their own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from badges.awards.issuing import add_months
from badges.awards.queries import find_identity
from badges.designs import pictures
from badges.designs.documents import achievement_of
from badges.endorsements import cautions
from badges.endorsements.models import Endorsement
from badges.engine import credentials, keys, proofs, shape
from badges.engine.dids import Fetch
from badges.engine.documents import parse_json
from badges.engine.endorsements import read_endorsement
from badges.engine.endorsing import build_endorsement
from badges.engine.errors import EngineError
from tierslieu.errors import Refused
from tierslieu.settings import Settings

MAX_COMMENT = 1_000  # characters
MAX_FILE = 20_000  # characters of an endorsement handed in: every badge will carry it
# Names that are keys: anybody makes one, with any organisation's name beside it.
UNPUBLISHED = ("did:key:", "did:jwk:")


@dataclass(frozen=True)
class Statement:
    """What a partner says, and who says it. ``months``: for how long, None without end."""

    organisation: str
    website: str
    signer_name: str
    signer_role: str
    comment: str
    months: int | None


@dataclass(frozen=True)
class Signed:
    """A signed endorsement, not yet kept."""

    document: Mapping[str, Any]
    issuer: str
    organisation: str
    comment: str
    valid_until: datetime | None
    has_own_key: bool
    website: str = ""
    signer_name: str = ""
    signer_role: str = ""


def about_id(db: Session, settings: Settings, endorsement: Endorsement) -> str:
    """The id of what it is about, as credentials say it."""
    if endorsement.award is not None:
        return str(json.loads(endorsement.award.credential)["id"])
    return achievement_of(endorsement.subject, place_url(db, settings)).id


def place_url(db: Session, settings: Settings) -> str:
    """Where addresses inside credentials begin."""
    identity = find_identity(db)
    return identity.base_url if identity else settings.base_url


def fingerprint(endorsement: Endorsement) -> str:
    """What the partner reads, as a number: who answers says which text was read."""
    if endorsement.award is not None:
        document = json.loads(endorsement.award.credential)
        facts = {k: v for k, v in document.items() if k not in ("proof", "endorsement")}
        data = b""
    else:
        badge = endorsement.subject
        facts = achievement_of(badge, "").to_json()
        facts.pop("endorsement", None)
        data = pictures.svg_of(badge)
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode() + data).hexdigest()[:32]


def ends_at(statement: Statement, since: datetime) -> datetime | None:
    """Until when it holds; None without end."""
    return add_months(since, statement.months) if statement.months else None


def sign_here(
    db: Session,
    settings: Settings,
    endorsement: Endorsement,
    statement: Statement,
    *,
    now: datetime,
) -> Signed:
    """Sign what a partner says with a key made for it, which is then forgotten.

    The key's name (did:key) is the issuer. It shows that nothing was changed since; who held the
    link is what the place vouches for, by its own signature over the badge that carries this.

    About an award, whom to ask was its holder's choice: the domain that the link went to is in the
    name, and who asked beside it, so that no reader of the file takes the name for proven.
    """
    key = keys.SigningKey.generate("Ed25519")
    did = keys.did_key(key.multibase)
    since = now.replace(microsecond=0)
    until = ends_at(statement, since)
    official = ", ".join(part for part in (statement.signer_name, statement.signer_role) if part)
    domain, website = endorsement.mail_domain, statement.website
    if endorsement.award_id is None:
        name, description = statement.organisation, None
        title = _("Soutien de %(organisation)s", organisation=name)
    else:
        name = cautions.signed_name(statement.organisation, domain)
        description = cautions.signed_description(domain, website)
        title = _("Soutien au nom de %(organisation)s", organisation=name)
        website = website if cautions.is_of_site(domain, website) else ""
    unsigned = build_endorsement(
        credentials.Issuer(
            did, name, url=website or None, description=description, official=official or None
        ),
        about_id(db, settings, endorsement),
        id=f"urn:uuid:{endorsement.id}",
        name=title,
        comment=statement.comment,
        valid_from=since,
        valid_until=until,
    )
    method = keys.verification_method(did, key.multibase)
    return Signed(
        proofs.sign(unsigned, key, method, created=since),
        issuer=did,
        organisation=statement.organisation,
        comment=statement.comment,
        valid_until=until,
        has_own_key=False,
        website=statement.website,
        signer_name=statement.signer_name,
        signer_role=statement.signer_role,
    )


def read_signed(
    db: Session,
    settings: Settings,
    endorsement: Endorsement,
    text: str,
    *,
    fetch: Fetch,
    now: datetime,
) -> Signed:
    """An endorsement that the partner signed with a key of their own, verified here and now.

    The key must stand where the partner publishes (did:web, https): a key that is its own name
    says nothing of who holds it, and would stand here as a partner's own.

    Raises :class:`Refused` (field ``text``) with a code of the engine, in words.
    """
    if len(text) > MAX_FILE:
        raise _refusal("too_large")
    about = about_id(db, settings, endorsement)
    asked = endorsement.organisation
    try:
        if (shape.issuer_id(parse_json(text)) or "").startswith(UNPUBLISHED):
            raise _refusal("key_unpublished")
        found = read_endorsement(text, about, fetch=fetch, now=now)
    except EngineError as error:
        raise _refusal(str(error.params.get("reason") or error.code)) from error
    return Signed(
        found.document,
        issuer=found.issuer,
        organisation=found.name if found.name != found.issuer else asked,
        comment=found.comment[:MAX_COMMENT],
        valid_until=found.valid_until,
        has_own_key=True,
    )


def _refusal(code: str) -> Refused:
    known = {
        "too_large": _("Ce fichier est trop long : un soutien tient en 20 000 caractères."),
        "not_json": _("Ce n’est pas du JSON : donnez le fichier signé, en entier."),
        "shape": _(
            "Il y manque quelque chose que le standard demande (contextes, id, type, name, issuer, "
            "validFrom, credentialSubject, proof) : complétez-le, puis signez-le de nouveau."
        ),
        "endorsement_invalid": _(
            "Ce n’est pas un soutien : son type doit comprendre EndorsementCredential."
        ),
        "endorsement_elsewhere": _(
            "Ce soutien parle d’autre chose : credentialSubject.id doit être l’adresse donnée "
            "ci-dessus."
        ),
        "key_unpublished": _(
            "L’émetteur de ce soutien est une clé que personne ne publie (did:key ou did:jwk) : "
            "elle ne dit pas à qui elle est. Signez avec une clé publiée sur votre site (did:web, "
            "ou une adresse https), ou signez ici, avec le formulaire de cette page."
        ),
        "proof_missing": _("Ce soutien n’est pas signé : il lui faut une preuve (proof)."),
        "signature_wrong": _(
            "La signature n’est pas la bonne : le texte a été changé après avoir été signé, ou une "
            "autre clé l’a signé."
        ),
        "expired": _("Ce soutien n’est déjà plus valable : validUntil est passé."),
        "not_yet_valid": _("Ce soutien n’est pas encore valable : validFrom est à venir."),
        "revoked": _("La liste de votre établissement dit que ce soutien est retiré."),
    }
    default = _(
        "Ce soutien n’a pas pu être vérifié (%(code)s). Vérifiez que la clé est publiée à "
        "l’adresse de l’émetteur, que le fichier est complet, puis réessayez.",
        code=code,
    )
    return Refused(known.get(code, default), code=code, field="text", status=422)
