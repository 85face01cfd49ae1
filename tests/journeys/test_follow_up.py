"""Somebody who follows you, on a phone: slots, an appointment, a tap in a mail, a shared note."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import (
    When,
    follow,
    in_days,
    join,
    look_through,
    open_mail,
    press,
    press_and_confirm,
    press_in_mail,
    title,
    told,
    unlike,
)

Open = Callable[..., Page]


def open_slots(page: Page, when: When, starts: str, ends: str) -> None:
    """A facilitator opens slots of half an hour, on site and by phone, on that day."""
    page.goto("/mes-creneaux")
    follow(page, "Ouvrir des créneaux")
    page.get_by_label("Jour").fill(when.day)
    page.get_by_label("De", exact=True).fill(starts)
    page.get_by_label("À", exact=True).fill(ends)
    page.get_by_label("Sur place").check()
    page.get_by_label("Par téléphone").check()
    page.get_by_label("Ou le lieu, en quelques mots").fill("le petit bureau")
    press(page, "Ouvrir ces créneaux")


def turn(page: Page, name: str) -> None:
    """Follow a link, and wait for the page it leads to: what is counted next is on that one."""
    with page.expect_navigation():
        follow(page, name)


def choose(page: Page, hours: str) -> None:
    """The slot of those hours, on whatever page of the list it stands."""
    look_through(page, page.get_by_role("listitem").filter(has_text=hours))
    page.get_by_role("listitem").filter(has_text=hours).last.get_by_role("link").click()


def test_slots_are_opened_one_is_taken_moved_and_cancelled_by_a_tap_in_the_mail(
    sign_in: Open, new_page: Open
) -> None:
    team, when = sign_in("facilitator@example.org"), in_days(45)
    open_slots(team, when, "19:05", "20:05")
    told(team, "2 créneaux sont ouverts.")
    open_slots(team, when, "19:20", "20:20")
    expect(team.get_by_text("Vous avez déjà un créneau").first).to_be_visible()

    ada = join(new_page(), unlike("Ada"))
    ada.page.goto("/agenda")
    turn(ada.page, "Prendre rendez-vous")
    choose(ada.page, "19 h 05")
    title(ada.page, "Prendre ce rendez-vous")
    ada.page.get_by_label("Par téléphone").check()
    press(ada.page, "Prendre ce rendez-vous")
    expect(ada.page.get_by_text("À quel numéro vous appeler ? Il ne sert").first).to_be_visible()
    ada.page.get_by_label("À quel numéro vous appeler").fill("04 00 00 00 09")
    ada.page.get_by_label("En quelques mots").fill("Je voudrais enseigner.")
    press(ada.page, "Prendre ce rendez-vous")
    told(ada.page, "Votre rendez-vous est pris.")

    team.goto("/mes-creneaux")
    follow(team, ada.name)
    expect(team.get_by_role("link", name="Appeler le 04 00 00 00 09")).to_be_visible()
    expect(team.get_by_text("Je voudrais enseigner.")).to_be_visible()

    turn(ada.page, "Déplacer")
    choose(ada.page, "19 h 35")
    press(ada.page, "Enregistrer le changement")
    told(ada.page, "Votre rendez-vous est changé.")

    mail = new_page()  # somewhere else, signed in as nobody
    open_mail(mail, ada.email, "Votre rendez-vous est déplacé")
    press_in_mail(mail, "Je ne viendrai pas : annuler mon rendez-vous")
    title(mail, "Votre rendez-vous")
    press(mail, "Annuler mon rendez-vous")
    told(mail, "Votre rendez-vous est annulé.")
    ada.page.goto("/mes-rendez-vous")
    expect(ada.page.get_by_role("heading", name="Aucun rendez-vous à venir")).to_be_visible()


def test_after_an_appointment_it_is_said_how_it_went_and_a_note_is_shared(
    sign_in: Open, new_page: Open
) -> None:
    words = unlike("Convenu ensemble")
    team = sign_in("facilitator@example.org")
    team.goto("/mes-creneaux?voir=a-noter")
    team.get_by_role("listitem").filter(has_text="Samira Haddad").first.get_by_role("link").click()
    press(team, "Il a eu lieu")
    told(team, "C’est noté.")
    team.get_by_label("Votre note").fill(words)
    team.get_by_label("Pour moi").check()
    press(team, "Enregistrer la note")
    told(team, "Votre note est enregistrée.")

    learner = sign_in("learner@example.org")
    learner.goto("/mes-rendez-vous")
    title(learner, "Mes rendez-vous")
    expect(learner.get_by_text(words)).to_have_count(0)

    note = team.get_by_role("article").filter(has_text=words)
    note.get_by_role("link", name=re.compile("^Changer ou partager")).click()
    press_and_confirm(team, "Partager avec Samira Haddad")
    told(team, "C’est fait")
    learner.reload()
    expect(learner.get_by_text(words)).to_be_visible()
    open_mail(new_page(), "learner@example.org", "Nadia Benali partage une note avec vous")
