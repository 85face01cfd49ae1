"""Certificates in number: asked for on the page of who holds a badge, fetched by who asked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response as Answer
from flask import current_app, render_template, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from badges.awards.certificate_words import read_language
from badges.awards.desk import blueprint, settings
from badges.awards.pages import send_certificate
from badges.awards.papers import jobs, queries, rules
from badges.awards.papers.folder import zip_file
from badges.awards.papers.forms import PapersForm
from badges.awards.papers.models import PaperBatch, PaperLineState, PaperState
from badges.designs.models import BadgeClass
from badges.designs.queries import find_badge
from tierslieu import clock, counting
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person, roles
from tierslieu.web.sending import send_kept


def papers_of(badge: BadgeClass) -> dict[str, Any]:
    """What the page of who holds a badge says of certificates in number."""
    session = db.session()
    count, shared = queries.count_printable(session, badge.id)
    return {
        "form": PapersForm(),
        "count": count,
        "shared": shared,
        "most": counting.COUNTED,
        "asked": queries.list_papers_for(session, current_person().id, badge.id),
    }


@blueprint.get("/credentials/<uuid:award_id>/attestation.pdf")
@roles(FACILITATOR)
def paper(award_id: UUID) -> Answer:
    """One certificate for the team to hand over; without the signed file of a private badge."""
    return send_certificate(rules.find_to_print(db.session(), award_id), for_team=True)


@blueprint.post("/badges/<slug>/attestations")
@roles(FACILITATOR)
def print_papers(slug: str) -> Response:
    """Ask for every certificate of a badge; the worker draws them."""
    badge = find_badge(db.session(), slug, drafts=True)
    if badge is None:
        raise NotYours()
    form = PapersForm()
    language = read_language(form.language.data or "") if form.validate() else None
    if language is None:
        raise Refused(
            _("Choisissez le français ou l’anglais."), code="language_unknown", status=422
        )
    batch_id = rules.ask_papers(
        db.session(), badge.id, language, now=clock.now(), actor_id=current_person().id
    ).id
    db.session.commit()
    if not current_app.testing:
        current_app.extensions["tierslieu.wake"](jobs.NAME)
    return go_to(url_for("awards.papers", batch_id=batch_id))


def _batch(batch_id: UUID) -> PaperBatch:
    batch = queries.find_papers_for(db.session(), current_person().id, batch_id)
    if batch is None:
        raise NotYours()
    return batch


def _told(batch: PaperBatch) -> dict[str, Any]:
    counts = queries.count_papers(db.session(), batch.id)
    return {
        "batch": batch,
        "badge": batch.badge,
        "total": sum(counts.values()),
        "drawn": counts.get(PaperLineState.DRAWN, 0),
        "left_out": counts.get(PaperLineState.LEFT_OUT, 0),
        "is_running": batch.state is PaperState.RUNNING,
        "is_done": batch.state is PaperState.DONE,
        "until": batch.ended_at + rules.KEPT_FOR if batch.ended_at else None,
    }


@blueprint.get("/attestations/<uuid:batch_id>")
@roles(FACILITATOR)
def papers(batch_id: UUID) -> str:
    """How far the drawing is, then the file."""
    return render_template("awards/papers.html", **_told(_batch(batch_id)))


@blueprint.get("/attestations/<uuid:batch_id>/avancement")
@roles(FACILITATOR)
def papers_progress(batch_id: UUID) -> str:
    """How far it is: the part of the page that is asked for again and again."""
    return render_template("awards/_papers_progress.html", **_told(_batch(batch_id)))


@blueprint.get("/attestations/<uuid:batch_id>.zip")
@roles(FACILITATOR)
def papers_file(batch_id: UUID) -> Response:
    """The zip, for who asked for it."""
    batch = _batch(batch_id)
    is_true = batch.state is PaperState.DONE and rules.check_papers(db.session(), batch.id)
    slug = batch.badge.slug
    db.session.commit()
    try:
        file = settings().papers.open(zip_file(batch.id)) if is_true else None
    except FileNotFoundError:
        file = None
    if file is None:
        raise Refused(
            _(
                "Ce fichier n’est pas là : il n’est pas prêt, un jour a passé, ou un badge y a été "
                "retiré ou n’est plus partagé. Demandez de nouveau les attestations."
            ),
            code="papers_gone",
            status=410,
        )
    return send_kept(file, f"attestations-{slug}.zip", "application/zip", mark=str(batch_id))
