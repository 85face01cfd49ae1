"""Mails of paths, feedback, badges and endorsements."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from tierslieu.mail.letters.kinds import (
    COURSE_TEAM,
    MEMBER,
    NAME,
    OUTSIDER,
    TEAM,
    Kind,
    both,
)
from tierslieu.web.written import Theirs

BADGE = Theirs("Programmer en Python")
YEAR = both("14 janvier 2028", "14 January 2028")
STEP = Theirs("Les boucles")
PATH = Theirs("Python, premiers pas")
AWARD = {"name": NAME, "badge": BADGE, "slug": "python", "award": "exemple"}
REASON = Theirs("Une épreuve a été notée deux fois.")
ANSWER = {"name": NAME, "step": STEP, "path": PATH, "path_url": "/mes-parcours"}
WORD = Theirs("Bravo, et à bientôt.")
# What somebody wrote is shown to them again as their own, in whatever language.
SEEN = both("Le schéma de la page 3 manque.", "The drawing on page 3 is missing.")
REPORT = {"name": NAME, "step": STEP, "path": PATH, "mine_url": "/mes-signalements"}
COURSE = {"path": PATH, "title": PATH, "leave_path": "/retours/exemple"}
ENDORSEMENT = {
    "organisation": "Université d’exemple",
    "badge": BADGE,
    "path": "/soutiens/exemple",
}

KINDS = (
    Kind(
        "progress_answered",
        _("Étape validée, ou à reprendre"),
        _("quand l’équipe a lu ce que la personne a montré"),
        MEMBER,
        {**ANSWER, "is_validated": True, "word": WORD},
        "name step path",
        subject_varies=True,
    ),
    Kind(
        "progress_waiver",
        _("Dispense accordée, refusée ou retirée"),
        _("quand l’équipe répond à une demande de dispense"),
        MEMBER,
        {**ANSWER, "state": "granted", "reason": WORD},
        "name step path",
        subject_varies=True,
    ),
    Kind(
        "feedback_answered",
        _("Réponse à un signalement"),
        _("quand l’équipe a lu ce qui manque dans un cours"),
        MEMBER,
        {**REPORT, "state": "confirmed", "word": WORD, "body": SEEN, "upstream_url": ""},
        "name step path",
    ),
    Kind(
        "feedback_merged",
        _("Signalement réuni à un autre"),
        _("quand quelqu’un d’autre avait signalé la même chose"),
        MEMBER,
        {**REPORT, "state": "sent", "body": SEEN},
        "name step path",
    ),
    Kind(
        "feedback_me_too_answered",
        _("Réponse à un « moi aussi »"),
        _("quand ce qui était signalé est corrigé, ou ne le sera pas"),
        MEMBER,
        {**REPORT, "state": "fixed", "word": WORD},
        "name step path",
    ),
    Kind(
        "feedback_contact",
        _("Les retours viendront à cette adresse"),
        _("quand l’équipe du lieu note le contact d’un cours"),
        COURSE_TEAM,
        COURSE,
        "path",
    ),
    Kind(
        "feedback_digest",
        _("Les retours de la semaine"),
        _("chaque lundi, s’il y a du nouveau"),
        COURSE_TEAM,
        {
            **COURSE,
            "count": 1,
            "more": 0,
            "reports": [
                {
                    "kind": both("Erreur", "Error"),
                    "state": both("confirmé", "confirmed"),
                    "step": STEP,
                    "unit": Theirs(""),
                    "version": 1,
                    "location": Theirs("le bas de la page 3"),
                    "saw": 2,
                    "saw_since": 1,
                    "upstream_url": "",
                    "body": Theirs("Le schéma de la page 3 manque."),
                }
            ],
        },
        "path",
    ),
    Kind(
        "awards_awarded",
        _("Badge reçu"),
        _("quand un badge est attribué"),
        MEMBER,
        AWARD,
        "name badge",
    ),
    Kind(
        "awards_waiting",
        _("Un badge attend quelqu’un sans compte"),
        _("quand un badge est attribué à une adresse sans compte"),
        OUTSIDER,
        {"name": NAME, "badge": BADGE, "slug": "python", "token": "exemple"},
        "badge",
    ),
    Kind(
        "awards_ending",
        _("Badge bientôt à son terme"),
        _("quelque temps avant la fin d’un badge"),
        MEMBER,
        {**AWARD, "until": YEAR},
        "name badge",
    ),
    Kind(
        "awards_renewed",
        _("Badge renouvelé"),
        _("quand un badge en remplace un qui se termine"),
        MEMBER,
        {**AWARD, "until": YEAR},
        "name badge",
    ),
    Kind(
        "awards_suspended",
        _("Badge suspendu"),
        _("quand l’équipe suspend un badge"),
        MEMBER,
        {**AWARD, "reason": REASON},
        "name badge",
    ),
    Kind(
        "awards_unsuspended",
        _("Suspension levée"),
        _("quand un badge suspendu vaut de nouveau"),
        MEMBER,
        AWARD,
        "name badge",
    ),
    Kind(
        "awards_revoked",
        _("Badge retiré"),
        _("quand l’équipe retire un badge"),
        MEMBER,
        {**AWARD, "reason": REASON, "is_account": True},
        "badge",
    ),
    Kind(
        "awards_signed_again",
        _("Badge signé de nouveau"),
        _("quand la clé qui l’avait signé n’est plus sûre"),
        MEMBER,
        AWARD,
        "name badge",
    ),
    Kind(
        "endorsements_asked",
        _("Demande de soutien, et son rappel"),
        _("quand un titulaire, ou l’équipe, demande le soutien d’un organisme"),
        OUTSIDER,
        {
            **ENDORSEMENT,
            "holder": NAME,
            "asker": NAME,
            "message": Theirs(""),
            "days": 60,
            "is_reminder": False,
        },
        "badge organisation",
        subject_varies=True,
    ),
    Kind(
        "endorsements_given",
        _("Soutien publié"),
        _("à l’organisme, dès qu’il a dit oui"),
        OUTSIDER,
        ENDORSEMENT,
        "badge organisation",
    ),
    Kind(
        "endorsements_answered",
        _("Réponse à une demande de soutien"),
        _("quand l’organisme soutient, décline ou se retire"),
        MEMBER,
        {**ENDORSEMENT, "name": NAME, "state": "given", "is_award": True},
        "name badge organisation",
        subject_varies=True,
    ),
    Kind(
        "texts_asked",
        _("Des réponses écrites à lire"),
        _("quand une étude demande que des réponses écrites sortent"),
        TEAM,
        {
            "name": NAME,
            "study": Theirs("Apprendre adulte"),
            "path": "/etudes",
        },
        "name study",
    ),
    Kind(
        "texts_decided",
        _("Réponses écrites accordées, ou non"),
        _("quand la coordination a décidé"),
        TEAM,
        {
            "name": NAME,
            "study": Theirs("Apprendre adulte"),
            "state": "agreed",
            "word": WORD,
            "path": "/etudes",
        },
        "name study",
        subject_varies=True,
    ),
    Kind(
        "surveys_invitation",
        _("Questionnaire"),
        _("après une séance, une semaine ou un parcours"),
        MEMBER,
        {
            "title": PATH,
            "about": PATH,
            "occasion": "end_of_path",
            "is_later": False,
            "minutes": 5,
            "study": Theirs(""),
            "closes_on": YEAR,
            "path": "/questionnaire/exemple",
        },
        "about",
    ),
    Kind(
        "surveys_reminder",
        _("Rappel d’un questionnaire"),
        _("quelques jours avant la fin, sans réponse"),
        MEMBER,
        {
            "about": PATH,
            "minutes": 5,
            "closes_on": YEAR,
            "path": "/questionnaire/exemple",
            "is_last": True,
        },
        "about",
    ),
)
