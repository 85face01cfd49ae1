"""Who writes a program: makes a key on a phone, gives it to the program, takes it back."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.exchange import credential
from tests.support.journeys import follow, press, press_and_confirm, title, told, unlike
from tests.support.served import ServedPlace

Open = Callable[..., Page]


def ask(place: ServedPlace, path: str, secret: str, body: Any = None) -> tuple[int, Any]:
    """A call as a script makes it: status and answer."""
    request = urllib.request.Request(
        place.url + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_key_made_on_a_phone_lets_a_program_sign_and_verify_until_it_is_taken_back(
    sign_in: Open, place: ServedPlace
) -> None:
    page = sign_in("facilitator@example.org")
    page.goto("/compte")
    follow(page, "Clés d’accès pour programmes")
    title(page, "Mes clés d’accès")
    press(page, "Créer la clé")  # nothing filled in
    expect(page.get_by_role("alert")).to_contain_text("Donnez-lui un nom")
    expect(page.get_by_role("alert")).to_contain_text("Cochez au moins une chose")
    name = unlike("attestations")
    page.get_by_label("Son nom").fill(name)
    page.get_by_label("Signer des attestations au nom du lieu", exact=False).check()
    press(page, "Créer la clé")
    title(page, "Votre clé est créée")
    secret = page.locator("code.secret").inner_text()
    assert len(secret) == 67
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    status, issued = ask(place, "/vc-api/credentials/issue", secret, {"credential": credential()})
    assert status == 201
    signed = issued["verifiableCredential"]
    wanted = {"verifiableCredential": signed}
    assert ask(place, "/vc-api/credentials/verify", secret, wanted) == (200, {"verified": True})
    status, problem = ask(place, "/api/v1/awards/00000000-0000-7000-8000-000000000000", secret)
    assert (status, problem["code"]) == (403, "scope_missing")
    status, badges = ask(place, "/api/v1/badges", secret)
    assert status == 200
    assert badges["items"]

    follow(page, "Mes clés d’accès")
    card = page.locator("section.card").filter(has=page.get_by_role("heading", name=name))
    expect(card).to_contain_text("A servi pour la dernière fois le")
    assert secret not in page.content()
    press_and_confirm(card, "Retirer cette clé")  # type: ignore[arg-type]
    told(page, f"La clé «\u202f{name}\u202f» n’ouvre plus rien.")
    status, problem = ask(place, "/vc-api/credentials/verify", secret, wanted)
    assert (status, problem["code"]) == (401, "token_invalid")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_key_is_whole_on_every_screen(sign_in: Open, width: int) -> None:
    page = sign_in("learner@example.org", width)
    page.goto("/compte/cles")
    expect(page.get_by_label("Attribuer et retirer des badges")).to_have_count(0)
    page.get_by_label("Son nom").fill(unlike("agenda"))
    page.get_by_label("Lire l’agenda", exact=False).check()
    press(page, "Créer la clé")
    box = page.locator("code.secret").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
