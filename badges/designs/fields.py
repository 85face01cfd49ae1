"""Two parts of a badge's form that the page also asks about alone: the picture and the skills."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import ColorField, HiddenField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from badges.designs.frameworks import Skill, find_skill, search_skills
from badges.designs.lettering import MAX_LETTERS
from badges.designs.models import BadgeClass
from badges.designs.own_pictures import OwnPicture, clean_picture
from badges.designs.pictures import NO_ICON, OWN, Drawing
from tierslieu.web.forms import Form, no_control_characters, tidy

DRAWN, HANDED_IN = "dessin", "fichier"
SHAPE_NAMES = {
    "hexagon": _("Hexagone"),
    "circle": _("Cercle"),
    "square": _("Carré"),
    "shield": _("Écu"),
    "flower": _("Rosace"),
}
COLOUR_NAMES = {
    "mer": _("Mer"),
    "terra": _("Terre"),
    "olive": _("Olive"),
    "soleil": _("Soleil"),
    "nuit": _("Nuit"),
    OWN: _("À choisir"),
}
ICON_NAMES = {
    "code": _("Code"),
    "robot": _("Robot"),
    "data": _("Données"),
    "web": _("Web"),
    "network": _("Réseau"),
    "book": _("Livre"),
    "people": _("Groupe"),
    "bulb": _("Idée"),
    "compass": _("Boussole"),
    "chip": _("Puce"),
    NO_ICON: _("Aucun"),
}


def _choices(names: Mapping[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in names.items()]


def _lower(value: str | None) -> str | None:
    return value.lower() if isinstance(value, str) else value


class _Checkboxes(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SkillForm(Form):
    """Which skills of public frameworks a badge attests."""

    skill_search = StringField(
        _("Chercher une compétence"),
        [Length(max=80)],
        filters=[tidy],
        description=_("Par mot ou par code : « programmer », « CRCN 3.4 », « DigComp 1.2 »…"),
    )
    skills = _Checkboxes(_("Compétences attestées"))

    @property
    def ticked(self) -> list[Skill]:
        """Those chosen so far, in the order of choosing."""
        keys = dict.fromkeys(self.skills.data or ())
        return [skill for key in keys if (skill := find_skill(key)) is not None]

    @property
    def found(self) -> list[Skill]:
        """Those that the search finds, ticked or not: a box does not move when one ticks it."""
        return search_skills(self.skill_search.data or "")

    @property
    def kept(self) -> list[Skill]:
        """Those chosen before that the search does not show."""
        shown = {skill.key for skill in self.found}
        return [skill for skill in self.ticked if skill.key not in shown]

    def offer_skills(self) -> None:
        """The boxes to tick: those kept, then those found."""
        shown = (*self.kept, *self.found)
        self.skills.choices = [SelectChoice(skill.key, skill.label) for skill in shown]


class PictureForm(Form):
    """How a badge looks: drawn here, or a file of one's own."""

    source = RadioField(
        _("D’où vient l’image"),
        choices=[
            SelectChoice(DRAWN, _("Composée ici")),
            SelectChoice(HANDED_IN, _("Un fichier à moi")),
        ],
        default=DRAWN,
    )
    shape = RadioField(_("Forme"), choices=_choices(SHAPE_NAMES), default="hexagon")
    colour = RadioField(_("Couleurs"), choices=_choices(COLOUR_NAMES), default="mer")
    ground = ColorField(_("Couleur du fond"), filters=[_lower], default="#5b2a86")
    mark = ColorField(_("Couleur du dessin"), filters=[_lower], default="#ffe9a8")
    icon = RadioField(_("Signe"), choices=_choices(ICON_NAMES), default="code")
    text = StringField(
        _("Texte sur l’image"),
        [Length(max=4 * MAX_LETTERS), no_control_characters],
        filters=[tidy],
        default="",
        description=_(
            "%(count)s caractères au plus ; deux ou trois mots courts se lisent mieux.",
            count=MAX_LETTERS,
        ),
        render_kw={"maxlength": MAX_LETTERS, "autocomplete": "off"},
    )
    own_file = FileField(
        _("Fichier SVG ou PNG"),
        description=_(
            "À peu près carré. Un SVG est nettoyé, ses textes sont à convertir en tracés ; d’un "
            "PNG, on ne garde que les pixels."
        ),
        render_kw={"accept": ".svg,.png,image/svg+xml,image/png"},
    )
    # The cleaned file, in base64: what was refused elsewhere need not be chosen again. It comes
    # back from a browser, so it is cleaned again like any other.
    own_kept = HiddenField()

    @property
    def drawing(self) -> Drawing:
        """What the picture is drawn from, as chosen."""
        return Drawing(
            self.shape.data,
            self.colour.data,
            self.icon.data,
            self.text.data or "",
            self.ground.data or "",
            self.mark.data or "",
        )

    def own_picture(self) -> OwnPicture | None:
        """The file handed in, or the one kept from before, cleaned; None when the picture is drawn
        here, or no file was chosen yet. Raises :class:`Refused` beside the field.
        """
        if self.source.data != HANDED_IN:
            return None
        handed = self.own_file.data
        data = handed.read() if handed else b""
        if data:
            handed.seek(0)
        else:
            data = _unpacked(self.own_kept.data or "")
        if not data:
            return None
        picture = clean_picture(data)
        self.own_kept.data = base64.b64encode(picture.source).decode()
        return picture


def _unpacked(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""


def picture_values(badge: BadgeClass) -> dict[str, Any]:
    """What the picture's fields hold for this badge."""
    own = badge.own_picture
    source = b"" if own is None else own.png if own.svg is None else own.svg.encode()
    values = {
        "source": DRAWN if own is None else HANDED_IN,
        "shape": badge.shape,
        "colour": badge.colour,
        "icon": badge.icon,
        "text": badge.text,
        "own_kept": base64.b64encode(source).decode(),
    }
    if badge.colour == OWN:
        values |= {"ground": badge.ground, "mark": badge.mark}
    return values
