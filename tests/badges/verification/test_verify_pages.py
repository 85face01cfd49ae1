"""The public check: ``/verifier`` for people, ``/verify`` for machines."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from badges.awards import files, rules
from badges.awards.models import Award
from badges.engine import keys, proofs
from badges.engine.report import STEPS
from badges.verification import views
from tests.support.badges import NOW, make_award, open_badges
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import plain
from tierslieu import clock
from tierslieu.base import Base
from tierslieu.web.formats import long_day

JSON = {"Accept": "application/json"}
NAMES = list(STEPS)


@pytest.fixture(autouse=True)
def _nobody_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name leads anywhere in these tests."""

    def refuse(host: str, port: int) -> list[str]:
        raise OSError("no network")

    monkeypatch.setattr("badges.verification.fetching.resolve_host", refuse)
    really = views.Fetcher
    monkeypatch.setattr(views, "Fetcher", lambda own, **more: really(own, resolve=refuse, **more))


@pytest.fixture
def award(db: Session, make: Factory) -> Award:
    ada = make.user(name="Ada Lovelace", email="ada@example.org")
    return make_award(db, ada, make.user("facilitator"), open_badges(db))


def ask(client: LookingClient, **data: Any) -> Any:
    answer = client.post("/verify", data=data, headers=JSON)
    assert answer.mimetype == "application/json"
    return answer.json


def outcomes(answer: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["outcome"] for check in answer["checks"]}


def test_the_form_is_open_to_anybody(client: LookingClient) -> None:
    for path in ("/verifier", "/verify"):
        page = client.get(path).get_data(as_text=True)
        assert "Vérifier un badge" in page
        assert 'name="file"' in page
        assert 'name="text"' in page
        assert 'name="address"' in page


def test_a_machine_gets_exactly_what_is_promised(client: LookingClient, award: Award) -> None:
    document = json.loads(award.credential)
    answer = client.post("/verify", json={"credential": document})
    assert answer.status_code == 200
    assert set(answer.json) == {"outcome", "checks", "credential"}
    assert answer.json["outcome"] == "valid"
    assert [check["name"] for check in answer.json["checks"]] == NAMES
    assert all(set(check) == {"name", "outcome", "message"} for check in answer.json["checks"])
    assert answer.json["credential"] == document
    assert answer.headers["Cache-Control"] == "no-store"
    assert outcomes(answer.json)["recipient"] == "not_applicable"
    as_text = client.post("/verify", json={"credential": award.credential})
    assert as_text.json == answer.json


def test_a_file_a_text_and_an_address_give_the_same_answer(
    db: Session, client: LookingClient, award: Award
) -> None:
    assert award.user_id is not None
    rules.share(db, award.id, award.user_id, now=NOW)
    db.commit()
    for made in (files.make_json(award), files.make_png(award), files.make_svg(award)):
        assert ask(client, file=(io.BytesIO(made.data), made.filename))["outcome"] == "valid"
    assert ask(client, text=award.credential)["outcome"] == "valid"
    for suffix in ("", ".json"):
        address = f"http://localhost/credentials/{award.id}{suffix}"
        assert ask(client, address=address)["outcome"] == "valid"


def test_the_certificate_can_be_handed_in(app: Flask, client: LookingClient, award: Award) -> None:
    from tests.support.badges import settings_here

    with app.test_request_context():
        paper = files.make_pdf(award, settings_here())
    assert ask(client, file=(io.BytesIO(paper.data), "badge.pdf"))["outcome"] == "valid"


test_the_certificate_can_be_handed_in = pytest.mark.filterwarnings(
    "ignore:unclosed file.*sRGB2014:ResourceWarning"
)(test_the_certificate_can_be_handed_in)


def test_the_address_of_a_private_badge_leads_nowhere(client: LookingClient, award: Award) -> None:
    answer = ask(client, address=f"http://localhost/credentials/{award.id}")
    assert answer["outcome"] == "invalid"
    assert answer["credential"] is None
    assert "rien de public à cette adresse de notre lieu" in answer["checks"][0]["message"]


def test_the_holder_is_compared_when_an_address_is_given(
    client: LookingClient, award: Award
) -> None:
    mine = ask(client, text=award.credential, recipient="Ada@example.org ")
    assert outcomes(mine)["recipient"] == "passed"
    other = ask(client, text=award.credential, recipient="eve@example.org")
    assert other["outcome"] == "invalid"
    assert outcomes(other)["recipient"] == "failed"


def test_a_person_reads_the_answer_step_by_step(client: LookingClient, award: Award) -> None:
    answer = client.post("/verifier", data={"text": award.credential})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Ce badge est authentique et en cours de validité." in page
    assert "Délivré à <strong>Ada Lovelace</strong>" in page
    assert "La signature correspond mot pour mot au contenu." in page
    assert "Il n’a été ni retiré ni suspendu." in page
    assert "Il est valable jusqu’au 20\u00a0novembre\u00a02029." in page
    assert "CRCN 3.4 Programmer" in page
    assert "prétend" not in page


def test_the_tab_and_a_screen_reader_begin_with_the_verdict(
    client: LookingClient, award: Award
) -> None:
    page = client.post("/verifier", data={"text": award.credential}).text
    assert "<title>Ce badge est authentique et en cours de validité · " in page
    changed = award.credential.replace("Ada Lovelace", "Ada Byron")
    page = client.post("/verifier", data={"text": changed}).text
    assert "<title>Ce badge n’est pas valable · " in page


def test_a_badge_of_days_to_come_is_not_said_to_have_been_awarded_then(
    client: LookingClient, award: Award
) -> None:
    begins = datetime.fromisoformat(json.loads(award.credential)["validFrom"])
    with clock.fixed_at(begins - timedelta(days=9)):
        page = plain(client.post("/verifier", data={"text": award.credential}).text)
    assert "pas encore valable" in page
    said = page.partition("Délivré à")[2].partition("</p>")[0]
    assert f", valable à partir du {plain(long_day(begins))}, valable jusqu’au" in said


def test_an_issuer_for_whom_no_site_answers_is_not_passed_over_in_grey(
    client: LookingClient, award: Award
) -> None:
    document = json.loads(award.credential)
    key = keys.SigningKey.generate()
    did = document["issuer"]["id"] = keys.did_key(key.multibase)
    for member in ("proof", "credentialStatus"):
        document.pop(member)
    method = keys.verification_method(did, key.multibase)
    signed = proofs.sign(document, key, method, created=NOW)
    page = plain(client.post("/verifier", data={"text": json.dumps(signed)}).text)
    words = "Le nom de l’émetteur est celui qu’il se donne : aucun site n’en répond."
    assert words in page
    assert page.partition(words)[0].rpartition('<p class="')[2].startswith('remark">')


def test_a_letter_changed_is_said_plainly(client: LookingClient, award: Award) -> None:
    forged = award.credential.replace("Ada Lovelace", "Eve Lovelace")
    answer = ask(client, text=forged)
    assert answer["outcome"] == "invalid"
    assert outcomes(answer)["proof"] == "failed"
    page = client.post("/verifier", data={"text": forged}).get_data(as_text=True)
    assert "Ce badge n’est pas valable." in page
    assert "il a été changé après coup" in page
    assert "ce que le fichier prétend" in page


def test_a_revoked_badge_is_authentic_and_withdrawn(
    db: Session, client: LookingClient, award: Award
) -> None:
    rules.revoke(db, award.id, reason="Erreur.", now=clock.now(), actor_id=None)
    db.commit()
    answer = ask(client, text=award.credential)
    assert answer["outcome"] == "invalid"
    assert outcomes(answer)["proof"] == "passed"
    assert outcomes(answer)["status"] == "failed"
    page = client.post("/verifier", data={"text": award.credential}).get_data(as_text=True)
    assert "Ce badge est authentique, mais l’émetteur l’a retiré." in page


def signed_by_a_stranger(document: dict[str, Any], **changes: Any) -> str:
    key = keys.SigningKey.generate()
    did = keys.did_key(key.multibase)
    unsigned = {name: value for name, value in document.items() if name != "proof"} | changes
    method = keys.verification_method(did, key.multibase)
    return json.dumps(proofs.sign(unsigned, key, method, created=NOW))


def test_a_foreign_key_is_not_the_issuer_s(client: LookingClient, award: Award) -> None:
    answer = ask(client, text=signed_by_a_stranger(json.loads(award.credential)))
    assert outcomes(answer)["proof"] == "passed"
    assert outcomes(answer)["issuer"] == "failed"
    assert "quelqu’un d’autre a signé" in next(
        check["message"] for check in answer["checks"] if check["name"] == "issuer"
    )


def test_an_unknown_context_is_never_fetched_and_leaves_it_incomplete(
    client: LookingClient, award: Award, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = json.loads(award.credential)
    document["@context"].append("https://vocabulaire.example/v1")
    gone: list[str] = []
    monkeypatch.setattr(
        "badges.verification.fetching.Fetcher._visit",
        lambda self, url, deadline: gone.append(url),
    )
    answer = ask(client, text=json.dumps(document))
    assert answer["outcome"] == "incomplete"
    assert outcomes(answer)["contexts"] == "unknown"
    assert outcomes(answer)["proof"] == "unknown"
    assert "https://vocabulaire.example/v1" in answer["checks"][2]["message"]
    assert gone == []


def test_a_stranger_s_badge_whose_list_is_out_of_reach_is_incomplete(
    client: LookingClient, award: Award
) -> None:
    document = json.loads(award.credential)
    key = keys.SigningKey.generate()
    did = keys.did_key(key.multibase)
    document["issuer"]["id"] = did
    document["credentialStatus"]["statusListCredential"] = "https://ailleurs.example/status/1"
    document.pop("proof")
    method = keys.verification_method(did, key.multibase)
    signed = proofs.sign(document, key, method, created=NOW)
    answer = ask(client, text=json.dumps(signed))
    assert answer["outcome"] == "incomplete"
    assert outcomes(answer)["issuer"] == "passed"
    assert outcomes(answer)["status"] == "unknown"
    assert "https://ailleurs.example/status/1" in answer["checks"][6]["message"]


BAD = [
    ("pas du tout du JSON", "n’est pas du JSON, ou il est coupé"),
    ('{"@context": ["https://www.w3.org/ns/cred', "il est coupé"),
    ("[1, 2]", "commence par une accolade"),
    ("   ", "Il n’y a rien à lire"),
    ('{"a": 1, "a": 2}', "deux fois"),
    ("[" * 100_000, ""),
    ("eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2lnbmF0dXJl", "pas signé"),
    ('{"a": "\\ud800"}', "demi-caractère"),
]


@pytest.mark.parametrize(("given", "sentence"), BAD)
def test_a_bad_text_gets_its_sentence_beside_the_field(
    client: LookingClient, given: str, sentence: str
) -> None:
    answer = ask(client, text=given)
    assert answer["outcome"] in ("invalid", "incomplete")
    assert sentence in answer["checks"][0]["message"]
    page = client.post("/verifier", data={"text": given})
    assert sentence in page.get_data(as_text=True)
    if answer["outcome"] == "invalid":
        assert page.status_code == 422


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"credential": {"@con', 400),
        (b"rien", 400),
        (b"{}", 400),
        (b"[]", 400),
        (b'{"credential": 3}', 400),
        (b'{"credential": {}}', 400),
        (b"\xff\xfe", 400),
        (b'{"credential": {"a": 1}}', 200),
    ],
)
def test_a_bad_request_is_told_at_the_door_in_the_same_shape(
    client: LookingClient, body: bytes, status: int
) -> None:
    answer = client.post("/verify", data=body, content_type="application/json")
    assert answer.status_code == status
    assert answer.json["outcome"] == "invalid"
    assert [check["name"] for check in answer.json["checks"]] == NAMES
    assert answer.json["checks"][0]["message"]


@pytest.mark.parametrize("where", ["credential", "beside"])
def test_a_member_said_twice_is_refused_by_the_door_for_json_too(
    client: LookingClient, award: Award, where: str
) -> None:
    """A reader that keeps the first of the two would see another badge than the one checked."""
    body = json.dumps({"credential": json.loads(award.credential)})
    twice = {
        "credential": body.replace('"validFrom":', '"validFrom": "1999", "validFrom":'),
        "beside": body.replace('"credential":', '"credential": {"a": 1}, "credential":'),
    }[where]
    assert json.loads(twice) == json.loads(body), "to a careless reader, the same"
    answer = client.post("/verify", data=twice, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json["outcome"] == "invalid"
    assert answer.json["credential"] is None
    as_text = ask(client, text=twice)
    assert answer.json["checks"][0]["message"] == as_text["checks"][0]["message"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "abîmé"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "ne contient pas de badge"),
        (b"<html><body>page</body></html>", ""),
        (b"%PDF-1.7\nrien", "coupé en route"),
        (b"PK\x03\x04 un traitement de texte", "Ce fichier n’est pas un badge, ou il est coupé"),
        (b'{"@context": ["https://www.w3.org/ns/cred', "Ce fichier n’est pas un badge"),
        (b"\xff\xd8\xff\xe0 une photo", "ni un texte, ni une image"),
        (b"", "Il n’y a rien à lire"),
    ],
)
def test_a_file_that_is_no_badge_gets_its_sentence(
    client: LookingClient, data: bytes, sentence: str
) -> None:
    answer = ask(client, file=(io.BytesIO(data), "fichier"))
    assert answer["outcome"] == "invalid"
    assert sentence in answer["checks"][0]["message"]
    page = client.post("/verifier", data={"file": (io.BytesIO(data), "fichier")})
    assert page.status_code == 422


def test_scripts_need_no_token_and_no_session(app: Flask, award: Award) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        client = app.test_client()
        done = client.post("/verify", json={"credential": award.credential})
        assert done.status_code == 200
        assert "Set-Cookie" not in done.headers
        assert client.post("/verifier", data={"text": award.credential}).status_code == 200
        refused = client.post(f"/mes-badges/{award.id}/partager")
        assert refused.status_code in (302, 400), "the rest of the house keeps its tokens"
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_nothing_is_kept_of_what_was_verified(
    db: Session, client: LookingClient, award: Award
) -> None:
    def counts() -> dict[str, int]:
        return {
            table.name: db.execute(text(f'SELECT count(*) FROM "{table.name}"')).scalar_one()
            for table in Base.metadata.sorted_tables
        }

    before = counts()
    db.rollback()
    ask(client, text=award.credential, recipient="ada@example.org")
    client.post("/verifier", data={"text": "{"})
    assert counts() == before
