"""The page of the link in the mail, for who has no account; and the backpack's open door."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from badges.awards.claims import queries, rules
from badges.awards.desk import blueprint
from badges.designs.words import skill_label, validity_label
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.people.models import User
from tierslieu.web.access import public
from tierslieu.web.headers import answer_secretly


@blueprint.get("/badge-en-attente/<token>")
@public
def waiting(token: str) -> Response:
    """A badge that waits: what it says, how to make it one's own, how to refuse it."""
    award = queries.find_by_token(db.session(), token)
    if award is None:
        raise NotYours(
            _(
                "Ce badge n’attend plus ici : il est déjà dans le compte de la personne, il a "
                "été refusé, ou l’équipe l’a retiré ou donné de nouveau."
            )
        )
    page = render_template(
        "awards/waiting.html",
        award=award,
        badge=award.badge,
        token=token,
        skills=[(skill_label(s), s.url) for s in award.badge.skills],
        validity=validity_label(award.badge),
        until=award.awarded_at + rules.KEPT_FOR,
        now=clock.now(),
    )
    return answer_secretly(page)


@blueprint.post("/badge-en-attente/<token>/refuser")
@public
def refuse(token: str) -> BaseResponse:
    """No, thank you: nothing of it stays but a number without a name."""
    rules.refuse_award(db.session(), token)
    db.session.commit()
    flash(
        _("Le badge est refusé : votre adresse, votre nom et le fichier signé sont effacés."),
        "success",
    )
    return redirect(url_for("home.index"))


def collect_waiting(person: User) -> None:
    """Put into this person's backpack what waits at their address; says so at the top."""
    user_id = person.id
    if not queries.list_waiting_for(db.session(), user_id):
        return
    count = len(rules.claim_awards(db.session(), user_id).awards)
    db.session.commit()
    if count:
        words = ngettext(
            "Un badge vous attendait : il est maintenant à vous.",
            "%(num)s badges vous attendaient : ils sont maintenant à vous.",
            count,
        )
        flash(words, "success")
