"""Characters that no keyboard types and no page shows."""

from __future__ import annotations

import unicodedata

# Unicode, UAX 9, 2.1 to 2.4: what embeds, overrides, isolates and ends them.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def turns_reading(text: str) -> bool:
    """Whether ``text`` has a sign that turns the direction of reading, of what stands after it on
    the line too: a title would rearrange the sentence, or the subject of the mail, that quotes it.
    """
    return not _TURNS.isdisjoint(text)


def has_unseen(text: str, welcome: str = "") -> bool:
    """Whether ``text`` has a control character, half of a surrogate pair or a noncharacter (the 66
    of Unicode, chapter 23.7, which XML and files made of it refuse), ``welcome`` aside."""
    return any(_is_unseen(c) for c in text if c not in welcome)


def _is_unseen(character: str) -> bool:
    point = ord(character)
    is_noncharacter = point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF
    return is_noncharacter or unicodedata.category(character) in ("Cc", "Cs")
