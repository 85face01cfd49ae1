"""Where what people share is shown: the blueprint, who reads, and what addresses ask for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, request
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from tierslieu import clock
from tierslieu.community.contents.models import Content
from tierslieu.community.entries.models import BaseKind
from tierslieu.community.entries.queries import AnyEntry, Viewer, viewer_of
from tierslieu.community.events.models import Event
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.settings import Settings
from tierslieu.web.access import current_person_or_none
from tierslieu.web.written import Theirs

blueprint = Blueprint("community", __name__)
PER_PAGE = 20
# The word of each base in addresses; both have the same pages for files, moderation, imports.
BASES = "<any(ressources,evenements):base>"
MODELS: dict[str, type[Content] | type[Event]] = {"ressources": Content, "evenements": Event}
KINDS = {"ressources": BaseKind.CONTENTS, "evenements": BaseKind.EVENTS}
WORDS = {kind: word for word, kind in KINDS.items()}
SHOW = {"ressources": "community.content", "evenements": "community.event"}
LIST = {"ressources": "community.contents", "evenements": "community.events"}


def reader() -> Viewer:
    """Who reads this page, with their pilots."""
    return viewer_of(db.session(), current_person_or_none())


def settings() -> Settings:
    """Those of the place."""
    found: Settings = current_app.config["TIERSLIEU"]
    return found


def asked_common(viewer: Viewer) -> dict[str, Any]:
    """What both lists may be asked for in their address; anything strange is not asked."""
    text = request.args.get("q", "")
    return {
        "text": text.strip()[:200] if text.isprintable() else "",
        "space": _asked_space(viewer, request.args.get("espace", "")),
        "has_file": request.args.get("fichier") == "1",
        "is_hidden": request.args.get("masquees") == "1" and viewer.user_id is not None,
    }


def _asked_space(viewer: Viewer, text: str) -> UUID | str | None:
    if text in ("public", "ouvert"):
        return {"public": "public", "ouvert": "open"}[text]
    return read_pilot(viewer, text)


def read_pilot(viewer: Viewer, text: str | None) -> UUID | None:
    """The pilot of the reader's that this text names; None for anything else."""
    return next((pilot.id for pilot in viewer.pilots if str(pilot.id) == text), None)


def chosen_space(viewer: Viewer, text: str | None) -> UUID | None:
    """The space chosen in a form. Raises :class:`Refused` for one the reader has not."""
    pilot_id = read_pilot(viewer, text)
    if text and pilot_id is None:
        raise Refused(
            _("Choisissez un espace de la liste."), code="unknown_space", field="space", status=422
        )
    return pilot_id


def space_choices(viewer: Viewer) -> list[SelectChoice]:
    """Where this person may put an entry."""
    pilots = [SelectChoice(str(p.id), Theirs(p.name), optgroup=_("Pilotes")) for p in viewer.pilots]
    return [SelectChoice("", _("Base ouverte : toutes les personnes qui ont un compte")), *pilots]


def space_name(viewer: Viewer, entry: AnyEntry) -> str:
    """Where an entry is, for its page and its line in a list."""
    pilot = viewer.pilot(entry.pilot_id)
    if pilot is not None:
        return str(_("Pilote « %(name)s »", name=pilot.name))
    return str(_("Visible de tout le monde") if entry.is_public else _("Base ouverte"))


def csv_answer(lines: Iterable[str], name: str) -> Response:
    """A table to keep."""
    day = clock.to_local(clock.now()).date().isoformat()
    return Response(
        "".join(lines).encode(),
        content_type="text/csv; charset=utf-8; header=present",
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{day}.csv"',
            "Cache-Control": "private, no-store",
        },
    )
