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
# What is called or indexed is code (``W@x.reshape(3, 1)``), and so is a product with spaces
# (``a @ b.T``), but not where a mail provider or the end of a country's or common domain stands.
_ENDS = r"(?:fr|com|org|net|eu|be|ch|ca|sn|ma|tn|dz|de|uk|es|it|io|edu|gouv|info|bzh)"
_LOOSE = re.compile(
    r"(?<![\w.+%/@-])(?!git@[\w.-]+:)[\w.+%-]+[^\S\n]{0,3}@[^\S\n]{0,3}(?:[\w-]+\.)+"
    + _ENDS
    + r"(?![\w\[]|\.\w)(?!\((?:\s*[\d\-\")\'\[]|\w+\s*[,=)]\s*[\w-]+))",
    re.IGNORECASE,
)
_SPELT = re.compile(
    r"[\w.+-]+\s*(?:\(at\)|\[at\]|\(arobase\)|\[arobase\]|\s+arobase\s+)\s*"
    r"[\w-]+(?:\s*(?:\.|\(dot\)|\[dot\]|\(point\)|\[point\]|\s+point\s+)\s*[\w-]+)+",
    re.IGNORECASE,
)
# Five pairs however they are cut, but a day with its hour; France's with its prefix; any other
# country's.
_FRENCH = re.compile(
    r"(?<![\w.,+])(?!\d\d[./\-]\d\d[./\-](?:19|20)\d\d(?!\d))0[1-9]"
    r"(?:[ .\-/]{0,3}\d\d){4}(?![\w]|[.,]\d)"
)
_PREFIXED = re.compile(
    r"(?<!\w)(?:\+|00)33[ .\-]{0,3}(?:\(0\))?[ .\-]{0,3}[1-9](?:[ .\-]{0,3}\d\d){4}(?!\d)"
)
_ABROAD = re.compile(r"(?<![\w)\]])\+[1-9]\d{0,2}(?:[ .\-()]{0,2}\d){7,14}(?!\w)")


def has_email(text: str) -> bool:
    """Whether somebody's mail address stands in ``text``, spelt out or not."""
    text = unicodedata.normalize("NFKC", text)
    return any(one.search(text) for one in (_EMAIL, _LOOSE, _SPELT))


def has_phone(text: str) -> bool:
    """Whether a telephone number stands in ``text``."""
    text = unicodedata.normalize("NFKC", text)
    if _PREFIXED.search(text):
        return True
    for found in _FRENCH.finditer(text):
        begins_with_bits = re.match(r"[01]{3,}(?!\d)", found.group())
        if not begins_with_bits and set(found.group()) - set("01 .-/"):
            return True  # bits are no number, whatever stands behind them
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
                "forum ou au tiers-lieu."
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
