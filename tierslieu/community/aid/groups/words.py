"""What the groups are called, and the charter that comes with the place."""

from __future__ import annotations

from flask_babel import gettext as _

from tierslieu.community.aid.groups.queries import Group
from tierslieu.community.aid.models import Notices


def group_name(group: Group) -> str:
    """«NSI, les fondamentaux», or «Automne (SNT)»."""
    if group.cohort is None:
        return group.path.short_title
    return str(_("%(cohort)s (%(path)s)", cohort=group.cohort.title, path=group.path.short_title))


def first_charter() -> str:
    """The charter of a place that has not written its own."""
    return "\n".join(
        (
            _("Ici, on demande sans gêne et on répond avec patience : toute question est bonne."),
            _(
                "On s’adresse aux autres avec respect, quels que soient leur parcours, leur "
                "genre, leur âge ou leur aisance en informatique. Aucune moquerie, aucun "
                "propos sexiste, raciste ou blessant."
            ),
            _("On explique plutôt qu’on ne donne la solution : le but est que l’autre y arrive."),
            _(
                "On ne montre ni adresse mail, ni numéro de téléphone, ni rien de la vie "
                "privée de quelqu’un, élèves compris."
            ),
            _(
                "Ce qui est écrit dans un groupe y reste : on ne le reprend pas ailleurs "
                "sans accord."
            ),
            _("Quand c’est résolu, on le dit, et on remercie si on le souhaite."),
            _(
                "Un message ne va pas ? On le signale. L’équipe qui anime lit tous les "
                "groupes ; elle peut masquer ou retirer un message, toujours avec un mot à "
                "qui l’a écrit."
            ),
        )
    )


def first_name_and_initial(name: str) -> str:
    """«Camille Dubois-Martin» is «Camille D.»: what one is called here unless one says else."""
    words = name.split()
    return f"{words[0]} {words[-1][0].upper()}." if len(words) > 1 else name.strip()


def notice_words() -> dict[Notices, str]:
    """Each choice of mails, in words."""
    return {
        Notices.NONE: str(_("Aucun mail : je passe voir")),
        Notices.DIGEST: str(_("Un résumé, une fois par jour au plus, s’il y a du nouveau")),
        Notices.EACH: str(
            _("À chaque réponse à mes demandes, et à chaque demande sur une étape où j’aide")
        ),
    }
