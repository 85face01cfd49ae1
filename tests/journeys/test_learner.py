"""Somebody who learns, on a phone: a seat, a line, a step, a word on a course, some questions."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import FilePayload, Page, expect

from tests.support.journeys import (
    book,
    follow,
    in_days,
    join,
    look_through,
    open_in_queue,
    open_mail,
    plan_session,
    press,
    press_and_confirm,
    press_in_mail,
    propose_series,
    soon,
    title,
    told,
    unlike,
)

Open = Callable[..., Page]


def test_the_first_page_says_what_is_next_and_what_is_earned(sign_in: Open) -> None:
    page = sign_in("learner@example.org")
    title(page, re.compile("^Bonjour "))
    expect(page.get_by_role("heading", name="Votre prochaine séance")).to_be_visible()
    expect(page.get_by_role("list", name=re.compile("^Étapes de")).first).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("badge", re.I)).first).to_be_visible()


def test_the_seat_that_frees_goes_to_the_first_in_line_with_a_mail(sign_in: Open) -> None:
    name = unlike("Séance très demandée")
    session = plan_session(sign_in("facilitator@example.org"), name, in_days(41), seats=1)
    first, second, third = (
        sign_in(f"{who}@example.org") for who in ("coordinator", "learner2", "researcher")
    )

    book(first, session)
    told(first, "Votre place est confirmée.")
    book(second, session)
    told(second, "vous avez la 1re place de la liste d’attente")
    book(third, session)
    told(third, "vous avez la 2e place de la liste d’attente")
    open_mail(third, "researcher@example.org", name)

    first.goto("/mes-reservations")
    card = first.get_by_role("listitem").filter(has_text=name)
    press_and_confirm(card, "Libérer ma place")
    told(first, "Votre place est libérée.")

    open_mail(second, "learner2@example.org", f"Une place s’est libérée pour vous : {name}")
    press_in_mail(second, "Voir ou libérer ma place")
    title(second, name)
    expect(second.locator(".tag", has_text="Place confirmée")).to_be_visible()
    third.goto(session)
    expect(third.get_by_role("heading", name="1re sur la liste")).to_be_visible()
    first.goto(session)
    expect(first.get_by_role("button", name="M’inscrire sur la liste")).to_be_visible()


def test_near_the_start_the_freed_seat_is_offered_and_taken_by_a_tap_in_the_mail(
    sign_in: Open, new_page: Open
) -> None:
    name = unlike("Séance toute proche")
    session = plan_session(sign_in("facilitator@example.org"), name, soon(), seats=1)
    first, second, third = (join(new_page(), unlike(who)) for who in ("Ada", "Bo", "Cy"))
    for person in (first, second, third):
        book(person.page, session)
    first.page.goto(session)
    press_and_confirm(first.page, "Libérer ma place")

    second.page.goto("/")
    offer = second.page.locator("section, article").filter(has_text="Une place vous est proposée")
    expect(offer.first).to_contain_text(name)
    press_and_confirm(second.page, "Je ne viens pas")
    told(second.page, "La place va à la personne suivante")

    mail = new_page()  # somewhere else, signed in as nobody
    open_mail(mail, third.email, f"Une place vous est proposée : {name}")
    press_in_mail(mail, "Prendre ou laisser la place")
    title(mail, name)
    press(mail, "Je viens : confirmer ma place")
    told(mail, "Votre place est confirmée.")
    expect(mail.get_by_role("heading", name="Votre place est confirmée")).to_be_visible()
    third.page.goto("/mes-reservations")
    expect(third.page.get_by_role("listitem").filter(has_text=name)).to_contain_text(
        "Place confirmée"
    )


def test_a_series_is_planned_at_once_one_date_left_out_and_booked_at_once(sign_in: Open) -> None:
    name = unlike("Club de la série")
    team, page = sign_in("facilitator@example.org"), sign_in("coordinator@example.org")
    boxes = propose_series(team, name, in_days(70), 4, seats=5)
    boxes.nth(1).uncheck()
    press(team, "Mettre ces dates à l’agenda")
    told(team, "3 séances sont à l’agenda.")

    page.goto(team.url)
    press(page, "Réserver les 3 dates à venir")
    told(page, "Votre place est confirmée à 3 dates.")
    page.goto("/mes-reservations")
    expect(page.get_by_role("listitem").filter(has_text=name)).to_have_count(3)
    open_mail(page, "coordinator@example.org", f"Vos dates : {name}")


def test_a_seat_booked_stands_on_the_first_page_and_in_the_calendar(sign_in: Open) -> None:
    name = unlike("Séance au calendrier")
    session = plan_session(sign_in("facilitator@example.org"), name, in_days(42))
    page = sign_in("admin@example.org")
    book(page, session)
    page.goto("/mes-reservations")
    expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    follow(page, "Recevoir dans mon calendrier")
    press(page, "Créer mon adresse")
    told(page, "Votre calendrier a une adresse")
    calendar = page.request.get(page.get_by_label("Votre adresse").input_value()).text()
    assert name in calendar.replace("\r\n ", "")


def test_a_step_returned_with_a_word_is_shown_again_and_validated(
    new_page: Open, sign_in: Open
) -> None:
    member = join(new_page(), unlike("Esther Preuve"))
    page, team = member.page, sign_in("facilitator@example.org", 1280)
    page.goto("/parcours/snt")
    press(page, "Suivre ce parcours")
    follow(page, "Ouvrir cette étape")
    press(page, "Déclarer l’étape faite")  # nothing shown yet
    expect(page.get_by_role("alert")).to_contain_text("Il reste quelque chose à corriger")
    page.get_by_label("En quelques mots").fill("J’ai suivi les vidéos.")
    press(page, "Déclarer l’étape faite")
    told(page, "déclarée")
    steps = page.get_by_role("list", name="Étapes de mon parcours")
    expect(steps.get_by_role("listitem").first).to_contain_text("En attente")

    _answer(team, member.name, "Retourner avec ce mot", "Ajoutez un exemple de votre classe.")
    open_mail(page, member.email, "")
    expect(page.locator(".plain-mail")).to_contain_text("Ajoutez un exemple de votre classe.")
    page.goto("/")
    follow(page, "Reprendre l’étape retournée")
    expect(page.get_by_text("Ajoutez un exemple de votre classe.").first).to_be_visible()
    payload: FilePayload = {
        "name": "exemple.txt",
        "mimeType": "text/plain",
        "buffer": "Un sondage de la classe, trié à la main.".encode(),
    }
    page.get_by_label("Un fichier").set_input_files(payload)
    press(page, "Déclarer l’étape faite")
    told(page, "déclarée")

    _answer(team, member.name, "Valider l’étape", "Très parlant.", file="exemple.txt")
    page.goto("/mes-parcours")
    page.get_by_role("heading", level=2).get_by_role("link").first.click()
    expect(steps.get_by_role("listitem").first).to_contain_text("Fait")
    steps.get_by_role("link").first.click()
    expect(page.get_by_text("Très parlant.")).to_be_visible()


def _answer(team: Page, who: str, button: str, word: str, file: str = "") -> None:
    """A facilitator reads what waits from this person and answers."""
    open_in_queue(team, who)
    if file:
        expect(team.get_by_role("link", name=file)).to_be_visible()
    team.get_by_label("Votre mot").fill(word)
    press(team, button)
    expect(team.locator("main > .flash").first).to_be_visible()


def test_a_path_is_paused_stopped_with_a_reason_and_taken_up_again(sign_in: Open) -> None:
    page = sign_in("researcher@example.org")
    page.goto("/parcours/iai")
    press(page, "Suivre ce parcours")
    press(page, "Mettre en pause")
    expect(page.get_by_role("heading", name="Ce parcours est en pause")).to_be_visible()
    press(page, "Reprendre ce parcours")
    follow(page, "Arrêter ce parcours")
    press(page, "Arrêter ce parcours")
    expect(page.get_by_text("Choisissez une réponse").first).to_be_visible()
    page.get_by_role("group", name="Pourquoi arrêtez-vous ?").get_by_role("radio").first.check()
    press(page, "Arrêter ce parcours")
    expect(page.get_by_role("heading", name="Vous avez arrêté ce parcours")).to_be_visible()
    press(page, "Reprendre ce parcours")
    history = page.locator("ol.timeline").get_by_role("listitem")
    expect(history).to_have_count(5)


def test_a_word_about_a_course_is_followed_until_the_course_team_has_it(sign_in: Open) -> None:
    page, team = sign_in("learner2@example.org"), sign_in("facilitator@example.org")
    words = unlike("Le schéma de la page deux contredit le texte")
    page.goto("/parcours/snt")
    page.get_by_role("link", name=re.compile("Signaler une erreur")).first.click()
    press(page, "Envoyer à l’équipe du cours")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label(re.compile("^Une erreur")).check()
    page.get_by_label("Où exactement ?").fill("https://example.org/snt#page-2")
    page.get_by_label("Ce que vous voulez dire").fill(words)
    press(page, "Envoyer à l’équipe du cours")
    told(page, "votre signalement est enregistré")

    team.goto("/retours?parcours=snt&etat=new")
    follow(team, words)
    for button, state in (("Confirmer", "confirmé"), ("Noter comme transmis", "transmis")):
        press(team, button)
        told(team, "C’est noté")
        expect(team.locator(".hello .tag").first).to_have_text(state)
    team.goto("/retours?parcours=snt&genre=error&etat=sent")
    team.get_by_text(re.compile("^Télécharger ")).click()
    with team.expect_download() as found:
        follow(team, "Pour un tableur (CSV)")
    table = found.value.path().read_text("utf-8-sig")
    line = next(line for line in table.splitlines() if words in line)
    assert "transmis" in line
    assert "https://example.org/snt#page-2" in line
    assert "learner2@example.org" not in table

    open_mail(page, "learner2@example.org", "signal")
    page.goto("/mes-signalements")
    expect(page.get_by_text(words)).to_be_visible()
    mine = page.locator("section.card").filter(has_text=words)
    expect(mine.locator(".tag", has_text="transmis")).to_be_visible()


def test_a_questionnaire_begun_on_a_phone_is_finished_on_another_machine(new_page: Open) -> None:
    phone, desk = new_page(), new_page(1280)
    address = _open_questionnaire(phone)
    expect(phone.get_by_text("Page 1 sur")).to_be_visible()
    expect(phone.locator("a.me")).to_have_count(0)  # no name beside the answers
    first = phone.get_by_role("group").first
    first.get_by_role("radio").nth(3).check()
    kept = first.get_by_role("radio").nth(3).get_attribute("value")
    press(phone, "Finir plus tard")
    told(phone, "Vos réponses sont gardées.")

    desk.goto(address)
    follow(desk, "Reprendre")
    expect(desk.get_by_role("group").first.locator(f"input[value='{kept}']")).to_be_checked()
    while "/page/" in desk.url:
        for group in desk.get_by_role("group").all():
            if not group.locator("input:checked").count():
                group.get_by_role("radio").first.check()
        desk.locator("button[name=go][value=next]").click()
        expect(desk.locator(".summary")).to_have_count(0)
    title(desk, "Merci, vos réponses sont arrivées")
    phone.goto(address)
    title(phone, "Merci, vos réponses sont arrivées")


def _open_questionnaire(page: Page) -> str:
    """Begin the latest questionnaire nobody has answered yet, from its mail; gives its address."""
    page.goto("/boite-aux-lettres")
    mails = page.get_by_role("listitem").filter(has_text="minutes sur").get_by_role("link")
    look_through(page, mails)
    for path in mails.evaluate_all("all => all.map(a => a.getAttribute('href'))"):
        page.goto(path)
        press_in_mail(page, "Répondre")
        page.wait_for_url("**/questionnaire/**")
        address = page.url
        if page.get_by_role("link", name="Commencer").count():
            follow(page, "Commencer")
            return address
    raise AssertionError("the demonstration has no questionnaire waiting among its latest mails")


def test_one_withdraws_from_research_in_one_click(new_page: Open) -> None:
    page = join(new_page(), unlike("Hugo Accord")).page
    page.goto("/compte")
    expect(page.get_by_text("Vous ne prenez pas part à la recherche.")).to_be_visible()
    follow(page, "Voir mes accords")
    press(page, "Prendre part à la recherche")
    expect(page.get_by_text("Accord donné le")).to_be_visible()
    press(page, "Ne plus prendre part")
    expect(page.get_by_text("Pas d’accord donné")).to_be_visible()
