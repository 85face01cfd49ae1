"""What leaves the house is what the standard asks, and what somebody else's verifier accepts."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
from sqlalchemy.orm import Session

from badges.awards import rules
from badges.awards.publishing import own_documents
from badges.designs.models import Level
from badges.designs.versions import begin_version, publish_version
from badges.engine.errors import FetchFailed
from tests.support.badges import NOW, house_here, make_award, open_badges, settings_here
from tests.support.endorsements import ask, give
from tests.support.factories import Factory

TESTS = Path(__file__).parents[2]
SCHEMA = TESTS / "data/openbadges/schemas/ob_v3p0_achievementcredential_schema.gh-pages.json"
INTEROP = TESTS / "interop"


ENGLISH = {
    "name_en": "Teaching SNT: Python",
    "description_en": "Can lead a programming lesson.",
    "criteria_en": "The person has **finished the path**.",
}


@pytest.fixture
def credential(db: Session, make: Factory) -> str:
    """As full as it can be: a second version, a level, two languages, endorsed twice."""
    ada, team = make.user(name="Ada Lovelace, «\u202fœuvre\u202f» & Cie"), make.user("facilitator")
    signer = open_badges(db)
    first = make_award(db, ada, team, signer, level=Level.PRACTICE, **ENGLISH)
    draft = begin_version(db, first.badge_id, now=NOW, actor_id=None)
    publish_version(db, draft.id, now=NOW)
    db.commit()
    give(db, ask(db, draft, team))
    second = rules.award(
        db, draft.id, ada.id, signer, house=house_here(), now=NOW, actor_id=team.id
    )
    db.commit()
    give(db, ask(db, second, ada), comment="«\u202fVue en stage\u202f», œuvre & tout 🎓")
    return second.credential


def test_its_level_its_version_and_its_other_edition_stand_where_the_standard_has_them(
    credential: str,
) -> None:
    document = json.loads(credential)
    achievement = document["credentialSubject"]["achievement"]
    address = achievement["id"]
    assert (achievement["inLanguage"], achievement["version"]) == ("fr", "2")
    (scale,) = achievement["resultDescription"]
    reached = next(r for r in scale["rubricCriterionLevel"] if r["id"] == scale["requiredLevel"])
    assert (reached["name"], reached["level"]) == ("Approfondissement", "2")
    assert [r["level"] for r in scale["rubricCriterionLevel"]] == ["1", "2", "3"]
    assert achievement["tag"] == ["Approfondissement"]
    assert [(r["id"], r["inLanguage"], r["version"]) for r in achievement["related"]] == [
        (f"{address}/en", "en", "2"),
        (address.removesuffix("-v2"), "fr", "1"),
    ]


def test_every_edition_it_names_is_published_and_signed_facts_agree_with_them(
    db: Session, credential: str
) -> None:
    achievement = json.loads(credential)["credentialSubject"]["achievement"]
    find = own_documents(db, settings_here())
    published = json.loads(find(achievement["id"]) or b"")
    assert {k: published[k] for k in achievement} == achievement
    for related in achievement["related"]:
        other = json.loads(find(related["id"]) or b"")
        assert (other["inLanguage"], other["version"]) == (
            related["inLanguage"],
            related["version"],
        )
    with pytest.raises(FetchFailed):
        find(achievement["id"].replace("-v2", "-v3"))


def test_what_partners_say_of_the_badge_and_of_the_award_stands_where_the_standard_has_it(
    credential: str,
) -> None:
    document = json.loads(credential)
    achievement = document["credentialSubject"]["achievement"]
    for owner in (document, achievement):
        (endorsement,) = owner["endorsement"]
        assert endorsement["type"] == ["VerifiableCredential", "EndorsementCredential"]
        subject = endorsement["credentialSubject"]
        assert (subject["id"], subject["type"]) == (owner["id"], ["EndorsementSubject"])


def test_an_award_conforms_to_1edtech_s_own_schema(credential: str) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    # Named there with an empty fragment that the library does not recognise.
    schema["$schema"] = "https://json-schema.org/draft/2019-09/schema"
    jsonschema.Draft201909Validator(schema).validate(json.loads(credential))


@pytest.mark.node
@pytest.mark.skipif(
    shutil.which("node") is None or not (INTEROP / "node_modules").is_dir(),
    reason="Node.js or the packages of tests/interop are missing: run make test",
)
def test_digital_bazaar_accepts_an_award_and_refuses_it_with_one_letter_changed(
    credential: str,
) -> None:
    forged = credential.replace("Lovelace", "Lovelabe")
    asked = "".join(
        json.dumps({"op": "verify", "credential": json.loads(one), "now": "2026-11-20T10:00:00Z"})
        + "\n"
        for one in (credential, forged)
    )
    done = subprocess.run(
        ["node", "verify.mjs"],
        cwd=INTEROP,
        input=asked,
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
    assert [answer["verified"] for answer in answers] == [True, False]
