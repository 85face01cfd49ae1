"""What following a person offers to the pages that gather."""

from __future__ import annotations

from tierslieu.house import Invariant, Offer
from tierslieu.support import figures
from tierslieu.support.jobs import JOBS

OFFERS: tuple[Offer, ...] = (
    Invariant(
        "appointments_one_each",
        "Jamais deux rendez-vous dans un créneau",
        figures.check_one_each,
    ),
    Invariant(
        "slots_apart",
        "Jamais deux créneaux d’une personne à la même heure",
        figures.check_apart,
    ),
    *JOBS,
)
