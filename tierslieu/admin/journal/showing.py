"""A row of the logbook in words: who, what, to whom, on what, from where."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.admin.place.words import SECTION_LABELS
from tierslieu.admin.words import ROLE_LABELS
from tierslieu.admin.works.names import NAMES
from tierslieu.among import is_among
from tierslieu.attention import AttentionRule
from tierslieu.house import House
from tierslieu.logbook.acts import VIA_WORDS, Act, Via, word_of
from tierslieu.logbook.models import LogEntry
from tierslieu.mail.letters.every import KINDS
from tierslieu.people.models import User
from tierslieu.place.parts import BY_KEY
from tierslieu.tokens.models import AccessToken
from tierslieu.tokens.words import SCOPE_LABELS
from tierslieu.web.formats import long_day
from tierslieu.web.sheets import BOM, DELIMITER, harmless
from tierslieu.web.written import Theirs

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


def show(db: Session, house: House, entries: Sequence[LogEntry]) -> list[Line]:
    """The rows in words; names are looked up all at once."""
    rules = {rule.code: str(rule.title) for rule in house.all(AttentionRule)}
    ids = {one for entry in entries for one in (entry.actor_id, entry.subject_id) if one}
    keys = {UUID(entry.via_ref) for entry in entries if entry.via_ref}
    people = {
        person.id: person.name
        for person in db.scalars(select(User).where(is_among(User.id, ids)).order_by(User.id))
    }
    tokens = {
        token.id: token.name
        for token in db.scalars(
            select(AccessToken).where(AccessToken.id.in_(keys)).order_by(AccessToken.id)
        )
    }
    return [_line(entry, people, tokens, rules) for entry in entries]


def _line(
    entry: LogEntry, people: dict[UUID, str], tokens: dict[UUID, str], rules: dict[str, str]
) -> Line:
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
        detail=_detail(about, rules),
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


def _detail(about: dict[str, str | int], rules: dict[str, str]) -> str:
    said = []
    if role := about.get("role"):
        said.append(str(ROLE_LABELS[str(role)][0]) if role in ROLE_LABELS else str(role))
    if setting := about.get("setting"):
        said.append(str(_SETTINGS.get(str(setting), setting)))
    if section := about.get("section"):
        known = {one.value: label for one, label in SECTION_LABELS.items()}
        said.append(str(known.get(str(section), section)))
    # A rewording names its mail; what was done to one that waits names its template beside it.
    if kind := KINDS.get(str(about.get("template", about.get("mail")))):
        said.append(str(kind.name))
    if job := about.get("job"):
        said.append(str(NAMES.get(str(job), job)))
    if "closed" in about:
        said.append(_say_entry(about))
    if uses := about.get("uses"):
        said.append(ngettext("pour %(num)s personne", "pour %(num)s personnes", int(uses)))
    if rule := about.get("rule"):
        said.append(rules.get(str(rule), str(_("Tout le lieu"))))
    if "on" in about:
        said.append(_("en marche") if about["on"] else _("arrêtée"))
    if "off" in about:
        keys = str(about["off"]).split()
        off = ", ".join(str(BY_KEY[key].label) if key in BY_KEY else key for key in keys)
        said.append(_("éteint : %(parts)s", parts=off) if off else _("rien d’éteint"))
    if title := about.get("title"):
        said.append(str(title))
    if count := about.get("count"):
        said.append(ngettext("%(num)s personne", "%(num)s personnes", int(count)))
    said += [str(about[key]) for key in ("issuer", "site") if about.get(key)]
    if mails := about.get("mails"):
        said.append(ngettext("%(num)s mail", "%(num)s mails", int(mails)))
    if day := about.get("day"):
        half = {"am": _("matin"), "pm": _("après-midi")}.get(str(about.get("half")), "")
        said.append(f"{day} {half}".strip())
    if name := about.get("key"):
        said.append(str(name)[-12:])
    for scope in str(about.get("scopes", "")).split():
        said.append(str(SCOPE_LABELS.get(scope, scope)))
    # A title was written by somebody; the rest is ours.
    return Theirs(", ".join(said)) if about.get("title") else ", ".join(said)


def _say_entry(about: dict[str, str | int]) -> str:
    """Who may open an account from then on, and until when it is so."""
    if not about["closed"]:
        return str(_("ouvertes à tous"))
    if not about.get("until"):
        return str(_("sur invitation"))
    until = long_day(date.fromisoformat(str(about["until"])))
    return str(_("sur invitation, jusqu’au %(day)s", day=until))


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
