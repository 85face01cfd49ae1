"""What a badge looks like and says: languages, levels, colours, pictures, skills, on its form."""

from __future__ import annotations

import base64
import io
import json
import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from badges.designs.queries import list_badges
from tests.support.badges import make_award, make_badge, open_badges
from tests.support.client import LookingClient
from tests.support.designing import fields
from tests.support.factories import Factory

ENGLISH = {
    "name_en": "Data and Web",
    "description_en": "Can read a table.",
    "criteria_en": "Having **finished**.",
}


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h7v7z"/></svg>'


def handed_in(data: bytes) -> FileStorage:
    return FileStorage(io.BytesIO(data), "dessin.svg")


def test_a_badge_in_two_languages_with_a_level_and_colours_of_its_own(
    db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("facilitator"))
    answer = client.post(
        "/badges/creer",
        data=fields(
            **ENGLISH, level="expertise", colour="libre", ground="#5B2A86", mark="#ffe9a8",
            text="Web 2026",
        ),
    )  # fmt: skip
    assert answer.status_code == 302
    page = client.get("/badges/donnees-et-web").get_data(as_text=True)
    assert 'id="english" lang="en"' in page
    assert "Having <strong>finished</strong>" in page
    assert "Expertise" in page
    assert "Français et anglais" in page
    picture = client.get("/badges/donnees-et-web.svg").get_data(as_text=True)
    assert "#5b2a86" in picture
    assert "<text" not in picture
    listed = client.get("/badges").get_data(as_text=True)
    assert "Expertise" in listed
    assert "Français, anglais" in listed
    again = client.get("/badges/donnees-et-web/modifier").get_data(as_text=True)
    assert 'value="#5b2a86"' in again
    assert 'value="Web 2026"' in again
    assert "Can read a table." in again


def test_each_language_has_an_address_that_names_the_other(
    db: Session, client: LookingClient
) -> None:
    badge = make_badge(db, **ENGLISH)
    ask = {"Accept": "application/ld+json"}
    french = client.get(f"/badges/{badge.slug}", headers=ask).json
    english = client.get(f"/badges/{badge.slug}/en", headers=ask).json
    assert (french["inLanguage"], english["inLanguage"]) == ("fr", "en")
    assert english["name"] == "Data and Web"
    assert french["related"] == [
        {"id": english["id"], "type": ["Related"], "inLanguage": "en", "version": "1"}
    ]
    assert english["related"][0]["id"] == french["id"]
    people = client.get(f"/badges/{badge.slug}/en")
    assert people.headers["Location"].endswith(f"/badges/{badge.slug}#english")
    alone = make_badge(db, name="Sans anglais")
    assert client.get(f"/badges/{alone.slug}/en", headers=ask).status_code == 404


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name_en": "Data"}, "rien des trois"),
        ({"colour": "libre", "ground": "#777777", "mark": "#888888"}, "se lit mal"),
        ({"colour": "libre", "ground": "red", "mark": "#888888"}, "des couleurs"),
        ({"icon": "aucun"}, "il faut un texte"),
        ({"text": "Beaucoup trop long pour cela"}, "18 caractères au plus"),
        ({"text": "日本"}, "ne sait pas dessiner"),
        ({"source": "fichier"}, "Choisissez le fichier"),
        ({"source": "fichier", "own_kept": "pas du base64"}, "Choisissez le fichier"),
        ({"source": "fichier", "own_kept": "R0lGODlh"}, "ni en SVG ni en PNG"),
        ({"level": "maîtrise"}, "Niveau"),
    ],
)
def test_a_picture_or_a_text_that_cannot_be_is_refused_and_nothing_is_written(
    db: Session, make: Factory, client: LookingClient, changes: dict[str, str], sentence: str
) -> None:
    client.sign_in(make.user("facilitator"))
    answer = client.post("/badges/creer", data=fields(**changes))
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert sentence in page
    assert "Sait lire une table" in page
    assert not list_badges(db)


def test_a_file_of_one_s_own_is_kept_while_something_else_is_corrected(
    db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("facilitator"))
    wrong = fields(name="", source="fichier", own_file=handed_in(SVG))
    page = client.post("/badges/creer", data=wrong).get_data(as_text=True)
    kept = re.search(r'name="own_kept" type="hidden" value="([^"]+)"', page)
    assert kept is not None
    assert "data:image/svg+xml;base64," in page, "and it is shown"
    done = client.post("/badges/creer", data=fields(source="fichier", own_kept=kept[1]))
    assert done.status_code == 302
    drawn = client.get("/badges/donnees-et-web.svg").get_data(as_text=True)
    assert 'd="M1 1h7v7z"' in drawn
    assert client.get("/badges/donnees-et-web.png").data.startswith(b"\x89PNG")
    # What comes back from a browser is cleaned again.
    evil = base64.b64encode(SVG.replace(b"<path", b"<script>alert(1)</script><path")).decode()
    page = client.post(
        "/badges/donnees-et-web/modifier", data=fields(source="fichier", own_kept=evil)
    )
    assert page.status_code == 302
    assert b"script" not in client.get("/badges/donnees-et-web.svg").data


def test_the_preview_follows_the_choices_and_saves_nothing(
    db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("facilitator"))

    def shown(**changes: Any) -> str:
        answer = client.post("/badges/apercu", data=fields(**changes))
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    def drawn(page: str) -> str:
        found = re.search(r"base64,([^\"]+)", page)
        assert found is not None
        return base64.b64decode(found[1]).decode()

    assert drawn(shown()) != drawn(shown(shape="shield"))
    assert "#5b2a86" in drawn(shown(colour="libre", ground="#5b2a86", mark="#ffe9a8"))
    poor = shown(colour="libre", ground="#777777", mark="#888888")
    assert "se lit mal" in poor
    assert "#777777" in drawn(poor), "one sees what one is told about"
    assert "L’image paraîtra ici" in shown(source="fichier")
    handed = SVG.replace(b"<path", b"<text>mot</text><path")
    assert "les textes" in shown(source="fichier", own_file=handed_in(handed))
    assert "ni en SVG" in shown(source="fichier", own_file=handed_in(b"GIF89a"))
    assert "base64" not in shown(text="日本")
    assert not list_badges(db)


def test_skills_are_found_while_one_types_and_those_ticked_stay(
    db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("facilitator"))
    page = client.post(
        "/badges/competences", data={"skill_search": "digcomp 3.4", "skills": ["CRCN:3.4"]}
    ).get_data(as_text=True)
    assert 'value="CRCN:3.4" checked' in page
    assert page.index("DIGCOMP:3.4") < page.index("DIGCOMPEDU:3.4")
    unknown = client.post("/badges/competences", data={"skill_search": "macramé"})
    assert "Aucune compétence ne correspond" in unknown.get_data(as_text=True)
    forged = client.post("/badges/competences", data={"skills": ["RIEN:1", "<script>"]})
    assert "script" not in forged.get_data(as_text=True)


def test_typed_words_are_bound_where_they_are_read_and_nowhere_else(
    db: Session, make: Factory, client: LookingClient
) -> None:
    said = {"description": "Sait « lire » : tables ; Web.", "criteria": "Lire « bien » : oui !"}
    award = make_award(db, make.user(), make.user("facilitator"), open_badges(db), **said)
    assert award.user is not None
    slug, address = award.badge.slug, f"/credentials/{award.id}"
    signed = json.loads(award.credential)
    client.sign_in(award.user)
    for page in (f"/badges/{slug}", address):
        html = unescape(client.get(page).get_data(as_text=True))
        assert "Sait «\u202flire\u202f»\u00a0: tables\u202f; Web." in html
        assert "Lire «\u202fbien\u202f»\u00a0: oui\u202f!" in html
    assert signed["credentialSubject"]["achievement"]["description"] == said["description"]
    assert signed["credentialSubject"]["achievement"]["criteria"]["narrative"] == said["criteria"]
    assert json.loads(client.get(f"{address}.json").data) == signed
