"""Three dates that go together, on two phones: taken, waited for and given back as one."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import (
    in_days,
    join,
    open_mail,
    press,
    press_and_confirm,
    press_in_mail,
    propose_series,
    title,
    told,
    unlike,
)

Open = Callable[..., Page]


def _own(page: Page, name: str) -> list[str]:
    """What one's page of bookings says of each date of that series."""
    page.goto("/mes-reservations")
    return page.get_by_role("listitem").filter(has_text=name).all_inner_texts()


def test_a_series_followed_as_a_whole_is_booked_waited_for_and_given_back_as_one(
    new_page: Open, sign_in: Open
) -> None:
    name = unlike("Cours suivi")
    team = sign_in("facilitator@example.org")
    boxes = propose_series(team, name, in_days(40), 3, seats=1)
    boxes.nth(0).check()  # whatever was unticked as a holiday
    boxes.nth(1).check()
    boxes.nth(2).check()
    team.get_by_label("À suivre en entier").check()
    press(team, "Mettre ces dates à l’agenda")
    told(team, "3 séances sont à l’agenda.")

    first, second = (join(new_page(), unlike(who)) for who in ("Ada", "Bo"))
    first.page.goto(team.url)
    press(first.page, "Réserver les 3 dates")
    told(first.page, "Vous avez une place à toutes les dates.")
    assert [("Place confirmée" in said) for said in _own(first.page, name)] == [True] * 3
    open_mail(first.page, first.email, name)

    second.page.goto(team.url)
    press(second.page, "M’inscrire sur la liste d’attente")
    told(second.page, "la 1re place de la liste d’attente de la série")

    first.page.goto("/mes-reservations")
    line = first.page.get_by_role("listitem").filter(has_text=name).first
    press_and_confirm(line, "Libérer toutes mes dates")
    assert not any("Place confirmée" in said for said in _own(first.page, name))

    assert [("Place confirmée" in said) for said in _own(second.page, name)] == [True] * 3
    open_mail(second.page, second.email, f"Vos places : {name}")
    press_in_mail(second.page, "Voir la série")
    title(second.page, name)
    expect(second.page.locator(".tag", has_text="Place confirmée").first).to_be_visible()
