"""What a badge asks and says, in words: the same on pages, in mails and on paper."""

from __future__ import annotations

from flask_babel import gettext as _

from badges.designs.frameworks import UNSAID_CODES
from badges.designs.models import (
    BadgeClass,
    BadgeCriterion,
    BadgeSkill,
    CriterionKind,
    Level,
)

# What is signed must not depend on who happens to look: these are written here in both languages.
LEVEL_NAMES = {
    Level.INITIATION: {"fr": "Initiation", "en": "Introductory"},
    Level.PRACTICE: {"fr": "Approfondissement", "en": "Intermediate"},
    Level.EXPERTISE: {"fr": "Expertise", "en": "Expert"},
}
LEVEL_SENTENCES = {
    Level.INITIATION: {
        "fr": "Sait faire dans une situation simple, avec de l’aide.",
        "en": "Can do it in a simple situation, with help.",
    },
    Level.PRACTICE: {
        "fr": "Sait faire en autonomie, dans les situations courantes.",
        "en": "Can do it independently, in ordinary situations.",
    },
    Level.EXPERTISE: {
        "fr": "Sait faire dans des situations nouvelles, et y guider d’autres personnes.",
        "en": "Can do it in new situations, and guide other people there.",
    },
}


def level_label(level: Level) -> str:
    """A level in a word, on pages and on paper."""
    return {
        Level.INITIATION: str(_("Initiation")),
        Level.PRACTICE: str(_("Approfondissement")),
        Level.EXPERTISE: str(_("Expertise")),
    }[level]


def level_sentence(level: Level) -> str:
    """What a level means."""
    return {
        Level.INITIATION: str(_("Sait faire dans une situation simple, avec de l’aide.")),
        Level.PRACTICE: str(_("Sait faire en autonomie, dans les situations courantes.")),
        Level.EXPERTISE: str(
            _("Sait faire dans des situations nouvelles, et y guider d’autres personnes.")
        ),
    }[level]


def skill_label(skill: BadgeSkill) -> str:
    """``CRCN 3.4 Programmer``; some codes are for machines and stay unsaid."""
    code = "" if skill.framework in UNSAID_CODES else f" {skill.code}"
    return f"{skill.framework_name}{code} {skill.name}"


def condition_label(condition: BadgeCriterion) -> str:
    """One computable criterion as a sentence without a full stop."""
    if condition.kind is CriterionKind.PATH_COMPLETED and condition.path is not None:
        return str(_("Terminer le parcours « %(path)s »", path=condition.path.title))
    if condition.kind is CriterionKind.STEP_DONE and condition.step is not None:
        words = _(
            "Faire l’étape « %(step)s » (%(path)s)",
            step=condition.step.title,
            path=condition.step.version.path.short_title,
        )
        return str(words)
    if condition.kind is CriterionKind.HALF_DAYS:
        count, path = condition.count, condition.path
        if path is None and count == 1:
            return str(_("Participer à une demi-journée"))
        if path is None:
            return str(_("Participer à %(count)s demi-journées", count=count))
        if count == 1:
            return str(
                _("Participer à une demi-journée du parcours %(path)s", path=path.short_title)
            )
        return str(
            _(
                "Participer à %(count)s demi-journées du parcours %(path)s",
                count=count,
                path=path.short_title,
            )
        )
    return str(_("Participer à la séance pour laquelle le badge est attribué"))


def validity_label(badge: BadgeClass) -> str:
    """How long an award is valid."""
    months = badge.valid_months
    if months is None:
        return str(_("Sans limite de durée"))
    if months == 12:
        return str(_("Un an"))
    if months % 12 == 0:
        return str(_("%(years)s ans", years=months // 12))
    return str(_("%(months)s mois", months=months))
