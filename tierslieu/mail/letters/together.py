"""Mails of personal follow-up, weeks and community."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from tierslieu.mail.letters.kinds import (
    DAY,
    HOURS,
    MEMBER,
    NAME,
    OUTSIDER,
    TEAM,
    WAS,
    Kind,
    both,
)
from tierslieu.web.written import Theirs

OTHER = "Dominique Modèle"
MEETING = {
    "day": DAY,
    "hours": HOURS,
    "with": OTHER,
    "place": Theirs("Salle Ada"),
    "access": Theirs(""),
    "link": "",
}
APPOINTMENT = {
    "name": NAME,
    "who": NAME,
    "meeting": MEETING,
    "days_left": 1,
    "turn": "booked",
    "path": "/mes-rendez-vous",
    "tap": "/rendez-vous/exemple",
}
MEETING_BLANKS = "name meeting_day meeting_hours with"
WEEK = {
    "name": NAME,
    "title": Theirs("Semaine d’hiver"),
    "days": both("du 15 au 19 février", "15 to 19 February"),
    "path": "/semaines",
}
BED = {
    "nights": both("4 nuits, du 15 au 19 février", "4 nights, 15 to 19 February"),
    "house": Theirs("Internat"),
    "rooms": Theirs("B12"),
}
HALF_DAYS = [
    {
        "title": Theirs("Atelier"),
        "day": both("lundi 15 février", "Monday 15 February"),
        "hours": HOURS,
        "place": Theirs("Salle Ada"),
    }
]
REASON = Theirs("Trop peu de candidatures.")
ASK = {
    "name": NAME,
    "title": Theirs("Comment lire ce message d’erreur ?"),
    "path": "/entraide",
    "stop": "/entraide/arret/exemple",
}

KINDS = (
    Kind(
        "support_booked",
        _("Rendez-vous pris"),
        _("dès qu’un rendez-vous est pris"),
        MEMBER,
        APPOINTMENT,
        MEETING_BLANKS,
    ),
    Kind(
        "support_moved",
        _("Rendez-vous déplacé"),
        _("quand un rendez-vous change"),
        MEMBER,
        {**APPOINTMENT, "turn": "moved", "was": WAS},
        MEETING_BLANKS,
    ),
    Kind(
        "support_cancelled",
        _("Rendez-vous annulé"),
        _("quand la personne, ou l’équipe, annule"),
        MEMBER,
        {**APPOINTMENT, "turn": "cancelled", "by_self": True, "word": Theirs("")},
        MEETING_BLANKS,
    ),
    Kind(
        "support_reminder",
        _("Rappel d’un rendez-vous"),
        _("la veille, et le jour même"),
        MEMBER,
        APPOINTMENT,
        MEETING_BLANKS,
        subject_varies=True,
    ),
    Kind(
        "support_team",
        _("Rendez-vous pris, déplacé ou annulé, pour l’équipe"),
        _("à la personne de l’équipe qui le tient"),
        TEAM,
        {**APPOINTMENT, "turn": "moved", "was": WAS},
        "name meeting_day meeting_hours",
        subject_varies=True,
    ),
    Kind(
        "support_note",
        _("Une note partagée"),
        _("quand l’équipe partage une note de suivi"),
        MEMBER,
        {"name": NAME, "author": OTHER, "path": "/mes-rendez-vous"},
    ),
    Kind(
        "support_plan",
        _("Du nouveau sur son plan"),
        _("quand l’équipe répond sur un plan"),
        MEMBER,
        {"name": NAME, "path": "/mon-plan"},
    ),
    Kind(
        "support_plan_due",
        _("Échéance d’un plan"),
        _("quelques jours avant"),
        MEMBER,
        {"name": NAME, "count": 1, "day": DAY, "path": "/mon-plan"},
    ),
    Kind(
        "support_plan_team",
        _("Du nouveau sur un plan, pour l’équipe"),
        _("quand une personne change le plan qu’elle montre"),
        TEAM,
        {"name": OTHER, "who": NAME, "path": "/plans"},
    ),
    Kind(
        "weeks_state",
        _("Candidature à une semaine : où elle en est"),
        _("quand elle est reçue, à compléter, en attente, déclinée ou retirée"),
        MEMBER,
        {**WEEK, "state": "submitted", "rank": 1, "by_self": True, "word": Theirs("")},
        "name week days",
        subject_varies=True,
    ),
    Kind(
        "weeks_accepted",
        _("Candidature acceptée"),
        _("quand une candidature est acceptée"),
        MEMBER,
        {
            **WEEK,
            **BED,
            "lines": HALF_DAYS,
            "meals": 8,
            "word": Theirs(""),
            "give_back": "/semaines/exemple/retrait",
        },
        "name week days",
    ),
    Kind(
        "weeks_moved",
        _("Chambre changée"),
        _("quand la chambre annoncée change"),
        MEMBER,
        {**WEEK, **BED},
        "name week days",
    ),
    Kind(
        "weeks_called_off",
        _("Semaine annulée"),
        _("à chaque personne qui avait candidaté"),
        MEMBER,
        {**WEEK, "reason": REASON, "kept": HALF_DAYS},
        "name week days",
    ),
    Kind(
        "weeks_boarding",
        _("Lits et repas"),
        _("avant la semaine, puis à chaque changement"),
        OUTSIDER,
        {
            **WEEK,
            "house": BED["house"],
            "is_first": True,
            "is_called_off": False,
            "lines": [both("12 lits, du 15 au 19 février", "12 beds, 15 to 19 February")],
        },
        "week days",
        subject_varies=True,
    ),
    Kind(
        "weeks_team",
        _("Place libérée ou candidature complétée, pour l’équipe"),
        _("à qui tient la semaine"),
        TEAM,
        {**WEEK, "kind": "freed", "who": OTHER, "next_name": NAME, "waiting": 1},
        "name week days",
        subject_varies=True,
    ),
    Kind(
        "weeks_team_called_off",
        _("Semaine annulée, pour l’équipe"),
        _("à qui tient la semaine"),
        TEAM,
        {**WEEK, "reason": REASON},
        "name week days",
    ),
    Kind(
        "community_aid_asked",
        _("On cherche de l’aide"),
        _("quand une demande est posée sur une étape où l’on aide"),
        MEMBER,
        ASK,
        "name ask",
    ),
    Kind(
        "community_aid_reply",
        _("Réponse à une demande d’aide"),
        _("à chaque réponse, si la personne l’a choisi"),
        MEMBER,
        ASK,
        "name ask",
    ),
    Kind(
        "community_aid_digest",
        _("Résumé de l’entraide"),
        _("une fois par jour au plus, si la personne l’a choisi"),
        MEMBER,
        {
            "name": NAME,
            "stop": ASK["stop"],
            "lines": [{"title": ASK["title"], "path": "/entraide", "is_answer": True}],
            "more": 1,
        },
    ),
    Kind(
        "community_aid_moderated",
        _("Décision sur un message d’entraide"),
        _("quand un message est masqué, retiré ou remis"),
        MEMBER,
        {**ASK, "act": "hide", "word": Theirs(""), "until": DAY},
        "name ask",
        subject_varies=True,
    ),
    Kind(
        "community_moderated",
        _("Fiche masquée, ou remise"),
        _("quand l’équipe décide d’une fiche de la base"),
        MEMBER,
        {
            "name": NAME,
            "title": Theirs("Un cours de réseaux"),
            "is_hidden": True,
            "reason": Theirs("Le lien est mort."),
            "path": "/ressources",
        },
        "name entry",
        subject_varies=True,
    ),
    Kind(
        "community_invited",
        _("Invitation à un pilote de la communauté"),
        _("quand l’équipe invite une adresse dans un espace fermé"),
        OUTSIDER,
        {
            "pilot": Theirs("Lycées de la région"),
            "description": Theirs(""),
            "has_account": False,
        },
        "pilot",
    ),
)
