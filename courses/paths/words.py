"""The catalogue's choices and figures in words: the same on every page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from flask_babel import gettext as _

from courses.paths.facts import PoolFacts, StepFacts
from courses.paths.models import Path, Step, StepKind
from courses.paths.queries import Time
from tierslieu.people.models import Audience
from tierslieu.web.formats import NBSP, hours, number, quoted


def audience_words() -> dict[Audience, str]:
    """Who one is, as one would say it."""
    return {
        Audience.TEACHER: _("J’enseigne"),
        Audience.CAREER_CHANGER: _("Je change de métier"),
        Audience.GRADUATE_OR_VAE: _("Je prépare un diplôme"),
        Audience.ANYBODY: _("Par curiosité"),
    }


def time_words() -> dict[Time, str]:
    """The time one has."""
    return {
        Time.SHORT: _("Moins de 10 heures"),
        Time.MEDIUM: _("De 10 à 40 heures"),
        Time.LONG: _("Plus de 40 heures"),
    }


def kind_words() -> dict[StepKind, str]:
    """What a step asks."""
    return {
        StepKind.ONLINE: _("en ligne"),
        StepKind.ATTENDANCE: _("sur place"),
        StepKind.EXERCISE: _("travail à remettre"),
        StepKind.PREPARATION: _("préparation"),
        StepKind.BADGE: _("badge à avoir"),
        StepKind.SUBPATH: _("parcours à part"),
    }


def path_hours(path: Path) -> str:
    """``200 h``, ``26 à 43 h``, or that the source is silent."""
    if path.hours is None:
        return str(_("durée non précisée"))
    if path.hours_from is None or path.hours_from == path.hours:
        return hours(path.hours)
    low, high = number(path.hours_from), number(path.hours)
    return str(_("%(low)s à %(high)s", low=low, high=f"{high}{NBSP}h"))


def path_licence(path: Path) -> str:
    """The licence, or that the source states none."""
    return path.licence or _("licence non précisée")


def step_name(step: Step) -> str:
    """``Bloc 2 · Programmation``; the title alone where the source has no code."""
    return f"{step.code}{NBSP}· {step.title}" if step.code else step.title


def names_of(steps: Iterable[Step]) -> str:
    """``« Bloc 1 », « Bloc 2 »``: those steps by name."""
    return ", ".join(quoted(step_name(step)) for step in steps)


def step_detail(step: Step) -> str:
    """One short line under a step of the catalogue: kind, units, hours, optional."""
    parts = [kind_words()[step.kind]]
    if step.units:
        parts.append(_("%(count)s unités", count=len(step.units)))
    if step.hours is not None:
        parts.append(hours(step.hours))
    if step.pool is not None:
        parts.append(_("au choix dans « %(pool)s »", pool=step.pool.title))
    elif not step.is_required:
        parts.append(_("facultatif"))
    return ", ".join(parts)


def facts_detail(step: StepFacts, pools: Mapping[str, PoolFacts], names: Mapping[str, str]) -> str:
    """One short line under a step of a draft: kind, choice, hours, what comes first."""
    parts = [kind_words()[step.kind]]
    if step.pool is not None and step.pool in pools:
        parts.append(_("au choix dans « %(pool)s »", pool=pools[step.pool].title))
    elif not step.is_required:
        parts.append(_("facultatif"))
    if step.hours is not None:
        parts.append(hours(step.hours))
    if step.needs:
        first = ", ".join(quoted(names.get(key, key)) for key in step.needs)
        parts.append(_("après %(steps)s", steps=first))
    return ", ".join(parts)


def sources(path: Path) -> list[str]:
    """The addresses its facts come from."""
    return [source.strip() for source in path.source.split(" ; ") if source.strip()]


def host(address: str) -> str:
    """``sciences.sorbonne-universite.fr``: whose page a link leads to; empty where the text is no
    link that one may follow."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.scheme in ("http", "https") else ""
