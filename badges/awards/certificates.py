"""The certificate of an award: one A4 sheet in French or in English, the signed badge attached.

Two kinds of it. What the holder takes away (and, of a shared badge, anybody) carries the signed
file. What the team prints of a badge that its holder keeps private is paper alone: no signed file,
hence no hash of an address (`docs/certificates.md`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import segno
from flask import render_template

from badges.awards.certificate_drawing import STYLE, Attached, draw
from badges.awards.certificate_words import (
    Language,
    Words,
    say_day,
    say_duration,
    say_hours,
    say_level,
    words_in,
)
from badges.awards.models import Award
from badges.designs import pictures
from badges.designs.colours import INK, print_of
from badges.designs.frameworks import framework_language
from badges.designs.models import BadgeClass
from badges.designs.words import skill_label
from tierslieu.place.showing import PrintedLogo, printed_logo, the_place
from tierslieu.settings import Settings
from tierslieu.web.papers import Drawn


@dataclass(frozen=True)
class Fit:
    """How a sheet is set when much is to be said: a size of type, and what is left to the badge."""

    size: str
    grounds: int = 99
    skills: int = 99
    letters: int = 2000  # of the description and of each ground


# Tried one after the other until all is on one sheet. The last one always is, whatever is said.
FITS = (
    Fit("ample"),
    Fit("roomy"),
    Fit("close"),
    Fit("dense"),
    Fit("tight"),
    Fit("tight", grounds=8, skills=12, letters=260),
    Fit("tight", grounds=6, skills=8, letters=160),
    Fit("tight", grounds=3, skills=4, letters=90),
)


@dataclass(frozen=True)
class Certificate:
    """A certificate ready to be drawn: all it says, independent of the database."""

    facts: dict[str, Any]
    attached: Attached | None
    filename: str

    @property
    def fingerprint(self) -> str:
        """The same for the same certificate: what an ETag is made of, without drawing it."""
        digest = hashlib.sha256(self._page(FITS[0]).encode())
        digest.update(STYLE.read_bytes())
        if self.attached is not None:
            digest.update(self.attached.data)
        return digest.hexdigest()[:32]

    def draw(self) -> bytes:
        """The PDF. Takes some tens of milliseconds: outside any write transaction."""
        made = self._draw(frozenset())
        if made.missing:
            # No font here has these letters, and an empty box is nobody's name.
            made = self._draw(made.missing)
        return made.pdf

    def _draw(self, missing: frozenset[str]) -> Drawn:
        fits = FITS[2:] if self._is_long() else FITS
        pages: Sequence[Callable[[], str]] = [partial(self._page, fit, missing) for fit in fits]
        return draw(pages, self.attached)

    def _is_long(self) -> bool:
        """Surely too much for the larger sizes: they are not tried."""
        grounds, skills = self.facts["grounds"], self.facts["skills"]
        said = len(self.facts["description"]) + sum(max(90, len(words)) for words in grounds)
        return said + 45 * len(skills) > 1100

    def _page(self, fit: Fit, missing: frozenset[str] = frozenset()) -> str:
        facts = dict(self.facts)
        if missing:
            facts["is_by_hand"] = not missing.isdisjoint(facts["holder"])
            for name in ("place_name", "name", "description"):
                facts[name] = _without(facts[name], missing)
            facts["grounds"] = [_without(words, missing) for words in facts["grounds"]]
            facts["skills"] = [(_without(text, missing), lang) for text, lang in facts["skills"]]
            said = (self.facts["name"], self.facts["description"], *self.facts["grounds"])
            facts["has_lost_letters"] = not missing.isdisjoint("".join(said))
        facts["description"] = _shorten(facts["description"], fit.letters)
        grounds, skills = facts["grounds"], facts["skills"]
        facts["grounds"] = [_shorten(words, fit.letters) for words in grounds[: fit.grounds]]
        facts["skills"] = skills[: fit.skills]
        return render_template(
            "pdf/awards_certificate.html",
            size=fit.size,
            left_grounds=max(0, len(grounds) - fit.grounds),
            left_skills=max(0, len(skills) - fit.skills),
            **facts,
        )


def compose(
    award: Award, settings: Settings, language: Language = "fr", *, for_team: bool = False
) -> Certificate:
    """Gather what the certificate of this award says, in this language.

    ``for_team``: printed by the team to be handed over; without the signed file then, unless the
    badge is shared. The code leads to the badge's page if its holder shares it; otherwise to where
    this very file can be checked, or, on paper alone, to the page that opens once it is shared.
    """
    badge, words = award.badge, words_in(language)
    is_shared = award.sharing.is_open
    is_bare = for_team and not is_shared
    page = f"{settings.base_url}/credentials/{award.id}"
    address = page if is_shared or is_bare else f"{settings.base_url}/verifier"
    name, description, own = _own_words(badge, language)
    colours = print_of(pictures.drawing_of(badge).palette, badge.colour)
    drawing = pictures.svg_of(badge)
    holder = award.shown_name or words.nobody
    facts = {
        "words": words,
        "own": own,  # the language of the badge's own words
        "name": name,
        "description": description,
        "holder": holder,
        "is_by_hand": False,
        "has_lost_letters": False,
        "grounds": [text[:1].upper() + text[1:] for text in award.grounds],
        "skills": [(skill_label(s), framework_language(s.framework)) for s in badge.skills],
        "facts": _list_facts(award, words),
        "place_name": award.issuer_name,
        "logo": _logo_of(award.issuer_name),
        "picture": "data:image/svg+xml;base64," + base64.b64encode(drawing).decode(),
        "qr": draw_qr(address).svg_data_uri(dark=INK, light=None, border=0),
        "address": address,
        "check": words.check_page
        if is_shared
        else words.check_later
        if is_bare
        else words.check_file,
        "proof": words.paper if is_bare else words.proof,
        "tint": colours.tint,
        "accent": colours.accent,
        "about": words.about.format(badge=name, name=holder, place=award.issuer_name),
        "title": f"{name}, {award.shown_name}" if award.shown_name else name,
        "made_on": award.awarded_at.isoformat(timespec="seconds"),
    }
    attached = (
        None
        if is_bare
        else Attached(f"{badge.slug}.json", award.credential.encode(), award.awarded_at)
    )
    suffix = "" if language == "fr" else f"-{language}"
    return Certificate(facts, attached, f"{badge.slug}{suffix}.pdf")


def _logo_of(issuer_name: str) -> PrintedLogo | None:
    """The logo of the place, while it goes by the name that the badge bears."""
    place = the_place()
    return printed_logo() if issuer_name in (place.name, place.name_en) else None


def draw_qr(address: str) -> segno.QRCode:
    """The code of an address, readable when a corner is worn."""
    return segno.make(address, error="m", micro=False)


def _own_words(badge: BadgeClass, language: Language) -> tuple[str, str, Language]:
    """The badge's name and description in this language, or in French where it has no other."""
    if language == "en" and badge.name_en:
        return badge.name_en, badge.description_en, "en"
    return badge.name, badge.description, "fr"


def _list_facts(award: Award, words: Words) -> list[tuple[str, str]]:
    badge, language = award.badge, words.language
    facts = [(words.awarded, say_day(award.awarded_at, language))]
    if badge.level:
        facts.append((words.level, say_level(badge.level, language)))
    if badge.hours:
        facts.append((words.work, say_hours(badge.hours, language)))
    if award.valid_until:
        valid = words.until.format(day=say_day(award.valid_until, language))
    else:
        valid = say_duration(badge.valid_months, language)
    return [*facts, (words.validity, valid)]


def _shorten(text: str, letters: int) -> str:
    if len(text) <= letters:
        return text
    cut = text[: letters - 1]
    return cut.rsplit(" ", 1)[0].rstrip(" ,;:.") + "\u00a0…"


def _without(text: str, missing: frozenset[str]) -> str:
    return "".join(letter for letter in text if letter not in missing)
