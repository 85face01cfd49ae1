"""The package proves itself, is the same twice, and leads to nobody."""

from __future__ import annotations

import hashlib
import json
import subprocess
import warnings
import zipfile
from collections import Counter
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.support.evaluation import (
    T0,
    TOWNS,
    as_text,
    house_with,
    keep,
    make_answered_study,
    make_participants,
    read_rows,
    read_zip,
    unpack,
)
from tests.support.factories import Factory
from tests.support.surveys import answer, make_invitation, make_study, study_key
from tierslieu.errors import Refused
from tierslieu.evaluation.package import Package
from tierslieu.evaluation.rules import cohort_of, prepare_package
from tierslieu.house import Column, House
from tierslieu.people.models import ConsentKind, User
from tierslieu.people.rules import withdraw_consent
from tierslieu.surveys.models import Study
from tierslieu.surveys.pseudonyms import pseudonym
from tierslieu.surveys.rules import save_page

pytestmark = pytest.mark.both_databases
NOW = T0 + timedelta(days=60)
EMPTY = House(())
KINDS = ("sav", "dta", "parquet")


def prepare(db: Session, study: Study, house: House = EMPTY, days: int = 0) -> Package:
    return prepare_package(
        db, study, study_key(study), house, "Tiers-lieu d’essai", now=NOW + timedelta(days=days)
    )


def visits(people: list[User], *, reverse: bool = False) -> House:
    rows = [(user.id, T0 + timedelta(days=20 + i), ("onsite", 2)) for i, user in enumerate(people)]
    return house_with(
        rows[:: -1 if reverse else 1],
        Column("mode", "string", "Mode", {"onsite": "sur place", "online": "à distance"}),
        Column("half_days", "integer", "Demi-journées"),
    )


def frictionless_report(folder: Path) -> tuple[bool, list[object]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses what its own dependencies are about to drop
        from frictionless import validate

        report = validate(str(folder / "datapackage.json"))
    return report.valid, report.flatten(["type", "note", "fieldName"])


def test_frictionless_accepts_the_package(db: Session, make: Factory, tmp_path: Path) -> None:
    study, people = make_answered_study(db, make)
    folder = unpack(prepare(db, study, visits(people)), tmp_path)
    valid, faults = frictionless_report(folder)
    assert valid, faults
    names = [r["name"] for r in json.loads((folder / "datapackage.json").read_text())["resources"]]
    assert names == ["participants", "responses_long", "responses_wide", "visits"]


def test_frictionless_refuses_it_with_an_impossible_value(
    db: Session, make: Factory, tmp_path: Path
) -> None:
    study, _people = make_answered_study(db, make)
    folder = unpack(prepare(db, study), tmp_path)
    path = folder / "datapackage.json"
    descriptor = json.loads(path.read_text())
    for resource in descriptor["resources"]:  # so that the value alone is wrong
        del resource["bytes"], resource["hash"]
    path.write_text(json.dumps(descriptor))
    wide = folder / "data" / "responses_wide.csv"
    lines = wide.read_text().splitlines()
    cells = lines[1].split(",")
    cells[2] = "9"
    wide.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n")
    valid, faults = frictionless_report(folder)
    assert not valid
    assert "constraint-error" in str(faults)


def test_every_sum_matches_every_file(db: Session, make: Factory, tmp_path: Path) -> None:
    study, _people = make_answered_study(db, make)
    package = prepare(db, study)
    folder = unpack(package, tmp_path)
    done = subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    files = read_zip(package)
    listed = {line.split("  ")[1] for line in files["SHA256SUMS"].decode().splitlines()}
    assert listed == set(files) - {"SHA256SUMS"}
    for resource in json.loads(files["datapackage.json"])["resources"]:
        data = files[resource["path"]]
        assert resource["bytes"] == len(data)
        assert resource["hash"] == "sha256:" + hashlib.sha256(data).hexdigest()


def test_the_folder_holds_what_is_promised(db: Session, make: Factory) -> None:
    study, _people = make_answered_study(db, make)
    package = prepare(db, study)
    assert package.name == "tn-eval-tiers-lieu-2026.1"
    assert package.participants == 12
    tables = ("participants", "responses_long", "responses_wide")
    assert sorted(read_zip(package)) == sorted(
        [
            "CHANGES.md",
            "CITATION.cff",
            "README.md",
            "SHA256SUMS",
            "VALIDATION.json",
            "consent/recherche-2026-11.md",
            *(f"data/{table}.csv" for table in tables),
            *(f"data/labelled/{table}.{kind}" for table in tables for kind in KINDS),
            "datapackage.json",
            "instruments/apres-seance-v1.json",
            "instruments/fin-de-parcours-v1.json",
            "instruments/semaine-v1.json",
            "instruments/six-mois-v1.json",
            "metadata/codebook.csv",
            "metadata/codebook.html",
            "metadata/ddi-codebook-2.5.xml",
            "scripts/import.R",
            "scripts/import.sps",
            "scripts/score.py",
        ]
    )


def test_the_same_content_is_the_same_zip_byte_for_byte(db: Session, make: Factory) -> None:
    study, people = make_answered_study(db, make)
    first = prepare(db, study, visits(people))
    keep(db, study, first, NOW)
    again = prepare(db, study, visits(people, reverse=True), days=20)
    assert again.content == first.content
    with zipfile.ZipFile(BytesIO(first.content)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == sorted(archive.namelist())


def test_a_change_makes_a_new_version_and_a_new_year_begins_at_one(
    db: Session, make: Factory
) -> None:
    study, _people = make_answered_study(db, make)
    keep(db, study, prepare(db, study), NOW)
    for person in make_participants(make, 5):  # fewer would wait for others
        answer(db, make_invitation(db, person, now=NOW), now=NOW)
    changed = prepare(db, study, days=1)
    assert changed.name == "tn-eval-tiers-lieu-2026.2"
    keep(db, study, changed, NOW + timedelta(days=1))
    assert prepare(db, study, days=2).name == "tn-eval-tiers-lieu-2026.2"
    assert prepare(db, study, days=60).name == "tn-eval-tiers-lieu-2027.1"


def test_someone_who_withdraws_is_gone_from_the_next_package(db: Session, make: Factory) -> None:
    study, people = make_answered_study(db, make)
    gone = people[3]
    pid = pseudonym(study_key(study), study.id, gone.id).encode()
    assert any(pid in data for data in read_zip(prepare(db, study, visits(people))).values())
    withdraw_consent(db, gone.id, ConsentKind.RESEARCH, now=NOW)
    db.commit()
    after = prepare(db, study, visits(people))
    assert after.participants == 11
    assert not any(pid in data for data in read_zip(after).values())


def test_answers_of_those_who_never_consented_are_not_in_the_package(
    db: Session, make: Factory
) -> None:
    study, _people = make_answered_study(db, make)
    before = prepare(db, study)
    for user in make_participants(make, 6, consenting=False):
        answer(db, make_invitation(db, user, now=NOW), value="1", now=NOW)
    assert prepare(db, study).content == before.content


def test_nothing_in_any_byte_leads_to_a_participant(db: Session, make: Factory) -> None:
    study, people = make_answered_study(db, make)
    words = "Merci à Zoé pour la boucle."
    invitation = make_invitation(db, people[0], now=NOW)
    for page, values in enumerate(
        ({"usefulness": "5", "clarity": "5", "pace": "3"}, {}, {"keeps": words})
    ):
        save_page(db, invitation.id, study_key(study), page, values, now=NOW)
    db.commit()
    rows = [
        (user.id, T0 + timedelta(days=9), (words, "samira", user.email.split("@")[0], "snt", 3))
        for user in people
    ]
    rows[0] = (people[0].id, T0, (words, "zoe", "zoe", "only-mine", 3))
    house = house_with(
        rows,
        Column("words", "string", "Mots"),
        Column("shared_word", "string", "Identifiant partagé"),
        Column("handle", "string", "Compte"),
        Column("path", "string", "Parcours"),
        Column("half_days", "integer", "Demi-journées"),
    )
    package = prepare(db, study, house)
    files = read_zip(package)
    lowered = "\n".join([*map(as_text, files.items()), *files]).lower()
    for user in people:
        days = [user.confirmed_at, T0, NOW, invitation.answered_at, T0 + timedelta(days=40)]
        traces = {
            user.name,
            user.name.split()[0],
            user.name.split()[1],
            user.email,
            user.email.split("@")[0],
            str(user.id),
            user.id.hex,
            user.fs_uniquifier,
            *(day.date().isoformat() for day in days if day),
            *(day.strftime("%d/%m/%Y") for day in days if day),
            *(day.strftime("%Y%m%d") for day in days if day),
        }
        for trace in traces:
            assert trace.lower() not in lowered, trace
    for trace in (*TOWNS, "merci à", "only-mine", str(invitation.id), invitation.code):
        assert trace.lower() not in lowered, trace
    assert study_key(study).hex() not in lowered
    # What five people share and is an identifier does leave.
    assert {row["path"] for row in read_rows(files, "visits")} == {"snt", ""}
    assert "words" not in read_rows(files, "visits")[0]
    assert "handle" not in read_rows(files, "visits")[0]


def test_no_group_of_fewer_than_five_leaves(db: Session, make: Factory) -> None:
    study, _people = make_answered_study(db, make, 23)
    rows = read_rows(read_zip(prepare(db, study)), "participants")
    sizes = Counter((r["cohort"], r["gender"], r["age_band"]) for r in rows)
    assert min(sizes.values()) >= 5
    assert len(rows) == 23


def test_no_other_table_says_again_what_the_participants_table_protects(
    db: Session, make: Factory
) -> None:
    study, people = make_answered_study(db, make)
    rows = [(user.id, T0, ("woman", "25-34", "Antibes", "woman", True)) for user in people]
    traits = (
        Column("gender", "string", "Genre", {"woman": "Femme", "man": "Homme"}),
        Column("age_band", "string", "Âge", {"25-34": "25 à 34 ans"}),
        Column("town", "string", "Ville"),
        Column("who", "string", "Autrement nommé", {"woman": "Femme", "man": "Homme"}),
    )
    with_more = house_with(rows, *traits, Column("came", "boolean", "Est venu"))
    fields = read_rows(read_zip(prepare(db, study, with_more)), "visits")[0]
    assert list(fields) == ["pid", "days_since_t0", "came"]
    alone = house_with([(who, at, values[:4]) for who, at, values in rows], *traits)
    assert "data/visits.csv" not in read_zip(prepare(db, study, alone))


def test_numbers_keep_two_decimals_and_whole_ones_are_whole(db: Session, make: Factory) -> None:
    study, people = make_answered_study(db, make)
    house = house_with(
        [(people[0].id, T0, (3.14159, 12.0))],
        Column("waited", "number", "Jours d’attente"),
        Column("hours", "integer", "Heures"),
    )
    [row] = read_rows(read_zip(prepare(db, study, house)), "visits")
    assert (row["waited"], row["hours"]) == ("3.14", "12")


def test_fewer_than_five_people_make_no_package(db: Session, make: Factory) -> None:
    study, _people = make_answered_study(db, make, 4)
    with pytest.raises(Refused, match="Moins de 5 personnes"):
        prepare(db, study)


def test_long_and_wide_say_the_same_with_days_and_missing_codes(db: Session, make: Factory) -> None:
    study, people = make_answered_study(db, make)
    silent = make_participants(make, 1)[0]
    make_invitation(db, silent, now=NOW)
    key = study_key(study)
    twice = make_invitation(db, people[0], now=NOW)
    save_page(db, twice.id, key, 0, {"usefulness": "-98", "clarity": "2", "pace": "3"}, now=NOW)
    save_page(db, twice.id, key, 1, {"practice_min": "45"}, now=NOW)
    save_page(db, twice.id, key, 2, {"keeps": "Rien."}, now=NOW)
    db.commit()
    files = read_zip(prepare(db, study))
    pid = pseudonym(key, study.id, people[0].id)
    long = [r for r in read_rows(files, "responses_long") if r["pid"] == pid]
    assert {r["occurrence"] for r in long} == {"1", "2"}
    second = {r["item"]: r["value"] for r in long if r["occurrence"] == "2"}
    assert second["usefulness"] == "-98"
    assert second["practice_min"] == "45"
    assert second["welcome"] == "-99"
    assert "keeps" not in second
    assert {r["days_since_t0"] for r in long} == {"40", "60"}
    wide = {r["pid"]: r for r in read_rows(files, "responses_wide")}
    assert wide[pid]["n_after_session"] == "2"
    assert wide[pid]["usefulness_after_session"] == "-98"
    assert wide[pid]["explain_now_end_of_path"] == "-97"
    other = wide[pseudonym(key, study.id, silent.id)]
    assert other["usefulness_after_session"] == "-99"
    assert other["n_after_session"] == "0"
    last: dict[tuple[str, str], tuple[int, str]] = {}
    for row in read_rows(files, "responses_long"):
        place = (row["pid"], f"{row['item']}_{row['wave']}")
        last[place] = max(last.get(place, (0, "")), (int(row["occurrence"]), row["value"]))
    assert all(wide[pid][column] == value for (pid, column), (_n, value) in last.items())


def test_a_draft_never_leaves(db: Session, make: Factory) -> None:
    study, people = make_answered_study(db, make)
    before = read_rows(read_zip(prepare(db, study)), "responses_long")
    draft = make_invitation(db, people[0], now=NOW)
    save_page(db, draft.id, study_key(study), 1, {"welcome": "1"}, now=NOW)
    db.commit()
    assert read_rows(read_zip(prepare(db, study)), "responses_long") == before


def test_the_codebook_names_every_variable_and_code(db: Session, make: Factory) -> None:
    study, people = make_answered_study(db, make)
    files = read_zip(prepare(db, study, visits(people)))
    codebook = files["metadata/codebook.html"].decode()
    lines = files["metadata/codebook.csv"].decode()
    for resource in json.loads(files["datapackage.json"])["resources"]:
        for variable in resource["schema"]["fields"]:
            assert f"<code>{variable['name']}</code>" in codebook
            assert f"{resource['name']},{variable['name']}," in lines
            for category in variable.get("categories", ()):
                assert category["value"] in variable["constraints"]["enum"]
                assert f"<td>{category['label']}</td>" in codebook
    assert "J’étais à l’aise pour poser mes questions." in codebook
    assert "http" not in codebook  # it stands alone


def test_a_value_that_its_column_does_not_announce_stops_the_package(
    db: Session, make: Factory
) -> None:
    study, people = make_answered_study(db, make)
    house = house_with(
        [(people[0].id, T0, ("Zoé",))], Column("mode", "string", "Mode", {"onsite": "sur place"})
    )
    with pytest.raises(ValueError, match="mode") as stopped:
        prepare(db, study, house)
    assert "Zoé" not in str(stopped.value)


def test_an_empty_study_makes_a_valid_package(db: Session, make: Factory, tmp_path: Path) -> None:
    study = make_study(db)
    make_participants(make, 5)
    valid, faults = frictionless_report(unpack(prepare(db, study), tmp_path))
    assert valid, faults


def test_a_cohort_is_a_school_year() -> None:
    assert cohort_of(T0.replace(month=8, day=31, hour=12)) == "2025-2026"
    assert cohort_of(T0.replace(month=8, day=31, hour=23)) == "2026-2027"  # already September
