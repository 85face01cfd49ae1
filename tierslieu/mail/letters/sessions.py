"""Mails of bookings and of attendance."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from tierslieu.mail.letters.kinds import (
    DAY,
    HOLDER,
    HOURS,
    LATER,
    NAME,
    OUTSIDER,
    UNTIL,
    WAS,
    WHEN_WHERE,
    Kind,
)
from tierslieu.web.written import Theirs

TITLE = Theirs("Découvrir la programmation")
PATH = "/mes-reservations"
SEAT = {
    "name": NAME,
    "title": TITLE,
    "when_where": WHEN_WHERE,
    "access": Theirs("Sonnez au portail bleu."),
    "bring": Theirs("votre ordinateur"),
    "path": "/agenda/exemple",
}
GUEST = {key: SEAT[key] for key in ("title", "when_where", "path")}
LINES = [
    {"day": DAY, "hours": HOURS, "place": Theirs("Salle Ada"), "rank": None, "link": ""},
    {"day": LATER, "hours": HOURS, "place": Theirs("Salle Ada"), "rank": None, "link": ""},
]
SERIES = {"name": NAME, "title": TITLE, "lines": LINES, "path": PATH}
MISSED = [{"title": TITLE, "day": DAY}, {"title": TITLE, "day": LATER}]
SEAT_BLANKS = "name session day hours where"
GUEST_BLANKS = "session day hours where"

KINDS = (
    Kind(
        "bookings_confirmed",
        _("Place confirmée"),
        _("dès qu’une place est réservée"),
        HOLDER,
        SEAT,
        SEAT_BLANKS,
    ),
    Kind(
        "bookings_reminder",
        _("Rappel avant la séance"),
        _("la veille, ou aux jours que la personne a choisis"),
        HOLDER,
        {**SEAT, "days_left": 1, "tap": "/places/exemple", "is_bundle": False},
        SEAT_BLANKS,
        subject_varies=True,
    ),
    Kind(
        "bookings_waiting",
        _("Mise en liste d’attente"),
        _("quand la séance est complète"),
        HOLDER,
        {**SEAT, "rank": 2},
        SEAT_BLANKS,
    ),
    Kind(
        "bookings_promoted",
        _("Une place libérée, prise d’elle-même"),
        _("quand une place revient à la première personne de la liste"),
        HOLDER,
        SEAT,
        SEAT_BLANKS,
    ),
    Kind(
        "bookings_offered",
        _("Une place proposée"),
        _("quand une place se libère et que la séance est proche"),
        HOLDER,
        {**SEAT, "until": UNTIL, "tap": "/places/exemple"},
        SEAT_BLANKS,
    ),
    Kind(
        "bookings_passed_on",
        _("Place passée à la personne suivante"),
        _("quand une place proposée n’a pas eu de réponse"),
        HOLDER,
        SEAT,
        SEAT_BLANKS,
    ),
    Kind(
        "bookings_released",
        _("Place libérée, ou liste quittée"),
        _("quand la personne, ou l’équipe, rend une place"),
        HOLDER,
        {**SEAT, "held_seat": True, "by_self": True, "declined": False},
        SEAT_BLANKS,
        subject_varies=True,
    ),
    Kind(
        "bookings_switched",
        _("Passage en ligne ou sur place"),
        _("quand la personne change sa façon de venir"),
        HOLDER,
        {**SEAT, "mode": "online"},
        SEAT_BLANKS,
        subject_varies=True,
    ),
    Kind(
        "bookings_changed",
        _("Séance changée"),
        _("quand l’heure, la salle ou le lien change"),
        HOLDER,
        {**SEAT, "was": WAS, "held_seat": True},
        SEAT_BLANKS,
    ),
    Kind(
        "bookings_cancelled",
        _("Séance annulée"),
        _("quand l’équipe annule une séance"),
        HOLDER,
        {**SEAT, "reason": Theirs("L’intervenante est malade.")},
        SEAT_BLANKS,
    ),
    Kind(
        "bookings_left_out",
        _("Une date manquée d’une série"),
        _("quand l’équipe note qu’une date de la série sera manquée"),
        HOLDER,
        {**SEAT, "why": Theirs("Vous nous l’avez dit.")},
        SEAT_BLANKS,
    ),
    Kind(
        "bookings_series",
        _("Places à plusieurs dates"),
        _("quand plusieurs dates sont réservées d’un coup"),
        HOLDER,
        {**SERIES, "seated": 2},
        "name session",
    ),
    Kind(
        "bookings_series_changed",
        _("Plusieurs dates changées"),
        _("quand l’équipe change plusieurs dates d’une série"),
        HOLDER,
        {**SERIES, "lines": [{"now": WHEN_WHERE, "was": WAS}]},
        "name session",
    ),
    Kind(
        "bookings_series_cancelled",
        _("Plusieurs dates annulées"),
        _("quand l’équipe annule plusieurs dates d’une série"),
        HOLDER,
        {**SERIES, "reason": Theirs("La salle ferme.")},
        "name session",
    ),
    Kind(
        "bookings_bundle",
        _("Série qui se suit en entier"),
        _("à chaque étape : places confirmées, proposées, liste d’attente, fin"),
        HOLDER,
        {
            **SERIES,
            "turn": "confirmed",
            "by_self": True,
            "rank": 1,
            "until": UNTIL,
            "tap": "/places/exemple",
        },
        "name session",
        subject_varies=True,
    ),
    Kind(
        "bookings_invited",
        _("Place gardée pour quelqu’un"),
        _("quand une personne garde une place à une autre"),
        OUTSIDER,
        {**GUEST, "by": NAME, "until": UNTIL},
        GUEST_BLANKS,
    ),
    Kind(
        "bookings_invited_changed",
        _("Place gardée : la séance change"),
        _("quand la séance d’une place gardée change"),
        OUTSIDER,
        {**GUEST, "was": WAS, "until": UNTIL},
        GUEST_BLANKS,
    ),
    Kind(
        "bookings_invited_cancelled",
        _("Place gardée : la séance est annulée"),
        _("quand la séance d’une place gardée est annulée"),
        OUTSIDER,
        {**GUEST, "reason": Theirs("La salle ferme.")},
        GUEST_BLANKS,
    ),
    Kind(
        "bookings_invitation_over",
        _("Place gardée : elle ne sert plus"),
        _("à qui l’avait gardée, quand la réponse n’est pas venue"),
        HOLDER,
        SEAT,
        SEAT_BLANKS,
    ),
    Kind(
        "bookings_limited",
        _("Réservations limitées pour un temps"),
        _("après plusieurs absences, si la règle du lieu le veut"),
        HOLDER,
        {"name": NAME, "missed": MISSED, "most": 1, "until": LATER, "path": PATH},
    ),
    Kind(
        "attendance_missed",
        _("On vous a attendu"),
        _("après plusieurs places restées vides"),
        HOLDER,
        {"name": NAME, "missed": MISSED, "path": PATH},
    ),
)
