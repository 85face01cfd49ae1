"""Those who take part: what they read, what they decide, where their data went."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.evaluation import T0, make_participants, read_rows, read_zip
from tests.support.factories import Factory
from tests.support.files import path_of
from tests.support.sessions import text_of
from tests.support.surveys import answer, make_own_study, settings, study_key
from tests.support.tokens import bearing, make_secret
from tierslieu import clock
from tierslieu.errors import Refused
from tierslieu.evaluation.kept.jobs import build_asked
from tierslieu.evaluation.kept.rules import (
    ask_package,
    erase_forgotten,
    open_package,
    package_file,
)
from tierslieu.evaluation.models import PackageParticipant, PackageState, ResearchPackage
from tierslieu.evaluation.offers import OFFERS
from tierslieu.evaluation.package import Package
from tierslieu.evaluation.rules import last_answers, prepare_package
from tierslieu.house import House, PersonalData
from tierslieu.people.models import User
from tierslieu.surveys.models import Study
from tierslieu.surveys.pseudonyms import key_file, pseudonym
from tierslieu.surveys.rules import invite_due
from tierslieu.surveys.studies.agreeing import agree, withdraw
from tierslieu.surveys.studies.designing import (
    begin_study,
    close_study,
    cut_link,
    publish_text,
    write_text,
)
from tierslieu.surveys.studies.models import StudyConsent
from tierslieu.surveys.studies.queries import list_participants

NOW = T0 + timedelta(days=60)
ADDRESS = "/recherche/usages-de-l-ia"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def researcher(make: Factory) -> User:
    return make.user("researcher", name="Claire Aubert")


@pytest.fixture
def study(db: Session, researcher: User) -> Study:
    return make_own_study(db, researcher, now=NOW - timedelta(days=10))


@pytest.fixture
def people(db: Session, make: Factory, study: Study) -> list[User]:
    """Seven who said yes and answered, none of whom agreed to anything else."""
    people = make_participants(make, 7, consenting=False)
    for person in people:
        agree(db, person.id, study.id, 1, now=NOW - timedelta(days=9))
    for invitation in invite_due(db, {}, NOW - timedelta(days=8)):
        answer(db, invitation, now=NOW - timedelta(days=7))
    db.commit()
    return people


def packed(db: Session, study: Study) -> Package:
    return prepare_package(db, study, study_key(study), House(()), "Essai", now=NOW)


def build(db: Session, study: Study) -> ResearchPackage:
    ask_package(db, study.id, user_id=None, now=clock.now())
    db.commit()
    build_asked(db, clock.now())
    db.rollback()
    [last] = db.scalars(
        select(ResearchPackage)
        .where(ResearchPackage.study_id == study.id)
        .order_by(ResearchPackage.asked_at.desc(), ResearchPackage.id.desc())
        .limit(1)
    )
    return last


@pytest.mark.both_databases
def test_the_package_of_a_study_is_of_those_who_said_yes_to_it_with_the_text_they_read(
    db: Session, make: Factory, study: Study, people: list[User]
) -> None:
    make_participants(make, 3)  # they agreed to the place's research, not to this
    package = packed(db, study)
    files = read_zip(package)
    pids = {row["pid"] for row in read_rows(files, "participants")}
    assert pids == {pseudonym(study_key(study), study.id, one.id) for one in people}
    assert files["consent/usages-de-l-ia-v1.md"].decode() == "**Oui** à ceci.\n"
    assert [path for path in files if path.startswith("consent/")] == [
        "consent/usages-de-l-ia-v1.md"
    ]
    assert set(package.people) == {one.id for one in people}
    assert {row["wave"] for row in read_rows(files, "responses_long")} == {"t1"}


@pytest.mark.both_databases
def test_who_leaves_sees_which_packages_held_their_data_and_the_next_one_does_not(
    client: LookingClient, db: Session, study: Study, people: list[User], researcher: User
) -> None:
    first = build(db, study)
    assert first.state is PackageState.BUILT, first.problem
    client.sign_in(researcher)
    assert client.get(f"/etudes/{study.id}/paquets/{first.id}.zip").status_code == 200
    gone = people[0]
    client.sign_in(gone)
    page = text_of(client.get(ADDRESS))
    assert first.name in page
    assert "téléchargé 1 fois" in page
    assert client.post(f"{ADDRESS}/retrait").location == ADDRESS
    page = text_of(client.get(ADDRESS))
    assert "vous ne prenez plus part à cette étude" in page
    assert "désormais ne contiendront rien de vous" in page
    assert first.name in text_of(client.get("/recherche"))
    second = build(db, study)
    holding = db.scalars(
        select(PackageParticipant.user_id).where(PackageParticipant.package_id == second.id)
    )
    assert set(holding) == {one.id for one in people[1:]}
    assert second.name not in text_of(client.get(ADDRESS))
    assert second.sha256 != first.sha256


def test_a_study_is_proposed_read_agreed_to_left_and_taken_up_again(
    client: LookingClient, db: Session, make: Factory, study: Study
) -> None:
    person = make.user()
    client.sign_in(person)
    assert "Une étude vous est proposée" in text_of(client.get("/"))
    page = text_of(client.get(ADDRESS))
    assert "<strong>Oui</strong> à ceci." in page
    assert "Claire Aubert" in page
    client.post(f"{ADDRESS}/accord", data={"version": "1"})
    assert "vous y prenez part" in text_of(client.get("/recherche"))
    assert "Une étude vous est proposée" not in text_of(client.get("/"))
    client.post(f"{ADDRESS}/retrait", data={"efface": "oui"})
    assert "vos réponses sont effacées" in text_of(client.get(ADDRESS))
    client.post(f"{ADDRESS}/accord", data={"version": "1"})
    db.rollback()
    withdrawn = [one.withdrawn_at is not None for one in db.scalars(select(StudyConsent))]
    assert sorted(withdrawn) == [False, True]


def test_a_no_takes_the_card_away_and_the_page_stays(
    client: LookingClient, make: Factory, study: Study
) -> None:
    client.sign_in(make.user())
    assert client.post(f"{ADDRESS}/refus").location == "/"
    assert "Une étude vous est proposée" not in text_of(client.get("/"))
    assert "Vous avez préféré ne pas y prendre part" in text_of(client.get(ADDRESS))


def test_a_text_that_changed_meanwhile_is_read_again_first(
    client: LookingClient, db: Session, make: Factory, study: Study
) -> None:
    person = make.user()
    client.sign_in(person)
    write_text(db, study.id, "Davantage.")
    publish_text(db, study.id, asks_anew=True, now=NOW)
    db.commit()
    client.post(f"{ADDRESS}/accord", data={"version": "1"})
    assert "vient de changer" in text_of(client.get(ADDRESS))
    client.post(f"{ADDRESS}/accord", data={"version": "n’importe quoi"})
    db.rollback()
    assert db.scalars(select(StudyConsent)).all() == []
    client.post(f"{ADDRESS}/accord", data={"version": "2"})
    write_text(db, study.id, "Encore davantage.")
    publish_text(db, study.id, asks_anew=True, now=NOW)
    db.commit()
    assert "Le texte d’une étude a changé" in text_of(client.get("/"))
    assert "tant que vous ne l’avez pas acceptée" in text_of(client.get(ADDRESS))


def test_only_those_who_run_a_study_see_its_answers_and_have_its_packages(
    client: LookingClient, db: Session, make: Factory, study: Study, people: list[User]
) -> None:
    package = build(db, study)
    page, answers = f"/etudes/{study.id}", "Ce que répondent les personnes"
    zipped = f"{page}/paquets/{package.id}.zip"
    other = make.user("researcher")
    client.sign_in(other)
    for hidden in (page, f"{page}/preparer", f"{page}/fiche", f"{page}/vagues/nouvelle", zipped):
        assert client.get(hidden).status_code == 404, hidden
    for act in ("paquet", "ouvrir", "clore", "effacer", "texte/publier", "equipe"):
        assert client.post(f"{page}/{act}").status_code == 404, act
    assert study.title not in text_of(client.get("/etudes"))
    assert study.title not in text_of(client.get("/"))
    secret = make_secret(db, other, "studies:export")
    told = client.get("/api/v1/studies", headers=bearing(secret)).get_json()
    assert "usages-de-l-ia" not in {one["slug"] for one in told["items"]}
    asked = client.post(f"/api/v1/studies/{study.id}/exports", headers=bearing(secret))
    assert asked.status_code == 404
    handed = client.get(f"/api/v1/exports/{package.id}", headers=bearing(secret))
    assert handed.status_code == 404
    client.sign_in(make.user("coordinator"))
    seen = text_of(client.get(page))
    assert study.title in seen
    assert answers not in seen
    assert client.get(zipped).status_code == 403


def test_a_closed_study_without_its_key_gives_no_package_and_says_so(
    client: LookingClient, db: Session, study: Study, people: list[User], researcher: User
) -> None:
    before = packed(db, study)
    assert before.participants == 7
    close_study(db, study.id, now=NOW)
    cut_link(db, study.id, settings().keys, study.slug)
    db.commit()
    assert build(db, study).state is PackageState.REFUSED
    client.sign_in(researcher)
    assert "La clé de cette étude n’est plus là" in text_of(client.get(f"/etudes/{study.id}"))
    client.sign_in(people[0])
    assert client.post(f"{ADDRESS}/retrait", data={"efface": "oui"}).status_code == 302
    assert "vous ne prenez plus part à cette étude." in text_of(client.get(ADDRESS))


def test_too_few_who_stay_make_no_package(db: Session, study: Study, people: list[User]) -> None:
    for person in people[:3]:
        withdraw(db, person.id, study.id, study_key(study), now=NOW)
    db.commit()
    refused = build(db, study)
    assert refused.state is PackageState.REFUSED
    assert "Moins de 5 personnes" in refused.problem.replace("\xa0", " ")


@pytest.mark.both_databases
def test_a_package_leaves_no_more_once_somebody_in_it_left_and_again_if_they_come_back(
    client: LookingClient, db: Session, study: Study, people: list[User], researcher: User
) -> None:
    package = build(db, study)
    page = f"/etudes/{study.id}"
    zipped = f"{page}/paquets/{package.id}.zip"
    client.sign_in(researcher)
    assert client.get(zipped).status_code == 200
    withdraw(db, people[0].id, study.id, study_key(study), now=NOW)
    db.commit()
    refused = client.get(zipped)
    assert refused.status_code == 410
    assert "a repris son accord" in text_of(refused)
    assert "ne sort plus" in text_of(client.get(page))
    agree(db, people[0].id, study.id, 1, now=NOW)
    db.commit()
    assert client.get(zipped).status_code == 200


@pytest.mark.both_databases
def test_the_file_that_holds_data_of_a_closed_account_is_erased(
    db: Session, study: Study, people: list[User]
) -> None:
    package = build(db, study)
    path = path_of(settings().packages, package_file(package.sha256))
    assert erase_forgotten(db, settings().packages) == 0
    assert path.exists()
    hook = next(one for one in OFFERS if isinstance(one, PersonalData))
    hook.erase(db, people[0].id)
    db.commit()
    assert erase_forgotten(db, settings().packages) == 1
    assert not path.exists()
    with pytest.raises(Refused) as refused:
        open_package(db, settings().packages, package.id)
    assert refused.value.code == "participant_left"


def test_one_who_enters_alone_waits_for_others(
    db: Session, make: Factory, study: Study, people: list[User]
) -> None:
    assert build(db, study).participants == 7
    newcomers = make_participants(make, 5, consenting=False)
    agree(db, newcomers[0].id, study.id, 1, now=NOW)
    db.commit()
    assert build(db, study).participants == 7
    for person in newcomers[1:]:
        agree(db, person.id, study.id, 1, now=NOW)
    db.commit()
    assert build(db, study).participants == 12


def test_who_had_their_answers_erased_and_comes_back_does_not_bring_the_old_package_back(
    client: LookingClient, db: Session, study: Study, people: list[User], researcher: User
) -> None:
    package = build(db, study)
    client.sign_in(people[0])
    client.post(f"{ADDRESS}/retrait", data={"efface": "oui"})
    client.post(f"{ADDRESS}/accord", data={"version": "1"})
    client.sign_in(researcher)
    assert client.get(f"/etudes/{study.id}/paquets/{package.id}.zip").status_code == 410


def test_a_no_from_an_old_tab_does_not_pretend_to_take_a_yes_back(
    client: LookingClient, db: Session, make: Factory, study: Study
) -> None:
    person = make.user()
    client.sign_in(person)
    client.post(f"{ADDRESS}/accord", data={"version": "1"})
    said = client.post(f"{ADDRESS}/refus", follow_redirects=True)
    assert "Vous aviez dit oui" in text_of(said)
    assert list_participants(db, study) == [person.id]


@pytest.mark.parametrize("left", ["", "0" * 65, "00" * 32])
def test_one_leaves_a_study_whatever_became_of_its_key(
    client: LookingClient, db: Session, study: Study, people: list[User], left: str
) -> None:
    path = path_of(settings().keys, key_file(study.slug))
    kept = path.read_text("ascii")
    path.write_text(left, "ascii")
    try:
        client.sign_in(people[0])
        client.post(f"{ADDRESS}/retrait")
        db.rollback()
        assert people[0].id not in list_participants(db, study)
    finally:
        path.write_text(kept, "ascii")


def test_a_page_counts_no_one_more_than_the_package(
    db: Session, make: Factory, study: Study, people: list[User]
) -> None:
    [wave] = study.waves
    build(db, study)
    newcomer = make_participants(make, 1, consenting=False)[0]
    agree(db, newcomer.id, study.id, 1, now=NOW - timedelta(days=3))
    [invitation] = invite_due(db, {}, NOW - timedelta(days=2))
    answer(db, invitation, value="2", now=NOW - timedelta(days=1))
    assert len(last_answers(db, wave, study_key(study))) == 7
    assert packed(db, study).participants == 7


@pytest.mark.both_databases
def test_what_a_package_kept_silent_is_kept_silent_even_once_its_file_is_gone(
    db: Session, make: Factory, study: Study
) -> None:
    few = make_participants(make, 6, consenting=False)
    for person in few:
        agree(db, person.id, study.id, 1, now=NOW)
    db.commit()
    first = build(db, study)
    silent = {
        row["pid"]
        for row in read_rows(read_zip(packed(db, study)), "participants")
        if row["age_band"] == ""
    }
    assert silent
    path_of(settings().packages, package_file(first.sha256)).unlink()
    for person in make_participants(make, 40, consenting=False):
        agree(db, person.id, study.id, 1, now=NOW)
    db.commit()
    rows = {row["pid"]: row for row in read_rows(read_zip(packed(db, study)), "participants")}
    assert len(rows) == 46
    assert {rows[pid]["age_band"] for pid in silent} == {""}


def test_a_draft_has_no_package(client: LookingClient, db: Session, researcher: User) -> None:
    draft = begin_study(db, "Brouillon", researcher.id, now=NOW)
    db.commit()
    with pytest.raises(Refused) as refused:
        ask_package(db, draft.id, user_id=researcher.id, now=NOW)
    assert refused.value.code == "draft"
    client.sign_in(researcher)
    assert client.get(f"/etudes/{draft.id}").location == f"/etudes/{draft.id}/preparer"
    client.post(f"/etudes/{draft.id}/paquet")
    client.post(f"/etudes/{draft.id}/effacer")
    db.rollback()
    assert db.get(Study, draft.id) is None


def test_a_file_that_broke_is_written_anew(db: Session, study: Study, people: list[User]) -> None:
    package = build(db, study)
    path = path_of(settings().packages, package_file(package.sha256))
    path.write_bytes(path.read_bytes()[:-1])
    again = build(db, study)
    assert again.sha256 == package.sha256
    assert open_package(db, settings().packages, again.id)[1]
