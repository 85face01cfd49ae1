"""What a badge asks and says, in words: the same on pages, in mails and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from badges.designs.frameworks import UNSAID_CODES
from badges.designs.models import (
    BadgeClass,
    BadgeCriterion,
    BadgeCriterionGroup,
    BadgeSkill,
    CriterionKind,
    Level,
)
from tierslieu.web.formats import hours

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


@dataclass(frozen=True)
class Asked:
    """A group of conditions in words. ``heading`` is empty where all of them are asked and there
    is nothing to tell apart."""

    heading: str
    conditions: Sequence[str]


def asked_words(badge: BadgeClass) -> list[Asked]:
    """All that a badge asks, group by group."""
    many = len(badge.groups) > 1
    return [
        Asked(
            group_heading(group) if many or group.needed is not None else "",
            [condition_label(condition) for condition in group.conditions],
        )
        for group in badge.groups
    ]


def group_heading(group: BadgeCriterionGroup) -> str:
    """``Au moins 3 de ces 5 conditions``, or that all are asked."""
    count = len(group.conditions)
    if group.needed is None:
        return str(ngettext("Cette condition", "Chacune de ces %(num)s conditions", count))
    return str(
        ngettext(
            "Au moins une de ces %(count)s conditions",
            "Au moins %(num)s de ces %(count)s conditions",
            group.needed,
            count=count,
        )
    )


def condition_label(condition: BadgeCriterion) -> str:
    """One condition as a sentence without a full stop."""
    kind = condition.kind
    if kind is CriterionKind.PATH_COMPLETED and condition.path is not None:
        return str(_("Terminer le parcours « %(path)s »", path=condition.path.title))
    if kind is CriterionKind.STEP_DONE and condition.step is not None:
        words = _(
            "Faire l’étape « %(step)s » (parcours « %(path)s »)",
            step=condition.step.title,
            path=condition.step.version.path.short_title,
        )
        return str(words)
    if kind is CriterionKind.HALF_DAYS:
        return _half_days_label(condition)
    if kind is CriterionKind.HOURS:
        return _hours_label(condition)
    if kind is CriterionKind.BADGE_HELD and condition.asked_badge is not None:
        return str(_("Détenir le badge « %(badge)s »", badge=condition.asked_badge.name))
    if kind is CriterionKind.JUDGEMENT:
        return str(_("Constaté par l’équipe : %(statement)s", statement=condition.statement))
    return str(_("Participer à la séance pour laquelle le badge est attribué"))


def condition_point(condition: BadgeCriterion) -> str:
    """The same, short, within a sentence: ``terminer le parcours « SNT »``."""
    if condition.kind is CriterionKind.HOURS:
        count, path = hours(condition.count), condition.path
        if path is None:
            return str(_("totaliser %(hours)s", hours=count))
        return str(
            _(
                "totaliser %(hours)s pour le parcours « %(path)s »",
                hours=count,
                path=path.short_title,
            )
        )
    label = condition_label(condition)
    return label[:1].lower() + label[1:]


def _half_days_label(condition: BadgeCriterion) -> str:
    count, path = condition.count, condition.path
    if path is None and count == 1:
        return str(_("Participer à une demi-journée"))
    if path is None:
        return str(_("Participer à %(count)s demi-journées", count=count))
    if count == 1:
        return str(
            _("Participer à une demi-journée du parcours « %(path)s »", path=path.short_title)
        )
    return str(
        _(
            "Participer à %(count)s demi-journées du parcours « %(path)s »",
            count=count,
            path=path.short_title,
        )
    )


def _hours_label(condition: BadgeCriterion) -> str:
    """What counts as an hour is said each time: it is not the hours a badge is worth."""
    if condition.path is None:
        return str(
            _(
                "Totaliser %(hours)s : présence notée à l’appel, et travail annoncé par les "
                "parcours et les étapes terminés",
                hours=hours(condition.count),
            )
        )
    return str(
        _(
            "Totaliser %(hours)s pour le parcours « %(path)s » : présence notée à l’appel, et "
            "travail annoncé par le parcours ou ses étapes, une fois terminés",
            hours=hours(condition.count),
            path=condition.path.short_title,
        )
    )


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
