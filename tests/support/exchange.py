"""What tests of the VC-API share: a place that signs, a program that asks, a credential."""

from __future__ import annotations

import copy
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from badges.awards.keys import Signer
from badges.engine import presentations
from tests.support.badges import open_badges
from tests.support.factories import Factory
from tests.support.tokens import bearing, make_secret
from tierslieu import clock

V2 = "https://www.w3.org/ns/credentials/v2"


class Program:
    """A program with a facilitator's token, and who signs."""

    def __init__(self, client: FlaskClient, make: Factory, db: Session) -> None:
        self.client = client
        self.signer: Signer = open_badges(db)
        self.owner = make.user("facilitator")
        self.secret = make_secret(db, self.owner, "credentials:issue")

    def post(self, path: str, body: Any) -> Any:
        """The answer to a JSON body."""
        return self.client.post(f"/vc-api{path}", json=body, headers=bearing(self.secret))

    def issue(self, credential: Any, **options: Any) -> Any:
        """The answer of ``issue``."""
        body = {"credential": credential, **({"options": options} if options else {})}
        return self.post("/credentials/issue", body)

    def issued(self, credential: Any, **options: Any) -> dict[str, Any]:
        """What was issued; fails unless it was."""
        answer = self.issue(credential, **options)
        assert answer.status_code == 201, answer.get_json()
        signed: dict[str, Any] = answer.get_json()["verifiableCredential"]
        return signed

    def verify(self, credential: Any, **options: Any) -> Any:
        """The answer of ``verify``."""
        body = {"verifiableCredential": credential, **({"options": options} if options else {})}
        return self.post("/credentials/verify", body)

    def verify_presentation(self, presentation: Any, **options: Any) -> Any:
        """The answer of ``presentations/verify``."""
        body = {"verifiablePresentation": presentation}
        return self.post("/presentations/verify", {**body, "options": options} if options else body)

    def revoke(self, credential_id: str, status: bool = True, **entry: Any) -> Any:
        """The answer of ``status``."""
        said = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation", **entry}
        return self.post(
            "/credentials/status",
            {"credentialId": credential_id, "credentialStatus": said, "status": status},
        )


def credential(**changes: Any) -> dict[str, Any]:
    """The least that the data model takes; None takes a member away."""
    whole = {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "credentialSubject": {"id": "did:example:subject"},
        **changes,
    }
    return {name: copy.deepcopy(value) for name, value in whole.items() if value is not None}


def collection(program: Program, *credentials: dict[str, Any]) -> dict[str, Any]:
    """These credentials, gathered and signed by the place."""
    signer = program.signer
    document = presentations.build(list(credentials), holder=signer.did)
    return presentations.sign(document, signer.key, signer.method, created=clock.now())
