"""All of them, in one list: a test fails for a template that is not in it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from tierslieu.mail.letters import accounts, learning, sessions, together
from tierslieu.mail.letters.kinds import Kind

ROOMS = (
    (_("Comptes"), accounts.KINDS),
    (_("Séances et réservations"), sessions.KINDS),
    (_("Parcours, badges et questionnaires"), learning.KINDS),
    (_("Suivi, semaines et communauté"), together.KINDS),
)
KINDS: dict[str, Kind] = {kind.template: kind for _room, kinds in ROOMS for kind in kinds}
