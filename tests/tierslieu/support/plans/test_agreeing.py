"""A plan is private until shared, agreed by both, and a change makes it a draft again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.support.appointments import mails, make_slots, take
from tests.support.at_once import at_once
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.plans import agree_on, in_days, make_checklist, make_plan, step_of
from tests.support.sessions import NOW
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.rendering import render_mail
from tierslieu.people.models import User
from tierslieu.support.plans import agreeing, rules
from tierslieu.support.plans.checklists.shipped import AIMS
from tierslieu.support.plans.copying import copy_checklist
from tierslieu.support.plans.freezing import freeze, says_the_same
from tierslieu.support.plans.models import Plan, PlanState
from tierslieu.support.plans.queries import (
    find_agreement,
    find_followed,
    find_open,
    find_readable,
    list_readable_of,
    list_waiting,
)
from tierslieu.support.plans.rules import Aims, Asked

both = pytest.mark.both_databases
DRAFT, AGREED, DONE = PlanState


@both
def test_a_plan_is_its_owners_until_shown_and_then_the_teams_until_withdrawn(
    db: Session, nadia: User, ada: User, make: Factory
) -> None:
    plan = make_plan(db, ada)
    others = [make.user(), make.user("researcher"), make.user("administrator", "coordinator")]

    def readers() -> list[bool]:
        return [find_readable(db, plan.id, who.id) is not None for who in (ada, nadia, *others)]

    nobody = [False] * len(others)
    assert readers() == [True, False, *nobody]
    agree_on(db, plan, nadia)
    assert readers() == [True, True, *nobody]
    (agreement,) = plan.agreements
    found = [find_agreement(db, agreement.id, who.id) is not None for who in (ada, nadia, *others)]
    assert found == [True, True, *nobody]
    assert find_followed(db, plan.id, ada.id) is None, "nobody is of the team for their own plan"
    agreeing.withdraw_plan(db, ada.id, now=NOW)
    db.commit()
    assert readers() == [True, False, *nobody]
    assert find_agreement(db, agreement.id, nadia.id) is None
    assert list_readable_of(db, ada.id, nadia.id) == []


@both
def test_who_leaves_the_team_or_is_followed_reads_no_plan_as_the_team(
    db: Session, nadia: User, ada: User, make: Factory
) -> None:
    plan = agree_on(db, make_plan(db, ada), nadia)
    nadia.roles = []
    db.commit()
    assert find_readable(db, plan.id, nadia.id) is None
    paul = make.user("facilitator", "learner")
    own = make_plan(db, paul)
    agreeing.share_plan(db, paul.id, now=NOW)
    agreeing.ask_agreement(db, paul.id, now=NOW)
    with pytest.raises(NotYours):
        agreeing.agree(db, own.id, paul.id, own.revision, now=NOW)


@both
def test_both_agree_each_dated_and_signed_and_what_was_agreed_never_changes(
    db: Session, nadia: User, ada: User
) -> None:
    plan = make_plan(db, ada)
    agreeing.share_plan(db, ada.id, now=NOW)
    with pytest.raises(Refused) as refused:
        agreeing.agree(db, plan.id, nadia.id, plan.revision, now=NOW)
    assert refused.value.code == "not_asked"
    db.rollback()
    agreeing.share_plan(db, ada.id, now=NOW)
    agreeing.ask_agreement(db, ada.id, now=NOW)
    assert [one.id for one in list_waiting(db, nadia.id)] == [plan.id]
    later = NOW + timedelta(days=1)
    agreeing.agree(db, plan.id, nadia.id, plan.revision, now=later)
    db.commit()
    (first,) = plan.agreements
    assert (plan.state, first.asked_at, first.agreed_at) == (AGREED, NOW, later)
    assert first.agreed_by_id == nadia.id
    assert list_waiting(db, nadia.id) == []
    said = dict(first.content)
    rules.change_step(db, ada.id, plan.steps[0].id, Asked("Autre chose"), now=later)
    db.commit()
    assert plan.state is DRAFT
    db.expire_all()
    assert first.content == said
    assert said["steps"][0]["due"] == in_days(20).isoformat()


CHANGES: dict[str, Callable[[Session, Plan], object]] = {
    "aims": lambda db, plan: rules.set_aims(db, plan.user_id, Aims([AIMS[1]]), now=NOW),
    "words": lambda db, plan: rules.change_step(
        db, plan.user_id, plan.steps[0].id, Asked("Relire", in_days(20)), now=NOW
    ),
    "date": lambda db, plan: rules.change_step(
        db, plan.user_id, plan.steps[0].id, Asked("Lire le programme", in_days(21)), now=NOW
    ),
    "more": lambda db, plan: rules.add_step(db, plan.user_id, Asked("Encore"), now=NOW),
    "less": lambda db, plan: rules.drop_step(db, plan.user_id, plan.steps[0].id, now=NOW),
    "checklist": lambda db, plan: copy_checklist(db, plan.user_id, make_checklist(db).id, now=NOW),
}
NO_CHANGES: dict[str, Callable[[Session, Plan], object]] = {
    "tick": lambda db, plan: rules.tick_step(db, plan.user_id, plan.steps[0].id, True, now=NOW),
    "order": lambda db, plan: rules.move_step(db, plan.user_id, plan.steps[1].id, True, now=NOW),
    "why": lambda db, plan: rules.set_aims(db, plan.user_id, Aims([AIMS[0]], why="x"), now=NOW),
}


@both
@pytest.mark.parametrize("change", [*CHANGES, *NO_CHANGES])
def test_a_change_of_what_was_agreed_makes_a_draft_again_and_nothing_else_does(
    db: Session, nadia: User, ada: User, change: str
) -> None:
    plan = make_plan(db, ada, Asked("Lire le programme", in_days(20)), Asked("Candidater"))
    agree_on(db, plan, nadia)
    before = len(mails(db, nadia, "plan_team"))
    {**CHANGES, **NO_CHANGES}[change](db, plan)
    db.commit()
    db.expire_all()
    is_change = change in CHANGES
    assert plan.state is (DRAFT if is_change else AGREED)
    assert says_the_same(plan, plan.agreements[-1].content) == (not is_change)
    assert len(mails(db, nadia, "plan_team")) - before == int(is_change)


@both
def test_nobody_agrees_to_what_they_have_not_seen(db: Session, nadia: User, ada: User) -> None:
    plan = make_plan(db, ada)
    agreeing.share_plan(db, ada.id, now=NOW)
    agreeing.ask_agreement(db, ada.id, now=NOW)
    seen = plan.revision
    rules.add_step(db, ada.id, Asked("Glissée entre-temps"), now=NOW)
    db.commit()
    with pytest.raises(Refused) as refused:
        agreeing.agree(db, plan.id, nadia.id, seen, now=NOW)
    assert refused.value.code == "changed_meanwhile"
    db.rollback()
    with pytest.raises(Refused) as refused:  # nor to what the person did not ask it for
        agreeing.agree(db, plan.id, nadia.id, plan.revision, now=NOW)
    assert refused.value.code == "not_asked"
    db.rollback()
    agreeing.ask_agreement(db, ada.id, now=NOW)
    agreeing.agree(db, plan.id, nadia.id, plan.revision, now=NOW)
    assert plan.agreements[0].content == freeze(plan)


def test_a_plan_that_is_done_is_its_owners_to_show_no_longer(
    db: Session, nadia: User, ada: User, client: LookingClient
) -> None:
    plan = make_plan(db, ada)
    agreeing.share_plan(db, ada.id, now=NOW)
    agreeing.close_plan(db, ada.id, "Fini", now=NOW)
    db.commit()
    page = f"/plans/{plan.id}"
    assert client.sign_in(nadia).get(page).status_code == 200
    assert client.post(f"{page}/ne-plus-montrer").status_code == 404
    assert "Ne plus le montrer" in client.sign_in(ada).get(page).text
    assert client.post(f"{page}/ne-plus-montrer").status_code == 302
    assert client.sign_in(nadia).get(page).status_code == 404


@both
def test_a_proposal_says_not_yet_and_the_person_alone_changes_their_plan(
    app: Flask, db: Session, nadia: User, ada: User
) -> None:
    plan = make_plan(db, ada)
    with pytest.raises(NotYours):
        agreeing.propose_change(db, plan.id, nadia.id, "Et le DIU ?", now=NOW)
    db.rollback()
    agreeing.share_plan(db, ada.id, now=NOW)
    agreeing.ask_agreement(db, ada.id, now=NOW)
    before = freeze(plan)
    agreeing.propose_change(db, plan.id, nadia.id, "Et le DIU ?", now=NOW)
    db.commit()
    assert (plan.asked_at, plan.state, freeze(plan)) == (None, DRAFT, before)
    (mail,) = mails(db, ada, "plan")
    words = render_mail(mail, app.config["TIERSLIEU"])
    for form in (words.subject, words.text, words.html):
        assert "DIU" not in form
        assert "programme" not in form
    assert "/mon-plan" in words.text


@both
def test_the_team_that_has_a_part_in_it_hears_by_day_that_something_changed_and_not_what(
    app: Flask, db: Session, nadia: User, ada: User, make: Factory
) -> None:
    paul = make.user("facilitator")
    take(db, make_slots(db, nadia)[0], ada)
    plan = make_plan(db, ada)
    night = NOW.replace(hour=23)
    agreeing.share_plan(db, ada.id, now=night)
    agreeing.ask_agreement(db, ada.id, now=night)
    db.commit()
    (mail,) = mails(db, nadia, "plan_team")
    assert mail.next_try_at == NOW.replace(hour=8) + timedelta(days=1)
    assert mails(db, paul, "plan_team") == []
    words = render_mail(mail, app.config["TIERSLIEU"])
    assert f"/plans/{plan.id}" in words.text
    assert "programme" not in words.text + words.html
    assert AIMS[0] not in words.text + words.html


@both
def test_a_closed_plan_stays_readable_as_it_is_and_a_new_one_may_follow(
    db: Session, nadia: User, ada: User
) -> None:
    plan = agree_on(db, make_plan(db, ada), nadia)
    agreeing.close_plan(db, ada.id, "J’enseigne.", now=NOW)
    db.commit()
    assert (plan.state, plan.events[-1].actor_id) == (DONE, ada.id)
    assert find_open(db, ada.id) is None
    for act in (
        lambda: rules.add_step(db, ada.id, Asked("Trop tard"), now=NOW),
        lambda: agreeing.withdraw_plan(db, ada.id, now=NOW),
        lambda: agreeing.propose_change(db, plan.id, nadia.id, "Trop tard", now=NOW),
    ):
        with pytest.raises(Refused):
            act()
        db.rollback()
    following = make_plan(db, ada)
    assert following.id != plan.id
    assert len(list_readable_of(db, ada.id, ada.id)) == 2
    assert [one.id for one in list_readable_of(db, ada.id, nadia.id)] == [plan.id]


def test_a_draft_is_thrown_away_and_what_was_agreed_once_is_not(
    db: Session, nadia: User, ada: User
) -> None:
    make_plan(db, ada)
    rules.drop_plan(db, ada.id)
    db.commit()
    assert find_open(db, ada.id) is None
    agree_on(db, make_plan(db, ada), nadia)
    with pytest.raises(Refused) as refused:
        rules.drop_plan(db, ada.id)
    assert refused.value.code == "agreed_once"


@both
@pytest.mark.proof
def test_who_presses_everywhere_at_once_has_one_plan_and_one_agreement(
    app: Flask, db: Session, nadia: User, ada: User
) -> None:
    who, team = ada.id, nadia.id
    at_once(app, lambda session, n: rules.set_aims(session, who, Aims([], f"Visée {n}"), now=NOW))
    db.rollback()
    plans = list_readable_of(db, who, who)
    assert len(plans) == 1
    rules.add_step(db, who, Asked("Lire"), now=NOW)
    agreeing.share_plan(db, who, now=NOW)
    plan = agreeing.ask_agreement(db, who, now=NOW)
    db.commit()
    plan_id, seen = plan.id, plan.revision
    db.rollback()

    def press(session: Session, number: int) -> object:
        if number % 2:
            return rules.add_step(session, who, Asked(f"Étape {number}"), now=NOW)
        return agreeing.agree(session, plan_id, team, seen, now=NOW)

    at_once(app, press)
    db.expire_all()
    found = find_open(db, who)
    assert found is not None
    assert len(found.agreements) <= 1
    if found.agreements:
        assert [one["title"] for one in found.agreements[0].content["steps"]] == ["Lire"]
        assert found.state is DRAFT, "what was added afterwards is not agreed"
    assert step_of(found, "Lire")
    assert len(found.steps) == 4
