"""The pages: asking, the partner's link, what everybody sees."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from badges.awards.facts import Judgement
from badges.awards.keys import KeyUnreadable
from badges.awards.models import Award, AwardJudgement
from badges.designs.models import BadgeClass
from badges.endorsements import queries, rules, signing
from badges.endorsements.links import views as links
from badges.endorsements.models import Endorsement, EndorsementState
from badges.verification.fetching import Fetcher
from tests.support.badges import NOW, make_award, make_path_badge, open_badges, settings_here
from tests.support.client import LookingClient
from tests.support.endorsements import ask, give, own_signed, partner_document
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import User

FILLED = {
    "signer_name": "Dominique Œuvrard",
    "signer_role": "délégation à la formation",
    "organisation": "Rectorat (exemple)",
    "website": "https://rectorat.example/",
    "comment": "Nous le reconnaissons.",
    "months": "36",
    "may_speak": "y",
}


@pytest.fixture(autouse=True)
def today() -> Any:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def badge(db: Session) -> BadgeClass:
    open_badges(db)
    return make_path_badge(db)[0]


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator", name="Camille Roux")


@pytest.fixture
def award(db: Session, make: Factory, team: User) -> Award:
    return make_award(db, make.user(name="Ada Lovelace"), team, open_badges(db))


def words(page: str) -> str:
    """The text of a page, without its marks."""
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", page))


def read_of(page: str) -> str:
    """What the form says was read."""
    found = re.search(r'name="read"[^>]*value="([0-9a-f]{32})"', page)
    assert found
    return found[1]


def test_a_facilitator_asks_and_errors_stand_beside_their_fields(
    db: Session, client: LookingClient, badge: BadgeClass, team: User, make: Factory
) -> None:
    address = f"/badges/{badge.slug}/soutiens/demander"
    assert client.sign_in(make.user()).get(address).status_code == 403
    client.sign_in(team)
    assert "Demander un soutien" in client.get(f"/badges/{badge.slug}").text
    refused = client.post(address, data={"organisation": "", "email": "x"})
    assert refused.status_code == 422
    assert "Écrivez le nom de l’organisme" in refused.text
    filled = {"organisation": "Inria", "email": "x", "message": "<b>à lire</b>"}
    refused = client.post(address, data=filled)
    assert (refused.status_code, "incomplète ou mal écrite" in refused.text) == (422, True)
    assert "&lt;b&gt;à lire&lt;/b&gt;" in refused.text, "what was typed is still there"
    assert db.scalar(select(func.count()).select_from(Endorsement)) == 0
    sent = client.post(address, data={**filled, "email": "a@inria.example"}, follow_redirects=True)
    assert "La demande est partie par mail." in sent.text
    assert "a@inria.example" in sent.text
    client.sign_in(make.user())
    assert "a@inria.example" not in client.get(f"/badges/{badge.slug}").text


def test_the_link_shows_what_is_to_be_endorsed_and_is_told_to_nobody(
    db: Session, client: LookingClient, badge: BadgeClass, team: User
) -> None:
    asked = ask(db, badge, team)
    answer = client.get(f"/soutiens/{asked.secret}")
    for said in (badge.description, "terminé le parcours", "CRCN", "Rectorat (exemple)"):
        assert said in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "formation@rectorat.example" not in answer.text
    db.expire_all()
    assert asked.endorsement.state is EndorsementState.ASKED, "reading changes nothing"


def test_for_an_award_it_shows_what_its_file_says_and_nothing_kept(
    db: Session, client: LookingClient, award: Award
) -> None:
    kept = Judgement("Une raison gardée pour l’équipe.", False, "", False)
    award.judgements.append(
        AwardJudgement(
            position=0, statement="A su faire", reason=kept.reason, is_reason_public=False
        )
    )
    db.commit()
    holder = award.user
    assert holder is not None
    page = client.get(f"/soutiens/{ask(db, award, holder).secret}").text
    assert "Ada Lovelace" in page
    assert award.grounds[0][1:] in words(page)
    assert kept.reason not in page
    assert holder.email not in page


def test_a_preview_comes_before_the_signature_and_writes_nothing(
    db: Session, client: LookingClient, badge: BadgeClass, team: User
) -> None:
    asked = ask(db, badge, team)
    link = f"/soutiens/{asked.secret}"
    data = {**FILLED, "read": read_of(client.get(link).text), "comment": "<script>x</script>\r\nB"}
    preview = client.post(link, data={**data, "step": "preview"})
    assert preview.status_code == 200
    assert "Rien n’est encore fait." in preview.text
    assert "&lt;script&gt;x&lt;/script&gt;" in preview.text
    assert "adresse en @rectorat.example" in preview.text
    edit = client.post(link, data={**data, "step": "edit"})
    assert 'value="Dominique Œuvrard"' in edit.text
    db.expire_all()
    assert asked.endorsement.state is EndorsementState.ASKED
    done = client.post(link, data={**data, "step": "give"}, follow_redirects=True)
    assert "votre soutien est signé et publié" in done.text
    db.expire_all()
    given = asked.endorsement
    assert (given.state, given.comment) == (EndorsementState.GIVEN, "<script>x</script>\nB")
    document = json.loads(given.credential)
    assert document["credentialSubject"]["endorsementComment"] == given.comment
    page = client.get(f"/badges/{badge.slug}").text
    assert "&lt;script&gt;x" in page
    assert "<script>x" not in page
    assert "Dominique Œuvrard, délégation à la formation" in page
    assert "formation@rectorat.example" not in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"may_speak": ""}, "Cochez cette case"),
        ({"signer_name": " "}, "Écrivez votre nom."),
        ({"signer_role": ""}, "Écrivez votre fonction."),
        ({"organisation": ""}, "Écrivez le nom de votre organisme"),
        ({"comment": "x" * 1001}, "1\u202f000 caractères sont possibles"),
        ({"comment": "a\x00b"}, "caractère invisible"),
        ({"signer_name": "a\nb"}, "caractère invisible"),
        ({"months": "7"}, "Not a valid choice"),
        ({"website": "javascript:alert(1)"}, "n’est pas une adresse du Web"),
    ],
)
@pytest.mark.parametrize("step", ["preview", "give"])
def test_what_is_missing_or_wrong_is_said_and_nothing_written(
    db: Session,
    client: LookingClient,
    badge: BadgeClass,
    team: User,
    changes: dict[str, str],
    said: str,
    step: str,
) -> None:
    asked = ask(db, badge, team)
    link = f"/soutiens/{asked.secret}"
    data = {**FILLED, "read": read_of(client.get(link).text), "step": step, **changes}
    answer = client.post(link, data={k: v for k, v in data.items() if v != "" or k != "may_speak"})
    assert answer.status_code == 422
    if said != "Not a valid choice":
        assert said in answer.text
    db.expire_all()
    assert asked.endorsement.state is EndorsementState.ASKED


def test_a_badge_changed_while_it_was_read_is_read_again(
    db: Session, client: LookingClient, badge: BadgeClass, team: User
) -> None:
    link = f"/soutiens/{ask(db, badge, team).secret}"
    read = read_of(client.get(link).text)
    badge.description = "Tout autre chose."
    db.commit()
    for step in ("preview", "give"):
        answer = client.post(link, data={**FILLED, "read": read, "step": step})
        assert answer.status_code == 409
        assert "relisez-le" in answer.text
        assert "Tout autre chose." in answer.text
    again = read_of(answer.text)
    assert again != read
    assert client.post(link, data={**FILLED, "read": again, "step": "give"}).status_code == 302


def test_a_link_that_leads_nowhere_any_more_says_so(
    db: Session, client: LookingClient, badge: BadgeClass, team: User
) -> None:
    assert client.get("/soutiens/inconnu").status_code == 404
    asked = ask(db, badge, team)
    link = f"/soutiens/{asked.secret}"
    with clock.fixed_at(NOW + rules.ANSWER_WITHIN + timedelta(days=1)):
        late = client.get(link)
        assert (late.status_code, "peut la refaire" in late.text) == (410, True)
        assert client.post(link, data={**FILLED, "read": "x", "step": "give"}).status_code == 410
    client.sign_in(team)
    done = client.post(f"/demandes-de-soutien/{asked.endorsement.id}/annuler")
    assert done.status_code == 302
    assert client.get(link).status_code == 404


def test_declining_is_one_click_and_withdrawing_is_by_the_same_link(
    db: Session, client: LookingClient, badge: BadgeClass, team: User
) -> None:
    no, yes = ask(db, badge, team), ask(db, badge, team, email="deux@autre.example")
    declined = client.post(f"/soutiens/{no.secret}/decliner", follow_redirects=True)
    assert "Vous avez décliné" in declined.text
    give(db, yes)
    page = client.get(f"/soutiens/{yes.secret}").text
    assert "personne ne peut le défaire" in page
    done = client.post(f"/soutiens/{yes.secret}/retirer", follow_redirects=True)
    assert "Soutien retiré le 20\xa0novembre\xa02026" in done.text
    assert "Retirer mon soutien" not in done.text
    assert client.post(f"/soutiens/{yes.secret}/retirer").status_code == 404
    shown = words(client.get(f"/badges/{badge.slug}").text)
    assert "soutien retiré le 20\xa0novembre\xa02026" in shown
    assert "Nous reconnaissons" not in shown, "no longer as current"


def test_an_endorsement_with_the_partner_s_own_key_is_verified_on_the_spot(
    db: Session,
    client: LookingClient,
    badge: BadgeClass,
    team: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = "https://partenaire.example/.well-known/did.json"
    monkeypatch.setattr(
        links, "fetcher", lambda: Fetcher(lambda a: partner_document() if a == site else None)
    )
    asked = ask(db, badge, team)
    link, about = f"/soutiens/{asked.secret}", f"http://localhost/badges/{badge.slug}"
    page = client.get(link).text
    assert about in page
    data = {"read": read_of(page)}
    empty = client.post(f"{link}/fichier", data=data)
    assert (empty.status_code, "collez son texte" in empty.text) == (422, True)
    forged = own_signed(about).replace("approuvé", "adoré")
    refused = client.post(f"{link}/fichier", data={**data, "text": forged})
    assert (refused.status_code, "La signature n’est pas la bonne" in refused.text) == (422, True)
    db.expire_all()
    assert asked.endorsement.attempts == 1
    done = client.post(
        f"{link}/fichier", data={**data, "text": own_signed(about)}, follow_redirects=True
    )
    assert "votre soutien est signé et publié" in done.text
    shown = client.get(f"/badges/{badge.slug}").text
    assert "Signé avec sa propre clé (did:web:partenaire.example)" in shown
    assert "adresse en @rectorat.example" in shown, "where the link went stands beside"
    assert "INSPÉ (exemple)" in shown


def test_one_link_allows_a_few_files_only(
    db: Session,
    client: LookingClient,
    badge: BadgeClass,
    team: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "MOST_FILES", 1)
    asked = ask(db, badge, team)
    address, data = f"/soutiens/{asked.secret}/fichier", {"read": "x", "text": "{}"}
    assert [client.post(address, data=data).status_code for _ in range(2)] == [422, 429]


def test_a_holder_asks_for_their_own_award_and_for_no_other(
    db: Session, client: LookingClient, award: Award, team: User, make: Factory
) -> None:
    address = f"/mes-badges/{award.id}/soutien"
    for other in (team, make.user()):
        assert client.sign_in(other).get(address).status_code == 404
    holder = award.user
    assert holder is not None
    client.sign_in(holder)
    assert address in client.get(f"/credentials/{award.id}").text
    assert f"{rules.MOST_A_DAY_OF_A_HOLDER} au plus en une journée" in client.get(address).text
    sent = client.post(
        address, data={"organisation": "Collège", "email": "t@college.example"},
        follow_redirects=True,
    )  # fmt: skip
    assert "La demande est partie par mail." in sent.text
    assert "t@college.example" in sent.text
    (mail,) = db.scalars(select(OutboxMessage).where(OutboxMessage.template.contains("asked")))
    assert mail.recipient == "t@college.example"


def test_the_team_takes_off_a_wrong_endorsement_of_an_award_and_says_why(
    db: Session, client: LookingClient, award: Award, team: User
) -> None:
    holder = award.user
    assert holder is not None
    given = give(db, ask(db, award, holder))
    client.sign_in(holder)
    assert "Rectorat" in client.get(f"/credentials/{award.id}").text
    address = f"/soutiens-donnes/{given.id}/masquer"
    assert client.get(address).status_code == 403
    client.sign_in(team)
    assert address in client.get(f"/credentials/{award.id}").text
    assert client.post(address, data={"reason": " "}).status_code == 422
    assert client.post(address, data={"reason": "Usurpation."}).status_code == 302
    assert "Rectorat" not in client.get(f"/credentials/{award.id}").text
    assert client.get(address).status_code == 404


def test_without_a_key_an_award_is_not_signed_again_and_the_answer_can_be_given_later(
    db: Session, client: LookingClient, award: Award, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = award.user
    assert holder is not None
    asked = ask(db, award, holder)
    link = f"/soutiens/{asked.secret}"
    data = {**FILLED, "read": read_of(client.get(link).text), "step": "give"}

    def no_key(*args: Any) -> Any:
        raise KeyUnreadable("gone")

    with monkeypatch.context() as patch:
        patch.setattr("badges.awards.endorsing.load_award_signer", no_key)
        answer = client.post(link, data=data)
        assert (answer.status_code, "Réessayez" in answer.text) == (503, True)
    assert client.post(link, data=data).status_code == 302


def test_the_page_of_verification_names_who_endorses_and_what_their_name_is_worth(
    db: Session, client: LookingClient, award: Award
) -> None:
    holder = award.user
    assert holder is not None
    give(db, ask(db, award, holder))
    db.refresh(award)
    answer = words(client.post("/verifier", data={"text": award.credential}).text)
    assert "S’en portent aussi garants" not in answer, "nobody answers for that name"
    named = "Rectorat «\u202fexemple\u202f» (adresse en @rectorat.example)"
    said = f"se présente comme «\u202f {named} \u202f»\xa0: aucun site ne répond de ce nom"
    assert said in answer
    spoilt = award.credential.replace("Nous reconnaissons", "Nous adorons")
    assert "se présente comme" not in client.post("/verifier", data={"text": spoilt}).text


def test_the_secret_of_a_link_is_in_no_log(
    db: Session, client: LookingClient, badge: BadgeClass, team: User, app: Flask, caplog: Any
) -> None:
    asked = ask(db, badge, team)
    with caplog.at_level("DEBUG"):
        client.get(f"/soutiens/{asked.secret}")
        client.post(f"/soutiens/{asked.secret}", data={"step": "give"})
    assert asked.secret not in caplog.text
    assert queries.find_by_secret(db, asked.secret) is not None
    assert signing.about_id(db, settings_here(), asked.endorsement).endswith(badge.slug)
