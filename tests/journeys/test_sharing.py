"""The two bases in a real browser: a pilot by invitation, a resource shared, an event, the CSV."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import (
    download,
    enter,
    follow,
    join,
    new_address,
    open_mail,
    press,
    press_in_mail,
    register,
    title,
    told,
    unlike,
)

Open = Callable[..., Page]


def _open_pilot(team: Page, name: str, email: str) -> None:
    team.goto("/")
    follow(team, "Ressources partagées")
    follow(team, "Pilotes")
    follow(team, "Ouvrir un pilote")
    team.get_by_label("Nom du pilote").fill(name)
    press(team, "Enregistrer le pilote")
    told(team, "Le pilote est enregistré.")
    team.get_by_label("Adresses à inviter").fill(email)
    press(team, "Inviter")
    told(team, "1 invitation est partie.")


def _come_in(page: Page, email: str, pilot: str) -> None:
    """From the letter to the account, whose password is one's own."""
    open_mail(page, email, pilot)
    press_in_mail(page, "Créer mon compte")
    register(page, unlike("Noa"), email=email)
    open_mail(page, email, "Confirmez votre adresse")
    press_in_mail(page, "Confirmer mon adresse")
    title(page, "Se connecter")
    enter(page, email)
    title(page, "Faisons connaissance")
    page.get_by_label("J’enseigne", exact=True).check()
    press(page, "Enregistrer mon profil")
    told(page, "Votre profil est à jour.")


def test_an_invited_person_shares_in_a_pilot_what_nobody_else_sees(
    new_page: Open, sign_in: Open
) -> None:
    team, phone = sign_in("facilitator@example.org", 1280), new_page()
    pilot, subject, email = unlike("Groupe"), unlike("Trier du plancton"), new_address()
    _open_pilot(team, pilot, email)
    _come_in(phone, email, pilot)
    phone.goto("/pilotes")
    follow(phone, pilot)
    follow(phone, "Y partager une ressource")
    phone.get_by_label("Objet").fill(subject)
    phone.get_by_label("Oui : on peut la reprendre").check()
    press(phone, "Enregistrer la ressource")  # no licence yet
    expect(phone.get_by_role("alert")).to_contain_text("nommez-la")
    phone.get_by_label("Licence", exact=True).select_option(label="CC BY 4.0")
    press(phone, "Enregistrer la ressource")
    told(phone, "La ressource est enregistrée.")
    address = phone.url
    follow(phone, "Fichiers")
    phone.get_by_label("Joindre un fichier").set_input_files(
        files=[{"name": "plan.txt", "mimeType": "text/plain", "buffer": b"Trois groupes."}]
    )
    press(phone, "Joindre")
    told(phone, "Le fichier est joint.")

    other = join(new_page(), unlike("Ailleurs")).page
    other.goto("/ressources")
    expect(other.get_by_text(pilot)).to_have_count(0)
    expect(other.get_by_text(subject)).to_have_count(0)
    answer = other.goto(address)
    assert answer is not None
    assert answer.status == 404

    team.goto(address)
    got = download(team, lambda: team.get_by_role("link", name="plan.txt").click())
    assert got == b"Trois groupes."


def test_an_event_with_a_vague_date_is_announced_joined_and_read_in_again(
    new_page: Open, sign_in: Open
) -> None:
    name, author = unlike("Nuit du code"), sign_in("learner@example.org")
    author.goto("/evenements")
    follow(author, "Annoncer un événement")
    author.get_by_label("Nom de l’événement").fill(name)
    author.get_by_label("Date (facultatif)").fill("mi-mars 2029")
    author.get_by_label("Oui : vient qui veut").check()
    press(author, "Enregistrer l’événement")
    told(author, "L’événement est enregistré.")
    expect(author.get_by_text("entre le 11 mars 2029 et le 20 mars 2029")).to_be_visible()
    address = author.url

    member = join(new_page(), unlike("Camille"))
    member.page.goto(address)
    member.page.get_by_label("Montrer mon nom à qui organise").check()
    press(member.page, "Je viens")
    told(member.page, "C’est noté : vous venez.")
    expect(member.page.get_by_role("listitem").filter(has_text=member.name)).to_have_count(0)
    author.reload()
    expect(author.get_by_role("listitem").filter(has_text=member.name)).to_be_visible()

    team = sign_in("facilitator@example.org", 1280)
    team.goto("/evenements")
    team.get_by_label("Chercher").fill(name.upper())
    press(team, "Chercher")
    file = download(team, lambda: follow(team, "Télécharger la liste (CSV)"))
    assert "mi-mars 2029" in file.decode("utf-8-sig")
    for text, said in (
        (file, "Ce fichier ne changerait rien."),
        (file.replace(b"mi-mars 2029", b"14 mars 2029"), "1 à modifier"),
    ):
        team.goto("/evenements/importer")
        team.get_by_label("Fichier CSV").set_input_files(
            files=[{"name": "evenements.csv", "mimeType": "text/csv", "buffer": text}]
        )
        press(team, "Lire le fichier")
        expect(team.get_by_text(said)).to_be_visible()
    press(team, "Importer ces lignes")
    told(team, "0 fiche ajoutée, 1 fiche modifiée")
    team.goto(address)
    expect(team.get_by_text("14 mars 2029").first).to_be_visible()
