"""Words for the steps of a verification, when a finding of theirs has no sentence of its own."""

from __future__ import annotations

from flask_babel import gettext as _


def abouts() -> dict[str, str]:
    """What each step is about, when a finding of it has no sentence of its own."""
    return {
        "read": _("Le document n’a pas pu être lu."),
        "shape": _("La forme du badge n’est pas celle de la norme."),
        "contexts": _("Le sens des mots du badge n’a pas pu être établi."),
        "proof": _("La signature, ou la clé qui l’a faite, n’a pas pu être lue."),
        "issuer": _("L’émetteur n’a pas pu être établi."),
        "dates": _("Les dates n’ont pas pu être lues."),
        "status": _("La liste des badges retirés n’a pas pu être lue."),
        "recipient": _("Le destinataire n’a pas pu être comparé."),
        "refresh": _("On n’a pas pu savoir s’il existe une version plus récente."),
        "endorsements": _("Les soutiens joints au badge n’ont pas pu être vérifiés."),
    }


def outcomes() -> dict[str, str]:
    """How a step of a name unknown here ended."""
    return {
        "passed": _("%(step)s : vérifié."),
        "failed": _("%(step)s : ce n’est pas en ordre."),
        "unknown": _("%(step)s : pas pu être vérifié."),
        "not_applicable": _("%(step)s : sans objet."),
    }


def asides() -> dict[str, str]:
    """A word for each step, beside its sentence."""
    return {
        "read": _("lecture"),
        "shape": _("norme"),
        "contexts": _("vocabulaire"),
        "proof": _("signature"),
        "issuer": _("émetteur"),
        "dates": _("dates"),
        "status": _("liste du jour"),
        "recipient": _("facultatif"),
        "holder": _("qui présente"),
        "refresh": _("renouvellement"),
        "endorsements": _("soutiens"),
    }


def places() -> dict[str, str]:
    """What the mandatory members of a badge are to people, by their path."""
    return {
        "@context": _("les vocabulaires qu’il emploie"),
        "type": _("ce qu’il est"),
        "id": _("son identifiant"),
        "issuer": _("qui l’a délivré"),
        "issuer.id": _("l’identifiant de l’émetteur"),
        "validFrom": _("depuis quand il vaut"),
        "issuanceDate": _("depuis quand il vaut"),
        "validUntil": _("jusqu’à quand il vaut"),
        "expirationDate": _("jusqu’à quand il vaut"),
        "proof": _("sa signature"),
        "credentialStatus": _("où lire s’il a été retiré"),
        "credentialSubject": _("qui l’a reçu, et pour quoi"),
        "credentialSubject.id": _("qui l’a reçu"),
        "credentialSubject.identifier": _("qui l’a reçu"),
        "credentialSubject.achievement": _("ce qu’il atteste"),
        "credentialSubject.achievement.name": _("le nom du badge"),
        "credentialSubject.achievement.description": _("la description du badge"),
        "credentialSubject.achievement.criteria": _("les critères du badge"),
        "credentialSubject.achievement.criteria.narrative": _("les critères du badge"),
    }
