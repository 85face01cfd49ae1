"""The activities of the register: what groups what features hold on people."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from tierslieu.house_kept import Treatment

TREATMENTS = (
    Treatment(
        "accounts",
        title=_("Comptes"),
        purpose=_("Ouvrir un compte à qui le demande, savoir qui est là, garder ses accords."),
        recipients=_(
            "L’équipe qui anime (nom, ville, ce que la personne vise) ; qui administre le "
            "lieu (comptes et rôles)."
        ),
        measures=_(
            "Mot de passe sous une forme illisible (argon2) ; connexion par lien à usage "
            "unique ; un compte inutilisé trois ans est fermé, après un mail."
        ),
    ),
    Treatment(
        "learning",
        title=_("Parcours et validation"),
        purpose=_("Suivre des parcours, valider des étapes, améliorer les cours."),
        recipients=_(
            "L’équipe qui anime ; l’équipe d’un cours, pour les retours, sans le nom de "
            "leur auteur."
        ),
        measures=_(
            "Fichiers rangés hors du dossier publié, sous un nom tiré de leur contenu ; "
            "chaque lecture demande un droit sur l’étape."
        ),
    ),
    Treatment(
        "bookings",
        title=_("Réservations"),
        purpose=_("Tenir les places, prévenir d’un changement, donner une place libérée."),
        recipients=_("L’équipe qui anime."),
        measures=_(
            "Adresses des personnes invitées effacées dès leur réponse ; liens "
            "d’invitation gardés en empreinte."
        ),
    ),
    Treatment(
        "attendance",
        title=_("Émargement"),
        purpose=_(
            "Noter qui est venu, l’attester, en répondre devant qui finance ou contrôle la "
            "formation."
        ),
        recipients=_(
            "L’équipe qui anime ; qui finance ou contrôle la formation, pour les feuilles "
            "qui le concernent."
        ),
        measures=_(
            "Signatures enchaînées : aucune ne peut être changée ou ôtée sans que cela se "
            "voie ; noms retirés à la fin du délai."
        ),
    ),
    Treatment(
        "weeks",
        title=_("Semaines intensives"),
        purpose=_("Choisir qui vient, retenir places, lits et repas, préparer l’accueil."),
        recipients=_(
            "L’équipe de la semaine ; l’internat et la cuisine, pour des nombres seulement."
        ),
        measures=_(
            "Besoins de santé séparés de la candidature, chaque lecture notée, effacés peu "
            "après le séjour."
        ),
    ),
    Treatment(
        "support",
        title=_("Suivi individuel"),
        purpose=_(
            "Accompagner chacun d’un rendez-vous à l’autre, sans rien perdre ni recommencer."
        ),
        recipients=_(
            "L’équipe qui anime, selon le niveau de chaque note ; les plans, seulement si "
            "la personne les montre."
        ),
        measures=_("Trois niveaux de notes ; aucune décision ni relance faite par une machine."),
    ),
    Treatment(
        "community",
        title=_("Communauté et entraide"),
        purpose=_("Partager des ressources, annoncer des événements, s’entraider."),
        recipients=_(
            "Les membres de l’entraide (le nom qu’on y montre) ; tout le monde, pour les "
            "fiches publiques."
        ),
        measures=_(
            "Modération par l’équipe, dont chaque décision est écrite ; on quitte "
            "l’entraide quand on veut."
        ),
    ),
    Treatment(
        "surveys",
        title=_("Questionnaires et recherche"),
        purpose=_(
            "Savoir ce que le lieu apporte, et le dire à la recherche avec l’accord de chacun."
        ),
        recipients=_(
            "Les personnes qui font de la recherche : un code à la place du nom ; la "
            "coordination : des nombres assez grands."
        ),
        measures=_(
            "Réponses sous pseudonyme, séparées des noms ; la clé qui les relie est gardée "
            "à part, et détruite à la fin de l’étude."
        ),
    ),
    Treatment(
        "badges",
        title=_("Badges"),
        purpose=_("Attester ce que chacun sait faire, et permettre de le vérifier."),
        recipients=_(
            "Toute personne à qui le titulaire montre son badge ; les autres ne voient rien."
        ),
        measures=_(
            "Badges signés ; la liste publique des retraits ne contient que des numéros sans nom."
        ),
    ),
    Treatment(
        "mails",
        title=_("Mails"),
        purpose=_("Prévenir d’un changement, donner un lien, rappeler une séance."),
        recipients=_("Le serveur de messagerie du lieu."),
        measures=_("Contenu et adresse effacés trente jours après l’envoi."),
    ),
    Treatment(
        "security",
        title=_("Sécurité et tenue du lieu"),
        purpose=_(
            "Savoir quel programme agit au nom de qui, quelles données sont sorties, et "
            "qui de l’équipe a fait quoi."
        ),
        recipients=_("Qui administre le lieu."),
        measures=_("Clés gardées en empreinte ; sorties de données notées."),
    ),
)
