"""What the accounts say to people, in our words rather than the library's.

Every message that a feature we have switched on can show; the library's own French is the net
beneath. Sentences that answer an unknown address and a known one alike must tell nothing.
"""

from __future__ import annotations


def _(text: str) -> str:
    """Marks a sentence for the catalogue; it is translated when it is shown."""
    return text


SUCCESS, INFO, ERROR = "success", "info", "error"

MESSAGES = {
    "GENERIC_AUTHN_FAILED": (
        _(
            "L’adresse et le mot de passe, ou le code, ne correspondent pas. Vérifiez-les, "
            "ou demandez un nouveau lien par mail."
        ),
        ERROR,
    ),
    "GENERIC_RECOVERY": (
        _("Si un compte existe pour cette adresse, un mail vient de partir."),
        INFO,
    ),
    "GENERIC_US_SIGNIN": (
        _("Si un compte existe pour cette adresse, un mail vient de partir."),
        INFO,
    ),
    "UNAUTHENTICATED": (_("Connectez-vous pour voir cette page."), INFO),
    "UNAUTHORIZED": (_("Cette page ne vous est pas ouverte."), ERROR),
    "LOGIN": (_("Connectez-vous pour voir cette page."), INFO),
    "REFRESH": (_("Connectez-vous de nouveau pour continuer."), INFO),
    "REAUTHENTICATION_REQUIRED": (
        _("Connectez-vous de nouveau : ce changement demande une connexion récente."),
        INFO,
    ),
    "ANONYMOUS_USER_REQUIRED": (_("Vous avez déjà ouvert votre session."), INFO),
    "API_ERROR": (_("Ce lien n’est pas complet. Demandez-en un autre."), ERROR),
    "CONFIRM_REGISTRATION": (_("Un mail vient de partir à %(email)s."), SUCCESS),
    "EMAIL_CONFIRMED": (
        _("Votre adresse est confirmée. Il ne reste qu’à vous connecter."),
        SUCCESS,
    ),
    "ALREADY_CONFIRMED": (_("Cette adresse est déjà confirmée : connectez-vous."), INFO),
    "INVALID_CONFIRMATION_TOKEN": (
        _("Ce lien de confirmation n’est pas valable. Demandez-en un autre ci-dessous."),
        ERROR,
    ),
    "CONFIRMATION_EXPIRED": (
        _("Ce lien de confirmation a expiré. Demandez-en un autre ci-dessous."),
        ERROR,
    ),
    "CONFIRMATION_REQUIRED": (
        _(
            "Votre adresse n’est pas encore confirmée : ouvrez le lien du mail de bienvenue, "
            "ou demandez un nouveau lien par mail."
        ),
        ERROR,
    ),
    "CONFIRMATION_REQUEST": (
        _("Si une adresse attend d’être confirmée, un mail vient de partir à %(email)s."),
        INFO,
    ),
    "PASSWORD_RESET_REQUEST": (
        _("Si un compte existe pour %(email)s, un mail vient de partir."),
        INFO,
    ),
    "PASSWORD_RESET_EXPIRED": (_("Ce lien a expiré. Demandez-en un autre ci-dessous."), ERROR),
    "INVALID_RESET_PASSWORD_TOKEN": (
        _("Ce lien n’est pas valable, ou il a déjà servi. Demandez-en un autre ci-dessous."),
        ERROR,
    ),
    "PASSWORD_RESET": (_("Votre mot de passe est changé."), SUCCESS),
    "PASSWORD_RESET_NO_LOGIN": (
        _("Votre mot de passe est changé. Connectez-vous avec le nouveau."),
        SUCCESS,
    ),
    "PASSWORD_CHANGE": (
        _("Votre mot de passe est changé. Vos autres appareils devront se reconnecter."),
        SUCCESS,
    ),
    "PASSWORD_IS_THE_SAME": (_("C’est le mot de passe actuel : choisissez-en un autre."), ERROR),
    "PASSWORD_NOT_PROVIDED": (_("Écrivez un mot de passe."), ERROR),
    "PASSWORD_INVALID_LENGTH": (
        _("Ce mot de passe doit compter de %(length)s à 128 caractères."),
        ERROR,
    ),
    "PASSWORD_TOO_SIMPLE": (
        _(
            "Ce mot de passe est trop facile à deviner : ni votre nom ou votre adresse, "
            "ni une suite, ni quelques caractères répétés."
        ),
        ERROR,
    ),
    "PASSWORD_BREACHED": (
        _(
            "Ce mot de passe figure dans une liste de mots de passe volés ailleurs : "
            "choisissez-en un autre, et changez-le partout où il vous sert."
        ),
        ERROR,
    ),
    "PASSWORD_MISMATCH": (_("Ce n’est pas le mot de passe de ce compte."), ERROR),
    "RETYPE_PASSWORD_MISMATCH": (_("Les deux mots de passe ne sont pas les mêmes."), ERROR),
    "INVALID_PASSWORD": (_("Ce n’est pas votre mot de passe actuel."), ERROR),
    "INVALID_PASSWORD_CODE": (_("Ce code ne correspond pas, ou il a déjà servi."), ERROR),
    "INVALID_CODE": (_("Ce code ne correspond pas, ou il a déjà servi."), ERROR),
    "EMAIL_NOT_PROVIDED": (_("Écrivez votre adresse mail."), ERROR),
    "INVALID_EMAIL_ADDRESS": (
        _("Cette adresse mail n’est pas complète. Exemple : prenom@exemple.fr."),
        ERROR,
    ),
    "EMAIL_ALREADY_ASSOCIATED": (_("Un compte existe déjà pour cette adresse."), ERROR),
    "USER_DOES_NOT_EXIST": (_("Aucun compte n’existe pour cette adresse."), ERROR),
    "DISABLED_ACCOUNT": (_("Ce compte est fermé."), ERROR),
    "INVALID_REDIRECT": (_("L’adresse de retour n’est pas l’une des nôtres."), ERROR),
    "CODE_HAS_BEEN_SENT": (
        _("Si un compte existe pour cette adresse, un mail vient de partir."),
        INFO,
    ),
    "US_SPECIFY_IDENTITY": (_("Écrivez votre adresse mail."), ERROR),
    "US_METHOD_NOT_AVAILABLE": (_("Cette manière de se connecter n’existe pas ici."), ERROR),
    "REAUTHENTICATION_SUCCESSFUL": (_("C’est bien vous."), SUCCESS),
    "FORGOT_PASSWORD": (_("Mot de passe oublié"), INFO),
    "TWO_FACTOR_INVALID_TOKEN": (
        _(
            "Ce code n’est pas le bon, ou il a déjà servi : attendez le suivant et vérifiez que "
            "votre téléphone est à l’heure."
        ),
        ERROR,
    ),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (_("Bienvenue."), SUCCESS),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (
        _("La double vérification est allumée. Notez maintenant vos codes de secours."),
        SUCCESS,
    ),
    "TWO_FACTOR_PERMISSION_DENIED": (
        _("Connectez-vous d’abord : ce code vient après le mot de passe ou le lien."),
        INFO,
    ),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": (
        _("Votre rôle demande la double vérification : elle ne s’éteint pas."),
        ERROR,
    ),
    "TWO_FACTOR_DISABLED": (_("La double vérification est éteinte."), SUCCESS),
    "TWO_FACTOR_SETUP_EXPIRED": (
        _("Ce réglage est resté ouvert trop longtemps : recommencez-le."),
        ERROR,
    ),
    "INVALID_RECOVERY_CODE": (
        _("Ce code de secours n’est pas l’un des vôtres, ou il a déjà servi."),
        ERROR,
    ),
    "NO_RECOVERY_CODES_SETUP": (_("Vous n’avez plus de code de secours : faites-en."), INFO),
}
