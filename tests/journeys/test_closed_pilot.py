"""A place begins with few people: it is closed to strangers, and the invited find the door."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from playwright.sync_api import Page, expect

from tests.support.journeys import (
    PARIS,
    follow,
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
ROOM = "/administration/inscriptions"


def _set(admin: Page, who: str) -> None:
    admin.goto(ROOM)
    admin.get_by_label(who, exact=True).check()
    press(admin, "Enregistrer")
    told(admin, "C’est fait")


def test_in_a_closed_pilot_the_invited_come_in_and_strangers_learn_how_to_ask(
    new_page: Open, sign_in: Open
) -> None:
    admin, invited, stranger = sign_in("admin@example.org"), new_page(), new_page()
    address = new_address()
    day = (datetime.now(PARIS) + timedelta(days=3)).date().isoformat()
    admin.goto("/administration/personnes")
    follow(admin, "Inscriptions")
    try:
        _set(admin, "Les personnes invitées : pilote fermé")
        follow(admin, "Inviter une liste d’adresses")
        admin.get_by_label("Adresses mail").fill(f"{address}\nlearner@example.org\nrien")
        admin.get_by_label("Dernier jour pour répondre").fill(day)
        press(admin, "Voir ce qui arriverait")
        expect(admin.get_by_text("a déjà un compte : rien ne part")).to_be_visible()
        expect(admin.get_by_text("n’est pas une adresse mail")).to_be_visible()
        press(admin, "Envoyer 1 invitation")
        told(admin, "1 invitation part dans la minute.")

        stranger.goto("/inscription")
        title(stranger, "Sur invitation")
        stranger.get_by_label("Code d’invitation").fill("ABCD EFGH JKLM")
        press(stranger, "Continuer")
        expect(stranger.get_by_text("n’est pas complet")).to_be_visible()

        open_mail(invited, address, "Votre invitation")
        press_in_mail(invited, "Voir mon invitation")
        title(invited, "Une invitation pour vous")
        press(invited, "Créer mon compte")
        title(invited, "Créer un compte")
        register(invited, unlike("Inès Invitée"), email=address)

        admin.goto(ROOM)
        line = admin.get_by_role("listitem").filter(has_text=address)
        expect(line.get_by_text("acceptée", exact=True)).to_be_visible()

        admin.get_by_label("Pour qui").fill("Classe de seconde")
        press(admin, "Créer un code")
        title(admin, "Code d’invitation")
        code = admin.locator("dt", has_text="Code").locator("xpath=../dd").inner_text()
        stranger.get_by_label("Code d’invitation").fill(code)
        press(stranger, "Continuer")
        title(stranger, "Créer un compte")

        admin.goto(ROOM)
        line = admin.get_by_role("listitem").filter(has_text="Classe de seconde")
        line.get_by_role("button", name=re.compile("^Retirer")).click()
        told(admin, "L’invitation est retirée.")
        stranger.reload()
        expect(stranger.get_by_text("L’équipe a retiré cette invitation.")).to_be_visible()
        line.get_by_role("button", name=re.compile("^Rétablir")).click()
        told(admin, "L’invitation est rétablie")
    finally:
        _set(admin, "Tout le monde")
    stranger.goto("/inscription")
    title(stranger, "Créer un compte")
