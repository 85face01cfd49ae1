"""What a page shows once is made once, however often the page is loaded: a code of invitation, the
key of a program, an offer to a wallet, codes for a rainy day."""

from __future__ import annotations

import base64
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from badges.awards.keys import load_signer, open_keys
from badges.wallets.models import WalletOffer
from tests.support.badges import make_award, settings_here
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import plain, text_of
from tierslieu import clock
from tierslieu.people.entry.models import EntryInvitation
from tierslieu.people.models import User
from tierslieu.tokens.models import AccessToken

ENTRY = "/administration/inscriptions"
CODES = "/compte/codes-de-secours"
KEY = {"name": "export du lundi", "scopes": ["sessions:read"], "days": "30"}


def ask_code(client: LookingClient) -> str:
    """Make a code; where it is shown."""
    until = (clock.now() + timedelta(days=9)).date().isoformat()
    data = {"code-label": "La 2nde B", "code-most_uses": "20", "code-last": until}
    answer = client.post(f"{ENTRY}/code", data=data)
    assert answer.status_code == 302
    return answer.location


@pytest.mark.both_databases
def test_a_code_of_invitation_is_shown_after_its_form_and_its_page_makes_no_other(
    db: Session, client: LookingClient, make: Factory
) -> None:
    client.sign_in(make.user("administrator"))
    where = ask_code(client)
    answer = client.get(where)
    code = re.search(r"\b(?:[A-Z2-9]{4}-){2}[A-Z2-9]{4}\b", answer.text)
    assert code is not None
    assert code[0] not in where
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.application.test_client().get(f"/invitation/{code[0]}").status_code == 200
    again = client.get(where, follow_redirects=True)
    assert code[0] not in again.text
    assert "Un code n’est montré qu’une fois" in again.text
    assert db.scalar(select(func.count()).select_from(EntryInvitation)) == 1


def test_on_its_way_a_secret_is_in_no_address_and_sealed_in_the_browser(
    client: LookingClient, make: Factory
) -> None:
    client.sign_in(make.user())
    answer = client.post("/compte/cles", data=KEY)
    with client.session_transaction() as session:
        carried = str(dict(session))
    assert "once_access_key" in carried
    secret = re.search(r"tl_[0-9a-f]{64}", client.get(answer.location).text)
    assert secret is not None
    assert secret[0] not in carried + str(answer.headers)
    for piece in re.findall(r"[\w-]{60,}", carried):
        assert secret[0].encode() not in base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4))


def test_a_secret_is_shown_to_who_made_it_and_for_ten_minutes(
    client: LookingClient, make: Factory
) -> None:
    chief = make.user("administrator")
    client.sign_in(chief)
    where, now = ask_code(client), clock.now()
    with clock.fixed_at(now + timedelta(minutes=11)):
        assert client.get(where).location == ENTRY
    where = ask_code(client)
    with client.session_transaction() as session:
        sealed = session["once_invitation_code"]
    client.sign_in(make.user("administrator"))
    with client.session_transaction() as session:
        session["once_invitation_code"] = sealed
    assert client.get(where).location == ENTRY


def test_the_page_of_a_new_key_makes_no_other(
    db: Session, client: LookingClient, make: Factory
) -> None:
    client.sign_in(make.user())
    where = client.post("/compte/cles", data=KEY).location
    assert "tl_" in client.get(where).text
    assert client.get(where).location == "/compte/cles"
    assert db.scalar(select(func.count()).select_from(AccessToken)) == 1


def test_the_offer_that_a_wallet_was_shown_still_stands_after_the_page_was_loaded_anew(
    db: Session, client: LookingClient, make: Factory
) -> None:
    ada = make.user()
    open_keys(db, settings_here(), clock.now(), ("Ed25519",))
    award = make_award(db, ada, make.user("facilitator"), load_signer(db, settings_here()))
    client.sign_in(ada)
    where = client.post(f"/mes-badges/{award.id}/portefeuille").location
    assert "openid-credential-offer:" in client.get(where).text
    offer = db.scalars(select(WalletOffer.id)).one()
    page = text_of(client.get(where, follow_redirects=True))
    assert "Ces chiffres et ce code ne sont montrés qu’une fois" in plain(page)
    db.rollback()
    assert db.scalars(select(WalletOffer.id)).one() == offer


def test_codes_for_a_rainy_day_that_were_written_down_still_serve_after_the_page_was_loaded_anew(
    app: Flask, db: Session, client: LookingClient, make: Factory
) -> None:
    person = make.user()
    client.sign_in(person)
    answer = client.post(CODES, data={"generate_new_codes": "1"})
    assert answer.location == f"{CODES}?show_codes=1"
    written = re.findall(r'<code class="secret">([^<]+)', client.get(answer.location).text)
    assert written
    kept = db.get_one(User, person.id, populate_existing=True).mf_recovery_codes
    assert re.findall(r'<code class="secret">([^<]+)', client.get(answer.location).text) == written
    assert db.get_one(User, person.id, populate_existing=True).mf_recovery_codes == kept
