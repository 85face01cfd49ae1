"""The acts the logbook holds: what somebody who runs the place may have to answer for, and no more.

What is already kept where it happens (each signature, each booking) is not written twice. An act's
value stands in the chain: it never changes its meaning.
"""

from __future__ import annotations

import enum

from flask_babel import lazy_gettext as _l


class Act(enum.Enum):
    """What was done."""

    SIGNED_IN = "signed_in"
    ROLE_GIVEN = "role_given"
    ROLE_TAKEN = "role_taken"
    ACCOUNT_MADE = "account_made"
    ACCOUNT_SUSPENDED = "account_suspended"
    ACCOUNT_REOPENED = "account_reopened"
    ACCOUNT_ERASED = "account_erased"
    ACCOUNTS_JOINED = "accounts_joined"
    SESSIONS_ENDED = "sessions_ended"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_REFUSED = "passkey_refused"
    CONFIRMATION_SENT = "confirmation_sent"
    SEEN_AS_BEGUN = "seen_as_begun"
    SEEN_AS_ENDED = "seen_as_ended"
    DATA_EXPORTED = "data_exported"
    BADGE_AWARDED = "badge_awarded"
    BADGES_AWARDED = "badges_awarded"
    BADGE_REVOKED = "badge_revoked"
    BADGE_SUSPENDED = "badge_suspended"
    BADGE_UNSUSPENDED = "badge_unsuspended"
    BADGE_PUBLISHED = "badge_published"
    BADGE_AUTOMATIC = "badge_automatic"
    ISSUER_TRUSTED = "issuer_trusted"
    ISSUER_DISTRUSTED = "issuer_distrusted"
    WORTH_SET = "worth_set"
    WORTH_DROPPED = "worth_dropped"
    SITE_NAMED = "site_named"
    KEY_MADE = "key_made"
    KEY_ROTATED = "key_rotated"
    KEY_REVOKED = "key_revoked"
    TOKEN_MADE = "token_made"  # noqa: S105 - an act, not a secret
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    PACKAGE_ASKED = "package_asked"
    PACKAGE_TAKEN = "package_taken"
    STUDY_OPENED = "study_opened"
    STUDY_CLOSED = "study_closed"
    STUDY_KEY_DESTROYED = "study_key_destroyed"
    RESEARCHER_ADDED = "researcher_added"
    RESEARCHER_REMOVED = "researcher_removed"
    SESSION_CANCELLED = "session_cancelled"
    ATTENDANCE_CORRECTED = "attendance_corrected"
    SETTINGS_CHANGED = "settings_changed"
    PLACE_CHANGED = "place_changed"
    PLACE_TAKEN_BACK = "place_taken_back"
    LOGBOOK_TAKEN = "logbook_taken"
    JOB_RUN = "job_run"
    BACKUP_ASKED = "backup_asked"
    HELD_MAILS_SENT = "held_mails_sent"
    HELD_MAILS_DROPPED = "held_mails_dropped"
    CLOCK_BELIEVED = "clock_believed"
    MAIL_READ = "mail_read"
    MAILS_READ = "mails_read"
    MAIL_RETRIED = "mail_retried"
    MAIL_GIVEN_UP = "mail_given_up"
    MAIL_REWORDED = "mail_reworded"
    ENTRY_SET = "entry_set"
    PEOPLE_INVITED = "people_invited"
    INVITATION_CODE_MADE = "invitation_code_made"
    INVITATION_SENT_AGAIN = "invitation_sent_again"
    INVITATION_REVOKED = "invitation_revoked"
    INVITATION_RESTORED = "invitation_restored"


ACT_WORDS = {
    Act.SIGNED_IN: _l("S’est connecté (équipe)"),
    Act.ROLE_GIVEN: _l("Rôle donné"),
    Act.ROLE_TAKEN: _l("Rôle retiré"),
    Act.ACCOUNT_MADE: _l("Compte ouvert par l’équipe"),
    Act.ACCOUNT_SUSPENDED: _l("Compte suspendu"),
    Act.ACCOUNT_REOPENED: _l("Compte rouvert"),
    Act.ACCOUNT_ERASED: _l("Compte effacé"),
    Act.ACCOUNTS_JOINED: _l("Deux comptes réunis"),
    Act.SESSIONS_ENDED: _l("Connexions fermées par l’équipe"),
    Act.PASSKEY_ADDED: _l("Clé d’identification ajoutée (équipe)"),
    Act.PASSKEY_REMOVED: _l("Clé d’identification retirée (équipe)"),
    Act.PASSKEY_REFUSED: _l("Clé d’identification refusée : son compteur a reculé"),
    Act.CONFIRMATION_SENT: _l("Mail de confirmation renvoyé"),
    Act.SEEN_AS_BEGUN: _l("Lieu regardé à la place d’une personne : début"),
    Act.SEEN_AS_ENDED: _l("Lieu regardé à la place d’une personne : fin"),
    Act.DATA_EXPORTED: _l("Données personnelles emportées"),
    Act.BADGE_AWARDED: _l("Badge attribué"),
    Act.BADGES_AWARDED: _l("Badges attribués en nombre"),
    Act.BADGE_REVOKED: _l("Badge retiré"),
    Act.BADGE_SUSPENDED: _l("Badge suspendu"),
    Act.BADGE_UNSUSPENDED: _l("Suspension d’un badge levée"),
    Act.BADGE_PUBLISHED: _l("Modèle de badge publié"),
    Act.BADGE_AUTOMATIC: _l("Badge attribué sans relecture, ou non : changé"),
    Act.ISSUER_TRUSTED: _l("Émetteur de badges reconnu"),
    Act.ISSUER_DISTRUSTED: _l("Émetteur de badges plus reconnu"),
    Act.WORTH_SET: _l("Badge d’ailleurs admis pour une étape"),
    Act.WORTH_DROPPED: _l("Badge d’ailleurs plus admis pour une étape"),
    Act.SITE_NAMED: _l("Comptes d’un autre site reconnus, ou non : changé"),
    Act.KEY_MADE: _l("Clé de signature créée"),
    Act.KEY_ROTATED: _l("Clé de signature remplacée"),
    Act.KEY_REVOKED: _l("Clé de signature révoquée"),
    Act.TOKEN_MADE: _l("Clé d’accès créée"),
    Act.TOKEN_REVOKED: _l("Clé d’accès retirée"),
    Act.PACKAGE_ASKED: _l("Données de recherche demandées"),
    Act.PACKAGE_TAKEN: _l("Données de recherche téléchargées"),
    Act.STUDY_OPENED: _l("Étude ouverte"),
    Act.STUDY_CLOSED: _l("Étude close"),
    Act.STUDY_KEY_DESTROYED: _l("Clé d’une étude détruite"),
    Act.RESEARCHER_ADDED: _l("Étude ouverte à une autre personne"),
    Act.RESEARCHER_REMOVED: _l("Étude fermée à une personne qui la menait"),
    Act.SESSION_CANCELLED: _l("Séance annulée"),
    Act.ATTENDANCE_CORRECTED: _l("Présence corrigée après coup"),
    Act.SETTINGS_CHANGED: _l("Réglage du lieu changé"),
    Act.PLACE_CHANGED: _l("Changement du lieu"),
    Act.PLACE_TAKEN_BACK: _l("Changement du lieu annulé"),
    Act.LOGBOOK_TAKEN: _l("Journal téléchargé"),
    Act.JOB_RUN: _l("Tâche relancée"),
    Act.BACKUP_ASKED: _l("Sauvegarde demandée"),
    Act.HELD_MAILS_SENT: _l("Mails retenus par une restauration envoyés"),
    Act.HELD_MAILS_DROPPED: _l("Mails retenus par une restauration abandonnés"),
    Act.CLOCK_BELIEVED: _l("Horloge confirmée : l’effacement reprend"),
    Act.MAIL_READ: _l("Destinataire d’un mail affiché"),
    Act.MAILS_READ: _l("Liste des mails écrits à quelqu’un affichée"),
    Act.MAIL_RETRIED: _l("Mail remis dans la file"),
    Act.MAIL_GIVEN_UP: _l("Mail abandonné"),
    Act.MAIL_REWORDED: _l("Texte d’un mail changé"),
    Act.ENTRY_SET: _l("Inscriptions ouvertes, ou sur invitation"),
    Act.PEOPLE_INVITED: _l("Personnes invitées à ouvrir un compte"),
    Act.INVITATION_CODE_MADE: _l("Code d’invitation créé"),
    Act.INVITATION_SENT_AGAIN: _l("Invitation envoyée de nouveau"),
    Act.INVITATION_REVOKED: _l("Invitation retirée"),
    Act.INVITATION_RESTORED: _l("Invitation rétablie"),
}


class Via(enum.Enum):
    """From where: the kind of device, never its address."""

    COMPUTER = "computer"
    PHONE = "phone"
    API = "api"
    COMMAND = "command"
    WORKER = "worker"


VIA_WORDS = {
    Via.COMPUTER: _l("ordinateur"),
    Via.PHONE: _l("téléphone"),
    Via.API: _l("API"),
    Via.COMMAND: _l("ligne de commande"),
    Via.WORKER: _l("tâche du lieu"),
}


def word_of(act: str) -> str:
    """What an act is called; its own name where a later version wrote it."""
    known = next((label for one, label in ACT_WORDS.items() if one.value == act), act)
    return str(known)
