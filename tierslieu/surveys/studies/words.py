"""How studies speak of their waves, and the text of agreement they begin with."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from tierslieu.house import Occasion
from tierslieu.surveys.models import Wave
from tierslieu.surveys.studies.due import ENTRY

ENTRY_LABEL = _l("À l’entrée dans l’étude")


def when_words(wave: Wave, occasions: Mapping[str, Occasion]) -> str:
    """When a wave asks: «Avant une séance, 3 jours avant»."""
    occasion = occasions.get(wave.occasion)
    label = str(occasion.label) if occasion else wave.occasion
    if wave.occasion == ENTRY:
        label = str(ENTRY_LABEL)
    if not wave.delay_days:
        return label
    if occasion is not None and occasion.is_ahead:
        days = ngettext("%(num)s jour avant", "%(num)s jours avant", wave.delay_days)
    else:
        days = ngettext("%(num)s jour après", "%(num)s jours après", wave.delay_days)
    return f"{label}, {days}"


def reminder_words(wave: Wave) -> str:
    """How often a wave reminds: «2 rappels au plus, tous les 7 jours»; empty for none."""
    if not wave.reminders:
        return ""
    return str(
        ngettext(
            "%(num)s rappel au plus, après %(days)s jours",
            "%(num)s rappels au plus, tous les %(days)s jours",
            wave.reminders,
            days=wave.remind_every_days,
        )
    )


def to_write() -> str:
    """What stands in a text that was begun, where the researcher has to write."""
    return str(_("(À écrire.)"))


def may_leave() -> str:
    """What a text of agreement says that lets written answers out: one sentence for all, so that
    what people read and what is done are the same."""
    return str(
        _(
            "**Vos réponses écrites.** Une personne du lieu, qui ne mène pas l’étude, peut les "
            "relire une à une, sans savoir de qui elles sont. Elle efface ou remplace ce qui "
            "ferait reconnaître quelqu’un, ou les garde. Ce qu’elle laisse sortir est remis aux "
            "personnes qui mènent l’étude à part du reste, sans code : on ne sait pas que ces mots "
            "et vos autres réponses viennent de la même personne."
        )
    )


def whole_words(body: str, *, allows_texts: bool) -> str:
    """The whole text one agrees to (Markdown)."""
    return f"{body.strip()}\n\n{may_leave()}" if allows_texts else body


def first_words() -> str:
    """The text of agreement that a study begins with."""
    return str(
        _(
            "**Ce que cherche l’étude.** %(to_write)s\n\n"
            "**Ce qu’on vous demande.** Répondre à quelques questionnaires, à votre rythme.\n\n"
            "**Ce qui est réuni, sous un code qui n’est que pour cette étude :** vos réponses, vos "
            "présences, votre progression, vos badges, votre tranche d’âge et votre genre si vous "
            "les avez dits. Jamais votre nom, votre adresse, votre ville, ni un texte libre sans "
            "que le lieu l’ait relu.\n\n"
            "**Qui le voit.** Les personnes qui mènent l’étude, nommées ci-dessus, et celles avec "
            "qui elles partagent les données.\n\n"
            "**Combien de temps.** %(to_write)s À la fin, la clé qui relie le code à vous est "
            "détruite.\n\n"
            "Vous pouvez dire non, ou changer d’avis à tout moment, sans donner de raison : rien "
            "d’autre ne change ici.",
            to_write=to_write(),
        )
    )
