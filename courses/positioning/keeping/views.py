"""What somebody kept: their own pages of it. They belong to them."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from courses.positioning import rules, words
from courses.positioning.desk import blueprint
from courses.positioning.models import KeptAnswers
from courses.positioning.queries import find_kept, list_kept
from courses.positioning.showing import result_page
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.web.access import current_person, signed_in


def _own(kept_id: UUID) -> KeptAnswers:
    found = find_kept(db.session(), current_person().id, kept_id)
    if found is None:
        raise NotYours
    return found


@blueprint.get("/mes-positionnements")
@signed_in
def mine() -> str:
    """All that one kept, the latest first."""
    return render_template(
        "positioning/mine.html",
        kept=list_kept(db.session(), current_person().id),
        years=rules.KEPT_FOR.days // 365,
        words=words,
    )


@blueprint.get("/mes-positionnements/<uuid:kept_id>")
@signed_in
def kept(kept_id: UUID) -> str:
    """What one answered, and what it proposes now."""
    found = _own(kept_id)
    return result_page(found.path, found.version, rules.answers_in(found), kept=found)


@blueprint.post("/mes-positionnements/<uuid:kept_id>/<any(montrer, cacher):act>")
@signed_in
def share(kept_id: UUID, act: str) -> BaseResponse:
    """Show one's answers to the team, or no longer."""
    is_shared = act == "montrer"
    rules.share_answers(
        db.session(), current_person().id, kept_id, is_shared=is_shared, now=clock.now()
    )
    db.session.commit()
    flash(
        _("L’équipe peut lire ces réponses, jusqu’à ce que vous les lui cachiez.")
        if is_shared
        else _("L’équipe ne lit plus ces réponses."),
        "success",
    )
    return redirect(url_for(".kept", kept_id=kept_id))


@blueprint.post("/mes-positionnements/<uuid:kept_id>/supprimer")
@signed_in
def remove(kept_id: UUID) -> BaseResponse:
    """Away with one's answers."""
    rules.delete_answers(db.session(), current_person().id, kept_id)
    db.session.commit()
    flash(_("Vos réponses sont effacées."), "success")
    return redirect(url_for(".mine"))
