"""A certificate of Elements of AI comes in by its link: given on a phone, opened by the team."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import follow, join, open_in_queue, press, told, unlike

Open = Callable[..., Page]


def test_a_certificate_given_on_a_phone_validates_the_course_once_the_team_has_seen_it(
    new_page: Open, sign_in: Open
) -> None:
    code = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _n in range(10))
    link = f"https://certificates.mooc.fi/validate/{code}"
    learner = join(new_page(), unlike("Lou"))
    phone = learner.page
    phone.goto("/parcours/elements-of-ai")
    press(phone, "Suivre ce parcours")
    follow(phone, "J’ai déjà le certificat de ce cours")
    phone.get_by_label("certificat").fill("https://example.org/certificat")
    press(phone, "Donner ce certificat")
    expect(phone.get_by_role("alert").first).to_be_visible()  # another site's is said to be one
    phone.get_by_label("certificat").fill(link)
    press(phone, "Donner ce certificat")
    told(phone, "Certificat reçu")

    other = join(new_page(), unlike("Noor")).page
    other.goto("/parcours/elements-of-ai")
    press(other, "Suivre ce parcours")
    follow(other, "J’ai déjà le certificat de ce cours")
    other.get_by_label("certificat").fill(f"{link}/?lang=fr")
    press(other, "Donner ce certificat")
    expect(other.get_by_role("alert").first).to_be_visible()
    expect(other.get_by_text(learner.name)).to_have_count(0)

    team = sign_in("facilitator@example.org", 1280)
    open_in_queue(team, learner.name)
    opened = team.get_by_role("link", name="Ouvrir le certificat dans un nouvel onglet")
    expect(opened).to_have_attribute("target", "_blank")
    expect(opened).to_have_attribute("href", link)
    team.get_by_role("button", name="Valider").first.click()
    told(team, learner.name)

    phone.goto("/mes-parcours")
    phone.locator("main").get_by_role("link", name="Elements of AI").first.click()
    expect(phone.get_by_text("terminé le").first).to_be_visible()
