"""A part of the house that is switched off is closed, whole, and nothing else with it."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from tests.house.test_access import address
from tests.support.aid import Aid
from tests.support.appointments import make_slots, take
from tests.support.badges import settings_here
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW
from tierslieu import clock, jobs
from tierslieu.admin.place.rules import save_section
from tierslieu.community.aid.models import Notices
from tierslieu.errors import Refused
from tierslieu.house import House, Job
from tierslieu.place.parts import PARTS, Part, part_of
from tierslieu.place.queries import read_place
from tierslieu.place.said import Section

PARTS_PAGE = "/administration/lieu/parties"
KEYS = [part.key for part in PARTS]
SENTENCE = "est éteint ici"
# Others depend on these, or they are a right: no switch may ever close them.
ALWAYS = (
    *("awards.", "verification.", "exchange.", "designs.", "wallets.", "collections.", "mail."),
    *("people.", "home.", "admin.", "static", "endorsements.of_badge", "backpack.kept"),
    *("evaluation.taking_part", "evaluation.leave_study", "evaluation.withdraw_texts"),
    *("security.login", "security.logout", "support.own_attention", "weeks.erase_needs"),
    *("surveys.forget_draft", "surveys.cut_link", "backpack.drop", "community.aid_stop"),
)


def switch_off(db: Session, make: Factory, *keys: str) -> None:
    admin = make.user("administrator")
    place = read_place(db, settings_here())
    save_section(
        db,
        Section.PARTS,
        sorted(keys),
        seen=place.number,
        author_id=admin.id,
        now=clock.now(),
    )
    db.commit()


@pytest.mark.parametrize("part", PARTS, ids=KEYS)
def test_what_is_off_closes_each_of_its_endpoints_and_nothing_else(
    app: Flask, db: Session, make: Factory, client: LookingClient, part: Part
) -> None:
    switch_off(db, make, part.key)
    client.sign_in(make.user("learner", "facilitator", "researcher", "administrator"))
    closed, wrong = set(), []
    for rule in app.url_map.iter_rules():
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if part.holds(rule.endpoint):
            for method in methods:
                answer = client.open(address(rule), method=method)
                said = SENTENCE in answer.text or "switched_off" in answer.text
                closed.add(rule.endpoint)
                if answer.status_code != 404 or not said:
                    wrong.append(f"{method} {rule.endpoint}: {answer.status_code}")
        elif not is_let_in(app, address(rule), methods[0]):
            wrong.append(f"{rule.endpoint} is closed with it")
    assert wrong == []
    assert closed


def is_let_in(app: Flask, path: str, method: str) -> bool:
    """Whether nothing that stands before the views says that a part is off."""
    with app.test_request_context(path, method=method):
        try:
            for function in app.before_request_funcs[None]:
                if function.__name__ != "answer_first":  # it answers at once what asks nobody
                    function()
        except Refused as refused:
            return refused.code != "switched_off"
        except HTTPException:
            return True
        return True


def test_nothing_that_others_depend_on_and_no_right_has_a_switch(app: Flask) -> None:
    named = {rule.endpoint for rule in app.url_map.iter_rules()}
    for part in PARTS:
        assert set(part.spared) <= named
        for one in part.endpoints:
            assert any(name.startswith(one) for name in named), one
    assert [n for n in sorted(named) if n.startswith(ALWAYS) and part_of(n)] == []


@pytest.mark.parametrize("part", PARTS, ids=KEYS)
def test_no_page_leads_to_what_is_off(
    app: Flask, db: Session, make: Factory, client: LookingClient, part: Part
) -> None:
    switch_off(db, make, part.key)
    adapter = app.url_map.bind("localhost")
    pages = (
        "/",
        "/agenda",
        "/parcours",
        "/mes-badges",
        "/compte",
        "/badges",
        "/a-traiter",
        "/lieu",
    )
    pages = (*pages, "/etudes", "/login", "/chiffres", "/accessibilite")
    leading = []
    for roles in ((), ("learner",), ("facilitator",), ("researcher",), ("administrator",)):
        browser = app.test_client()
        if roles:
            browser.sign_in(make.user(*roles))  # type: ignore[attr-defined]
        for page in pages:
            text = browser.get(page).text
            for href in re.findall(r'href="(/[^"#?]*)', text):
                if not adapter.test(urlsplit(href).path, method="GET"):
                    continue
                endpoint, _values = adapter.match(urlsplit(href).path, method="GET")
                if part.holds(str(endpoint)):
                    leading.append(f"{roles} {page} -> {href}")
    assert leading == []


def test_a_job_of_what_is_off_begins_nothing_and_one_that_forgets_goes_on(
    app: Flask, db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    house: House = app.extensions["tierslieu.house"]
    known = {job.name for job in house.all(Job)}
    assert {name for part in PARTS for name in part.jobs} <= known

    def fake(name: str) -> Job:
        return Job(name, timedelta(minutes=1), lambda session, now: ran.append(name) or 1)  # type: ignore[func-returns-value]

    names = ("appointment_reminders", "follow_up_forgotten", "aid_digests")
    monkeypatch.setitem(
        app.extensions, "tierslieu.house", House(tuple(fake(name) for name in names))
    )
    switch_off(db, make, "support")
    jobs.run_due_jobs(app)
    assert ran == ["follow_up_forgotten", "aid_digests"]


@pytest.mark.both_databases
def test_the_administrator_switches_a_part_off_and_on_and_takes_it_back(
    db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("administrator"))
    assert client.get("/semaines").status_code == 200
    rest = [key for key in KEYS if key != "weeks"]
    assert client.post(PARTS_PAGE, data={"seen": 0, "parts": rest}).status_code == 302
    answer = client.get("/semaines")
    assert answer.status_code == 404
    assert "Semaines intensives" in answer.text
    assert SENTENCE in answer.text
    assert "Semaines intensives" in client.get("/administration/lieu").text
    assert "/semaines" not in client.get("/agenda").text
    assert client.post(PARTS_PAGE, data={"seen": 0, "parts": KEYS}).status_code == 409
    assert client.post(PARTS_PAGE, data={"seen": 1, "parts": ["badges"]}).status_code == 422
    client.post("/administration/lieu/annuler", data={"seen": 1})
    assert client.get("/semaines").status_code == 200


def test_a_program_is_told_by_a_code_that_a_part_is_off(
    db: Session, make: Factory, client: LookingClient
) -> None:
    switch_off(db, make, "statements")
    answer = client.post("/xapi/statements", json=[])
    assert answer.status_code == 404
    assert answer.get_json()["code"] == "switched_off"


def test_one_s_timeline_keeps_what_was_and_does_not_lead_where_it_is_closed(
    app: Flask, db: Session, make: Factory, client: LookingClient
) -> None:
    team, zoe = make.user("facilitator"), make.user()
    take(db, make_slots(db, team)[0], zoe)
    leads = {"/ma-frise": '"/mes-rendez-vous"', f"/suivi/{zoe.id}/frise": f'"/suivi/{zoe.id}"'}
    with clock.fixed_at(NOW):
        for is_on in (True, False):
            for (page, link), who in zip(leads.items(), (zoe, team), strict=True):
                (told,) = re.findall(
                    r'<ol class="timeline">(.*?)</ol>', client.sign_in(who).get(page).text, re.S
                )
                assert "Rendez-vous" in told
                assert (link in told) == is_on
                assert (f'"/suivi/{zoe.id}"' in client.get(page).text) == (is_on and who is team)
            if is_on:
                switch_off(db, make, "support")


def test_who_wants_no_more_mails_of_mutual_aid_says_so_though_it_is_switched_off(
    db: Session, make: Factory, client: LookingClient
) -> None:
    aid = Aid(db, make)
    person = aid.member(notices=Notices.EACH)
    member = aid.reader(person).member
    assert member is not None
    stop = f"/entraide/arreter/{member.stop_key}"
    switch_off(db, make, "aid")
    assert client.get(stop).status_code == 200
    done = client.post(stop).text
    assert "l’entraide ne vous écrit plus" in done
    assert 'href="/entraide"' not in done
    found = aid.reader(person).member
    assert found is not None
    assert found.notices is Notices.NONE
    assert SENTENCE in client.get("/entraide").text
