"""Forms of endorsements: parse and shape only."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from badges.endorsements.rules import Question, clean_website
from badges.endorsements.signing import MAX_COMMENT, Statement
from tierslieu.web.forms import Form, no_control_characters, tidy

MONTHS = [
    SelectChoice("12", _("1 an")),
    SelectChoice("24", _("2 ans")),
    SelectChoice("36", _("3 ans")),
    SelectChoice("60", _("5 ans")),
    SelectChoice("", _("Sans date de fin")),
]


def _unix_lines(text: str | None) -> str | None:
    """Browsers send CRLF; what is signed should not depend on that."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if text else text


def _said(label: Any, missing: Any, autocomplete: str, description: Any = "") -> StringField:
    """A name or a function, which must be written; ``missing`` asks for it."""
    return StringField(
        label,
        [DataRequired(missing), Length(max=120), no_control_characters],
        filters=[tidy],
        render_kw={"autocomplete": autocomplete},
        description=description,
    )


def _website(description: Any) -> StringField:
    """The site of an organisation, if it has one."""
    return StringField(
        _("Son site"),
        [Length(max=300), no_control_characters],
        filters=[tidy],
        render_kw={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"},
        description=description,
    )


class AskForm(Form):
    """Whom one asks for an endorsement."""

    organisation = _said(
        _("Organisme"),
        _("Écrivez le nom de l’organisme à qui vous demandez ce soutien."),
        "off",
        _("Rectorat, université, entreprise, association…"),
    )
    website = _website(_("Sera public, à côté de son nom."))
    email = EmailField(
        _("Adresse mail de la personne"),
        [
            DataRequired(_("Écrivez l’adresse de la personne qui peut répondre.")),
            Length(max=320),
        ],
        filters=[tidy],
        render_kw={"autocomplete": "off", "autocapitalize": "none"},
        description=_(
            "De préférence celle de son organisme : ce qui suit le @ sera montré à côté du "
            "soutien. L’adresse elle-même n’est jamais montrée ; elle est effacée dès la réponse, "
            "ou au bout de 60 jours."
        ),
    )
    message = TextAreaField(
        _("Un mot pour elle"),
        [Length(max=1000), no_control_characters],
        filters=[tidy],
        description=_("Elle le lira dans le mail ; il n’est pas publié."),
    )

    def read(self) -> Question:
        """What was typed."""
        return Question(
            self.organisation.data or "",
            self.website.data or "",
            self.email.data or "",
            self.message.data or "",
        )


class AnswerForm(Form):
    """What a partner says, and who says it."""

    read = HiddenField()  # the fingerprint of what was shown
    signer_name = _said(_("Votre nom"), _("Écrivez votre nom."), "name")
    signer_role = _said(_("Votre fonction"), _("Écrivez votre fonction."), "organization-title")
    organisation = _said(
        _("Organisme que vous représentez"),
        _("Écrivez le nom de votre organisme, tel qu’il doit être montré."),
        "organization",
        _("Tel qu’il sera montré. Corrigez-le s’il le faut."),
    )
    website = _website(_("Montré à côté de son nom."))
    comment = TextAreaField(
        _("Ce que vous en dites"),
        [
            Length(
                max=MAX_COMMENT,
                message=_("Ce texte est trop long : 1 000 caractères sont possibles."),
            ),
            no_control_characters,
        ],
        filters=[_unix_lines, tidy],
        description=_("Du texte simple, 1 000 caractères au plus."),
    )
    months = SelectField(_("Pour combien de temps"), choices=MONTHS, default="36")
    may_speak = BooleanField(
        _("Je suis en droit de parler au nom de cet organisme"),
        [
            DataRequired(
                _(
                    "Cochez cette case si vous pouvez le dire au nom de cet organisme ; sinon, "
                    "transmettez le mail à qui le peut, ou déclinez."
                )
            )
        ],
    )

    def statement(self) -> Statement:
        """What was typed. Raises :class:`Refused` ``bad_link`` (field ``website``)."""
        return Statement(
            organisation=self.organisation.data or "",
            website=clean_website(self.website.data or ""),
            signer_name=self.signer_name.data or "",
            signer_role=self.signer_role.data or "",
            comment=self.comment.data or "",
            months=int(self.months.data) if self.months.data else None,
        )


class SignedForm(Form):
    """An endorsement that was signed elsewhere."""

    read = HiddenField(id="signed-read")
    file = FileField(
        _("Fichier signé"),
        render_kw={"accept": ".json,.jsonld,application/json,text/plain"},
    )
    text = TextAreaField(
        _("Ou son texte"),
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
        description=_("Le soutien signé, en entier : un EndorsementCredential en JSON."),
    )

    def given(self) -> str:
        """The text, wherever it was put; a file that is no text gives nothing."""
        if self.file.data:
            data: bytes = self.file.data.read()
            return data.decode("utf-8-sig", "replace")
        return self.text.data or ""

    def validate_text(self, field: Any) -> None:
        """One of the two is needed."""
        if not self.file.data and not (field.data or "").strip():
            raise ValidationError(_("Donnez le fichier signé, ou collez son texte."))


class HideForm(Form):
    """Why the team takes an endorsement off."""

    reason = TextAreaField(
        _("Pourquoi"),
        [
            DataRequired(_("Écrivez pourquoi : l’équipe pourra le relire.")),
            Length(max=600),
            no_control_characters,
        ],
        filters=[tidy],
        description=_("Lu par l’équipe seule."),
    )
