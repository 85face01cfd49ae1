"""A facilitator's judgement: checked, kept beside the award, published as far as they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from badges.awards.facts import Judgement
from badges.awards.models import AwardJudgement
from badges.designs.models import BadgeClass, BadgeCriterion, CriterionKind
from badges.engine import credentials
from tierslieu.errors import Refused
from tierslieu.people.models import User
from tierslieu.uploads.rules import has_room, row_of
from tierslieu.web.links import clean_url

MAX_REASON = 2000  # characters


def check_judgement(judgement: Judgement) -> Judgement:
    """The same, tidied. Raises :class:`Refused`: ``reason_missing``, ``reason_too_long`` (field
    ``reason``), ``bad_link`` (field ``url``)."""
    reason = judgement.reason.strip().replace("\r\n", "\n")
    if not reason:
        raise _refusal(
            _("Écrivez ce que vous avez constaté : la personne le lira, et il fonde le badge."),
            "reason_missing",
        )
    if len(reason) > MAX_REASON:
        raise _refusal(
            _("Ce texte est trop long : 2 000 caractères sont possibles."), "reason_too_long"
        )
    return replace(judgement, reason=reason, url=clean_url(judgement.url))


def _refusal(message: str, code: str) -> Refused:
    return Refused(message, code=code, field="reason", status=422)


def judged(
    badge: BadgeClass, stated: Mapping[UUID, Judgement]
) -> list[tuple[BadgeCriterion, Judgement]]:
    """What was stated of what this badge asks to be judged, in its order, checked."""
    return [
        (condition, check_judgement(stated[condition.id]))
        for condition in badge.conditions
        if condition.kind is CriterionKind.JUDGEMENT and condition.id in stated
    ]


def check_room(db: Session, person: User, stated: Iterable[Judgement]) -> None:
    """The files joined find room among this person's. Raises :class:`Refused`: ``file_no_room``
    (field ``file``)."""
    size = sum(judgement.file.size for judgement in stated if judgement.file)
    if size and not has_room(db, person.id, size):
        raise Refused(
            _(
                "Les fichiers de %(name)s prennent déjà toute la place prévue, 500 Mo : donnez un "
                "lien à la place du fichier.",
                name=person.name,
            ),
            code="file_no_room",
            field="file",
        )


def keep(
    found: Sequence[tuple[BadgeCriterion, Judgement]], owner_id: UUID, now: datetime
) -> list[AwardJudgement]:
    """The rows that stand beside the award of ``owner_id``."""
    return [
        AwardJudgement(
            position=position,
            statement=condition.statement,
            reason=judgement.reason,
            is_reason_public=judgement.is_reason_public,
            evidence_url=judgement.url,
            is_url_public=judgement.is_url_public and bool(judgement.url),
            upload=row_of(judgement.file, owner_id, now) if judgement.file else None,
        )
        for position, (condition, judgement) in enumerate(found)
    ]


def publish(rows: Sequence[AwardJudgement]) -> list[credentials.Evidence]:
    """What goes into the credential: no more than what is marked as public."""
    return [
        credentials.Evidence(
            name=row.statement,
            narrative=row.reason if row.is_reason_public else None,
            url=row.evidence_url if row.is_url_public else None,
        )
        for row in rows
        if row.is_reason_public or row.is_url_public
    ]
