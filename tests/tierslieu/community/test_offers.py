"""What the bases offer: a person's data and its erasure."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.community import announce, join_file, make_pilot, share, viewing
from tests.support.factories import Factory
from tests.support.sessions import NOW
from tierslieu.clock import days
from tierslieu.community.contents.models import Content
from tierslieu.community.entries.models import BaseKind
from tierslieu.community.events.models import Event, EventComer
from tierslieu.community.events.rules import say_coming
from tierslieu.community.imports.models import ImportDraft
from tierslieu.community.imports.rules import draft_import
from tierslieu.community.pilots.models import PilotMember
from tierslieu.house import House, Job, PersonalData
from tierslieu.people.models import User
from tierslieu.settings import Settings

pytestmark = pytest.mark.both_databases
TEXT = "Objet;Contenu;Description;Lien;Auteur;Libre de droit\nx;;;;;non\n"


def offer(app: Flask, kind: Any, name: str) -> Any:
    house: House = app.extensions["tierslieu.house"]
    return next(one for one in house.all(kind) if one.name == name)


def everything_of(db: Session, person: User, team: User, settings: Settings) -> None:
    """A content with a file, an event one comes to, a pilot, a file that waits."""
    pilot = make_pilot(db, team, person.email)
    content = share(db, person, author=person.name, pilot_id=pilot.id)
    join_file(db, settings, content, person)
    event = announce(db, person, author="Quelqu’un d’autre")
    say_coming(db, viewing(db, person), event.id, is_named=True, now=NOW)
    draft_import(
        db, viewing(db, person), BaseKind.CONTENTS, None, text=TEXT, filename="liste.csv", now=NOW
    )
    db.commit()


def test_everything_held_on_a_person_is_exported(
    app: Flask, db: Session, make: Factory, team: User, settings: Settings
) -> None:
    person = make.user("facilitator", name="Zoé Leroy")
    everything_of(db, person, team, settings)
    share(db, team, "À quelqu’un d’autre")
    data = offer(app, PersonalData, "community").export(db, person.id)
    assert json.loads(json.dumps(data)) == data
    (content,), (event,) = data["contents"], data["events"]
    assert (content["Objet"], content["in_pilot"], content["files"]) == (
        "Le réseau de ficelle",
        True,
        ["plan.txt"],
    )
    assert (event["Date"], event["Ouvert"]) == ("14 décembre 2026", "oui")
    assert [one["is_named"] for one in data["coming"]] == [True]
    assert [one["pilot"] for one in data["pilots"]] == ["Pilote secret"]
    assert [one["filename"] for one in data["imports"]] == ["liste.csv"]


def test_erasing_a_person_leaves_what_they_shared_without_them(
    app: Flask, db: Session, make: Factory, team: User, settings: Settings
) -> None:
    person = make.user("facilitator", name="Zoé Leroy")
    everything_of(db, person, team, settings)
    offer(app, PersonalData, "community").erase(db, person.id)
    offer(app, PersonalData, "uploads").erase(db, person.id)
    db.commit()
    db.expire_all()
    content, event = db.scalars(select(Content)).one(), db.scalars(select(Event)).one()
    assert (content.owner_id, content.author, content.files) == (None, "", [])
    assert "leroy" not in content.search_text
    assert (event.owner_id, event.author) == (None, "Quelqu’un d’autre")
    for model in (EventComer, PilotMember, ImportDraft):
        assert db.scalar(select(func.count()).select_from(model)) == 0


def test_files_that_nobody_confirmed_go_after_a_week(app: Flask, db: Session, team: User) -> None:
    viewer = viewing(db, team)
    draft_import(db, viewer, BaseKind.CONTENTS, None, text=TEXT, filename="x", now=NOW)
    db.commit()
    job = offer(app, Job, "community_drafts")
    assert job.run(db, NOW + days(8)) == 1
    assert job.run(db, NOW + days(8)) == 0
