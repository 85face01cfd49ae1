"""Endorsements in the demonstration place: a badge that a rectorat endorses, by the same rules."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from badges.designs.queries import list_badges
from badges.endorsements import giving, rules, signing
from badges.endorsements.signing import Statement
from tierslieu.clock import days
from tierslieu.house import Stage
from tierslieu.people.models import User

COMMENT = (
    "Nous avons lu les critères de ce badge avec l’équipe du lieu : ils correspondent à ce que "
    "nous attendons en formation continue."
)


def play(db: Session, stage: Stage) -> None:
    """One badge is endorsed, another waits for an answer."""
    asker = db.get_one(User, stage.props["facilitators"][0])
    badges = [badge for badge in list_badges(db) if badge.frozen_at is not None]
    if len(badges) < 2:
        return
    slug, other, now = badges[0].slug, badges[1].slug, stage.today - days(9)
    asked = rules.ask_about_badge(
        db,
        slug,
        rules.Question(
            "Rectorat de l’académie (exemple)",
            "https://rectorat.example/",
            "formation@rectorat.example",
            "",
        ),
        asker=asker,
        now=now,
    )
    statement = Statement(
        organisation="Rectorat de l’académie (exemple)",
        website="https://rectorat.example/",
        signer_name="Dominique Exemple",
        signer_role="délégation à la formation",
        comment=COMMENT,
        months=36,
    )
    answered = now + timedelta(hours=26)
    signed = signing.sign_here(db, stage.settings, asked.endorsement, statement, now=answered)
    giving.give(
        db,
        stage.settings,
        asked.secret,
        signed,
        read=signing.fingerprint(asked.endorsement),
        now=answered,
    )
    rules.ask_about_badge(
        db,
        other,
        rules.Question("INSPÉ (exemple)", "", "direction@inspe.example", ""),
        asker=asker,
        now=stage.today - days(2),
    )
