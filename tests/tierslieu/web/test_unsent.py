"""Whose session ended while they wrote does not lose what they wrote."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.feedback.models import CourseFeedback
from tests.support.client import LookingClient
from tests.support.courses import make_path, step_facts, steps_of

WORDS = "La vidéo de l’étape s’arrête au milieu,\net <b>l’exercice</b> demande la fin."
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def address(db: Session) -> str:
    """Where a report of a course is sent, by who is signed in alone."""
    step = steps_of(db, make_path(db, steps=[step_facts("A", url="https://example.org/a")]))[0]
    return f"/etapes/{step.id}/signaler"


def report(body: str = WORDS, **more: object) -> dict[str, object]:
    return {"kind": "error", "body": body, **more}


def test_what_was_written_when_the_session_ended_is_shown_to_be_copied_and_kept_nowhere(
    db: Session, client: LookingClient, address: str
) -> None:
    picture = (io.BytesIO(b"GIF89a"), "a.gif")
    referrer = {"Referer": f"http://localhost{address}"}
    answer = client.post(address, data=report(picture=picture), headers={**OURS, **referrer})
    assert answer.status_code == 401
    assert "Votre session est terminée" in answer.text
    assert "au milieu,\net &lt;b&gt;l’exercice&lt;/b&gt; demande" in answer.text
    assert f'href="/login?next={address}"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert list(db.scalars(select(CourseFeedback))) == []
    assert WORDS not in client.get("/login").text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        {"Origin": "http://elsewhere.example"},
        {},
    ],
)
def test_what_another_site_has_a_browser_send_is_shown_on_no_page_of_ours(
    client: LookingClient, address: str, headers: dict[str, str]
) -> None:
    answer = client.post(address, data=report(), headers=headers)
    assert (answer.status_code, "exercice" in answer.text) == (302, False)


def test_a_browser_that_says_no_more_than_its_origin_is_believed(
    client: LookingClient, address: str
) -> None:
    answer = client.post(address, data=report(), headers={"Origin": "http://localhost"})
    assert "exercice" in answer.text


def test_several_texts_are_shown_whole_and_what_a_page_carries_along_is_not(
    client: LookingClient, address: str
) -> None:
    long = "Une phrase, puis une autre. " * 4000
    carried = "0199d3c1-7f00-7000-8000-000000000001 none"
    data = report(encoded_remarks=long, listed=carried)
    answer = client.post(address, data=data, headers=OURS)
    assert answer.text.count("<textarea") == 2
    assert long in answer.text
    assert "0199d3c1" not in answer.text


def test_short_words_passwords_and_tokens_are_not_shown(
    client: LookingClient, address: str
) -> None:
    phrase = "une phrase bien longue que personne ne doit lire ici"
    data = report(
        "Trop court.", password=phrase, new_password=phrase, csrf_token=phrase, x="a" * 99
    )
    answer = client.post(address, data=data, headers=OURS)
    assert answer.status_code == 302
    assert answer.location == "/login"
