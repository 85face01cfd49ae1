"""What keeps a path from being published, or a file from being read: in sentences."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from flask_babel import gettext as _
from pydantic import ValidationError

from courses.paths.facts import MAX_STEPS, PathFacts, StepFacts
from courses.paths.models import StepKind

MAX_FILE = 1024 * 1024  # bytes
MOST_SAID = 20  # mistakes of one file: whoever has more begins with these


def read_file(data: bytes) -> tuple[PathFacts | None, list[str]]:
    """A path from a JSON file, or what is wrong with it, place by place."""
    if len(data) > MAX_FILE:
        return None, [_("Ce fichier est trop gros : 1 Mo est possible.")]
    try:
        said = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None, [_("Ce fichier n’est pas du JSON en UTF-8 : exportez-le d’un tiers-lieu.")]
    if isinstance(said, Mapping) and isinstance(said.get("paths"), list):
        if len(said["paths"]) != 1:
            return None, [_("Ce fichier contient plusieurs parcours : importez-les un par un.")]
        said = said["paths"][0]
    try:
        return PathFacts.model_validate(said), []
    except (ValidationError, RecursionError) as error:
        return None, say_errors(error) if isinstance(error, ValidationError) else []


def say_errors(error: ValidationError) -> list[str]:
    """Each mistake with its place: «étape 3, hours : …»."""
    return [
        _("%(place)s : %(problem)s", place=_place(mistake["loc"]), problem=say_problem(mistake))
        for mistake in error.errors(include_url=False, include_input=False)[:MOST_SAID]
    ]


def _place(loc: tuple[int | str, ...]) -> str:
    words, parts = {"steps": _("étape"), "pools": _("choix")}, list(loc)
    if len(parts) > 1 and parts[0] in words and isinstance(parts[1], int):
        first = f"{words[str(parts[0])]} {parts[1] + 1}"
        return ", ".join([first, *(str(part) for part in parts[2:3])])
    return str(parts[0]) if parts else _("le fichier")


def say_problem(mistake: Mapping[str, Any]) -> str:
    """What is wrong with a field of a file, in a few words."""
    bounds = mistake.get("ctx") or {}
    sentences: dict[str, Callable[[], str]] = {
        "missing": lambda: _("manque."),
        "extra_forbidden": lambda: _("n’est pas un champ d’un parcours."),
        "string_type": lambda: _("doit être un texte."),
        "string_too_short": lambda: _("ne peut pas être vide."),
        "string_too_long": lambda: _("est trop long."),
        "string_pattern_mismatch": lambda: _("n’a pas la forme voulue."),
        "too_many_steps": lambda: _("a plus de %(n)s étapes.", n=MAX_STEPS),
        "unseen": lambda: _("contient un caractère invisible."),
        "enum": lambda: _("n’est pas une valeur connue."),
        "bool_type": lambda: _("doit être true ou false."),
        "bool_parsing": lambda: _("doit être true ou false."),
        "float_type": lambda: _("doit être un nombre."),
        "float_parsing": lambda: _("doit être un nombre."),
        "int_type": lambda: _("doit être un nombre entier."),
        "int_parsing": lambda: _("doit être un nombre entier."),
        "int_from_float": lambda: _("doit être un nombre entier."),
        "greater_than_equal": lambda: _("doit valoir au moins %(n)s.", n=bounds.get("ge")),
        "less_than_equal": lambda: _("doit valoir au plus %(n)s.", n=bounds.get("le")),
        "too_long": lambda: _("est trop long : %(n)s au plus.", n=bounds.get("max_length")),
    }
    say = sentences.get(str(mistake["type"]))
    return say() if say else _("n’est pas valable.")


def find_problems(
    facts: PathFacts,
    *,
    slugs: Collection[str],
    parts: Mapping[str, Collection[str]],
    retired: Collection[str] = (),
    badges: Mapping[str, Collection[str]] | None = None,
) -> list[str]:
    """What keeps this path from being published; empty when nothing does.

    ``slugs``: the paths there are, ``retired``: those no longer proposed; ``parts``: for each
    path, those that are steps of it; ``badges``: those a step may ask for, each with the
    paths that one must have completed to receive it (None: not looked at).
    """
    found = [*_steps(facts), *_pools(facts), *_needs(facts)]
    for step in facts.steps:
        if step.kind is StepKind.SUBPATH:
            found += _part(facts, step, slugs, parts)
        if step.subpath in retired:
            found.append(_("« %(step)s » : ce parcours n’est plus proposé.", step=step.title))
        if step.badge and badges is not None and step.badge not in badges:
            found.append(_("« %(step)s » : ce badge n’est pas attribué.", step=step.title))
        if step.badge and badges is not None and facts.slug in badges.get(step.badge, ()):
            found.append(_("« %(step)s » : ce badge demande ce parcours-ci.", step=step.title))
    if facts.parent and (facts.parent not in slugs or facts.parent == facts.slug):
        found.append(_("Le parcours dont celui-ci est une partie n’existe pas."))
    if facts.hours is not None and facts.hours_from is not None and facts.hours_from > facts.hours:
        found.append(_("La durée la plus courte dépasse la plus longue."))
    return found


def _steps(facts: PathFacts) -> list[str]:
    found = []
    if not any(step.is_required and not step.pool for step in facts.steps) and not facts.pools:
        found.append(_("Aucune étape n’est demandée : le parcours n’aurait pas de fin."))
    keys = [step.key for step in facts.steps]
    if len(set(keys)) < len(keys):
        found.append(_("Deux étapes ont le même nom interne (« key »)."))
    for step in facts.steps:
        if (step.kind is StepKind.BADGE) != bool(step.badge):
            found.append(_("« %(step)s » : choisissez le badge demandé.", step=step.title))
        if step.kind is StepKind.SUBPATH and not step.subpath:
            found.append(_("« %(step)s » : choisissez le parcours demandé.", step=step.title))
        if step.kind is not StepKind.SUBPATH and step.subpath:
            found.append(
                _("« %(step)s » : seul un parcours à part en désigne un.", step=step.title)
            )
    return found


def _pools(facts: PathFacts) -> list[str]:
    found, known = [], {pool.key for pool in facts.pools}
    if len(known) < len(facts.pools):
        found.append(_("Deux choix ont le même nom interne (« key »)."))
    for pool in facts.pools:
        count = sum(step.pool == pool.key for step in facts.steps)
        if count < pool.needed:
            found.append(
                _(
                    "« %(pool)s » demande %(needed)s étapes et n’en offre que %(count)s.",
                    pool=pool.title,
                    needed=pool.needed,
                    count=count,
                )
            )
    found += [
        _("« %(step)s » est d’un choix qui n’existe pas.", step=step.title)
        for step in facts.steps
        if step.pool and step.pool not in known
    ]
    return found


def _needs(facts: PathFacts) -> list[str]:
    by_key, found = {step.key: step for step in facts.steps}, []
    for step in facts.steps:
        if any(key not in by_key for key in step.needs):
            found.append(_("« %(step)s » vient après une étape qui n’existe pas.", step=step.title))
        elif step.key in _before(step, by_key):
            found.append(
                _(
                    "« %(step)s » vient après elle-même : une boucle ne s’ouvrirait jamais.",
                    step=step.title,
                )
            )
    return found


def _before(step: StepFacts, by_key: Mapping[str, StepFacts]) -> set[str]:
    """The keys of all that comes before this step, however far."""
    seen: set[str] = set()
    seek = list(step.needs)
    while seek:
        key = seek.pop()
        if key not in seen and key in by_key:
            seen.add(key)
            seek += by_key[key].needs
    return seen


def _part(
    facts: PathFacts,
    step: StepFacts,
    slugs: Collection[str],
    parts: Mapping[str, Collection[str]],
) -> list[str]:
    if step.subpath is None:
        return []
    if step.subpath not in slugs:
        return [_("« %(step)s » : ce parcours n’existe pas.", step=step.title)]
    seen, seek = set(), [step.subpath]
    while seek:
        slug = seek.pop()
        if slug == facts.slug:
            return [
                _(
                    "« %(step)s » contient ce parcours-ci : une boucle n’aurait pas de fin.",
                    step=step.title,
                )
            ]
        if slug not in seen:
            seen.add(slug)
            seek += parts.get(slug, ())
    return []
