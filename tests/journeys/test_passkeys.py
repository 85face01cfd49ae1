"""Somebody adds a passkey to their account and comes in with it; the browser's own device signs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.journeys import follow, join, press, press_and_confirm, title, told
from tests.support.served import ServedPlace

OWN = "Mes clés d’identification"
ENTER = "Utiliser ma clé d’identification"


def _give_device(page: Page) -> None:
    """A device in this browser that keeps passkeys and always recognises its person."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def _sign_out(page: Page) -> None:
    page.goto("/compte")
    press(page, "Me déconnecter")
    expect(page.locator("a.signin")).to_be_visible()


def test_somebody_adds_a_passkey_comes_in_with_it_and_removes_it(
    new_page: Callable[..., Page], place: ServedPlace
) -> None:
    member = join(new_page(), "Inès Cléor")
    page = member.page
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    _give_device(page)
    page.goto("/compte")
    follow(page, "Clés d’identification")
    title(page, OWN)
    follow(page, "Ajouter une clé")
    page.get_by_label("Nom de cette clé").fill("Mon téléphone")
    press(page, "Créer la clé")
    told(page, "cette clé ouvre maintenant votre compte")
    expect(page.get_by_text("Mon téléphone", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    follow(page, "Ajouter une clé")
    press(page, "Créer la clé")
    expect(page.get_by_role("status")).to_have_text(
        "Cet appareil garde déjà une clé pour votre compte."
    )

    _sign_out(page)
    page.goto("/connexion/cle-identification?next=/compte/cles-identification")
    press(page, ENTER)
    title(page, OWN)
    # In the address field the browser offers it too; a test's device says yes by itself.
    _sign_out(page)
    page.goto("/login?next=/compte/cles-identification", wait_until="commit")
    title(page, OWN)
    expect(page.get_by_text("Utilisée le")).to_be_visible()

    press_and_confirm(page, "Retirer la clé «\u202fMon téléphone\u202f»")
    told(page, "cette clé n’ouvre plus votre compte")
    expect(page.get_by_text("Vous n’en avez pas encore.")).to_be_visible()
    assert faults == []


@pytest.mark.parametrize("path", ["/login", "/connexion/cle-identification"])
def test_without_scripts_no_button_promises_what_the_browser_cannot_do(
    browser: object, place: ServedPlace, path: str
) -> None:
    context = browser.new_context(  # type: ignore[attr-defined]
        base_url=place.url, locale="fr-FR", java_script_enabled=False
    )
    try:
        page = context.new_page()
        page.goto(path)
        expect(page.get_by_role("button", name=ENTER)).to_be_hidden()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    finally:
        context.close()
