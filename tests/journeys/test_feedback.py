"""A learner reports with a screenshot; the team reads it; somebody else says «moi aussi»; the
course is mended and both are told."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.feedback import photograph
from tests.support.journeys import (
    enter,
    follow,
    join,
    open_mail,
    press,
    press_and_confirm,
    title,
    told,
    unlike,
)

Open = Callable[..., Page]


def ask(page: Page) -> None:
    """From the path to the form of its third step."""
    page.goto("/parcours/snt")
    page.get_by_role("link", name="Signaler une erreur").nth(2).click()
    title(page, "Signaler une erreur, proposer un complément")


def test_a_report_with_a_picture_is_seen_by_another_and_both_are_told_it_is_fixed(
    sign_in: Open, new_page: Open
) -> None:
    words = unlike("La réponse au quiz est fausse")
    author = join(new_page(), unlike("Ida Note"))
    ask(author.page)
    author.page.get_by_label("Une erreur").check()
    author.page.get_by_label("Ce que vous voulez dire").fill(words)
    author.page.get_by_label("Une capture d’écran").set_input_files(
        {"name": "ecran.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    )
    author.page.get_by_label("Ce que montre la capture").fill("Le quiz en rouge")
    press(author.page, "Envoyer à l’équipe du cours")
    told(author.page, "votre signalement est enregistré")
    picture = author.page.get_by_role("img", name="Le quiz en rouge")
    expect(picture).to_be_visible()
    assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 40

    other = join(new_page(), unlike("Nour Aussi"))
    ask(other.page)
    expect(other.page.get_by_text(words)).to_have_count(0)

    team = sign_in("facilitator@example.org")
    team.goto("/retours?etat=new")
    follow(team, words)
    expect(team.get_by_role("img", name="Le quiz en rouge")).to_be_visible()
    expect(team.get_by_label("Montrer ce texte")).to_be_checked()
    team.get_by_label("Votre mot").fill("Vu aussi.")
    press(team, "Confirmer")
    told(team, "l’apprend par mail")
    report = team.url

    ask(other.page)
    other.page.get_by_role("link", name=f"Moi aussi ({words})").click()
    title(other.page, "Moi aussi")
    other.page.get_by_label("Ce que vous avez vu de plus").fill("Sur le téléphone aussi.")
    press(other.page, "Dire «\u202fmoi aussi\u202f»")
    told(other.page, "une personne de plus")

    team.goto(report)
    expect(team.get_by_text("Sur le téléphone aussi.")).to_be_visible()
    expect(team.get_by_text("1 personne de plus l’a vu").first).to_be_visible()
    press(team, "Noter comme corrigé")
    told(team, "l’apprend par mail")
    open_mail(other.page, other.email, "Ce que vous aviez vu")
    open_mail(author.page, author.email, "Votre signalement")


def test_what_was_written_when_the_session_ended_is_copied_and_sent_after_signing_in(
    new_page: Open,
) -> None:
    words = unlike("L’exercice demande ce que la vidéo, coupée au milieu, ne dit pas")
    author = join(new_page(), unlike("Rose Longue"))
    page = author.page
    ask(page)
    page.get_by_label("Une erreur").check()
    page.get_by_label("Ce que vous voulez dire").fill(words)

    elsewhere = new_page()
    elsewhere.goto("/login")
    enter(elsewhere, author.email)
    elsewhere.goto("/compte/appareils")
    press_and_confirm(elsewhere, "Fermer toutes les autres")

    press(page, "Envoyer à l’équipe du cours")
    title(page, "Votre session est terminée")
    kept = page.get_by_label("Votre texte")
    expect(kept).to_have_value(words)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(page, "Copier ce texte")
    expect(page.get_by_role("button", name="Texte copié")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    with page.expect_popup() as opened:
        follow(page, "Me connecter (nouvel onglet)")
    again = opened.value
    enter(again, author.email)
    title(again, "Signaler une erreur, proposer un complément")
    again.get_by_label("Une erreur").check()
    again.get_by_label("Ce que vous voulez dire").focus()
    again.keyboard.press("Control+V")
    press(again, "Envoyer à l’équipe du cours")
    told(again, "votre signalement est enregistré")
    expect(again.get_by_text(words)).to_be_visible()
    expect(kept).to_have_value(words)
