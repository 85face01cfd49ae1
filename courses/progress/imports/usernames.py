"""One's usernames elsewhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from courses.progress.imports.models import OutsideUsername, Provider, fold_username
from courses.progress.imports.queries import find_username, list_usernames
from tierslieu.db import lock_for_writing
from tierslieu.errors import Refused

MAX_USERNAME = 150  # characters (Django's, and Open edX's)
_USERNAME = re.compile(r"[\w.@+-]+")


def declare_usernames(
    db: Session, user_id: UUID, usernames: Mapping[Provider, str], *, now: datetime
) -> None:
    """What a person is called elsewhere; an empty text takes it back.

    Raises :class:`Refused` ``bad_username`` or ``username_taken``, the field that of the provider.
    """
    lock_for_writing(db)
    had = {one.provider: one for one in list_usernames(db, user_id)}
    for provider, text in usernames.items():
        username = _check_username(text, provider)
        mine = had.get(provider)
        if not username:
            if mine is not None:
                db.delete(mine)
            continue
        other = find_username(db, provider, fold_username(username))
        if other is not None and other.user_id != user_id:
            raise _taken(provider)
        if mine is None:
            db.add(OutsideUsername(user_id=user_id, provider=provider, username=username,
                                   declared_at=now))  # fmt: skip
        elif mine.username != username:
            mine.username, mine.declared_at = username, now
        try:
            db.flush()
        except IntegrityError:  # somebody else, this very moment
            raise _taken(provider) from None
    db.flush()


def _check_username(text: str, provider: Provider) -> str:
    username = unicodedata.normalize("NFC", text).strip()
    if username and (len(username) > MAX_USERNAME or not _USERNAME.fullmatch(username)):
        raise Refused(
            _("Un identifiant n’a que des lettres, des chiffres et « . - _ @ + », sans espace."),
            code="bad_username",
            field=provider.value,
            status=422,
        )
    return username


def _taken(provider: Provider) -> Refused:
    return Refused(
        _(
            "Quelqu’un d’autre a déjà déclaré cet identifiant. S’il est bien à vous, dites-le à "
            "l’équipe."
        ),
        code="username_taken",
        field=provider.value,
        status=422,
    )
