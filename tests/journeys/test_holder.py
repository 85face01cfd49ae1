"""A holder on a phone: shows a badge, copies its address, takes every form, brings one from
elsewhere, puts badges together, binds one to a key and signs with it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, expect

from badges.engine import baking, credentials, keys, presentations, proofs
from tests.support.journeys import (
    download,
    enter,
    follow,
    join,
    open_mail,
    press,
    press_and_confirm,
    press_in_mail,
    title,
    told,
    unlike,
)

EMAIL = "learner@example.org"


def desk(page: Page, which: int = 0) -> str:
    """The holder's page of one of their badges; gives its name."""
    page.goto("/mes-badges")
    card = page.locator(".award-card").nth(which)
    name = card.get_by_role("heading").inner_text()
    card.locator("a[href^='/mes-badges/']").click()
    title(page, re.compile(re.escape(name.split()[0])))
    return name


def show_to(page: Page, whom: str) -> None:
    """Choose who sees the badge of this page."""
    page.get_by_label(whom).check()
    press(page, "Enregistrer ce choix")


def test_a_badge_is_made_public_copied_and_taken_in_every_form(
    sign_in: Callable[..., Page], new_page: Callable[..., Page]
) -> None:
    page = sign_in(EMAIL)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk(page)
    show_to(page, "Public")
    told(page, "Ce badge est public")
    press(page, "Copier l’adresse")
    expect(page.get_by_role("button", name="Adresse copiée")).to_be_visible()
    address = page.evaluate("navigator.clipboard.readText()")
    page.get_by_text("Autres formes").click()
    found = {}
    for link in page.locator(".files a").all():
        found[link.inner_text()] = download(page, link.click)
    heads = sorted(data[:4] for data in found.values())
    assert len(found) == 9
    assert [head for head in heads if head in (b"%PDF", b"\x89PNG")] == [
        *[b"%PDF"] * 2,
        *[b"\x89PNG"] * 2,
    ]
    signed = [data for data in found.values() if data.startswith(b"{")]
    assert json.loads(signed[0])["id"] == address
    assert sum(data.startswith(b"ey") for data in found.values()) == 3
    visitor = new_page()
    visitor.goto(address)
    expect(visitor.locator(".verdict.valid")).to_be_visible()
    follow(page, "Voir ma page publique")
    visitor.goto(page.url)
    title(visitor, re.compile("Samira"))
    assert visitor.locator(f"a[href$='{address.rpartition('/')[2]}']").count() == 1


def test_a_badge_from_elsewhere_is_brought_by_its_picture(
    sign_in: Callable[..., Page], tmp_path: Path
) -> None:
    key = keys.SigningKey.generate()
    did = keys.did_key(key.multibase)
    now = datetime.now(UTC)
    unsigned = credentials.build_credential(
        credentials.Issuer(did, "L’École d’à côté"),
        credentials.Achievement("https://ecole.example/b", "Animer un club", "d", "c"),
        credentials.Award(
            "https://ecole.example/c/1", credentials.Recipient.from_email(EMAIL), now
        ),
    )
    signed = proofs.sign(unsigned, key, keys.verification_method(did, key.name), created=now)
    picture = tmp_path / "badge.svg"
    blank = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    picture.write_bytes(baking.bake(blank, json.dumps(signed)))
    page = sign_in(EMAIL)
    page.goto("/mes-badges")
    follow(page, "Ajouter un badge reçu ailleurs")
    page.get_by_label("Fichier du badge").set_input_files(picture)
    press(page, "Vérifier et garder")
    told(page, "Ce badge est vérifié")
    title(page, "Animer un club")
    expect(page.get_by_text("Ce lieu ne l’a pas délivré")).to_be_visible()
    press(page, "Vérifier de nouveau")
    told(page, "Vérifié de nouveau")
    expect(page.get_by_text("Ce badge est authentique")).to_be_visible()
    press_and_confirm(page, "Ne plus garder ce badge")
    told(page, "n’est plus gardé")


def test_badges_are_put_together_and_the_collection_is_verified_by_a_visitor(
    sign_in: Callable[..., Page], new_page: Callable[..., Page]
) -> None:
    page = sign_in(EMAIL)
    page.goto("/mes-badges")
    follow(page, "Faire une collection")
    page.get_by_label("Titre").fill("Pour ma candidature")
    for box in page.locator("input[name=badges]").all()[:2]:
        box.check()
    press(page, "Enregistrer la collection")
    told(page, "Votre collection est enregistrée.")
    press(page, "Partager par une adresse")
    address = page.get_by_label("Adresse de la collection").input_value()
    visitor = new_page()
    visitor.goto(address)
    title(visitor, "Pour ma candidature")
    expect(visitor.locator(".verdict.valid")).to_be_visible()
    text = download(
        visitor, visitor.get_by_role("link", name="Télécharger la collection signée").click
    )
    visitor.goto("/verifier")
    visitor.locator("textarea[name=text]").fill(text.decode())
    press(visitor, "Vérifier")
    expect(visitor.locator(".verdict.valid")).to_be_visible()
    press_and_confirm(page, "Défaire cette collection")


def test_a_key_made_in_the_browser_holds_a_badge_and_signs_for_it(
    sign_in: Callable[..., Page], tmp_path: Path
) -> None:
    page = sign_in(EMAIL)
    name = desk(page, 1)
    page.get_by_text("Le lier à une clé neuve").click()
    page.get_by_label("Garder mon nom dans le badge").uncheck()
    key_file = tmp_path / "cle.json"
    key_file.write_bytes(
        download(page, page.get_by_role("button", name="Faire la clé et y lier le badge").click)
    )
    told(page, "Ce badge est lié à sa clé")
    expect(page.get_by_text("Votre nom n’est pas dans le badge.")).to_be_visible()
    did = page.locator("code.long").inner_text()
    kept = json.loads(key_file.read_text())
    assert sorted(kept["privateKeyJwk"]) == ["crv", "d", "kty", "x"]
    page.goto("/mes-badges/collections/nouvelle")
    page.get_by_label("Titre").fill("Devant le jury")
    page.locator("label.choice").filter(has_text=name).locator("input").check()
    press(page, "Enregistrer la collection")
    page.get_by_label("Fichiers de clés").set_input_files(key_file)
    page.get_by_label("Ce qu’on vous demande de signer").fill("jury 7")
    shown = download(page, page.get_by_role("button", name="Signer et télécharger").click)
    report = presentations.verify_presentation(
        shown, fetch=None, now=datetime.now(UTC), challenge="jury 7"
    )
    assert [(check.name, check.outcome) for check in report.checks][-1] == ("issuer", "passed")
    assert report.document is not None
    assert report.document["holder"] == did
    assert report.members[0].is_controlled is True


def test_an_address_is_changed_by_a_link_mailed_to_the_new_one(
    new_page: Callable[..., Page],
) -> None:
    me = join(new_page(), unlike("Inès Roux"))
    page, new = me.page, f"nouvelle-{me.email}"
    page.goto("/compte")
    follow(page, "Changer mon adresse")
    page.get_by_label("Nouvelle adresse").fill(new)
    press(page, "Envoyer le lien")
    told(page, "Un mail vient de partir")
    expect(page.get_by_text("Attend d’être confirmée")).to_be_visible()
    open_mail(page, new, "Confirmez votre nouvelle adresse")
    press_in_mail(page, "Confirmer cette adresse")
    press(page, "Confirmer l’adresse")
    told(page, "cette adresse est maintenant celle de votre compte")
    page.goto("/compte")
    expect(page.get_by_text(new)).to_be_visible()
    open_mail(page, me.email, "L’adresse de votre compte a changé")
    other = new_page()
    other.goto("/login")
    enter(other, new)
    expect(other.locator("a.me")).to_be_visible()
