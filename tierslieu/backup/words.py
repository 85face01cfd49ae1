"""What is wrong with the backups, by code: for ``doctor``, and for people on the page."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

WORDS: dict[str, tuple[str, Any]] = {
    "not_set": (
        "TIERSLIEU_BACKUP_DIR is not set: no backup is made at night",
        _(
            "Aucune sauvegarde n’est faite la nuit : il faut dire où les garder "
            "(TIERSLIEU_BACKUP_DIR), de préférence sur un autre disque."
        ),
    ),
    "no_passphrase": (
        "TIERSLIEU_BACKUP_PASSPHRASE is not set: no backup is made",
        _(
            "Il manque la phrase qui scelle les sauvegardes (TIERSLIEU_BACKUP_PASSPHRASE) : "
            "sans elle, rien n’est sauvegardé."
        ),
    ),
    "weak_passphrase": (
        "TIERSLIEU_BACKUP_PASSPHRASE is shorter than 16 characters: no backup is made",
        _("La phrase qui scelle les sauvegardes est trop courte : prenez cinq ou six mots."),
    ),
    "unwritable": (
        "the folder of backups (TIERSLIEU_BACKUP_DIR) is not there, or cannot be written",
        _(
            "Le dossier des sauvegardes n’est pas là, ou l’on ne peut pas y écrire : le disque "
            "est-il branché ?"
        ),
    ),
    "files_away": (
        "the last backup could not read the files of the place",
        _(
            "La dernière sauvegarde n’a pas pu lire les fichiers du lieu : leur stockage "
            "répond-il ?"
        ),
    ),
    "full": (
        "the disk of the backups has no room for the next one",
        _(
            "Le disque des sauvegardes n’a plus de place pour la prochaine : libérez-en, ou "
            "gardez-en moins."
        ),
    ),
    "lost": (
        "the file of the last backup is gone from its folder",
        _("Le fichier de la dernière sauvegarde n’est plus dans son dossier."),
    ),
    "not_whole": (
        "the last backup was not whole when it was read back",
        _(
            "La dernière sauvegarde, relue, n’était pas entière : elle n’a pas été gardée. "
            "Le disque est peut-être abîmé."
        ),
    ),
    "exists": (
        "the last backup found its name taken",
        _("La dernière sauvegarde a trouvé son nom déjà pris. La suivante en aura un autre."),
    ),
    "mistake": (
        "the last backup failed; the log of the worker says the class of the error",
        _("La dernière sauvegarde a échoué. Le journal du serveur dit de quel genre d’erreur."),
    ),
    "none": (
        "there is no good backup yet",
        _("Il n’y a encore aucune bonne sauvegarde."),
    ),
    "old": (
        "the last good backup is older than two days",
        _("La dernière bonne sauvegarde a plus de deux jours."),
    ),
}


def in_english(codes: list[str]) -> str | None:
    """For ``doctor``; None when nothing is wrong."""
    return "; ".join(WORDS[code][0] for code in codes) or None


def in_french(code: str) -> Any:
    """For the page."""
    return WORDS[code if code in WORDS else "mistake"][1]
