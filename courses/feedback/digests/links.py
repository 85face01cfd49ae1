"""The link to unsubscribe: signed, so that it is made and read without being kept."""

from __future__ import annotations

from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from tierslieu.settings import Settings

_SALT = "course-contact"


def leave_path(settings: Settings, contact_id: UUID) -> str:
    """The path of a contact's own page."""
    return f"/retours/abonnement/{_signer(settings).dumps(contact_id.hex)}"


def contact_of(settings: Settings, token: str) -> UUID | None:
    """Whose page it is; None for a token that is not ours."""
    try:
        return UUID(_signer(settings).loads(token))
    except (BadData, ValueError, TypeError, AttributeError):
        return None


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt=_SALT)
