"""What people put on the table, what they meant by it, and that none of it leaves a trace."""

from __future__ import annotations

import io
import json
import logging
import tempfile
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from badges.awards import files, rules
from badges.awards.models import Award
from badges.engine.errors import FetchFailed
from badges.verification import reading, views
from badges.verification.fetching import Fetcher
from tests.support.badges import NOW, make_award, open_badges
from tests.support.client import LookingClient
from tests.support.factories import Factory

JSON = {"Accept": "application/json"}
PAGE = b"""<!DOCTYPE html><html><head><title>Un badge</title>%s</head><body>...</body></html>"""


@pytest.fixture(autouse=True)
def _nobody_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name leads anywhere in these tests."""

    def refuse(host: str, port: int) -> list[str]:
        raise OSError("no network")

    monkeypatch.setattr(views, "Fetcher", lambda own, **more: Fetcher(own, resolve=refuse, **more))


@pytest.fixture
def award(db: Session, make: Factory) -> Award:
    ada = make.user(name="Ada Lovelace", email="ada@example.org")
    return make_award(db, ada, make.user("facilitator"), open_badges(db))


@pytest.fixture
def shared(db: Session, award: Award) -> Award:
    assert award.user_id is not None
    rules.share(db, award.id, award.user_id, now=NOW)
    db.commit()
    return award


def page_of(client: LookingClient, **data: Any) -> str:
    answer = client.post("/verifier", data=data)
    assert answer.status_code in (200, 422), answer.status
    text = answer.get_data(as_text=True)
    assert ("verdict" in text) == (answer.status_code == 200)
    return text


def first_message(client: LookingClient, **data: Any) -> str:
    answer = client.post("/verify", data=data, headers=JSON)
    message: str = answer.json["checks"][0]["message"]
    return message


# What was meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("https://lieu.example/b", "https://lieu.example/b"),
        ("  HTTPS://Lieu.example/B\n", "https://lieu.example/B"),
        ("https:///b", None),
        ("lieu.example/credentials/1.json?x=1", "https://lieu.example/credentials/1.json?x=1"),
        ("lieu.example:8443", "https://lieu.example:8443"),
        ("http://localhost:8000/b", "http://localhost:8000/b"),
        ("htps://lieu.example/b", None),
        ("https://", None),
        ("file:///etc/passwd", None),
        ("javascript:alert(1)", None),
        ("ada@example.org", None),
        ("deux mots.fr", None),
        ("eyJhbGciOiJFUzI1NiJ9.eyJhIjoxfQ.c2ln", None),
        ("3.14", None),
        ('{"a": "lieu.example"}', None),
        ("", None),
        ("lieu.example/" + "x" * 3000, None),
    ],
)
def test_an_address_is_known_when_it_is_one(typed: str, meant: str | None) -> None:
    assert reading.find_address(typed) == meant


def test_an_address_in_the_field_of_texts_and_a_badge_in_that_of_addresses_are_understood(
    client: LookingClient, shared: Award
) -> None:
    address = f"http://localhost/credentials/{shared.id}"
    assert "Ce badge est authentique" in page_of(client, text=f" {address}\n")
    short = json.dumps({"type": "OpenBadgeCredential", "issuer": "x"})
    assert "n’est pas valable" in page_of(client, address=short)


@pytest.mark.parametrize("typed", ["htps://lieu.example/b", "un badge", "ada@example.org"])
def test_a_mistyped_address_is_told_beside_its_field(client: LookingClient, typed: str) -> None:
    page = page_of(client, address=typed)
    assert "Ce n’est pas l’adresse d’une page" in page
    assert 'id="address-error"' in page
    answer = client.post("/verify", data={"address": typed}, headers=JSON)
    assert answer.status_code == 400


def test_a_site_that_does_not_exist_is_named(client: LookingClient) -> None:
    said = first_message(client, address="https://leiu.example/b")
    assert "Aucun site de ce nom" in said
    assert "https://leiu.example/b" in said


def test_an_address_in_a_private_network_is_said_to_be_one(client: LookingClient) -> None:
    assert "réseau privé" in first_message(client, address="http://10.0.0.1/b")


def test_the_address_of_a_private_badge_says_to_ask_its_holder(
    client: LookingClient, award: Award
) -> None:
    """The same words as for a badge that never was: a stranger learns nothing."""
    said = {
        first_message(client, address=f"http://localhost/credentials/{uuid}")
        for uuid in (award.id, "00000000-0000-4000-8000-000000000000")
    }
    assert len(said) == 1
    assert "Demandez à la personne le fichier de son badge" in said.pop()


def test_the_address_of_this_very_page_says_what_to_do(client: LookingClient) -> None:
    for address in ("http://localhost/verifier", "http://localhost/verify?x#y"):
        assert "déposez ici le fichier de l’attestation" in first_message(client, address=address)


def test_two_things_at_once_are_refused_rather_than_one_passed_over(
    client: LookingClient, award: Award
) -> None:
    both = {"text": award.credential, "address": "https://lieu.example/b"}
    assert "n’en gardez qu’une" in page_of(client, **both)
    answer = client.post("/verify", data=both, headers=JSON)
    assert answer.status_code == 400
    assert answer.json["outcome"] == "invalid"
    two = [(io.BytesIO(b"{}"), "a.json"), (io.BytesIO(b"{}"), "b.json")]
    assert "n’en gardez qu’une" in page_of(client, file=two)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"a": 1}, "ce n’est pas un badge"),
        ({"type": "Person", "name": "Ada"}, "ce n’est pas un badge"),
        ({"type": ["Achievement"], "name": "x"}, "la description d’un badge"),
        ({"type": ["Profile"], "name": "x"}, "la description d’un badge ou d’un émetteur"),
    ],
)
def test_json_that_is_no_badge_is_not_called_one(
    client: LookingClient, document: dict[str, Any], words: str
) -> None:
    text = json.dumps(document)
    page = page_of(client, text=text)
    assert words in page
    assert "badge signé" not in page
    answer = client.post("/verify", json={"credential": document})
    assert answer.status_code == 200
    assert answer.json["outcome"] == "invalid"
    assert words in answer.json["checks"][0]["message"]


@pytest.mark.parametrize("recipient", ["ada", "ada@", "ada@example", "ada @example.org"])
def test_a_slip_in_the_person_s_address_is_not_somebody_else_s_badge(
    client: LookingClient, award: Award, recipient: str
) -> None:
    page = page_of(client, text=award.credential, recipient=recipient)
    assert "Cette adresse mail est incomplète" in page
    assert "quelqu’un d’autre" not in page
    assert "Ada Lovelace" in page, "what was given is still in its field"


@pytest.mark.parametrize("recipient", [3, ["ada@example.org"], {"a": 1}, True])
def test_a_machine_s_recipient_that_is_no_text_is_refused_not_passed_over(
    client: LookingClient, award: Award, recipient: Any
) -> None:
    body = {"credential": award.credential, "recipient": recipient}
    answer = client.post("/verify", json=body)
    assert answer.status_code == 400
    assert answer.json["outcome"] == "invalid"


def test_comparing_with_a_person_needs_no_second_upload(
    client: LookingClient, award: Award
) -> None:
    baked = files.make_png(award)
    page = page_of(client, file=(io.BytesIO(baked.data), "b.png"))
    assert "Comparer avec une personne" in page
    assert json.dumps(award.credential)[1:20].replace("\\", "") in page.replace("&#34;", '"')


# Pages that stand for a badge


class Site:
    """A foreign site: addresses and what they answer."""

    def __init__(self, **answers: bytes) -> None:
        self.answers = {f"https://lieu.example/{path}": data for path, data in answers.items()}
        self.asked: list[str] = []

    def __call__(self, address: str) -> bytes:
        self.asked.append(address)
        if address not in self.answers:
            raise FetchFailed("nothing there", address)
        return self.answers[address]


def at(site: Site, path: str) -> reading.Reading:
    return reading.read_address(
        f"https://lieu.example/{path}", (), fetch=site, now=NOW, recipient=None
    )


BADGE = json.dumps({"type": "OpenBadgeCredential", "issuer": "x"}).encode()


def test_the_page_of_a_foreign_badge_leads_to_the_badge_it_names() -> None:
    link = b'<link rel="alternate" type="application/vc" href="/data">'
    site = Site(page=PAGE % link, data=BADGE)
    assert at(site, "page").report.credential == json.loads(BADGE)
    assert site.asked[:2] == ["https://lieu.example/page", "https://lieu.example/data"]


@pytest.mark.parametrize(
    "link",
    [
        b"",
        b'<link rel="alternate" type="application/rss+xml" href="/data">',
        b'<link rel="alternate" type="application/json" href="https://ailleurs.example/data">',
        b'<link rel="alternate" type="application/json" href="//[">',
        b'<link rel="stylesheet" type="application/json" href="/data">',
    ],
)
def test_a_page_that_names_no_badge_of_its_site_is_told_as_a_page(link: bytes) -> None:
    site = Site(page=PAGE % link, data=BADGE)
    report = at(site, "page").report
    assert report.checks[0].code == "page_without_badge"
    assert site.asked == ["https://lieu.example/page"]


@pytest.mark.parametrize(
    "filler",
    [b"<![", b"<a ", b"<link ", b"<link a=", b"<link " + b"a" * 1990 + b">", b"<!--", b"<link a='"],
)
def test_a_page_made_to_hold_us_up_does_not(filler: bytes) -> None:
    """The standard library's parser fails on the first of these, and takes its time for others."""
    long = PAGE.replace(b"%s", filler * (1_000_000 // len(filler)))
    started = time.perf_counter()
    assert at(Site(page=long), "page").report.checks[0].code == "page_without_badge"
    assert time.perf_counter() - started < 1


# No trace


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Fails when a temporary file is made."""

    def forbidden(*args: Any, **more: Any) -> Any:
        raise AssertionError("a temporary file")

    for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, forbidden)
        monkeypatch.setattr(f"werkzeug.formparser.{name}", forbidden, raising=False)
    caplog.set_level(logging.DEBUG)


def hand_in(client: LookingClient, data: bytes, name: str) -> Any:
    """Post a file. Encoded here: for a large one the test client itself uses the disk."""
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + data + b"\r\n--b--\r\n"
    return client.post("/verifier", data=body, content_type="multipart/form-data; boundary=b")


@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize("size", [1_000, 700_000, 7_000_000])
def test_an_upload_stays_in_memory_and_out_of_every_log(
    client: LookingClient, award: Award, caplog: pytest.LogCaptureFixture, size: int
) -> None:
    caplog.clear()
    data = award.credential.encode() + b" " * size
    answer = hand_in(client, data, "badge-d-ada.json")
    assert ("Ada Lovelace" in answer.get_data(as_text=True)) == (size < 2_000_000)
    client.post("/verify", data={"address": "https://lieu.example/d-ada"}, headers=JSON)
    logged = " ".join(record.getMessage() for record in caplog.records)
    for word in ("Lovelace", "ada", "lieu.example", str(award.id)):
        assert word not in logged


def test_the_guard_against_temporary_files_would_see_one(
    client: LookingClient, watched: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without our stream, werkzeug writes a large upload to the disk."""
    monkeypatch.setattr(views, "_in_memory", real_stream())
    with pytest.raises(AssertionError, match="a temporary file"):
        hand_in(client, b"x" * 700_000, "x")


def real_stream() -> Callable[..., Any]:
    from werkzeug.formparser import default_stream_factory

    return default_stream_factory


def test_no_browser_keeps_the_answer_nor_a_cookie_of_it(
    client: LookingClient, award: Award
) -> None:
    for answer in (
        client.post("/verifier", data={"text": award.credential}),
        client.post("/verifier", data={"text": "{"}),
        client.post("/verify", json={"credential": award.credential}),
    ):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in answer.headers
    asked = client.get("/verifier")
    assert "Set-Cookie" not in asked.headers
    assert 'autocomplete="off"' in asked.get_data(as_text=True)


def test_only_this_page_may_ask_for_the_camera(client: LookingClient) -> None:
    assert "camera=(self)" in client.get("/verifier").headers["Permissions-Policy"]
    assert "camera=()" in client.get("/badges").headers["Permissions-Policy"]


# The answer


def test_what_shows_no_badge_at_all_is_told_beside_the_field(client: LookingClient) -> None:
    """Not wrong, but not readable here: there is no badge to put on a page of its own."""
    locked = b"%PDF-1.7\n1 0 obj\ntrailer << /Encrypt 5 0 R >>"
    answer = client.post("/verifier", data={"file": (io.BytesIO(locked), "a.pdf")})
    assert answer.status_code == 422
    assert "protégé par un mot de passe" in answer.get_data(as_text=True)


def test_plain_words_come_first_and_every_step_is_one_click_below(
    client: LookingClient, award: Award
) -> None:
    page = page_of(client, text=award.credential)
    words, below = page.split("<details", 1)
    assert "Ce badge est authentique" in words
    assert "valable jusqu’au 20\u00a0novembre\u00a02029" in words
    assert "L’émetteur est bien ce lieu" in words
    assert "eddsa-rdfc-2022" not in words
    for facts in (
        "proof · passed · signature",
        "suite&nbsp;= eddsa-rdfc-2022",
        "credentialSubject",
    ):
        assert facts in below


def test_what_is_wrong_is_said_before_the_folds(client: LookingClient, award: Award) -> None:
    forged = award.credential.replace("Ada Lovelace", "Eve Lovelace")
    words = page_of(client, text=forged).split("<details", 1)[0]
    assert "il a été changé après coup" in words
    assert "L’émetteur est bien ce lieu" not in words


@pytest.mark.parametrize(
    "accept",
    ["application/vc", "application/ld+json", "application/vc+ld+json", "application/did+json"],
)
def test_an_error_asked_for_by_a_machine_is_told_to_a_machine(
    client: LookingClient, accept: str
) -> None:
    lost = client.get(
        "/credentials/00000000-0000-4000-8000-000000000000", headers={"Accept": accept}
    )
    assert lost.status_code == 404
    assert lost.mimetype == "application/problem+json"
    said = client.post("/verify", data={"text": "{"}, headers={"Accept": accept})
    assert said.mimetype == "application/json"
    browser = client.get("/nulle-part", headers={"Accept": "text/html,application/xml;q=0.9,*/*"})
    assert browser.mimetype == "text/html"
