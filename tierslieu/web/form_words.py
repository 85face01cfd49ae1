"""What fields say by themselves when no form says it better: our sentences, not the library's.

WTForms looks its English messages up through `gettext` and `ngettext`; what is not here stays the
library's own translation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_ngettext
from flask_wtf.i18n import translations as the_librarys

_LIST = _("Ce choix n’est pas dans la liste : choisissez de nouveau.")
_WORDS = {
    "Not a valid choice.": _LIST,
    "Invalid Choice: could not coerce.": _LIST,
    "Invalid choice(s): one or more data inputs could not be coerced.": _LIST,
    "Choices cannot be None.": _LIST,
    "This field is required.": _("Remplissez ce champ."),
    "Invalid input.": _("Cette saisie ne convient pas : relisez-la."),
    "Not a valid datetime value.": _("Écrivez un jour et une heure."),
    "Not a valid date value.": _("Écrivez un jour qui existe, par exemple 24/03/2027."),
    "Not a valid time value.": _("Écrivez une heure, par exemple 13:30."),
    "Not a valid integer value.": _("Écrivez un nombre entier, en chiffres."),
    "Not a valid decimal value.": _("Écrivez un nombre, en chiffres."),
    "Not a valid float value.": _("Écrivez un nombre, en chiffres."),
    "Number must be at least %(min)s.": _("Écrivez un nombre d’au moins %(min)s."),
    "Number must be at most %(max)s.": _("Écrivez un nombre d’au plus %(max)s."),
    "Number must be between %(min)s and %(max)s.": _("Écrivez un nombre entre %(min)s et %(max)s."),
    "Field must be between %(min)d and %(max)d characters long.": _(
        "Écrivez de %(min)d à %(max)d caractères."
    ),
}
#: The number that decides is the bound itself.
_COUNTED: dict[str, Callable[[int], Any]] = {
    "'%(value)s' is not a valid choice for this field.": lambda n: _LIST,
    "Field must be at least %(min)d character long.": lambda n: lazy_ngettext(
        "Écrivez au moins %(num)s caractère.", "Écrivez au moins %(num)s caractères.", n
    ),
    "Field cannot be longer than %(max)d character.": lambda n: lazy_ngettext(
        "Ce texte est trop long : %(num)s caractère est possible.",
        "Ce texte est trop long : %(num)s caractères sont possibles.",
        n,
    ),
}


class FieldWords:
    """What WTForms asks for its sentences (`Meta.get_translations`)."""

    def gettext(self, text: str) -> str:
        """The sentence for this English one."""
        return str(_WORDS[text]) if text in _WORDS else str(the_librarys.gettext(text))

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The same for a number of things."""
        if one in _COUNTED:
            return str(_COUNTED[one](number))
        return str(the_librarys.ngettext(one, many, number))


field_words = FieldWords()
