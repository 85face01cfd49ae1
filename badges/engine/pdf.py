"""The credential attached to a PDF certificate.

A PDF's streams, attachments among them, always stand in the open in the file (ISO 32000-2, 7.5.7:
an object stream holds no stream). So the attachments are found by reading the file once, with
bounds on everything, and no object graph of a stranger's is ever built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .errors import MalformedError, UnsupportedError
from .png import inflate

#: Attachments looked at in one file.
MAX_STREAMS = 32
_MAX_DICTIONARY = 4_096

_STREAM = re.compile(rb"stream\r?\n")
_FILTER = re.compile(rb"/Filter\s*(?:\[\s*)?/(\w+)(?:\s*\]|(?=[\s/>]))")
_LENGTH = re.compile(rb"/Length\s+(\d{1,10})(?!\s+\d+\s+R)")


def read_attachments(data: bytes, limit: int) -> Iterator[bytes]:
    """Each attachment's bytes, at most `limit` each; damaged or foreign ones are passed over.

    Raises:
        UnsupportedError: the file is encrypted.
    """
    if re.search(rb"/Encrypt\s+\d+\s+\d+\s+R", data[-65_536:]):
        raise UnsupportedError("file_encrypted", "the file is encrypted")
    seen = 0
    position = 0
    while (found := data.find(b"/EmbeddedFile", position)) >= 0:
        position = found + len(b"/EmbeddedFile")
        if data[position : position + 1] == b"s":
            continue  # the name tree `/EmbeddedFiles`, not a file
        seen += 1
        if seen > MAX_STREAMS:
            return
        content = _stream(data, found, limit)
        if content is not None:
            yield content


def _stream(data: bytes, inside: int, limit: int) -> bytes | None:
    """The content of the stream whose dictionary holds this position."""
    opening = _STREAM.search(data, inside, inside + _MAX_DICTIONARY)
    start = data.rfind(b" obj", max(0, inside - _MAX_DICTIONARY), inside)
    if opening is None or start < 0:
        return None
    dictionary = data[start : opening.start()]
    if b"endobj" in dictionary:
        return None
    if b"/Filter" not in dictionary:
        return _plain(data, opening.end(), dictionary, limit)
    filters = _FILTER.search(dictionary)
    if filters is None or filters[1] != b"FlateDecode":
        return None
    try:
        # zlib knows its own end; the file's stated length is not needed, nor believed.
        return inflate(data[opening.end() :], limit)
    except MalformedError:
        return None


def _plain(data: bytes, start: int, dictionary: bytes, limit: int) -> bytes | None:
    length = _LENGTH.search(dictionary)
    end = start + int(length[1]) if length else data.find(b"endstream", start)
    if end < start or end > len(data) or end - start > limit:
        return None
    return data[start:end]
