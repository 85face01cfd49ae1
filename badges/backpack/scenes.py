"""A badge that the demonstration's learner received elsewhere, and kept here."""

from __future__ import annotations

import hashlib
import json

from sqlalchemy.orm import Session

from badges.backpack.examining import examine
from badges.backpack.rules import keep_badge
from badges.engine import credentials, keys, proofs
from badges.engine.errors import FetchFailed
from tierslieu.clock import days
from tierslieu.house import Stage
from tierslieu.people.queries import list_own_addresses


def play(db: Session, stage: Stage) -> None:
    """The same rules as for anybody: it is verified, and made out to their address."""
    user_id = stage.props["people"]["learner@example.org"]
    addresses = list_own_addresses(db, user_id)
    seed = hashlib.sha256(f"{stage.seed}:elsewhere".encode()).digest()
    key = keys.SigningKey.from_seed(seed)
    did, given = keys.did_key(key.multibase), stage.today - days(400)
    unsigned = credentials.build_credential(
        credentials.Issuer(did, "Fablab des Collines"),
        credentials.Achievement(
            "https://fablab.example/badges/club",
            "Animer un club de robotique",
            "Anime un club de robotique pendant une année scolaire, avec dix élèves.",
            "La personne a animé **vingt séances**.",
        ),
        credentials.Award(
            "https://fablab.example/badges/club/1",
            credentials.Recipient.from_email(addresses[0]),
            given,
        ),
    )
    method = keys.verification_method(did, key.name)
    signed = proofs.sign(unsigned, key, method, created=given)

    def nowhere(address: str) -> bytes:
        raise FetchFailed("the demonstration fetches nothing", address)

    found = examine(
        json.dumps(signed, ensure_ascii=False),
        addresses,
        fetch=nowhere,
        is_ours=lambda issuer: False,
        base_url=stage.settings.base_url,
        now=stage.today,
    )
    stage.props["kept"] = keep_badge(db, user_id, found, now=stage.today - days(5))[0].id
