"""The base of contents: what is kept, what is refused, what is found, who may change what."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.community import join_file, share, viewing
from tests.support.counting import counted_queries
from tests.support.factories import Factory
from tests.support.people import outbox
from tests.support.sessions import NOW
from tierslieu.clock import days
from tierslieu.community.contents.licences import LICENCES, find_licence, named
from tierslieu.community.contents.models import Content, Rights
from tierslieu.community.contents.queries import ContentsWanted, count_contents, list_contents
from tierslieu.community.contents.rules import ContentFacts, save_content
from tierslieu.errors import Refused
from tierslieu.people.models import User
from tierslieu.settings import Settings

FORM = {
    "subject": "Le réseau de ficelle",
    "content": "Activité débranchée",
    "description": "Douze élèves, douze ficelles.\r\nOn coupe.",
    "link": "https://example.org/ficelle",
    "author": "Aïda N’Diaye",
    "rights": "yes",
    "licence": "CC-BY-SA-4.0",
    "licence_other": "",
    "space": "",
}


def count(db: Session) -> int:
    db.rollback()
    return db.scalar(select(func.count(Content.id))) or 0


def test_anybody_signed_in_shares_something_and_finds_it(
    client: LookingClient, db: Session, make: Factory
) -> None:
    client.sign_in(make.user("researcher"))
    html = client.post("/ressources/nouvelle", data=FORM, follow_redirects=True).text
    assert "La ressource est enregistrée." in html
    assert "CC BY-SA 4.0" in html
    (entry,) = db.scalars(select(Content))
    assert (entry.licence, entry.rights, entry.is_public) == ("CC BY-SA 4.0", Rights.YES, False)
    assert entry.description == "Douze élèves, douze ficelles.\nOn coupe."
    assert "Le réseau de ficelle" in client.get("/ressources").text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"subject": " "}, "Donnez un objet"),
        ({"subject": "x" * 201}, "200 caractères sont possibles, il en a 201"),
        ({"description": "x" * 4001}, "4000 caractères sont possibles"),
        ({"subject": "a\x00b"}, "caractère invisible"),
        ({"link": "javascript:alert(1)"}, "Ce lien n’est pas une adresse du Web"),
        ({"link": "https://known.org@elsewhere.org"}, "qui cache où il mène"),
        ({"licence": ""}, "l’est sous une licence"),
        ({"licence": "other"}, "l’est sous une licence"),
        ({"rights": ""}, "Choisissez une réponse"),
        ({"rights": "maybe"}, "Ce choix n’est pas dans la liste"),
        ({"space": "0190b3b0-0000-7000-8000-000000000000"}, "Choisissez un espace de la liste"),
    ],
)
def test_what_cannot_be_kept_is_told_beside_its_field_and_nothing_is_written(
    client: LookingClient, db: Session, make: Factory, changes: dict[str, str], sentence: str
) -> None:
    response = client.sign_in(make.user()).post("/ressources/nouvelle", data={**FORM, **changes})
    assert response.status_code == 422
    assert sentence in response.text
    assert 'class="field wrong"' in response.text
    assert "douze ficelles" in response.text or "xxxx" in response.text
    assert count(db) == 0


def test_a_licence_in_ones_own_words_is_kept_and_a_known_one_gets_its_name(
    client: LookingClient, db: Session, make: Factory
) -> None:
    client.sign_in(make.user())
    for written in ("cc by sa 4.0", "Licence de la maison"):
        form = {**FORM, "licence": "other", "licence_other": written}
        assert client.post("/ressources/nouvelle", data=form).status_code == 302
    kept = set(db.scalars(select(Content.licence)))
    assert kept == {"CC BY-SA 4.0", "Licence de la maison"}


def test_every_licence_is_found_by_its_name_and_by_its_identifier() -> None:
    for one in LICENCES:
        assert find_licence(one.spdx) == find_licence(one.name.lower()) == one
        assert one.url.startswith("https://")
    assert named("  une  autre ") == "une autre"


@pytest.mark.both_databases
@pytest.mark.parametrize("text", ["FICELLE reseau", "réseau", "n'diaye", "oeuvre", "cc by", "100%"])
def test_the_search_knows_neither_accents_nor_capitals(
    db: Session, make: Factory, text: str
) -> None:
    owner = make.user()
    found = share(
        db, owner, author="Aïda N’Diaye", description="Une Œuvre collective, 100% débranchée"
    )
    share(db, owner, "Autre chose", rights=Rights.NO, licence="")
    viewer = viewing(db, owner)
    assert list_contents(db, viewer, ContentsWanted(text=text)) == [found]
    assert count_contents(db, viewer, ContentsWanted(text=text)) == 1
    assert not list_contents(db, viewer, ContentsWanted(text=f"{text} absent"))


@pytest.mark.both_databases
@pytest.mark.parametrize("sign", ["%", "_", "\\"])
def test_signs_are_looked_for_as_they_are(db: Session, make: Factory, sign: str) -> None:
    owner = make.user()
    found = share(db, owner, f"Avec {sign} dedans")
    share(db, owner, "Sans rien")
    assert list_contents(db, viewing(db, owner), ContentsWanted(text=sign)) == [found]


@pytest.mark.both_databases
def test_filters_say_how_free_with_a_file_and_for_whom(
    db: Session, make: Factory, settings: Settings
) -> None:
    owner = make.user()
    free = share(db, owner, "Libre", is_public=True)
    doubtful = share(db, owner, "À voir", rights=Rights.TO_CHECK, licence="", now=NOW + days(1))
    join_file(db, settings, doubtful, owner)
    viewer = viewing(db, owner)

    def found(**wanted: Any) -> list[Content]:
        return list_contents(db, viewer, ContentsWanted(**wanted))

    assert found() == [doubtful, free]
    assert found(rights=Rights.TO_CHECK) == [doubtful]
    assert found(rights=Rights.NO) == []
    assert found(has_file=True) == [doubtful]
    assert found(space="public") == [free]
    assert found(space="open") == [doubtful, free]


def test_the_list_is_paged_by_the_database_with_few_statements(
    client: LookingClient, db: Session, make: Factory, settings: Settings
) -> None:
    owner = make.user()
    for number in range(23):
        entry = share(db, owner, f"Fiche {number:02}", now=NOW + days(number))
        join_file(db, settings, entry, owner)
    client.sign_in(owner)
    client.get("/ressources")
    with counted_queries() as sent:
        html = client.get("/ressources").text
    assert "23 ressources" in html
    assert html.count("Fiche ") == 20
    assert "Fiche 22" in html
    assert len(sent) <= 9, sent
    assert "Fiche 02" in client.get("/ressources?page=2&q=fiche").text
    assert "La liste est plus courte" in client.get("/ressources?page=9").text


@pytest.mark.parametrize("query", ["?page=x&espace=nowhere&libre=hm&fichier=no", "?q=%00%0a"])
def test_a_strange_address_shows_the_list(
    client: LookingClient, db: Session, make: Factory, query: str
) -> None:
    owner = make.user()
    share(db, owner)
    assert "1 ressource<" in client.sign_in(owner).get(f"/ressources{query}").text


@pytest.mark.both_databases
def test_only_whoever_added_it_and_the_team_change_an_entry(
    client: LookingClient, db: Session, make: Factory, team: User
) -> None:
    owner, other = make.user(), make.user("coordinator")
    entry = share(db, owner)
    url = f"/ressources/{entry.id}"
    form = {**FORM, "subject": "Changée"}
    client.sign_in(other)
    assert "Modifier" not in client.get(url).text
    for path in ("modifier", "supprimer", "fichiers"):
        assert client.post(f"{url}/{path}", data=form).status_code == 404
    for person in (owner, team):
        client.sign_in(person)
        assert 'value="Le réseau' in client.get(f"{url}/modifier").text or person is team
        assert client.post(f"{url}/modifier", data=form).status_code == 302
    db.refresh(entry)
    assert (entry.subject, entry.owner_id, entry.revision) == ("Changée", owner.id, 3)


@pytest.mark.both_databases
def test_two_people_who_edit_at_once_see_one_another(
    client: LookingClient, db: Session, make: Factory, team: User
) -> None:
    owner = make.user()
    entry = share(db, owner)
    save_content(db, viewing(db, team), entry.id, ContentFacts("Relue"), now=NOW)
    db.commit()
    client.sign_in(owner)
    form = {**FORM, "seen": "1", "subject": "La mienne"}
    response = client.post(f"/ressources/{entry.id}/modifier", data=form)
    assert response.status_code == 422
    assert "Quelqu’un a modifié cette fiche" in response.text
    assert 'name="seen" type="hidden" value="2"' in response.text
    db.refresh(entry)
    assert entry.subject == "Relue"
    form["seen"] = "2"
    assert client.post(f"/ressources/{entry.id}/modifier", data=form).status_code == 302


@pytest.mark.both_databases
def test_the_team_hides_with_a_reason_that_its_owner_reads_and_puts_back(
    client: LookingClient, db: Session, make: Factory, team: User
) -> None:
    owner, reader = make.user(name="Bo Martin"), make.user()
    entry = share(db, owner, is_public=True)
    url = f"/ressources/{entry.id}"
    client.sign_in(team)
    assert "le lira" in client.post(f"{url}/masquer", data={"reason": ""}).text
    assert not outbox(db)
    client.post(f"{url}/masquer", data={"reason": "Ce film n’est <b>plus</b> en ligne."})
    (mail,) = outbox(db)
    assert (mail.recipient, mail.template) == (owner.email, "community_moderated")
    assert mail.context["reason"] == "Ce film n’est <b>plus</b> en ligne."
    again = client.post(f"{url}/masquer", data={"reason": "x"}, follow_redirects=True)
    assert "déjà masquée" in again.text
    assert "Le réseau" not in client.get("/ressources").text
    assert "Le réseau" in client.get("/ressources?masquees=1").text
    client.sign_in(reader)
    assert client.get(url).status_code == 404
    assert "Le réseau" not in client.get("/ressources.csv").text
    client.sign_in(owner)
    assert "n’est &lt;b&gt;plus" in client.get(url).text
    assert client.post(f"{url}/retablir").status_code == 403
    client.sign_in(team).post(f"{url}/retablir")
    assert client.sign_in(reader).get(url).status_code == 200
    assert [m.context["is_hidden"] for m in outbox(db)] == [True, False]


def test_who_hides_an_entry_of_their_own_gets_no_letter(
    client: LookingClient, db: Session, team: User
) -> None:
    entry = share(db, team)
    client.sign_in(team).post(f"/ressources/{entry.id}/masquer", data={"reason": "Vieux."})
    db.refresh(entry)
    assert entry.hidden_at == NOW
    assert not outbox(db)


def test_contents_whose_rights_are_to_check_are_listed_for_the_team(
    client: LookingClient, db: Session, make: Factory, team: User
) -> None:
    share(db, make.user(), rights=Rights.TO_CHECK, licence="")
    assert "1 ressource dont les droits" in client.sign_in(team).get("/ressources").text
    assert "Le réseau" in client.get("/ressources?libre=a-verifier").text
    assert "1 ressource aux droits à vérifier" in client.get("/").text
    client.sign_in(make.user())
    assert "dont les droits" not in client.get("/ressources").text
    assert "droits à vérifier<" not in client.get("/").text


def test_what_people_typed_is_shown_as_text(
    client: LookingClient, db: Session, make: Factory
) -> None:
    owner = make.user()
    evil = "<script>alert(1)</script>"
    entry = share(db, owner, evil, content=evil, description=evil, author=evil, licence=evil)
    client.sign_in(owner)
    for url in ("/ressources", f"/ressources/{entry.id}", f"/ressources/{entry.id}/modifier"):
        assert "<script>alert" not in client.get(url).text


def test_no_content_is_free_without_a_licence_whatever_writes_it(
    db: Session, make: Factory
) -> None:
    viewer = viewing(db, make.user())
    with pytest.raises(Refused) as refused:
        save_content(db, viewer, None, ContentFacts("Libre", rights=Rights.YES), now=NOW)
    assert (refused.value.code, refused.value.field) == ("licence_missing", "licence")


@pytest.mark.both_databases
def test_deleting_an_entry_takes_its_files_along(
    client: LookingClient, db: Session, make: Factory, settings: Settings
) -> None:
    owner = make.user()
    entry = share(db, owner)
    file_id = join_file(db, settings, entry, owner)
    client.sign_in(owner)
    url = f"/ressources/{entry.id}"
    assert client.get(f"{url}/fichiers/{file_id}").status_code == 200
    client.post(f"{url}/supprimer")
    assert count(db) == 0
    assert client.get(f"{url}/fichiers/{file_id}").status_code == 404
