"""What holds for an entry of either base: its space, its link, its files, its moderation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.community.contents.models import Content
from tierslieu.community.entries.models import EntryFile
from tierslieu.community.entries.queries import AnyEntry, E, Viewer, find_entry, find_file
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.rules import write_mail
from tierslieu.people.models import User, fold
from tierslieu.uploads.models import Upload
from tierslieu.web.links import clean_url

MAX_NAME = 200  # characters of a name, an author, a place
MAX_DESCRIPTION = 4000
MAX_REASON = 500
MAX_FILES = 10


def wrong(message: str, code: str, field: str) -> Refused:
    """What came in cannot be kept, with the sentence beside its field."""
    return Refused(message, code=code, field=field, status=422)


def check_length(text: str, most: int, field: str) -> str:
    """``text`` with one kind of line break and nothing around. Raises ``too_long``."""
    text = "\n".join(text.splitlines()).strip()
    if len(text) > most:
        message = _(
            "Ce texte est trop long : %(most)s caractères sont possibles, il en a %(count)s.",
            most=most,
            count=len(text),
        )
        raise wrong(message, "too_long", field)
    return text


def check_link(link: str) -> str:
    """The link, if it leads to a page of the web. Raises ``bad_link`` (field ``link``)."""
    try:
        return clean_url(link)
    except Refused as refused:
        raise wrong(refused.message, refused.code, "link") from None


def searched(texts: Iterable[str]) -> str:
    """What the search looks into."""
    return " ".join(" ".join(fold(text).split()) for text in texts if text)


def find_editable(
    db: Session, model: type[E], viewer: Viewer, entry_id: UUID, seen: int | None = None
) -> E:
    """The entry for whoever may edit it, locked. ``seen`` is the revision that was before their
    eyes. Raises NotYours, or ``changed_meanwhile``."""
    lock_for_writing(db)
    entry = find_entry(db, model, viewer, entry_id)
    if entry is None or not viewer.may_edit(entry):
        raise NotYours
    db.refresh(entry, with_for_update={"of": model})
    if seen is not None and entry.revision != seen:
        raise Refused(
            _(
                "Quelqu’un a modifié cette fiche pendant que vous écriviez. Ouvrez-la dans un "
                "autre onglet, reprenez ce qui a changé, puis enregistrez de nouveau."
            ),
            code="changed_meanwhile",
        )
    return entry


def place_entry(entry: AnyEntry, viewer: Viewer, pilot_id: UUID | None, *, is_public: bool) -> None:
    """Put an entry into the open base or a pilot of the person's own.

    Raises ``unknown_space``, or ``pilot_not_public``: what is in a closed pilot is not for all.
    """
    if pilot_id is not None and viewer.pilot(pilot_id) is None:
        message = _("Choisissez un espace de la liste.")
        raise wrong(message, "unknown_space", "space")
    if pilot_id is not None and is_public:
        message = _(
            "Ce qui est dans un pilote n’est pas lu par les visiteurs : choisissez la base "
            "ouverte, ou décochez cette case."
        )
        raise wrong(message, "pilot_not_public", "is_public")
    entry.pilot_id, entry.is_public = pilot_id, is_public


def hide(
    db: Session, model: type[E], viewer: Viewer, entry_id: UUID, *, reason: str, now: datetime
) -> E:
    """Take an entry out of the lists; whoever added it still sees it, and reads why by mail.

    Raises ``reason_missing``, ``too_long`` or ``already_hidden``. For the team only: NotYours.
    """
    if not viewer.is_team:
        raise NotYours
    entry = find_editable(db, model, viewer, entry_id)
    reason = check_length(reason, MAX_REASON, "reason")
    if not reason:
        message = _("Dites pourquoi : la personne qui a ajouté cette fiche le lira.")
        raise wrong(message, "reason_missing", "reason")
    if entry.hidden_at is not None:
        raise Refused(_("Cette fiche est déjà masquée."), code="already_hidden")
    entry.hidden_at, entry.hidden_by_id, entry.hidden_reason = now, viewer.user_id, reason
    db.flush()
    _tell(db, entry, viewer, now)
    return entry


def restore(db: Session, model: type[E], viewer: Viewer, entry_id: UUID, *, now: datetime) -> E:
    """Put a hidden entry back into the lists. Raises ``not_hidden``; NotYours but for the team."""
    if not viewer.is_team:
        raise NotYours
    entry = find_editable(db, model, viewer, entry_id)
    if entry.hidden_at is None:
        raise Refused(_("Cette fiche n’est plus masquée."), code="not_hidden")
    entry.hidden_at, entry.hidden_by_id, entry.hidden_reason = None, None, ""
    db.flush()
    _tell(db, entry, viewer, now)
    return entry


def _tell(db: Session, entry: AnyEntry, viewer: Viewer, now: datetime) -> None:
    owner = db.get(User, entry.owner_id) if entry.owner_id else None
    if owner is None or owner.id == viewer.user_id:
        return
    is_content = isinstance(entry, Content)
    write_mail(
        db,
        owner.email,
        "community_moderated",
        {
            "name": owner.name,
            "title": entry.subject if isinstance(entry, Content) else entry.name,
            "is_hidden": entry.hidden_at is not None,
            "reason": entry.hidden_reason,
            "path": f"/{'ressources' if is_content else 'evenements'}/{entry.id}",
        },
        now=now,
        due_key=f"community-moderated:{entry.id}:{entry.hidden_at is not None}:{now.isoformat()}",
    )


def check_room(entry: AnyEntry) -> None:
    """Raise ``too_many_files`` (field ``file``) where one more has no room."""
    if len(entry.files) >= MAX_FILES:
        message = _("Dix fichiers sont déjà joints : retirez-en un, ou donnez un lien.")
        raise wrong(message, "too_many_files", "file")


def attach(
    db: Session, model: type[E], viewer: Viewer, entry_id: UUID, upload: Upload, *, now: datetime
) -> EntryFile:
    """Join a kept file to an entry one may edit. Raises NotYours, or ``too_many_files``."""
    entry = find_editable(db, model, viewer, entry_id)
    check_room(entry)
    file = EntryFile(upload=upload)
    entry.files.append(file)
    entry.changed_at = now
    db.flush()
    return file


def detach(db: Session, model: type[E], viewer: Viewer, entry_id: UUID, file_id: UUID) -> E:
    """Take a file away; its bytes go with the next sweep. Raises NotYours."""
    entry = find_editable(db, model, viewer, entry_id)
    file = find_file(entry, file_id)
    if file is None:
        raise NotYours
    entry.files.remove(file)
    db.delete(file.upload)
    db.flush()
    return entry


def remove(db: Session, model: type[E], viewer: Viewer, entry_id: UUID) -> None:
    """Delete an entry and its files for good. Raises NotYours."""
    entry = find_editable(db, model, viewer, entry_id)
    for file in entry.files:
        db.delete(file.upload)
    db.delete(entry)
    db.flush()


def forget_owner(db: Session, entries: Iterable[AnyEntry], name: str) -> None:
    """Cut the tie of entries to a person: their account, and their name where they were author."""
    for entry in entries:
        entry.owner_id = None
        if name and fold(entry.author) == fold(name):
            entry.author = ""
            entry.search_text = searched(entry.texts())
    db.flush()
