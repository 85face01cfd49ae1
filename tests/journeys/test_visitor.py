"""Anybody: finds a path, reads the agenda, signs in without a password, checks a badge."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.support.journeys import (
    enter,
    follow,
    in_days,
    join,
    open_mail,
    plan_session,
    press,
    register,
    title,
    told,
    unlike,
)

Open = Callable[..., Page]


def test_a_visitor_finds_a_path_by_who_they_are_and_the_time_they_have(new_page: Open) -> None:
    page = new_page()
    page.goto("/")
    follow(page, "Parcours pour enseigner")
    expect(page.get_by_label("Qui êtes-vous ?")).to_have_value("teacher")
    found = page.get_by_role("heading", name=re.compile(r"^\d+ parcours vous convi"))
    expect(found).to_be_visible()
    page.get_by_label("Combien de temps avez-vous ?").select_option(index=1)
    press(page, "Trouver")
    expect(page).to_have_url(re.compile(r"public=teacher&temps=\w+"))
    page.get_by_role("main").locator("a.card").first.click()
    expect(page.get_by_role("heading", name="Les étapes", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Ouvrir le cours")).to_have_attribute(
        "href", re.compile("^https://")
    )
    follow(page, "Me connecter pour le suivre")
    title(page, "Se connecter")


def test_signing_in_to_book_leads_back_to_the_session(new_page: Open, sign_in: Open) -> None:
    name = unlike("Séance pour qui passe")
    session = plan_session(sign_in("facilitator@example.org"), name, in_days(47))
    page = new_page()
    page.goto(session)
    follow(page, "Se connecter pour réserver")
    enter(page, "learner2@example.org", "tiers-lieu-demo")
    title(page, name)
    press(page, "Réserver ma place")
    told(page, "Votre place est confirmée.")


def test_a_link_by_mail_opens_the_account_without_a_password(new_page: Open) -> None:
    member = join(new_page(), unlike("Jeanne Sans-Mot-de-Passe"))
    page = new_page()
    page.goto("/login")
    form = page.locator("form").filter(has=page.locator("input[name=identity]"))
    form.get_by_label("Adresse mail").fill(member.email)
    press(form, "Recevoir un lien")
    open_mail(page, member.email, "Votre lien pour entrer")
    page.frame_locator("iframe.letter").get_by_role("link").first.click()
    press(page, "Entrer dans mon compte")
    expect(page.locator("a.me")).to_be_visible()


def test_an_address_already_known_gets_the_same_answer_and_a_mail_that_says_so(
    new_page: Open,
) -> None:
    page = new_page()
    page.goto("/inscription")
    page.get_by_label("Votre nom").fill("Quelqu’un d’autre")
    page.get_by_label("Adresse mail").fill("learner@example.org")
    page.get_by_label("Mot de passe", exact=True).fill("une phrase à peine connue")
    page.get_by_label("J’ai 15 ans ou plus").check()
    page.get_by_label("J’ai lu comment mes données sont protégées").check()
    press(page, "Créer mon compte")
    title(page, "Ouvrez votre boîte mail")  # word for word what a new address is told
    open_mail(page, "learner@example.org", "")
    expect(page.locator(".plain-mail")).not_to_contain_text("confirmer")


def test_a_forgotten_password_is_replaced_by_mail(new_page: Open) -> None:
    page = new_page()
    email = register(page, unlike("Karim Oubli"))
    page.goto("/login")
    follow(page, "J’ai oublié mon mot de passe")
    page.get_by_label("Adresse mail").fill(email)
    page.get_by_role("main").get_by_role("button").last.click()
    open_mail(page, email, "mot de passe")
    page.frame_locator("iframe.letter").get_by_role("link").first.click()
    page.get_by_label("Nouveau mot de passe", exact=True).fill("court")
    page.get_by_role("main").locator("form [type=submit]").last.click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Nouveau mot de passe", exact=True).fill("autre phrase que je connais")
    page.get_by_role("main").locator("form [type=submit]").last.click()
    page.goto("/login")
    if not page.locator("a.me").count():
        enter(page, email, "autre phrase que je connais")
    expect(page.locator("a.me")).to_be_visible()


def _file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rien.json", b"ceci n'est pas du JSON"),
        ("coupe.json", b'{"@context": ["https://www.w3.org/ns/credentials/v2"'),
        ("image.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 64),
        ("vide.json", b""),
    ],
)
def test_a_file_that_is_no_badge_is_refused_in_plain_words(
    new_page: Open, name: str, content: bytes
) -> None:
    page = new_page()
    page.goto("/verifier")
    page.get_by_label("Fichier du badge").set_input_files(_file(name, content))
    press(page, "Vérifier")
    expect(page.get_by_role("alert")).to_contain_text("Il reste quelque chose à corriger")
    expect(page.locator(".field.wrong").first).to_be_visible()


def test_a_badge_of_an_unknown_make_is_told_check_by_check(new_page: Open) -> None:
    page = new_page()
    strange = {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://inconnu.example/v1"],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "did:key:z6MkqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqU", "name": "X"},
        "credentialSubject": {"type": "AchievementSubject", "achievement": {"name": "Inconnu"}},
    }
    page.goto("/verifier")
    page.get_by_label("Ou son texte").fill(json.dumps(strange))
    press(page, "Vérifier")
    expect(page.locator(".verdict.valid")).to_have_count(0)
    expect(page.locator(".verdict")).to_be_visible()


def test_a_private_badge_and_one_that_never_was_look_the_same(
    new_page: Open, sign_in: Open
) -> None:
    holder, anybody = sign_in("learner@example.org"), new_page()
    holder.goto("/mes-badges")
    card = holder.locator("li.award-card").filter(has_text="Privé").first
    private = card.get_by_role("heading").get_by_role("link").get_attribute("href")
    assert private
    answers = []
    for address in (private, "/credentials/00000000-0000-4000-8000-000000000000"):
        answer = anybody.goto(address)
        assert answer is not None
        answers.append((answer.status, anybody.get_by_role("main").inner_text()))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
