"""The badges of the demonstration place, awarded by the same rules to those who earned them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards import rules
from badges.awards.batches.scenes import play as play_a_list
from badges.awards.candidate_queries import list_followers
from badges.awards.criteria import assess
from badges.awards.facts import Judgement
from badges.awards.keys import Signer, load_signer, open_keys
from badges.awards.models import Award
from badges.designs.frameworks import find_skill
from badges.designs.models import BadgeClass, CriterionKind, Level
from badges.designs.rules import Condition, Design, Group, create_badge, update_badge
from badges.designs.versions import begin_version, publish_version
from courses.paths.queries import current_version
from tierslieu.attendance.models import Attendance, Presence
from tierslieu.clock import days
from tierslieu.house import Stage


class _Told(NamedTuple):
    """A badge of the demonstration. ``step``: the code of a step of ``path``; empty: all of it."""

    name: str
    description: str
    criteria: str
    hours: int
    months: int | None
    drawing: tuple[str, str, str]
    skills: tuple[str, ...]
    path: str = ""
    step: str = ""
    half_days: int = 0
    judged: str = ""  # what the team states, beside the rest
    level: Level | None = None
    text: str = ""
    colours: tuple[str, str] = ("", "")  # ground and mark, when the drawing says «libre»
    english: tuple[str, str, str] = ("", "", "")  # name, description, criteria
    next_version: dict[str, Any] | None = None  # what the version published since says otherwise


BADGES = (
    _Told(
        "Enseigner SNT : Python",
        "Sait préparer et conduire une séance de programmation en Seconde, corriger les erreurs "
        "fréquentes et évaluer sans décourager.",
        "La personne a :\n\n- suivi en ligne la partie **outils et initiation à Python** ;\n"
        "- participé à une demi-journée au tiers-lieu ;\n"
        "- montré une activité prête pour sa classe.",
        12,
        36,
        ("hexagon", "mer", "code"),
        ("CRCN:3.4", "ESCO:ccd0a1d9", "PROGRAMMES:SNT-2nde"),
        "snt",
        "T",
        1,
        level=Level.PRACTICE,
        english=(
            "Teaching SNT: Python",
            "Can prepare and lead a programming lesson in the first year of upper secondary "
            "school, correct frequent mistakes and assess without discouraging.",
            "The person has:\n\n- followed the online part **tools and first steps in Python**;\n"
            "- taken part in one half-day at the place;\n"
            "- shown an activity that is ready for their class.",
        ),
    ),
    _Told(
        "Les fondements de l’informatique",
        "Explique avec ses mots ce que sont une donnée, un algorithme, une machine et un réseau, "
        "et le montre sans ordinateur.",
        "La personne a suivi la première partie du parcours **SNT** et l’a fait valider par "
        "l’équipe, preuve à l’appui.",
        10,
        None,
        ("circle", "olive", "bulb"),
        ("CRCN:5.2", "DIGCOMP:3.4"),
        "snt",
        "S",
        level=Level.INITIATION,
    ),
    _Told(
        "L’IA en classe",
        "Choisit, essaie et critique un outil d’intelligence artificielle avec ses élèves, en "
        "connaissance de ses limites et de leurs droits.",
        "La personne a mené à son terme le parcours **AI4T** ; chaque étape a été validée.",
        4,
        36,
        ("shield", "libre", "robot"),
        ("UNESCO_AI_CFT:4.1", "UNESCO_AI_CFT:2.1", "DIGCOMPEDU:3.1"),
        "ai4t",
        level=Level.PRACTICE,
        text="IA en classe",
        colours=("#5b2a86", "#ffe9a8"),
    ),
    _Told(
        "IA avec intelligence",
        "Sait ce que l’intelligence artificielle fait et ne fait pas, et en parle sans jargon "
        "avec les personnes de son métier.",
        "La personne a mené à son terme le parcours **L’Intelligence Artificielle… avec "
        "intelligence**.",
        10,
        None,
        ("flower", "nuit", "network"),
        ("ESCO:e465a154", "UNESCO_AI_CFT:1.1"),
        "iai",
        next_version={
            "criteria": "La personne a mené à son terme le parcours **L’Intelligence "
            "Artificielle… avec intelligence** et l’a raconté à d’autres, de vive voix.",
            "hours": 12,
            "level": Level.INITIATION,
            "text": "2026",
        },
    ),
    _Told(
        "Programmer en Python",
        "Écrit, lit et corrige un programme Python de quelques pages, en autonomie ou à plusieurs.",
        "La personne a mené à son terme la partie **Python** des fondamentaux de NSI.",
        40,
        None,
        ("square", "soleil", "chip"),
        ("CRCN:3.4", "ESCO:ccd0a1d9", "PROGRAMMES:NSI-1re"),
        "nsi-python",
    ),
    _Told(
        "Apprendre ensemble",
        "Vient apprendre avec d’autres, donne et reçoit de l’aide, sur place ou à distance.",
        "La personne a participé à **deux demi-journées**, dans une salle ou à distance.",
        6,
        24,
        ("circle", "mer", "people"),
        ("CRCN_EDU:1.2", "ESCO:2b34a99f"),
        half_days=2,
    ),
)
# Who holds three of the five last ones meets it; nobody has been given it yet.
WHOLE = _Told(
    "Passer le numérique",
    "Relie plusieurs domaines du numérique et les fait partager, au lieu d’en connaître un seul.",
    "La personne détient **trois** des badges du lieu, de son choix.",
    20,
    None,
    ("flower", "olive", "people"),
    ("CRCN_EDU:1.2",),
    level=Level.EXPERTISE,
    text="3 sur 5",
)
# One that ends soon for whoever came first, so that its renewal is proposed; one the team judges.
LATER = (
    _Told(
        "Ouvrir la salle",
        "Allume, règle et range la salle des machines, et sait à qui demander de l’aide.",
        "La personne a participé à **une demi-journée**. Les machines changent : le badge vaut "
        "un mois et se renouvelle.",
        2,
        1,
        ("square", "olive", "chip"),
        ("CRCN:5.1",),
        half_days=1,
        level=Level.INITIATION,
    ),
    _Told(
        "Faire comprendre sans ordinateur",
        "Fait vivre une activité débranchée devant un groupe, et la relie à ce que font les "
        "machines.",
        "La personne a suivi la première partie du parcours **SNT**, et l’équipe l’a vue mener une "
        "activité débranchée.",
        6,
        None,
        ("shield", "nuit", "people"),
        ("CRCN_EDU:1.2", "PROGRAMMES:SNT-2nde"),
        "snt",
        "S",
        judged="a mené une activité débranchée devant un groupe",
        level=Level.PRACTICE,
    ),
)
SEEN = (
    "Le réseau joué avec des ficelles, vingt minutes, douze personnes : consigne claire, et le "
    "groupe a trouvé seul pourquoi un message se perd."
)
REASON = "Attribué par erreur : la présence notée était celle d’une autre personne du même nom."


def play(db: Session, stage: Stage) -> None:
    """Make the badges, award them, share one, revoke one."""
    random = Random(f"{stage.seed}:badges")  # noqa: S311 - a demonstration, not a secret
    open_keys(db, stage.settings, stage.today)
    signer = load_signer(db, stage.settings)
    facilitators: list[UUID] = stage.props["facilitators"]
    people: dict[str, UUID] = stage.props["people"]
    shown = people["learner@example.org"]
    awards, parts = [], []
    for told in BADGES:
        made = stage.today - days(60)
        design = _design(db, stage, told)
        badge = create_badge(db, design, now=made, actor_id=facilitators[0])
        awards += _award(db, stage, badge, told, signer, random, shown)
        parts.append(badge.id)
        if told.next_version is not None:
            since = stage.today - days(2)
            later = begin_version(db, badge.id, now=since, actor_id=facilitators[0])
            update_badge(db, later.id, replace(design, **told.next_version))
            publish_version(db, later.id, now=since)
            parts[-1] = later.id
    held = [Condition(CriterionKind.BADGE_HELD, asked_badge_id=part) for part in parts[1:]]
    whole = replace(_design(db, stage, WHOLE), groups=[Group(held, 3)])
    create_badge(db, whole, now=stage.today - days(2), actor_id=facilitators[0])
    # The last of them, which attendance earns, was also given away from the place.
    listed = play_a_list(db, stage, badge, signer, facilitators[0])
    for told in LATER:
        design = _design(db, stage, told)
        badge = create_badge(db, design, now=stage.today - days(60), actor_id=facilitators[0])
        listed += [a.id for a in _award(db, stage, badge, told, signer, random, shown)]
    mine = [award for award in awards if award.user_id == shown]
    if mine:
        rules.share(db, mine[0].id, shown, now=stage.today - days(1))
    others = [award for award in awards if award.user_id not in people.values()]
    if others:
        rules.revoke(
            db, others[-1].id, reason=REASON, now=stage.today - days(1), actor_id=facilitators[0]
        )
    rules.publish_status_list(db, 1, stage.settings)
    stage.props["awards"] = [*(award.id for award in awards), *listed]


def _design(db: Session, stage: Stage, told: _Told) -> Design:
    conditions = []
    path_id: UUID | None = stage.props["paths"][told.path] if told.path else None
    if path_id is not None and told.step:
        version = current_version(db, path_id)
        assert version is not None
        step = next(step for step in version.steps if step.code == told.step)
        conditions.append(Condition(CriterionKind.STEP_DONE, step_id=step.id))
    elif path_id is not None:
        conditions.append(Condition(CriterionKind.PATH_COMPLETED, path_id=path_id))
    if told.half_days:
        conditions.append(Condition(CriterionKind.HALF_DAYS, count=told.half_days))
    if told.judged:
        conditions.append(Condition(CriterionKind.JUDGEMENT, statement=told.judged))
    skills = [skill for key in told.skills if (skill := find_skill(key)) is not None]
    assert len(skills) == len(told.skills)
    shape, colour, icon = told.drawing
    ground, mark = told.colours
    name_en, description_en, criteria_en = told.english
    return Design(
        told.name,
        told.description,
        told.criteria,
        told.hours,
        told.months,
        shape,
        colour,
        icon,
        skills,
        conditions,
        level=told.level,
        name_en=name_en,
        description_en=description_en,
        criteria_en=criteria_en,
        text=told.text,
        ground=ground,
        mark=mark,
    )


def _award(
    db: Session,
    stage: Stage,
    badge: BadgeClass,
    told: _Told,
    signer: Signer,
    random: Random,
    shown: UUID,
) -> list[Award]:
    """To most of those who meet the criteria; some wait for a facilitator to see it."""
    ids = list_followers(db, stage.props["paths"][told.path]) if told.path else _seen(db)
    found = assess(db, badge, ids, stage.house)
    awards = []
    for user_id in ids:
        # The learner one signs in as holds two badges and sees that a third is within reach.
        waits = not told.path if user_id == shown else random.random() < 0.3
        judgements = {c.id: Judgement(SEEN) for c in found[user_id].judgements}
        if waits or not (found[user_id].qualifies or judgements):
            continue
        actor = random.choice([f for f in stage.props["facilitators"] if f != user_id])
        awards.append(
            rules.award(
                db,
                badge.id,
                user_id,
                signer,
                house=stage.house,
                now=_some_time_after(found[user_id].since, stage.today, random),
                actor_id=actor,
                judgements={user_id: judgements},
            )
        )
    return awards


def _some_time_after(since: datetime | None, today: datetime, random: Random) -> datetime:
    earliest = min(since or today - days(3), today)
    wished = earliest + timedelta(hours=random.randint(20, 120))
    return min(wished, max(earliest, today - timedelta(hours=2)))


def _seen(db: Session) -> list[UUID]:
    """Who was present at a half-day."""
    return [
        user_id
        for user_id in db.scalars(
            select(Attendance.user_id)
            .where(Attendance.presence == Presence.PRESENT, Attendance.user_id.is_not(None))
            .distinct()
            .order_by(Attendance.user_id)
        )
        if user_id is not None
    ]
