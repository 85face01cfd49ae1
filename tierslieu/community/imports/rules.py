"""What a file would do to a base, line by line; and doing it, once."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.community.contents import table as contents_table
from tierslieu.community.entries.models import BaseKind
from tierslieu.community.entries.queries import Viewer, list_space
from tierslieu.community.entries.rules import wrong
from tierslieu.community.events import table as events_table
from tierslieu.community.imports.csv_files import read_table
from tierslieu.community.imports.models import ImportDraft
from tierslieu.community.imports.queries import find_draft, list_old_drafts, lock_drafts
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.web.languages import current

KEPT_FOR = timedelta(days=7)
TABLES: dict[BaseKind, Any] = {BaseKind.CONTENTS: contents_table, BaseKind.EVENTS: events_table}


class Fate(enum.Enum):
    """What becomes of a line."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True)
class Change:
    """One cell that a line would change."""

    column: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """One line of the file and its fate; ``why`` for a refusal, or what to know about it."""

    position: int  # its line in the file, the title being 1
    title: str
    fate: Fate
    why: str = ""
    changes: tuple[Change, ...] = ()
    facts: Any = None
    entry: Any = None  # what it changes, or is already


@dataclass(frozen=True)
class Plan:
    """The fates of all lines of a file."""

    lines: Sequence[Line]
    counts: dict[Fate, int] = field(init=False)

    def __post_init__(self) -> None:
        counts = dict.fromkeys(Fate, 0)
        for line in self.lines:
            counts[line.fate] += 1
        object.__setattr__(self, "counts", counts)


@dataclass(frozen=True)
class _Read:
    """A line that reads well, or why it does not."""

    position: int
    title: str
    facts: Any = None
    why: str = ""


def plan_file(
    db: Session, kind: BaseKind, pilot_id: UUID | None, text: str, *, now: datetime
) -> Plan:
    """What this text would do to that space of the base. Changes nothing.

    A line that the base holds word for word changes nothing. Else it changes the one entry that it
    may be (same «Objet» and «Auteur»; same «Nom» and overlapping dates), or adds one. No two lines
    change the same entry. Raises :class:`Refused` as :func:`read_table` does.
    """
    table = TABLES[kind]
    read = [_read(table, *found, now) for found in _table_of(table, text)]
    held = defaultdict(list)
    for entry in list_space(db, table.MODEL, pilot_id):
        held[table.key(entry)].append(entry)
    same = {line.position: _find_same(table, line, held) for line in read if line.facts}
    taken = {entry.id for entry in same.values() if entry is not None}
    lines: list[Line] = []
    earlier: dict[str, list[_Read]] = defaultdict(list)
    for line in read:
        if line.facts is None:
            lines.append(Line(line.position, line.title, Fate.REFUSED, line.why))
            continue
        name = table.key(line.facts)
        found = same[line.position]
        if found is not None:
            lines.append(Line(line.position, line.title, Fate.SAME, entry=found))
        else:
            free = [e for e in held[name] if e.id not in taken and table.may_be(line.facts, e)]
            judged = _judge(table, line, free, earlier[name])
            taken |= {judged.entry.id} if judged.entry is not None else set()
            lines.append(judged)
        earlier[name].append(line)
    return Plan(lines)


def _table_of(table: Any, text: str) -> list[tuple[int, list[str] | None]]:
    """The rows of a file whose heads are in any of our languages; a refusal speaks the reader's."""
    return read_table(text, table.HEADS[current()], *table.HEADS.values())


def _read(table: Any, position: int, cells: list[str] | None, now: datetime) -> _Read:
    if cells is None:
        count = len(table.COLUMNS)
        return _Read(position, "", why=_("cette ligne n’a pas %(count)s cases", count=count))
    title = " ".join(cells[0].split())[:200]
    if any(ord(c) < 32 and c not in "\n\r\t" for cell in cells for c in cell):
        return _Read(position, title, why=_("cette ligne contient un caractère invisible"))
    try:
        return _Read(position, title, facts=table.read(cells, now))
    except Refused as refused:
        return _Read(position, title, why=refused.message)


def _find_same(table: Any, line: _Read, held: dict[str, list[Any]]) -> Any:
    for entry in held.get(table.key(line.facts), []):
        if table.row(table.settle(line.facts, entry)) == table.row(entry):
            return entry
    return None


def _judge(table: Any, line: _Read, free: list[Any], earlier: list[_Read]) -> Line:
    for other in earlier:
        if table.row(line.facts) == table.row(other.facts):
            why = _("la ligne %(position)s dit exactement la même chose", position=other.position)
            return Line(line.position, line.title, Fate.REFUSED, why)
    if len(free) > 1:
        why = _("plusieurs fiches de la base répondent à ce nom : modifiez la bonne à la main")
        return Line(line.position, line.title, Fate.REFUSED, why)
    if not free:
        remark = table.remark(line.facts)
        return Line(line.position, line.title, Fate.ADDED, remark, facts=line.facts)
    entry = free[0]
    if entry.hidden_at is not None:
        why = _("cette fiche est masquée : rétablissez-la d’abord")
        return Line(line.position, line.title, Fate.REFUSED, why)
    facts = table.settle(line.facts, entry)
    spoken = current()
    changes = tuple(
        Change(column, before, after)
        for column, before, after in zip(
            table.HEADS[spoken], table.row(entry, spoken), table.row(facts, spoken), strict=True
        )
        if before != after
    )
    why = table.remark(facts)
    return Line(line.position, line.title, Fate.CHANGED, why, changes, facts, entry)


def draft_import(
    db: Session,
    viewer: Viewer,
    kind: BaseKind,
    pilot_id: UUID | None,
    *,
    text: str,
    filename: str,
    now: datetime,
) -> ImportDraft:
    """Keep a file that reads, so that it can be looked at and confirmed. For the team: NotYours.

    Raises ``unknown_space``, or as :func:`read_table` does.
    """
    if not viewer.is_team or viewer.user_id is None:
        raise NotYours
    if pilot_id is not None and viewer.pilot(pilot_id) is None:
        raise wrong(_("Choisissez un espace de la liste."), "unknown_space", "space")
    _table_of(TABLES[kind], text)
    lock_for_writing(db)
    draft = ImportDraft(
        base=kind,
        pilot_id=pilot_id,
        owner_id=viewer.user_id,
        filename=filename,
        text=text,
        created_at=now,
    )
    db.add(draft)
    db.flush()
    return draft


def apply_import(
    db: Session, viewer: Viewer, draft_id: UUID, *, seen: tuple[int, int], now: datetime
) -> ImportDraft:
    """Do what the file says, once: refused lines are left out.

    ``seen``: how many additions and changes were shown. Raises NotYours, ``already_applied``, or
    ``base_changed`` when the base moved so that there are others now: look again.
    """
    lock_for_writing(db)
    draft = find_draft(db, viewer, draft_id)
    if draft is None:
        raise NotYours
    lock_drafts(db, draft.base)  # files are applied one after the other
    db.refresh(draft)
    if draft.applied_at is not None:
        raise Refused(_("Ce fichier est déjà importé."), code="already_applied")
    table = TABLES[draft.base]
    plan = plan_file(db, draft.base, draft.pilot_id, draft.text, now=now)
    if seen != (plan.counts[Fate.ADDED], plan.counts[Fate.CHANGED]):
        raise Refused(
            _("La base a changé entre-temps : relisez ce que le fichier ferait maintenant."),
            code="base_changed",
        )
    write: Callable[..., Any] = table.write
    for line in plan.lines:
        if line.fate is Fate.ADDED:
            entry = table.new_entry(line.facts, now)
            entry.owner_id, entry.pilot_id = viewer.user_id, draft.pilot_id
            db.add(entry)
        elif line.fate is Fate.CHANGED:
            write(line.entry, line.facts, now)
            line.entry.revision += 1
    draft.added, draft.changed = seen
    draft.applied_at, draft.text = now, ""
    db.flush()
    return draft


def discard_import(db: Session, viewer: Viewer, draft_id: UUID) -> BaseKind:
    """Forget a file that was not applied. Raises NotYours."""
    lock_for_writing(db)
    draft = find_draft(db, viewer, draft_id)
    if draft is None:
        raise NotYours
    kind = draft.base
    db.delete(draft)
    db.flush()
    return kind


def forget_old_drafts(db: Session, now: datetime) -> int:
    """Remove the files shown more than a week ago; gives how many."""
    old = list_old_drafts(db, now - KEPT_FOR)
    for draft in old:
        db.delete(draft)
    db.flush()
    return len(old)
