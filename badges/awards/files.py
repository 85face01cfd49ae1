"""Every form of a credential: signed JSON, baked PNG and SVG, and the certificate on paper."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import segno
from flask import render_template

from badges.awards import tokens
from badges.awards.keys import Signer
from badges.awards.models import Award
from badges.designs import pictures
from badges.designs.words import skill_label, validity_label
from badges.engine import baking
from tierslieu.settings import Settings

STATIC = Path(__file__).parents[2] / "tierslieu" / "static"


@dataclass(frozen=True)
class File:
    """What is sent: the bytes, their media type, the name a browser saves them under."""

    data: bytes
    media_type: str
    filename: str


def make_json(award: Award) -> File:
    """The signed credential, byte for byte as issued."""
    return File(award.credential.encode(), "application/json", _name(award, "json"))


def make_jwt(award: Award, signer: Signer) -> File:
    """The same facts as a token, for verifiers that read only those."""
    text = tokens.sign_award_token(signer, award)
    return File(text.encode(), "application/vc+jwt", _name(award, "jwt"))


def make_png(award: Award) -> File:
    """The badge's picture in pixels, with the credential inside."""
    badge = award.badge
    picture = pictures.draw_png(badge.shape, badge.colour, badge.icon)
    return File(baking.bake(picture, award.credential), "image/png", _name(award, "png"))


def make_svg(award: Award) -> File:
    """The badge's picture as drawn, with the credential inside."""
    badge = award.badge
    picture = pictures.draw(badge.shape, badge.colour, badge.icon).encode()
    return File(baking.bake(picture, award.credential), "image/svg+xml", _name(award, "svg"))


def make_pdf(award: Award, settings: Settings, now: datetime) -> File:
    """The certificate: PDF/A-3 on an A4 sheet lying down, the signed credential attached.

    The code on it leads to the public page if the holder shares the badge; otherwise to the page
    where this very file can be checked. Drawn outside any write transaction: it takes time.
    """
    import weasyprint
    from weasyprint.urls import URLFetcher

    html = render_template("pdf/awards_certificate.html", **_certificate(award, settings))
    # Our own files and what the page holds itself; nothing from elsewhere.
    fetcher = URLFetcher(allowed_protocols=("file", "data"))
    page = weasyprint.HTML(string=html, base_url=f"{STATIC.as_uri()}/", url_fetcher=fetcher)
    attached = weasyprint.Attachment(
        string=award.credential.encode(),
        name=_name(award, "json"),
        description="Open Badges 3.0",
        created=award.awarded_at,
        modified=award.awarded_at,
        relationship="Source",
    )
    data = page.write_pdf(pdf_variant="pdf/a-3a", attachments=[attached])
    return File(data, "application/pdf", _name(award, "pdf"))


def public_address(award: Award, settings: Settings) -> str | None:
    """Where anybody can see this badge, or None while its holder keeps it private."""
    if not award.sharing.is_open:
        return None
    return f"{settings.base_url}/credentials/{award.id}"


def draw_qr(address: str) -> segno.QRCode:
    """The code of an address, readable when a corner is worn."""
    return segno.make(address, error="m", micro=False)


def _certificate(award: Award, settings: Settings) -> dict[str, Any]:
    badge = award.badge
    shared = public_address(award, settings)
    address = shared or f"{settings.base_url}/verifier"
    drawing = pictures.draw(badge.shape, badge.colour, badge.icon).encode()
    return {
        "award": award,
        "badge": badge,
        "place_name": settings.place_name,
        "picture": "data:image/svg+xml;base64," + base64.b64encode(drawing).decode(),
        "qr": draw_qr(address).svg_data_uri(dark="#1b2433", light=None, border=0),
        "address": address,
        "is_shared": shared is not None,
        "skills": [skill_label(skill) for skill in badge.skills],
        "validity": validity_label(badge),
        "colour": badge.colour,
        # One sheet, whatever is said: much to say is said smaller.
        "is_dense": len(badge.name) > 50
        or len(badge.description) + 70 * len(award.grounds) + 45 * len(badge.skills) > 520,
    }


def _name(award: Award, suffix: str) -> str:
    return f"{award.badge.slug}.{suffix}"
