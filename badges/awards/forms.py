"""Forms of awarding: parse and shape only."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import FileStorage
from wtforms import HiddenField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from badges.awards.facts import Judgement
from badges.awards.judging import check_judgement
from badges.designs.models import BadgeClass, CriterionKind
from tierslieu.errors import Refused
from tierslieu.uploads.kinds import KINDS
from tierslieu.uploads.rules import MAX_SIZE, KeptFile
from tierslieu.web.forms import Form, no_control_characters, tidy


@dataclass
class Entry:
    """What was typed of one judgement of one person; ``errors`` by field, in words. ``filename``:
    of the file joined, which a browser does not keep: it is to be chosen again."""

    reason: str = ""
    url: str = ""
    is_reason_public: bool = True
    is_url_public: bool = False
    filename: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    accept: ClassVar[str] = ",".join(KINDS)  # what the browser offers to choose
    each: ClassVar[int] = MAX_SIZE  # bytes of one file
    together: ClassVar[int] = 60 * 1024 * 1024  # bytes of all files of a form and its words

    @property
    def is_begun(self) -> bool:
        """Whether anything was said."""
        return bool(self.reason.strip() or self.url.strip() or self.filename)

    @property
    def reason_error(self) -> str:
        """What is wrong with the words, if anything."""
        return self.errors.get("reason", "")

    @property
    def url_error(self) -> str:
        """What is wrong with the link, if anything."""
        return self.errors.get("url", "")

    @property
    def file_error(self) -> str:
        """What is wrong with the file, if anything."""
        return self.errors.get("file", "")


#: By person, then by condition.
Entries = dict[tuple[UUID, UUID], Entry]


def read_judgements(
    sent: Mapping[str, str],
    files: Mapping[str, FileStorage],
    badge: BadgeClass,
    user_ids: Sequence[UUID],
    keep: Callable[[str, bytes], KeptFile],
) -> tuple[Entries, dict[UUID, dict[UUID, Judgement]]]:
    """What the form says of the people ticked: as typed, and as what can be stated.

    ``keep`` checks a file (its name, its bytes) and lays it aside, or raises :class:`Refused`.
    Where a badge asks for several judgements and some are enough, those left empty are not
    stated; a person ticked with none at all is told to write one.
    """
    asked = [c.id for c in badge.conditions if c.kind is CriterionKind.JUDGEMENT]
    entries: Entries = {}
    stated: dict[UUID, dict[UUID, Judgement]] = {}
    for user_id in user_ids:
        shown = [c for c in asked if f"reason-{user_id}-{c}" in sent]
        for condition_id in shown:
            entries[user_id, condition_id] = _read_entry(sent, files, f"{user_id}-{condition_id}")
        written = [c for c in shown if entries[user_id, c].is_begun]
        for condition_id in written or shown[:1]:
            entry = entries[user_id, condition_id]
            judgement = Judgement(
                entry.reason, entry.is_reason_public, entry.url, entry.is_url_public
            )
            try:
                judgement = check_judgement(judgement)
            except Refused as refused:
                entry.errors[refused.field or "reason"] = refused.message
            if entry.filename:
                file = files[f"file-{user_id}-{condition_id}"]
                try:
                    judgement = replace(judgement, file=keep(entry.filename, file.read()))
                except Refused as refused:
                    entry.errors["file"] = refused.message
            stated.setdefault(user_id, {})[condition_id] = judgement
    return entries, stated


def _read_entry(sent: Mapping[str, str], files: Mapping[str, FileStorage], key: str) -> Entry:
    file = files.get(f"file-{key}")
    entry = Entry(
        tidy(sent.get(f"reason-{key}")) or "",
        tidy(sent.get(f"url-{key}")) or "",
        f"reason_public-{key}" in sent,
        f"url_public-{key}" in sent,
        (file.filename or "") if file else "",
    )
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in entry.reason):
        entry.errors["reason"] = gettext(
            "Ce texte contient un caractère invisible : effacez-le et réessayez."
        )
    return entry


class AwardForm(Form):
    """Who receives the badge, from which session or path, or from the page of proposals."""

    seance = HiddenField()
    parcours = HiddenField()
    propositions = HiddenField()
    people = SelectMultipleField(
        _("Personnes"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )


class SuspensionForm(Form):
    """Why a badge is suspended."""

    reason = TextAreaField(
        _("Raison de la suspension"),
        [
            DataRequired(_("Dites pourquoi : la personne lira cette raison.")),
            Length(max=600),
            no_control_characters,
        ],
        filters=[tidy],
        description=_(
            "Lue par la personne et par l’équipe, elles seules : aux autres, la page du badge dit "
            "seulement qu’il est suspendu, et depuis quand."
        ),
    )


class RevocationForm(Form):
    """Why a badge is withdrawn."""

    reason = TextAreaField(
        _("Raison du retrait"),
        [
            DataRequired(_("Dites pourquoi : la personne lira cette raison.")),
            Length(max=600),
            no_control_characters,
        ],
        filters=[tidy],
        description=_(
            "Lue par la personne et par l’équipe, elles seules : aux autres, la page du badge dit "
            "seulement qu’il est retiré, et depuis quand."
        ),
    )
