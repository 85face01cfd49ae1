"""Things to read, events to come and a closed pilot, for the demonstration place."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.clock import days
from tierslieu.community.contents.models import Content, Rights
from tierslieu.community.contents.rules import ContentFacts, save_content
from tierslieu.community.entries.queries import viewer_of
from tierslieu.community.entries.rules import attach, hide
from tierslieu.community.events.models import OpenTo
from tierslieu.community.events.rules import EventFacts, save_event, say_coming
from tierslieu.community.pilots.rules import invite, save_pilot
from tierslieu.house import Stage
from tierslieu.people.models import User
from tierslieu.uploads.rules import store_upload
from tierslieu.web.formats import long_day

PILOT = "Élèves-ingénieurs en classe"


def play(db: Session, stage: Stage) -> None:
    """Facilitators and learners fill both bases; a pilot keeps some of it apart."""
    told = json.loads(
        files("tierslieu.community").joinpath("demonstration.json").read_text("utf-8")
    )
    people, team = stage.props["people"], stage.props["facilitators"][0]
    pilot = save_pilot(
        db, None, name=PILOT, description=told["pilot"], actor_id=team, now=stage.today - days(20)
    )
    members = ", ".join(db.get_one(User, people[one]).email for one in told["members"])
    members = f"{members}, invite@example.org"
    invite(db, pilot.id, members, actor_id=team, now=stage.today - days(20))
    db.flush()
    for number, facts in enumerate(told["contents"]):
        _share(db, stage, pilot.id, facts, number)
    for facts in told["events"]:
        _announce(db, stage, pilot.id, facts)


def _share(
    db: Session, stage: Stage, pilot_id: UUID, facts: dict[str, Any], number: int
) -> Content:
    now = stage.today - days(18 - number)
    viewer = viewer_of(db, db.get_one(User, stage.props["people"][facts.pop("by")]))
    team = viewer_of(db, db.get_one(User, stage.props["facilitators"][0]))
    file, hidden = facts.pop("file", None), facts.pop("hidden", None)
    placed = {
        "pilot_id": pilot_id if facts.pop("in_pilot", False) else None,
        "is_public": facts.pop("is_public", False),
    }
    told = ContentFacts(**{**facts, "rights": Rights(facts["rights"])})
    entry = save_content(db, viewer, None, told, now=now, **placed)
    if file and viewer.user_id:
        shelf, data = stage.settings.uploads, file["text"].encode()
        upload = store_upload(db, shelf, viewer.user_id, file["name"], data, now=now)
        attach(db, Content, viewer, entry.id, upload, now=now)
    if hidden:
        hide(db, Content, team, entry.id, reason=hidden, now=now + days(1))
    return entry


def _announce(db: Session, stage: Stage, pilot_id: UUID, facts: dict[str, Any]) -> None:
    now = stage.today - days(15)
    viewer = viewer_of(db, db.get_one(User, stage.props["people"][facts.pop("by")]))
    placed = {
        "pilot_id": pilot_id if facts.pop("in_pilot", False) else None,
        "is_public": facts.pop("is_public", False),
    }
    coming, ahead = facts.pop("coming", 0), facts.pop("in_days", None)
    facts["date_words"] = _say_when(stage, facts.get("date_words", "{day}"), ahead or 0)
    told = EventFacts(**{**facts, "open_to": OpenTo(facts["open_to"])})
    entry = save_event(db, viewer, None, told, now=now, **placed)
    for rank, user_id in enumerate(stage.props["learners"][:coming]):
        comer = viewer_of(db, db.get_one(User, user_id))
        say_coming(db, comer, entry.id, is_named=rank % 3 != 2, now=now)


def _say_when(stage: Stage, words: str, ahead: int) -> str:
    """The words of a date so many days ahead, whatever the day the place is opened."""
    day = long_day(stage.today + days(ahead), "fr")
    _number, month, year = day.split()
    return words.format(day=day, month=month, year=year, next_year=stage.today.year + 1)
