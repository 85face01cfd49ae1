"""Giving a file back over the web: as a download, in which a browser runs nothing. Only pictures
made of dots may be shown on a page."""

from __future__ import annotations

from io import BytesIO

from flask import Response, send_file

from tierslieu.store.shelf import Shelf
from tierslieu.uploads.models import Upload
from tierslieu.uploads.rules import read_upload

PICTURES = frozenset({"image/png", "image/jpeg"})


def send_upload(shelf: Shelf, upload: Upload, *, is_shown: bool = False) -> Response:
    """The file as it was handed in, to be saved; a picture to be shown where ``is_shown``. Who may
    have it, the caller has decided.

    Raises :class:`Refused` as :func:`~tierslieu.uploads.rules.read_upload` does.
    """
    response = send_file(
        BytesIO(read_upload(shelf, upload)),
        mimetype=upload.media_type,
        as_attachment=not (is_shown and upload.media_type in PICTURES),
        download_name=upload.filename,
        etag=False,
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
