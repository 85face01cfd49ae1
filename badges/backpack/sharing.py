"""Taking a badge elsewhere: the forms it comes in and what each is good for, and addresses that
hand it to LinkedIn or to a mail. Plain links: nothing is loaded from anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from flask import url_for
from flask_babel import gettext as _

from badges.awards.models import Award

BADGE2 = "ob2."  # what the forms of Open Badges 2.0 begin with
LINKEDIN = "https://www.linkedin.com/profile/add"


@dataclass(frozen=True)
class Form:
    """A file one may take away: its address, what it is called, and for what it serves."""

    suffix: str
    label: str
    use: str
    query: str = ""
    is_usual: bool = False  # shown first; the others under a fold

    def address(self, award: Award) -> str:
        """Where this form of that award is fetched, as a file to keep."""
        if self.suffix.startswith(BADGE2):
            form = self.suffix.removeprefix(BADGE2)
            return url_for("awards.badge2_file", award_id=award.id, form=form, telecharger=1)
        asked: dict[str, Any] = {}
        if self.query:
            asked["lang" if self.suffix == "pdf" else "alg"] = self.query
        return url_for(
            "awards.download", award_id=award.id, form=self.suffix, telecharger=1, **asked
        )


def list_forms(award: Award) -> list[Form]:
    """Every form of this badge, the most useful first. Paper is given for one that holds alone:
    once printed, nobody can mark it."""
    forms = [
        Form(
            "pdf",
            _("Attestation (PDF)"),
            _("Pour un CV, un dossier, un jury : à imprimer ou à joindre, la preuve est dedans."),
            is_usual=True,
        ),
        Form(
            "pdf",
            "Certificate in English (PDF)",
            _("La même attestation en anglais, pour qui ne lit pas le français.")
            if award.badge.name_en
            else _("Mise en page en anglais ; le nom et la phrase du badge restent en français."),
            query="en",
            is_usual=True,
        ),
        Form(
            "png",
            _("Image (PNG)"),
            _("Pour un site, un portfolio, un mail : une image, qui contient le badge signé."),
            is_usual=True,
        ),
        Form(
            "json",
            _("Fichier signé (JSON)"),
            _(
                "Pour un portefeuille numérique, ou pour le vérifier ailleurs : le badge lui-même, "
                "Open Badges 3.0."
            ),
            is_usual=True,
        ),
        Form(
            "svg",
            _("Image (SVG)"),
            _("Pour imprimer en grand : la même image, nette à toute taille, badge compris."),
        ),
        Form(
            "jwt",
            _("Jeton RS256 (JWT)"),
            _("Pour les services qui ne lisent que des jetons : les mêmes faits, signés en RSA."),
        ),
        Form(
            "jwt",
            _("Jeton ES256 (JWT)"),
            _("Le même jeton, signé avec une clé P-256."),
            query="es256",
        ),
        Form(
            f"{BADGE2}png",
            _("Image (PNG), Open Badges 2.0"),
            _("Pour les sacs à badges et les sites qui ne lisent que l’ancien format."),
        ),
        Form(
            f"{BADGE2}jws",
            _("Badge signé (JWS), Open Badges 2.0"),
            _("Le même badge dans l’ancien format, sans image : un jeton signé en RSA."),
        ),
    ]
    holds = award.revoked_at is None and award.suspended_at is None
    return [form for form in forms if form.suffix != "pdf" or holds]


def linkedin_address(award: Award, page: str) -> str:
    """LinkedIn's own form «add a certification», filled in; ``page``: the shared address."""
    facts = {
        "startTask": "CERTIFICATION_NAME",
        "name": award.badge.name,
        "organizationName": award.issuer_name,
        "issueYear": str(award.awarded_at.year),
        "issueMonth": str(award.awarded_at.month),
    }
    if award.valid_until is not None:
        facts["expirationYear"] = str(award.valid_until.year)
        facts["expirationMonth"] = str(award.valid_until.month)
    return f"{LINKEDIN}?{urlencode({**facts, 'certUrl': page, 'certId': str(award.id)})}"


def mail_address(title: str, page: str) -> str:
    """A mail to be written, with the title and the address in it."""
    body = _("Voici « %(title)s » ; chacun peut le vérifier :\n\n%(page)s", title=title, page=page)
    return f"mailto:?subject={quote(title)}&body={quote(body)}"
