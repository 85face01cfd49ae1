"""What people do again and again in a browser, in their own words: labels, buttons, links."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin
from uuid import uuid4
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

PARIS = ZoneInfo("Europe/Paris")
PASSWORD = "une phrase que je connais"
# A machine with two cores that does other things meanwhile is slow, not wrong.
expect.set_options(timeout=15_000)


@dataclass(frozen=True)
class Member:
    """Somebody who just joined, and the browser they hold."""

    page: Page
    name: str
    email: str


@dataclass(frozen=True)
class When:
    """A session's day and hours as the form wants them."""

    day: str
    starts: str
    ends: str


def soon() -> When:
    """A session that can still be booked and whose roll is open already: in twenty minutes.

    Near midnight it is the first of the next day, or ends before it: a session has one day.
    """
    now = datetime.now(UTC)
    start = (now + timedelta(minutes=20)).astimezone(PARIS)
    if (start.hour, start.minute) >= (23, 57):
        start = (start + timedelta(minutes=5)).replace(hour=0, minute=2)
    end = (start.astimezone(UTC) + timedelta(hours=2)).astimezone(PARIS)
    if end.date() != start.date():
        end = start.replace(hour=23, minute=59)
    return When(f"{start:%Y-%m-%d}", f"{start:%H:%M}", f"{end:%H:%M}")


def in_days(count: int) -> When:
    """An afternoon to come."""
    day = (datetime.now(PARIS) + timedelta(days=count)).date()
    return When(f"{day:%Y-%m-%d}", "14:00", "17:00")


def unlike(words: str) -> str:
    """A name nobody else in the served place bears."""
    return f"{words} {uuid4().hex[:6]}"


def press(page: Page | Locator, name: str) -> None:
    """Press the button of that name."""
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page | Locator, name: str) -> None:
    """Follow the link of that name."""
    page.get_by_role("link", name=name, exact=True).click()


def press_and_confirm(page: Page | Locator, name: str) -> None:
    """Open the fold that asks for a confirmation, and say yes."""
    fold = page.locator(f'details.confirm:has(> summary:text-is("{name}"))')
    fold.locator("summary").click()
    fold.get_by_role("button", name=name, exact=True).click()


def told(page: Page, words: str | re.Pattern[str]) -> None:
    """The place says it at the top of the page."""
    expect(page.locator("main > .flash").filter(has_text=words).first).to_be_visible()


def title(page: Page, words: str | re.Pattern[str]) -> None:
    """This is the page of that title."""
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def open_mail(page: Page, email: str, subject: str) -> None:
    """The latest mail to that address with these words in its subject, as the inbox shows it."""
    page.goto("/boite-aux-lettres")
    line = page.get_by_role("listitem").filter(has_text=email).filter(has_text=subject)
    line.first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(subject)


def press_in_mail(page: Page, button: str) -> None:
    """Follow the button of the mail that is open, as it is laid out.

    The letter is a closed frame in a process of its own: on a busy machine Chromium drops a press
    made before that process is ready. Who sees nothing happen presses again.
    """
    link = page.frame_locator("iframe.letter").get_by_role("link", name=button, exact=True)
    for _press in range(3):
        try:
            with page.expect_request(lambda asked: asked.is_navigation_request(), timeout=4000):
                link.click()
        except PlaywrightTimeoutError:
            continue
        return
    raise AssertionError(f"the mail's button «{button}» leads nowhere")


def new_address() -> str:
    """An address nobody in the served place has."""
    return f"{uuid4().hex[:10]}@example.org"


def register(page: Page, name: str, *, research: bool = False, email: str = "") -> str:
    """Fill in the form of the door, or that of the page shown if it is one; gives the address."""
    email = email or new_address()
    if not page.url.partition("?")[0].endswith("/inscription"):
        page.goto("/inscription")
    page.get_by_label("Votre nom").fill(name)
    page.get_by_label("Adresse mail").fill(email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_label("J’ai 15 ans ou plus").check()
    page.get_by_label("J’ai lu comment mes données sont protégées").check()
    if research:
        page.get_by_label("J’accepte de prendre part à la recherche").check()
    press(page, "Créer mon compte")
    title(page, "Ouvrez votre boîte mail")
    return email


def join(page: Page, name: str) -> Member:
    """Register, confirm, sign in, say why one comes: somebody new with a whole account."""
    email = register(page, name)
    open_mail(page, email, "Confirmez votre adresse")
    press_in_mail(page, "Confirmer mon adresse")
    title(page, "Se connecter")
    enter(page, email)
    title(page, "Faisons connaissance")
    page.get_by_label("J’enseigne", exact=True).check()
    press(page, "Enregistrer mon profil")
    told(page, "Votre profil est à jour.")
    return Member(page, name, email)


def enter(page: Page, email: str, password: str = PASSWORD) -> None:
    """Sign in with the form that is on the screen."""
    form = page.locator("form").filter(has=page.locator("input[name=password]"))
    form.get_by_label("Adresse mail").fill(email)
    form.get_by_label("Mot de passe", exact=True).fill(password)
    form.get_by_role("button", name="Se connecter").click()


def plan_session(
    page: Page, name: str, when: When, *, room: str = "", seats: int = 8, step: str = ""
) -> str:
    """A facilitator plans a session, led by nobody in particular; gives its address.

    ``room``: its name, or online when there is none. ``step``: the title of a path's step.
    """
    page.goto("/agenda")
    follow(page, "Proposer une séance")
    page.get_by_label("Titre").fill(name)
    page.get_by_label("Jour").fill(when.day)
    page.get_by_label("Début").fill(when.starts)
    page.get_by_label("Fin", exact=True).fill(when.ends)
    if step:
        page.get_by_label("Pour une étape d’un parcours").select_option(label=step)
    if room:
        page.get_by_label("Salle", exact=True).select_option(label=f"{room} ({seats} places)")
        page.get_by_label("Places dans la salle").fill(str(seats))
    else:
        page.get_by_label("Places en ligne").fill(str(seats))
        page.get_by_label("Lien de la réunion en ligne").fill("https://visio.example.org/x")
    for box in page.get_by_role("group", name="Qui anime").get_by_role("checkbox").all():
        box.uncheck()
    press(page, "Mettre à l’agenda")
    told(page, "La séance est à l’agenda")
    return page.url


def propose_series(page: Page, name: str, when: When, times: int, *, seats: int) -> Locator:
    """A facilitator asks for an online session every week; gives the boxes of the dates found."""
    page.goto("/agenda/nouvelle")
    page.get_by_label("Titre").fill(name)
    page.get_by_label("Jour").fill(when.day)
    page.get_by_label("Début").fill(when.starts)
    page.get_by_label("Fin", exact=True).fill(when.ends)
    page.get_by_label("Répéter").select_option("Chaque semaine")
    page.get_by_label("Combien de fois en tout").fill(str(times))
    page.get_by_label("Places en ligne").fill(str(seats))
    page.get_by_label("Lien de la réunion en ligne").fill("https://visio.example.org/x")
    for box in page.get_by_role("group", name="Qui anime").get_by_role("checkbox").all():
        box.uncheck()
    press(page, "Mettre à l’agenda")
    title(page, "Les dates de la série")
    boxes = page.get_by_role("group", name="Dates").get_by_role("checkbox")
    expect(boxes).to_have_count(times)
    return boxes


def add_room(page: Page, name: str, places: int) -> None:
    """A facilitator adds a room."""
    page.goto("/agenda")
    follow(page, "Salles")
    follow(page, "Ajouter une salle")
    page.get_by_label("Nom", exact=True).fill(name)
    page.get_by_label("Nombre de places").fill(str(places))
    press(page, "Enregistrer la salle")
    told(page, "est enregistrée.")


def book(page: Page, session: str) -> None:
    """Take a seat, or stand in line when the session is full."""
    page.goto(session)
    page.get_by_role("button", name=re.compile("Réserver ma place|M’inscrire sur la liste")).click()
    expect(page.locator("main > .flash").first).to_be_visible()


def look_through(page: Page, wanted: Locator) -> None:
    """Turn the pages of a list until one shows this.

    The next page is gone to by its address: a press returns before the next page has come, so that
    one would look at the old page again and then turn the new one unread.
    """
    while not wanted.count():
        further = page.get_by_role("link", name=re.compile("Suivant", re.I))
        address = further.get_attribute("href")
        assert address
        page.goto(urljoin(page.url, address))


def open_in_queue(team: Page, who: str) -> None:
    """A facilitator opens what waits from this person, on whatever page of the queue it stands."""
    team.goto("/a-traiter")
    look_through(team, team.get_by_role("link", name=who))
    team.get_by_role("link", name=who).first.click()
    title(team, who)


def download(page: Page, press: Callable[[], None]) -> bytes:
    """What the browser receives when one presses that."""
    with page.expect_download() as found:
        press()
    return found.value.path().read_bytes()


def add_condition(page: Page, kind: str) -> None:
    """In the designer: one more condition of this kind in the first group."""
    rows = page.locator("#groups .criterion")
    count = rows.count()
    page.get_by_label("Ajouter une condition").select_option(kind)
    page.get_by_role("button", name="Ajouter à Groupe 1").click()
    expect(rows).to_have_count(count + 1)
