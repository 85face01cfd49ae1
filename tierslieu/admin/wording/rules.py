"""Changing what a mail says, going back, trying it on oneself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.mail.letters.every import KINDS
from tierslieu.mail.letters.kinds import Kind
from tierslieu.mail.rules import TRIAL, write_mail
from tierslieu.mail.wording.filling import check_text
from tierslieu.mail.wording.models import TEXTS, MailWording
from tierslieu.mail.wording.queries import find_current, find_version
from tierslieu.people.models import User
from tierslieu.web.languages import speaking

ORIGINAL = dict.fromkeys(TEXTS, "")


def kind_of(template: str) -> Kind:
    """The mail of that name. Raises :class:`NotYours`."""
    kind = KINDS.get(template)
    if kind is None:
        raise NotYours()
    return kind


def check_texts(kind: Kind, texts: Mapping[str, str]) -> None:
    """Refuse what this mail could not say. Raises :class:`Refused` ``unknown_word``,
    ``open_brace``, ``subject_varies``, beside the field."""
    for name, text in texts.items():
        if text and name.startswith("subject") and kind.subject_varies:
            raise Refused(
                _("L’objet de ce mail dit ce qui est arrivé : il ne se remplace pas."),
                code="subject_varies",
                field=name,
                status=422,
            )
        check_text(text, kind, name)


def save_wording(
    db: Session, template: str, texts: Mapping[str, str], *, seen: int, by_id: UUID, now: datetime
) -> MailWording | None:
    """Write the next version of what this mail says; None where that changes nothing.

    ``seen``: the number of the version on whoever's screen, 0 for the original. Raises
    :class:`Refused` as :func:`check_texts` does, ``changed_meanwhile``; :class:`NotYours`.
    """
    check_texts(kind_of(template), texts)
    lock_for_writing(db)
    current = find_current(db, template)
    meanwhile = Refused(
        _(
            "Quelqu’un d’autre a changé ce mail pendant que vous écriviez. Son texte est dans "
            "l’historique, le vôtre est encore ci-dessous : enregistrez de nouveau pour le garder."
        ),
        code="changed_meanwhile",
    )
    if seen != (current.number if current else 0):
        raise meanwhile
    if dict(texts) == (current.texts if current else ORIGINAL):
        return None
    made = MailWording(template=template, number=seen + 1, by_id=by_id, at=now, **texts)
    db.add(made)
    try:
        db.flush()
    except IntegrityError:  # the same number, written at the same instant
        raise meanwhile from None
    note(db, Act.MAIL_REWORDED, now=now, about={"mail": template, "version": made.number})
    return made


def restore_wording(
    db: Session, template: str, number: int, *, seen: int, by_id: UUID, now: datetime
) -> MailWording | None:
    """Say again what version ``number`` said, 0 for the original, as a new version: nothing of the
    history is lost. Raises as :func:`save_wording`."""
    kind_of(template)
    found = find_version(db, template, number) if number else None
    if number and found is None:
        raise NotYours()
    texts = found.texts if found is not None else ORIGINAL
    return save_wording(db, template, texts, seen=seen, by_id=by_id, now=now)


def send_trial(db: Session, template: str, person: User, *, language: str, now: datetime) -> None:
    """The mail as it is saved, with its sample, to this person's own address, said to be a trial.
    Raises :class:`NotYours`."""
    kind = kind_of(template)
    with speaking(language):
        write_mail(db, person.email, template, {**kind.sample, TRIAL: True}, now=now)
