"""Names, codes and numbers of a file, as ours take them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any

from flask_babel import gettext as _

LONGEST = 20  # characters of a name; ours are 32 at most, with row and box
_OWN_CODE = re.compile(r"0|[1-9]\d{0,3}")
_HIGHEST = 10**12


def unique_name(raw: str, taken: Collection[str], most: int, otherwise: str) -> str:
    """``raw`` in small letters, digits and low lines, ``most`` at most, unlike those ``taken``."""
    if re.fullmatch(r"[a-z0-9_]+", raw) and len(raw) <= most and raw not in taken:
        return raw
    plain = re.sub(r"[^a-z0-9_]+", "_", raw.lower()).strip("_")
    stem = plain[:most].rstrip("_") or otherwise[:most]
    name, number = stem, 2
    while name in taken:
        end = f"_{number}"
        name, number = f"{stem[: max(most - len(end), 1)].rstrip('_')}{end}", number + 1
    return name


def codes_of(raw: Sequence[str]) -> dict[str, int]:
    """The code of each choice: its name where that is a number from 0 to 9999, else a number that
    no other has, after theirs."""
    own = {one: int(one) for one in raw if _OWN_CODE.fullmatch(one)}
    after = max(own.values(), default=0) + 1
    free = (n for n in chain(range(after, 10_000), range(1, after)) if n not in own.values())
    return {one: own[one] if one in own else next(free) for one in dict.fromkeys(raw)}


def number(value: Any, where: str) -> Decimal:
    """The number in a cell. Raises ValueError with a sentence."""
    text = str(value).strip()
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("nan")
    if not found.is_finite() or abs(found) >= _HIGHEST:
        raise ValueError(
            _("%(where)s : « %(text)s » n’est pas un nombre qui convienne.",
              where=where, text=text[:20])
        )  # fmt: skip
    return found


def whole(value: Any, otherwise: int, where: str) -> int:
    """The whole number in a cell; ``otherwise`` where there is none. Raises ValueError."""
    if value is None or not str(value).strip():
        return otherwise
    found = number(value, where)
    if found != int(found):
        raise ValueError(
            _("%(where)s : « %(text)s » n’est pas un nombre entier.",
              where=where, text=str(value)[:20])
        )  # fmt: skip
    return int(found)
