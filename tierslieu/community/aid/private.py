"""Addresses and numbers by which one reaches a person, found in what somebody is about to write.

Groups show no private address: what is posted is read by many, and is hard to take back. What a
teacher of computing writes must pass all the same: decorators (``@property``), products of
matrices (``a @ b``), bits, dates, versions, links.
"""

from __future__ import annotations

import re
import unicodedata

from flask_babel import gettext as _

from tierslieu.errors import Refused

# A domain ends with two letters at least, so that ``A@B.T`` is a product; ``git@host:owner`` and
# what stands within a link is no mailbox.
_EMAIL = re.compile(
    r"(?<![\w.+%/-])(?!git@[\w.-]+:)[\w.+%-]+@(?:[\w-]+\.)+[^\W\d_]{2,24}(?![\w(\[])", re.IGNORECASE
)
_SPELT = re.compile(
    r"[\w.+-]+\s*(?:\(at\)|\[at\]|\(arobase\)|\[arobase\]|\s+arobase\s+)\s*"
    r"[\w-]+(?:\s*(?:\.|\(dot\)|\[dot\]|\(point\)|\[point\]|\s+point\s+)\s*[\w-]+)+",
    re.IGNORECASE,
)
# Five pairs with one separator throughout; France's with its prefix; any other country's.
_FRENCH = re.compile(r"(?<![\w.,+])0[1-9]([ .\-/]?)\d\d(?:\1\d\d){3}(?![\w]|[.,]\d)")
_PREFIXED = re.compile(r"(?<!\w)(?:\+|00)33[ .\-]?(?:\(0\))?[ .\-]?[1-9](?:[ .\-]?\d\d){4}(?!\d)")
_ABROAD = re.compile(r"(?<![\w)\]])\+[1-9]\d{0,2}(?:[ .\-()]{0,2}\d){7,14}(?!\w)")


def has_email(text: str) -> bool:
    """Whether somebody's mail address stands in ``text``, spelt out or not."""
    text = unicodedata.normalize("NFKC", text)
    return bool(_EMAIL.search(text) or _SPELT.search(text))


def has_phone(text: str) -> bool:
    """Whether a telephone number stands in ``text``."""
    text = unicodedata.normalize("NFKC", text)
    if _PREFIXED.search(text):
        return True
    if any(set(found.group()) - set("01 .-/") for found in _FRENCH.finditer(text)):
        return True  # ten bits are no number
    return any(
        10 <= sum(c.isdigit() for c in found.group()) <= 15 for found in _ABROAD.finditer(text)
    )


def check_private(text: str, field: str) -> None:
    """Raise ``private_email`` or ``private_phone`` (with that field) where one stands in it."""
    if has_email(text):
        raise Refused(
            _(
                "Il y a là une adresse mail. Ici, personne ne montre la sienne ni celle d’autrui : "
                "tout le groupe la lirait. Retirez-la, et proposez plutôt de répondre ici, sur le "
                "forum ou au tiers-lieu. Si c’est du code, mettez une espace autour du « @ »."
            ),
            code="private_email",
            field=field,
            status=422,
        )
    if has_phone(text):
        raise Refused(
            _(
                "Il y a là un numéro de téléphone. Ici, personne ne montre le sien ni celui "
                "d’autrui : tout le groupe le lirait. Retirez-le, et proposez plutôt de répondre "
                "ici, sur le forum ou au tiers-lieu. Si c’est un exemple, écrivez-le avec des "
                "lettres : 0A 00 00 00 00."
            ),
            code="private_phone",
            field=field,
            status=422,
        )
