"""From what a program wants signed to what the place will sign: checked, completed, not signed yet.

The place signs as itself. What only the place may say stays its own: its addresses, its status
lists, and its badges, whose criteria are computed and never ticked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _

from badges.awards.checks import say
from badges.awards.issuing import issuer_of, list_address
from badges.awards.keys import Signer
from badges.engine import datamodel, shape
from badges.engine.credentials import BADGES_CONTEXT, StatusEntry
from badges.engine.documents import check_tree
from badges.engine.errors import EngineError
from badges.engine.report import Check, Step
from badges.exchange.models import IssuedCredential
from tierslieu.errors import Refused

ID_LIMIT = 500  # characters of a credentialId: it is kept and looked up
#: What would speak for the place itself, or is no credential.
RESERVED = frozenset(
    {
        "BitstringStatusListCredential",
        "BitstringStatusList",
        "StatusList2021Credential",
        "StatusList2021",
        "VerifiablePresentation",
        "EnvelopedVerifiableCredential",
        "EnvelopedVerifiablePresentation",
    }
)


@dataclass(frozen=True)
class Draft:
    """A document that conforms, and how its program names it (None: not at all)."""

    document: dict[str, Any]
    credential_id: str | None


def draft(credential: dict[str, Any], credential_id: str | None, signer: Signer) -> Draft:
    """Check what is to be signed and put the issuer in.

    Raises :class:`Refused` (400): ``data_model`` (with every problem and its path),
    ``issuer_not_ours``, ``id_reserved``, ``type_reserved``, ``badge_needs_award``,
    ``status_reserved``, ``credential_id_invalid``, ``credential_id_differs``; or a code of the
    engine for a document beyond its limits.
    """
    try:
        document = dict(check_tree(credential))
    except EngineError as error:
        raise engine_refusal(error, "read") from error
    _put_issuer(document, signer)
    problems = [*shape.find_problems(document), *datamodel.find_problems(document, issuing=True)]
    if shape.as_list(document.get("@context"))[:1] != [shape.CONTEXTS_V2]:
        problems.insert(0, shape.Problem("@context", "not_first"))
    if problems:
        raise data_model_refusal(problems)
    _refuse_reserved(document, signer)
    return Draft(document, _name(document, credential_id))


def with_status(document: dict[str, Any], signer: Signer, list_id: int, index: int) -> Any:
    """The same document with our entry beside those it came with; and the entry's own id."""
    entry = StatusEntry(list_address(signer.base_url, list_id), index).to_json()
    before = shape.as_list(document.get("credentialStatus"))
    whole = {**document, "credentialStatus": [*before, entry] if before else entry}
    return whole, str(entry["id"])


def entry_of(issued: IssuedCredential, base_url: str) -> dict[str, Any] | None:
    """The status entry that stands in this credential; None if it has none of ours."""
    if issued.status_list_id is None or issued.status_index is None:
        return None
    list_url = list_address(base_url, issued.status_list_id)
    return StatusEntry(list_url, issued.status_index).to_json()


def data_model_refusal(problems: list[shape.Problem]) -> Refused:
    """Everything that does not conform, each with its path."""
    first = problems[0]
    check = Check("shape", "failed", f"shape_{first.kind}", first.kind, {"path": first.path})
    unique = dict.fromkeys((problem.path, problem.kind) for problem in problems)
    return Refused(
        say(check),
        code="data_model",
        status=400,
        more={"problems": [{"path": path, "problem": kind} for path, kind in unique]},
    )


def engine_refusal(error: EngineError, step: Step) -> Refused:
    """What the engine will not sign or read, in words, with the engine's own code."""
    check = Check(step, "failed", error.code, error.message, error.params)
    return Refused(say(check), code=error.code, status=400, more={"params": error.params})


def _put_issuer(document: dict[str, Any], signer: Signer) -> None:
    """The place's own id, whether left to us, given as text or as an object."""
    if "issuer" not in document:
        is_badge = BADGES_CONTEXT in shape.as_list(document.get("@context"))
        document["issuer"] = issuer_of(signer).to_json() if is_badge else signer.did
    named = shape.issuer_id(document)
    if named is not None and named != signer.did:
        raise Refused(
            _(
                "L’émetteur doit être le lieu lui-même (%(did)s), ou ne pas être dit.",
                did=signer.did,
            ),
            code="issuer_not_ours",
            status=400,
        )


def _refuse_reserved(document: dict[str, Any], signer: Signer) -> None:
    kinds = set(_kinds(document))
    for subject in shape.as_list(document["credentialSubject"]):
        kinds |= set(_kinds(subject))
    if kinds & RESERVED:
        raise Refused(
            _(
                "Ce genre de document n’est signé que par le lieu pour lui-même : %(kinds)s.",
                kinds=", ".join(sorted(kinds & RESERVED)),
            ),
            code="type_reserved",
            status=400,
        )
    if _is_ours(document.get("id"), signer.base_url):
        raise Refused(
            _("Les adresses du lieu sont données par lui : choisissez un autre identifiant."),
            code="id_reserved",
            status=400,
        )
    for entry in shape.as_list(document.get("credentialStatus")):
        if any(_is_ours(entry.get(m), signer.base_url) for m in ("id", "statusListCredential")):
            raise Refused(
                _("Le lieu choisit lui-même la place dans ses listes de retrait."),
                code="status_reserved",
                status=400,
            )
    for part in _objects(document["credentialSubject"]):
        if "Achievement" in _kinds(part) and _is_ours(part.get("id"), signer.base_url):
            raise Refused(
                _(
                    "Un badge du lieu s’attribue à qui en remplit les critères : "
                    "POST /api/v1/badges/{slug}/awards."
                ),
                code="badge_needs_award",
                status=400,
            )
    if "EndorsementCredential" in kinds and any(
        _is_ours(subject.get("id"), signer.base_url)
        for subject in shape.as_list(document["credentialSubject"])
    ):
        raise Refused(
            _("Le lieu ne se porte pas garant de ses propres badges : un partenaire le peut."),
            code="endorses_ours",
            status=400,
        )


def _kinds(owner: dict[str, Any]) -> Iterator[str]:
    """Its types, as terms: a type may also be written as its whole address."""
    for kind in shape.as_list(owner.get("type")):
        if isinstance(kind, str):
            yield kind.replace("#", "/").rpartition("/")[2]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    stack = [value]
    while stack:
        found = stack.pop()
        if isinstance(found, dict):
            yield found
            stack.extend(found.values())
        elif isinstance(found, list):
            stack.extend(found)


def _is_ours(address: object, base_url: str) -> bool:
    """Whether an address lies at the place's own host, however it is written."""
    if not isinstance(address, str):
        return False
    own = urlsplit(base_url)
    try:
        found = urlsplit(address.strip())
        found.port  # noqa: B018 - read for what it raises
    except ValueError:
        return True  # no reader agrees on what it is: not for us to sign
    # On whatever port: the host is ours. A final dot is the root of the DNS, and the same host.
    return found.scheme in ("http", "https") and _host(found.hostname) == _host(own.hostname)


def _host(name: str | None) -> str:
    return (name or "").rstrip(".")


def _name(document: dict[str, Any], credential_id: str | None) -> str | None:
    own = document.get("id")
    if credential_id is not None and own is not None and credential_id != own:
        raise Refused(
            _("L’attestation a déjà un identifiant, et credentialId en dit un autre."),
            code="credential_id_differs",
            status=400,
        )
    name = credential_id if credential_id is not None else own
    if name is not None and (not name.isprintable() or not 0 < len(name) <= ID_LIMIT):
        raise Refused(
            _("Un identifiant a %(max)d caractères visibles au plus.", max=ID_LIMIT),
            code="credential_id_invalid",
            status=400,
        )
    return name
