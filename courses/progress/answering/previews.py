"""A look at a file that was handed in, where that is safe: pictures as pictures, text as text."""

from __future__ import annotations

from dataclasses import dataclass

from tierslieu.errors import Refused
from tierslieu.store.shelf import Shelf, StoreAway
from tierslieu.uploads.models import Upload
from tierslieu.uploads.rules import read_upload
from tierslieu.uploads.sending import PICTURES

MOST = 3000  # characters of a text
_TEXTS = frozenset({"text/plain", "text/csv", "text/x-python"})


@dataclass(frozen=True)
class Preview:
    """``is_picture``, or the beginning of a ``text``; ``is_cut``: there is more of it."""

    is_picture: bool
    text: str = ""
    is_cut: bool = False


def preview(shelf: Shelf, upload: Upload | None) -> Preview | None:
    """What can be shown of this file on the page; None: it is to be downloaded."""
    if upload is None:
        return None
    if upload.media_type in PICTURES:
        return Preview(is_picture=True)
    if upload.media_type not in _TEXTS:
        return None
    try:
        data = read_upload(shelf, upload)
    except (Refused, StoreAway):  # the page says it when one asks for the file
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    return Preview(is_picture=False, text=text[:MOST], is_cut=len(text) > MOST)
