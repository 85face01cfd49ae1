"""Asks and messages as pages say them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _

from courses.paths.models import Step
from tierslieu.community.aid.models import AidAsk, AidMessage
from tierslieu.errors import Refused
from tierslieu.web.links import clean_url

_LINK = re.compile(r"https?://[^\s<>\"«»]+", re.IGNORECASE)
_TAIL = ".,;:!?’'…)]}"


@dataclass(frozen=True)
class Piece:
    """A stretch of a message: words, or a link that is shown as it was typed."""

    text: str
    url: str = ""


def pieces(words: str) -> Iterator[Piece]:
    """A message in stretches: what is an address of the Web becomes a link, nothing else does."""
    end = 0
    for found in _LINK.finditer(words):
        link = found.group().rstrip(_TAIL)
        if found.group()[len(link) :].startswith(")") and "(" in link:
            link += ")"  # https://fr.wikipedia.org/wiki/Pile_(informatique)
        try:
            url = clean_url(link)
        except Refused:
            continue
        if found.start() > end:
            yield Piece(words[end : found.start()])
        yield Piece(link, url)
        end = found.start() + len(link)
    if end < len(words):
        yield Piece(words[end:])


def author_name(names: Mapping[UUID, str], message: AidMessage | AidAsk) -> str:
    """The name chosen by who wrote it; of who left, none."""
    name = names.get(message.author_id) if message.author_id else None
    return name or str(_("Une personne partie du groupe"))


def ask_title(ask: AidAsk) -> str:
    """An ask's title; that its author took it away, if so."""
    return ask.title or str(_("Demande retirée"))


def state_of(ask: AidAsk) -> tuple[str, str]:
    """Where an ask stands, in a word, with its tone."""
    if ask.solved_at is not None:
        return str(_("Résolue")), "ok"
    if ask.closed_at is not None:
        return str(_("Close")), "plain"
    return str(_("Ouverte")), "sun"


def state_choices() -> dict[str, str]:
    """The filter of a list, by its word in the address."""
    return {
        "ouvertes": str(_("Ouvertes")),
        "resolues": str(_("Résolues")),
        "closes": str(_("Closes")),
    }


def step_label(step: Step) -> str:
    """«3 · Algorithmique»."""
    return f"{step.code} · {step.title}" if step.code else step.title


def step_titles(steps: Sequence[Step]) -> dict[str, str]:
    """The steps of a path by key, as they are called."""
    return {step.key: step_label(step) for step in steps}
