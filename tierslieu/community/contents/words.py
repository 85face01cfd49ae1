"""How free a content is, in words; the CSV writes the same ones."""

from __future__ import annotations

from flask_babel import gettext as _

from tierslieu.community.contents.models import Rights


def rights_words() -> dict[Rights, str]:
    """«Libre de droit», as the table says it."""
    return {Rights.YES: _("oui"), Rights.NO: _("non"), Rights.TO_CHECK: _("à vérifier")}


def rights_tags() -> dict[Rights, str]:
    """The same, where it stands alone."""
    return {
        Rights.YES: _("Libre de droit"),
        Rights.NO: _("Droits réservés"),
        Rights.TO_CHECK: _("Droits à vérifier"),
    }


def rights_choices() -> dict[Rights, str]:
    """The same, where one chooses."""
    return {
        Rights.YES: _("Oui : on peut la reprendre et la modifier, sous une licence"),
        Rights.NO: _("Non : il faut demander à son auteur"),
        Rights.TO_CHECK: _("À vérifier : l’équipe du lieu regardera"),
    }


RIGHTS_TONES = {Rights.YES: "ok", Rights.NO: "plain", Rights.TO_CHECK: "sun"}
