"""Signatures in words: on the sign-in page and on the sheet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _

from tierslieu.attendance.signing.models import Manner, Signature
from tierslieu.web.formats import hour


def first_by_line(records: Iterable[Signature]) -> dict[UUID, Signature]:
    """Each line's first signature; one that the person made before what the team saw."""
    found: dict[UUID, Signature] = {}
    for one in sorted(records, key=lambda r: (r.manner is Manner.TEAM, r.at, r.id)):
        if one.attendance_id is not None:
            found.setdefault(one.attendance_id, one)
    return found


def how_signed(signature: Signature) -> str:
    """``signé à 14 h 03 avec le code de la salle``."""
    at = hour(signature.at)
    return {
        Manner.ROOM: str(_("signé à %(hour)s avec le code de la salle", hour=at)),
        Manner.OWN: str(_("signé à %(hour)s avec son propre code", hour=at)),
        Manner.TYPED: str(_("signé à %(hour)s, nom écrit", hour=at)),
        Manner.TEAM: str(_("présence constatée par l’équipe à %(hour)s", hour=at)),
        Manner.COUNTER: str(_("contresigné à %(hour)s", hour=at)),
    }[signature.manner]


def countersigned_words(records: Iterable[Signature]) -> list[str]:
    """Who countersigned, when; one device or several, each name once."""
    said: dict[tuple[str, datetime], None] = {}
    for one in sorted(records, key=lambda r: (r.at, r.id)):
        if one.manner is Manner.COUNTER:
            said[(one.written, one.at.replace(second=0))] = None
    return [
        str(_("%(name)s, à %(hour)s", name=name, hour=hour(at)))
        if name
        else str(_("une personne effacée, à %(hour)s", hour=hour(at)))
        for name, at in said
    ]
