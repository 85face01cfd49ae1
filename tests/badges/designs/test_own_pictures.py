"""Pictures handed in: what harms never gets in, what one sees stays as it was."""

from __future__ import annotations

import io
import itertools
import re
import struct
import time
import zlib
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from badges.designs import svg_cleaning
from badges.designs.models import BadgeClass, BadgePicture
from badges.designs.own_pictures import OwnPicture, clean_picture, left_out_words
from badges.designs.pictures import png_of, svg_of, to_png
from badges.engine import baking, png
from tierslieu.errors import Refused

pytestmark = pytest.mark.usefixtures("app")  # sentences need a language

NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
DISC = '<circle cx="50" cy="50" r="40" fill="#0e5a6d"/>'
ALLOWED = {"svg", "g", "defs", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon",
           "linearGradient", "radialGradient", "stop", "clipPath"}  # fmt: skip


def svg(inside: str, head: str = "", attributes: str = 'viewBox="0 0 100 100"') -> bytes:
    return f"{head}<svg {NS} {attributes}>{inside}</svg>".encode()


def cleaned(data: bytes) -> str:
    picture = clean_picture(data)
    assert picture.svg is not None
    return picture.svg


# What a hostile file may hold: each beside a disc that must survive.
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "script in CDATA": "<script><![CDATA[alert(1)]]></script>",
    "handler": '<rect width="9" height="9" onclick="alert(1)" onload="alert(1)"/>',
    "handler in capitals": '<rect width="9" height="9" ONLOAD="alert(1)"/>',
    "foreignObject": '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml">'
    "<iframe src='//evil.example'/></body></foreignObject>",
    "html in svg": '<h:img xmlns:h="http://www.w3.org/1999/xhtml" src="x" onerror="alert(1)"/>',
    "link": '<a xlink:href="javascript:alert(1)"><circle r="3"/></a>',
    "image": '<image xlink:href="http://evil.example/x.png" width="5" height="5"/>',
    "image of a file": '<image href="file:///etc/passwd" width="5" height="5"/>',
    "use elsewhere": '<use href="http://evil.example/a.svg#b"/>',
    "use of data": '<use href="data:image/svg+xml,&lt;svg onload=alert(1)&gt;#x"/>',
    "fill elsewhere": '<rect width="9" height="9" fill="url(http://evil.example/#a)"/>',
    "style elsewhere": '<rect width="9" height="9" style="fill:url(//evil.example/#a)"/>',
    "escaped url": r'<rect width="9" height="9" style="fill:\75\72\6c(//evil.example)"/>',
    "style with expression": '<rect width="9" height="9" style="width:expression(alert(1))"/>',
    "import": "<style>@import url(http://evil.example/a.css);</style>",
    "font": "<style>@font-face{font-family:x;src:url(//evil.example/f)}.a{fill:red}</style>",
    "animation": '<animate attributeName="href" values="javascript:alert(1)"/>'
    '<set attributeName="onmouseover" to="alert(1)"/>',
    "animated disc": '<rect width="9" height="9"><animate attributeName="x" to="9"/></rect>',
    "handler element": '<handler xmlns="http://www.w3.org/2001/xml-events">alert(1)</handler>',
    "filter": '<filter id="f"><feImage href="http://evil.example/"/></filter>'
    '<rect width="9" height="9" filter="url(#f)"/>',
    "base": '<g xml:base="http://evil.example/"><rect width="9" height="9"/></g>',
    "gradient elsewhere": '<linearGradient id="g" xlink:href="http://evil.example/#g"/>',
    "text": "<text>evil.example</text>",
    "comment": "<!-- evil.example --><?xml-stylesheet href='http://evil.example/a.css'?>",
    "editor": '<metadata><rdf xmlns="urn:x" about="evil.example"/></metadata>',
}


@pytest.mark.parametrize("inside", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_acts_or_reaches_out_is_gone_and_the_drawing_stays(inside: str) -> None:
    text = cleaned(svg(inside + DISC))
    tree = ElementTree.fromstring(text)
    assert {element.tag.rpartition("}")[2] for element in tree.iter()} <= ALLOWED
    for element in tree.iter():
        for name, value in element.attrib.items():
            assert not name.lower().startswith(("on", "{", "style", "class", "xml"))
            assert "(" not in value or re.fullmatch(r"url\(#\w+\)|[a-z]+\([\d., %/+-]*\)", value)
    bare = text.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"evil|alert|javascript|http|data:|file:|import|&|<!|<\?", bare, re.I)
    assert 'r="40"' in text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (svg(DISC, '<!DOCTYPE svg [<!ENTITY a "b">]>'), "déclarations"),
        (svg(DISC, '<!DOCTYPE svg [<!ENTITY % a SYSTEM "file:///etc"> %a;]>'), "déclarations"),
        (svg(DISC + "&unknown;"), "pas un dessin SVG lisible"),
        (svg("<g>" * 200 + DISC + "</g>" * 200), "trop chargé"),
        (svg("<g/>" * 3001 + DISC), "trop chargé"),
        (svg(f'<g opacity=".5">{DISC}</g>' * 30), "trop chargé"),
        (svg(DISC + " " * 120_000), "100 kilooctets"),
        (svg(""), "rien à voir"),
        (svg("<text>mot</text>"), "rien à voir"),
        (svg('<circle r="5" cx="900" cy="900"/>'), "rien à voir"),
        (svg(DISC, attributes=""), "sa taille"),
        (svg(DISC, attributes='viewBox="0 0 0 0"'), "sa taille"),
        (svg(DISC, attributes='viewBox="0 0 nan inf"'), "sa taille"),
        (b"<html><body onload=alert(1)></body></html>", "pas un dessin SVG"),
        (b"<svg", "pas un dessin SVG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'", "pas un dessin SVG"),
        (b"<?xml version='1.0' encoding='rien'?><svg/>", "pas un dessin SVG"),
        (b"GIF89a", "ni en SVG ni en PNG"),
        (b"%PDF-1.7", "ni en SVG ni en PNG"),
        (b"", "ni en SVG ni en PNG"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_in_words_beside_the_field(data: bytes, words: str) -> None:
    with pytest.raises(Refused) as refused:
        clean_picture(data)
    assert words in refused.value.message
    assert (refused.value.field, refused.value.status) == ("own_file", 422)


def test_clips_cut_by_clips_do_not_multiply() -> None:
    """Two children each, forty deep: a trillion, if each clip could be cut by the next."""
    clips = "".join(
        f'<clipPath id="c{i}">' + f'<rect width="99" height="99" clip-path="url(#c{i + 1})"/>' * 2
        + "</clipPath>"
        for i in range(40)
    )  # fmt: skip
    begun = time.monotonic()
    text = cleaned(svg(f'{clips}<g clip-path="url(#c0)">{DISC}</g>'))
    assert text.count("clip-path=") == 1
    assert time.monotonic() - begun < 20


def test_the_old_line_that_names_svg_is_no_declaration() -> None:
    head = (
        '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
        '"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    )
    assert 'r="40"' in cleaned(svg(DISC, head))


def test_what_drawing_programs_write_keeps_its_look() -> None:
    """Classes in a style sheet, styles in attributes, gradients that borrow from one another."""
    text = cleaned(
        svg(
            "<style>/* x */ .cls-1, .cls-2 { fill: #a8401f; } .cls-2 {stroke:#123;} </style>"
            '<defs><linearGradient id="a">'
            '<stop offset="0" style="stop-color:#fff"/></linearGradient>'
            '<linearGradient id="b" xlink:href="#a" gradientTransform="rotate(45)"/></defs>'
            '<rect class="cls-1" width="30" height="30"/><path class="cls-2" d="M0 0h9v9z"/>'
            '<circle r="9" style="fill:url(#b);stroke-width:2px;-inkscape-stroke:none"/>'
        )
    )
    assert '<rect width="30" height="30" fill="#a8401f"/>' in text
    assert 'stroke="#123"' in text
    assert 'stop-color="#fff"' in text
    assert 'gradientTransform="rotate(45)" href="#a"' in text or 'href="#a"' in text
    assert 'fill="url(#b)" stroke-width="2px"' in text


def test_what_is_lost_is_named() -> None:
    picture = clean_picture(svg(DISC + "<text>a</text><use href='#a'/><text>b</text><mask/>"))
    assert picture.left_out == ("text", "use", "mask")
    assert left_out_words(picture) == "les textes, les copies d’objets, les masques"


def test_cleaning_twice_changes_nothing_more() -> None:
    once = cleaned(svg(DISC + '<path d="M0 0 10 10" stroke="red" style="opacity:.5"/>'))
    assert cleaned(once.encode()) == once


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.sampled_from([*sorted(HOSTILE.values()), DISC, "mot &amp; ]]&gt;"]),
        lambda inner: st.lists(inner, max_size=4).map(lambda all_: f"<g>{''.join(all_)}</g>"),
        max_leaves=12,
    ),
    st.text(max_size=20),
)
def test_whatever_is_mixed_the_result_is_known(inside: str, attribute: str) -> None:
    quoted = ElementTree.Element("g", {"fill": "".join(c for c in attribute if c.isprintable())})
    opening = ElementTree.tostring(quoted, "unicode").replace(" />", ">")
    result = svg_cleaning.clean_svg(svg(f"{opening}{inside}</g>{DISC}"))
    tree = ElementTree.fromstring(result.svg)
    assert {element.tag.rpartition("}")[2] for element in tree.iter()} <= ALLOWED
    assert not re.search(r"evil|alert|javascript|data:|file:", result.svg)


# PNG


def pixels(mode: str = "RGBA", size: tuple[int, int] = (120, 120), **options: object) -> bytes:
    picture = Image.new(mode, size)
    for x, y in itertools.product(range(0, size[0], 7), range(0, size[1], 5)):
        picture.putpixel((x, y), x % 2 if mode in ("1", "P") else (x, y, 90, 200)[: len(mode)])
    out = io.BytesIO()
    picture.save(out, "PNG", **options)
    return out.getvalue()


def chunk_names(data: bytes) -> list[bytes]:
    return [kind for kind, _content in png.chunks(data)]


@pytest.mark.parametrize("mode", ["RGBA", "RGB", "P", "1", "LA"])
def test_a_png_keeps_every_pixel_and_nothing_else(mode: str) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "Ada, 12 rue du Secret")
    info.add_itxt("XML:com.adobe.xmp", "<x>48.85 N</x>")
    exif = Image.Exif()
    exif[0x010E] = "secret"
    data = pixels(mode, pnginfo=info, exif=exif, dpi=(300, 300)) + b"<script>alert(1)</script>"
    result = clean_picture(data)
    assert result.svg is None
    assert set(chunk_names(result.png)) <= {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
    assert b"ecret" not in result.png
    assert b"script" not in result.png
    before, after = (Image.open(io.BytesIO(d)).convert("RGBA") for d in (data, result.png))
    assert before.tobytes() == after.tobytes()


def forge(
    *,
    width: int = 100,
    height: int = 100,
    raw: bytes | None = None,
    depth: int = 8,
    colour: int = 6,
    interlace: int = 0,
    extra: bytes = b"",
    tail: bytes = b"",
) -> bytes:
    raw = (b"\0" + b"\x99" * 4 * width) * height if raw is None else raw
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return b"".join(
        [png.SIGNATURE, png.chunk(b"IHDR", head), extra,
         png.chunk(b"IDAT", zlib.compress(raw) + tail), png.chunk(b"IEND", b"")]
    )  # fmt: skip


def test_an_interlaced_picture_is_understood() -> None:
    sizes = [(13, 13), (12, 13), (25, 12), (25, 25), (50, 25), (50, 50), (100, 50)]
    raw = b"".join((b"\0" + b"\x77" * 4 * w) * h for w, h in sizes)
    picture = clean_picture(forge(interlace=1, raw=raw))
    assert Image.open(io.BytesIO(picture.png)).convert("RGBA").getpixel((99, 99)) == (119,) * 4


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (forge(width=50, height=50), "50 × 50 pixels"),
        (forge(width=100, height=300, raw=b""), "carrée"),
        (forge(width=60_000, height=60_000, raw=b""), "60000 × 60000"),
        (forge(raw=b"\0" * 10), "abîmé"),
        (forge(raw=b"\0" * 50_000_000), "abîmé"),  # 49 kB that unpack to 50 MB
        (forge(raw=(b"\x07" + b"\x99" * 400) * 100), "abîmé"),
        (forge(depth=3), "abîmé"),
        (forge(colour=3), "abîmé"),  # a palette picture without its palette
        (forge(interlace=2), "abîmé"),
        (forge(extra=png.chunk(b"EVIL", b"x")), "abîmé"),
        (forge()[:-30], "abîmé"),
        (forge().replace(b"IEND", b"IENE"), "abîmé"),
        (png.SIGNATURE, "abîmé"),
        (pixels() + b"\0" * 1_100_000, "un mégaoctet"),
    ],
    ids=range(14),
)
def test_a_png_that_is_none_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(Refused) as refused:
        clean_picture(data)
    assert words in refused.value.message


def test_what_hides_behind_the_packed_pixels_is_lost() -> None:
    result = clean_picture(forge(tail=b"<?php evil ?>"))
    assert b"evil" not in result.png


# What is shown of them


def test_a_picture_of_one_s_own_is_given_in_both_forms_and_carries_a_credential() -> None:
    handed = clean_picture(pixels())
    for own in (handed, clean_picture(svg(DISC))):
        badge = BadgeClass(own_picture=BadgePicture(svg=own.svg, png=own.png))
        for data in (svg_of(badge), png_of(badge)):
            text = '{"@context": "https://example.org/é"}'
            assert baking.extract(baking.bake(data, text)).text == text
    wrapped = svg_of(BadgeClass(own_picture=BadgePicture(svg=None, png=handed.png)))
    drawn = Image.open(io.BytesIO(to_png(wrapped.decode())))
    assert drawn.getpixel((0, 0))[:3] == Image.open(io.BytesIO(handed.png)).getpixel((0, 0))[:3]


def test_the_address_for_a_page_names_what_it_is() -> None:
    assert OwnPicture(None, b"x").address.startswith("data:image/png;base64,")
    assert clean_picture(svg(DISC)).address.startswith("data:image/svg+xml;base64,")


@pytest.mark.parametrize(
    "inside",
    [
        f'<polygon points="{"1" * 22}x"/>',
        f'<rect width="9" height="9" transform="scale({"1" * 22}x)"/>',
        f'<g transform="{"scale(1)    " * 9}x"/>',
        f'<rect width="{"1" * 60_000}x" height="9"/>',
        f'<rect width="9" height="9" style="opacity:{"1" * 60_000}x"/>',
        f"<style>{'a' * 60_000}</style>",
        f"<style>{'/*' * 30_000}</style>",
    ],
    ids=["points", "transform", "gaps", "length", "opacity", "selector", "comments"],
)
def test_no_text_is_read_in_more_than_one_way(inside: str) -> None:
    """A pattern that may read a text in many ways tries them all before it refuses it."""
    began = time.process_time()
    assert cleaned(svg(DISC + inside)).count("<circle") == 1
    assert time.process_time() - began < 3
