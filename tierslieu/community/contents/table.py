"""The base of contents as a table: exactly the workshop's six columns, both ways. It goes out in
the language of whoever takes it, and comes in again in either."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flask_babel import gettext as _

from tierslieu.community.contents.licences import find_licence
from tierslieu.community.contents.models import Content, Rights
from tierslieu.community.contents.rules import ContentFacts, check_facts, write_facts
from tierslieu.community.entries.rules import wrong
from tierslieu.people.models import fold
from tierslieu.web.languages import MAIN

COLUMNS = ("Objet", "Contenu", "Description", "Lien", "Auteur", "Libre de droit")
HEADS = {
    MAIN: COLUMNS,
    "en": ("Subject", "Content", "Description", "Link", "Author", "Free to reuse"),
}
MODEL = Content
_WRITTEN = {
    MAIN: {Rights.YES: "oui", Rights.NO: "non", Rights.TO_CHECK: "à vérifier"},
    "en": {Rights.YES: "yes", Rights.NO: "no", Rights.TO_CHECK: "to be checked"},
}
_READ = {
    "oui": Rights.YES, "o": Rights.YES, "yes": Rights.YES, "libre": Rights.YES,
    "non": Rights.NO, "n": Rights.NO, "no": Rights.NO, "droits reserves": Rights.NO,
    "a verifier": Rights.TO_CHECK, "?": Rights.TO_CHECK, "": Rights.TO_CHECK,
    "inconnu": Rights.TO_CHECK, "je ne sais pas": Rights.TO_CHECK, "a voir": Rights.TO_CHECK,
    "free": Rights.YES, "y": Rights.YES, "all rights reserved": Rights.NO,
    "to be checked": Rights.TO_CHECK, "to check": Rights.TO_CHECK, "unknown": Rights.TO_CHECK,
}  # fmt: skip


def write_rights(rights: Rights, licence: str, language: str = MAIN) -> str:
    """``oui (CC BY 4.0)``, ``non``, ``à vérifier``: one cell for both."""
    said = _WRITTEN[language][rights]
    return f"{said} ({licence})" if licence else said


def read_rights(cell: str) -> tuple[Rights, str]:
    """What that cell says. Raises :class:`Refused` ``rights_unknown`` (field ``rights``).

    The licence may follow in brackets, after a comma, a colon or a dash; a known licence alone
    means yes.
    """
    known = find_licence(cell)
    if known is not None:
        return Rights.YES, known.name
    said, mark, licence = "", "", ""
    if found := re.fullmatch(r"(.*?)\s*(?:([(,:;–—]| - )\s*(.*))?", cell, re.S):
        said, mark, licence = found[1], found[2] or "", (found[3] or "").strip()
    if fold(said).strip() not in _READ:
        message = _(
            "« %(cell)s » n’est pas compris : écrivez oui, non ou à vérifier, et la licence entre "
            "parenthèses, par exemple « oui (CC BY 4.0) ».",
            cell=cell[:60],
        )
        raise wrong(message, "rights_unknown", "rights")
    if mark == "(" and licence.endswith(")"):
        licence = licence[:-1].strip()
    return _READ[fold(said).strip()], licence


def row(entry: Content | ContentFacts, language: str = MAIN) -> list[str]:
    """One content in the order of :data:`COLUMNS`, our words in ``language``."""
    return [
        entry.subject,
        entry.content,
        entry.description,
        entry.link,
        entry.author,
        write_rights(entry.rights, entry.licence, language),
    ]


def read(cells: Sequence[str], now: datetime) -> ContentFacts:
    """One line of a file, checked. Raises :class:`Refused` as :func:`check_facts` does.

    «oui» without a licence is kept as «à vérifier»: nobody said under which one.
    """
    subject, content, description, link, author, said = cells
    rights, licence = read_rights(said)
    says_yes = rights is Rights.YES and not licence
    rights = Rights.TO_CHECK if says_yes else rights
    facts = ContentFacts(subject, content, description, link, author, rights, licence, says_yes)
    return check_facts(facts)


def key(entry: Content | ContentFacts) -> str:
    """By what a line and a content are the same: «Objet», whatever its accents."""
    return fold(entry.subject)


def may_be(facts: ContentFacts, other: Content | ContentFacts) -> bool:
    """Of the same subject: the same content if it is by the same author."""
    return fold(facts.author) == fold(other.author)


def settle(facts: ContentFacts, entry: Content) -> ContentFacts:
    """The line as it would change this content: the base may know the licence of a «oui»."""
    if facts.says_yes and entry.rights is Rights.YES:
        return replace(facts, rights=entry.rights, licence=entry.licence)
    if facts.says_yes and entry.rights is Rights.TO_CHECK:
        return replace(facts, licence=entry.licence)
    return facts


def remark(facts: ContentFacts) -> str:
    """What to know about a line that is taken."""
    if facts.says_yes:
        return str(_("« oui » sans licence : gardé comme « à vérifier »"))
    return ""


def new_entry(facts: ContentFacts, now: datetime) -> Content:
    """A content of this line, not yet of any space."""
    return write_facts(Content(created_at=now), facts, now)


write = write_facts
