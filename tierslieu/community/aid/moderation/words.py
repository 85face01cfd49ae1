"""Reports and decisions as pages say them."""

from __future__ import annotations

from flask_babel import gettext as _

from tierslieu.community.aid.models import Act, AidDecision, ReportReason
from tierslieu.web.formats import long_day


def reason_words() -> dict[ReportReason, str]:
    """Each reason of a report."""
    return {
        ReportReason.HURTFUL: str(_("C’est blessant, moqueur ou discriminant")),
        ReportReason.PRIVATE: str(_("On y lit quelque chose de privé sur quelqu’un")),
        ReportReason.WRONG_PLACE: str(_("Ce n’est pas une demande d’aide : publicité, hors sujet")),
        ReportReason.OTHER: str(_("Autre chose, que j’explique")),
    }


def act_words(decision: AidDecision) -> str:
    """What was decided."""
    said = {
        Act.HIDE: _("Message masqué"),
        Act.AUTO_HIDE: _("Message masqué par les signalements, en attendant"),
        Act.RESTORE: _("Message remis"),
        Act.REMOVE: _("Message retiré"),
        Act.KEEP: _("Message laissé"),
        Act.LIFT: _("Suspension levée"),
    }
    if decision.act is Act.SUSPEND and decision.until is not None:
        return str(_("Écriture suspendue jusqu’au %(day)s", day=long_day(decision.until)))
    return str(said.get(decision.act, ""))
