"""Who runs the place gives it a logo: made harmless, shown everywhere, taken away and back."""

from __future__ import annotations

import io
import re
from functools import partial
from pathlib import Path

import pikepdf
import pytest
from flask import Flask
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from badges.awards import certificates
from tests.support.badges import make_award, open_badges, settings_here
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.papers import assert_is_tagged, said_by, walk
from tests.support.sessions import NOW, make_session
from tests.tierslieu.admin.test_place import acts, numbers
from tierslieu import clock
from tierslieu.admin.place.pictures import MAX_BYTES, clean_logo
from tierslieu.agenda.models import SeatMode
from tierslieu.bookings.rules import claim
from tierslieu.errors import Refused
from tierslieu.place.models import PlacePicture

pytestmark = pytest.mark.both_databases
PLACE = "/administration/lieu"
LOGO = f"{PLACE}/logo"
SHOWN = re.compile(r'src="(/lieu/logo/[0-9a-f]{64}\.(?:svg|png))" alt="([^"]*)"')
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100" onload="alert(1)">'
    b"<script>alert(2)</script>"
    b'<rect width="300" height="100" fill="#123456" onclick="alert(3)"/></svg>'
)


def picture(kind: str = "PNG", size: tuple[int, int] = (600, 200), *, clear: bool = False) -> bytes:
    buffer, words = io.BytesIO(), PngInfo()
    words.add_text("Author", "Nadia")
    mode, colour = ("RGBA", (20, 90, 40, 0)) if clear else ("RGB", (20, 90, 40))
    Image.new(mode, size, colour).save(
        buffer, kind, **({"pnginfo": words} if kind == "PNG" else {})
    )
    return buffer.getvalue()


def send(client: LookingClient, seen: int, **files: bytes) -> int:
    data: dict[str, object] = {"seen": seen}
    data |= {name: (io.BytesIO(content), "logo.bin") for name, content in files.items()}
    return client.post(LOGO, data=data, content_type="multipart/form-data").status_code


def shown(client: LookingClient) -> tuple[str, str] | None:
    found = SHOWN.search(client.get("/agenda").text)
    return (found[1], found[2]) if found else None


@pytest.fixture
def admin(make: Factory, client: LookingClient) -> LookingClient:
    client.sign_in(make.user("administrator"))
    return client


def test_a_drawing_is_written_anew_and_sent_so_that_it_runs_nothing(
    db: Session, admin: LookingClient
) -> None:
    assert shown(admin) is None
    assert send(admin, 0, light=SVG) == 302
    found = shown(admin)
    assert found is not None
    address, alternative = found
    assert alternative == ""  # the name stands beside it, and is not read twice
    answer = admin.get(address)
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer.headers
    assert "#123456" in answer.text
    assert 'width="1200" height="400" viewBox="0 0 300 100"' in answer.text
    assert "alert" not in answer.text
    again = admin.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert admin.get(address.replace(".svg", ".png")).status_code == 404
    assert address in admin.get("/lieu").text
    assert acts(db) == ["place_changed"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_pixels_are_drawn_anew_no_larger_than_they_are_shown(
    admin: LookingClient, kind: str
) -> None:
    assert send(admin, 0, light=picture(kind, (3000, 900))) == 302
    found = shown(admin)
    assert found is not None
    answer = admin.get(found[0])
    assert answer.mimetype == "image/png"
    assert b"Nadia" not in answer.data
    with Image.open(io.BytesIO(answer.data)) as drawn:
        assert drawn.size == (1200, 360)


def test_what_is_transparent_stays_so(admin: LookingClient) -> None:
    send(admin, 0, light=picture(clear=True))
    found = shown(admin)
    assert found is not None
    with Image.open(io.BytesIO(admin.get(found[0]).data)) as drawn:
        assert drawn.getpixel((5, 5))[3] == 0  # type: ignore[index]


def test_dark_pages_have_a_logo_of_their_own_and_one_that_says_the_name_stands_alone(
    admin: LookingClient,
) -> None:
    assert send(admin, 0, dark=picture()) == 422  # first one for light pages
    assert send(admin, 0, light=SVG, dark=picture()) == 302
    assert 'media="(prefers-color-scheme: dark)" srcset="/lieu/logo/' in admin.get("/agenda").text
    data = {"seen": 1, "alone": "y"}
    assert admin.post(LOGO, data=data, content_type="multipart/form-data").status_code == 302
    page = admin.get("/agenda").text
    assert 'srcset="/lieu/logo/' in page  # files that were not handed in again are kept
    assert 'alt="Tiers-lieu d’essai"' in page
    header = page[page.index('class="mark"') : page.index("</a>", page.index('class="mark"'))]
    assert "<span>" not in header


def test_papers_bear_the_logo_beside_the_name_or_in_its_stead(
    db: Session, make: Factory, client: LookingClient, tmp_path: Path
) -> None:
    person = make.user("administrator", name="Ada")
    session = make_session(db, onsite=2)
    booking = claim(db, session.id, person.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    client.sign_in(person)

    def draw() -> tuple[int, list[str], int]:
        pdf = client.get(f"/reservations/{booking.id}/convocation.pdf").data
        tags = assert_is_tagged(pdf, "Convocation, Ada")
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            pictures = [one for page in opened.pages for one in page.get_images()]
        return said_by(pdf, tmp_path).count("Tiers-lieu d’essai"), tags, len(pictures)

    with clock.fixed_at(NOW):
        named, _tags, pictures = draw()
        assert pictures == 0
        assert send(client, 0, light=picture()) == 302
        beside, tags, pictures = draw()
        assert (beside, pictures) == (named, 1)
        assert "/Figure" not in tags  # beside the name it says nothing more
        data = {"seen": 1, "alone": "y"}
        assert client.post(LOGO, data=data, content_type="multipart/form-data").status_code == 302
        alone, tags, pictures = draw()
        assert (alone, pictures) == (named - 1, 1)
        assert tags.count("/Figure") == 1


@pytest.mark.parametrize(
    "wrong",
    [
        b"GIF89a" + b"\0" * 40,
        b"%PDF-1.7 not a picture",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 90,
        b"<html><body onload=alert(1)></body></html>",
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        SVG.replace(b"</svg>", b"<text>Le lieu</text></svg>"),
    ],
    ids=["gif", "pdf", "broken", "html", "entities", "letters"],
)
def test_what_is_no_harmless_picture_is_refused_beside_its_field_and_nothing_is_kept(
    db: Session, admin: LookingClient, wrong: bytes
) -> None:
    assert send(admin, 0, light=SVG, dark=wrong) == 422
    assert numbers(db) == []
    assert db.scalar(select(func.count()).select_from(PlacePicture)) == 0


def test_a_file_too_heavy_or_of_too_many_pixels_is_known_before_it_is_unpacked(app: Flask) -> None:
    bomb = picture("PNG", (6000, 6000))
    assert len(bomb) < MAX_BYTES
    with app.test_request_context():
        for wrong, why in ((bomb, "25 millions"), (SVG + b" " * MAX_BYTES, "mégaoctet")):
            with pytest.raises(Refused, match=why) as refused:
                clean_logo(wrong, "light")
            assert refused.value.field == "light"


def test_a_logo_is_taken_away_and_that_is_taken_back(db: Session, admin: LookingClient) -> None:
    send(admin, 0, light=SVG)
    first = shown(admin)
    assert send(admin, 0, light=picture()) == 409  # somebody was faster
    assert admin.post(LOGO, data={"seen": 1, "do": "remove"}).status_code == 302
    assert shown(admin) is None
    assert admin.post(f"{PLACE}/annuler", data={"seen": 2}).status_code == 302
    assert shown(admin) == first
    assert first is not None
    assert admin.get(first[0]).status_code == 200


def test_the_image_of_who_issues_badges_stays_what_it_was(
    db: Session, admin: LookingClient
) -> None:
    open_badges(db)
    db.commit()
    ask = {"Accept": "application/json"}
    before = admin.get("/badges/issuer", headers=ask).json
    send(admin, 0, light=SVG)
    after = admin.get("/badges/issuer", headers=ask).json
    assert before is not None
    assert after is not None
    assert after["image"] == before["image"]
    assert after["image"]["id"].endswith("/static/img/logo.svg")


@pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning")
def test_the_certificate_of_a_badge_bears_the_logo_while_the_place_goes_by_the_name_on_it(
    db: Session, make: Factory, client: LookingClient, tmp_path: Path
) -> None:
    signer = open_badges(db)
    award = make_award(db, make.user(name="Ada"), make.user("facilitator"), signer)
    db.commit()
    client.sign_in(make.user("administrator"))
    compose = partial(certificates.compose, award, settings_here())

    def draw() -> tuple[str, int, list[str]]:
        with client.application.test_request_context():
            pdf = compose().draw()
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            drawn = sum(len(page.get_images()) for page in opened.pages)
            alternatives = [
                str(one.Alt) for one in walk(opened.Root.StructTreeRoot.K) if one.S == "/Figure"
            ]
        return said_by(pdf, tmp_path), drawn, alternatives

    name = award.issuer_name
    _said, bare, alternatives = draw()
    assert name not in alternatives
    assert send(client, 0, light=picture()) == 302
    said, beside, alternatives = draw()
    assert (beside, name in said, name in alternatives) == (bare + 1, True, False)
    data = {"seen": 1, "alone": "y"}
    assert client.post(LOGO, data=data, content_type="multipart/form-data").status_code == 302
    _said, alone, alternatives = draw()
    assert (alone, name in alternatives) == (bare + 1, True)
    client.post(f"{PLACE}/presentation", data={"seen": 2, "name": "La Verrière"})
    said, renamed, alternatives = draw()  # what was signed bears the name of then
    assert (renamed, name in said, name in alternatives) == (bare, True, False)


def test_each_sheet_of_presence_bears_the_logo_for_it_may_be_torn_off(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db, onsite=2)
    db.commit()
    client.sign_in(make.user("administrator", "facilitator"))

    def pictures() -> int:
        pdf = client.get(f"/agenda/{session.id}/emargement.pdf").data
        assert_is_tagged(pdf, f"Feuille d’émargement\u00a0: {session.title}")
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            return sum(len(page.get_images()) for page in opened.pages)

    assert pictures() == 0
    assert send(client, 0, light=picture()) == 302
    assert pictures() == 1
