"""Who runs the place puts a word into a mail, looks at it, tries it, and takes it back."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import follow, open_mail, press, title, told, unlike

Open = Callable[..., Page]


def test_an_administrator_writes_into_a_mail_tries_it_and_comes_back_to_the_original(
    sign_in: Open,
) -> None:
    admin, word = sign_in("admin@example.org"), unlike("À très vite")
    admin.goto("/administration/personnes")
    follow(admin, "Textes des mails")
    title(admin, "Textes des mails")
    follow(admin, "Passage en ligne ou sur place")
    frame = admin.frame_locator("iframe.letter").first
    expect(frame.get_by_text("Bonjour Camille Exemple,")).to_be_visible()

    admin.get_by_label("Mot de la fin, en français").fill(f"{word}, {{prénom}}")
    press(admin, "Enregistrer")
    expect(admin.get_by_text("Le mot le plus proche est {nom}").first).to_be_visible()

    admin.get_by_label("Mot de la fin, en français").fill(f"{word}, {{nom}}")
    press(admin, "Voir en français, sans enregistrer")
    draft = admin.frame_locator("iframe[name=apercu]")
    expect(draft.get_by_text(f"{word}, Camille Exemple").first).to_be_visible()
    press(admin, "Enregistrer")
    told(admin, "C’est enregistré")

    press(admin, "M’envoyer un essai en français")
    told(admin, "Un essai part dans la minute à admin@example.org.")
    there = admin.url
    open_mail(admin, "admin@example.org", "[Essai]")
    letter = admin.frame_locator("iframe.letter")
    expect(letter.get_by_text(f"{word}, Camille Exemple")).to_be_visible()

    admin.goto(there)
    press(admin, "Revenir au texte d’origine")
    told(admin, "Le mail est revenu à son texte d’origine.")
    expect(frame.get_by_text("Bonjour Camille Exemple,")).to_be_visible()
    expect(frame.get_by_text(word)).to_have_count(0)
    press(admin, "Défaire le dernier changement")
    told(admin, "Le mail dit de nouveau")
    expect(frame.get_by_text(f"{word}, Camille Exemple")).to_be_visible()
    press(admin, "Revenir au texte d’origine")
