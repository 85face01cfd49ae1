"""Looking at a badge somebody brings from elsewhere: is it genuine, and is it theirs?

What is forged, withdrawn or somebody else's is refused. What could not be checked to the end (its
issuer does not answer) is taken and said to be so: it can be checked again. A badge that is over
is taken: it was earned. Fetches, so it runs with no transaction open; writes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from badges.awards import checks
from badges.engine import baking, presentations, reading, recipients, shape
from badges.engine.dids import Fetch
from badges.engine.errors import EngineError
from badges.engine.report import Check, Report
from badges.verification.reading import read as look
from badges.verification.summary import summarise
from tierslieu.errors import Refused

MAX_TEXT = 1024 * 1024  # characters of one badge, the picture it came in left aside
#: What may be wrong with a badge that is kept all the same: it is genuine, and over.
_HARMLESS = {("dates", "expired")}


@dataclass(frozen=True)
class Examined:
    """A badge that may be kept."""

    text: str
    fingerprint: str
    name: str
    issuer_name: str
    issued_day: date | None
    report: Report


def examine(
    source: bytes | str,
    addresses: Sequence[str],
    *,
    fetch: Fetch,
    is_ours: Callable[[str], bool],
    base_url: str,
    now: datetime,
) -> Examined:
    """The badge in this file or text. ``addresses``: those the person proved to be theirs;
    ``is_ours``: whether an issuer is this place.

    Raises :class:`Refused`: the engine's code where it could not be read or is wrong,
    ``own_badge``, ``several_badges``, ``not_a_badge``, ``recipient_unnamed``,
    ``recipient_mismatch``, ``badge_too_large``.
    """
    if presentations.is_presentation(source):
        raise _refusal(
            _("Ce fichier réunit plusieurs badges : importez-les un par un."), "several_badges"
        )
    report = look(source, fetch=fetch, now=now, recipient=None).report
    document, first = report.credential, report.checks[0]
    if document is None or first.outcome == "failed":
        raise _refusal(checks.say(first), first.code)
    issuer = _issuer(document)
    if is_ours(issuer):
        raise _refusal(
            _("Ce badge vient de ce lieu : s’il est à vous, il est déjà parmi vos badges."),
            "own_badge",
        )
    if report.check("shape").code == "shape_not_badge":
        raise _refusal(checks.say(report.check("shape")), "not_a_badge")
    wrong = find_wrong(report)
    if wrong is not None:
        raise _refusal(_("Ce badge n’est pas gardé. %(why)s", why=checks.say(wrong)), wrong.code)
    _check_recipient(document, addresses)
    text = baking.extract(source if isinstance(source, bytes) else source.encode()).text
    if len(text) > MAX_TEXT:
        raise _refusal(
            _("Ce badge est trop gros pour être gardé : 1 Mo au plus."), "badge_too_large"
        )
    about = summarise(document, report, base_url)
    return Examined(
        text=text,
        fingerprint=_fingerprint(document, issuer),
        name=about.name or _("Badge sans nom"),
        issuer_name=about.issuer or issuer,
        issued_day=about.since,
        report=with_recipient(report, addresses),
    )


def with_recipient(report: Report, addresses: Sequence[str]) -> Report:
    """The same report, and that the badge is made out to one of these addresses where it is.

    An address that was forgotten since takes nothing back: the step is then left as it stood.
    """
    document = report.credential
    if document is None or recipients.compare(document, addresses) != "same":
        return report
    theirs = Check("recipient", "passed", "recipient", "it was given to this person")
    found = tuple(theirs if check.name == "recipient" else check for check in report.checks)
    return replace(report, checks=found)


def find_wrong(report: Report) -> Check | None:
    """The first step that makes this badge one not to keep, or to show as withdrawn or wrong."""
    failed = (check for check in report.checks if check.outcome == "failed")
    return next((c for c in failed if (c.name, c.code) not in _HARMLESS), None)


def report_of(written: Sequence[Mapping[str, Any]], outcome: str, text: str) -> Report:
    """A report as it was kept."""
    kept: Any = [Check(**dict(check)) for check in written]
    found: Any = outcome
    try:
        document = reading.read(text).document
    except EngineError:
        document = None
    return Report(found, tuple(kept), document)


def _check_recipient(document: dict[str, Any], addresses: Sequence[str]) -> None:
    found = recipients.compare(document, addresses)
    if found == "other":
        raise _refusal(
            _(
                "Ce badge a été délivré à une autre adresse que les vôtres (%(addresses)s). Si "
                "elle est à vous, ajoutez-la d’abord dans « Mes adresses ».",
                addresses=", ".join(addresses),
            ),
            "recipient_mismatch",
        )
    if found == "unnamed":
        raise _refusal(
            _(
                "Ce badge ne dit pas à quelle adresse il a été délivré : on ne peut pas savoir ici "
                "qu’il est à vous. Demandez à l’émetteur de le délivrer à votre adresse."
            ),
            "recipient_unnamed",
        )


def _issuer(document: Mapping[str, Any]) -> str:
    found = shape.issuer_id(dict(document))
    if found:
        return found
    badge = document.get("badge")  # Open Badges 2.0 name the issuer further down
    issuer = badge.get("issuer") if isinstance(badge, dict) else badge
    named = issuer.get("id") if isinstance(issuer, dict) else issuer
    return named if isinstance(named, str) else ""


def _fingerprint(document: Mapping[str, Any], issuer: str) -> str:
    named = document.get("id")
    if not isinstance(named, str):
        named = json.dumps(document, sort_keys=True)
    return hashlib.sha256(f"{issuer}\0{named}".encode(errors="replace")).hexdigest()


def _refusal(message: str, code: str) -> Refused:
    return Refused(message, code=code, status=422)
