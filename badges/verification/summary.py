"""What a stranger's credential says of itself, in a few words a page can show. Nothing is trusted:
every value is looked at for what it is, and shown as text."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from badges.awards.checks import is_proven
from badges.awards.endorsers import endorsers_of, site_of
from badges.awards.loosely import first_object, objects, text
from badges.engine.report import Report
from tierslieu import clock

MAX_TEXT = 600
MAX_PICTURE = 300_000  # characters of a data: address
_OURS = re.compile(r"/badges/[a-z0-9-]{1,80}\.(png|svg)")


@dataclass(frozen=True)
class Summary:
    """``is_proven``: the issuer is who it says; otherwise all of this is only claimed.

    ``site``: the web site whose owner holds the issuer's key; '' when no site vouches for it.
    ``is_ours``: this place itself signed it.
    """

    name: str
    description: str
    issuer: str
    site: str
    is_ours: bool
    holder: str
    since: date | None
    until: date | None
    criteria: str
    skills: tuple[str, ...]
    picture: str
    is_proven: bool
    #: Who endorses it, each with the site that answers for them, or ''; all of them checked.
    endorsers: tuple[tuple[str, str], ...] = ()


def summarise(
    document: Mapping[str, Any], report: Report, base_url: str, own_id: str = ""
) -> Summary:
    """The words of a credential, as far as they are texts. ``base_url``: where we are; ``own_id``:
    who we are as an issuer.

    Open Badges 3.0, and what its elder 2.0 carries inside itself (``badge``, ``issuedOn``).
    """
    subject = first_object(document.get("credentialSubject"))
    # An Open Badge 2.0 refers to its class and its issuer, or carries them inside itself.
    linked = report.linked
    achievement = (
        first_object(linked.get("badge"))
        or first_object(subject.get("achievement"))
        or first_object(document.get("badge"))
    )
    issuer = linked.get("issuer") or document.get("issuer") or achievement.get("issuer")
    criteria = first_object(achievement.get("criteria"))
    named = first_object(issuer)
    proven = is_proven(report)
    since = document.get("validFrom") or document.get("issuanceDate") or document.get("issuedOn")
    until = document.get("validUntil") or document.get("expirationDate") or document.get("expires")
    return Summary(
        name=_text(achievement.get("name")) or _text(document.get("name")),
        description=_text(achievement.get("description")) or _text(document.get("description")),
        issuer=_text(named.get("name")) or _text(named.get("id")) or _text(issuer),
        site=site_of(named.get("id") or issuer) if proven else "",
        is_ours=proven and bool(own_id) and (named.get("id") or issuer) == own_id,
        holder=_holder(subject),
        since=_day(since),
        until=_day(until),
        criteria=_text(criteria.get("narrative")),
        skills=tuple(
            words
            for alignment in objects(achievement.get("alignment"))[:12]
            if (words := _skill(alignment))
        ),
        picture=_picture(achievement.get("image"), base_url),
        is_proven=proven,
        endorsers=tuple((one.name, one.site) for one in endorsers_of(report)) if proven else (),
    )


def _text(value: Any) -> str:
    """A text, cut where it would fill the page."""
    words = text(value)
    return words if len(words) <= MAX_TEXT else words[:MAX_TEXT] + "…"


def _holder(subject: Mapping[str, Any]) -> str:
    for identity in objects(subject.get("identifier")):
        if identity.get("identityType") == "name" and identity.get("hashed") is not True:
            return _text(identity.get("identityHash"))
    return ""


def _day(value: Any) -> date | None:
    """The day, here, of what is stated as an instant or a day; None for anything else."""
    try:
        instant = datetime.fromisoformat(str(value))
        return (clock.to_local(instant) if instant.tzinfo else instant).date()
    except (ValueError, OverflowError):
        return None


def _skill(alignment: Mapping[str, Any]) -> str:
    framework = _text(alignment.get("targetFramework"))
    code = _text(alignment.get("targetCode")) if framework not in ("ESCO", "BO") else ""
    words = (framework, code, _text(alignment.get("targetName")))
    return " ".join(word for word in words if word)[:120]


def _picture(image: object, base_url: str) -> str:
    """Ours, by its path here; or one carried inside the badge (shown as an image: scripts in it
    are dead). One that lies elsewhere is not fetched: looking at a badge tells its issuer nothing.
    """
    address: object = first_object(image).get("id") if isinstance(image, dict) else image
    if not isinstance(address, str) or len(address) > MAX_PICTURE:
        return ""
    if _OURS.fullmatch(path := address.removeprefix(base_url)):
        return path
    head, _comma, data = address.partition(",")
    if head not in ("data:image/png;base64", "data:image/svg+xml;base64"):
        return ""
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return address
