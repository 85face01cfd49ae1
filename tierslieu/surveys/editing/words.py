"""Kinds of questions and conditions, in words."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from tierslieu.surveys.instruments.conditions import Condition
from tierslieu.surveys.instruments.items import MOST_DECIMALS, ItemKind, ItemVariable
from tierslieu.web.formats import number


def kind_words() -> dict[ItemKind, tuple[str, str]]:
    """Each kind with its name and what it is for, in the order in which they are offered."""
    return {
        ItemKind.CHOICE: (_("Une réponse"), _("Une seule réponse parmi quelques-unes.")),
        ItemKind.SEVERAL: (_("Plusieurs réponses"), _("Des cases à cocher.")),
        ItemKind.LIKERT: (_("Une échelle"), _("Un point sur une échelle, chaque point nommé.")),
        ItemKind.GRID: (
            _("Une grille"),
            _("Plusieurs lignes, la même échelle : lisible au téléphone et à l’oreille."),
        ),
        ItemKind.MATRIX: (_("Une matrice"), _("Plusieurs lignes, des cases à chacune.")),
        ItemKind.RANKING: (
            _("Un classement"),
            _("Des réponses à ranger, de la première à la dernière."),
        ),
        ItemKind.NUMBER: (_("Un nombre"), _("Entre deux bornes, décimales possibles.")),
        ItemKind.SLIDER: (_("Un curseur"), _("Un nombre entier entre deux bouts nommés.")),
        ItemKind.DATE: (_("Une date"), _("Dans les données, elle devient un nombre de jours.")),
        ItemKind.SHORT: (_("Un texte court"), _("Une ligne de mots, qui reste dans le lieu.")),
        ItemKind.TEXT: (_("Un texte long"), _("Des mots libres, qui restent dans le lieu.")),
        ItemKind.CONSENT: (_("Un accord"), _("Oui ou non à une phrase.")),
    }


def condition_words(condition: Condition | None, known: Mapping[str, ItemVariable]) -> str:
    """When something is asked, in words; empty when always."""
    if condition is None:
        return ""
    if condition.word in ("all", "any"):
        joint = _(" et ") if condition.word == "all" else _(" ou ")
        return str(joint).join(condition_words(part, known) for part in condition.parts)
    if condition.word == "not":
        return str(_("pas (%(part)s)", part=condition_words(condition.parts[0], known)))
    variable = known.get(condition.item)
    label = variable.label if variable else condition.item
    if condition.word == "answered":
        return str(_("« %(label)s » a une réponse", label=label))
    codes = {float(one.value): one.label for one in variable.options} if variable else {}
    values = [codes.get(value, number(value, MOST_DECIMALS)) for value in condition.values]
    if condition.word == "is":
        return str(_("« %(label)s » est : %(values)s", label=label, values=_(" ou ").join(values)))
    if condition.word == "at_least":
        return str(_("« %(label)s » vaut au moins %(value)s", label=label, value=values[0]))
    return str(_("« %(label)s » vaut au plus %(value)s", label=label, value=values[0]))
