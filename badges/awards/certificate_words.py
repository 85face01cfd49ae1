"""The words of the certificate, in both of its languages.

They stand here and not in the catalogue of messages: what is on a paper depends on the language it
was asked in, never on who looks at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from badges.designs.models import Level
from badges.designs.words import LEVEL_NAMES
from tierslieu.web import formats

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")


@dataclass(frozen=True)
class Words:
    """What a certificate says around the badge's own words."""

    language: Language
    kind: str
    to: str
    nobody: str  # where the credential names nobody
    by_hand: str  # the name, where no font here has its letters
    grounds: str
    grounds_note: str  # that what follows is in another language
    more_grounds: str  # takes {count}
    one_more_ground: str
    skills: str
    one_more_skill: str
    more_skills: str  # takes {count}
    awarded: str
    level: str
    work: str
    validity: str
    until: str  # takes {day}
    picture: str  # takes {badge}
    code: str  # takes {address}
    check: str
    check_page: str
    check_file: str
    check_later: str
    proof: str
    paper: str
    lost_letters: str
    about: str  # takes {badge}, {name}, {place}


_WORDS: dict[Language, Words] = {
    "fr": Words(
        language="fr",
        kind="Attestation",
        to="délivrée à",
        nobody="la personne qui détient ce badge",
        by_hand="Nom à écrire à la main : aucune police de ce lieu n’a ses lettres.",
        grounds="Ce qui a été constaté",
        grounds_note="",
        more_grounds="et {count} autres constats, écrits en entier dans le badge",
        one_more_ground="et un autre constat, écrit en entier dans le badge",
        skills="Compétences",
        one_more_skill="et une autre, dans le badge",
        more_skills="et {count} autres, dans le badge",
        awarded="Délivrée le",
        level="Niveau",
        work="Travail",
        validity="Validité",
        until="jusqu’au {day}",
        picture="Image du badge « {badge} »",
        code="Code à lire avec un téléphone : {address}",
        check="Vérifier ce badge",
        check_page="Lisez ce code : la page dit, point par point, ce qui a été vérifié.",
        check_file="Ce badge est privé : déposez ce PDF à l’adresse de ce code.",
        check_later=(
            "Ce badge est privé. Ce code mène à sa page dès que la personne qui le détient "
            "choisit de la partager."
        ),
        proof=(
            "La preuve est le fichier signé joint à ce PDF (Open Badges 3.0) ; le papier seul ne "
            "prouve rien."
        ),
        paper=(
            "La preuve est le badge signé (Open Badges 3.0), remis à la personne qui le détient ; "
            "le papier seul ne prouve rien."
        ),
        lost_letters=(
            "Quelques signes, absents des polices de ce lieu, ne sont pas imprimés ici"
            " ; le badge signé les contient."
        ),
        about="Attestation du badge « {badge} » délivré à {name} par {place}.",
    ),
    "en": Words(
        language="en",
        kind="Certificate",
        to="awarded to",
        nobody="the person who holds this badge",
        by_hand="Name to be written by hand: no typeface of this place has its letters.",
        grounds="What was established",
        grounds_note="in French, as written when the badge was awarded",
        more_grounds="and {count} more, written in full in the badge",
        one_more_ground="and one more, written in full in the badge",
        skills="Skills",
        one_more_skill="and one more, in the badge",
        more_skills="and {count} more, in the badge",
        awarded="Awarded on",
        level="Level",
        work="Workload",
        validity="Valid",
        until="until {day}",
        picture="Picture of the badge “{badge}”",
        code="Code to be read with a phone: {address}",
        check="Check this badge",
        check_page="Scan this code: the page says, point by point, what was checked.",
        check_file="This badge is private: drop this PDF at the address of this code.",
        check_later=(
            "This badge is private. This code leads to its page as soon as the person who holds "
            "it chooses to share it."
        ),
        proof=(
            "The proof is the signed file attached to this PDF (Open Badges 3.0); paper alone "
            "proves nothing."
        ),
        paper=(
            "The proof is the signed badge (Open Badges 3.0), in the hands of its holder; paper "
            "alone proves nothing."
        ),
        lost_letters=(
            "A few signs that no typeface of this place has are not printed here; the signed "
            "badge contains them."
        ),
        about="Certificate of the badge “{badge}” awarded to {name} by {place}.",
    ),
}


def words_in(language: Language) -> Words:
    """The words of this language."""
    return _WORDS[language]


def read_language(asked: str) -> Language | None:
    """The language an address asks for; None for one there is no certificate in."""
    return next((language for language in LANGUAGES if language == asked.lower()), None)


def say_day(value: datetime | date, language: Language) -> str:
    """``26 novembre 2026``, ``26 November 2026``: the day on the wall in Paris."""
    return formats.long_day(value, language)


def say_hours(count: int, language: Language) -> str:
    """``12 h``, ``1 200 h``; ``12 hours``, ``1,200 hours``."""
    if language == "fr":
        return formats.hours(count, language)
    return f"{count:,}{formats.NBSP}{'hour' if count == 1 else 'hours'}"


def say_level(level: Level, language: Language) -> str:
    """A level in a word."""
    return LEVEL_NAMES[level][language]


def say_duration(months: int | None, language: Language) -> str:
    """How long a badge is valid, where no last day is known."""
    years, rest = divmod(months or 0, 12)
    if language == "fr":
        if months is None:
            return "Sans limite de durée"
        if rest:
            return f"{months}{formats.NBSP}mois"
        return "Un an" if years == 1 else f"{years}{formats.NBSP}ans"
    if months is None:
        return "for life"
    if rest:
        return f"for {months}{formats.NBSP}months" if months > 1 else "for one month"
    return "for one year" if years == 1 else f"for {years}{formats.NBSP}years"
