"""Checklists are copied as they are; what falls due is reminded of, late, shown and forgotten."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.appointments import mails, make_slots, take
from tests.support.plans import agree_on, in_days, make_checklist, make_plan, step_of
from tests.support.sessions import NOW
from tierslieu.errors import NotYours, Refused
from tierslieu.house import HomeCard, House, Invariant, Job, PersonalData, TimelineSource
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail
from tierslieu.people.models import User
from tierslieu.support.plans import agreeing, rules
from tierslieu.support.plans.checklists import rules as lists
from tierslieu.support.plans.checklists.models import Checklist
from tierslieu.support.plans.checklists.queries import find_checklist, list_aims, list_checklists
from tierslieu.support.plans.checklists.rules import Said, Thing
from tierslieu.support.plans.copying import copy_checklist, drop_checklist
from tierslieu.support.plans.models import Plan, PlanAgreement, PlanEvent, PlanState, StepTarget
from tierslieu.support.plans.queries import LateItem, list_late
from tierslieu.support.plans.rules import Asked
from tierslieu.support.plans.targets import list_targets, read_target

both = pytest.mark.both_databases


def offers(app: Flask, kind: Any) -> dict[str, Any]:
    house: House = app.extensions["tierslieu.house"]
    return {one.name: one for one in house.all(kind)}


def on(count: int, hour: int = 9) -> datetime:
    """That many days from today, at that hour of Paris."""
    return NOW.replace(hour=hour) + timedelta(days=count)


@both
def test_a_checklist_in_a_plan_is_a_copy_and_says_when_the_teams_has_changed(
    db: Session, nadia: User, ada: User
) -> None:
    plan = make_plan(db, ada)
    checklist = make_checklist(db)
    lists.verify_checklist(db, checklist.id, nadia.id, now=NOW)
    copy = copy_checklist(db, ada.id, checklist.id, now=NOW)
    db.commit()
    steps = [step for step in copy.plan.steps if step.checklist_id == copy.id]
    assert [(step.title, step.due) for step in steps] == [
        ("S’inscrire", in_days(30)),
        ("Candidater", None),
    ]
    assert steps[1].advice == "chaque année vers le 15\u00a0octobre, à vérifier"
    with pytest.raises(Refused) as refused:
        copy_checklist(db, ada.id, checklist.id, now=NOW)
    assert refused.value.code == "there_already"
    db.rollback()
    item = checklist.items[0]
    lists.write_item(db, checklist.id, item.id, Thing("S’inscrire en ligne"), now=NOW)
    db.commit()
    db.expire_all()
    assert copy.version < copy.checklist.version
    assert (steps[0].title, steps[0].due) == ("S’inscrire", in_days(30))
    assert checklist.verified_on is None, "what was verified was another text"
    rules.change_step(db, ada.id, steps[0].id, Asked("Autre", in_days(12)), now=NOW)
    assert (steps[0].title, steps[0].due) == ("S’inscrire", in_days(12))
    drop_checklist(db, ada.id, copy.id, now=NOW)
    db.commit()
    db.expire_all()
    assert [step.title for step in plan.steps] == ["Lire le programme"]


@both
def test_the_order_of_a_checklist_and_its_verification_are_no_news(
    db: Session, nadia: User
) -> None:
    checklist = make_checklist(db)
    version = checklist.version
    lists.move_item(db, checklist.id, checklist.items[1].id, True)
    lists.verify_checklist(db, checklist.id, nadia.id, now=NOW)
    db.commit()
    found = find_checklist(db, checklist.id)
    assert found is not None
    assert [item.text for item in found.items] == ["Candidater", "S’inscrire"]
    assert (found.version, found.verified_by) == (version, nadia)


@pytest.mark.parametrize(
    ("thing", "field"),
    [
        (Thing("x", due=in_days(1), month=10, day=1), "due"),
        (Thing("x", month=10), "day"),
        (Thing("x", month=2, day=30), "day"),
        (Thing("x", url="javascript:alert(1)"), "url"),
    ],
)
def test_a_wrong_deadline_or_link_is_refused_beside_its_field(
    db: Session, thing: Thing, field: str
) -> None:
    checklist = make_checklist(db)
    with pytest.raises(Refused) as refused:
        lists.write_item(db, checklist.id, None, thing, now=NOW)
    assert (refused.value.field, refused.value.status) == (field, 422)


@both
def test_what_the_house_ships_comes_once_without_dates_and_leaves_the_places_own_alone(
    db: Session,
) -> None:
    lists.ship(db, now=NOW)
    shipped = list_checklists(db)
    assert {one.key for one in shipped} == {
        "capes-nsi",
        "agregation-informatique",
        "diu-eil",
        "vae",
    }
    for checklist in shipped:
        assert checklist.verified_on is None
        assert all(item.due is None and item.month is None for item in checklist.items)
        assert all(item.url.startswith("https://") or not item.url for item in checklist.items)
    lists.change_checklist(db, shipped[0].id, Said("Le nôtre"), now=NOW)
    gone = list_aims(db)[0]
    lists.retire_aim(db, gone.id, now=NOW)
    lists.ship(db, now=NOW)
    db.commit()
    assert len(list_checklists(db)) == 4
    assert "Le nôtre" in [one.title for one in list_checklists(db)]
    assert gone.label not in [one.label for one in list_aims(db)]


@both
def test_one_reminder_leaves_a_week_before_each_day_by_day_and_stops_when_ticked(
    app: Flask, db: Session, ada: User
) -> None:
    plan = make_plan(
        db,
        ada,
        Asked("Lire le programme", in_days(20)),
        Asked("Secret", in_days(20)),
        Asked("Faite", in_days(21)),
        Asked("Sans date"),
    )
    rules.tick_step(db, ada.id, step_of(plan, "Faite").id, True, now=NOW)
    db.commit()
    job = offers(app, Job)["plan_reminders"]
    assert [job.run(db, on(12)), job.run(db, on(13, 7)), job.run(db, on(13, 22))] == [0, 0, 0]
    assert [job.run(db, on(13)), job.run(db, on(13)), job.run(db, on(15))] == [1, 0, 0]
    (mail,) = mails(db, ada, "plan_due")
    words = render_mail(mail, app.config["TIERSLIEU"])
    assert "9\u00a0décembre\u00a02026" in words.subject
    assert "2 choses" in words.text
    assert "Secret" not in words.text + words.html
    rules.add_step(db, ada.id, Asked("Écrite tard", in_days(23)), now=on(17))
    db.commit()
    assert job.run(db, on(17)) == 0, "nobody is reminded of what they have just written"
    agreeing.close_plan(db, ada.id, "Fini", now=on(17))
    db.commit()
    assert job.run(db, on(16)) == 0


@both
def test_what_is_late_is_told_of_plans_agreed_and_shown_alone(
    db: Session, nadia: User, ada: User
) -> None:
    plan = make_plan(
        db,
        ada,
        Asked("Hier", in_days(-1)),
        Asked("Avant", in_days(-9)),
        Asked("Aujourd’hui", in_days(0)),
        Asked("Faite", in_days(-5)),
    )
    rules.tick_step(db, ada.id, step_of(plan, "Faite").id, True, now=NOW)
    db.commit()
    assert list_late(db, NOW) == []
    agreeing.share_plan(db, ada.id, now=NOW)
    assert list_late(db, NOW) == []  # a draft is a draft
    agree_on(db, plan, nadia)
    assert list_late(db, NOW) == [
        LateItem(ada.id, "Avant", in_days(-9)),
        LateItem(ada.id, "Hier", in_days(-1)),
    ]
    agreeing.withdraw_plan(db, ada.id, now=NOW)
    assert list_late(db, NOW) == []
    agreeing.share_plan(db, ada.id, now=NOW)
    agreeing.close_plan(db, ada.id, "Fini", now=NOW)
    assert list_late(db, NOW) == []


@both
def test_a_step_is_tied_to_what_one_may_reach_and_keeps_its_words_when_that_goes(
    db: Session, nadia: User, ada: User, app: Flask
) -> None:
    made = take(db, make_slots(db, nadia)[0], ada)
    plan = make_plan(db, ada)
    value = f"appointment:{made.id}"
    groups = list_targets(db, ada.id, NOW)
    assert value in [one.value for found in groups.values() for one in found]
    with pytest.raises(Refused) as refused:
        read_target(db, nadia.id, value, NOW)
    assert refused.value.field == "target"
    step = rules.add_step(db, ada.id, Asked("", None, read_target(db, ada.id, value, NOW)), now=NOW)
    db.commit()
    assert (step.target, step.title.startswith("Avec Nadia Benali")) == (
        StepTarget.APPOINTMENT,
        True,
    )
    offers(app, PersonalData)["appointments"].erase(db, ada.id)
    db.commit()
    db.expire_all()
    assert plan.steps[-1].appointment_id is None
    assert plan.steps[-1].title.startswith("Avec Nadia Benali")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (Asked(""), "title"),
        (Asked("x" * 301), "title"),
        (Asked("x", in_days(366 * 11)), "due"),
    ],
)
def test_a_step_that_says_nothing_or_too_much_is_refused(
    db: Session, ada: User, asked: Asked, field: str
) -> None:
    make_plan(db, ada)
    with pytest.raises(Refused) as refused:
        rules.add_step(db, ada.id, asked, now=NOW)
    assert refused.value.field == field
    db.rollback()
    with pytest.raises(NotYours):
        rules.tick_step(db, ada.id, make_checklist(db).id, True, now=NOW)


@both
def test_a_person_receives_their_plans_and_takes_them_along(
    app: Flask, db: Session, nadia: User, ada: User
) -> None:
    agree_on(db, make_plan(db, ada), nadia)
    agreeing.propose_change(db, rules.lock_own(db, ada.id).id, nadia.id, "Un mot", now=NOW)
    db.commit()
    data = offers(app, PersonalData)["plans"]
    (mine,) = data.export(db, ada.id)["mine"]
    assert json.loads(json.dumps(mine)) == mine
    assert (mine["why"], mine["steps"][0]["title"]) == ("Transmettre", "Lire le programme")
    assert (mine["history"][-1]["word"], mine["history"][-1]["by"]) == ("Un mot", "Nadia Benali")
    hers = data.export(db, nadia.id)
    assert hers["mine"] == []
    assert "Un mot" not in json.dumps(hers)
    data.erase(db, nadia.id)
    db.commit()
    db.expire_all()
    agreement = db.scalars(select(PlanAgreement)).one()
    assert agreement.agreed_by_id is None
    data.erase(db, ada.id)
    db.commit()
    for table in (Plan, PlanEvent, PlanAgreement):
        assert db.scalar(select(func.count()).select_from(table)) == 0
    left = db.scalars(select(OutboxMessage).where(OutboxMessage.due_key.startswith("plan:")))
    assert all(mail.context == {} and not mail.recipient for mail in left)


def test_plans_nobody_touched_for_three_years_are_gone_and_the_audit_is_well(
    app: Flask, db: Session, nadia: User, ada: User
) -> None:
    plan = agree_on(db, make_plan(db, ada), nadia)
    check = offers(app, Invariant)["plans_as_agreed"].check
    assert (check(db).checked, check(db).broken) == (1, [])
    plan.aims = ["Autre chose"]
    db.commit()
    assert check(db).broken == [str(plan.id)]
    job = offers(app, Job)["plans_forgotten"]
    assert job.run(db, NOW + timedelta(days=3 * 365 - 1)) == 0
    assert job.run(db, NOW + timedelta(days=3 * 365)) == 1
    assert db.scalar(select(func.count()).select_from(Checklist)) == 4


def test_the_home_page_and_the_timeline_show_what_falls_due(
    app: Flask, db: Session, nadia: User, ada: User
) -> None:
    cards, events = offers(app, HomeCard), offers(app, TimelineSource)["plans"].events
    assert list(cards["plan"].build(db, ada.id, NOW)) == []
    plan = make_plan(db, ada, Asked("Loin", in_days(60)), Asked("Près", in_days(3)))
    (card,) = cards["plan"].build(db, ada.id, NOW)
    assert [step.title for step in card.context["steps"]] == ["Près", "Loin"]
    assert list(cards["plans_waiting"].build(db, nadia.id, NOW)) == []
    agreeing.share_plan(db, ada.id, now=NOW)
    agreeing.ask_agreement(db, ada.id, now=NOW)
    (waiting,) = cards["plans_waiting"].build(db, nadia.id, NOW)
    assert waiting.context["count"] == 1
    rules.tick_step(db, ada.id, step_of(plan, "Près").id, True, now=NOW)
    told = {(one.title, one.detail) for one in events(db, ada.id, NOW)}
    assert {("Près", "fait"), ("Loin", "échéance de mon plan")} <= told
    assert plan.state is PlanState.DRAFT
