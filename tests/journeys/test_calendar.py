"""From a month to a session in two taps, by touch and by keyboard, on a phone and a wide screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.journeys import When, follow, in_days, plan_session, title, unlike
from tests.support.served import ServedPlace

Open = Callable[..., Page]


def _planned(sign_in: Open, words: str, days: int) -> tuple[str, When]:
    name, when = unlike(words), in_days(days)
    plan_session(sign_in("facilitator@example.org"), name, when)
    return name, when


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"the keyboard never reaches {selector}")


def test_two_taps_lead_from_the_month_to_a_session(
    browser: Browser, place: ServedPlace, sign_in: Open
) -> None:
    name, when = _planned(sign_in, "Séance du bout du doigt", 53)
    context = browser.new_context(
        base_url=place.url,
        viewport={"width": 360, "height": 780},
        locale="fr-FR",
        has_touch=True,
        is_mobile=True,
        java_script_enabled=False,
    )
    page = context.new_page()
    page.goto(f"/agenda/mois/{when.day[:7]}")
    page.locator(f"a.num-day[href*='{when.day}']").tap()
    expect(page).to_have_url(re.compile(when.day))
    page.get_by_role("link", name=name).tap()
    title(page, name)
    context.close()


def test_a_day_of_the_month_is_large_enough_for_a_thumb(new_page: Open, sign_in: Open) -> None:
    _name, when = _planned(sign_in, "Séance sous le pouce", 54)
    page = new_page()
    page.goto(f"/agenda/mois/{when.day[:7]}")
    box = page.locator(f"a.num-day[href*='{when.day}']").bounding_box()
    assert box is not None
    assert box["width"] >= 44
    assert box["height"] >= 44


@pytest.mark.parametrize("width", [360, 1280])
def test_the_keyboard_leads_from_the_month_to_a_session(
    new_page: Open, sign_in: Open, width: int
) -> None:
    name, when = _planned(sign_in, "Séance au clavier", 55)
    page = new_page(width)
    page.goto(f"/agenda/mois/{when.day[:7]}")
    _tab_to(page, f"a.num-day[href*='{when.day}']")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/agenda/jour/{when.day}"))
    session = page.get_by_role("link", name=name).get_attribute("href")
    _tab_to(page, f"main a[href='{session}']")
    page.keyboard.press("Enter")
    title(page, name)


def test_from_list_to_month_to_week_the_filters_come_along(new_page: Open, sign_in: Open) -> None:
    name, when = _planned(sign_in, "Séance à distance", 56)
    page = new_page(1280)
    page.goto(f"/agenda/mois/{when.day[:7]}")
    page.get_by_text("Choisir parmi les séances", exact=True).click()
    page.get_by_label("Comment").select_option("sur-place")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_role("table").get_by_role("link", name=name)).to_have_count(0)
    page.get_by_label("Comment").select_option("en-ligne")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_role("table").get_by_role("link", name=name)).to_have_count(1)
    week = date.fromisoformat(when.day).isocalendar().week
    page.get_by_role("table").get_by_role("link", name=re.compile(rf"^S{week}$")).click()
    title(page, f"Semaine {week}")
    expect(page).to_have_url(re.compile("mode=en-ligne"))
    page.get_by_role("table").get_by_role("link", name=name).click()
    title(page, name)


def test_on_a_phone_the_week_is_its_days_and_a_tap_leads_to_one(
    new_page: Open, sign_in: Open
) -> None:
    name, when = _planned(sign_in, "Séance de la semaine", 57)
    page = new_page()
    iso = date.fromisoformat(when.day).isocalendar()
    page.goto(f"/agenda/semaine/{iso.year}-W{iso.week:02d}")
    expect(page.get_by_role("table")).to_be_hidden()
    page.locator(f".week-days a[href*='{when.day}']").click()
    follow(page, name)
    title(page, name)
