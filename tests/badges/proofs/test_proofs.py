"""A badge received elsewhere proves a step: by itself where all is known, by the team where not."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.backpack.models import KeptBadge
from badges.backpack.queries import list_kept
from badges.engine.verify import verify
from badges.proofs import rules
from badges.proofs.models import BadgeProof, BadgeWorth, ProvingBadge, TrustedIssuer
from badges.proofs.reading import Kind, find_doubts, kind_of
from courses.progress.answering.rules import UNDO_FOR
from courses.progress.models import RecordSource, RecordState, StepRecord
from courses.progress.rules import decide
from tests.badges.backpack.test_bringing import DID, Elsewhere, bring
from tests.badges.backpack.test_bringing import elsewhere as elsewhere  # a fixture
from tests.support.at_once import AT_ONCE, at_once
from tests.support.badges import house_here
from tests.support.client import LookingClient
from tests.support.courses import make_enrolment, make_path, steps_of
from tests.support.factories import Factory
from tests.support.sessions import plain
from tierslieu import clock
from tierslieu.errors import Refused
from tierslieu.house import PersonalData
from tierslieu.people.models import User
from tierslieu.people.rules import change_roles

CLASS = "https://ecole.example/b/1"


class Here:
    """Ada follows a path and keeps a badge; what is trusted is the test's to say."""

    def __init__(self, db: Session, make: Factory, client: LookingClient) -> None:
        self.db, self.client = db, client
        self.ada = make.user(name="Ada Lovelace", email="ada@example.org")
        self.team = make.user("facilitator", name="Nadia")
        self.path = make_path(db)
        self.steps = steps_of(db, self.path)
        self.enrolment = make_enrolment(db, self.ada, self.path)

    def keep(self, badge: Any, person: User | None = None) -> KeptBadge:
        self.client.sign_in(person or self.ada)
        assert bring(self.client, badge).status_code == 302
        self.db.rollback()
        return list_kept(self.db, (person or self.ada).id)[0]

    def trust(self, step: int = 0) -> None:
        rules.trust_issuer(self.db, DID, "L’École", now=clock.now(), actor_id=self.team.id)
        key = self.steps[step].key
        rules.set_worth(self.db, Kind(DID, CLASS), "Robotique", self.path.id, key)
        self.db.commit()

    def give(self, kept: KeptBadge, step: int = 0) -> Any:
        wanted = f"{self.enrolment.id}:{self.steps[step].id}"
        address = f"/mes-badges/recus/{kept.id}/preuve"
        return self.client.sign_in(self.ada).post(address, data={"step": wanted})

    @property
    def record(self) -> StepRecord:
        self.db.rollback()
        return self.db.scalars(select(StepRecord)).one()


@pytest.fixture
def here(db: Session, make: Factory, client: LookingClient) -> Here:
    return Here(db, make, client)


@pytest.mark.both_databases
def test_a_known_badge_of_a_trusted_issuer_validates_its_step_at_once(
    here: Here, elsewhere: Elsewhere
) -> None:
    here.trust()
    answer = here.give(here.keep(elsewhere.badge()))
    assert answer.status_code == 302
    record = here.record
    assert (record.state, record.source) == (RecordState.VALIDATED, RecordSource.BADGE)
    assert "Animer un club de robotique" in record.proof
    assert record.decided_by_id is None
    assert "Animer un club de robotique" in here.client.get(answer.location).text
    assert here.db.scalars(select(BadgeProof)).one().doubts == []


@pytest.mark.both_databases
def test_what_is_not_known_goes_to_the_team_with_what_was_checked_and_what_was_not(
    here: Here, elsewhere: Elsewhere
) -> None:
    kept = here.keep(elsewhere.badge())
    elsewhere.is_up = False  # its key cannot be read today
    assert here.give(kept).status_code == 302
    record = here.record
    assert record.state is RecordState.DECLARED
    doubts = here.db.scalars(select(BadgeProof)).one().doubts
    assert {"unchecked_proof", "issuer", "class"} <= set(doubts)
    page = plain(here.client.sign_in(here.team).get(f"/a-traiter/{record.id}").text)
    assert "Un badge de L’École d’à côté" in page
    assert "La signature n’a pas pu être vérifiée." in page
    assert "L’émetteur n’est pas de ceux à qui le lieu fait confiance." in page
    assert here.client.sign_in(here.ada).get(f"/a-traiter/{record.id}").status_code == 403


def test_each_thing_unknown_is_enough_to_go_by_the_team(here: Here, elsewhere: Elsewhere) -> None:
    kept = here.keep(elsewhere.badge())
    rules.trust_issuer(here.db, DID, "", now=clock.now(), actor_id=here.team.id)
    here.db.commit()
    here.give(kept)
    assert here.record.state is RecordState.DECLARED  # worth nothing yet
    assert here.db.scalars(select(BadgeProof.doubts)).one() == ["class"]
    here.db.rollback()
    here.trust(step=0)  # worth another step than the one it is given for
    here.give(kept, step=1)
    states = here.db.scalars(select(StepRecord.state)).all()
    assert set(states) == {RecordState.DECLARED}


def test_nobody_of_the_team_validates_their_own_step_by_a_trust_of_their_own(
    here: Here, elsewhere: Elsewhere
) -> None:
    here.trust()
    change_roles(here.db, here.ada.id, give=["facilitator"])
    here.db.commit()
    here.give(here.keep(elsewhere.badge()))
    assert here.record.state is RecordState.DECLARED
    assert here.db.scalars(select(BadgeProof.doubts)).one() == ["own"]


@pytest.mark.both_databases
def test_one_badge_is_one_persons_until_the_team_returns_it(
    here: Here, elsewhere: Elsewhere, make: Factory
) -> None:
    kept = here.keep(elsewhere.badge())
    here.give(kept)
    other = make.user(email="byron@example.org")
    theirs = KeptBadge(
        user_id=other.id,
        fingerprint=kept.fingerprint,
        credential=kept.credential,
        name=kept.name,
        issuer_name=kept.issuer_name,
        outcome="valid",
        checks=[],
    )
    here.db.add(theirs)
    enrolment = make_enrolment(here.db, other, here.path)
    report = verify(kept.credential, fetch=elsewhere.fetch, now=clock.now())

    def give() -> StepRecord:
        return rules.give_badge(
            here.db,
            theirs,
            report,
            ["ada@example.org"],  # the mailbox has passed to them
            enrolment_id=enrolment.id,
            step_id=here.steps[0].id,
            now=clock.now(),
        )

    with pytest.raises(Refused) as refused:
        give()
    assert refused.value.code == "badge_taken"
    assert "Ada" not in refused.value.message
    here.db.rollback()
    state, now = RecordState.RETURNED, clock.now()
    decide(here.db, here.record.id, state, word="Pas celui-ci.", now=now, actor_id=here.team.id)
    here.db.commit()
    with pytest.raises(Refused):  # it may still be taken back
        give()
    here.db.rollback()
    here.record.decided_at = clock.now() - UNDO_FOR * 2
    here.db.commit()
    assert give().state is RecordState.DECLARED
    here.db.commit()
    assert here.db.scalars(select(ProvingBadge)).one().user_id == other.id


def test_a_badge_that_is_wrong_or_anothers_proves_nothing(here: Here, elsewhere: Elsewhere) -> None:
    kept = here.keep(elsewhere.badge())
    here.db.get_one(User, here.ada.id).email = "moved@example.org"
    here.db.commit()
    page = here.give(kept)
    assert (page.status_code, "autre adresse" in page.text) == (422, True)
    forged = json.loads(kept.credential)
    forged["credentialSubject"]["achievement"]["name"] = "Autre chose"
    here.db.get_one(KeptBadge, kept.id).credential = json.dumps(forged)
    here.db.commit()
    page = here.give(kept)
    assert (page.status_code, "ne prouve rien" in page.text) == (422, True)
    assert here.db.scalars(select(StepRecord)).all() == []


def test_a_step_is_proved_once_and_only_ones_own(
    here: Here, elsewhere: Elsewhere, make: Factory
) -> None:
    here.trust()
    kept = here.keep(elsewhere.badge())
    assert here.give(kept).status_code == 302
    assert here.give(kept).status_code == 422  # no longer among the open ones
    stranger = make.user(email="byron@example.org")
    address = f"/mes-badges/recus/{kept.id}/preuve"
    assert here.client.sign_in(stranger).get(address).status_code == 404
    wanted = f"{here.enrolment.id}:{here.steps[1].id}"
    assert here.client.post(address, data={"step": wanted}).status_code == 404


def test_the_team_trusts_and_says_what_badges_are_worth_by_what_people_gave(
    here: Here, elsewhere: Elsewhere
) -> None:
    kept = here.keep(elsewhere.badge())
    page = here.client.get(f"/mes-parcours/{here.enrolment.id}/etapes/{here.steps[0].id}").text
    assert "J’ai un badge pour cette étape" in page
    here.give(kept)
    client = here.client.sign_in(here.team)
    page = client.get("/badges/preuves").text
    assert DID in page
    assert client.post("/badges/preuves/emetteurs", data={"issuer": "école"}).status_code == 422
    client.post("/badges/preuves/emetteurs", data={"issuer": DID, "name": "L’École"})
    data = {
        "b0-issuer": DID,
        "b0-achievement": CLASS,
        "b0-name": "Robotique",
        "b0-step": f"{here.path.id}:{here.steps[1].key}",
    }
    client.post("/badges/preuves/valeurs/b0", data={**data, "b0-step": "x:y"})
    assert here.db.scalar(select(BadgeWorth.id)) is None
    here.db.rollback()
    client.post("/badges/preuves/valeurs/b0", data=data)
    here.give(kept, step=1)  # the same badge, for the step it is worth
    here.db.rollback()
    states = here.db.scalars(select(StepRecord.state).order_by(StepRecord.declared_at)).all()
    assert states == [RecordState.DECLARED, RecordState.VALIDATED]
    here.db.rollback()
    [issuer] = here.db.scalars(select(TrustedIssuer.id)).all()
    [worth] = here.db.scalars(select(BadgeWorth.id)).all()
    here.db.rollback()
    here.client.sign_in(here.team)
    client.post(f"/badges/preuves/emetteurs/{issuer}/retirer")
    client.post(f"/badges/preuves/valeurs/{worth}/retirer")
    assert here.db.scalars(select(TrustedIssuer)).all() == []
    assert here.db.scalars(select(BadgeWorth)).all() == []


def test_what_proved_something_is_exported_and_goes_with_the_account(
    here: Here, elsewhere: Elsewhere
) -> None:
    here.give(here.keep(elsewhere.badge()))
    [data] = [one for one in house_here().all(PersonalData) if one.name == "badge_proofs"]
    assert data.export(here.db, here.ada.id)[0]["name"] == "Animer un club de robotique"
    data.erase(here.db, here.ada.id)
    here.db.commit()
    assert here.db.scalars(select(ProvingBadge)).all() == []
    assert here.db.scalars(select(BadgeProof)).all() == []


def test_a_badge_of_the_former_standard_names_its_class_wherever_it_stands() -> None:
    """FUN's, of Open Badge Factory: hosted, the recipient hashed with a salt; nothing of it can be
    checked without its issuer, so the team sees it."""
    email, salt = "ada@example.org", "deadsea"
    hashed = hashlib.sha256((email + salt).encode()).hexdigest()
    assertion: dict[str, Any] = {
        "@context": "https://w3id.org/openbadges/v2",
        "type": "Assertion",
        "id": "https://factory.example/v1/assertion/1",
        "recipient": {
            "type": "email",
            "hashed": True,
            "salt": salt,
            "identity": f"sha256${hashed}",
        },
        "badge": "https://factory.example/v1/badge/9",
        "verification": {"type": "HostedBadge"},
        "issuedOn": "2024-03-01T00:00:00Z",
    }
    report = verify(json.dumps(assertion), fetch=None, now=clock.now())
    assert kind_of(report) == Kind("", "https://factory.example/v1/badge/9")
    doubts = find_doubts(report, [email], is_trusted=False, is_worth=False)
    assert {"unchecked_proof", "issuer", "class"} <= set(doubts)
    assert "unnamed" not in doubts
    assert "unnamed" in find_doubts(report, ["eve@example.org"], is_trusted=True, is_worth=True)
    badge = {"id": assertion["badge"], "issuer": {"id": "https://factory.example/v1/client/3"}}
    whole = replace(report, credential={**assertion, "badge": badge})
    assert kind_of(whole) == Kind("https://factory.example/v1/client/3", badge["id"])
    linked = replace(report, linked={"badge": badge})
    assert kind_of(linked).issuer == "https://factory.example/v1/client/3"


@pytest.mark.both_databases
def test_a_badge_given_by_two_people_at_once_is_one_persons(
    app: Flask, here: Here, elsewhere: Elsewhere, make: Factory
) -> None:
    kept = here.keep(elsewhere.badge())
    report = verify(kept.credential, fetch=elsewhere.fetch, now=clock.now())
    people = [make.user(email=f"p{n}@example.org") for n in range(AT_ONCE)]
    jobs = []
    for person in people:
        theirs = KeptBadge(
            user_id=person.id,
            fingerprint=kept.fingerprint,
            credential=kept.credential,
            name=kept.name,
            issuer_name=kept.issuer_name,
            outcome="valid",
            checks=[],
        )
        here.db.add(theirs)
        here.db.commit()
        jobs.append((theirs.id, make_enrolment(here.db, person, here.path).id))
    here.db.commit()
    step_id = here.steps[0].id
    here.db.rollback()

    def give(session: Session, number: int) -> None:
        kept_id, enrolment_id = jobs[number]
        rules.give_badge(
            session,
            session.get_one(KeptBadge, kept_id),
            report,
            ["ada@example.org"],
            enrolment_id=enrolment_id,
            step_id=step_id,
            now=clock.now(),
        )

    told = at_once(app, give)
    assert sorted(told) == ["badge_taken"] * (AT_ONCE - 1) + ["done"]
    here.db.rollback()
    assert len(here.db.scalars(select(ProvingBadge)).all()) == 1
