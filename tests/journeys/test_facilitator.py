"""Who runs a session, on a phone in the room: plan, call the roll, award, between two groups."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import (
    book,
    follow,
    in_days,
    open_mail,
    plan_session,
    press,
    press_and_confirm,
    soon,
    title,
    told,
    unlike,
)

Open = Callable[..., Page]


def test_the_first_page_shows_today_and_who_waits_for_an_answer(sign_in: Open) -> None:
    page = sign_in("facilitator@example.org")
    today = page.locator("section.card").filter(has=page.get_by_role("heading", name="Aujourd’hui"))
    expect(today.get_by_role("listitem").first).to_be_visible()
    follow(page, "Répondre")
    title(page, "À traiter")
    follow(page, "Répondre à la plus ancienne")
    expect(page.get_by_role("button", name="Valider l’étape")).to_be_visible()


def test_the_roll_is_called_with_one_thumb_and_takes_in_who_walks_in(sign_in: Open) -> None:
    team = sign_in("facilitator@example.org")
    name, guest = unlike("Appel au téléphone"), unlike("Odile Sans-Compte")
    session = plan_session(team, name, soon())
    for who in ("learner", "learner2", "coordinator"):
        book(sign_in(f"{who}@example.org"), session)

    team.goto("/")
    follow(team, f"Faire l’appel : {name}")
    people = team.locator("ul.roll").get_by_role("listitem")
    expect(people).to_have_count(3)
    names = people.get_by_role("strong").all_inner_texts()
    people.nth(0).get_by_role("strong").click()  # the name itself ticks
    excused = team.locator("details").filter(has_text="prévenu")
    excused.locator("summary").click()
    excused.get_by_label(names[2]).check()
    team.get_by_text("Ajouter quelqu’un qui n’avait pas réservé").click()
    team.get_by_label("Adresse", exact=False).last.fill("odile.nouvelle@example.org")
    press(team, "Enregistrer l’appel")  # an address nobody knows needs a name
    expect(team.get_by_role("alert")).to_contain_text("Notez aussi le nom")
    team.get_by_label("Nom", exact=False).last.fill(guest)
    press(team, "Enregistrer l’appel")
    told(team, "L’appel est enregistré.")

    expect(team.get_by_text("2 présences sur 4")).to_be_visible()
    expect(team.get_by_label(f"Présence : {names[0]}")).to_be_checked()
    expect(team.get_by_label(f"Présence : {names[1]}")).not_to_be_checked()
    expect(excused.get_by_label(names[2])).to_be_checked()
    expect(team.get_by_label(f"Présence : {guest}")).to_be_checked()
    # A mistake is taken back the same way.
    people.filter(has_text=names[0]).get_by_role("strong").first.click()
    press(team, "Enregistrer l’appel")
    expect(team.get_by_text("1 présence sur 4")).to_be_visible()


def test_the_roll_of_a_session_to_come_says_when_it_opens(sign_in: Open) -> None:
    team = sign_in("facilitator@example.org")
    plan_session(team, unlike("Séance de plus tard"), in_days(43))
    follow(team, "Faire l’appel")
    expect(team.get_by_text("L’appel ouvre une demi-heure avant le début")).to_be_visible()
    expect(team.get_by_role("button", name="Enregistrer l’appel")).to_have_count(0)


def test_an_impossible_session_is_refused_beside_the_field_and_nothing_is_lost(
    sign_in: Open,
) -> None:
    page = sign_in("facilitator@example.org")
    when, name = in_days(44), unlike("Séance à l’envers")
    page.goto("/agenda/nouvelle")
    page.get_by_label("Titre").fill(name)
    page.get_by_label("Jour").fill(when.day)
    page.get_by_label("Début").fill(when.ends)
    page.get_by_label("Fin", exact=True).fill(when.starts)
    page.get_by_label("Places en ligne").fill("5")
    page.get_by_label("Lien de la réunion en ligne").fill("https://visio.example.org/x")
    press(page, "Mettre à l’agenda")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("avant de commencer")
    expect(alert).to_be_focused()
    alert.get_by_role("link").click()
    expect(page.get_by_label("Fin", exact=True)).to_be_focused()
    expect(page.get_by_label("Titre")).to_have_value(name)
    page.get_by_label("Début").fill(when.starts)
    page.get_by_label("Fin", exact=True).fill(when.ends)
    press(page, "Mettre à l’agenda")
    title(page, name)


def test_a_session_moved_then_called_off_is_told_to_those_who_booked(sign_in: Open) -> None:
    team, learner = sign_in("facilitator@example.org"), sign_in("learner2@example.org")
    name = unlike("Séance qui bouge")
    session = plan_session(team, name, in_days(45))
    book(learner, session)
    team.goto(session)
    follow(team, "Modifier")
    team.get_by_label("Début").fill("15:00")
    press(team, "Enregistrer la séance")
    told(team, "La séance est modifiée.")
    open_mail(learner, "learner2@example.org", name)
    expect(learner.locator(".plain-mail")).to_contain_text("15 h")

    team.goto(session)
    follow(team, "Annuler la séance")
    team.get_by_role("textbox").fill("La salle est inondée.")
    press(team, "Annuler la séance")
    told(team, "La séance est annulée")
    open_mail(learner, "learner2@example.org", name)
    expect(learner.locator(".plain-mail")).to_contain_text("La salle est inondée.")
    learner.goto(session)
    expect(learner.get_by_text("Cette séance est annulée.").first).to_be_visible()
    expect(learner.get_by_role("button", name="Réserver ma place")).to_have_count(0)


def test_the_page_of_an_award_says_who_meets_the_criteria_who_does_not_and_why(
    sign_in: Open,
) -> None:
    page = sign_in("facilitator@example.org")
    page.goto("/badges")
    page.get_by_role("link", name="Les fondements de l’informatique").first.click()
    follow(page, "Attribuer ce badge")
    page.get_by_role("link", name=re.compile("inscrites$")).first.click()
    missing = page.locator("section.card").filter(
        has=page.get_by_role("heading", name=re.compile("n’y (est|sont) pas encore"))
    )
    expect(
        missing.get_by_role("listitem").filter(has_text="il manque 1 étape").first
    ).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("déjà ce badge"))).to_be_visible()


def test_a_badge_withdrawn_says_so_to_its_holder_and_to_whoever_checks(
    new_page: Open, sign_in: Open
) -> None:
    team, learner, anybody = (
        sign_in("facilitator@example.org"),
        sign_in("learner2@example.org"),
        new_page(),
    )
    name, badge = unlike("Séance et badge"), unlike("Badge à retirer")
    session = plan_session(team, name, soon())
    book(learner, session)
    _call_and_award(team, session, name, badge)

    learner.goto("/mes-badges")
    card = learner.locator("li.award-card").filter(has_text=badge)
    card.get_by_role("button", name="Partager par une adresse").click()
    link = card.locator("code").inner_text()
    anybody.goto(link)
    expect(anybody.locator(".verdict.valid")).to_be_visible()

    team.goto(link)
    follow(team, "Retirer ce badge")
    press(team, "Retirer le badge")
    expect(team.get_by_role("alert")).to_contain_text("Dites pourquoi")
    team.get_by_role("textbox").fill("Attribué par erreur.")
    press(team, "Retirer le badge")
    told(team, "Le badge est retiré")

    anybody.goto(link)
    expect(anybody.locator(".verdict.invalid")).to_be_visible()
    anybody.goto("/verifier")
    anybody.get_by_label("Ou son adresse").fill(link)
    press(anybody, "Vérifier")
    expect(anybody.locator(".verdict.invalid")).to_be_visible()
    open_mail(learner, "learner2@example.org", badge)
    expect(learner.locator(".plain-mail")).to_contain_text("Attribué par erreur.")


def _call_and_award(team: Page, session: str, name: str, badge: str) -> None:
    team.goto("/badges")
    follow(team, "Créer un badge")
    team.get_by_label("Nom du badge").fill(badge)
    team.get_by_label("Ce que sait faire la personne").fill("Est venue.")
    team.get_by_label("Critères, en toutes lettres").fill("Être là.")
    team.get_by_label("Ajouter une condition").select_option(
        "Présence à la séance d’où l’on attribue"
    )
    team.get_by_role("button", name="Ajouter à Groupe 1").click()
    expect(team.get_by_text("Ce badge s’attribuera depuis une séance")).to_be_visible()
    team.get_by_role("button", name="Enregistrer le badge").click()
    title(team, badge)
    award = team.url
    team.goto(session)
    follow(team, "Faire l’appel")
    team.locator("ul.roll").get_by_role("strong").first.click()
    press(team, "Enregistrer l’appel")
    told(team, "L’appel est enregistré.")
    team.goto(award)
    follow(team, "Attribuer ce badge")
    team.get_by_role("link", name=name).click()
    press(team, "Attribuer le badge aux personnes cochées")
    told(team, "Badge attribué à 1 personne")


def test_a_seat_is_given_back_for_somebody_who_telephones(sign_in: Open) -> None:
    team = sign_in("facilitator@example.org")
    name = unlike("Séance au téléphone")
    session = plan_session(team, name, in_days(46), seats=1)
    for number, email in enumerate(("learner@example.org", "learner2@example.org")):
        team.goto(session)
        team.get_by_text("Inscrire quelqu’un").click()
        team.locator("details.more").get_by_role("textbox").first.fill(email)
        press(team.locator("details.more"), "Inscrire")
        told(team, "liste d’attente" if number else "a une place.")
    press_and_confirm(team.locator("ul.roll.desk"), "Libérer")
    told(team, "La place va à")
    open_mail(team, "learner2@example.org", f"Une place s’est libérée pour vous : {name}")
