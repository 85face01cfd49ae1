"""What is asked of a device and what it answers: the cryptography is py_webauthn's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import webauthn
from flask_babel import gettext as _
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    options_to_json,
    parse_authentication_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tierslieu.errors import Refused
from tierslieu.people.models import Passkey, User
from tierslieu.people.passkeys.party import Party

LASTS = timedelta(minutes=5)  # a challenge
TIMEOUT = int(LASTS.total_seconds() * 1000)
LONGEST = 20_000  # characters of an answer: ten times what devices send
REQUIRED = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True)
class Asked:
    """A challenge that stands for this browser, and when it was made."""

    challenge: bytes
    at: datetime


@dataclass(frozen=True)
class Made:
    """A new passkey, proved."""

    credential_id: str
    public_key: str
    sign_count: int


@dataclass(frozen=True)
class Signed:
    """What a device signed with a passkey; ``handle`` is whose it says it is."""

    sign_count: int
    handle: bytes | None


def not_recognised() -> Refused:
    """One sentence for whatever is wrong with an answer."""
    return Refused(
        _(
            "Cette clé d’identification n’a pas été reconnue. Essayez de nouveau, ou "
            "connectez-vous autrement."
        ),
        code="passkey_refused",
        status=422,
    )


def expired() -> Refused:
    """The challenge is over, has served, or was another browser's."""
    return Refused(
        _("La demande a expiré : elle vaut cinq minutes et sert une fois. Recommencez."),
        code="passkey_expired",
        status=422,
    )


def ask_to_make(party: Party, user: User, known: Sequence[Passkey]) -> tuple[str, bytes]:
    """What a device is told to make a passkey of this person, as JSON, and the challenge in it.
    One that holds one of ``known`` already makes no other."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.name or user.email,
        timeout=TIMEOUT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=REQUIRED
        ),
        exclude_credentials=_describe(known),
    )
    return options_to_json(options), options.challenge


def ask_to_sign(party: Party, known: Sequence[Passkey] = ()) -> tuple[str, bytes]:
    """What a device is told to sign with a passkey (one of ``known``, or any of this place), as
    JSON, and the challenge in it."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        timeout=TIMEOUT,
        allow_credentials=_describe(known),
        user_verification=REQUIRED,
    )
    return options_to_json(options), options.challenge


def _describe(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(base64url_to_bytes(one.credential_id)) for one in known]


def read_challenge(answer: str) -> bytes | None:
    """The challenge an answer says it signs, not yet believed."""
    try:
        if len(answer) > LONGEST:
            return None
        said = json.loads(base64url_to_bytes(json.loads(answer)["response"]["clientDataJSON"]))
        return base64url_to_bytes(said["challenge"])
    except Exception:
        return None


def read_credential_id(answer: str) -> str:
    """The number of the passkey an answer says it comes from. Raises :class:`Refused`."""
    try:
        return bytes_to_base64url(parse_authentication_credential_json(answer).raw_id)
    except Exception:
        raise not_recognised() from None


def read_made(party: Party, answer: str, challenge: bytes) -> Made:
    """The passkey a device made. Raises :class:`Refused` for what does not hold."""
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Exception:
        raise not_recognised() from None
    return Made(
        bytes_to_base64url(made.credential_id),
        bytes_to_base64url(made.credential_public_key),
        made.sign_count,
    )


def read_signed(party: Party, answer: str, challenge: bytes, public_key: str) -> Signed:
    """What was signed with the passkey of this public half. Raises :class:`Refused` for what does
    not hold; the counter is compared by who holds the row."""
    try:
        signed = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        handle = parse_authentication_credential_json(answer).response.user_handle
    except Exception:
        raise not_recognised() from None
    return Signed(signed.new_sign_count, handle)


def is_of(handle: bytes | None, user_id: UUID) -> bool:
    """Whether a device says that its passkey is this person's."""
    return handle == user_id.bytes
