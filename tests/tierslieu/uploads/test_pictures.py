"""A picture handed in is drawn anew: what it hides goes, what would hurt is refused."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.support.feedback import photograph
from tierslieu.errors import Refused
from tierslieu.uploads.pictures import MAX_SIDE, clean_picture
from tierslieu.uploads.rules import MAX_SIZE


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_place_device_profile_and_comment_are_gone_and_it_stands_upright(form: str) -> None:
    given_bytes = photograph(form)
    assert b"Telephone-de-Samira" in given_bytes, "else this test shows nothing"
    suffix, data = clean_picture(given_bytes)
    assert suffix == (".jpg" if form == "JPEG" else ".png")
    assert b"Samira" not in data
    assert b"secret" not in data
    with Image.open(io.BytesIO(data)) as drawn:
        assert dict(drawn.getexif()) == {}
        assert not {"exif", "icc_profile", "xmp", "comment"} & set(drawn.info)
        assert drawn.size == (40, 60), "orientation 6 is a quarter turn, now in the pixels"
        red, _green, blue = drawn.convert("RGB").getpixel((20, 5))  # type: ignore[misc]
        assert (red > 200, blue < 60) == (True, True)


def test_a_large_picture_is_made_smaller_and_a_photograph_handed_in_as_png_lighter() -> None:
    noise = Image.effect_noise((2600, 1200), 90).convert("RGBA")
    buffer = io.BytesIO()
    noise.save(buffer, "PNG")
    suffix, data = clean_picture(buffer.getvalue())
    assert suffix == ".jpg"
    with Image.open(io.BytesIO(data)) as drawn:
        assert max(drawn.size) == MAX_SIDE


def bomb(width: int, height: int) -> bytes:
    """A PNG of some bytes that says it has that many pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        sum_ = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + sum_

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "picture_empty"),
        (b"x" * (MAX_SIZE + 1), "picture_too_big"),
        (bomb(6000, 5000), "picture_too_big"),
        (bomb(10_000, 10_000), "picture_too_big"),
        (bomb(60_000, 60_000), "picture_too_big"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture_unreadable"),
        (b"GIF89a\x01\0\x01\0\0\0\0;", "picture_unreadable"),
        (b"%PDF-1.7", "picture_unreadable"),
        (photograph()[:300], "picture_unreadable"),
    ],
)
def test_what_is_no_picture_or_too_large_a_one_is_refused_with_a_sentence(
    data: bytes, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        clean_picture(data)
    assert (refused.value.code, refused.value.field) == (code, "picture")


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow tells the log of a broken EXIF
@given(st.binary(max_size=400), st.sampled_from(["JPEG", "PNG", "WEBP"]), st.integers(0, 200))
def test_a_broken_file_is_drawn_or_refused_and_never_an_error(
    noise: bytes, form: str, at: int
) -> None:
    whole = photograph(form)
    broken = whole[:at] + noise + whole[at + len(noise) :]
    with suppress(Refused):
        assert clean_picture(broken)[0] in (".png", ".jpg")
