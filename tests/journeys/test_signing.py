"""Signing in at a session: the screen of the room, and a phone in a room without network."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.support.journeys import book, follow, plan_session, press, soon, told, unlike

Open = Callable[..., Page]
WHO = ("learner@example.org", "learner2@example.org")


def plan(sign_in: Open) -> tuple[Page, str, list[Page]]:
    """A session that opens now, with two people who have a seat: who leads, its address, they."""
    team = sign_in("facilitator@example.org")
    session = plan_session(team, unlike("Émargement"), soon(), seats=5)
    learners = [sign_in(email) for email in WHO]
    for learner in learners:
        book(learner, session)
    return team, session, learners


def test_three_people_sign_on_a_phone_without_network_and_it_is_sent_once(
    sign_in: Open,
) -> None:
    team, session, learners = plan(sign_in)
    own = learners[1]
    own.goto(session.replace("/agenda/", "/emargement/"))
    code = own.locator(".own-code .code").inner_text()

    team.clock.install()  # its hours go by themselves, until the test has no time to wait
    team.goto(session.replace("/agenda/", "/emargement/appareil/"))
    team.locator("[data-signing][data-ready]").wait_for(state="attached")
    names = team.locator("ul.signers strong").all_inner_texts()
    assert len(names) == 2
    team.context.set_offline(True)
    team.goto("/emargement/appareil/")  # as an application of the phone does, without network
    here = team.get_by_role("listitem").filter(has=team.locator(f"a[href$='{session[-36:]}']"))
    here.get_by_role("link").click()
    expect(team.get_by_role("heading", name="Qui signe")).to_be_visible()

    lines = team.locator("ul.signers > li")
    for _again in range(2):  # a wrong one never looks as if it had signed
        team.get_by_label("Le code que montre la personne").fill("AAAA-AAAA")
        press(team, "Signer avec ce code")
        expect(team.get_by_role("status").first).to_contain_text("n’est à personne de la liste")
        expect(team.get_by_label("Le code que montre la personne")).to_have_value("AAAA-AAAA")
    team.get_by_label("Le code que montre la personne").fill(code.lower())
    press(team, "Signer avec ce code")
    expect(team.get_by_role("status").first).to_contain_text("c’est signé. Pas de réseau")
    unsigned = team.locator("ul.signers > li:not(.waiting)")
    name = unsigned.locator("strong").inner_text()
    unsigned.locator("summary").click()
    unsigned.get_by_label("Votre nom, écrit par vous").fill("Quelqu’un d’autre")
    press(unsigned, "Signer")
    expect(team.locator("li.waiting")).to_have_count(1)  # not their name
    unsigned.get_by_label("Votre nom, écrit par vous").fill(name.upper())
    press(unsigned, "Signer")
    expect(team.locator("li.waiting")).to_have_count(2)
    guest = unlike("Maëlle Le Goff")
    team.get_by_text("Ajouter quelqu’un qui n’avait pas réservé").click()
    team.get_by_label("Nom", exact=True).fill(guest)
    team.get_by_label("Adresse mail").fill("maelle.hors.reseau@example.org")
    press(team, "Ajouter sur la feuille")
    expect(lines.filter(has_text=guest)).to_contain_text("à envoyer")
    team.get_by_label("Votre nom, pour contresigner").fill("Nadia Benali")
    press(team, "Contresigner")
    expect(team.get_by_text("4 à envoyer")).to_be_visible()
    team.reload()  # nothing is lost when the page is closed
    expect(team.get_by_text("4 à envoyer")).to_be_visible()

    # The network is back, and the first answer is lost on its way.
    sendings = []

    def lose_the_first(route: Route) -> None:
        sendings.append(route.fetch())
        if len(sendings) == 1:
            route.abort()
        else:
            route.fulfill(response=sendings[-1])

    team.route(re.compile("/envoi$"), lose_the_first)
    with team.expect_event("requestfailed"):
        team.context.set_offline(False)
    expect(team.get_by_text("4 à envoyer")).to_be_visible()
    team.clock.fast_forward(20_000)  # it tries again after twenty seconds
    expect(team.get_by_text("4 à envoyer")).to_be_hidden()
    expect(team.get_by_text("3 émargements sur 3")).to_be_visible()
    assert [one.status for one in sendings] == [200, 200]
    assert [h["state"] for h in sendings[1].json()["heard"]] == ["known"] * 4

    team.goto(session)
    follow(team, "Feuille d’émargement")
    expect(team.get_by_text("avec son propre code")).to_have_count(1)
    expect(team.get_by_text("Contresigné par : Nadia Benali")).to_be_visible()
    kept = team.evaluate(
        """() => new Promise((done) => {
          indexedDB.open("emargement", 1).onsuccess = (opened) => {
            const store = opened.target.result.transaction("sessions").objectStore("sessions");
            store.getAll().onsuccess = (found) => done(found.target.result);
          };
        })"""
    )
    assert [one["waiting"] for one in kept] == [[]]


def test_a_session_that_ended_meanwhile_asks_to_sign_in_and_loses_nothing(sign_in: Open) -> None:
    team, session, _learners = plan(sign_in)
    team.goto(session.replace("/agenda/", "/emargement/appareil/"))
    team.locator("[data-signing][data-ready]").wait_for(state="attached")
    team.context.clear_cookies()
    team.locator("ul.signers summary").first.click()
    press(team.locator("ul.signers > li").first, "Présence constatée, sans signature")
    expect(team.get_by_text("Votre session est terminée")).to_be_visible()
    expect(team.get_by_text("1 à envoyer")).to_be_visible()
    team.locator("[data-signed-out] a").click()
    team.fill("input[name=email]", "facilitator@example.org")
    team.fill("input[name=password]", "tiers-lieu-demo")
    team.locator("form:has(input[name=password]) [type=submit]").first.click()
    expect(team.get_by_text("1 émargement sur 2")).to_be_visible()
    expect(team.get_by_text("1 à envoyer")).to_be_hidden()


def test_who_was_seen_by_the_team_signs_all_the_same_and_signing_out_leaves_no_list(
    sign_in: Open,
) -> None:
    team, session, learners = plan(sign_in)
    learners[0].goto(session.replace("/agenda/", "/emargement/"))
    code = learners[0].locator(".own-code .code").inner_text()
    team.goto(session.replace("/agenda/", "/emargement/appareil/"))
    team.locator("[data-signing][data-ready]").wait_for(state="attached")
    for place in range(2):
        line = team.locator("ul.signers > li").nth(place)
        line.locator("summary").click()
        press(line, "Présence constatée, sans signature")
        expect(line).to_have_class("signed seen")
    expect(line.locator("summary")).to_be_focused()  # the line is new, one is where one was
    team.get_by_label("Le code que montre la personne").fill(code)
    press(team, "Signer avec ce code")
    expect(team.get_by_text("avec son propre code")).to_have_count(1)
    expect(team.locator("ul.signers > li.seen")).to_have_count(1)

    team.goto("/compte")
    press(team, "Me déconnecter")
    expect(team.locator("a.signin")).to_be_visible()
    team.wait_for_function("caches.has('emargement').then((kept) => !kept)")


def test_the_screen_of_the_room_is_read_on_ones_own_phone(sign_in: Open) -> None:
    team, session, learners = plan(sign_in)
    team.goto(session.replace("/agenda/", "/emargement/") + "/ecran")
    digits = team.locator(".digits").inner_text()
    learner = learners[0]
    learner.goto(session.replace("/agenda/", "/emargement/"))
    learner.get_by_label("Le code affiché dans la salle").fill(digits)
    press(learner, "Je suis là")
    told(learner, "C’est signé.")
    team.reload()
    expect(team.get_by_text("1 personne a émargé.")).to_be_visible()
