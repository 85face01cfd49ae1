"""Who endorses a verified badge, and whether anything but their own word says who they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from badges.awards.loosely import first_object, objects, text
from badges.engine.endorsements import MAX_ENDORSEMENTS
from badges.engine.errors import EngineError
from badges.engine.reading import read_token
from badges.engine.report import Check, Report
from tierslieu.web.formats import quoted

MAX_NAME = 300  # characters


@dataclass(frozen=True)
class Endorser:
    """``site``: the web site whose owner holds the key that signed; '' when the key is its own
    name (did:key): anybody makes one, and gives themself any name with it."""

    name: str
    site: str


def endorsers_of(report: Report) -> list[Endorser]:
    """Who endorses what was verified, once every endorsement was found genuine; else nobody."""
    document = report.credential
    if document is None or report.check("endorsements").outcome != "passed":
        return []
    # An Open Badge 2.0 refers to its class and its issuer, or carries them inside itself.
    achievement = (
        first_object(report.linked.get("badge"))
        or first_object(first_object(document.get("credentialSubject")).get("achievement"))
        or first_object(document.get("badge"))
    )
    issuer = report.linked.get("issuer") or document.get("issuer") or achievement.get("issuer")
    owners = (document, achievement, first_object(issuer))
    issuers = [one.get("issuer") for owner in owners for one in _carried(owner)]
    named = [(first_object(who).get("name"), first_object(who).get("id") or who) for who in issuers]
    return [
        Endorser(text(name)[:MAX_NAME] or str(address)[:MAX_NAME], site_of(address))
        for name, address in named
        if address
    ]


def told(report: Report) -> Check:
    """The step `endorsements`, with what a sentence needs to keep apart those whose key stands on
    a site of theirs (``names``, in ``why`` «published») from those who only call themselves so
    (``posing``, in ``why`` «posing»)."""
    check = report.check("endorsements")
    if check.outcome != "passed" or check.code != "endorsements":
        return check
    if report.check("shape").code in ("shape_badge2", "shape_badge1"):
        return _with(check, why="published")  # what of them holds is published at their address
    found = endorsers_of(report)
    posing = [one for one in found if not one.site]
    if len(found) != check.params.get("count"):
        return check  # somebody is not known: nothing more is said of anybody
    if not posing:
        return _with(check, why="published")
    published = [f"{one.name} ({one.site})" for one in found if one.site]
    return _with(
        check,
        why="both" if published else "posing",
        published=", ".join(published),
        posing=", ".join(quoted(one.name) for one in posing),
    )


def is_only_said(check: Check) -> bool:
    """Whether an endorsement is there whose author's name nothing answers for."""
    genuine = check.name == "endorsements" and check.code == "endorsements"
    return genuine and check.outcome == "passed" and check.params.get("why") != "published"


def site_of(issuer: object) -> str:
    """The host of an issuer whose identity is a web address or a did:web; else ''."""
    if not isinstance(issuer, str):
        return ""
    if issuer.startswith("did:web:"):
        return unquote(issuer.split(":")[2])[:100]
    try:
        return (urlsplit(issuer).hostname or "")[:100] if issuer.startswith("https://") else ""
    except ValueError:
        return ""


def _with(check: Check, **more: str) -> Check:
    return Check(check.name, check.outcome, check.code, check.message, {**check.params, **more})


def _carried(owner: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Each endorsement that something carries, tokens opened."""
    yield from objects(owner.get("endorsement"))[:MAX_ENDORSEMENTS]
    tokens = owner.get("endorsementJwt")
    for token in (tokens if isinstance(tokens, list) else [tokens])[:MAX_ENDORSEMENTS]:
        if isinstance(token, str):
            try:
                yield read_token(token).document
            except EngineError:
                continue
