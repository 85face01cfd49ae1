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
from badges.designs.words import level_label, skill_label, validity_label
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
    return File(award.credential.encode(), "application/json", name(award, "json"))


def make_jwt(award: Award, signer: Signer) -> File:
    """The same facts as a token, for verifiers that read only those."""
    text = tokens.sign_award_token(signer, award)
    return File(text.encode(), "application/vc+jwt", name(award, "jwt"))


def make_png(award: Award) -> File:
    """The badge's picture in pixels, with the credential inside."""
    picture = pictures.png_of(award.badge)
    return File(baking.bake(picture, award.credential), "image/png", name(award, "png"))


def make_svg(award: Award) -> File:
    """The badge's picture as drawn, with the credential inside."""
    picture = pictures.svg_of(award.badge)
    return File(baking.bake(picture, award.credential), "image/svg+xml", name(award, "svg"))


def make_badge2_picture(award: Award, form: str, assertion: str, address: str = "") -> File:
    """The badge's picture with an Open Badges 2.0 assertion inside; ``form``: png or svg."""
    picture = pictures.png_of(award.badge) if form == "png" else pictures.svg_of(award.badge)
    kind = {"png": "image/png", "svg": "image/svg+xml"}[form]
    baked = baking.bake_2(picture, assertion, address=address)
    return File(baked, kind, name(award, f"ob2.{form}"))


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
        name=name(award, "json"),
        description="Open Badges 3.0",
        created=award.awarded_at,
        modified=award.awarded_at,
        relationship="Source",
    )
    data = page.write_pdf(pdf_variant="pdf/a-3a", attachments=[attached])
    return File(data, "application/pdf", name(award, "pdf"))


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
    drawing = pictures.svg_of(badge)
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
        "level": level_label(badge.level) if badge.level else None,
        "colour": badge.colour,
        # One sheet, whatever is said: much to say is said smaller.
        "is_dense": len(badge.name) > 50
        or len(badge.description) + 70 * len(award.grounds) + 45 * len(badge.skills) > 520,
    }


def name(award: Award, suffix: str) -> str:
    """What a browser saves it under."""
    return f"{award.badge.slug}.{suffix}"
