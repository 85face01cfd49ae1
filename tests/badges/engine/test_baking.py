"""A badge inside a picture or a certificate, and what damaged or hostile files get."""

from __future__ import annotations

import io
import json
import random
import struct
import time
import tracemalloc
import zlib
from typing import Any
from xml.etree import ElementTree

import pikepdf
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from badges.engine import baking, png
from badges.engine.documents import MAX_TEXT_BYTES
from badges.engine.errors import EngineError, MalformedError, UnsupportedError

SVG = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!-- dessin > -->\n'
    '<svg xmlns="http://www.w3.org/2000/svg" data-note="a>b" viewBox="0 0 9 9">\n'
    "  <title>Étoile</title><rect width='9' height='9'/>\n</svg>\n"
).encode()


def picture(**options: Any) -> bytes:
    """A small PNG made by somebody else's library."""
    buffer = io.BytesIO()
    image = Image.new("RGB", (9, 9))
    image.putdata([(n * 3 % 256, n % 256, 7) for n in range(81)])
    image.save(buffer, "PNG", **options)
    return buffer.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def with_chunk(data: bytes, *extra: bytes) -> bytes:
    return data[:33] + b"".join(extra) + data[33:]


@pytest.fixture
def text(house: Any) -> str:
    signed = house.signed(narrative="Des ]]> et des <balises> & « guillemets »")
    return json.dumps(signed, ensure_ascii=False)


@pytest.mark.parametrize("image", [picture(), SVG], ids=["png", "svg"])
def test_what_was_baked_is_found_again_and_verifies(house: Any, text: str, image: bytes) -> None:
    baked = baking.bake(image, text)
    assert json.loads(baking.extract(baked).text) == json.loads(text)
    assert house.verify(baked, offline=True).outcome == "valid"


def test_the_png_itself_does_not_change_and_other_readers_see_the_text(text: str) -> None:
    original = picture()
    baked = baking.bake(original, text)
    assert baked.startswith(original[:33])
    assert baked.endswith(original[33:])
    opened = Image.open(io.BytesIO(baked))
    opened.load()
    assert opened.tobytes() == Image.open(io.BytesIO(original)).tobytes()
    assert opened.text["openbadgecredential"] == text  # type: ignore[attr-defined]


def test_baking_again_replaces_the_credential(text: str) -> None:
    for image in (picture(), SVG):
        twice = baking.bake(baking.bake(image, '{"old": "]]>"}'), text)
        assert twice == baking.bake(image, text)


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_picture_with_two_badges_is_read_as_neither(text: str, place: str) -> None:
    baked = baking.bake(picture(), text)
    other = chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0" + b'{"another": "badge"}')
    at = 8 + 25 if place == "before" else len(baked) - 12  # after IHDR, before IEND
    with pytest.raises(MalformedError) as refused:
        baking.extract(baked[:at] + other + baked[at:])
    assert refused.value.code == "file_damaged"
    same = chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0" + text.encode())
    assert baking.extract(baked[:-12] + same + baked[-12:]).text == text


def test_a_picture_keeps_its_other_texts() -> None:
    info = PngInfo()
    info.add_text("Author", "Zoé")
    info.add_itxt("Title", "Étoile", "fr", "Titre")
    baked = baking.bake(picture(pnginfo=info), "{}")
    opened = Image.open(io.BytesIO(baked))
    opened.load()
    assert opened.text["Author"] == "Zoé"  # type: ignore[attr-defined]
    assert opened.text["Title"] == "Étoile"  # type: ignore[attr-defined]


def test_pictures_baked_by_others_are_read(text: str) -> None:
    raw = text.encode()
    for extra in (
        chunk(b"iTXt", b"openbadgecredential\0\1\0fr\0Badge\0" + zlib.compress(raw)),
        chunk(b"tEXt", b"openbadgecredential\0" + raw),
        chunk(b"zTXt", b"openbadgecredential\0\0" + zlib.compress(raw)),
        chunk(b"iTXt", b"openbadges\0\0\0\0\0" + raw),
    ):
        assert baking.extract(with_chunk(picture(), extra)).text == text


def test_the_newer_keyword_wins_over_the_older_one(text: str) -> None:
    older = chunk(b"iTXt", b'openbadges\0\0\0\0\0{"type": "Assertion"}')
    newer = chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0" + text.encode())
    assert baking.extract(with_chunk(picture(), older, newer)).text == text


def test_a_token_in_a_picture_is_found_and_opened(house: Any) -> None:
    token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln"
    for image in (picture(), SVG):
        baked = baking.bake(image, token)
        assert baking.extract(baked).is_token
        assert baking.extract(baked).text == token
        # It is opened like any token; this one says nothing that a badge must say.
        assert house.verify(baked).check("read").outcome == "passed"
        assert house.verify(baked).check("shape").outcome == "failed"


def test_the_drawing_around_the_credential_does_not_change(text: str) -> None:
    baked = baking.bake(SVG, text).decode()
    start, end = baked.index("<openbadges:"), baked.index("</openbadges:credential>") + 24
    rest = baked[:start] + baked[end:]
    assert (
        rest.replace(' xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"', "") == SVG.decode()
    )
    assert baked[:start].endswith('v3p0">')  # directly after the root's tag


@pytest.mark.parametrize(
    "drawing",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg" />',
        b'<s:svg xmlns:s="http://www.w3.org/2000/svg"></s:svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"></svg>',
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/'
        b'svg11.dtd"><svg xmlns="http://www.w3.org/2000/svg"></svg>',
        b'\xef\xbb\xbf<svg xmlns="http://www.w3.org/2000/svg"></svg>',
    ],
)
def test_drawings_of_many_hands_can_be_baked(drawing: bytes, text: str) -> None:
    baked = baking.bake(drawing, text)
    assert json.loads(baking.extract(baked).text) == json.loads(text)
    assert baking.bake(baked, text) == baked


@pytest.mark.parametrize(
    "carried", ['{"id": "urn:uuid:1"}', "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln"]
)
@pytest.mark.parametrize("bound", ["http://openbadges.org", "https://x.example/"])
def test_a_drawing_that_uses_the_prefix_for_something_else_is_baked_rightly(
    bound: str, carried: str
) -> None:
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="{bound}">'
        '<openbadges:note shape="star"/></svg>'
    ).encode()
    baked = baking.bake(drawing, carried)
    assert baking.extract(baked).text == carried
    root = ElementTree.fromstring(baked)
    assert root[0].tag == "{https://purl.imsglobal.org/ob/v3p0}credential"
    assert root[1].tag == f"{{{bound}}}note"
    assert baking.bake(baked, carried) == baked


@pytest.mark.parametrize(
    "drawing",
    [
        b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        b'<svg xmlns="http://www.w3.org/2000/svg">&b;</svg>',
        b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b'<svg xmlns="http://www.w3.org/2000/svg">&x;</svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg">',
        b'<svg xmlns="http://www.w3.org/2000/svg">' + b"<g>" * 5_000,
        b"<html></html>",
        b"<",
        '<svg xmlns="http://www.w3.org/2000/svg"/>'.encode("utf-16"),
    ],
)
def test_hostile_and_broken_drawings_are_refused(drawing: bytes, text: str) -> None:
    with pytest.raises(MalformedError):
        baking.bake(drawing, text)
    with pytest.raises(MalformedError):
        baking.extract(drawing)


def test_other_pictures_are_refused_with_a_reason(text: str) -> None:
    with pytest.raises(MalformedError) as caught:
        baking.bake(b"\xff\xd8\xff\xe0 JFIF", text)
    assert caught.value.code == "picture_unsupported"


def test_a_picture_without_badge_says_so(house: Any) -> None:
    for image in (picture(), SVG):
        assert house.verify(image).check("read").code == "nothing_baked"


def test_a_png_cut_or_damaged_anywhere_is_refused(text: str) -> None:
    baked = baking.bake(picture(), text)
    for length in range(8, len(baked), 37):
        with pytest.raises(EngineError):
            baking.extract(baked[:length])
    rng = random.Random(4)
    for _ in range(60):
        damaged = bytearray(baked)
        damaged[rng.randrange(8, len(baked))] ^= 1 << rng.randrange(8)
        with pytest.raises(EngineError):
            baking.extract(bytes(damaged))


def test_a_compressed_text_that_would_fill_the_memory_is_refused_before_it_does(house: Any) -> None:
    bomb = zlib.compress(bytes(300_000_000), 9)
    image = with_chunk(picture(), chunk(b"iTXt", b"openbadgecredential\0\1\0\0\0" + bomb))
    tracemalloc.start()
    try:
        assert house.verify(image).check("read").code == "too_large"
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_a_text_beyond_the_limit_is_refused() -> None:
    with pytest.raises(MalformedError) as caught:
        baking.extract(b"{" + b" " * MAX_TEXT_BYTES + b"}")
    assert caught.value.code == "too_large"
    with pytest.raises(MalformedError):
        baking.extract(png.SIGNATURE + bytes(baking.MAX_FILE_BYTES))


# -- PDF -------------------------------------------------------------------------------------


def certificate(text: str | bytes, name: str = "badge.json", **options: Any) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    data = text.encode() if isinstance(text, str) else text
    pdf.attachments["notes.txt"] = pikepdf.AttachedFileSpec(pdf, b"{ not a badge }")
    pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, data)
    buffer = io.BytesIO()
    pdf.save(buffer, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compress_streams": False},
        {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
        {"linearize": True},
        {"stream_decode_level": pikepdf.StreamDecodeLevel.generalized, "compress_streams": False},
    ],
    ids=str,
)
def test_the_badge_attached_to_a_certificate_is_found(
    house: Any, text: str, options: dict[str, Any]
) -> None:
    found = house.verify(certificate(text, **options), offline=True)
    assert found.form == "pdf"
    assert found.outcome == "valid"


# WeasyPrint 70 leaves its colour profile's file to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_badge_in_a_certificate_of_weasyprint_is_found(house: Any, text: str) -> None:
    weasyprint = pytest.importorskip("weasyprint")
    attachment = weasyprint.Attachment(string=text, name="badge.json", relationship="Data")
    page = weasyprint.HTML(string="<html lang='fr'><title>Certificat</title><h1>Certificat</h1>")
    made = page.write_pdf(attachments=[attachment], pdf_variant="pdf/a-3a")
    assert house.verify(made, offline=True).outcome == "valid"


def test_a_pdf_without_badge_or_encrypted_says_so(house: Any, text: str) -> None:
    assert house.verify(certificate("bonjour")).check("read").code == "nothing_baked"
    locked = certificate(text, encryption=pikepdf.Encryption(owner="a", user="b"))
    with pytest.raises(UnsupportedError) as caught:
        baking.extract(locked)
    assert caught.value.code == "file_encrypted"


def test_a_damaged_or_hostile_pdf_is_refused_in_time(house: Any, text: str) -> None:
    whole = certificate(text)
    rng = random.Random(9)
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(20):
            damaged[rng.randrange(len(whole))] = rng.randrange(256)
        house.verify(bytes(damaged), offline=True)
    for length in range(0, len(whole), 211):
        assert house.verify(whole[:length], offline=True).outcome in ("invalid", "valid")
    bomb = certificate(bytes(300_000_000))
    many = (
        b"%PDF-1.7\n" + b"1 0 obj <</Type /EmbeddedFile /Filter /FlateDecode>> stream\nx" * 100_000
    )
    began = time.process_time()
    for hostile in (bomb, many):
        assert house.verify(hostile).check("read").code == "nothing_baked"
    assert time.process_time() - began < 2
