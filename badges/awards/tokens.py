"""An award as a token (VC-JWT): the facts of its signed credential, for verifiers of tokens only.

Made when it is asked for, from the credential as issued. Both algorithms give the same text each
time. Where the place is a did:web the issuer is the same; where it is a did:key, a token's key is
another key and so another name: the issuer's id is that key's, everything else stays.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from badges.awards.issuing import list_address, status_document
from badges.awards.keys import Signer
from badges.awards.models import Award, StatusList
from badges.engine import vcjwt
from badges.engine.publickeys import Kind

Algorithm = Literal["es256", "rs256"]
#: RS256 is what the standard asks every verifier to take.
DEFAULT: Algorithm = "rs256"
KINDS: dict[str, Kind] = {"es256": "P-256", "rs256": "RSA"}


def algorithm_of(signer: Signer) -> str:
    """How this signer's tokens are signed, as addresses name it."""
    return next(name for name, kind in KINDS.items() if kind == signer.key.kind)


def token_list_address(signer: Signer, list_id: int) -> str:
    """Where a status list is published as a token of this signer's."""
    return f"{list_address(signer.base_url, list_id)}.{algorithm_of(signer)}.jwt"


def sign_award_token(signer: Signer, award: Award) -> str:
    """The award as a VC-JWT."""
    document: dict[str, Any] = json.loads(award.credential)
    document["issuer"] = {**document["issuer"], "id": signer.did}
    # Who reads tokens only finds the list as a token too: the same bits, another envelope.
    document["credentialStatus"] = _as_tokens(signer, document["credentialStatus"])
    return vcjwt.sign_credential(document, signer.key, kid=signer.key_address)


def _as_tokens(signer: Signer, entry: Any) -> Any:
    if isinstance(entry, list):
        return [_as_tokens(signer, one) for one in entry]
    number = int(entry["statusListCredential"].rpartition("/")[2])
    address = token_list_address(signer, number)
    index = entry["statusListIndex"]
    return {**entry, "id": f"{address}#{index}", "statusListCredential": address}


def sign_status_list(signer: Signer, listing: StatusList) -> str:
    """The status list as a VC-JWT: the same bits and date give the same text."""
    document = status_document(signer, listing, token_list_address(signer, listing.id))
    return vcjwt.sign_credential(document, signer.key, kid=signer.key_address)
