"""A study of the demonstration: made by its researcher, agreed to by many, refused by some."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.house import Occasion, Stage
from tierslieu.surveys.queries import find_instrument
from tierslieu.surveys.studies.agreeing import agree, refuse
from tierslieu.surveys.studies.designing import (
    StudyFacts,
    WaveFacts,
    add_wave,
    begin_study,
    describe_study,
    open_study,
    write_text,
)
from tierslieu.surveys.studies.due import ENTRY

TEXT = """**Ce que cherche l’étude.** Savoir si l’on se sent plus à l’aise pour enseigner \
l’informatique après quelques semaines ici, et ce qui y aide.

**Ce qu’on vous demande.** Deux fois cinq minutes : en entrant dans l’étude, puis \
six semaines après.

**Ce qui est réuni, sous un code qui n’est que pour cette étude :** vos réponses, vos présences, \
votre progression, vos badges, votre tranche d’âge et votre genre si vous les avez dits. Jamais \
votre nom, votre adresse ni votre ville.

**Combien de temps.** Jusqu’en juin {year}. La clé qui relie le code à vous est alors détruite.

Vous pouvez dire non, ou changer d’avis à tout moment, sans donner de raison : rien d’autre ne \
change ici."""


def play_study(db: Session, stage: Stage, period: timedelta) -> None:
    """Open a study with two waves, nearly as long ago as the demonstration goes back."""
    researcher: UUID | None = stage.props["people"].get("researcher@example.org")
    instrument = find_instrument(db, "confiance", 1)
    if researcher is None or instrument is None:
        return
    opened = stage.today - period + timedelta(days=4)
    study = begin_study(db, "Enseigner l’informatique en confiance", researcher, now=opened)
    describe_study(
        db,
        study.id,
        StudyFacts(
            title=study.title,
            description="Se sent-on plus à l’aise pour enseigner l’informatique après quelques "
            "semaines au tiers-lieu ?",
            responsible="Claire Aubert, laboratoire de sciences de l’éducation, "
            "claire.aubert@example.org",
            path_id=None,
        ),
    )
    text = TEXT.format(year=stage.today.year + 2)
    write_text(db, study.id, text, allows_texts=True)
    occasions: dict[str, Occasion] = {one.key: one for one in stage.house.all(Occasion)}
    for title, delay in (("En entrant", 0), ("Six semaines après", 42)):
        facts = WaveFacts(title, ENTRY, delay, instrument.id, 30, 1, 7)
        add_wave(db, study.id, facts, occasions)
    open_study(db, study.id, stage.settings.keys, now=opened)
    shown = stage.props["people"]["learner@example.org"]
    for rank, user_id in enumerate(stage.props["learners"]):
        if user_id != shown:
            _decide(db, study.id, user_id, rank, opened)


def _decide(db: Session, study_id: UUID, user_id: UUID, rank: int, opened: datetime) -> None:
    at = opened + timedelta(days=rank % 17, hours=2, minutes=rank)
    if rank % 4 == 3:
        refuse(db, user_id, study_id, now=at)
    else:
        agree(db, user_id, study_id, 1, now=at)
