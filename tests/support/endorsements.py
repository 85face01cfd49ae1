"""Endorsements as tests need them: asked and given by the rules; a partner with its own key."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from badges.awards import making, publishing
from badges.awards.keys import Signer
from badges.awards.making import Recipient, draft_awards, record_awards
from badges.awards.models import Award
from badges.designs.models import BadgeClass
from badges.designs.queries import get_badge
from badges.endorsements import giving, rules, signing
from badges.endorsements.models import Endorsement
from badges.endorsements.rules import Asked, Question
from badges.endorsements.signing import Statement
from badges.engine import credentials, keys, proofs
from badges.engine.endorsing import build_endorsement
from tests.support.badges import NOW, settings_here
from tierslieu.errors import Refused
from tierslieu.people.models import User

PARTNER = "did:web:partenaire.example"
PARTNER_KEY = keys.SigningKey.from_seed(b"a partner with a key of its own.")


def question(**changes: Any) -> Question:
    """Whom one asks."""
    facts = {
        "organisation": "Rectorat (exemple)",
        "website": "https://rectorat.example/",
        "email": "formation@rectorat.example",
        "message": "Bonjour, un mot de vous nous aiderait.",
    }
    return Question(**{**facts, **changes})


def statement(**changes: Any) -> Statement:
    """What they say."""
    facts: dict[str, Any] = {
        "organisation": "Rectorat «\u202fexemple\u202f»",
        "website": "https://rectorat.example/",
        "signer_name": "Dominique Œuvrard",
        "signer_role": "délégation à la formation",
        "comment": "Nous reconnaissons ce badge.\nIl compte pour nous.",
        "months": 36,
    }
    return Statement(**{**facts, **changes})


def ask(db: Session, about: BadgeClass | Award, asker: User, **changes: Any) -> Asked:
    """The question, committed."""
    if isinstance(about, Award):
        asked = rules.ask_about_award(db, about.id, question(**changes), asker=asker, now=NOW)
    else:
        asked = rules.ask_about_badge(db, about.slug, question(**changes), asker=asker, now=NOW)
    db.commit()
    return asked


def give(db: Session, asked: Asked, *, now: Any = NOW, **changes: Any) -> Endorsement:
    """The answer, signed here, committed."""
    found, settings = asked.endorsement, settings_here()
    read = signing.fingerprint(found)
    signed = signing.sign_here(db, settings, found, statement(**changes), now=now)
    given = giving.give(db, settings, asked.secret, signed, read=read, now=now)
    db.commit()
    return given


def own_signed(about: str, key: keys.SigningKey = PARTNER_KEY, **changes: Any) -> str:
    """What a partner signed with their own key, elsewhere."""
    document = build_endorsement(
        credentials.Issuer(PARTNER, "INSPÉ (exemple)"),
        about,
        id="https://partenaire.example/soutiens/1",
        name="Soutien",
        comment="Vu et approuvé.",
        valid_from=NOW,
        valid_until=None,
    )
    method = keys.verification_method(PARTNER, PARTNER_KEY.multibase)
    signed = proofs.sign({**document, **changes}, key, method, created=NOW)
    return json.dumps(signed, ensure_ascii=False)


def partner_document() -> bytes:
    """The DID document of that partner, as published on their site."""
    published = [keys.PublishedKey(PARTNER_KEY.public())]
    return json.dumps(keys.did_document(PARTNER, published)).encode()


def award_to(db: Session, badge: BadgeClass, signer: Signer, *emails: str) -> list[Award]:
    """New awards of this badge, one for each address."""
    found = get_badge(db, badge.id)
    assert found is not None
    told = making.remember(found, signer)
    recipients = [Recipient(None, email, "", ["Vu."]) for email in emails]
    drafts = draft_awards(db, found, recipients, signer, now=NOW, actor_id=None)
    assert record_awards(db, badge.id, drafts, told=told, now=NOW) == {}
    db.commit()
    return drafts


def endorsements_step(db: Session, award: Award, now: Any = NOW) -> tuple[str, str, str]:
    report = publishing.check_award(db, settings_here(), award, now)
    check = report.check("endorsements")
    return report.outcome, check.outcome, str(check.params.get("names", check.code))


def refusal(call: Callable[[], Any], db: Session) -> str:
    with pytest.raises(Refused) as refused:
        call()
    db.rollback()
    return refused.value.code
