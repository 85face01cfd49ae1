"""A facilitator answers fifty declared steps with the keyboard alone, and loses nothing when the
network fails."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable

from playwright.sync_api import Page, Request, expect

from tests.support.journeys import enter, told
from tests.support.served import ServedPlace

Open = Callable[..., Page]
LINES = 50


def fill(place: ServedPlace) -> None:
    """Make at least fifty wait: what was validated long ago waits again, for as many people as
    that showing their work is more than a browser does in a test."""
    with sqlite3.connect(place.instance / "tierslieu.sqlite", timeout=30) as db:
        db.execute(
            "UPDATE step_record SET state = 'declared', decided_at = NULL, decided_by_id = NULL "
            "WHERE id IN (SELECT r.id FROM step_record r JOIN enrolment e ON e.id = r.enrolment_id "
            "JOIN step s ON s.id = r.step_id AND s.version_id = e.version_id "
            "WHERE r.state = 'validated' AND r.source = 'declared' LIMIT 60)"
        )
        # The mails that told the former answers would keep the new ones from being written.
        db.execute("DELETE FROM outbox_message WHERE due_key LIKE 'step-answered:%'")


def test_fifty_lines_are_answered_with_the_keyboard_alone(
    sign_in: Open, place: ServedPlace
) -> None:
    page = sign_in("facilitator@example.org", 1280)
    fill(place)
    page.goto("/a-traiter")
    before = _waiting(page)
    assert before >= LINES
    pressed = 0
    loaded: list[Request] = []
    page.on("request", lambda r: loaded.append(r) if _is_answer(r) else None)

    def press(*keys: str) -> None:
        nonlocal pressed
        for key in keys:
            page.keyboard.press(key)
            pressed += 1

    press("j")
    expect(page.get_by_role("button", name="Valider l’étape")).to_be_visible()
    for number in range(LINES):
        here = page.url
        press(*(("1", "Control+Enter") if number % 5 == 4 else ("v",)))
        page.wait_for_function("here => location.href !== here", arg=here)
        expect(page.locator("#bench:not([aria-busy])")).to_be_visible()
    assert len(loaded) == LINES  # one sending a line
    assert pressed == 1 + LINES + LINES // 5
    page.goto("/a-traiter")
    assert _waiting(page) == before - LINES


def test_the_keys_move_take_back_give_way_to_writing_and_survive_the_network(
    sign_in: Open,
) -> None:
    page = sign_in("facilitator@example.org", 1280)
    page.goto("/a-traiter")
    page.keyboard.press("j")
    heard = page.locator("body > p[role=status]")
    expect(page.get_by_label("Votre mot")).to_be_visible()
    first = page.url
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("j")
    page.wait_for_function("here => location.href !== here", arg=first)
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("here => location.href === here", arg=first)
    page.keyboard.press("k")
    expect(heard).to_have_text("Rien de plus de ce côté.")
    # While one writes, keys write.
    page.keyboard.press("r")
    word = page.get_by_label("Votre mot")
    expect(word).to_be_focused()
    page.keyboard.type("v j u")
    expect(word).to_have_value("v j u")
    assert page.url == first
    # The network fails: said, and nothing is lost.
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("votre mot est encore là")
    expect(word).to_have_value("v j u")
    page.context.set_offline(False)
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    told(page, re.compile("retournée à"))
    page.wait_for_function("here => location.href !== here", arg=first)
    page.keyboard.press("u")
    page.wait_for_function("here => location.href === here", arg=first)
    told(page, "Réponse annulée")
    expect(heard).to_contain_text("Réponse annulée")
    page.keyboard.press("?")
    page.get_by_role("button", name="Désactiver les raccourcis").click()
    told(page, "Les raccourcis sont désactivés.")
    here = page.url
    page.keyboard.press("j")
    expect(page.locator("kbd")).to_have_count(0)
    assert page.url == here
    page.get_by_text("Répondre au clavier").click()
    page.get_by_role("button", name="Activer les raccourcis").click()
    told(page, "Les raccourcis sont actifs.")


def test_signed_in_anew_in_another_tab_the_answer_leaves_as_it_was_written(sign_in: Open) -> None:
    page = sign_in("facilitator@example.org", 1280)
    page.goto("/a-traiter")
    page.keyboard.press("j")
    word = page.get_by_label("Votre mot")
    word.fill("Montrez aussi le résultat.")
    here = page.url
    page.context.clear_cookies()  # the session ends meanwhile
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("reconnectez-vous dans un autre onglet")
    expect(word).to_have_value("Montrez aussi le résultat.")
    tab = page.context.new_page()
    tab.goto("/login")
    enter(tab, "facilitator@example.org", "tiers-lieu-demo")
    expect(tab.locator("a.me")).to_be_visible()
    tab.close()
    word.press("Control+Enter")
    told(page, re.compile("retournée à"))
    page.goto(here)
    expect(page.locator("blockquote", has_text="Montrez aussi le résultat.")).to_be_visible()


def _waiting(page: Page) -> int:
    found = re.search(r"(\d+)\s", page.locator(".hello p").first.inner_text())
    return int(found[1]) if found else 0


def _is_answer(request: Request) -> bool:
    return request.method == "POST" and "/a-traiter/" in request.url
