"""The people of the demonstration place: sixty learners and who receives them. All invented."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from flask_security import hash_password
from sqlalchemy.orm import Session

from tierslieu.house import Stage
from tierslieu.people.models import (
    ADMINISTRATOR,
    COORDINATOR,
    FACILITATOR,
    LEARNER,
    RESEARCHER,
    AgeBand,
    Audience,
    ConsentKind,
    Gender,
    User,
)
from tierslieu.people.rules import create_user, give_consent, save_profile, withdraw_consent

DEMO_PASSWORD = "tiers-lieu-demo"  # noqa: S105 - public on purpose, demonstration accounts only


class Staff(NamedTuple):
    """Somebody who works here."""

    email: str
    name: str
    roles: tuple[str, ...]
    town: str
    country: str


STAFF = (
    Staff("facilitator@example.org", "Nadia Benali", (FACILITATOR,), "Valbonne", "FR"),
    Staff("paul.girard@example.org", "Paul Girard", (FACILITATOR, LEARNER), "Antibes", "FR"),
    Staff("ines.carvalho@example.org", "Inès Carvalho", (FACILITATOR, RESEARCHER), "Nice", "FR"),
    Staff("mamadou.sarr@example.org", "Mamadou Sarr", (FACILITATOR,), "Dakar", "SN"),
    Staff("researcher@example.org", "Claire Aubert", (RESEARCHER,), "Nice", "FR"),
    Staff("admin@example.org", "Hugo Marchetti", (ADMINISTRATOR,), "Biot", "FR"),
    Staff("coordinator@example.org", "Florence Dubreuil", (COORDINATOR,), "Grasse", "FR"),
)
WOMEN = [
    "Samira Haddad",
    "Élodie Garnier",
    "Fatou Ndiaye",
    "Camille Rossi",
    "Thu-Hà Nguyen",
    "Aïcha Traoré",
    "Hélène Faure",
    "Chloé Bonnet",
    "Mariam Cissé",
    "Sofia Ferreira",
    "Margaux Lemaître",
    "Yasmine Cherif",
    "Anne-Laure Perrin",
    "Noémie Tremblay",
    "Leïla Mansouri",
    "Julie Vandenberghe",
    "Oumou Koné",
    "Céline Dalmasso",
    "Rania Ben Amor",
    "Émilie Castellani",
    "Prisca Rakotomalala",
    "Maud Lagarde",
    "Zoé Delacroix",
    "Awa Sow",
    "Ludivine Moreau",
    "Ana Popescu",
    "Béatrice Giordano",
    "Nour El Idrissi",
    "Solène Le Goff",
    "Agnieszka Kowalska",
]
MEN = [
    "Thomas Lefèvre",
    "Karim Belkacem",
    "Moussa Diop",
    "Julien Barbier",
    "Mathéo Ricci",
    "Antoine Schmitt",
    "Ibrahima Fall",
    "Rémi Chastagner",
    "Quang Minh Tran",
    "David Cohen",
    "Loïc Kerbrat",
    "Mehdi Alaoui",
    "Bastien Roux",
    "Étienne Gagnon",
    "Yves Akakpo",
    "Simon Dewaele",
    "Seydou Ouattara",
    "Florian Pastorelli",
    "Walid Trabelsi",
    "Guillaume Andrieu",
    "Hery Andrianarisoa",
    "Benoît Maurel",
    "Nicolas Fontaine",
    "Cheikh Mbaye",
    "Jérôme Viale",
    "Andreï Ionescu",
    "Laurent Esposito",
    "Youssef Berrada",
    "Gaëtan Le Bihan",
    "François-Xavier Müller",
]
NEAR = [
    "Antibes",
    "Valbonne",
    "Biot",
    "Nice",
    "Cannes",
    "Grasse",
    "Mougins",
    "Vallauris",
    "Cagnes-sur-Mer",
    "Vence",
    "Le Cannet",
    "Fréjus",
    "Saint-Laurent-du-Var",
    "Menton",
    "Draguignan",
]
FAR = (
    ("Dakar", "SN"),
    ("Liège", "BE"),
    ("Montréal", "CA"),
    ("Tunis", "TN"),
    ("Genève", "CH"),
    ("Abidjan", "CI"),
    ("Antananarivo", "MG"),
    ("Rabat", "MA"),
)
SUBJECTS = (
    ("SNT", "lycée, en Seconde"),
    ("NSI", "lycée, en Première et Terminale"),
    ("Mathématiques et SNT", "lycée, en Seconde"),
    ("Technologie", "collège"),
    ("Sciences physiques et SNT", "lycée, en Seconde"),
    ("Toutes les matières, CM1 et CM2", "école primaire"),
    ("Histoire-géographie et EMI", "collège"),
)
AIMS = {
    Audience.TEACHER: (
        "Enseigner la partie programmation sans appréhension.",
        "Préparer mes séances de l’an prochain avec des collègues.",
        "Valider les blocs du diplôme interuniversitaire.",
        "Parler d’intelligence artificielle avec mes élèves.",
        "",
    ),
    Audience.CAREER_CHANGER: (
        "Passer le concours de recrutement en NSI.",
        "Quitter le développement pour l’enseignement, sans brûler les étapes.",
        "Savoir si enseigner est fait pour moi.",
        "",
    ),
    Audience.GRADUATE_OR_VAE: (
        "Me remettre à niveau avant un master.",
        "Constituer mon dossier de VAE avant l’été.",
        "Reprendre des études en informatique.",
        "",
    ),
    Audience.ANYBODY: (
        "Comprendre ce que l’intelligence artificielle change dans mon métier.",
        "Discuter avec l’équipe informatique sans me sentir à côté.",
        "Aider mes enfants, et m’y mettre aussi.",
        "Apprendre pour le plaisir.",
        "",
    ),
}
AGES = {
    Audience.TEACHER: list(AgeBand)[1:],
    Audience.CAREER_CHANGER: list(AgeBand)[1:],
    Audience.GRADUATE_OR_VAE: list(AgeBand)[:3],
    Audience.ANYBODY: list(AgeBand),
}
# 24 teachers, 12 of each other public, never in blocks: lists cut anywhere stay mixed.
AUDIENCES = (
    Audience.TEACHER,
    Audience.CAREER_CHANGER,
    Audience.ANYBODY,
    Audience.TEACHER,
    Audience.GRADUATE_OR_VAE,
)
LEARNERS = 60


@dataclass
class _Cast:
    """Those who are being made, and with what."""

    db: Session
    chance: random.Random
    password_hash: str
    today: datetime


def _make_staff(cast: _Cast, staff: Staff) -> User:
    now = cast.today - timedelta(days=150)
    user = create_user(
        cast.db,
        email=staff.email,
        name=staff.name,
        roles=staff.roles,
        password_hash=cast.password_hash,
        now=now,
        is_15_or_over=True,
        is_demo=True,
    )
    save_profile(
        cast.db,
        user,
        audience=Audience.TEACHER if FACILITATOR in staff.roles else Audience.ANYBODY,
        town=staff.town,
        country=staff.country,
        now=now,
    )
    give_consent(cast.db, user.id, ConsentKind.NOTICE, now=now)
    return user


def _address(index: int, name: str) -> str:
    if index < 2:
        return ("learner@example.org", "learner2@example.org")[index]
    plain = name.lower().translate(str.maketrans("éèëêïîôöüûâàç", "eeeeiioouuaac"))
    return plain.replace(" ", ".") + "@example.org"


def _gender(index: int, woman: bool) -> tuple[Gender | None, str]:
    if index % 7 == 3:
        return None, ""  # asked, and left empty
    if index == 47:
        return Gender.SELF_DESCRIBED, "non binaire"
    return (Gender.WOMAN if woman else Gender.MAN), ""


def _make_learner(cast: _Cast, index: int) -> User:
    chance = cast.chance
    woman = index % 2 == 0
    name = (WOMEN if woman else MEN)[index // 2]
    # The first ones have been here longest: they have time to finish a path.
    now = cast.today - timedelta(days=140 - 2 * index, minutes=chance.randrange(600))
    audience = AUDIENCES[index % len(AUDIENCES)]
    what, where = chance.choice(SUBJECTS)
    if index == 0:
        what, where = SUBJECTS[0]
    town, country = (chance.choice(NEAR), "FR") if index % 5 else chance.choice(FAR)
    if index == 0:
        town, country = "Antibes", "FR"
    gender, described = _gender(index, woman)
    user = create_user(
        cast.db,
        email=_address(index, name),
        name=name,
        password_hash=cast.password_hash,
        now=now,
        is_15_or_over=True,
        is_demo=True,
    )
    save_profile(
        cast.db,
        user,
        audience=audience,
        teaches_what=what,
        teaches_where=where,
        town=town,
        country=country,
        aims=chance.choice(AIMS[audience]),
        age_band=None if index % 6 == 5 else chance.choice(AGES[audience]),
        gender=gender,
        gender_described=described,
        now=now,
    )
    give_consent(cast.db, user.id, ConsentKind.NOTICE, now=now)
    if index % 3 != 2:
        give_consent(cast.db, user.id, ConsentKind.RESEARCH, now=now)
    if index == 40:  # somebody changed their mind
        withdraw_consent(
            cast.db, user.id, ConsentKind.RESEARCH, now=cast.today - timedelta(days=20)
        )
    return user


def play(db: Session, stage: Stage) -> None:
    """Make everybody; hands on ``people``, ``learners`` and ``facilitators``."""
    password_hash = hash_password(DEMO_PASSWORD)  # once, and before the transaction
    cast = _Cast(db, random.Random(f"{stage.seed}:people"), password_hash, stage.today)  # noqa: S311
    staff = [_make_staff(cast, one) for one in STAFF]
    learners = [_make_learner(cast, index) for index in range(LEARNERS)]
    named = {user.email: user.id for user in (*staff, *learners[:2])}
    stage.props["people"] = {
        f"{name}@example.org": named[f"{name}@example.org"]
        for name in ("learner", "learner2", "facilitator", "researcher", "admin", "coordinator")
    }
    stage.props["learners"] = [user.id for user in learners]
    stage.props["facilitators"] = [
        user.id for user, made in zip(staff, STAFF, strict=True) if FACILITATOR in made.roles
    ]
