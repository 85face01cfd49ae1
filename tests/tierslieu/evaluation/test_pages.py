"""The pages of studies and figures, by who looks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.evaluation import T0, make_answered_study, make_participants
from tests.support.factories import Factory
from tests.support.files import path_of
from tests.support.surveys import answer, make_invitation, make_study, settings
from tierslieu.evaluation.figures import month_figures, month_of, show_figure
from tierslieu.evaluation.models import PackageDownload
from tierslieu.evaluation.offers import OFFERS
from tierslieu.house import Figure, HomeCard, House, Indicator, PersonalData
from tierslieu.people.models import ROLES
from tierslieu.surveys.pseudonyms import key_file, pseudonym, read_key

NOW = T0 + timedelta(days=60)
ALLOWED = {
    "/etudes": {"researcher", "coordinator"},
    "/chiffres": {"coordinator", "administrator"},
}


@pytest.mark.parametrize("address", sorted(ALLOWED))
@pytest.mark.parametrize("role", ROLES)
def test_pages_open_to_their_roles_only(
    client: LookingClient, db: Session, make: Factory, address: str, role: str
) -> None:
    make_study(db)
    status = client.sign_in(make.user(role)).get(address).status_code
    assert status == (200 if role in ALLOWED[address] else 403)


def test_a_researcher_sees_rates_and_distributions(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, _people = make_answered_study(db, make, 25)
    page = client.sign_in(make.user("researcher")).get(f"/etudes/{study.id}").text
    assert "Taux de réponse" in page
    assert "100\u202f%" in page
    assert "Cette séance m’est utile" in page
    assert "Préparer un paquet" in page
    assert "Personne n’a encore été invité dans cette vague" in page


def test_a_coordinator_sees_rates_and_neither_answers_nor_the_package(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, _people = make_answered_study(db, make, 25)
    client.sign_in(make.user("coordinator"))
    page = client.get(f"/etudes/{study.id}").text
    assert "Taux de réponse" in page
    assert "Cette séance m’est utile" not in page
    assert "Préparer" not in page
    assert client.post(f"/etudes/{study.id}/paquet").status_code == 403


def test_few_answers_are_hidden_and_the_page_says_why(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, _people = make_answered_study(db, make, 9)
    page = client.sign_in(make.user("researcher")).get(f"/etudes/{study.id}").text
    assert "Masqué : moins de 10 personnes en tout" in page
    assert "<svg role" not in page


def test_a_small_cell_is_hidden_in_the_drawing_and_in_its_table(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, _people = make_answered_study(db, make, 12)  # 3, 3, 2, 2, 2
    page = client.sign_in(make.user("researcher")).get(f"/etudes/{study.id}").text
    assert "Masqué : moins de 5 personnes, que l’on pourrait reconnaître" in page
    assert "trop peu pour être montré" in page


def test_no_page_shows_a_name_or_pseudonym_beside_answers(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, people = make_answered_study(db, make, 25)
    key = read_key(settings().keys, study.slug)
    traces = [user.name for user in people] + [user.email for user in people]
    traces += [pseudonym(key, study.id, user.id) for user in people]
    for role in ROLES:
        client.sign_in(make.user(role, name="Quelqu’un d’autre"))
        for address in ("/", "/etudes", f"/etudes/{study.id}", "/chiffres"):
            page = client.get(address).text
            for trace in traces:
                assert trace not in page, (role, address)


def test_a_study_without_its_key_still_shows_its_rates(
    client: LookingClient, db: Session, make: Factory
) -> None:
    study, _people = make_answered_study(db, make, 12)
    path = path_of(settings().keys, key_file(study.slug))
    kept = path.read_bytes()
    path.unlink()
    try:
        page = client.sign_in(make.user("researcher")).get(f"/etudes/{study.id}").text
    finally:
        path.write_bytes(kept)
    assert "La clé de cette étude n’est plus là" in page
    assert "100\u202f%" in page
    assert "Préparer" not in page


def test_an_unknown_study_is_not_found(client: LookingClient, make: Factory) -> None:
    client.sign_in(make.user("researcher"))
    assert client.get("/etudes/01890000-0000-7000-8000-000000000000").status_code == 404


def figures_of(*indicators: Indicator) -> House:
    return House(indicators)


def test_figures_show_this_month_beside_the_whole_month_before(db: Session, app: Flask) -> None:
    asked = []

    def compute(session: Session, since: object, until: object) -> Figure:
        asked.append((since, until))
        return Figure(12, 40)

    [found] = month_figures(db, figures_of(Indicator("a", "A", "…", compute)), NOW)
    assert (found.is_share, found.now.value, found.now.part) == (True, 30, 12)
    month = month_of(NOW)
    assert asked == [(month.since, NOW), (month.before.since, month.since)]
    assert (month.name, month.before.name) == ("novembre\u00a02026", "octobre\u00a02026")
    assert (month.until - month.since).days == 30
    # October 2026 has an hour more than its thirty-one days.
    assert (month.before.until - month.before.since) == timedelta(days=31, hours=1)


def test_small_figures_about_people_are_hidden_and_figures_of_things_are_not() -> None:
    assert show_figure(Figure(3), about_people=True).value is None
    assert show_figure(Figure(3), about_people=False).value == 3
    assert show_figure(Figure(3, 40), about_people=True).value is None
    assert show_figure(Figure(39, 40), about_people=True).value is None
    assert show_figure(Figure(3, 4), about_people=True).whole is None
    assert show_figure(Figure(3, 4), about_people=False).value == 75
    assert show_figure(Figure(0, 0), about_people=False).value is None


def test_the_page_of_figures_gives_definition_numerator_and_denominator(
    client: LookingClient, app: Flask, db: Session, make: Factory
) -> None:
    kept = app.extensions["tierslieu.house"]
    app.extensions["tierslieu.house"] = figures_of(
        Indicator("a", "Venus", "Présents parmi les inscrits.", lambda *_: Figure(12, 40)),
        Indicator("b", "Rares", "Peu de monde.", lambda *_: Figure(2)),
        Indicator("c", "Séances", "Tenues.", lambda *_: Figure(2), about_people=False),
    )
    try:
        page = client.sign_in(make.user("coordinator")).get("/chiffres").text
    finally:
        app.extensions["tierslieu.house"] = kept
    assert "12 sur 40" in page
    assert "Présents parmi les inscrits." in page
    assert "Masqué : moins de 5 personnes, que l’on pourrait reconnaître" in page
    assert page.count("Masqué") == 1


def test_first_pages_carry_studies_and_figures(app: Flask, db: Session, make: Factory) -> None:
    study = make_study(db)
    for user in make_participants(make, 12):
        answer(db, make_invitation(db, user, now=NOW), now=NOW)
    cards = {offer.name: offer for offer in OFFERS if isinstance(offer, HomeCard)}
    with app.test_request_context("/"):
        pages = [
            render_template(card.template, **card.context)
            for offer in cards.values()
            for card in offer.build(db, make.user().id, NOW)
        ]
    assert f"/etudes/{study.id}" in pages[0]
    assert "Taux de réponse" in pages[0]
    assert "/chiffres" in pages[1]
    assert "novembre\u00a02026" in pages[1]


def test_erasing_a_researcher_leaves_the_trace_without_the_name(db: Session, make: Factory) -> None:
    study, researcher = make_study(db), make.user("researcher")
    db.add(PackageDownload(study_id=study.id, user_id=researcher.id, participants=9, sha256="ab"))
    db.commit()
    [data] = [offer for offer in OFFERS if isinstance(offer, PersonalData)]
    assert [row["sha256"] for row in data.export(db, researcher.id)] == ["ab"]
    data.erase(db, researcher.id)
    assert [one.user_id for one in db.scalars(select(PackageDownload))] == [None]
