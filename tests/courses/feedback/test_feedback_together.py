"""Several people who saw the same thing: «moi aussi», and duplicates merged into one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.feedback.models import CourseFeedback, FeedbackState, MeToo
from courses.feedback.offers import export_me_too, timeline
from courses.feedback.queries import Filter, count_received, list_reports, list_shown
from courses.feedback.rules import change_state, send_many
from courses.feedback.together.rules import merge_reports, say_me_too, take_back_me_too
from courses.paths.models import Step
from tests.support.at_once import AT_ONCE, at_once
from tests.support.courses import NOW, make_path, steps_of
from tests.support.factories import Factory
from tests.support.feedback import BODY, bring, make_report
from tierslieu.errors import NotYours, Refused
from tierslieu.house import PersonalData
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import User
from tierslieu.people.rights.labels import labels

CONFIRMED, SENT = FeedbackState.CONFIRMED, FeedbackState.SENT
FIXED, REFUSED = FeedbackState.FIXED, FeedbackState.REFUSED


@pytest.fixture
def step(db: Session) -> Step:
    return steps_of(db, make_path(db))[0]


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator")


def shown(db: Session, make: Factory, step: Step, team: User, body: str = BODY) -> CourseFeedback:
    return bring(db, make_report(db, make.user(), step, body), CONFIRMED, team)


def count(db: Session, report: CourseFeedback) -> int:
    db.rollback()
    query = select(func.count(MeToo.id)).where(MeToo.feedback_id == report.id)
    return db.scalar(query) or 0


def mails(db: Session, template: str) -> list[str]:
    query = select(OutboxMessage.recipient).where(OutboxMessage.template == template)
    return sorted(db.scalars(query))


@pytest.mark.both_databases
def test_one_says_it_once_adds_to_it_and_takes_it_back(
    db: Session, make: Factory, step: Step, team: User
) -> None:
    report, person = shown(db, make, step, team), make.user()
    say_me_too(db, person.id, report.id, now=NOW)
    db.commit()
    say_me_too(db, person.id, report.id, now=NOW, detail=" Sur mobile aussi. ", wants_mail=False)
    db.commit()
    said = db.scalars(select(MeToo)).one()
    assert (said.detail, said.wants_mail) == ("Sur mobile aussi.", False)
    assert export_me_too(db, person.id)[0]["detail"] == "Sur mobile aussi."
    assert take_back_me_too(db, person.id, report.id) is True
    db.commit()
    assert take_back_me_too(db, person.id, report.id) is False
    assert count(db, report) == 0


@pytest.mark.parametrize("state", list(FeedbackState))
@pytest.mark.parametrize("is_shown", [True, False])
def test_others_read_what_the_team_has_read_shows_and_keeps_open(
    db: Session, make: Factory, step: Step, team: User, state: FeedbackState, is_shown: bool
) -> None:
    report = make_report(db, make.user(), step)
    report.state, report.is_shown = state, is_shown
    db.commit()
    may_read = is_shown and state in (CONFIRMED, SENT)
    assert (list_shown(db, step) == [report]) is may_read
    if may_read:
        say_me_too(db, make.user().id, report.id, now=NOW)
    else:
        with pytest.raises(NotYours):
            say_me_too(db, make.user().id, report.id, now=NOW)


def test_one_does_not_say_it_of_ones_own_nor_at_length(
    db: Session, make: Factory, step: Step, team: User
) -> None:
    report = shown(db, make, step, team)
    assert report.author_id is not None
    for person_id, detail, code in (
        (report.author_id, "", "own_report"),
        (make.user().id, "x" * 1001, "detail_too_long"),
    ):
        with pytest.raises(Refused) as refused:
            say_me_too(db, person_id, report.id, now=NOW, detail=detail)
        assert refused.value.code == code
    assert count(db, report) == 0


@pytest.mark.both_databases
def test_twice_at_once_counts_one(
    app: Flask, db: Session, make: Factory, step: Step, team: User
) -> None:
    report_id, person_id = shown(db, make, step, team).id, make.user().id
    db.rollback()

    def say(session: Session, number: int) -> None:
        say_me_too(session, person_id, report_id, now=NOW, detail=f"Vu {number}")

    assert at_once(app, say) == ["done"] * AT_ONCE
    db.rollback()
    assert db.scalar(select(func.count(MeToo.id))) == 1


@pytest.mark.parametrize("end", [FIXED, REFUSED])
def test_whoever_wishes_is_told_the_end_and_only_the_end(
    db: Session, make: Factory, step: Step, team: User, end: FeedbackState
) -> None:
    report, told, silent = shown(db, make, step, team), make.user(), make.user()
    say_me_too(db, told.id, report.id, now=NOW)
    say_me_too(db, silent.id, report.id, now=NOW, wants_mail=False)
    db.commit()
    bring(db, report, SENT, team)
    assert mails(db, "feedback_me_too_answered") == []
    bring(db, report, end, team, word="Voici pourquoi.")
    assert mails(db, "feedback_me_too_answered") == [told.email]
    query = select(OutboxMessage).where(OutboxMessage.template == "feedback_me_too_answered")
    context = db.scalars(query).one().context
    assert BODY not in str(context), "what somebody else wrote is not mailed"


@pytest.mark.both_databases
def test_a_duplicate_lives_on_in_the_other_and_each_person_counts_once(
    db: Session, make: Factory, step: Step, team: User
) -> None:
    into, double = shown(db, make, step, team), shown(db, make, step, team, "Le quiz se trompe !")
    both, one, author = make.user(), make.user(), db.get_one(User, double.author_id)
    say_me_too(db, both.id, into.id, now=NOW)
    say_me_too(db, both.id, double.id, now=NOW, detail="Deux fois vu")
    say_me_too(db, one.id, double.id, now=NOW)
    assert into.author_id is not None
    say_me_too(db, into.author_id, double.id, now=NOW)
    db.commit()
    merge_reports(db, double.id, into.id, actor_id=team.id, now=NOW + timedelta(days=1))
    db.commit()
    query = select(MeToo.user_id).where(MeToo.feedback_id == into.id)
    assert set(db.scalars(query)) == {both.id, one.id, author.id}
    assert count(db, into) == 3
    assert mails(db, "feedback_merged") == [author.email]
    assert [report.id for report in list_reports(db, Filter())] == [into.id]
    db.refresh(double)
    assert (double.body, double.events[-1].merged_into_id) == ("Le quiz se trompe !", into.id)
    titles = [event.title for event in timeline(db, author.id, NOW)]
    assert titles[-1] == "Signalement réuni à un autre"
    assert count_received(db, NOW - timedelta(days=1), NOW + timedelta(days=1)) == (2, 2)
    bring(db, into, FIXED, team)
    assert author.email in mails(db, "feedback_me_too_answered")
    with pytest.raises(Refused) as refused:
        change_state(db, double.id, SENT, actor_id=team.id, now=NOW)
    assert refused.value.code == "merged"


def test_no_chain_grows_and_no_loop_closes(
    db: Session, make: Factory, step: Step, team: User
) -> None:
    one, two, three = (make_report(db, make.user(), step, f"Le même ennui, {n}") for n in "abc")

    def merge(report: CourseFeedback, into: CourseFeedback) -> str:
        try:
            merge_reports(db, report.id, into.id, actor_id=team.id, now=NOW)
            db.commit()
        except Refused as refused:
            db.rollback()
            return refused.code
        return "done"

    assert merge(one, one) == "same_report"
    assert merge(one, two) == "done"
    assert merge(two, one) == "target_merged"
    assert merge(three, one) == "target_merged"
    assert merge(one, three) == "already_merged"
    assert merge(two, three) == "done"
    db.expire_all()
    assert (one.merged_into_id, two.merged_into_id) == (three.id, three.id)
    assert merge(three, two) == "target_merged"
    assert count(db, three) == 2
    closed = bring(db, make_report(db, make.user(), step, "Clos depuis hier"), FIXED, team)
    assert merge(closed, three) == "not_open"
    elsewhere = make_report(db, make.user(), steps_of(db, make_path(db, "autre"))[0])
    assert merge(elsewhere, three) == "other_path"


@pytest.mark.both_databases
def test_two_merged_into_each_other_at_once_make_no_loop(
    app: Flask, db: Session, make: Factory, step: Step, team: User
) -> None:
    ids = [make_report(db, make.user(), step, f"Le même ennui, {n}").id for n in "ab"]
    team_id = team.id
    db.rollback()

    def merge(session: Session, number: int) -> None:
        report, into = ids if number % 2 else reversed(ids)
        merge_reports(session, report, into, actor_id=team_id, now=NOW)

    outcomes = at_once(app, merge)
    assert outcomes.count("done") == 1
    assert set(outcomes) == {"done", "target_merged", "already_merged"}


def test_many_are_sent_together_and_what_was_closed_is_left(
    db: Session, make: Factory, step: Step, team: User
) -> None:
    new, confirmed = make_report(db, make.user(), step), shown(db, make, step, team, "Confirmé là")
    closed = bring(db, make_report(db, make.user(), step, "Clos depuis hier"), REFUSED, team)
    ids = [new.id, confirmed.id, closed.id, new.id]
    url = "https://example.org/tickets/7"
    told = send_many(db, ids, actor_id=team.id, now=NOW, word="Parti.", upstream_url=url)
    db.commit()
    assert told == (2, 1)
    assert (new.state, confirmed.state, closed.state) == (SENT, SENT, REFUSED)
    assert (new.upstream_url, closed.upstream_url) == (url, "")
    assert (new.is_shown, confirmed.is_shown) == (False, True), "sending shows nothing by itself"
    for values, code in (
        ({"upstream_url": "javascript:alert(1)"}, "bad_link"),
        ({"word": "x" * 2001}, "word_too_long"),
    ):
        other = make_report(db, make.user(), step, f"Encore un, {code}")
        with pytest.raises(Refused) as refused:
            send_many(db, [other.id], actor_id=team.id, now=NOW, **values)  # type: ignore[arg-type]
        assert refused.value.code == code
        db.rollback()


def test_the_count_outlives_the_person_not_their_words(
    app: Flask, db: Session, make: Factory, step: Step, team: User
) -> None:
    report, person = shown(db, make, step, team), make.user()
    say_me_too(db, person.id, report.id, now=NOW, detail="Chez moi, au 3 rue des Lilas.")
    db.commit()
    held = app.extensions["tierslieu.house"].all(PersonalData)
    (data,) = [one for one in held if one.name == "course_feedback_me_too"]
    (row,) = data.export(db, person.id)
    assert row["detail"] == "Chez moi, au 3 rue des Lilas."
    assert set(row) <= set(labels())
    data.erase(db, person.id)
    db.commit()
    assert data.export(db, person.id) == []
    assert db.scalars(select(MeToo.detail)).all() == [""]
    assert count(db, report) == 1
    bring(db, report, FIXED, team)
    assert mails(db, "feedback_me_too_answered") == []
