"""Reading an instrument's document: whole, well made, in one language."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from tierslieu.surveys.instruments.conditions import Condition, read_condition
from tierslieu.surveys.instruments.items import (
    ASIDE_SUFFIX,
    COUNT_NAME,
    LABEL_LIMIT,
    MOST_DECIMALS,
    NAME,
    REFUSAL_SUFFIX,
    SCALES,
    TEXTS,
    Item,
    ItemKind,
    ItemVariable,
    Option,
    Questionnaire,
    Row,
    Scale,
    Sheet,
)
from tierslieu.surveys.instruments.wording import check_wording, languages_of, say

FOLDER = Path(__file__).parents[1] / "shipped"
HIGHEST = 999_999_999  # of a number, and of a score
MOST_WORDS = 10_000  # characters of an answer in free words
_WITH_OPTIONS = (
    ItemKind.LIKERT,
    ItemKind.CHOICE,
    ItemKind.SEVERAL,
    ItemKind.GRID,
    ItemKind.MATRIX,
    ItemKind.RANKING,
)
_SCALABLE = (*SCALES, ItemKind.GRID, ItemKind.SLIDER, ItemKind.NUMBER)


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of the instrument in one canonical writing, as 64 hexadecimal digits."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def load_shipped() -> list[dict[str, Any]]:
    """The instruments that come with the software, by name of file."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]


def read_questionnaire(content: Mapping[str, Any], language: str = "") -> Questionnaire:
    """The questionnaire in an instrument's ``content``, in ``language`` where it speaks it, else in
    its own. Raises ValueError, KeyError, TypeError if ill-made."""
    languages = languages_of(content)
    spoken = language if language in languages else languages[0]
    read = Questionnaire(
        content["slug"],
        content["version"],
        say(content["title"], spoken),
        content["minutes"],
        tuple(_read_page(page, spoken) for page in content["pages"]),
        tuple(_read_scale(scale, spoken) for scale in content.get("scales", ())),
        spoken,
        languages,
    )
    _check_names(read)
    _check_scales(read)
    return read


def check_languages(content: Mapping[str, Any]) -> None:
    """Raise ValueError, saying where, when words are missing in one of the languages."""
    languages = languages_of(content)
    for where, wording in _wordings(content):
        check_wording(wording, languages, where)


def check_names(questionnaire: Questionnaire, wave: str) -> None:
    """Raise ValueError, with a sentence, if a column of the wide table would bear a name no file
    takes, or the one that counts the sheets of the wave."""
    for variable in questionnaire.variables():
        if variable.name == COUNT_NAME:
            raise ValueError(
                _(
                    "Une variable de ce questionnaire s’appelle « %(name)s », comme ce qui compte "
                    "les questionnaires remis dans les fichiers de données : donnez-lui un autre "
                    "nom dans une nouvelle version.",
                    name=COUNT_NAME,
                )
            )
        if not NAME.fullmatch(f"{variable.name}_{wave}"):
            raise ValueError(
                _(
                    "Une variable de ce questionnaire a un nom trop long pour les fichiers de "
                    "données (%(slug)s s’y ajoute) : raccourcissez-le dans une nouvelle version.",
                    slug=f"_{wave}",
                )
            )


def find_faults(content: Mapping[str, Any]) -> list[str]:
    """What keeps an instrument from being asked, in sentences; none when it is whole."""
    try:
        read = read_questionnaire(content)
    except ValueError as fault:
        return [str(fault)]
    found = [] if list(read.variables()) else [str(_("Il n’a encore aucune question."))]
    try:
        check_languages(content)
    except ValueError as fault:
        found.append(str(fault))
    found += bounds_faults(read)
    empty = [page.title for page in read.pages if not page.items and not page.intro]
    found += [str(_("La page « %(title)s » est vide.", title=title)) for title in empty]
    return found


def bounds_faults(read: Questionnaire) -> list[str]:
    """What is wrong with the bounds to which scales are stretched, in sentences.

    A draft is not written with them; what was answered before this was watched is still read.
    """
    return [
        str(
            _(
                "%(name)s : un score va de 0 à 999 999 999 au plus. Sous zéro, les fichiers de "
                "données diraient pourquoi il n’y a pas de réponse.",
                name=scale.name,
            )
        )
        for scale in read.scales
        if scale.between and not 0 <= scale.between[0] < scale.between[1] <= HIGHEST
    ]


def _wrong(name: str, sentence: str) -> ValueError:
    """What is wrong with an item, a page or a scale."""
    return ValueError(f"{name}\u00a0: {sentence}")


def _bad_name(name: str) -> str:
    return str(
        _(
            "« %(name)s » ne convient pas comme nom : 32 lettres minuscules sans accent, "
            "chiffres ou tirets bas au plus, une lettre d’abord.",
            name=name,
        )
    )


def _bad_label(name: str) -> str:
    sentence = _("donnez un libellé court, de %(most)s caractères au plus.", most=LABEL_LIMIT)
    return str(_wrong(name, sentence))


def _wordings(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "title", content["title"]
    for number, page in enumerate(content["pages"], start=1):
        yield f"page {number}", page["title"]
        if page.get("intro"):
            yield f"page {number}", page["intro"]
        for item in page["items"]:
            name = item["name"]
            yield name, item["text"]
            yield name, item["label"]
            yield from ((f"{name} {one['value']}", one["label"]) for one in item.get("options", ()))
            for row in item.get("rows", ()):
                yield f"{name}_{row['name']}", row["text"]
            yield from ((name, one) for one in item.get("ends", ()))
    yield from ((scale["name"], scale["label"]) for scale in content.get("scales", ()))


def _read_page(page: Mapping[str, Any], language: str) -> Sheet:
    return Sheet(
        say(page["title"], language),
        say(page.get("intro", ""), language),
        tuple(_read_item(raw, language) for raw in page["items"]),
        _when(page),
    )


def _when(raw: Mapping[str, Any]) -> Condition | None:
    return read_condition(raw["when"]) if raw.get("when") else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _read_item(raw: Mapping[str, Any], language: str) -> Item:
    low, high = (say(one, language) for one in raw.get("ends", ("", "")))
    item = Item(
        name=raw["name"],
        kind=ItemKind(raw["kind"]),
        text=say(raw["text"], language),
        label=say(raw["label"], language),
        required=raw["required"],
        options=tuple(
            Option(one["value"], say(one["label"], language), one.get("alone", False))
            for one in raw.get("options", ())
        ),
        rows=tuple(
            Row(
                one["name"],
                say(one["text"], language),
                say(one.get("label", one["text"]), language),
            )
            for one in raw.get("rows", ())
        ),
        minimum=raw.get("minimum", 0),
        maximum=raw.get("maximum", 0),
        decimals=raw.get("decimals", 0),
        step=raw.get("step", 1),
        ends=(low, high),
        earliest=_day(raw.get("earliest")),
        latest=_day(raw.get("latest")),
        unit=say(raw.get("unit", ""), language),
        max_length=raw.get("max_length", 0),
        when=_when(raw),
        may_be_aside=raw.get("may_be_aside", False),
    )
    _check_item(item)
    return item


def _check_item(item: Item) -> None:
    if not NAME.fullmatch(item.name) or item.name.endswith((REFUSAL_SUFFIX, ASIDE_SUFFIX)):
        raise ValueError(_bad_name(item.name))
    if len(item.label) > LABEL_LIMIT or not item.label:
        raise ValueError(_bad_label(item.name))
    if item.kind in _WITH_OPTIONS and len(item.options) < 2:
        raise _wrong(item.name, _("donnez au moins deux réponses possibles."))
    if any(not one.label or one.value < 0 for one in item.options):
        raise ValueError(
            _("%(name)s : chaque réponse a un libellé et un code, à partir de 0.", name=item.name)
        )
    if len({one.value for one in item.options}) < len(item.options):
        raise _wrong(item.name, _("deux réponses ont le même code."))
    if item.kind in (ItemKind.GRID, ItemKind.MATRIX) and not item.rows:
        raise _wrong(item.name, _("donnez au moins une ligne."))
    if len({row.name for row in item.rows}) < len(item.rows):
        raise _wrong(item.name, _("deux lignes ont le même nom."))
    _check_bounds(item)


def _check_bounds(item: Item) -> None:
    if item.kind in (ItemKind.NUMBER, ItemKind.SLIDER):
        # Below zero stand the reasons why there is no answer.
        if not 0 <= item.minimum < item.maximum <= HIGHEST:
            raise ValueError(
                _(
                    "%(name)s : les bornes vont de 0 à 999 999 999, la plus petite d’abord.",
                    name=item.name,
                )
            )
        if item.decimals not in range(MOST_DECIMALS + 1) or (
            item.decimals and item.kind is ItemKind.SLIDER
        ):
            raise ValueError(
                _("%(name)s : trois décimales au plus, et aucune pour un curseur.", name=item.name)
            )
        if item.step < 1:
            raise _wrong(item.name, _("le pas est d’au moins 1."))
    if item.kind in TEXTS and not 0 < item.max_length <= MOST_WORDS:
        raise ValueError(
            _(
                "%(name)s : donnez la longueur du texte, %(most)s caractères au plus.",
                name=item.name,
                most=MOST_WORDS,
            )
        )
    if item.earliest and item.latest and item.earliest > item.latest:
        raise ValueError(
            _("%(name)s : le premier jour possible est après le dernier.", name=item.name)
        )


def _check_names(read: Questionnaire) -> None:
    """Every name once, and a condition looks only at what was asked before."""
    names: set[str] = set()
    groups: set[str] = set()
    for page in read.pages:
        _check_condition(page.when, names, page.title)
        for item in page.items:
            _check_condition(item.when, names, item.name)
            own = {one.name for one in item.variables}
            # An item of several variables gives its name to its boxes of refusal.
            if own & (names | groups) or item.name in (names | groups):
                raise ValueError(
                    _("%(name)s : ce nom est déjà celui d’une autre question.", name=item.name)
                )
            if wrong := [one for one in own if not NAME.fullmatch(one)]:
                raise ValueError(_bad_name(wrong[0]))
            names |= own
            groups.add(item.name)


def _check_condition(condition: Condition | None, names: set[str], where: str) -> None:
    unknown = set(condition.names()) - names if condition else set()
    if unknown:
        raise ValueError(
            _(
                "%(where)s : sa condition parle de « %(name)s », qui n’est pas demandé avant.",
                where=where,
                name=sorted(unknown)[0],
            )
        )


def _read_scale(raw: Mapping[str, Any], language: str) -> Scale:
    between = raw.get("between")
    return Scale(
        raw["name"],
        say(raw["label"], language),
        tuple(raw["items"]),
        frozenset(raw.get("reversed", ())),
        raw.get("is_sum", False),
        raw.get("least", len(raw["items"])),
        (between[0], between[1]) if between else None,
    )


def _check_scales(read: Questionnaire) -> None:
    known = {one.name: one for one in read.variables()}
    taken: set[str] = set(known)
    for scale in read.scales:
        if not NAME.fullmatch(scale.name) or scale.name in taken:
            raise ValueError(
                _("« %(name)s » n’est pas le nom d’une échelle, ou est déjà pris.", name=scale.name)
            )
        taken.add(scale.name)
        if len(scale.label) > LABEL_LIMIT or not scale.label:
            raise ValueError(_bad_label(scale.name))
        if not scale.items or len(set(scale.items)) < len(scale.items):
            raise ValueError(
                _("%(name)s : une échelle a des questions, chacune une fois.", name=scale.name)
            )
        _check_scale_items(scale, [known.get(name) for name in scale.items])
        if not scale.reversed_items <= set(scale.items):
            raise ValueError(
                _("%(name)s : ce qui est inversé est une question de l’échelle.", name=scale.name)
            )
        if not 0 < scale.least <= len(scale.items):
            raise ValueError(
                _("%(name)s : il faut au moins une réponse, au plus toutes.", name=scale.name)
            )
        if scale.between and not scale.between[0] < scale.between[1]:
            raise _wrong(scale.name, _("un score va du moins au plus."))


def scalable(read: Questionnaire) -> list[ItemVariable]:
    """The variables that may be part of a scale."""
    return [one for one in read.variables() if one.kind in _SCALABLE]


def _check_scale_items(scale: Scale, items: Sequence[ItemVariable | None]) -> None:
    for one in items:
        if one is None or one.kind not in _SCALABLE:
            raise ValueError(
                _(
                    "%(name)s : une échelle se fait de choix, de grilles et de nombres.",
                    name=scale.name,
                )
            )
