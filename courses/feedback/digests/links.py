"""The link to unsubscribe: signed, so that it is made and read without being kept."""

from __future__ import annotations

import hmac
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from courses.feedback.digests.queries import find_contact, list_contacts
from courses.feedback.models import CourseContact
from tierslieu.settings import Settings

_SALT = "course-contact"


def leave_path(settings: Settings, contact: CourseContact) -> str:
    """The path of a contact's own page; the same for an address that was taken away and added
    again. The address stands there as a digest only."""
    marks = [contact.path_id.hex, _mark(settings, contact.email)]
    return f"/retours/abonnement/{_signer(settings).dumps(marks)}"


def contact_of(db: Session, settings: Settings, token: str) -> CourseContact | None:
    """Whose page it is; None for a token that is not ours, or an address that is gone."""
    try:
        said = _signer(settings).loads(token)
        if isinstance(said, str):  # of mails sent before: the row's own id
            return find_contact(db, UUID(said))
        path_id, mark = said
        contacts = list_contacts(db, UUID(path_id))
    except (BadData, ValueError, TypeError, AttributeError):
        return None
    found = (one for one in contacts if hmac.compare_digest(_mark(settings, one.email), mark))
    return next(found, None)


def _mark(settings: Settings, email: str) -> str:
    return hmac.new(settings.secret_key.encode(), email.encode(), "sha256").hexdigest()


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt=_SALT)
