"""A row of the logbook in words: who, what, to whom, on what, from where."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.admin.place.words import SECTION_LABELS
from tierslieu.admin.words import ROLE_LABELS
from tierslieu.logbook.acts import VIA_WORDS, Act, Via, word_of
from tierslieu.logbook.models import LogEntry
from tierslieu.people.models import User
from tierslieu.tokens.models import AccessToken
from tierslieu.web.sheets import BOM, DELIMITER, harmless

_SETTINGS = {
    "agenda": _l("agenda : zone, heures de classe, jours fermés"),
    "missed": _l("absences sans prévenir"),
    "attention": _l("prendre des nouvelles"),
}


@dataclass(frozen=True)
class Line:
    """One row, to show. ``actor_id``, ``subject_id``: accounts that still are somebody's."""

    number: int
    at: datetime
    act: str
    actor: str
    actor_id: UUID | None
    subject: str
    subject_id: UUID | None
    via: str
    detail: str
    words: str
    url: str


def show(db: Session, entries: Sequence[LogEntry]) -> list[Line]:
    """The rows in words; names are looked up all at once."""
    ids = {one for entry in entries for one in (entry.actor_id, entry.subject_id) if one}
    keys = {UUID(entry.via_ref) for entry in entries if entry.via_ref}
    people = {
        person.id: person.name
        for person in db.scalars(select(User).where(User.id.in_(ids)).order_by(User.id))
    }
    tokens = {
        token.id: token.name
        for token in db.scalars(
            select(AccessToken).where(AccessToken.id.in_(keys)).order_by(AccessToken.id)
        )
    }
    return [_line(entry, people, tokens) for entry in entries]


def _line(entry: LogEntry, people: dict[UUID, str], tokens: dict[UUID, str]) -> Line:
    about = json.loads(entry.about)
    key = tokens.get(UUID(entry.via_ref)) if entry.via_ref else None
    via = str(VIA_WORDS[Via(entry.via)])
    return Line(
        number=entry.number,
        at=entry.at,
        act=word_of(entry.act),
        actor=_who(entry.actor_id, entry.actor_seal, people) or _nobody(entry.via),
        actor_id=entry.actor_id if entry.actor_id in people else None,
        subject=_who(entry.subject_id, entry.subject_seal, people),
        subject_id=entry.subject_id if entry.subject_id in people else None,
        via=_("%(via)s, clé « %(key)s »", via=via, key=key) if key else via,
        detail=_detail(about),
        # Of two accounts, the words are which other one: nothing to read.
        words="" if entry.act == Act.ACCOUNTS_JOINED.value else entry.words,
        # Of what an administrator may open; the rest is for those who work on it.
        url=f"/agenda/{about['session']}" if "session" in about else "",
    )


def _who(user_id: UUID | None, seal: str, people: dict[UUID, str]) -> str:
    if user_id is None:
        return str(_("une personne partie")) if seal else ""
    return people.get(user_id) or str(_("une personne partie"))


def _nobody(via: str) -> str:
    if via == Via.WORKER.value:
        return str(_("le lieu"))
    if via == Via.COMMAND.value:
        return str(_("qui tient le serveur"))
    return str(_("une personne partie"))


def _detail(about: dict[str, str | int]) -> str:
    said = []
    if role := about.get("role"):
        said.append(str(ROLE_LABELS[str(role)][0]) if role in ROLE_LABELS else str(role))
    if setting := about.get("setting"):
        said.append(str(_SETTINGS.get(str(setting), setting)))
    if section := about.get("section"):
        known = {one.value: label for one, label in SECTION_LABELS.items()}
        said.append(str(known.get(str(section), section)))
    said += [str(about[key]) for key in ("title", "rule", "job", "template") if about.get(key)]
    if count := about.get("count"):
        said.append(_("%(count)s personnes", count=count))
    if day := about.get("day"):
        half = {"am": _("matin"), "pm": _("après-midi")}.get(str(about.get("half")), "")
        said.append(f"{day} {half}".strip())
    if name := about.get("key"):
        said.append(str(name)[-12:])
    if scopes := about.get("scopes"):
        said.append(str(scopes))
    return ", ".join(said)


def columns() -> list[str]:
    """The head of the file."""
    return [
        _("numéro"),
        _("instant"),
        _("quoi"),
        _("qui"),
        _("à qui"),
        _("sur quoi"),
        _("raison"),
        _("depuis"),
        _("empreinte"),
    ]


def write_csv(entries: Sequence[LogEntry], lines: Iterable[Line]) -> Iterator[str]:
    """The file, line by line; no spreadsheet runs a cell of it. By the hash, whoever keeps the
    file finds the row again."""
    yield BOM + _csv_line(columns())
    for entry, line in zip(entries, lines, strict=True):
        yield _csv_line(
            [
                str(line.number),
                clock.to_local(line.at).isoformat(),
                line.act,
                line.actor,
                line.subject,
                line.detail,
                line.words,
                line.via,
                entry.digest,
            ]
        )


def _csv_line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=DELIMITER, lineterminator="\r\n")
    writer.writerow([harmless(cell) for cell in cells])
    return buffer.getvalue()
