"""Making collections, showing them, handing them over signed."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse
from wtforms.fields.choices import SelectChoice

from badges.awards import checks
from badges.awards.desk import settings, signer
from badges.awards.publishing import own_documents
from badges.backpack.queries import list_kept
from badges.backpack.sharing import mail_address
from badges.collections import presenting, queries, rules
from badges.collections.forms import CollectionForm
from badges.collections.models import Collection
from badges.designs.negotiation import json_asked
from badges.engine.presentations import PresentationReport, verify_presentation
from badges.verification.fetching import Fetcher
from badges.verification.presentations import describe_member, verdict
from badges.verification.remembering import Memory, Remembering
from badges.verification.turns import Turn
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.web.access import current_person, current_person_or_none, public, signed_in
from tierslieu.web.doors import stand_behind
from tierslieu.web.formats import long_day
from tierslieu.web.written import Theirs, around

blueprint = Blueprint("collections", __name__)
VP = "application/vp"


@blueprint.route("/mes-badges/collections/nouvelle", methods=["GET", "POST"])
@signed_in
def create() -> str | BaseResponse | tuple[str, int]:
    """Put badges together under a title."""
    return _edit(None)


@blueprint.route("/mes-badges/collections/<uuid:collection_id>", methods=["GET", "POST"])
@signed_in
def edit(collection_id: UUID) -> str | BaseResponse | tuple[str, int]:
    """Change a collection, share it, sign it oneself, undo it."""
    return _edit(_own(collection_id))


def _own(collection_id: UUID) -> Collection:
    found = queries.find_own(db.session(), current_person().id, collection_id)
    if found is None:
        raise NotYours()
    return found


def _edit(collection: Collection | None) -> str | BaseResponse | tuple[str, int]:
    user_id, session = current_person().id, db.session()
    form = CollectionForm(obj=None)
    choices = [
        SelectChoice(
            str(award.id),
            around(
                _("%(badge)s, le %(day)s"),
                badge=Theirs(award.badge.name),
                day=long_day(award.awarded_at),
            ),
        )
        for award in queries.list_choosable(session, user_id)
    ]
    choices += [
        SelectChoice(
            str(kept.id),
            around(_("%(badge)s, par %(issuer)s"), badge=kept.name, issuer=kept.issuer_name),
        )
        for kept in list_kept(session, user_id)
        if kept.outcome != "invalid"
    ]
    inside = [str(m.award_id or m.kept_id) for m in collection.members] if collection else []
    # What is in it stands first, in its order; the rest after.
    choices.sort(key=lambda c: inside.index(c.value) if c.value in inside else len(inside))
    form.badges.choices = choices
    if request.method == "GET" and collection is not None:
        form.title.data, form.badges.data = collection.title, inside
    if form.validate_on_submit():
        try:
            saved = rules.save_collection(
                session,
                user_id,
                collection.id if collection else None,
                form.title.data or "",
                _ids(form.badges.data or []),
                now=clock.now(),
            )
            saved_id = saved.id
            db.session.commit()
        except NotYours:
            raise
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            flash(_("Votre collection est enregistrée."), "success")
            return redirect(url_for("collections.edit", collection_id=saved_id))
    page = render_template("collections/edit.html", form=form, **_about(collection))
    return (page, 422) if form.errors or form.form_errors else page


def _about(collection: Collection | None) -> dict[str, Any]:
    address = mail = None
    if collection is not None and collection.is_shared:
        address = f"{settings().base_url}/collections/{collection.id}"
        mail = mail_address(collection.title, address)
    return {
        "collection": collection,
        "address": address,
        "mail": mail,
        "keys": presenting.own_keys(collection) if collection else [],
    }


def _ids(values: list[str]) -> list[UUID]:
    try:
        return [UUID(value) for value in values]
    except ValueError:
        raise NotYours() from None


@blueprint.post("/mes-badges/collections/<uuid:collection_id>/partage")
@signed_in
def share(collection_id: UUID) -> BaseResponse:
    """Open its page to whoever has the address, or close it."""
    is_shared = request.form.get("shared") == "yes"
    rules.share_collection(db.session(), current_person().id, collection_id, is_shared=is_shared)
    db.session.commit()
    flash(
        _("Cette collection est partagée : donnez son adresse à qui vous voulez.")
        if is_shared
        else _("Cette collection est de nouveau privée."),
        "success",
    )
    return redirect(url_for("collections.edit", collection_id=collection_id))


@blueprint.post("/mes-badges/collections/<uuid:collection_id>/defaire")
@signed_in
def drop(collection_id: UUID) -> BaseResponse:
    """Undo it; the badges stay."""
    rules.drop_collection(db.session(), current_person().id, collection_id)
    db.session.commit()
    flash(_("Cette collection est défaite ; vos badges restent."), "success")
    return redirect(url_for("awards.backpack"))


@blueprint.post("/mes-badges/collections/<uuid:collection_id>/a-signer")
@signed_in
def to_sign(collection_id: UUID) -> Response:
    """For the page's script: what the keys in the holder's hands have to sign."""
    collection, dids = _own(collection_id), request.form.getlist("did")
    own = presenting.own_keys(collection)
    if not dids or any(did not in own for did in dids):
        raise NotYours()  # the page says it in words
    created = clock.now().replace(microsecond=0)
    occasion = presenting.read_occasion(
        request.form.get("challenge", "")[:500], request.form.get("domain", "")[:500], created
    )
    asked = presenting.list_to_sign(collection, signer().base_url, dids, occasion)
    body = {"created": created.isoformat(), "sign": [[one.did, one.data] for one in asked]}
    answer = Response(json.dumps(body), content_type="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/mes-badges/collections/<uuid:collection_id>/signee")
@signed_in
def signed(collection_id: UUID) -> Response:
    """The collection signed by its holder's own keys, for one occasion. Nothing is kept."""
    collection, form = _own(collection_id), request.form
    own = presenting.own_keys(collection)
    pairs = dict(zip(form.getlist("did"), form.getlist("signature"), strict=False))
    try:
        created = datetime.fromisoformat(form.get("created", ""))
    except ValueError:
        raise NotYours() from None
    if not pairs or created.tzinfo is None or any(did not in own for did in pairs):
        raise NotYours()
    occasion = presenting.read_occasion(
        form.get("challenge", "")[:500], form.get("domain", "")[:500], created
    )
    text = presenting.attach_signatures(collection, signer().base_url, pairs, occasion)
    return _file(text)


def _file(text: str, kind: str = "attachment", media_type: str = "application/json") -> Response:
    answer = Response(text, content_type=media_type)
    answer.headers["Content-Disposition"] = f'{kind}; filename="collection.json"'
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Vary"] = "Accept, Cookie"
    return answer


@blueprint.get("/collections/<uuid:collection_id>")
@public
def show(collection_id: UUID) -> str | Response:
    """A collection: every badge verified now; or the signed presentation for machines."""
    if json_asked() or request.accept_mimetypes.best_match(["text/html", VP]) == VP:
        return as_json(collection_id)
    collection = _visible(collection_id)
    own_id = signer().did
    text = presenting.present(db.session(), settings(), collection)
    title, is_shared = collection.title, collection.is_shared
    person = current_person_or_none()
    is_own = person is not None and person.id == collection.user_id
    if is_own:
        stand_behind("/mes-badges")
    links = [
        f"/credentials/{m.award_id}" if m.award and m.award.sharing.is_open else None
        for m in collection.members
    ]
    report = _verify(text)
    return render_template(
        "collections/show.html",
        title=title,
        is_shared=is_shared,
        is_own=is_own,
        collection_id=collection_id,
        report=report,
        sentence=verdict(report),
        lines=[checks.line(check) for check in report.checks],
        members=[describe_member(found, settings().base_url, own_id) for found in report.members],
        links=links,
    )


@blueprint.get("/collections/<uuid:collection_id>.json")
@public
def as_json(collection_id: UUID) -> Response:
    """The signed presentation."""
    kind = "attachment" if "telecharger" in request.args else "inline"
    collection = _visible(collection_id)
    signer()  # a sentence where nothing can be signed
    text = presenting.present(db.session(), settings(), collection)
    return _file(text, kind, json_asked() or "application/json")


def _visible(collection_id: UUID) -> Collection:
    found = queries.find_page_for(db.session(), current_person_or_none(), collection_id)
    if found is None or not found.members:
        raise NotYours()
    return found


def _verify(text: str) -> PresentationReport:
    """As a stranger would; addresses elsewhere are fetched with no transaction open, and not
    again for some minutes, however often the page is opened."""
    session = db.session()
    own = own_documents(session, settings())
    memory: Memory = current_app.extensions.setdefault("tierslieu.fetched", Memory())
    turn = Turn()

    def leave() -> None:
        session.rollback()
        turn.take()

    fetch = Remembering(
        memory, own, Fetcher(own, before_leaving=leave), before_leaving=session.rollback
    )
    try:
        return verify_presentation(text, fetch=fetch, now=clock.now())
    finally:
        turn.end()
