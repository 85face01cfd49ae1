"""A short list of licences under which things are shared; any other is kept as it is typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tierslieu.people.models import fold

_CC = "https://creativecommons.org"


@dataclass(frozen=True)
class Licence:
    """One licence: its identifier in the SPDX list, the name people know, its text."""

    spdx: str
    name: str
    url: str


LICENCES = (
    Licence("CC-BY-4.0", "CC BY 4.0", f"{_CC}/licenses/by/4.0/deed.fr"),
    Licence("CC-BY-SA-4.0", "CC BY-SA 4.0", f"{_CC}/licenses/by-sa/4.0/deed.fr"),
    Licence("CC-BY-NC-4.0", "CC BY-NC 4.0", f"{_CC}/licenses/by-nc/4.0/deed.fr"),
    Licence("CC-BY-NC-SA-4.0", "CC BY-NC-SA 4.0", f"{_CC}/licenses/by-nc-sa/4.0/deed.fr"),
    Licence("CC0-1.0", "CC0 1.0", f"{_CC}/publicdomain/zero/1.0/deed.fr"),
    Licence(
        "etalab-2.0",
        "Licence Ouverte 2.0",
        "https://www.etalab.gouv.fr/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf",
    ),
    Licence("MIT", "MIT", "https://opensource.org/license/mit"),
    Licence("GPL-3.0-or-later", "GPL 3.0", "https://www.gnu.org/licenses/gpl-3.0.html"),
)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))


_KNOWN = {_letters(name): one for one in LICENCES for name in (one.spdx, one.name)}


def find_licence(text: str) -> Licence | None:
    """The licence these words name, however they are spaced: «cc-by-sa 4.0»."""
    return _KNOWN.get(_letters(text))


def named(text: str) -> str:
    """The licence by the name people know, or what was typed on one line."""
    known = find_licence(text)
    return known.name if known else " ".join(text.split())
