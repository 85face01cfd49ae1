"""Mails of accounts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from tierslieu.mail.letters.kinds import MEMBER, NAME, OUTSIDER, PERSON, Kind, both
from tierslieu.web.written import Theirs

KINDS = (
    Kind(
        "security_welcome",
        _("Confirmer son adresse, à l’inscription"),
        _("dès qu’une personne crée un compte"),
        OUTSIDER,
        {**PERSON, "confirmation_link": "/confirmation/exemple"},
    ),
    Kind(
        "security_welcome_existing",
        _("Inscription avec une adresse déjà connue"),
        _("quand quelqu’un crée un compte avec l’adresse d’un autre"),
        MEMBER,
        {**PERSON, "confirmation_link": "", "reset_link": "/mot-de-passe-oublie/exemple"},
    ),
    Kind(
        "security_confirmation_instructions",
        _("Confirmer son adresse, de nouveau"),
        _("quand la personne, ou l’équipe, redemande ce mail"),
        OUTSIDER,
        {**PERSON, "confirmation_link": "/confirmation/exemple"},
    ),
    Kind(
        "security_us_instructions",
        _("Lien et code pour entrer"),
        _("quand la personne demande à entrer par mail"),
        MEMBER,
        {**PERSON, "login_link": "/connexion-par-mail/ouvrir?code=exemple", "code": "12345678"},
    ),
    Kind(
        "security_reset_instructions",
        _("Choisir un nouveau mot de passe"),
        _("quand la personne a oublié le sien"),
        MEMBER,
        {**PERSON, "reset_link": "/mot-de-passe-oublie/exemple"},
    ),
    Kind(
        "security_reset_notice",
        _("Mot de passe changé, après un oubli"),
        _("dès qu’il est changé par un lien"),
        MEMBER,
        PERSON,
    ),
    Kind(
        "security_change_notice",
        _("Mot de passe changé"),
        _("dès que la personne le change dans son compte"),
        MEMBER,
        PERSON,
    ),
    Kind(
        "people_invited",
        _("Un compte ouvert par l’équipe"),
        _("quand qui administre ouvre un compte à quelqu’un"),
        OUTSIDER,
        PERSON,
    ),
    Kind(
        "people_entry_invited",
        _("Invitation à un pilote fermé"),
        _("quand l’équipe invite une adresse à ouvrir un compte"),
        OUTSIDER,
        {"path": "/invitation/exemple", "until": both("14 janvier 2027", "14 January 2027")},
        blanks="",
    ),
    Kind(
        "people_address_asked",
        _("Confirmer une autre adresse"),
        _("quand la personne veut changer d’adresse, ou en ajouter une"),
        MEMBER,
        {**PERSON, "takes_over": True, "link": "/compte/adresses/confirmer?cle=exemple"},
        subject_varies=True,
    ),
    Kind(
        "people_address_taken",
        _("Adresse demandée par un autre compte"),
        _("quand un autre compte veut une adresse qui a déjà le sien"),
        MEMBER,
        {"link": "/compte/reunir?cle=exemple"},
        blanks="",
    ),
    Kind(
        "people_address_changed",
        _("Adresse du compte changée"),
        _("à l’ancienne adresse, dès le changement"),
        MEMBER,
        PERSON,
    ),
    Kind(
        "people_accounts_joined",
        _("Deux comptes réunis"),
        _("aux deux adresses, dès que c’est fait"),
        MEMBER,
        {"gone": "camille.ancienne@example.org", "kept": "camille@example.org"},
        blanks="",
    ),
    Kind(
        "people_second_factor",
        _("Double vérification réglée, retirée ou remise à zéro"),
        _("dès qu’elle change"),
        MEMBER,
        {**PERSON, "what": "on"},
    ),
    Kind(
        "people_passkey",
        _("Clé d’identification ajoutée, retirée, ou peut-être copiée"),
        _("dès que cela arrive"),
        MEMBER,
        {**PERSON, "what": "added", "key": both("Mon téléphone", "My telephone")},
        subject_varies=True,
    ),
    Kind(
        "people_suspended",
        _("Compte suspendu"),
        _("quand qui administre suspend un compte"),
        MEMBER,
        {**PERSON, "reason": Theirs("Un message signalé.")},
    ),
    Kind(
        "people_reopened",
        _("Compte rouvert"),
        _("quand la suspension est levée"),
        MEMBER,
        PERSON,
    ),
    Kind(
        "people_unused",
        _("Compte bientôt fermé"),
        _("après trois ans sans aucun signe"),
        MEMBER,
        {"day": both("13 février 2027", "13 February 2027")},
        blanks="",
    ),
    Kind(
        "people_closed",
        _("Compte fermé"),
        _("trente jours après le mail qui l’annonce"),
        OUTSIDER,
        blanks="",
    ),
    Kind(
        "people_left",
        _("Au revoir"),
        _("quand la personne ferme son compte"),
        OUTSIDER,
        blanks="",
    ),
    Kind(
        "tokens_made",
        _("Clé d’accès créée"),
        _("dès qu’une clé est créée dans le compte"),
        MEMBER,
        {
            "name": NAME,
            "token": "Tableur",
            "scopes": [both("Lire les séances", "Read the sessions")],
        },
        blanks="name token",
    ),
)
