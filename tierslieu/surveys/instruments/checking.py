"""What may be answered to the items of a page, and what is kept of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from tierslieu.errors import Refused
from tierslieu.surveys.instruments.items import (
    ASIDE_SUFFIX,
    MOST_DECIMALS,
    NOT_CONCERNED,
    PREFERS_NOT,
    REFUSAL_SUFFIX,
    SCALES,
    TEXTS,
    Item,
    ItemKind,
)
from tierslieu.web.characters import has_unseen
from tierslieu.web.formats import number

NO_VALUE = (str(PREFERS_NOT), str(NOT_CONCERNED))  # what may be sent in place of a code
_BOXES = (ItemKind.SEVERAL, ItemKind.MATRIX)
_RADIOS = (*SCALES, ItemKind.GRID)  # refusing is one of the radios


class BadAnswers(Refused):
    """Some answers of a page can't be kept: a sentence for each item."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        name, sentence = next(iter(faults.items()))
        super().__init__(sentence, code="bad_answer", field=name, status=422)
        self.faults = dict(faults)


def sent_names(item: Item) -> set[str]:
    """What the form of an item may send."""
    boxes = {item.name + REFUSAL_SUFFIX, item.name + ASIDE_SUFFIX}
    return {one.name for one in item.variables} | boxes


def check_answers(
    items: Sequence[Item],
    values: Mapping[str, str],
    *,
    before: Mapping[str, str] | None = None,
    partial: bool = False,
) -> dict[str, str | None]:
    """What to keep for each variable of ``items``: its code or text, None where there is none.

    ``values`` is what was sent, by the name of the variable (and ``<item>__refus``,
    ``<item>__sans_objet`` where one prefers not to answer, or it does not concern one, and the
    item is no radio). ``before``: what was answered on the pages before, for the conditions: what
    they leave out is kept no answer of. ``partial`` lets required items wait (going back,
    finishing later). Raises :class:`BadAnswers` with a sentence for each fault.
    """
    known = {name for item in items for name in sent_names(item)}
    faults = {
        name: _("Ce questionnaire ne pose pas cette question. Rechargez la page.")
        for name in values
        if name not in known
    }
    kept: dict[str, str | None] = {}
    for item in items:
        so_far = {**(before or {}), **{name: text for name, text in kept.items() if text}}
        if item.when is not None and not item.when.holds(so_far):
            kept |= dict.fromkeys((one.name for one in item.variables), None)
            continue
        try:
            found = _check_item(item, values)
        except ValueError as fault:
            faults[item.name] = str(fault)
            continue
        kept |= found
        if not partial and item.required and None in found.values():
            faults[item.name] = _missing(item, found)
    if faults:
        raise BadAnswers(faults)
    return kept


def _missing(item: Item, found: Mapping[str, str | None]) -> str:
    if item.kind is ItemKind.GRID and any(found.values()):
        return str(_("Une ligne attend encore ; vous pouvez aussi préférer ne pas répondre."))
    if item.kind in TEXTS:
        return str(_("Écrivez quelques mots ; vous pouvez aussi préférer ne pas répondre."))
    return str(_("Choisissez une réponse ; vous pouvez aussi préférer ne pas répondre."))


def _check_item(item: Item, values: Mapping[str, str]) -> dict[str, str | None]:
    names = [one.name for one in item.variables]
    if item.kind not in _RADIOS:
        for suffix, code in ((REFUSAL_SUFFIX, PREFERS_NOT), (ASIDE_SUFFIX, NOT_CONCERNED)):
            if values.get(item.name + suffix) and (code == PREFERS_NOT or item.may_be_aside):
                return dict.fromkeys(names, str(code))
    texts = {name: unicodedata.normalize("NFC", values.get(name, "")).strip() for name in names}
    if item.kind not in TEXTS and item.kind is not ItemKind.DATE:
        # What the page shows of a refusal is sent back as it was.
        refused = {text for text in texts.values() if text in NO_VALUE}
        if item.kind not in _RADIOS and refused:
            return dict.fromkeys(names, refused.pop())
    if not any(texts.values()):
        return dict.fromkeys(names, None)
    if item.kind in _BOXES:
        return _check_boxes(item, texts)
    if item.kind is ItemKind.RANKING:
        return _check_ranks(item, texts)
    return {name: _check_one(item, name, text) for name, text in texts.items()}


def _check_one(item: Item, name: str, text: str) -> str | None:
    if not text:
        return None
    if item.kind in TEXTS:
        return _check_text(item, text)
    if item.kind is ItemKind.DATE:
        return _check_day(item, text)
    if item.kind in (ItemKind.NUMBER, ItemKind.SLIDER):
        return _check_number(item, text)
    codes = {
        str(option.value) for one in item.variables if one.name == name for option in one.options
    }
    codes |= {str(PREFERS_NOT), *([str(NOT_CONCERNED)] if item.may_be_aside else [])}
    if text not in codes:
        raise ValueError(_("Choisissez l’une des réponses proposées."))
    return text


def _check_boxes(item: Item, texts: Mapping[str, str]) -> dict[str, str | None]:
    """A box ticked is 1, the others 0; a row of a matrix without any is 0 too."""
    if any(text not in ("", "0", "1") for text in texts.values()):
        raise ValueError(_("Choisissez l’une des réponses proposées."))
    ticked = {name for name, text in texts.items() if text == "1"}
    if not ticked:
        return dict.fromkeys(texts, None)
    alone = {f"{item.name}_{option.value}" for option in item.options if option.alone}
    if ticked & alone and len(ticked) > 1:
        label = next(o.label for o in item.options if f"{item.name}_{o.value}" in ticked & alone)
        raise ValueError(_("« %(label)s » ne va pas avec une autre réponse.", label=label))
    if item.kind is ItemKind.SEVERAL and item.maximum and len(ticked) > item.maximum:
        raise ValueError(_("Choisissez %(most)d réponses au plus.", most=item.maximum))
    return {name: "1" if name in ticked else "0" for name in texts}


def _check_ranks(item: Item, texts: Mapping[str, str]) -> dict[str, str | None]:
    wanted = {str(rank) for rank in range(1, len(item.options) + 1)}
    given = [text for text in texts.values() if text]
    if any(text not in wanted for text in given):
        raise ValueError(_("Choisissez l’un des rangs proposés."))
    if len(set(given)) < len(given):
        raise ValueError(_("Deux réponses ont le même rang : donnez à chacune le sien."))
    if len(given) < len(wanted):
        raise ValueError(_("Donnez un rang à chaque réponse, ou préférez ne pas répondre."))
    return dict(texts)


def _check_number(item: Item, text: str) -> str:
    digits = "".join(text.split()).replace(",", ".")
    pattern = r"\d{1,9}" + (rf"(\.\d{{1,{item.decimals}}})?" if item.decimals else "")
    if not re.fullmatch(pattern, digits, re.ASCII):
        raise ValueError(_number_sentence(item))
    value = float(digits) if item.decimals else int(digits)
    if not item.minimum <= value <= item.maximum:
        raise ValueError(_number_sentence(item))
    if item.kind is ItemKind.SLIDER and (value - item.minimum) % item.step:
        raise ValueError(_number_sentence(item))
    return f"{value:.{item.decimals}f}" if item.decimals else str(value)


def _number_sentence(item: Item) -> str:
    low, high = (number(one, MOST_DECIMALS) for one in (item.minimum, item.maximum))
    bounds = {"low": low, "high": high}
    if item.decimals:
        sentence = ngettext(
            "Écrivez un nombre de %(low)s à %(high)s, un chiffre au plus après la virgule.",
            "Écrivez un nombre de %(low)s à %(high)s, %(num)d chiffres au plus après la virgule.",
            item.decimals,
            **bounds,
        )
        return str(sentence)
    return str(_("Écrivez un nombre entier, de %(low)s à %(high)s.", **bounds))


def _check_day(item: Item, text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(_("Écrivez un jour qui existe : jour, mois, année.")) from None
    if (item.earliest and day < item.earliest) or (item.latest and day > item.latest):
        raise ValueError(_("Ce jour n’est pas de ceux que la question attend."))
    return day.isoformat()


def _check_text(item: Item, text: str) -> str:
    text = text.replace("\r\n", "\n")
    if item.kind is ItemKind.SHORT:
        text = " ".join(text.split())
    if len(text) > item.max_length:
        raise ValueError(
            _(
                "Ce texte est trop long : %(count)d caractères, %(most)d au plus.",
                count=len(text),
                most=item.max_length,
            )
        )
    if has_unseen(text, "\n\t"):
        raise ValueError(_("Ce texte contient un caractère invisible : effacez-le et réessayez."))
    return text
