"""Giving a large file of the place to somebody: to be saved, from its middle if they ask so."""

from __future__ import annotations

from os import SEEK_END
from typing import BinaryIO

from flask import Response, request, send_file
from werkzeug.exceptions import RequestedRangeNotSatisfiable


def send_kept(file: BinaryIO, name: str, mimetype: str, *, mark: str) -> Response:
    """``file`` from its start as a download called ``name``; it is closed when it was sent.
    ``mark`` stands for these very bytes: who fetched a part goes on only while it is the same.
    Who may have it, the caller has decided.
    """
    size = file.seek(0, SEEK_END)
    file.seek(0)
    answer = send_file(
        file,
        mimetype=mimetype,
        as_attachment=True,
        download_name=name,
        etag=f"{mark}-{size}",
        conditional=False,
    )
    answer.content_length = size
    answer.headers["Cache-Control"] = "no-store"
    try:
        answer.make_conditional(request, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable:
        file.close()
        raise
    return answer
