"""Reports in each state, for the demonstration place."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from functools import partial
from importlib.resources import files
from random import Random
from typing import Any

from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from courses.feedback.digests.links import leave_path
from courses.feedback.digests.rules import (
    add_contact,
    closes_at,
    send_digest,
    set_subscribed,
    week_of,
)
from courses.feedback.models import CourseFeedback, FeedbackKind, FeedbackState
from courses.feedback.rules import change_state, report
from courses.feedback.together.rules import merge_reports, say_me_too
from courses.paths.queries import current_version, find_path
from tierslieu import clock
from tierslieu.clock import days
from tierslieu.house import Stage
from tierslieu.uploads.rules import KeptFile, keep_file

CONFIRMED, SENT = FeedbackState.CONFIRMED, FeedbackState.SENT
FIXED, REFUSED = FeedbackState.FIXED, FeedbackState.REFUSED

WORDS = {
    CONFIRMED: ("Vu aussi de notre côté, merci.", "Reproduit en séance.", ""),
    SENT: ("Transmis avec les retours de la semaine.", ""),
    FIXED: ("Corrigé dans le cours, vérifié ce matin.",),
}
TRACKER = "https://forge.example.org/cours/tickets/"
OFFICE = (9, 18)  # local hours between which somebody of the team answers


def _in_office(at: datetime) -> datetime:
    """The same day, at an hour when somebody is there to answer."""
    hour = clock.to_local(at).hour
    opens, closes = OFFICE
    if opens <= hour < closes:
        return at
    return at + timedelta(hours=opens + hour % (closes - opens) - hour)


def play(db: Session, stage: Stage) -> None:
    """Each report is made by a learner, and followed by facilitators, over the last weeks."""
    random = Random(f"{stage.seed}:feedback")  # noqa: S311 - a demonstration, not a secret
    learners, facilitators = stage.props["learners"], stage.props["facilitators"]
    mine = stage.props["people"]["learner@example.org"]
    made: list[CourseFeedback] = []
    for number, facts in enumerate(_read_reports()):
        path = find_path(db, facts["path"])
        version = current_version(db, path.id) if path else None
        if version is None:
            continue
        step, states = version.steps[facts["step"] - 1], facts["states"]
        at = stage.today - days(random.uniform(12, 40) if states else random.uniform(0.2, 6))
        found = report(
            db,
            mine if number in (0, 1) else random.choice(learners[2:]),
            step.id,
            kind=FeedbackKind(facts["kind"]),
            body=facts["body"],
            unit=step.units[facts["unit"] - 1] if facts["unit"] else "",
            location=facts["location"],
            now=at,
            picture=_picture(stage) if facts.get("picture") else None,
            picture_text=facts.get("picture", ""),
        )
        made.append(found)
        for state in map(FeedbackState, states):
            at = _in_office(at + days(random.uniform(1, 3.5)))
            change_state(
                db,
                found.id,
                state,
                actor_id=random.choice(facilitators),
                now=at,
                word=facts["why"] if state is REFUSED else random.choice(WORDS[state]),
                shown=True,
                upstream_url=f"{TRACKER}{40 + number}" if state is SENT else "",
            )
        if found.state in (CONFIRMED, SENT):
            _say_me_too(db, stage, found, facts, random)
    _merge_double(db, stage, made)
    _tell_course(db, stage)


def _say_me_too(
    db: Session, stage: Stage, found: CourseFeedback, facts: dict[str, Any], random: Random
) -> None:
    """Some who met the same thing, the latest yesterday; the first may add a word."""
    others = [one for one in stage.props["learners"] if one != found.author_id]
    for number, person in enumerate(random.sample(others, random.randint(0, 6))):
        say_me_too(
            db,
            person,
            found.id,
            now=stage.today - days(random.uniform(0.5, 9)),
            detail="" if number else facts.get("also", ""),
            wants_mail=random.random() < 0.8,
        )


def _merge_double(db: Session, stage: Stage, made: list[CourseFeedback]) -> None:
    """Somebody saw what the second report says, and said it in other words."""
    into = next((one for one in made if one.state is SENT), None)
    if into is None:
        return
    author = next(one for one in stage.props["learners"] if one != into.author_id)
    double = report(
        db,
        author,
        into.step_id,
        kind=into.kind,
        body="Même endroit : je me suis perdue entre l’algorithme et le programme.",
        unit=into.unit,
        now=stage.today - days(9),
    )
    at = _in_office(stage.today - days(8))
    actor = stage.props["facilitators"][0]
    merge_reports(db, double.id, into.id, actor_id=actor, now=at)


def _tell_course(db: Session, stage: Stage) -> None:
    """The team of the first path has two addresses, one of which left, and had its mails."""
    path = find_path(db, "snt")
    if path is None:
        return
    leave, since = partial(leave_path, stage.settings), _in_office(stage.today - days(30))
    for address in ("equipe-snt@cours.example", "ancienne-adresse@cours.example"):
        contact = add_contact(
            db, path.id, address, actor_id=stage.props["facilitators"][0], now=since, leave=leave
        )
    set_subscribed(db, contact.id, False, now=since + days(9))
    monday = week_of(stage.today)
    for week in (monday - timedelta(weeks=2), monday - timedelta(weeks=1)):
        now = closes_at(week) + timedelta(minutes=15)
        send_digest(db, path.id, week, now=now, leave=leave)


def _picture(stage: Stage) -> KeptFile:
    """A page of a course that is not there, as a browser shows it."""
    page = Image.new("RGB", (720, 400), "#ffffff")
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 720, 44), fill="#e4e7ec")
    draw.rounded_rectangle((16, 9, 560, 35), 13, fill="#ffffff")
    draw.text((30, 14), "cours.example/bac-a-sable", fill="#1b2433", font_size=16)
    draw.text((60, 130), "404", fill="#a8401f", font_size=72)
    draw.text((60, 225), "Cette page n'existe pas.", fill="#1b2433", font_size=26)
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    return keep_file(stage.settings.uploads, "capture.png", buffer.getvalue())


def _read_reports() -> list[dict[str, Any]]:
    text = files("courses.feedback").joinpath("demonstration.json").read_text("utf-8")
    reports: list[dict[str, Any]] = json.loads(text)["reports"]
    return reports
