"""What a verification found, step by step, in French: for pages, machines and terminals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from badges.engine.report import Check, Report
from tierslieu.web.formats import long_day

_Words = Mapping[str, str | int]


@dataclass(frozen=True)
class CheckLine:
    """One step as a page shows it: ``label`` is the sentence, ``aside`` how it was looked at."""

    name: str
    outcome: str
    label: str
    aside: str
    detail: str = ""

    @property
    def is_routine(self) -> bool:
        """Went well and interests machines only: the page of our own badges leaves it out."""
        return self.outcome == "passed" and self.name in ("read", "shape", "contexts")


# What is said of the document itself; of another document met on the way it would mislead.
_READING = {
    "empty",
    "too_large",
    "not_utf8",
    "not_json",
    "not_object",
    "too_deep",
    "too_many_values",
    "duplicate_key",
    "number_invalid",
    "lone_surrogate",
    "file_damaged",
}


def _sentences() -> dict[str, str]:
    """A sentence for each code of the engine; ``%(…)s`` are the facts of the case."""
    return {
        # read
        "read": _("Un badge signé a été trouvé dans ce que vous avez donné."),
        "empty": _("Il n’y a rien à lire : choisissez un fichier, collez un texte ou une adresse."),
        "too_large": _(
            "C’est trop gros pour être un badge : 2 Mo au plus pour un texte, 8 Mo pour une image "
            "ou un PDF."
        ),
        "not_utf8": _("Ce fichier n’est ni un texte, ni une image PNG ou SVG, ni un PDF."),
        "not_json": _(
            "Ce texte n’est pas du JSON, ou il est coupé : copiez-le en entier, de la première "
            "accolade à la dernière."
        ),
        "not_object": _("Ce JSON n’est pas un badge : un badge commence par une accolade."),
        "too_deep": _("Ce document est trop imbriqué pour être un badge."),
        "too_many_values": _("Ce document est trop long pour être un badge."),
        "duplicate_key": _(
            "Ce document dit deux fois la même chose à un endroit : on ne sait laquelle croire."
        ),
        "number_invalid": _("Un nombre de ce document n’est pas un nombre."),
        "lone_surrogate": _("Un texte de ce document est abîmé : il contient un demi-caractère."),
        "file_damaged": _(
            "Ce fichier est abîmé, coupé, ou n’est pas une image de badge : reprenez l’original."
        ),
        "file_encrypted": _("Ce PDF est protégé par un mot de passe : il ne peut pas être lu."),
        "nothing_baked": _("Ce fichier ne contient pas de badge signé."),
        "ob2_unsupported": _(
            "C’est un badge de l’ancien format Open Badges 2.0, qui n’est pas lu ici."
        ),
        "not_reached": _("Pas regardé : rien de lisible n’a été trouvé."),
        # shape, contexts
        "shape": _("Il a la forme d’un Open Badge 3.0."),
        "shape_not_badge": _("C’est une attestation signée, mais pas un Open Badge."),
        "shape_missing": _("Il y manque ce que la norme exige : %(path)s."),
        "shape_wrong_type": _("Un élément n’est pas écrit comme la norme l’exige : %(path)s."),
        "shape_not_first": _("Un élément n’est pas à la place que la norme exige : %(path)s."),
        "shape_not_an_address": _("Un élément devrait être une adresse : %(path)s."),
        "contexts": _("Chaque mot qu’il emploie a un sens connu."),
        "context_unknown": _(
            "Il emploie un vocabulaire inconnu d’ici (%(address)s), jamais téléchargé : ce qu’il "
            "veut dire n’a pas pu être vérifié."
        ),
        "term_undefined": _("Il emploie un mot qu’aucun de ses vocabulaires ne définit."),
        "graph_too_tangled": _("Il est trop emmêlé pour être comparé à sa signature."),
        # proof
        "signature": _("La signature correspond mot pour mot au contenu."),
        "signature_wrong": _(
            "La signature ne correspond pas au contenu : il a été changé après coup, ou signé "
            "avec une autre clé."
        ),
        "proof_missing": _("Il n’est pas signé : n’importe qui a pu l’écrire."),
        "proof_expired": _("Sa signature a dépassé la date jusqu’à laquelle elle vaut."),
        "proof_purpose": _("Sa signature a été faite pour autre chose qu’attester."),
        "suite_unsupported": _(
            "Sa signature est d’un genre qui n’est pas vérifié ici (%(suite)s)."
        ),
        # issuer
        "issuer": _("La clé est bien celle de l’émetteur."),
        "issuer_missing": _("Il ne dit pas qui l’a délivré."),
        "issuer_mismatch": _(
            "La clé qui a signé n’est pas celle de l’émetteur annoncé : quelqu’un d’autre a signé."
        ),
        "issuer_unproven": _("Sans signature juste, rien ne dit qui l’a délivré."),
        "controller_unsupported": _(
            "L’identité de l’émetteur est d’un genre qui n’est pas vérifié ici."
        ),
        "controller_unreadable": _("La page où l’émetteur publie ses clés n’est pas lisible."),
        "controller_mismatch": _("La page des clés est celle de quelqu’un d’autre."),
        "method_unlisted": _(
            "L’émetteur ne reconnaît pas la clé qui a signé : elle n’est pas parmi les siennes."
        ),
        "method_invalid": _("La signature ne dit pas de qui est la clé."),
        "method_not_for_assertion": _("La clé de l’émetteur n’est pas faite pour attester."),
        "key_revoked": _("L’émetteur a retiré la clé qui a signé."),
        "key_expired": _("La clé de l’émetteur a dépassé sa date."),
        "key_type_unsupported": _("La clé de l’émetteur est d’un genre qui n’est pas vérifié ici."),
        "did_invalid": _("L’identité de l’émetteur est mal écrite."),
        # dates
        "dates_until": _("Il est valable jusqu’au %(until)s."),
        "dates_from": _("Il est valable depuis le %(from)s, sans limite de durée."),
        "dates": _("Il est valable aujourd’hui."),
        "not_yet_valid": _("Il n’est pas encore valable : il le sera le %(from)s."),
        "expired": _("Il n’est plus valable depuis le %(until)s."),
        "date_invalid": _("Une de ses dates n’est pas écrite comme il faut."),
        # status
        "status": _("Il n’a été ni retiré ni suspendu."),
        "status_none": _("Rien n’est prévu pour le retirer."),
        "revoked": _("L’émetteur a retiré ce badge."),
        "suspended": _("L’émetteur a suspendu ce badge."),
        "status_address": _("La liste des badges retirés n’a pas d’adresse où la lire."),
        "status_type_unsupported": _(
            "La liste des badges retirés est d’un genre qui n’est pas lu ici."
        ),
        "status_list_untrusted": _("La liste des badges retirés n’est pas signée comme il faut."),
        "status_list_issuer": _("La liste des badges retirés est celle de quelqu’un d’autre."),
        # recipient
        "recipient": _("Il a bien été délivré à la personne qui a cette adresse."),
        "recipient_unclaimed": _("Destinataire : non demandé."),
        "recipient_unnamed": _("Il ne dit pas à quelle adresse il a été délivré."),
        "recipient_mismatch": _("Il n’a pas été délivré à la personne qui a cette adresse."),
        # refresh, endorsements
        "refresh_none": _("Aucun renouvellement n’est prévu."),
        "refresh_same": _("L’émetteur n’en a pas de version plus récente."),
        "refresh_newer": _("L’émetteur en a une version plus récente (%(address)s)."),
        "endorsements_none": _("Personne d’autre que l’émetteur ne se porte garant de ce badge."),
        "endorsements": _("Se portent aussi garants de ce badge : %(names)s."),
        # a presentation as a whole
        "presentation": _("Plusieurs badges réunis ont été trouvés dans ce que vous avez donné."),
        "presentation_shape": _("L’ensemble a la forme d’une présentation vérifiable."),
        "presentation_too_many": _("Il y a trop de badges dans cet ensemble : %(limit)s au plus."),
        "presentation_signature": _(
            "L’ensemble est tel qu’il a été signé : rien n’y a été changé."
        ),
        "presentation_unsigned": _(
            "Personne n’a signé l’ensemble : rien ne dit qui a réuni ces badges."
        ),
        "presentation_replayed": _("L’ensemble a été signé pour une autre occasion."),
        "method_not_for_authentication": _("La clé qui a signé l’ensemble n’est pas faite pour."),
        "presentation_holder": _("Qui présente l’ensemble l’a bien signé."),
        "presentation_holder_none": _("L’ensemble ne dit pas qui le présente."),
        "presentation_holder_mismatch": _(
            "L’ensemble n’est pas signé par qui prétend le présenter."
        ),
        # fetching
        "offline": _("Il faudrait le réseau pour le savoir (%(address)s)."),
        "fetch_refused": _(
            "L’adresse à consulter n’est pas de celles où l’on va d’ici (%(address)s)."
        ),
        "fetch_failed": _("L’adresse à consulter n’a rien répondu d’utilisable (%(address)s)."),
    }


def _fallback(check: Check) -> str:
    """For a code without a sentence of its own: what the step was about, and how it ended."""
    about = {
        "read": _("Le document n’a pas pu être lu"),
        "shape": _("La forme du badge n’est pas celle de la norme"),
        "contexts": _("Le sens des mots du badge n’a pas pu être établi"),
        "proof": _("La signature n’est pas lisible"),
        "issuer": _("L’émetteur n’a pas pu être établi"),
        "dates": _("Les dates n’ont pas pu être lues"),
        "status": _("La liste des badges retirés n’a pas pu être consultée"),
        "recipient": _("Le destinataire n’a pas pu être comparé"),
        "refresh": _("Une éventuelle version plus récente n’a pas pu être cherchée"),
        "endorsements": _("Les soutiens du badge n’ont pas pu être vérifiés"),
    }[check.name]
    return f"{about} ({check.code})."


def _dated(params: _Words) -> dict[str, str | int]:
    """The same facts, dates written as people write them."""
    facts = dict(params)
    for name in ("from", "until"):
        if name in facts:
            try:
                facts[name] = long_day(datetime.fromisoformat(str(facts[name])))
            except ValueError:
                continue
    return facts


def say(check: Check) -> str:
    """One step's finding as a sentence for people."""
    code = check.code
    if code == "dates" and "until" in check.params:
        code = "dates_until"
    elif code == "dates" and "from" in check.params:
        code = "dates_from"
    sentence = _sentences().get(code)
    if sentence is None or (code in _READING and check.name != "read"):
        return _fallback(check)
    try:
        return sentence % _dated(check.params)
    except (KeyError, ValueError):
        return _fallback(check)


def _asides() -> dict[str, str]:
    return {
        "read": _("lecture"),
        "shape": _("norme"),
        "contexts": _("vocabulaire"),
        "proof": _("signature"),
        "issuer": _("émetteur"),
        "dates": _("dates"),
        "status": _("liste du jour"),
        "recipient": _("facultatif"),
        "refresh": _("renouvellement"),
        "endorsements": _("soutiens"),
    }


def _aside(check: Check) -> str:
    if check.name == "issuer" and check.code.startswith("presentation_"):
        return str(_("qui présente"))
    if check.name == "proof" and "suite" in check.params:
        return str(check.params["suite"])
    if check.name == "issuer" and str(check.params.get("issuer", "")).startswith("did:"):
        return ":".join(str(check.params["issuer"]).split(":")[:2])
    return _asides()[check.name]


def describe(report: Report) -> list[CheckLine]:
    """Every step, in order, as a page shows it."""
    return [line(check) for check in report.checks]


def line(check: Check) -> CheckLine:
    """One step, as a page shows it."""
    who = str(check.params.get("holder", "")) if check.code == "presentation_holder" else ""
    return CheckLine(check.name, check.outcome, say(check), _aside(check), who)


def verdict(report: Report) -> str:
    """The whole in one sentence."""
    if report.outcome == "valid":
        return str(_("Ce badge est authentique et en cours de validité."))
    if report.outcome == "incomplete":
        return str(_("Rien de faux n’a été trouvé, mais tout n’a pas pu être vérifié."))
    failed = {check.name: check for check in report.checks if check.outcome == "failed"}
    if "read" in failed:
        return str(_("Aucun badge n’a pu être lu."))
    if set(failed) == {"status"}:
        return str(_("Ce badge est authentique, mais l’émetteur l’a retiré ou suspendu."))
    if set(failed) == {"dates"} and failed["dates"].code == "expired":
        return str(_("Ce badge est authentique, mais il n’est plus valable."))
    if set(failed) == {"recipient"}:
        return str(_("Ce badge est authentique, mais il a été délivré à quelqu’un d’autre."))
    return str(_("Ce badge n’est pas valable."))


def to_json(report: Report) -> dict[str, Any]:
    """The answer promised to machines."""
    return {
        "outcome": report.outcome,
        "checks": [
            {"name": check.name, "outcome": check.outcome, "message": say(check)}
            for check in report.checks
        ],
        "credential": report.credential,
    }
