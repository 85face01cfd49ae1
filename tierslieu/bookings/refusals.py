"""What a booking is refused for: words that several rules say, or that are long."""

from __future__ import annotations

from flask_babel import gettext as _

from tierslieu.bookings.models import BookingStatus
from tierslieu.errors import Refused


def mode_not_offered() -> Refused:
    """Nobody comes to this session that way."""
    return Refused(
        _("Cette séance ne se tient pas de cette façon : choisissez-en une autre."),
        code="mode_not_offered",
        field="mode",
    )


def books_meanwhile() -> Refused:
    """Somebody books at the very moment at which they are erased."""
    return Refused(
        _(
            "Cette personne vient de réserver autre chose : rien n’a été effacé. Recommencez, "
            "tout partira."
        ),
        code="busy",
    )


def already_booked(status: BookingStatus, *, by_self: bool) -> Refused:
    """Somebody has a seat here, or a place in line: themselves or whom the team books for."""
    if status is BookingStatus.WAITING:
        message = (
            _("Vous êtes déjà sur la liste d’attente de cette séance.")
            if by_self
            else _("Cette personne est déjà sur la liste d’attente.")
        )
    elif status is BookingStatus.OFFERED:
        message = (
            _("Une place vous est déjà proposée : il ne reste qu’à la confirmer.")
            if by_self
            else _("Une place est déjà proposée à cette personne.")
        )
    else:
        message = (
            _("Vous avez déjà une place à cette séance.")
            if by_self
            else _("Cette personne a déjà une place à cette séance.")
        )
    return Refused(message, code="already_booked")
