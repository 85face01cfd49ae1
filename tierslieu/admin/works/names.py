"""What each job of the place does, in words for who administers it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

# Of every room at once: this page alone says them, and a test holds that none is missing.
NAMES: dict[str, Any] = {
    "aid_digests": _("Écrire les résumés de l’entraide"),
    "aid_sweep": _("Clore et effacer les demandes d’entraide, passé leur délai"),
    "appointment_phones": _("Effacer les numéros de téléphone des rendez-vous passés"),
    "appointment_reminders": _("Rappeler les rendez-vous"),
    "attendance_retention": _("Effacer les présences et signatures, passé leur délai"),
    "attention_list": _("Préparer la liste des personnes dont prendre des nouvelles"),
    "award_batches": _("Attribuer les badges demandés en nombre"),
    "backup": _("Faire les sauvegardes"),
    "badge_list": _("Chercher qui remplit les critères des badges"),
    "badges_automatic": _("Attribuer les badges automatiques"),
    "badges_ending": _("Prévenir de la fin prochaine d’un badge"),
    "badges_signed_again": _("Signer de nouveau les badges d’une clé retirée"),
    "boarding_sheets": _("Envoyer les feuilles d’hébergement des semaines"),
    "booking_reminders": _("Rappeler les séances réservées"),
    "build_packages": _("Préparer les données de recherche demandées"),
    "bundles_begun": _("Clore les listes d’attente des séries commencées"),
    "claim_awards": _("Remettre les badges à qui vient d’ouvrir un compte"),
    "community_drafts": _("Effacer les importations de contenus laissées en chemin"),
    "course_digests": _("Écrire les résumés des retours sur les cours"),
    "end_seeing": _("Mettre fin aux regards sur un compte"),
    "endorsements_end": _("Clore les soutiens arrivés à leur terme"),
    "endorsements_forget": _("Effacer les demandes de soutien, passé leur délai"),
    "endorsements_lapse": _("Laisser tomber les demandes de soutien sans réponse"),
    "endorsements_remind": _("Rappeler les soutiens demandés"),
    "erase_forgotten_packages": _("Effacer les données de recherche que personne n’a prises"),
    "follow_up_forgotten": _("Effacer le suivi, passé son délai"),
    "forget_award_batches": _("Effacer les listes d’attribution laissées en chemin"),
    "forget_grade_imports": _("Effacer les relevés de notes laissés en chemin"),
    "forget_papers": _("Effacer les certificats composés en nombre"),
    "forget_sent_mails": _("Effacer les mails envoyés, passé leur délai"),
    "forget_statements": _("Oublier les activités venues d’autres sites, passé leur délai"),
    "forget_unclaimed_awards": _("Oublier les badges que personne n’a réclamés"),
    "invitations_over": _("Clore les invitations à une séance restées sans réponse"),
    "invite_to_answer": _("Inviter à répondre aux questionnaires"),
    "kept_seats_over": _("Libérer les places gardées pour un public"),
    "limits_forgotten": _("Oublier les limites de réservation terminées"),
    "missed_kindly": _("Prendre des nouvelles après une absence"),
    "missed_rule": _("Appliquer la règle des places laissées vides"),
    "nightly_figures": _("Faire les chiffres de la nuit"),
    "offers_over": _("Offrir à la personne suivante les places restées sans réponse"),
    "papers": _("Composer les certificats demandés en nombre"),
    "plan_reminders": _("Rappeler les plans convenus"),
    "plans_forgotten": _("Effacer les plans, passé leur délai"),
    "positioning_forgotten": _("Oublier les positionnements, passé leur délai"),
    "retention": _("Effacer chaque nuit ce dont le délai est passé"),
    "send_mail": _("Envoyer les mails qui attendent"),
    "shuffle_answers": _("Mélanger les réponses, pour que leur ordre ne dise rien"),
    "stay_needs_over": _("Effacer les besoins dits pour un séjour terminé"),
    "sweep_logbook": _("Effacer du journal ce dont le délai est passé"),
    "sweep_open_sessions": _("Fermer les connexions terminées"),
    "sweep_rate_counts": _("Effacer les décomptes d’essais terminés (connexion, vérification)"),
    "unused_accounts": _("Prévenir, puis effacer les comptes qui ne servent plus"),
    "uploads_sweep": _("Effacer les fichiers déposés que rien ne montre plus"),
    "use_statements": _("Compter les activités venues d’autres sites"),
    "wallet_offers": _("Oublier les badges proposés à un portefeuille"),
}


def often(every: timedelta) -> str:
    """How often a job is looked at."""
    minutes = int(every.total_seconds()) // 60
    if minutes < 1:
        said = gettext("plusieurs fois par minute")
    elif minutes < 60:
        said = ngettext("chaque minute", "toutes les %(num)d minutes", minutes)
    elif minutes < 24 * 60:
        said = ngettext("chaque heure", "toutes les %(num)d heures", minutes // 60)
    else:
        said = ngettext("chaque jour", "tous les %(num)d jours", minutes // (24 * 60))
    return str(said)
