"""What each rule writes down of what it did: the act, by whom, to whom, on what, why."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards import keys, rotation, rules, suspension
from badges.designs.asking import set_automatic
from badges.designs.models import CriterionKind
from badges.designs.rules import Condition
from badges.proofs import rules as proofs
from badges.proofs.reading import Kind
from courses.progress.imports.models import Provider
from courses.statements.models import XapiHomePage
from courses.statements.rules import decide_home_page
from tests.support.badges import NOW, make_award, make_badge, open_badges, settings_here
from tests.support.courses import make_path, steps_of
from tests.support.factories import Factory
from tests.support.surveys import make_own_study, make_study, settings
from tierslieu.agenda.hours import Week
from tierslieu.agenda.places.rules import save_settings
from tierslieu.backup.models import BackupRun
from tierslieu.backup.rules import ask_at_night, ask_backup
from tierslieu.bookings.limits.rules import set_rule
from tierslieu.evaluation.kept.rules import ask_package
from tierslieu.logbook.checks import check_logbook
from tierslieu.logbook.models import LogEntry
from tierslieu.surveys.studies import designing

pytestmark = pytest.mark.both_databases
DID, CLASS = "did:web:ecole.example", "https://ecole.example/b/1"


def entries(db: Session) -> list[LogEntry]:
    db.rollback()
    return list(db.scalars(select(LogEntry).order_by(LogEntry.number)))


def test_badges_awarded_suspended_and_revoked_by_somebody(db: Session, make: Factory) -> None:
    team, holder = make.user("facilitator"), make.user()
    award = make_award(db, holder, team, open_badges(db), suspendable=True)
    suspension.suspend(db, award.id, reason="Une erreur", now=NOW, actor_id=team.id)
    db.commit()
    suspension.lift(db, award.id, now=NOW)
    db.commit()
    rules.revoke(db, award.id, reason="Une fraude", now=NOW, actor_id=team.id)
    db.commit()
    found = [one for one in entries(db) if "award" in json.loads(one.about)]
    assert [(one.act, one.words) for one in found] == [
        ("badge_awarded", ""),
        ("badge_suspended", "Une erreur"),
        ("badge_unsuspended", ""),
        ("badge_revoked", "Une fraude"),
    ]
    assert {one.subject_id for one in found} == {holder.id}
    assert [one.actor_id == team.id for one in found] == [True, True, False, True]
    assert check_logbook(db).broken == []


def test_signing_keys_made_and_replaced(app: Flask, db: Session) -> None:
    here = settings_here()
    keys.open_keys(db, here, NOW, ("Ed25519",))
    db.commit()
    keys.open_keys(db, here, NOW, ("Ed25519",))  # a second run makes none
    db.commit()
    rotation.rotate_key(db, here, "Ed25519", now=NOW + timedelta(days=1))
    db.commit()
    found = entries(db)
    assert [one.act for one in found] == ["key_made", "key_rotated"]
    assert json.loads(found[0].about)["key"] != json.loads(found[1].about)["key"]


def test_a_study_opened_closed_and_cut_from_its_people(db: Session, make: Factory) -> None:
    study = make_own_study(db, make.user("researcher"), now=NOW)
    db.commit()
    designing.close_study(db, study.id, now=NOW)
    designing.close_study(db, study.id, now=NOW)  # closed already: no act
    designing.cut_link(db, study.id, settings().keys, study.slug)
    db.commit()
    acts = [one.act for one in entries(db)]
    assert acts == ["study_opened", "study_closed", "study_key_destroyed"]


def test_who_lets_whom_into_a_study_and_out_of_it(db: Session, make: Factory) -> None:
    first, second = make.user("researcher"), make.user("researcher")
    study = make_own_study(db, first, now=NOW)
    db.commit()
    for _time in range(2):  # who runs it already is not let in again
        designing.add_researcher(db, study.id, second.email, now=NOW)
        db.commit()
    designing.remove_researcher(db, study.id, first.id)
    designing.remove_researcher(db, study.id, first.id)
    db.commit()
    found = [one for one in entries(db) if one.act.startswith("researcher")]
    assert [(one.act, one.subject_id) for one in found] == [
        ("researcher_added", second.id),
        ("researcher_removed", first.id),
    ]
    assert {json.loads(one.about)["study"] for one in found} == {str(study.id)}


def test_whose_badges_count_here_and_for_what(db: Session, make: Factory) -> None:
    team, path = make.user("facilitator"), make_path(db)
    step = steps_of(db, path)[0]
    for _time in range(2):  # trusted already: no act
        trusted = proofs.trust_issuer(db, DID, "L’École", now=NOW, actor_id=team.id)
        db.commit()
    worth = proofs.set_worth(db, Kind(DID, CLASS), "Robotique", path.id, step.key)
    db.commit()
    proofs.drop_worth(db, worth.id)
    proofs.distrust_issuer(db, trusted.id)
    db.commit()
    found = entries(db)
    acts = ["issuer_trusted", "worth_set", "worth_dropped", "issuer_distrusted"]
    assert [one.act for one in found] == acts
    assert {json.loads(one.about)["issuer"] for one in found} == {DID}
    assert json.loads(found[1].about)["step"] == step.key


def test_a_badge_that_is_awarded_by_itself_from_now_on(db: Session) -> None:
    badge = make_badge(db, Condition(CriterionKind.HALF_DAYS, count=1), automatic=True)
    db.commit()
    for wished in (False, False, True):
        set_automatic(db, badge.id, wished)
        db.commit()
    found = [one for one in entries(db) if one.act == "badge_automatic"]
    assert [json.loads(one.about)["automatic"] for one in found] == [0, 1]


def test_a_site_whose_accounts_are_believed(db: Session) -> None:
    site = XapiHomePage(address="https://ailleurs.example", first_at=NOW)
    db.add(site)
    db.commit()
    for provider in (Provider.H5P, Provider.H5P, None):
        decide_home_page(db, site.id, provider)
        db.commit()
    found = entries(db)
    assert [one.act for one in found] == ["site_named", "site_named"]
    assert [json.loads(one.about)["provider"] for one in found] == [Provider.H5P.value, ""]


def test_a_backup_that_somebody_asked_for_and_not_that_of_the_night(db: Session) -> None:
    ask_at_night(db, NOW)
    db.commit()
    assert entries(db) == []
    for run in db.scalars(select(BackupRun)):
        db.delete(run)
    db.commit()
    for _time in range(2):
        ask_backup(db, NOW)
        db.commit()
    assert [one.act for one in entries(db)] == ["backup_asked"]


def test_a_research_package_asked_for_once(db: Session, make: Factory) -> None:
    study, researcher = make_study(db), make.user("researcher")
    for _time in range(2):  # whoever asks meanwhile waits for the same one
        ask_package(db, study.id, user_id=researcher.id, now=NOW)
        db.commit()
    found = entries(db)
    assert [(one.act, one.actor_id) for one in found] == [("package_asked", researcher.id)]


def test_settings_of_the_place_changed(db: Session) -> None:
    save_settings(db, school_zone="B", classes=Week(()), refuses_closed=True)
    for _time in range(2):  # said again, nothing changes
        set_rule(db, is_on=True, times=3, months=2, most=1, weeks=4, now=NOW)
    db.commit()
    assert [json.loads(one.about)["setting"] for one in entries(db)] == ["agenda", "missed"]
