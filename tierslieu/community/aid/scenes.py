"""A living group on the path NSI, for the demonstration place."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from courses.enrolments.queries import list_following
from courses.paths.queries import current_version, find_path
from tierslieu.clock import days
from tierslieu.community.aid.asks.rules import answer, ask_for_help, close_silent, solve
from tierslieu.community.aid.groups.queries import Group, Reader, reader_of
from tierslieu.community.aid.groups.rules import join_aid
from tierslieu.community.aid.groups.words import first_name_and_initial
from tierslieu.community.aid.helping.rules import Help, save_offer
from tierslieu.community.aid.models import AidMessage, Notices, ReportReason
from tierslieu.community.aid.moderation.rules import report
from tierslieu.house import Stage
from tierslieu.people.models import User

ASKER = -1  # learner2, who follows NSI


class _Cast:
    """Who plays: numbers of the script, and the people who follow the path."""

    def __init__(self, db: Session, first: UUID, others: list[UUID]) -> None:
        self.db, self.first, self.others = db, first, others

    def __call__(self, number: int) -> Reader:
        user_id = self.first if number == ASKER else self.others[number % len(self.others)]
        return reader_of(self.db, self.db.get_one(User, user_id))


def play(db: Session, stage: Stage) -> None:
    """Some who follow NSI join, offer help, ask, answer; one message is reported."""
    text = files("tierslieu.community.aid").joinpath("demonstration.json").read_text("utf-8")
    told = json.loads(text)
    path = find_path(db, told["path"])
    version = current_version(db, path.id) if path is not None else None
    if path is None or version is None:
        return
    first: UUID = stage.props["people"]["learner2@example.org"]
    following = list_following(db, path.id, offset=0, limit=20)
    others = [one.user_id for one in following if one.user_id != first][:8]
    if len(others) < 3:
        return
    for user_id in (first, *others):
        name = first_name_and_initial(db.get_one(User, user_id).name)
        notices = Notices.EACH if user_id == first else Notices.DIGEST
        then = stage.today - days(50)
        join_aid(db, user_id, shown_name=name, accepts=0, notices=notices, now=then)
        reader_of(db, db.get_one(User, user_id)).member.told_at = stage.today  # type: ignore[union-attr]
    db.flush()
    cast, group = _Cast(db, first, others), Group(path, None)
    keys = [step.key for step in version.steps]
    for facts in told["offers"]:
        _offer(db, stage, cast, group, facts, keys)
    asks = [_ask(db, stage, cast, group, facts, keys) for facts in told["asks"]]
    close_silent(db, stage.today)
    _report(db, stage, cast, asks, told["report"])


def _offer(
    db: Session, stage: Stage, cast: _Cast, group: Group, facts: dict[str, Any], keys: list[str]
) -> None:
    steps = frozenset(keys[number] for number in facts.pop("steps"))
    reader = cast(facts.pop("by"))
    save_offer(db, reader, group, Help(steps, **facts), steps=keys, now=stage.today - days(20))


def _ask(
    db: Session, stage: Stage, cast: _Cast, group: Group, facts: dict[str, Any], keys: list[str]
) -> UUID:
    now: datetime = stage.today - days(facts["ago"])
    step = facts["step"]
    asker = cast(facts["by"])
    ask = ask_for_help(
        db,
        asker,
        group,
        title=facts["title"],
        words=facts["words"],
        step_key="" if step is None else keys[step],
        steps=keys,
        now=now,
    )
    thanked = set()
    for number, said in enumerate(facts["answers"], start=1):
        message: AidMessage = answer(
            db, cast(said["by"]), ask.id, said["words"], now=now + timedelta(hours=2 * number)
        )
        if said.get("thanks"):
            thanked.add(message.id)
    if facts.get("solved"):
        solve(db, asker, ask.id, thanked, now=now + days(1))
    return ask.id


def _report(
    db: Session, stage: Stage, cast: _Cast, asks: list[UUID], facts: dict[str, Any]
) -> None:
    said, now = facts["answer"], stage.today - timedelta(hours=20)
    message = answer(db, cast(said["by"]), asks[facts["ask"]], said["words"], now=now)
    report(
        db,
        cast(facts["by"]),
        message.id,
        reason=ReportReason(facts["reason"]),
        words=facts["words"],
        now=now + timedelta(hours=1),
    )
