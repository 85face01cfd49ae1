"""One's badges in hand: who sees each, its forms, the key it is bound to; those from elsewhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from badges.awards import checks, files, publishing, recipients
from badges.awards import queries as awards
from badges.awards.desk import house, settings, signer
from badges.awards.issuing import credential_address
from badges.awards.keys import KeyUnreadable
from badges.awards.models import Award, Sharing
from badges.awards.queries import find_identity
from badges.awards.rules import publish_status_list
from badges.backpack import binding, examining, queries, rules, sharing, takeaway
from badges.backpack.desk import bring_from, fetcher, verify_again
from badges.backpack.forms import BringForm, KeyForm, SharingForm
from badges.backpack.models import KeptBadge
from badges.designs.words import level_label, skill_label
from badges.verification.reading import find_address
from badges.verification.summary import summarise
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.house import AwardPanel
from tierslieu.people.queries import list_own_addresses
from tierslieu.web.access import current_person, current_person_or_none, public, signed_in
from tierslieu.web.doors import stand_behind
from tierslieu.web.panels import render_cards

blueprint = Blueprint("backpack", __name__)


def _own(award_id: UUID) -> Award:
    award = awards.find_own_award(db.session(), current_person(), award_id)
    if award is None or not award.credential:
        raise NotYours()
    return award


@blueprint.get("/mes-badges/<uuid:award_id>")
@signed_in
def badge(award_id: UUID) -> str:
    """All one can do with one badge."""
    award = _own(award_id)
    return _page(award, SharingForm(sharing=award.sharing.value), KeyForm())


def _page(award: Award, form: SharingForm, key_form: KeyForm) -> str:
    person = current_person()
    page = files.public_address(award, settings())
    own_page = awards.find_holder_page(db.session(), person.id)
    return render_template(
        "backpack/badge.html",
        award=award,
        badge=award.badge,
        level_label=level_label,
        form=form,
        key_form=key_form,
        page=page,
        is_public=award.sharing is Sharing.PUBLIC,
        own_page=own_page,
        linkedin=sharing.linkedin_address(award, page) if page else None,
        mail=sharing.mail_address(award.badge.name, page) if page else None,
        forms=sharing.list_forms(award),
        named=recipients.read_recipient(award),
        is_for_account=recipients.is_for(award, [person.email]),
        email=person.email,
        statement=binding.statement(_address(award)).decode(),
        address=_address(award),
        panels=render_cards(
            card
            for offer in house().all(AwardPanel)
            for card in offer.build(db.session(), award.id, person.id, clock.now())
        ),
        now=clock.now(),
    )


def _address(award: Award) -> str:
    identity = find_identity(db.session())
    base_url = identity.base_url if identity else settings().base_url
    return credential_address(base_url, award.id)


@blueprint.get("/mes-badges/tout.zip")
@signed_in
def take_all() -> Response:
    """Everything one holds, the badges kept from elsewhere included."""
    user_id = current_person().id
    packed = takeaway.pack(
        awards.list_awards(db.session(), user_id),
        queries.list_kept(db.session(), user_id),
        settings().uploads,
    )
    return send_file(
        packed, "application/zip", as_attachment=True, download_name="mes-badges.zip", etag=False
    )


@blueprint.post("/mes-badges/<uuid:award_id>/visibilite")
@signed_in
def show_to(award_id: UUID) -> BaseResponse:
    """Choose who sees it."""
    form = SharingForm()
    if not form.validate():
        raise NotYours()
    chosen = Sharing(form.sharing.data)
    try:
        rules.show_to(db.session(), award_id, current_person().id, chosen, now=clock.now())
        db.session.commit()
    except NotYours:
        raise
    except Refused as refused:
        db.session.rollback()
        flash(refused.message, "error")
    else:
        flash(_said(chosen), "success")
    return redirect(url_for("backpack.badge", award_id=award_id, _anchor="partager"))


def _said(chosen: Sharing) -> str:
    words: dict[Sharing, str] = {
        Sharing.PRIVATE: _("Ce badge est privé : son adresse ne mène plus nulle part."),
        Sharing.LINK: _("Ce badge est partagé : donnez son adresse à qui vous voulez."),
        Sharing.PUBLIC: _("Ce badge est public : il figure sur votre page publique."),
    }
    return words[chosen]


@blueprint.post("/mes-badges/<uuid:award_id>/adresse")
@signed_in
def for_address(award_id: UUID) -> BaseResponse:
    """Have it signed again for today's address."""
    former = _own(award_id).status_list_id
    _sign_again(
        lambda: recipients.sign_for_address(
            db.session(), award_id, current_person(), signer(), now=clock.now()
        ),
        former,
        _("Ce badge est signé pour votre adresse actuelle : téléchargez de nouveau ses fichiers."),
    )
    return redirect(url_for("backpack.badge", award_id=award_id, _anchor="destinataire"))


@blueprint.post("/mes-badges/<uuid:award_id>/cle")
@signed_in
def for_key(award_id: UUID) -> BaseResponse:
    """Bind it to a key: one that the browser made, or one made here and handed over once."""
    award, form = _own(award_id), KeyForm()
    former, address, slug = award.status_list_id, _address(award), award.badge.slug
    key_file = ""
    try:
        if form.public_key.data:
            key = binding.read_public_key(form.public_key.data, form.signature.data or "", address)
        else:
            key, key_file = binding.make_key_file(address)
    except Refused as refused:
        flash(refused.message, "error")
        return redirect(url_for("backpack.badge", award_id=award_id, _anchor="destinataire"))
    done = _sign_again(
        lambda: recipients.sign_for_key(
            db.session(),
            award_id,
            current_person(),
            key,
            signer(),
            with_name=bool(request.form.get("with_name")),  # not ticked: not said
            now=clock.now(),
        ),
        former,
        _(
            "Ce badge est lié à sa clé : gardez le fichier de la clé, et téléchargez de nouveau "
            "les fichiers du badge que vous aviez donnés."
        ),
    )
    if done and key_file:
        answer = Response(key_file, content_type="application/json")
        answer.headers["Content-Disposition"] = f'attachment; filename="cle-{slug}.json"'
        answer.headers["Cache-Control"] = "no-store"
        return answer
    return redirect(url_for("backpack.badge", award_id=award_id, _anchor="destinataire"))


def _sign_again(work: Any, former_list: int, said: str) -> bool:
    try:
        work()
        db.session.commit()
    except NotYours:
        raise
    except Refused as refused:
        db.session.rollback()
        flash(refused.message, "error")
        return False
    try:
        publish_status_list(db.session(), former_list, settings())
        db.session.commit()
    except KeyUnreadable:
        db.session.rollback()  # signed when it is asked for
    flash(said, "success")
    return True


@blueprint.get("/badges/personnes/<uuid:page_id>")
@public
def person(page_id: UUID) -> str:
    """What a person shows to everybody: their public badges, and nothing else of them."""
    holder = queries.find_public_holder(db.session(), page_id)
    if holder is None:
        raise NotYours()
    visitor = current_person_or_none()
    if visitor is not None and visitor.id == holder.id:
        stand_behind("/mes-badges")
    shown = awards.list_public(db.session(), holder.id)
    return render_template(
        "backpack/person.html",
        holder=holder,
        address=f"{settings().base_url}/badges/personnes/{page_id}",
        awards=shown,
        level_label=level_label,
        skills={award.id: [skill_label(skill) for skill in award.badge.skills] for award in shown},
        now=clock.now(),
    )


# Badges from elsewhere


@blueprint.route("/mes-badges/ajouter", methods=["GET", "POST"])
@signed_in
def bring() -> str | BaseResponse | tuple[str, int]:
    """Bring a badge of another issuer: it is verified, and must be one's own."""
    form = BringForm()
    user_id = current_person().id
    addresses = list_own_addresses(db.session(), user_id)
    if form.validate_on_submit():
        try:
            found = _examine(form, addresses)
            kept, is_new = rules.keep_badge(db.session(), user_id, found, now=clock.now())
            kept_id = kept.id
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            field = _given(form)
            field.errors = [*field.errors, refused.message]
        else:
            flash(_kept_words(found.report.outcome, is_new), "success")
            return redirect(url_for("backpack.kept", kept_id=kept_id))
    page = render_template("backpack/bring.html", form=form, addresses=addresses)
    return (page, 422) if form.is_submitted() else page


def _kept_words(outcome: str, is_new: bool) -> str:
    words: str = _("Ce badge est vérifié, et gardé parmi les vôtres.")
    if not is_new:
        words = _("Vous aviez déjà ce badge : il vient d’être vérifié de nouveau.")
    elif outcome == "incomplete":
        words = _("Ce badge est gardé, mais tout n’a pas pu être vérifié : réessayez plus tard.")
    return words


def _given(form: BringForm) -> Any:
    """The field the person filled in."""
    if form.file.data:
        return form.file
    return form.address if not form.text.data and form.address.data else form.text


def _examine(form: BringForm, addresses: list[str]) -> examining.Examined:
    """Looked at with no transaction open: it may take seconds."""
    fetch, is_ours = fetcher(), _ours()
    db.session.rollback()
    field = _given(form)
    source: bytes | str = (form.text.data or "") if field is form.text else ""
    if field is form.file:
        with form.file.data.stream as file:
            source = file.read()
    # An address in the field of texts: what was meant is plain.
    typed = (form.address.data or "") if field is form.address else source
    if isinstance(typed, str) and (field is form.address or find_address(typed)):
        source = bring_from(typed, fetch)
    return examining.examine(
        source,
        addresses,
        fetch=fetch,
        is_ours=is_ours,
        base_url=settings().base_url,
        now=clock.now(),
    )


def _ours() -> Any:
    """Whether an issuer is this place: any of its keys, its did:web, its addresses."""
    own = publishing.own_issuers(db.session())
    return lambda issuer: issuer in own or issuer.startswith(f"{settings().base_url}/")


def _own_kept(kept_id: UUID) -> KeptBadge:
    found = queries.find_kept(db.session(), current_person().id, kept_id)
    if found is None:
        raise NotYours()
    return found


@blueprint.get("/mes-badges/recus/<uuid:kept_id>")
@signed_in
def kept(kept_id: UUID) -> str:
    """One badge from elsewhere: what it says, and what the last check found."""
    badge = _own_kept(kept_id)
    report = examining.report_of(badge.checks, badge.outcome, badge.credential)
    return render_template(
        "backpack/kept.html",
        kept=badge,
        report=report,
        about=summarise(report.credential or {}, report, settings().base_url),
        lines=checks.describe(report),
        sentence=checks.verdict(report),
    )


@blueprint.post("/mes-badges/recus/<uuid:kept_id>/verifier")
@signed_in
def check_again(kept_id: UUID) -> BaseResponse:
    """Verify it again, now."""
    user_id, text = current_person().id, _own_kept(kept_id).credential
    addresses = list_own_addresses(db.session(), user_id)
    report = verify_again(text, addresses)
    rules.note_check(db.session(), user_id, kept_id, report, now=clock.now())
    db.session.commit()
    if report.outcome == "invalid":
        flash(checks.verdict(report), "error")
    else:
        flash(_("Vérifié de nouveau, à l’instant."), "success")  # the page says what was found
    return redirect(url_for("backpack.kept", kept_id=kept_id))


@blueprint.get("/mes-badges/recus/<uuid:kept_id>.<any(json, jwt):form>")
@signed_in
def kept_file(kept_id: UUID, form: str) -> Response:
    """The badge as it was kept."""
    badge = _own_kept(kept_id)
    if form != badge.form:
        raise NotYours()
    media_type = "application/json" if form == "json" else "application/vc+jwt"
    answer = Response(badge.credential, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="badge.{form}"'
    return answer


@blueprint.post("/mes-badges/recus/<uuid:kept_id>/enlever")
@signed_in
def drop(kept_id: UUID) -> BaseResponse:
    """Keep it here no longer."""
    rules.drop_badge(db.session(), current_person().id, kept_id)
    db.session.commit()
    flash(_("Ce badge n’est plus gardé ici."), "success")
    return redirect(url_for("awards.backpack"))
