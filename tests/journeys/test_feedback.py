"""A learner reports with a screenshot; the team reads it; somebody else says «moi aussi»; the
course is mended and both are told."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.feedback import photograph
from tests.support.journeys import follow, join, open_mail, press, title, told, unlike

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
