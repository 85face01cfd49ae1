"""Awarding by program: the same rules as the pages, each recipient answered for."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards import suspension
from badges.awards.models import Award
from badges.designs.rules import archive_badge
from tests.support.badges import NOW, finish_path, make_award, make_path_badge, open_badges
from tests.support.batches import csv_of, make_draft, work
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import outbox
from tests.support.tokens import bearing, make_secret

pytestmark = pytest.mark.both_databases


class Desk:
    """A facilitator's program."""

    def __init__(self, client: LookingClient, make: Factory, db: Session) -> None:
        self.client, self.make, self.db = client, make, db
        self.signer = open_badges(db)
        self.team = make.user("facilitator")
        self.secret = make_secret(db, self.team, "awards:write")

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1/{path}", headers=bearing(self.secret))

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(f"/api/v1/{path}", json=body, headers=bearing(self.secret))


@pytest.fixture
def desk(client: LookingClient, make: Factory, db: Session) -> Desk:
    return Desk(client, make, db)


def test_the_badges_come_in_pages_that_lead_on(desk: Desk) -> None:
    names = ["Écrire", "Python", "SNT", "Zoologie"]
    for name in names:
        make_path_badge(desk.db, name=name)
    archived, _path = make_path_badge(desk.db, name="Ancien")
    archive_badge(desk.db, archived.id, now=NOW)
    desk.db.commit()
    seen, address = [], "badges?limit=3"
    while address:
        page = desk.get(address).get_json()
        seen += page["items"]
        address = f"badges?limit=3&after={page['next']}" if page["next"] else ""
    assert {badge["name"] for badge in seen} == set(names)
    assert len(seen) == len(names)
    assert seen[0]["criteria"]
    assert seen[0]["skills"][0]["framework"] == "CRCN"
    assert seen[0]["url"].startswith("http://localhost/badges/")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "malformed_body"),
        ("limit=101", "malformed_body"),
        ("limit=many", "malformed_body"),
        ("after=nothing", "cursor_unknown"),
        ("sort=name", "unknown_field"),
    ],
)
def test_a_page_asked_for_wrongly_is_refused(desk: Desk, query: str, code: str) -> None:
    answer = desk.get(f"badges?{query}")
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)


def test_each_recipient_is_answered_for(desk: Desk) -> None:
    badge, path = make_path_badge(desk.db)
    ready, held, unready = (desk.make.user() for _ in range(3))
    for person in (ready, held):
        finish_path(desk.db, person, path, desk.team)
    address = f"badges/{badge.slug}/awards"
    assert desk.post(address, recipients=[held.email]).status_code == 200
    asked = [
        ready.email.upper(),
        held.email,
        unready.email,
        desk.team.email,
        "nobody@example.org",
        "no address",
    ]
    answer = desk.post(address, recipients=asked)
    assert answer.status_code == 200
    items = answer.get_json()["items"]
    assert [item["recipient"] for item in items] == asked
    codes = [item.get("code") for item in items]
    assert codes == [
        None,
        "already_held",
        "criteria_unmet",
        "own_award",
        "no_account",
        "no_account",
    ]
    assert all(item["message"] for item in items[1:])
    made = items[0]["award"]
    assert (made["badge"], made["state"], made["holder"]) == (badge.slug, "standing", ready.name)
    assert made["grounds"]
    desk.db.rollback()
    kept = desk.db.scalars(select(Award).where(Award.user_id == ready.id)).one()
    assert (str(kept.id), kept.awarded_by_id) == (made["id"], desk.team.id)
    assert outbox(desk.db)[-1].template == "awards_awarded"


def test_the_same_person_twice_is_awarded_once(desk: Desk) -> None:
    badge, path = make_path_badge(desk.db)
    ada = desk.make.user()
    finish_path(desk.db, ada, path, desk.team)
    twice = [ada.email, ada.email.upper(), ada.email]
    items = desk.post(f"badges/{badge.slug}/awards", recipients=twice).get_json()["items"]
    assert len({item["award"]["id"] for item in items}) == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"recipients": []}, 422, "recipients_missing"),
        ({"recipients": [f"p{n}@example.org" for n in range(10_001)]}, 422, "too_many_recipients"),
        ({"recipients": ["a@example.org"], "session_id": "x"}, 400, "malformed_body"),
        ({"recipients": "a@example.org"}, 400, "malformed_body"),
        ({"recipients": ["a@example.org"], "grounds": ["x"]}, 400, "unknown_field"),
        (
            {"recipients": ["a@example.org"], "session_id": "00000000-0000-7000-8000-000000000000"},
            404,
            "not_found",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(
    desk: Desk, body: dict[str, Any], status: int, code: str
) -> None:
    badge, _path = make_path_badge(desk.db)
    answer = desk.post(f"badges/{badge.slug}/awards", **body)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_an_unknown_or_archived_badge_is_awarded_to_nobody(desk: Desk) -> None:
    badge, _path = make_path_badge(desk.db)
    archive_badge(desk.db, badge.id, now=NOW)
    desk.db.commit()
    gone = desk.post(f"badges/{badge.slug}/awards", recipients=["a@example.org"])
    assert (gone.status_code, gone.get_json()["code"]) == (409, "badge_archived")
    unknown = desk.post("badges/rien/awards", recipients=["a@example.org"])
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "not_found")
    assert unknown.get_json()["title"]


def test_an_award_is_read_and_withdrawn(desk: Desk) -> None:
    award_id = make_award(desk.db, desk.make.user(), desk.team, desk.signer).id
    assert desk.get(f"awards/{award_id}").get_json()["state"] == "standing"
    empty = desk.post(f"awards/{award_id}/revocation", reason=" ")
    assert (empty.status_code, empty.get_json()["code"]) == (422, "reason_missing")
    done = desk.post(f"awards/{award_id}/revocation", reason="Erreur de personne")
    assert done.status_code == 200
    assert (done.get_json()["state"], done.get_json()["revocation_reason"]) == (
        "revoked",
        "Erreur de personne",
    )
    again = desk.post(f"awards/{award_id}/revocation", reason="Encore")
    assert (again.status_code, again.get_json()["code"]) == (409, "already_revoked")
    assert outbox(desk.db)[-1].template == "awards_revoked"
    verified = desk.client.post(
        "/verify", json={"credential": desk.db.get_one(Award, award_id).credential}
    )
    assert verified.get_json()["outcome"] == "invalid"


def test_an_award_that_is_not_there_is_a_404(desk: Desk) -> None:
    nowhere = "awards/00000000-0000-7000-8000-000000000000"
    for answer in (desk.get(nowhere), desk.post(f"{nowhere}/revocation", reason="x")):
        assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")


def test_many_recipients_become_a_job_whose_progress_is_read(desk: Desk) -> None:
    badge, path = make_path_badge(desk.db)
    people = [desk.make.user() for _ in range(4)]
    for person in people[:3]:
        finish_path(desk.db, person, path, desk.team)
    strangers = [f"stranger{n}@example.org" for n in range(48)]
    asked = [*(person.email for person in people), *strangers]
    answer = desk.client.post(
        f"/api/v1/badges/{badge.slug}/awards",
        json={"recipients": asked},
        headers={**bearing(desk.secret), "Host": "elsewhere.example"},
    )
    assert answer.status_code == 202
    told = answer.get_json()
    assert answer.headers["Location"] == told["url"]
    assert told["url"].startswith("http://localhost/api/v1/")
    assert told["unknown"] == strangers
    counts = ("state", "recipients", "awarded", "waiting", "refused")
    assert [told[name] for name in counts] == ["running", 4, 0, 3, 1]
    desk.db.rollback()
    assert work(desk.db, desk.signer) == 3
    address = f"award-batches/{told['id']}"
    after = desk.get(address).get_json()
    assert [after[name] for name in counts] == ["done", 4, 3, 0, 1]
    first = desk.get(f"{address}/recipients?limit=3").get_json()
    last = desk.get(f"{address}/recipients?limit=3&after={first['next']}").get_json()
    lines = first["items"] + last["items"]
    assert (len(first["items"]), last["next"]) == (3, None)
    assert [line["recipient"] for line in lines] == [person.email for person in people]
    assert [line["state"] for line in lines] == ["awarded"] * 3 + ["refused"]
    assert lines[3]["message"]
    assert desk.get(f"awards/{lines[0]['award_id']}").get_json()["state"] == "standing"
    assert desk.get(f"{address}/recipients?after=x").get_json()["code"] == "cursor_unknown"


def test_a_job_without_anybody_known_ends_at_once(desk: Desk) -> None:
    badge, _path = make_path_badge(desk.db)
    strangers = [f"stranger{n}@example.org" for n in range(51)]
    told = desk.post(f"badges/{badge.slug}/awards", recipients=strangers).get_json()
    assert told["unknown"] == strangers
    desk.db.rollback()
    assert work(desk.db, desk.signer) == 0
    assert desk.get(f"award-batches/{told['id']}").get_json()["state"] == "done"


def test_the_dry_run_of_somebody_else_is_nobody_elses_to_read(desk: Desk) -> None:
    badge, _path = make_path_badge(desk.db)
    other = desk.make.user("facilitator")
    batch = make_draft(desk.db, badge, other, csv_of("ada@example.org;Ada;"))
    assert desk.get(f"award-batches/{batch.id}").status_code == 404
    assert desk.get(f"award-batches/{batch.id}/recipients").status_code == 404


def test_a_suspended_award_is_told_as_suspended(desk: Desk) -> None:
    award = make_award(desk.db, desk.make.user(), desk.team, desk.signer, suspendable=True)
    suspension.suspend(desk.db, award.id, reason="À revoir.", now=NOW, actor_id=desk.team.id)
    desk.db.commit()
    told = desk.get(f"awards/{award.id}").get_json()
    assert told["state"] == "suspended"
    assert told["suspended_at"] is not None
