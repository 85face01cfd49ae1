"""Offering a badge to a wallet; the addresses that wallets speak to."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, json, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response as BaseResponse

from badges.awards.certificates import draw_qr
from badges.awards.desk import settings, signer
from badges.awards.keys import KeyUnreadable
from badges.awards.queries import find_identity, find_own_award, get_award
from badges.awards.rules import publish_status_list
from badges.awards.tokens import sign_award_token
from badges.wallets import protocol, rules
from badges.wallets.rules import Declined
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.place.showing import the_place
from tierslieu.web import shown_once
from tierslieu.web.access import current_person, public, signed_in
from tierslieu.web.headers import answer_secretly

blueprint = Blueprint("wallets", __name__)
NONCE_SECONDS = 300
OFFERED = "wallet_offer"  # as it is handed to the page that shows it
#: What wallets that live in a browser may read from another site: no cookie comes with it.
_OPEN = frozenset(
    f"wallets.{name}" for name in ("offer", "issuer", "server", "token", "nonce", "credential")
)


@blueprint.record_once
def _without_token(state: BlueprintSetupState) -> None:
    # Wallets have no session and no form: a code, digits and a bearer token stand for the person.
    for view in (token, nonce, credential):
        state.app.extensions["csrf"].exempt(view)


@blueprint.after_request
def _may_be_read(response: Response) -> Response:
    if request.endpoint in _OPEN:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        response.headers["Cache-Control"] = "no-store"
    return response


def _base_url() -> str:
    identity = find_identity(db.session())
    return identity.base_url if identity else settings().base_url


@blueprint.post("/mes-badges/<uuid:award_id>/portefeuille")
@signed_in
def give(award_id: UUID) -> BaseResponse:
    """Offer it to a wallet; the page it leads to shows how to take it, once."""
    person = current_person()
    award = find_own_award(db.session(), person, award_id)
    if award is None:
        raise NotYours()
    try:
        made = rules.offer_badge(
            db.session(),
            award_id,
            person,
            with_name=request.form.get("with_name") == "yes",
            now=clock.now(),
        )
        shown_once.hand_over(OFFERED, secret=made.secret, pin=made.pin, award=str(award_id))
        db.session.commit()
    except NotYours:
        raise
    except Refused as refused:
        db.session.rollback()
        flash(refused.message, "error")
        return redirect(url_for("backpack.badge", award_id=award_id))
    return redirect(url_for("wallets.offered", award_id=award_id))


@blueprint.get("/mes-badges/<uuid:award_id>/portefeuille")
@signed_in
def offered(award_id: UUID) -> Response | BaseResponse:
    """The offer just made: a code to scan, a link to open, six digits to type."""
    award = find_own_award(db.session(), current_person(), award_id)
    if award is None:
        raise NotYours()
    words = shown_once.take(OFFERED)
    if words is None or words["award"] != str(award_id):
        flash(
            _("Ces chiffres et ce code ne sont montrés qu’une fois : faites une autre offre."),
            "info",
        )
        return redirect(url_for("backpack.badge", award_id=award_id))
    link = protocol.offer_link(_base_url(), words["secret"])
    page = render_template(
        "wallets/offer.html",
        award=award,
        link=link,
        pin=words["pin"],
        code=draw_qr(link).svg_data_uri(dark="#1b2433", light="#ffffff", border=3),
        minutes=int(rules.VALIDITY.total_seconds() // 60),
        is_https=settings().is_https,
    )
    return answer_secretly(page)


@blueprint.get("/portefeuille/offres/<secret>")
@public
def offer(secret: str) -> Response:
    """What is offered, for the wallet that holds the address."""
    if rules.find_offer(db.session(), rules.code_of(secret), clock.now()) is None:
        raise NotYours()
    return _json(protocol.offer_document(_base_url(), secret))


@blueprint.get("/.well-known/openid-credential-issuer")
@public
def issuer() -> Response:
    """Who issues, and where."""
    return _json(protocol.issuer_metadata(_base_url(), the_place().name))


@blueprint.get("/.well-known/oauth-authorization-server")
@public
def server() -> Response:
    """Where tokens are given."""
    return _json(protocol.server_metadata(_base_url()))


@blueprint.post("/portefeuille/jeton")
@public
def token() -> Response:
    """A token for an offer's code and its holder's digits."""
    form = request.form
    if form.get("grant_type") != protocol.GRANT:
        return _error("unsupported_grant_type", "only pre-authorised codes are taken")
    if not form.get("pre-authorized_code") or not form.get("tx_code"):
        return _error("invalid_request", "the code or the digits are missing")
    granted, why = rules.exchange_code(
        db.session(), form["pre-authorized_code"][:200], form["tx_code"][:20], now=clock.now()
    )
    db.session.commit()
    if granted is None:
        return _error("invalid_grant", why)
    seconds = int(rules.VALIDITY.total_seconds())
    return _json({"access_token": granted, "token_type": "Bearer", "expires_in": seconds})


def _nonces() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key, salt="wallet nonce")


@blueprint.post("/portefeuille/nonce")
@public
def nonce() -> Response:
    """Something fresh for a proof to hold."""
    return _json({"c_nonce": _nonces().dumps(secrets.token_urlsafe(12))})


@blueprint.post("/portefeuille/badge")
@public
def credential() -> Response:
    """The badge, signed for the key that the wallet proves to hold."""
    session, now = db.session(), clock.now()
    kind, _space, bearer = request.headers.get("Authorization", "").partition(" ")
    try:
        if kind.lower() != "bearer" or not bearer:
            raise Declined("invalid_token", "a bearer token is needed")
        granted = rules.find_granted(session, bearer.strip()[:200], now)
        offer_id, former = granted.id, _list_of(granted.award_id)
        asked, proof = protocol.read_request(request.get_json(silent=True))
        key, given = protocol.read_proof(proof, _base_url(), now)
        _check_nonce(given)
        award = rules.hand_over(session, offer_id, key, signer(), now=now)
        session.commit()
        text = award.credential
        if asked == protocol.JWT:
            text = sign_award_token(signer("P-256"), award)
    except Declined as declined:
        session.rollback()
        status = 401 if declined.error == "invalid_token" else 400
        return _error(declined.error, declined.description, status)
    except Refused as refused:
        session.rollback()
        return _error("credential_request_denied", refused.code)
    _publish(former)
    return _json(protocol.credential_response(text, asked))


def _list_of(award_id: UUID) -> int:
    award = get_award(db.session(), award_id)
    if award is None:
        raise Declined("credential_request_denied", "the badge is gone")
    return award.status_list_id


def _check_nonce(given: str) -> None:
    try:
        _nonces().loads(given, max_age=NONCE_SECONDS)
    except BadData as error:
        raise Declined("invalid_nonce", "the nonce is not one of ours, or is over") from error


def _publish(list_id: int) -> None:
    try:
        publish_status_list(db.session(), list_id, settings())
        db.session.commit()
    except KeyUnreadable:
        db.session.rollback()  # signed when it is asked for


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


def _error(error: str, description: str, status: int = 400) -> Response:
    answer = _json({"error": error, "error_description": description}, status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = f'Bearer error="{error}"'
    return answer
