"""Somebody protects their account with the application of their phone, and gets in with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from passlib.totp import TOTP
from playwright.sync_api import Browser, Page, expect

from tests.support.journeys import enter, follow, join, press, press_and_confirm, title, told
from tests.support.served import ServedPlace


def _code(key: str, later: int = 0) -> str:
    """What the application shows now, or in so many seconds."""
    at = int(datetime.now(UTC).timestamp()) + later
    return str(TOTP(key=key, format="base32").generate(at).token)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_learner_switches_it_on_signs_in_with_it_and_loses_the_phone(
    new_page: Callable[..., Page], browser: Browser, place: ServedPlace, scripts: bool
) -> None:
    member = join(new_page(), "Inès Verrou")
    state = member.page.context.storage_state()
    context = browser.new_context(
        base_url=place.url,
        viewport={"width": 360, "height": 780},
        locale="fr-FR",
        java_script_enabled=scripts,
        storage_state=state,
    )
    try:
        page = context.new_page()
        page.goto("/compte")
        follow(page, "Double vérification")
        press(page, "Commencer")
        expect(page.locator("svg.qr")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        key = re.sub(r"[ -]", "", page.locator("#cle").inner_text())
        page.get_by_label("Code de l’application").fill(_code(key))
        press(page, "Allumer la double vérification")
        title(page, "Mes codes de secours")
        kept = page.locator("code.secret").all_inner_texts()
        assert len(kept) == 10

        page.goto("/compte")
        press(page, "Me déconnecter")
        page.goto("/login")
        enter(page, member.email)
        title(page, "Encore un code")
        page.get_by_label("Code de l’application").fill("000000")
        press(page, "Entrer")
        expect(page.get_by_text("Ce code n’est pas le bon").first).to_be_visible()
        page.get_by_label("Code de l’application").fill(_code(key, later=30))
        press(page, "Entrer")
        expect(page.locator("a.me")).to_be_visible()

        page.goto("/compte")
        press(page, "Me déconnecter")
        page.goto("/login")
        enter(page, member.email)
        follow(page, "entrer avec un code de secours")
        page.get_by_label("Code de secours").fill(kept[0])
        press(page, "Entrer")
        expect(page.locator("a.me")).to_be_visible()

        page.goto("/compte/appareils")
        expect(page.get_by_text("Cet appareil")).to_have_count(1)
        page.goto("/compte/double-verification")
        press_and_confirm(page, "Éteindre la double vérification")
        told(page, "La double vérification est éteinte.")
    finally:
        context.close()
