"""Adding to the base of contents, and changing what one added."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.community.contents.licences import named
from tierslieu.community.contents.models import Content, Rights
from tierslieu.community.entries.queries import Viewer
from tierslieu.community.entries.rules import (
    MAX_DESCRIPTION,
    MAX_NAME,
    check_length,
    check_link,
    find_editable,
    place_entry,
    searched,
    wrong,
)
from tierslieu.db import lock_for_writing

MAX_LICENCE = 200  # characters


@dataclass(frozen=True)
class ContentFacts:
    """The six columns as somebody gives them."""

    subject: str
    content: str = ""
    description: str = ""
    link: str = ""
    author: str = ""
    rights: Rights = Rights.TO_CHECK
    licence: str = ""
    # A file says «oui» and no licence: kept as «à vérifier», unless the base knows better.
    says_yes: bool = False


def _one_line(text: str, most: int, field: str) -> str:
    return check_length(" ".join(text.split()), most, field)


def check_facts(facts: ContentFacts) -> ContentFacts:
    """The same, tidied. Raises :class:`Refused` ``subject_missing``, ``too_long``, ``bad_link``
    or ``licence_missing``: what is free says under which licence."""
    subject = _one_line(facts.subject, MAX_NAME, "subject")
    if not subject:
        raise wrong(
            _("Donnez un objet : ce sous quoi on la cherchera."), "subject_missing", "subject"
        )
    licence = named(_one_line(facts.licence, MAX_LICENCE, "licence"))
    if facts.rights is Rights.YES and not licence:
        message = _(
            "Ce qui est libre de droit l’est sous une licence : nommez-la, ou choisissez "
            "« à vérifier »."
        )
        raise wrong(message, "licence_missing", "licence")
    return replace(
        facts,
        subject=subject,
        content=_one_line(facts.content, MAX_NAME, "content"),
        description=check_length(facts.description, MAX_DESCRIPTION, "description"),
        link=check_link(facts.link),
        author=_one_line(facts.author, MAX_NAME, "author"),
        licence=licence,
    )


def write_facts(entry: Content, facts: ContentFacts, now: datetime) -> Content:
    """Put checked facts into an entry."""
    entry.subject, entry.content = facts.subject, facts.content
    entry.description, entry.link, entry.author = facts.description, facts.link, facts.author
    entry.rights, entry.licence = facts.rights, facts.licence
    entry.search_text = searched(entry.texts())
    entry.changed_at = now
    return entry


def save_content(
    db: Session,
    viewer: Viewer,
    entry_id: UUID | None,
    facts: ContentFacts,
    *,
    pilot_id: UUID | None = None,
    is_public: bool = False,
    seen: int | None = None,
    now: datetime,
) -> Content:
    """Add a content, or change one that this person may edit.

    Raises as :func:`check_facts`, :func:`place_entry` and :func:`find_editable` do.
    """
    facts = check_facts(facts)
    lock_for_writing(db)
    if entry_id is None:
        entry = Content(owner_id=viewer.user_id, created_at=now)
    else:
        entry = find_editable(db, Content, viewer, entry_id, seen)
        entry.revision += 1
    place_entry(entry, viewer, pilot_id, is_public=is_public)
    db.add(write_facts(entry, facts, now))
    db.flush()
    return entry
