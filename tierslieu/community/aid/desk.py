"""What the pages of mutual aid take from the application and from their address."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request, url_for

from tierslieu.community.aid.groups.queries import Group, Reader, find_group, reader_of
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.web.access import current_person

GROUPS = "<any(parcours,promotions):kind>/<uuid:group_id>"


def aid_reader() -> Reader:
    """Who reads this page."""
    return reader_of(db.session(), current_person())


def the_group(reader: Reader, kind: str, group_id: UUID) -> Group:
    """The group of this address; NotYours for whoever is not in it."""
    group = find_group(db.session(), reader, kind, group_id)
    if group is None:
        raise NotYours
    return group


def group_url(group: Group, **more: Any) -> str:
    """The page of a group."""
    return url_for("community.aid_group", kind=group.kind, group_id=group.id, **more)


def came_from() -> str:
    """The page of mutual aid to go on to (``suite`` in the address); the first for all others."""
    asked = request.args.get("suite", "")
    first: str = url_for("community.aid")
    is_ours = asked.startswith(f"{first}/") and asked.isprintable() and "\\" not in asked
    return asked if is_ours and "//" not in asked else first
