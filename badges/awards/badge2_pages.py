"""Open Badges 2.0, for the machines that read only that: the addresses of ``badge2``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, request
from flask_babel import gettext as _

from badges.awards import badge2, files, queries
from badges.awards.desk import blueprint, settings, signer
from badges.awards.keys import KeyUnreadable
from badges.awards.models import Award, Sharing
from badges.engine.errors import FetchGone
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.web.access import current_person_or_none, public

KEPT = 300  # seconds what is published may be kept by others


@blueprint.get("/badges/issuer.ob2.json", endpoint="badge2_profile")
@blueprint.get("/badges/revoked.ob2.json", endpoint="badge2_revoked")
@blueprint.get("/badges/<slug>.ob2.json", endpoint="badge2_class")
@blueprint.get("/badges/keys/<name>.ob2.json", endpoint="badge2_key")
@public
def badge2_document(**_parts: str) -> Response:
    """The issuer, its keys, its badge classes, and which signed badges were withdrawn."""
    try:
        document = badge2.find(db.session(), settings(), request.path)
    except (KeyUnreadable, badge2.NoContact) as error:
        raise _not_now() from error
    if document is None:
        raise NotYours()
    return _answer(document)


@blueprint.get("/credentials/<uuid:award_id>.ob2.json")
@public
def badge2_hosted(award_id: UUID) -> Response:
    """An award as its holder shares it; 410 once it was withdrawn."""
    try:
        document = badge2.find(db.session(), settings(), request.path)
    except FetchGone as gone:
        answer = Response(gone.body, 410, content_type=badge2.MEDIA_TYPE)
        answer.headers["Access-Control-Allow-Origin"] = "*"
        return answer
    if document is None:
        raise NotYours()
    return _answer(document)


@blueprint.get("/credentials/<uuid:award_id>.ob2.<any(jws, png, svg):form>")
@public
def badge2_file(award_id: UUID, form: str) -> Response:
    """An award signed by itself, or inside its picture."""
    award = queries.find_file_for(db.session(), current_person_or_none(), award_id)
    if award is None:
        raise NotYours()
    made = _make(award, form)
    answer = Response(made.data, content_type=made.media_type)
    kind = "attachment" if "telecharger" in request.args else "inline"
    answer.headers["Content-Disposition"] = f'{kind}; filename="{made.filename}"'
    answer.headers["Vary"] = "Cookie"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _make(award: Award, form: str) -> files.File:
    """Pictures carry the hosted form while the badge is shared: every reader knows it, and it
    survives a change of key. A private badge has no address to be found at: it is signed."""
    token = badge2.sign(db.session(), award, signer("RSA"))
    if form == "jws":
        return files.File(token.encode(), badge2.SIGNED_TYPE, files.name(award, "ob2.jws"))
    if award.sharing is Sharing.PRIVATE:
        return files.make_badge2_picture(award, form, token)
    identity = queries.find_identity(db.session())
    base = identity.base_url if identity else settings().base_url
    text = json.dumps(badge2.hosted(award, base), ensure_ascii=False)
    return files.make_badge2_picture(award, form, text, badge2.hosted_address(base, award.id))


def _not_now() -> Refused:
    return Refused(
        _("Le lieu ne publie pas ses badges dans cet ancien format pour le moment."),
        code="badge2_unavailable",
        status=503,
    )


def _answer(document: Mapping[str, Any]) -> Response:
    answer = Response(json.dumps(document, ensure_ascii=False), content_type=badge2.MEDIA_TYPE)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = f"public, max-age={KEPT}"
    return answer
