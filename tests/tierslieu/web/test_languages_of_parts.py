"""Every page one can walk to in English: what people wrote in French says that it is French
(WCAG 3.1.2), and nothing that is English is called French."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards import certificate_drawing
from tests.support.client import LookingClient
from tests.support.tongues import is_english, is_french, unmarked
from tests.support.walking import PEOPLE, kind_of, walk
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_words
from tierslieu.opening import play_demo
from tierslieu.people.models import User
from tierslieu.web import papers
from tierslieu.web.papers import Drawn

# One's own data are shown as they are kept, sentences made for the file among them.
LEFT = ("/compte/donnees",)
PAPER = re.compile(r"\.pdf(\?|$)")
PAPERS = Path(__file__).parents[3] / "templates/pdf"
# Pages where one finds one's own words again in a field, in a language they alone know (`OwnForm`).
OWN_PAGES = ("/a-traiter/mots", "/mes-badges/collections/*", "/rendez-vous/*/deplacer/*")
FIELDS = ("input", "textarea")
# In a mail: what somebody wrote and reads again, in a language they alone know; a name.
OWN = ("body", "organisation")


def test_a_sentence_is_known_by_its_small_words() -> None:
    assert is_french("Il manque un exemple à vous")
    assert is_french("Une séance de l’après-midi")
    assert not is_french("The steps of your learning path")
    assert not is_french("Nadia Benali")
    assert is_english("The steps of your learning path")
    assert not is_english("Se rafraîchir en Python")


def test_what_is_french_on_a_page_in_english_says_so_and_nothing_else_does() -> None:
    page = '<html lang="en"><body><p>{}</p></body></html>'
    assert unmarked(page.format("Une séance de l’après-midi"))
    assert not unmarked(page.format('<span lang="fr">Une séance de l’après-midi</span>'))
    assert unmarked(page.format('<span lang="fr">The steps of your learning path</span>'))
    assert unmarked(page.format('<input value="Une séance de l’après-midi">'))
    assert unmarked(page.format('<a aria-label="Voir la séance de l’après-midi"></a>'))
    assert not unmarked(page.format("Chloé Durand"), people=["Chloé Durand"])


def _papers_elsewhere(db: Session, everybody: list[User]) -> Iterator[tuple[str, str]]:
    """Papers that who sees most is not shown, having nothing to print, and who is."""
    learner = next(one for one in everybody if one.email == "learner@example.org")
    for kind in ("attestation", "certificat"):
        yield learner.email, f"/agenda/presences/{learner.id}/{kind}.pdf"


def _of_mails(app: Flask, db: Session, names: set[str]) -> Iterator[str]:
    """The same of the mails that the place has sent, as somebody who reads English gets them."""
    sent = db.scalars(select(OutboxMessage).where(OutboxMessage.recipient != "")).all()
    assert len(sent) > 20, "the demonstration sends no mails"
    for one in sent:
        mail = render_words(
            one.template,
            one.context,
            language="en",
            settings=app.config["TIERSLIEU"],
            recipient=one.recipient,
            written={},
        )
        own = {" ".join(str(one.context.get(key, "")).split()) for key in OWN} - {""}
        yield from (f"{one.template} {fault}" for fault in unmarked(mail.html, names | own))


@pytest.fixture
def papers_read(app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The papers asked for since it was emptied, as the HTML they would be drawn from."""
    read: dict[str, str] = {}
    names: list[str] = []

    def draw(pages: Sequence[Callable[[], str]], *_style: object, **_how: object) -> Drawn:
        page = pages[0]()
        read[names[-1]] = page
        return Drawn(b"%PDF-1.7", frozenset())

    find = app.jinja_env.get_template

    def get(name: str, *more: Any, **kinds: Any) -> Any:
        if name.startswith("pdf/") and not name.startswith("pdf/_"):
            names.append(name)
        return find(name, *more, **kinds)

    monkeypatch.setattr(app.jinja_env, "get_template", get)
    monkeypatch.setattr(papers, "draw_pdf", draw)
    monkeypatch.setattr(certificate_drawing, "draw_pdf", draw)
    return read


def test_every_page_in_english_marks_what_people_wrote_in_french(
    app: Flask, db: Session, papers_read: dict[str, str]
) -> None:
    play_demo(app)
    everybody = list(db.scalars(select(User)))
    names = {one.name for one in everybody}
    names |= {
        f"{first} {last[0]}." for first, _s, last in (n.partition(" ") for n in names) if last
    }
    for one in everybody:
        one.language = "en"
    db.commit()
    faults: set[str] = set()
    kinds: set[str] = set()
    hubs: set[str] = set()
    printed: set[str] = set()
    for person in reversed(PEOPLE):  # who sees most first
        client = app.test_client()
        if person:
            client.sign_in(next(o for o in everybody if o.email == f"{person}@example.org"))

        def look(kind: str, url: str, client: LookingClient = client) -> list[str]:
            if kind in kinds - hubs:
                return []  # another person's, and what leads further stands on the first pages
            answer = client.get(url, headers={"Accept-Language": "en-GB"})
            if "Location" in answer.headers:
                return [answer.headers["Location"]]
            if answer.status_code >= 400 or answer.mimetype != "text/html":
                return []
            if kind not in (*kinds, *LEFT):
                found = unmarked(answer.text, names)
                if kind in OWN_PAGES:
                    found = [fault for fault in found if not fault.startswith(FIELDS)]
                faults.update(f"{kind} {fault}" for fault in found)
            links = [unescape(one) for one in re.findall(r'<a[^>]* href="([^"]*)"', answer.text)]
            for paper in links:
                if PAPER.search(paper) and kind_of(urljoin(url, paper)) not in printed:
                    printed.add(kind_of(urljoin(url, paper)))
                    client.get(urljoin(url, paper), headers={"Accept-Language": "en-GB"})
            if kind == "/":  # everybody reads another
                hubs.update(kind_of(urljoin(url, one)) for one in links)
            else:
                kinds.add(kind)
            return links

        walk("http://localhost/", look)
    assert len(kinds) > 150, "the walk ended early"
    faults.update(_of_mails(app, db, names))
    for email, address in _papers_elsewhere(db, everybody):
        client = app.test_client()
        client.sign_in(next(one for one in everybody if one.email == email))
        client.get(address, headers={"Accept-Language": "en-GB"})
    for paper, page in papers_read.items():
        # What a badge attests is said in the language that is asked for.
        assert '<html lang="en">' in page or paper == "pdf/awards_certificate.html"
        faults.update(f"{paper} {fault}" for fault in unmarked(page, names))
    made = {f"pdf/{one.name}" for one in PAPERS.glob("*.html") if not one.name.startswith("_")}
    made.remove("pdf/evaluation_results.html")  # no study here: `evaluation/results/test_page.py`
    assert papers_read.keys() == made, f"no walk leads to {sorted(made - papers_read.keys())}"
    assert not faults, "\n".join(sorted(faults))
