"""Statements of xAPI as tests need them, and a site that sends them."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.support.tokens import bearing, make_secret
from tierslieu.people.models import User

ADL = "http://adlnet.gov/expapi/verbs/"
QUIZ = "https://h5p.example.org/activities/quiz-1"
SITE = "https://h5p.example.org"
_count = itertools.count(1)


def make_statement(who: str | dict[str, Any] = "ines@example.org", **more: Any) -> dict[str, Any]:
    """Somebody (an address, or a whole actor) passed the quiz, but for what is told otherwise: a
    verb may be its last word, an object its id."""
    verb, thing = more.pop("verb", "passed"), more.pop("object", QUIZ)
    return {
        "id": str(UUID(int=next(_count) + (4 << 76) + (8 << 60))),
        "actor": {"mbox": f"mailto:{who}"} if isinstance(who, str) else who,
        "verb": verb if isinstance(verb, dict) else {"id": verb if ":" in verb else ADL + verb},
        "object": {"id": thing} if isinstance(thing, str) else thing,
        "timestamp": "2026-01-15T08:30:00Z",
        **more,
    }


class Site:
    """Sends statements with a key of this person's."""

    def __init__(self, client: FlaskClient, db: Session, owner: User) -> None:
        self.client, self.db, self.owner = client, db, owner
        self.headers = {
            **bearing(make_secret(db, owner, "xapi:write")), "X-Experience-API-Version": "1.0.3"
        }  # fmt: skip

    def send(self, body: Any, method: str = "POST", **more: Any) -> Any:
        """The whole answer."""
        headers = {**self.headers, **more.pop("headers", {})}
        asked = {"json": body} if not isinstance(body, bytes) else {
            "data": body, "content_type": "application/json"
        }  # fmt: skip
        answer = self.client.open(
            "/xapi/statements", method=method, headers=headers, **{**asked, **more}
        )
        self.db.rollback()
        return answer

    def refusal(self, body: Any, **more: Any) -> tuple[int, str, list[str]]:
        """The status, the code and the places of a refusal."""
        answer = self.send(body, **more)
        assert answer.content_type == "application/problem+json", answer.text
        told = answer.get_json()
        return answer.status_code, told["code"], [one["field"] for one in told.get("errors", [])]
