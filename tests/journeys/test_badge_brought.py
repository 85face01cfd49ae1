"""A badge in a PNG proves a step: first by way of the team, who settles what it is worth; the next
person's counts by itself."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from badges.engine import baking, credentials, keys, proofs
from tests.support.journeys import follow, join, open_in_queue, press, title, told, unlike

Open = Callable[..., Page]
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class Workshop:
    """An issuer whose identifier is its key: its badges verify without any network."""

    def __init__(self) -> None:
        self.key = keys.SigningKey.generate()
        self.did = keys.did_key(self.key.multibase)
        self.name, self.badge = unlike("Atelier"), unlike("Robotique")

    def png(self, email: str) -> bytes:
        at = datetime.now(UTC) - timedelta(days=3)
        unsigned = credentials.build_credential(
            credentials.Issuer(self.did, self.name),
            credentials.Achievement("https://atelier.example/b/1", self.badge, "d", "c"),
            credentials.Award(
                f"urn:uuid:{email}",
                valid_from=at,
                recipient=credentials.Recipient.from_email(email),
            ),
        )
        method = keys.verification_method(self.did, self.key.name)
        signed = proofs.sign(unsigned, self.key, method, created=at)
        return baking.bake(DOT, json.dumps(signed))


def _give(page: Page, workshop: Workshop, email: str) -> None:
    page.goto("/parcours/snt")
    press(page, "Suivre ce parcours")
    page.wait_for_url("**/mes-parcours/*")
    follow(page, "Ouvrir cette étape")
    page.wait_for_url("**/etapes/*")
    step = page.url
    follow(page, "J’ai un badge pour cette étape")
    follow(page, "Ajouter un badge")
    page.get_by_label("Fichier du badge").set_input_files(
        files=[{"name": "badge.png", "mimeType": "image/png", "buffer": workshop.png(email)}]
    )
    page.locator("main form [type=submit]").first.click()
    told(page, "gardé")
    follow(page, "S’en servir pour un parcours")
    page.get_by_label("L’étape qu’il prouve").select_option(value=":".join(_ids(step)))
    press(page, "Donner ce badge")


def _ids(step: str) -> list[str]:
    parts = step.rstrip("/").split("/")
    return [parts[-3], parts[-1]]


def test_a_badge_of_elsewhere_goes_by_the_team_once_then_counts_by_itself(
    new_page: Open, sign_in: Open
) -> None:
    workshop = Workshop()
    first = join(new_page(), unlike("Inès"))
    _give(first.page, workshop, first.email)
    told(first.page, "quelqu’un de l’équipe le regarde")

    team = sign_in("facilitator@example.org", 1280)
    open_in_queue(team, first.name)
    expect(team.get_by_text("L’émetteur n’est pas de ceux")).to_be_visible()
    follow(team, "Émetteurs de confiance, et ce que valent leurs badges")
    title(team, "Badges d’ailleurs")
    press(team, f"Faire confiance à {workshop.name}")
    told(team, "compteront désormais d’eux-mêmes")
    line = team.get_by_role("listitem").filter(has_text=workshop.badge)
    option = line.locator("option", has_text="SNT –").first
    line.get_by_label("L’étape qu’il valide").select_option(value=option.get_attribute("value"))
    press(line, "Garder")
    told(team, "les prochains compteront ainsi")

    second = join(new_page(), unlike("Karim"))
    _give(second.page, workshop, second.email)
    told(second.page, "L’étape est validée par ce badge.")
    expect(second.page.get_by_text(workshop.badge).first).to_be_visible()
