"""Who runs the place suspends, reopens, signs out, invites and joins accounts; each is told and
written down."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import last_mail, outbox, sign_in, with_password
from tests.support.tokens import bearing, make_secret
from tierslieu.logbook.models import LogEntry
from tierslieu.people.models import AccountSuspension, User
from tierslieu.people.queries import find_user

pytestmark = pytest.mark.both_databases
LIST = "/administration/personnes"


def acts(db: Session) -> list[str]:
    db.rollback()
    return list(db.scalars(select(LogEntry.act).order_by(LogEntry.number)))


def test_a_suspended_account_opens_to_nobody_and_its_person_reads_why(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = with_password(make, name="Nadia Suspendue")
    secret = make_secret(db, user, "bookings:write")
    theirs = client.application.test_client()
    theirs.sign_in(user)  # type: ignore[attr-defined]
    assert theirs.get("/compte").status_code == 200
    client.sign_in(make.user("administrator"))
    page = f"{LIST}/{user.id}"
    assert client.post(f"{page}/suspendre", data={"reason": "  "}).status_code == 422
    assert outbox(db)[-1].template != "people_suspended"
    answer = client.post(
        f"{page}/suspendre", data={"reason": "Messages\nblessants"}, follow_redirects=True
    )
    assert "Rouvrir le compte" in answer.text
    assert "Messages blessants" in answer.text
    mail = last_mail(db)
    assert (mail.template, mail.recipient) == ("people_suspended", user.email)
    assert mail.context["reason"] == "Messages blessants"
    assert theirs.get("/compte").status_code == 302
    answer = sign_in(theirs, user.email)
    assert "/login" in str(answer.location) or answer.status_code == 422
    assert theirs.get("/compte").status_code == 302
    api = client.application.test_client()
    assert api.get("/api/v1/bookings", headers=bearing(secret)).status_code == 401
    assert acts(db)[-1] == "account_suspended"
    assert "Suspendu" in client.get(LIST).text


def test_reopening_undoes_it_and_is_told(db: Session, make: Factory, client: LookingClient) -> None:
    user = with_password(make)
    client.sign_in(make.user("administrator"))
    page = f"{LIST}/{user.id}"
    client.post(f"{page}/suspendre", data={"reason": "Une erreur"})
    client.post(f"{page}/rouvrir")
    assert last_mail(db).template == "people_reopened"
    assert db.scalar(select(AccountSuspension)) is None
    theirs = client.application.test_client()
    sign_in(theirs, user.email)
    assert theirs.get("/compte").status_code == 200
    assert acts(db) == ["account_suspended", "account_reopened"]
    answer = client.post(f"{page}/rouvrir", follow_redirects=True)
    assert "n’est pas suspendu" in answer.text
    assert acts(db)[-1] == "account_reopened"


def test_nobody_suspends_themselves_or_the_last_administrator(
    db: Session, make: Factory, client: LookingClient
) -> None:
    chief, other = make.user("administrator"), make.user("administrator")
    client.sign_in(chief)
    own = client.post(f"{LIST}/{chief.id}/suspendre", data={"reason": "Moi"})
    assert own.status_code == 409
    client.post(f"{LIST}/{other.id}/suspendre", data={"reason": "Départ"})
    assert not db.get_one(User, other.id, populate_existing=True).active
    db.rollback()
    from tierslieu import clock
    from tierslieu.errors import Refused
    from tierslieu.people.suspending import suspend_account

    with pytest.raises(Refused) as refused:
        suspend_account(db, chief.id, "Prise du lieu", actor_id=other.id, now=clock.now())
    assert refused.value.code == "last_administrator"
    db.rollback()
    assert acts(db) == ["account_suspended"]


def test_sessions_are_ended_everywhere(db: Session, make: Factory, client: LookingClient) -> None:
    user = make.user()
    theirs = client.application.test_client()
    theirs.sign_in(user)  # type: ignore[attr-defined]
    client.sign_in(make.user("administrator"))
    client.post(f"{LIST}/{user.id}/deconnecter")
    assert theirs.get("/compte").status_code == 302
    assert acts(db) == ["sessions_ended"]


def test_the_confirmation_is_sent_again_to_who_waits_for_it_only(
    db: Session, make: Factory, client: LookingClient
) -> None:
    waiting, known = make.user(confirmed_at=None), make.user()
    client.sign_in(make.user("administrator"))
    assert "Renvoyer le mail" in client.get(f"{LIST}/{waiting.id}").text
    client.post(f"{LIST}/{waiting.id}/confirmation")
    assert last_mail(db).recipient == waiting.email
    assert last_mail(db).template == "security_confirmation_instructions"
    client.post(f"{LIST}/{known.id}/confirmation")
    assert last_mail(db).recipient == waiting.email
    assert acts(db) == ["confirmation_sent"]


def test_somebody_is_invited_and_enters_by_a_link_that_proves_the_address(
    db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("administrator"))
    data = {"name": "Iris Neuve", "email": "IRIS@example.org", "roles": ["learner", "facilitator"]}
    answer = client.post(f"{LIST}/inviter", data=data, follow_redirects=True)
    assert "Iris Neuve" in answer.text
    assert last_mail(db).template == "people_invited"
    made = find_user(db, "iris@example.org")
    assert made is not None
    assert made.confirmed_at is None
    assert acts(db) == ["account_made", "role_given", "role_given"]
    theirs = client.application.test_client()
    theirs.post("/connexion-par-mail/envoi", data={"identity": "iris@example.org"})
    mail = last_mail(db)
    assert mail.template == "security_us_instructions"
    code = mail.context["code"]
    theirs.post("/connexion-par-mail", data={"identity": "iris@example.org", "passcode": code})
    led = theirs.get("/compte")
    assert led.status_code == 302, "in, and led to what the role asks for before anything else"
    assert theirs.get(led.location).status_code == 200
    assert "/login" not in led.location
    assert db.get_one(User, made.id, populate_existing=True).confirmed_at is not None
    answer = client.post(f"{LIST}/inviter", data=data)
    assert answer.status_code == 422
    assert "existe déjà" in answer.text


@pytest.mark.parametrize(
    "data", [{"name": "", "email": "a@example.org"}, {"name": "A", "email": "non"}]
)
def test_an_invitation_without_a_name_or_an_address_opens_nothing(
    db: Session, make: Factory, client: LookingClient, data: dict[str, str]
) -> None:
    client.sign_in(make.user("administrator"))
    assert client.post(f"{LIST}/inviter", data=data).status_code == 422
    assert acts(db) == []


def test_two_accounts_are_shown_before_they_are_joined(
    db: Session, make: Factory, client: LookingClient
) -> None:
    chief = make.user("administrator")
    kept, gone = make.user(name="Zoé Gardée"), make.user("facilitator", name="Zoé Double")
    client.sign_in(chief)
    page = f"{LIST}/{kept.id}/reunir"
    assert client.post(page, data={"email": "personne@example.org"}).status_code == 422
    assert client.post(page, data={"email": kept.email}).status_code == 422
    assert client.post(page, data={"email": chief.email}).status_code == 409
    shown = client.post(page, data={"email": gone.email})
    assert "Zoé Double" in shown.text
    assert acts(db) == []
    client.post(page, data={"email": gone.email, "sure": str(gone.id)})
    assert acts(db) == ["accounts_joined"]
    db.expire_all()
    assert not db.get_one(User, gone.id).active
    assert db.get_one(User, kept.id).holds("facilitator")
    assert "Ce compte est fermé" in client.get(f"{LIST}/{gone.id}").text


def test_the_page_of_a_person_says_coarsely_when_they_were_here(
    make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("administrator"))
    assert "aucune trace" in client.get(f"{LIST}/{make.user().id}").text
