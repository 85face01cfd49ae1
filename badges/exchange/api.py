"""The W3C VC-API: ``/vc-api/credentials/issue``, ``…/status`` and ``…/verify``, and
``/vc-api/presentations/verify``."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app
from flask_babel import gettext as _
from pydantic import Field

from badges.awards.keys import KeyUnreadable, Signer, load_signer
from badges.awards.publishing import own_documents
from badges.awards.queries import find_identity
from badges.awards.rules import publish_status_list
from badges.engine import datamodel, shape
from badges.engine.documents import check_tree
from badges.engine.errors import EngineError
from badges.engine.presentations import verify_presentation as check_presentation
from badges.engine.verify import verify as verify_credential
from badges.exchange import answers, drafting, rules
from badges.verification.fetching import Fetcher
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.settings import Settings
from tierslieu.web.api import Body, answer, caller, read_body, token
from tierslieu.web.openapi import described

blueprint = Blueprint("exchange", __name__, url_prefix="/vc-api")

SCOPE = "credentials:issue"
MAX_CREDENTIAL = 2 * 1024 * 1024  # bytes: pictures travel inside credentials
ENVELOPES = ("data:application/vc+jwt,", "data:application/vc-ld+jwt,")


class IssueOptions(Body):
    """How to issue. ``credentialStatus: false`` signs without a way to withdraw."""

    credentialId: str | None = None
    credentialStatus: bool = True
    mandatoryPointers: list[str] = []  # of selective disclosure: none here


class IssueRequest(Body):
    """An unsigned credential; the issuer may be left out, for it is the place."""

    credential: dict[str, Any]
    options: IssueOptions = IssueOptions()


class IssueResponse(Body):
    """The credential, signed."""

    verifiableCredential: dict[str, Any]


class StatusEntry(Body):
    """Which status: only ``revocation`` is kept here; what else is said must be true."""

    type: str
    statusPurpose: str
    id: str | None = None
    statusListIndex: str | None = None
    statusListCredential: str | None = None


class StatusRequest(Body):
    """Withdraw (``status: true``) what was issued under this name."""

    credentialId: str
    credentialStatus: StatusEntry
    status: bool
    indexAllocator: str | None = None  # taken for the shape's sake


class StatusResponse(Body):
    """What stands now."""

    credentialId: str
    credentialStatus: dict[str, Any]
    status: bool


class VerifyOptions(Body):
    """What to say beside the answer. ``checks`` is for older programs: all are always made."""

    returnResults: bool = False
    returnProblemDetails: bool = True
    returnCredential: bool = False
    checks: list[str] = []


class VerifyRequest(Body):
    """A signed credential, any issuer's; or one in its envelope."""

    verifiableCredential: dict[str, Any]
    options: VerifyOptions = VerifyOptions()


class VerifyResponse(Body):
    """``verified`` is true when everything essential is known and right."""

    verified: bool
    problemDetails: list[dict[str, str]] = Field(default_factory=list)
    results: dict[str, Any] | None = None
    credential: dict[str, Any] | None = None


class PresentationOptions(Body):
    """What the presentation must have been signed for, and what to say beside the answer."""

    challenge: str | None = Field(default=None, max_length=500)
    domain: str | None = Field(default=None, max_length=500)
    returnPresentation: bool = False
    returnResults: bool = False
    returnProblemDetails: bool = True


class PresentationRequest(Body):
    """Credentials that somebody gathered, with the proof of who presents them; in no envelope."""

    verifiablePresentation: dict[str, Any]
    options: PresentationOptions = PresentationOptions()


class PresentationResponse(Body):
    """``verified``: the presentation and every credential in it are known and right. A problem
    about one credential has its ``pointer``."""

    verified: bool
    problemDetails: list[dict[str, str]] = Field(default_factory=list)
    results: dict[str, Any] | None = None
    verifiablePresentation: dict[str, Any] | None = None


def _settings() -> Settings:
    settings: Settings = current_app.config["TIERSLIEU"]
    return settings


def _signer() -> Signer:
    try:
        return load_signer(db.session(), _settings())
    except KeyUnreadable:
        raise Refused(
            _("Le lieu ne peut rien signer en ce moment : sa clé n’est pas lisible."),
            code="signing_unavailable",
            status=503,
        ) from None


def _asker() -> rules.Asker:
    return rules.Asker(caller().person_id, caller().token_id)


@blueprint.post("/credentials/issue")
@token(SCOPE)
@described(
    body=IssueRequest,
    answer=IssueResponse,
    status=201,
    refusals={
        400: "data_model, issuer_not_ours, id_reserved, type_reserved, status_reserved, "
        "badge_needs_award, credential_id_invalid, credential_id_differs, option_unsupported, "
        "term_undefined, context_unknown…",
        409: "already_issued, try_again",
        503: "signing_unavailable",
    },
)
def issue() -> Response:
    """Sign a credential as the place, with a bit of its own in a status list."""
    asked = read_body(IssueRequest, limit=MAX_CREDENTIAL)
    if asked.options.mandatoryPointers:
        raise Refused(
            _("La divulgation sélective n’est pas proposée ici (mandatoryPointers)."),
            code="option_unsupported",
            status=400,
        )
    signer = _signer()
    draft = drafting.draft(asked.credential, asked.options.credentialId, signer)
    signed = rules.issue(
        db.session(),
        draft,
        signer,
        asker=_asker(),
        now=clock.now(),
        status_wanted=asked.options.credentialStatus,
    )
    db.session.commit()
    return answer({"verifiableCredential": signed}, 201)


@blueprint.post("/credentials/status")
@token(SCOPE)
@described(
    body=StatusRequest,
    answer=StatusResponse,
    refusals={
        400: "status_type_unknown, purpose_unknown, status_mismatch",
        404: "not_found",
        409: "no_status, revocation_is_final",
    },
)
def status() -> Response:
    """Withdraw a credential that was issued here."""
    asked = read_body(StatusRequest)
    if asked.credentialStatus.type not in ("BitstringStatusListEntry", "BitstringStatusList"):
        raise Refused(
            _("Ce genre de statut n’est pas tenu ici."), code="status_type_unknown", status=400
        )
    if asked.credentialStatus.statusPurpose != "revocation":
        raise Refused(
            _("Seul le retrait (revocation) est tenu ici."), code="purpose_unknown", status=400
        )
    issued = rules.set_status(
        db.session(), asked.credentialId, revoked=asked.status, asker=_asker(), now=clock.now()
    )
    identity = find_identity(db.session())
    entry = drafting.entry_of(issued, identity.base_url if identity else "") or {}
    said = asked.credentialStatus.model_dump(exclude_none=True, exclude={"type"})
    if any(entry.get(name) != value for name, value in said.items()):
        db.session.rollback()
        raise Refused(
            _("Ce statut n’est pas celui de cette attestation."),
            code="status_mismatch",
            status=400,
        )
    list_id, is_set = issued.status_list_id, issued.revoked_at is not None
    db.session.commit()
    if list_id is not None:
        _publish(list_id)
    return answer(
        StatusResponse(credentialId=asked.credentialId, credentialStatus=entry, status=is_set)
    )


def _publish(list_id: int) -> None:
    """Sign the list anew. Without a key the withdrawal stands all the same: the list is signed
    when it is asked for."""
    try:
        publish_status_list(db.session(), list_id, _settings())
        db.session.commit()
    except KeyUnreadable:
        db.session.rollback()


@blueprint.post("/credentials/verify")
@token(SCOPE)
@described(
    body=VerifyRequest,
    answer=VerifyResponse,
    refusals={400: "data_model, proof_malformed, envelope_invalid"},
)
def verify() -> Response:
    """Verify any issuer's credential; what is no conforming document at all is a 400."""
    asked = read_body(VerifyRequest, limit=MAX_CREDENTIAL)
    source = _opened(asked.verifiableCredential)
    if isinstance(source, dict):
        _refuse_malformed(source)
    report = verify_credential(source, fetch=_fetcher(), now=clock.now())
    found: dict[str, Any] = {"verified": report.outcome == "valid"}
    problems = answers.problem_details(report)
    if asked.options.returnProblemDetails and problems:
        found["problemDetails"] = problems
    if asked.options.returnResults:
        found["results"] = answers.results(report.credential or {}, report)
    if asked.options.returnCredential:
        found["credential"] = asked.verifiableCredential
    return answer(found)


def _opened(credential: dict[str, Any]) -> dict[str, Any] | str:
    """What is in the envelope, if it is one (Verifiable Credentials 2.0, section 4.13.2)."""
    if "EnvelopedVerifiableCredential" not in shape.as_list(credential.get("type")):
        return credential
    address = credential.get("id")
    contexts = shape.as_list(credential.get("@context"))
    for start in ENVELOPES:
        if isinstance(address, str) and address.startswith(start) and contexts:
            return address.removeprefix(start)
    raise Refused(
        _("Cette enveloppe ne contient pas d’attestation lisible."),
        code="envelope_invalid",
        status=400,
    )


def _fetcher() -> Fetcher:
    session = db.session()
    return Fetcher(own_documents(session, _settings()), before_leaving=session.rollback)


def _refuse_malformed(document: dict[str, Any]) -> None:
    _refuse_tangled(document)
    _refuse([*shape.find_problems(document), *datamodel.find_problems(document)])
    if not answers.is_proof_whole(document):
        raise Refused(
            _("Cette attestation n’est pas signée, ou sa signature ne dit pas tout ce qu’il faut."),
            code="proof_malformed",
            status=400,
        )


def _refuse_tangled(document: dict[str, Any]) -> None:
    try:
        check_tree(document)
    except EngineError as error:
        raise drafting.engine_refusal(error, "read") from error


def _refuse(problems: list[shape.Problem]) -> None:
    if problems:
        raise drafting.data_model_refusal(problems)


@blueprint.post("/presentations/verify")
@token(SCOPE)
@described(
    body=PresentationRequest,
    answer=PresentationResponse,
    refusals={400: "data_model, proof_malformed, envelope_unsupported, too_many_values…"},
)
def verify_presentation() -> Response:
    """Verify a presentation and every credential in it, any issuer's."""
    asked = read_body(PresentationRequest, limit=MAX_CREDENTIAL)
    document, options = asked.verifiablePresentation, asked.options
    _refuse_malformed_presentation(document)
    expected = {
        name: value
        for name, value in (("challenge", options.challenge), ("domain", options.domain))
        if value is not None
    }
    report = check_presentation(document, fetch=_fetcher(), now=clock.now(), **expected)
    found: dict[str, Any] = {"verified": answers.is_presentation_right(report)}
    problems = answers.presentation_problems(report)
    if options.returnProblemDetails and problems:
        found["problemDetails"] = problems
    if options.returnResults:
        found["results"] = answers.presentation_results(document, report, expected)
    if options.returnPresentation:
        found["verifiablePresentation"] = document
    return answer(found)


def _refuse_malformed_presentation(document: dict[str, Any]) -> None:
    _refuse_tangled(document)
    if "EnvelopedVerifiablePresentation" in shape.as_list(document.get("type")):
        raise Refused(
            _("Une présentation sous enveloppe n’est pas lue ici : donnez-la en JSON signé."),
            code="envelope_unsupported",
            status=400,
        )
    _refuse(datamodel.find_presentation_problems(document))
    if not answers.is_proof_whole(document):
        raise Refused(
            _(
                "Cette présentation n’est pas signée, ou sa signature ne dit pas tout ce qu’il "
                "faut."
            ),
            code="proof_malformed",
            status=400,
        )
