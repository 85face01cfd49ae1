"""Text chunks of PNG pictures, read and written without touching the picture itself.

PNG 1.2, sections 3 and 4.2.3. Open Badges 3.0 bakes into one uncompressed iTXt chunk.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from .errors import MalformedError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: Chunks looked at in one picture; encoders write one for every 8 kB or more.
MAX_CHUNKS = 20_000
_TEXT_CHUNKS = (b"iTXt", b"tEXt", b"zTXt")


def read_text(data: bytes, keywords: tuple[str, ...], limit: int) -> str | None:
    """The text of the first of these keywords that the picture holds, at most `limit` bytes.

    Raises:
        MalformedError: a cut or broken picture (`png_invalid`), a text too large, another text
            under the same keyword: two readers could take one each (Open Badges 3.0, 5.3.1.1).
    """
    texts: dict[str, bytes] = {}
    found: dict[str, bytes] = {}
    for kind, content, _ in _chunks(data):
        keyword = _keyword(kind, content)
        if keyword not in keywords:
            continue
        if found.setdefault(keyword, content) != content:
            raise _invalid("the picture holds two texts where there is one")
        if keyword not in texts:
            texts[keyword] = _text(kind, content, limit)
    for keyword in keywords:
        if keyword in texts:
            try:
                return texts[keyword].decode()
            except UnicodeDecodeError:
                raise MalformedError("not_utf8", "the text is not UTF-8") from None
    return None


def write_text(data: bytes, keyword: str, text: str) -> bytes:
    """The picture with this text, replacing one of the same keyword; every other byte stays.

    Raises:
        MalformedError: a cut or broken picture (`png_invalid`).
    """
    content = keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode()
    piece = chunk(b"iTXt", content)
    pieces = [SIGNATURE]
    for kind, found, raw in _chunks(data):
        if _keyword(kind, found) == keyword:
            continue
        pieces.append(raw)
        if kind == b"IHDR":
            # Before the picture: a reader that streams has it first.
            pieces.append(piece)
    return b"".join(pieces)


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk's kind and content, in order; IHDR first, IEND last, checksums right.

    Raises:
        MalformedError: a cut or broken picture.
    """
    for kind, content, _ in _chunks(data):
        yield kind, content


def chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk, whole: its length, kind, content and checksum."""
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Each chunk's kind, content and whole bytes; IHDR first, IEND last, checksums right."""
    position = len(SIGNATURE)
    for number in range(MAX_CHUNKS):
        if len(data) < position + 12:
            raise _invalid("the picture is cut short")
        (length,) = struct.unpack_from(">I", data, position)
        end = position + 12 + length
        if end > len(data):
            raise _invalid("the picture is cut short")
        kind, content = data[position + 4 : position + 8], data[position + 8 : end - 4]
        if struct.unpack_from(">I", data, end - 4)[0] != zlib.crc32(kind + content):
            raise _invalid("a part of the picture is damaged")
        if number == 0 and kind != b"IHDR":
            raise _invalid("the picture has no header")
        yield kind, content, data[position:end]
        if kind == b"IEND":
            return
        position = end
    raise _invalid("the picture has too many parts")


def _keyword(kind: bytes, content: bytes) -> str | None:
    if kind not in _TEXT_CHUNKS:
        return None
    return content.partition(b"\0")[0].decode("latin-1")


def _text(kind: bytes, content: bytes, limit: int) -> bytes:
    _, _, rest = content.partition(b"\0")
    compressed = kind == b"zTXt"
    if kind == b"zTXt":
        rest = rest[1:]
    elif kind == b"iTXt":
        compressed = rest[:1] == b"\1"
        # After the two flags: language, translated keyword, text.
        parts = rest[2:].split(b"\0", 2)
        if len(parts) != 3:
            raise _invalid("the picture's text is damaged")
        rest = parts[2]
    return inflate(rest, limit) if compressed else rest


def inflate(data: bytes, limit: int) -> bytes:
    """Decompress, but never more than `limit` bytes.

    Raises:
        MalformedError: not zlib data, cut short, or beyond the limit.
    """
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(data, limit + 1)
    except zlib.error:
        raise _invalid("a compressed part is damaged") from None
    if len(unpacked) > limit:
        raise MalformedError("too_large", "the document is too large", {"limit": limit})
    if not unpacker.eof:
        raise _invalid("a compressed part is cut short")
    return unpacked


def _invalid(message: str) -> MalformedError:
    return MalformedError("file_damaged", message)
