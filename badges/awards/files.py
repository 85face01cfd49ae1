"""Every form of a credential: signed JSON, token, baked PNG and SVG, certificate on paper."""

from __future__ import annotations

from dataclasses import dataclass

from badges.awards import certificates, tokens
from badges.awards.certificate_words import Language
from badges.awards.keys import Signer
from badges.awards.models import Award
from badges.designs import pictures
from badges.engine import baking
from tierslieu.settings import Settings


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


def make_pdf(award: Award, settings: Settings, language: Language = "fr") -> File:
    """The certificate: PDF/A-3 on one A4 sheet, the signed credential attached.

    Drawn outside any write transaction: it takes time.
    """
    made = certificates.compose(award, settings, language)
    return File(made.draw(), "application/pdf", made.filename)


def public_address(award: Award, settings: Settings) -> str | None:
    """Where anybody can see this badge, or None while its holder keeps it private."""
    if not award.sharing.is_open:
        return None
    return f"{settings.base_url}/credentials/{award.id}"


def name(award: Award, suffix: str) -> str:
    """What a browser saves it under."""
    return f"{award.badge.slug}.{suffix}"
