"""Giving a badge as the proof of a step; the issuers trusted and what their badges are worth."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from badges.backpack import rules as backpack
from badges.backpack.desk import verify_again
from badges.backpack.models import KeptBadge
from badges.backpack.queries import find_kept, list_kept
from badges.proofs import queries, rules
from badges.proofs.forms import IssuerForm, ProofForm, WorthForm
from badges.proofs.reading import Kind
from courses.progress.models import RecordState
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import ADMINISTRATOR, FACILITATOR
from tierslieu.people.queries import list_own_addresses
from tierslieu.web.access import current_person, roles, signed_in

blueprint = Blueprint("proofs", __name__)
Answer = str | Response | tuple[str, int]


def _own(kept_id: UUID) -> KeptBadge:
    found = find_kept(db.session(), current_person().id, kept_id)
    if found is None:
        raise NotYours
    return found


@blueprint.get("/mes-badges/preuves")
@signed_in
def choose() -> str:
    """One's badges from elsewhere, to choose the one that proves a step."""
    return render_template(
        "proofs/choose.html",
        kept=list_kept(db.session(), current_person().id),
        wanted=request.args.get("etape", "")[:100],
    )


@blueprint.route("/mes-badges/recus/<uuid:kept_id>/preuve", methods=["GET", "POST"])
@signed_in
def give(kept_id: UUID) -> Answer:
    """Prove a step with this badge: it is verified again first."""
    session, user_id = db.session(), current_person().id
    kept = _own(kept_id)
    form = ProofForm(queries.list_open_steps(session, user_id))
    if form.validate_on_submit():
        enrolment_id, step_id = (UUID(part) for part in form.step.data.split(":"))
        addresses = list_own_addresses(session, user_id)
        report = verify_again(kept.credential, addresses)
        try:
            backpack.note_check(db.session(), user_id, kept_id, report, now=clock.now())
            record = rules.give_badge(
                db.session(),
                _own(kept_id),
                report,
                addresses,
                enrolment_id=enrolment_id,
                step_id=step_id,
                now=clock.now(),
            )
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            db.session.commit()
            flash(
                _("L’étape est validée par ce badge.")
                if record.state is RecordState.VALIDATED
                else _("Badge reçu : quelqu’un de l’équipe le regarde et vous répond."),
                "success",
            )
            return redirect(url_for("progress.step", enrolment_id=enrolment_id, step_id=step_id))
    elif not form.is_submitted():
        form.step.data = request.args.get("etape", "")
    page = render_template("proofs/give.html", kept=_own(kept_id), form=form)
    return (page, 422) if form.errors else page


@blueprint.get("/badges/preuves")
@roles(FACILITATOR, ADMINISTRATOR)
def trust() -> str:
    """Whom the place trusts, what their badges are worth, and what people gave so far."""
    return _trust_page(IssuerForm())


def _trust_page(form: IssuerForm) -> str:
    session = db.session()
    steps = queries.list_provable_steps(session)
    return render_template(
        "proofs/trust.html",
        form=form,
        trusted=queries.list_trusted(session),
        met=queries.list_met_issuers(session),
        worths=queries.list_worths(session),
        classes=[
            (
                met,
                WorthForm(
                    steps,
                    formdata=None,
                    data={"issuer": met[0], "achievement": met[2], "name": met[3]},
                    prefix=f"b{number}",
                ),
            )
            for number, met in enumerate(queries.list_met_classes(session))
        ],
        titles={(path.id, step.key): step.title for path, step in steps},
    )


@blueprint.post("/badges/preuves/emetteurs")
@roles(FACILITATOR, ADMINISTRATOR)
def add_issuer() -> Answer:
    """Trust an issuer."""
    form = IssuerForm()
    if form.validate_on_submit():
        try:
            rules.trust_issuer(
                db.session(),
                form.issuer.data or "",
                form.name.data or "",
                now=clock.now(),
                actor_id=current_person().id,
            )
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            db.session.commit()
            flash(_("Ses badges authentiques compteront désormais d’eux-mêmes."), "success")
            return redirect(url_for("proofs.trust"))
    return _trust_page(form), 422


@blueprint.post("/badges/preuves/emetteurs/<uuid:issuer_id>/retirer")
@roles(FACILITATOR, ADMINISTRATOR)
def remove_issuer(issuer_id: UUID) -> Response:
    """Trust it no longer."""
    rules.distrust_issuer(db.session(), issuer_id)
    db.session.commit()
    flash(_("C’est noté. Ce qui a été validé le reste."), "success")
    return redirect(url_for("proofs.trust"))


@blueprint.post("/badges/preuves/valeurs/<prefix>")
@roles(FACILITATOR, ADMINISTRATOR)
def add_worth(prefix: str) -> Response:
    """Say which step such a badge is worth."""
    session = db.session()
    form = WorthForm(queries.list_provable_steps(session), prefix=prefix[:10])
    path_id, _colon, step_key = (form.step.data or "").partition(":")
    try:
        rules.set_worth(
            session,
            Kind(form.issuer.data or "", form.achievement.data or ""),
            form.name.data or "",
            UUID(path_id) if path_id.count("-") == 4 else UUID(int=0),
            step_key,
        )
    except (Refused, ValueError) as wrong:
        session.rollback()
        sentence = wrong.message if isinstance(wrong, Refused) else ""
        flash(sentence or _("Choisissez l’étape que ce badge valide."), "error")
    else:
        session.commit()
        flash(_("C’est noté : les prochains compteront ainsi."), "success")
    return redirect(url_for("proofs.trust"))


@blueprint.post("/badges/preuves/valeurs/<uuid:worth_id>/retirer")
@roles(FACILITATOR, ADMINISTRATOR)
def remove_worth(worth_id: UUID) -> Response:
    """It is worth nothing any more."""
    rules.drop_worth(db.session(), worth_id)
    db.session.commit()
    flash(_("C’est noté. Ce qui a été validé le reste."), "success")
    return redirect(url_for("proofs.trust"))
