"""From what somebody puts on the table to a report: for the page, for machines, for the terminal.

People mistake one field for another, forget ``https://``, hand in the page instead of the badge:
what they meant is found out here, before anything is called wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from badges.engine import baking
from badges.engine.dids import Fetch
from badges.engine.errors import EngineError, FetchGone
from badges.engine.presentations import (
    PresentationReport,
    is_presentation,
    verify_presentation,
)
from badges.engine.report import STEPS, Check, Report
from badges.engine.verify import verify

MAX_ADDRESS = 2_000  # characters
MAX_HEAD = 200_000  # bytes of a page searched for the badge it stands for
MAX_KEPT = 300_000  # characters of a badge that a page of ours carries on

_HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.[^\W\d_]{2,}(:\d+)?([/?#]\S*)?")
_PAGE = re.compile(rb"<!doctype html|<html[\s>]", re.I)
_LINK = re.compile(r"<link\s([^<>]{0,2000})>", re.I)
_ATTRIBUTE = re.compile(r"""(?<![\w-])([\w-]++)\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]++))""")
_MEMBERS = {"credentialSubject", "badge", "issuer", "proof", "vc", "verifiableCredential"}
_DESCRIPTIONS = {"Achievement", "BadgeClass", "Profile", "Issuer"}
_ALTERNATES = (
    "application/vc",
    "application/vc+ld+json",
    "application/ld+json",
    "application/json",
)


@dataclass(frozen=True)
class Reading:
    """A report, and the text of the badge it is about: '' where none was found, or too long.

    ``several``: badges signed together, each with a report of its own; ``report`` is the whole's.
    """

    report: Report
    text: str = ""
    several: PresentationReport | None = None


def find_address(text: str) -> str | None:
    """The web address this text is, made whole, or None: ``lieu.example/b`` is one, too."""
    words = text.strip()
    if not words or len(words) > MAX_ADDRESS or len(words.split()) > 1:
        return None
    scheme, colon, rest = words.partition("://")
    if colon:
        host, slash, path = rest.partition("/")
        is_web = scheme.lower() in ("http", "https") and bool(host)
        return f"{scheme.lower()}://{host.lower()}{slash}{path}" if is_web else None
    return f"https://{words}" if _HOST.fullmatch(words) else None


def refuse(code: str, params: Mapping[str, str | int] | None = None) -> Report:
    """A report on something that never reached the engine."""
    first = Check(STEPS[0], "failed", code, code, dict(params or {}))
    others = (Check(step, "unknown", "not_reached", "not reached") for step in STEPS[1:])
    return Report("invalid", (first, *others), None)


def read_address(
    address: str, here: tuple[str, ...], *, fetch: Fetch, now: datetime, recipient: str | None
) -> Reading:
    """Go there and verify what is found. ``here``: the addresses of the page of verification."""
    url = find_address(address)
    if url is None:
        return Reading(refuse("address_malformed"))
    if url.partition("#")[0].partition("?")[0].rstrip("/") in here:
        return Reading(refuse("address_here"))
    try:
        data = fetch_typed(url, fetch)
    except FetchGone as gone:
        # An Open Badge 2.0 that was withdrawn leaves a word behind.
        found = read(gone.body, fetch=fetch, now=now, recipient=recipient)
        if found.report.checks[0].outcome == "passed":
            return found
        return Reading(refuse(gone.code, gone.params))
    except EngineError as error:
        return Reading(refuse(error.code, error.params))
    return read(data, fetch=fetch, now=now, recipient=recipient)


def fetch_typed(url: str, fetch: Fetch) -> bytes:
    """What lies at an address somebody typed; of the page of a badge, the badge it stands for.

    Raises as ``fetch``.
    """
    # What somebody typed may lead to another site; what a badge names may not.
    data: bytes = getattr(fetch, "follow", fetch)(url)
    link = _alternate(data, url) if _PAGE.search(data[:1024]) else None
    return data if link is None else fetch(link)


def read(
    source: bytes | str | dict[str, Any], *, fetch: Fetch, now: datetime, recipient: str | None
) -> Reading:
    """Verify a file, a text or a document; tells apart what is no badge at all."""
    if is_presentation(source):
        several = verify_presentation(source, fetch=fetch, now=now, recipient=recipient)
        return Reading(Report(several.outcome, several.checks, None), several=several)
    report = verify(source, fetch=fetch, now=now, recipient=recipient)
    first = report.checks[0]
    if first.outcome == "failed":
        if isinstance(source, bytes) and _PAGE.search(source[:1024]):
            report = refuse("page_without_badge")
        elif isinstance(source, bytes) and first.code == "not_json":
            # A file was handed in, or found at an address: nobody copied a text.
            report = refuse("not_json", {"why": "file"})
        return Reading(report)
    if report.credential is None or isinstance(source, dict):
        return Reading(_tell_apart(report))
    return Reading(_tell_apart(report), _text_of(source))


def _tell_apart(report: Report) -> Report:
    """The engine reads any JSON; what is no credential is said to be none."""
    document = report.credential
    if document is None or report.outcome == "valid":
        return report
    kinds = document.get("type")
    names = {k for k in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(k, str)}
    if names & _DESCRIPTIONS:
        code = "a_description"
    elif _MEMBERS & document.keys() or any(
        word in name for name in names for word in ("Credential", "Assertion", "Presentation")
    ):
        return report
    else:
        code = "not_a_badge"
    first = replace(report.checks[0], outcome="failed", code=code, message=code, params={})
    return replace(report, outcome="invalid", checks=(first, *report.checks[1:]))


def _text_of(source: bytes | str) -> str:
    """The badge's own text, as it stood in the file: what can be handed in again."""
    try:
        text = baking.extract(source if isinstance(source, bytes) else source.encode()).text
    except (EngineError, UnicodeEncodeError):
        return ""
    return text if len(text) <= MAX_KEPT else ""


def _json_links(page: str) -> Iterator[str]:
    """Where each ``<link rel="alternate">`` of a page leads that promises JSON.

    By expressions that read each letter about once: the parser of the standard library fails on
    pages a stranger may send, or takes its time.
    """
    for tag in _LINK.finditer(page):
        values = {
            name.lower(): unescape(double or single or bare).strip()
            for name, double, single, bare in _ATTRIBUTE.findall(tag[1])
        }
        kind = values.get("type", "").partition(";")[0].strip().lower()
        is_other = "alternate" in values.get("rel", "").lower().split()
        if is_other and kind in _ALTERNATES and values.get("href"):
            yield values["href"]


def _alternate(page: bytes, url: str) -> str | None:
    """Where a badge's page says its data are, on the same site; None when it does not."""
    found = next(_json_links(page[:MAX_HEAD].decode("utf-8", "replace")), None)
    if not found:
        return None
    try:
        target = urljoin(url, found)
        is_near = urlsplit(target).netloc == urlsplit(url).netloc
    except ValueError:
        return None
    return target if is_near and target != url else None
