"""What a badge asks: groups of conditions that can be checked, and what may be asked at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import text
from sqlalchemy.orm import Session

from badges.designs.models import BadgeClass, BadgeCriterion, BadgeCriterionGroup, CriterionKind
from badges.designs.queries import (
    get_badge,
    list_askable_badges,
    list_families,
    list_requirements,
)
from tierslieu.db import is_sqlite, lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note

MAX_GROUPS = 6
MAX_CONDITIONS = 12  # of one group


@dataclass(frozen=True)
class Condition:
    """A criterion, as a form or a scene states it. ``statement``: what is judged, in words."""

    kind: CriterionKind
    path_id: UUID | None = None
    step_id: UUID | None = None
    count: int = 1
    asked_badge_id: UUID | None = None
    statement: str = ""


@dataclass(frozen=True)
class Group:
    """Conditions of which all (``needed`` None) or at least ``needed`` must hold."""

    conditions: Sequence[Condition]
    needed: int | None = None


def check_groups(
    db: Session, groups: Sequence[Group], *, automatic: bool, badge_id: UUID | None
) -> None:
    """Whether a badge may ask this; under the write lock, before it is written.

    ``badge_id``: the badge that asks, None while it has no row. Raises :class:`Refused`:
    ``no_condition``, ``too_many_conditions``, ``twice``, ``out_of_reach``, ``no_statement``,
    ``unknown_badge``, ``badge_circle``, ``automatic_judgement``, ``automatic_session``.
    """
    _check_shape(groups)
    conditions = [condition for group in groups for condition in group.conditions]
    _check_badges(db, conditions, badge_id)
    if automatic:
        check_automatic({condition.kind for condition in conditions})


def check_automatic(kinds: set[CriterionKind]) -> None:
    """Whether a badge that asks such conditions may be awarded without anybody reading it over."""
    if CriterionKind.JUDGEMENT in kinds:
        raise _refusal(
            _(
                "Ce badge demande le jugement de l’équipe : il ne peut pas être attribué sans "
                "relecture. Décochez l’attribution automatique, ou retirez ce jugement."
            ),
            "automatic_judgement",
            field="automatic",
        )
    if CriterionKind.SESSION_ATTENDED in kinds:
        raise _refusal(
            _(
                "Ce badge s’attribue depuis une séance : il ne peut pas être attribué sans "
                "relecture. Décochez l’attribution automatique, ou demandez plutôt des "
                "demi-journées de présence."
            ),
            "automatic_session",
            field="automatic",
        )


def may_be_automatic(badge: BadgeClass) -> bool:
    """Whether :func:`check_automatic` would let this badge be."""
    try:
        check_automatic({condition.kind for condition in badge.conditions})
    except Refused:
        return False
    return True


def write_groups(badge: BadgeClass, groups: Sequence[Group]) -> None:
    """Make these the groups of ``badge``; those it had must be gone."""
    badge.groups = [
        BadgeCriterionGroup(
            position=place,
            needed=group.needed if _is_some(group) else None,
            conditions=[
                BadgeCriterion(
                    position=position,
                    kind=condition.kind,
                    path_id=condition.path_id,
                    step_id=condition.step_id,
                    asked_badge_id=condition.asked_badge_id,
                    count=condition.count,
                    statement=condition.statement,
                )
                for position, condition in enumerate(group.conditions)
            ],
        )
        for place, group in enumerate(groups)
    ]


def set_automatic(db: Session, badge_id: UUID, automatic: bool) -> BadgeClass:
    """Award it without anybody reading it over, or no more: how it is awarded is no fact that a
    credential holds, so this can change after the first award. Raises as :func:`check_automatic`.
    """
    lock_for_writing(db)
    badge = get_badge(db, badge_id)
    if badge is None:
        raise NotYours()
    if automatic:
        check_automatic({condition.kind for condition in badge.conditions})
    if badge.automatic != automatic:
        badge.automatic = automatic
        db.flush()
        about: dict[str, str | int] = {"badge": str(badge.id), "title": badge.name}
        note(db, Act.BADGE_AUTOMATIC, about={**about, "automatic": int(automatic)})
    return badge


def _is_some(group: Group) -> bool:
    """Whether fewer than all are enough: «2 of 2» is all of them."""
    return group.needed is not None and group.needed < len(group.conditions)


def _check_shape(groups: Sequence[Group]) -> None:
    if not any(group.conditions for group in groups):
        raise _refusal(
            _(
                "Choisissez au moins un critère vérifiable : un badge n’est attribué qu’à qui le "
                "remplit."
            ),
            "no_condition",
        )
    if len(groups) > MAX_GROUPS or any(len(g.conditions) > MAX_CONDITIONS for g in groups):
        raise _refusal(
            _(
                "Gardez %(groups)s groupes de %(count)s conditions au plus : qui veut ce badge "
                "doit pouvoir les lire.",
                groups=MAX_GROUPS,
                count=MAX_CONDITIONS,
            ),
            "too_many_conditions",
        )
    for group in groups:
        _check_group(group)


def _check_group(group: Group) -> None:
    count = len(group.conditions)
    if not count:
        raise _refusal(
            _("Un groupe est vide : ajoutez-y une condition, ou retirez-le."), "empty_group"
        )
    if len(set(group.conditions)) < count:
        raise _refusal(
            _("La même condition est demandée deux fois dans un groupe : gardez-en une."), "twice"
        )
    if group.needed is not None and not 1 <= group.needed <= count:
        raise _refusal(
            _(
                "Un groupe demande %(needed)s conditions et n’en a que %(count)s : personne ne "
                "pourrait le remplir. Ajoutez des conditions, ou demandez-en moins.",
                needed=group.needed,
                count=count,
            ),
            "out_of_reach",
        )
    if any(c.kind is CriterionKind.JUDGEMENT and not c.statement.strip() for c in group.conditions):
        raise _refusal(
            _("Dites ce que l’équipe doit avoir constaté : qui veut ce badge le lira."),
            "no_statement",
        )


def _check_badges(db: Session, conditions: Sequence[Condition], badge_id: UUID | None) -> None:
    """The badges asked for exist, and none of them asks, near or far, for the one that asks."""
    asked = {c.asked_badge_id for c in conditions if c.asked_badge_id is not None}
    if not asked:
        return
    _keep_requirements(db)
    names = {badge.id: badge.name for badge in list_askable_badges(db, asked)}
    if asked - set(names):
        raise _refusal(
            _("L’un des badges demandés n’existe plus : choisissez-en un autre."), "unknown_badge"
        )
    if badge_id is None:  # nobody can ask for what has no row yet
        return
    family = list_families(db)
    own = family[badge_id]
    edges: dict[UUID, set[UUID]] = defaultdict(set)
    for asker, wanted in list_requirements(db):
        edges[family[asker]].add(family[wanted])
    for wanted in sorted(asked):
        if _leads_to(edges, family[wanted], own):
            raise _refusal(
                _(
                    "Le badge « %(badge)s » demande lui-même, directement ou par d’autres, "
                    "celui que vous modifiez : personne ne pourrait commencer. Choisissez un "
                    "autre badge.",
                    badge=names[wanted],
                )
                if family[wanted] != own
                else _(
                    "Un badge ne peut pas se demander lui-même : personne ne pourrait "
                    "commencer. Choisissez un autre badge."
                ),
                "badge_circle",
            )


def _keep_requirements(db: Session) -> None:
    """Nobody else changes which badge asks for which until this transaction ends: two who each
    close one half of a circle would not see each other. SQLite has one writer anyway."""
    if not is_sqlite(db):
        db.execute(text("LOCK TABLE badge_criterion IN SHARE ROW EXCLUSIVE MODE"))


def _leads_to(edges: dict[UUID, set[UUID]], start: UUID, goal: UUID) -> bool:
    seen: set[UUID] = set()
    waiting = [start]
    while waiting:
        here = waiting.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            waiting += edges[here]
    return False


def _refusal(message: str, code: str, *, field: str = "groups") -> Refused:
    return Refused(message, code=code, field=field, status=422)
