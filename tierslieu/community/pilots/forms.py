"""Pilots and invitations: parse and shape only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from tierslieu.community.entries.forms import line, lines
from tierslieu.web.forms import Form


class PilotForm(Form):
    """What a pilot is called, and what it is for."""

    name = line(_("Nom du pilote"))
    description = lines(
        _("À quoi il sert"),
        description=_("Ses membres le lisent, et la lettre d’invitation le cite."),
        render_kw={"rows": 3},
    )


class InviteForm(Form):
    """Addresses to invite."""

    emails = lines(
        _("Adresses à inviter"),
        description=_("Une par ligne, ou séparées par des virgules ; cent à la fois au plus."),
        render_kw={"rows": 4, "autocapitalize": "none", "spellcheck": "false"},
    )
