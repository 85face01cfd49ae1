"""Characters that no keyboard types and no page shows."""

from __future__ import annotations

import unicodedata


def has_unseen(text: str, welcome: str = "") -> bool:
    """Whether ``text`` has a control character, half of a surrogate pair or a noncharacter (the 66
    of Unicode, chapter 23.7, which XML and files made of it refuse), ``welcome`` aside."""
    return any(_is_unseen(c) for c in text if c not in welcome)


def _is_unseen(character: str) -> bool:
    point = ord(character)
    is_noncharacter = point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF
    return is_noncharacter or unicodedata.category(character) in ("Cc", "Cs")
