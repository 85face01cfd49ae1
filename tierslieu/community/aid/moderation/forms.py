"""The forms of reports and decisions: parse and shape only."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, RadioField
from wtforms.validators import Optional

from tierslieu.community.aid.models import Act, ReportReason
from tierslieu.community.aid.moderation.words import reason_words
from tierslieu.community.entries.forms import lines
from tierslieu.web.forms import Form


class ReportForm(Form):
    """Why a message is reported."""

    reason = RadioField(_("Qu’est-ce qui ne va pas ?"), validate_choice=False)
    words = lines(_("Un mot à l’équipe"), render_kw={"rows": 3})

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.reason.choices = [(one.value, words) for one, words in reason_words().items()]

    def asked(self) -> ReportReason | None:
        """The reason chosen, if it is one."""
        known = {one.value: one for one in ReportReason}
        return known.get(self.reason.data or "")


class ModerateForm(Form):
    """What to do with a message, and the word to its author."""

    act = RadioField(_("Que faire de ce message ?"), validate_choice=False)
    word = lines(
        _("Un mot à qui l’a écrit"),
        description=_("Demandé pour masquer ou retirer : la personne le lit par mail."),
        render_kw={"rows": 4},
    )

    def offer(self, *, is_hidden: bool, by_reports: bool) -> None:
        """The acts that make sense for a message as it is."""
        hide = (Act.HIDE.value, _("Le masquer : la personne qui l’a écrit le voit encore"))
        remove = (Act.REMOVE.value, _("Le retirer : ses mots sont effacés pour toujours"))
        if not is_hidden:
            keep = (Act.KEEP.value, _("Le laisser : il n’y a rien à changer"))
            self.act.choices = [keep, hide, remove]
            return
        restore = (Act.RESTORE.value, _("Le remettre dans le groupe"))
        self.act.choices = [restore, *([hide] if by_reports else []), remove]

    def asked(self) -> Act | None:
        """The act chosen, if it was offered."""
        offered = [value for value, _label in self.act.choices or []]
        return Act(self.act.data) if self.act.data in offered else None


class SuspendForm(Form):
    """For how long somebody does not write, and why."""

    days = IntegerField(
        _("Nombre de jours"), validators=[Optional()], render_kw={"min": 1, "max": 90}
    )
    why = lines(_("Un mot à cette personne"), render_kw={"rows": 4})
