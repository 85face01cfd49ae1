"""The documents of OpenID4VCI 1.0 (Final, September 2025): offer, metadata, proof of possession."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from badges.engine import jose
from badges.engine.credentials import BADGES_CONTEXT, CREDENTIALS_CONTEXT
from badges.engine.dids import Resolver
from badges.engine.documents import parse_json
from badges.engine.errors import EngineError
from badges.engine.publickeys import PublicKey
from badges.wallets.rules import Declined, code_of

GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
#: The badge as issued (Data Integrity), and as a token: what a wallet may ask for.
LDP, JWT = "OpenBadgeCredential_ldp_vc", "OpenBadgeCredential_jwt_vc_json"
#: How old a proof may be, and how far ahead a wallet's clock.
PROOF_AGE = timedelta(minutes=5)
CLOCK_SKEW = timedelta(minutes=2)


def offer_document(base_url: str, secret: str) -> dict[str, Any]:
    """What the address of an offer answers (section 4.1.1)."""
    return {
        "credential_issuer": base_url,
        "credential_configuration_ids": [LDP, JWT],
        "grants": {
            GRANT: {
                "pre-authorized_code": code_of(secret),
                "tx_code": {"input_mode": "numeric", "length": 6},
            }
        },
    }


def offer_link(base_url: str, secret: str) -> str:
    """The link, or the code to be scanned, that opens a wallet (section 4.1.3)."""
    where = urlencode({"credential_offer_uri": f"{base_url}/portefeuille/offres/{secret}"})
    return f"openid-credential-offer://?{where}"


def issuer_metadata(base_url: str, place_name: str) -> dict[str, Any]:
    """Who issues, what, and where (section 12.2)."""
    common = {
        "cryptographic_binding_methods_supported": ["did:key", "jwk"],
        "proof_types_supported": {
            "jwt": {"proof_signing_alg_values_supported": ["EdDSA", "Ed25519", "ES256"]}
        },
        "credential_metadata": {"display": [{"name": "Open Badge", "locale": "fr"}]},
    }
    types = ["VerifiableCredential", "OpenBadgeCredential"]
    return {
        "credential_issuer": base_url,
        "credential_endpoint": f"{base_url}/portefeuille/badge",
        "nonce_endpoint": f"{base_url}/portefeuille/nonce",
        "display": [
            {
                "name": place_name,
                "locale": "fr",
                "logo": {"uri": f"{base_url}/static/img/logo.svg"},
            }
        ],
        "credential_configurations_supported": {
            LDP: {
                "format": "ldp_vc",
                "credential_signing_alg_values_supported": ["eddsa-rdfc-2022"],
                "credential_definition": {
                    "@context": [CREDENTIALS_CONTEXT, BADGES_CONTEXT],
                    "type": types,
                },
                **common,
            },
            JWT: {
                "format": "jwt_vc_json",
                "credential_signing_alg_values_supported": ["ES256"],
                "credential_definition": {"type": types},
                **common,
            },
        },
    }


def server_metadata(base_url: str) -> dict[str, Any]:
    """Where tokens are given (RFC 8414): by the place itself, for codes it gave."""
    return {
        "issuer": base_url,
        "token_endpoint": f"{base_url}/portefeuille/jeton",
        "grant_types_supported": [GRANT],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["none"],
        "pre-authorized_grant_anonymous_access_supported": True,
    }


def read_request(body: object) -> tuple[str, str]:
    """What a wallet asks for: the configuration, and its one proof. Raises :class:`Declined`."""
    if not isinstance(body, dict):
        raise Declined("invalid_credential_request", "the body is not a JSON object")
    asked = body.get("credential_configuration_id")
    if asked not in (LDP, JWT):
        raise Declined("unknown_credential_configuration", "no such credential is offered here")
    proofs = body.get("proofs")
    tokens = proofs.get("jwt") if isinstance(proofs, dict) else None
    if not isinstance(tokens, list) or len(tokens) != 1 or not isinstance(tokens[0], str):
        raise Declined("invalid_proof", "one proof of type jwt is needed")
    return asked, tokens[0]


def read_proof(text: str, base_url: str, now: datetime) -> tuple[str, str]:
    """The multikey that a proof shows the wallet to hold, and the nonce it was made with
    (appendix F.1). Raises :class:`Declined` ``invalid_proof``."""
    try:
        token = jose.read_token(text)
        if token.header.get("typ") != "openid4vci-proof+jwt":
            raise Declined("invalid_proof", "the proof is of another type")
        key = _key_of(token.header)
        is_signed = jose.is_signed_by(token, key)
        claims = parse_json(token.payload)
    except EngineError as error:
        raise Declined("invalid_proof", error.message) from error
    if not is_signed:
        raise Declined("invalid_proof", "the proof is not signed by the key it names")
    audience = claims.get("aud")
    if audience != base_url and audience != [base_url]:
        raise Declined("invalid_proof", "the proof was made for somebody else")
    made = claims.get("iat")
    if isinstance(made, bool) or not isinstance(made, int):
        raise Declined("invalid_proof", "the proof does not say when it was made")
    if not (now - PROOF_AGE).timestamp() <= made <= (now + CLOCK_SKEW).timestamp():
        raise Declined("invalid_proof", "the proof was made at another time")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str):
        raise Declined("invalid_nonce", "the proof holds no nonce")
    return key.multikey, nonce


def _key_of(header: dict[str, Any]) -> PublicKey:
    """The wallet's key: a JWK in the header, or a did:key named there; one of the two."""
    kid, jwk = header.get("kid"), header.get("jwk")
    if isinstance(jwk, dict) and kid is None:
        return PublicKey.from_jwk(jwk)
    if isinstance(kid, str) and kid.startswith("did:key:") and jwk is None:
        did, _hash, fragment = kid.partition("#")
        return Resolver(None).method(f"{did}#{fragment or did.removeprefix('did:key:')}").public_key
    raise Declined("invalid_proof", "the proof names no key as did:key, nor holds one as jwk")


def credential_response(credential: str, asked: str) -> dict[str, Any]:
    """The badge, as it is handed over (section 8.3)."""
    return {"credentials": [{"credential": credential if asked == JWT else json.loads(credential)}]}
