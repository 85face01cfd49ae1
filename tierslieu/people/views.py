"""One's account: home, profile, addresses, consents."""

from __future__ import annotations

from uuid import UUID

from flask import (
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user
from flask_security import login_user
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db, lock_for_writing
from tierslieu.errors import Refused
from tierslieu.house import AfterProfile
from tierslieu.people import moving
from tierslieu.people.accounts import WANTED
from tierslieu.people.desk import blueprint, house
from tierslieu.people.devices import views as _devices  # noqa: F401 - same blueprint
from tierslieu.people.devices.keeping import current_secret
from tierslieu.people.devices.rules import end_others
from tierslieu.people.entry import views as _entry  # noqa: F401 - likewise
from tierslieu.people.forms import (
    AGE_LABELS,
    AUDIENCE_LABELS,
    GENDER_LABELS,
    AddressForm,
    ProfileForm,
)
from tierslieu.people.joining import views as _joining  # noqa: F401 - likewise
from tierslieu.people.models import ConsentKind, Profile, User
from tierslieu.people.passkeys import views as _passkeys  # noqa: F401 - likewise
from tierslieu.people.queries import find_consent, list_consents, list_other_addresses
from tierslieu.people.register import views as _register  # noqa: F401 - likewise
from tierslieu.people.rights import views as _rights  # noqa: F401 - likewise
from tierslieu.people.rules import (
    give_consent,
    rename,
    save_profile,
    withdraw_consent,
)
from tierslieu.people.stepping_up import step_up_to_send
from tierslieu.people.tongue import views as _tongue  # noqa: F401 - likewise
from tierslieu.web.access import current_person, public, signed_in
from tierslieu.web.written import Theirs

__all__ = ["blueprint"]


@blueprint.get("/inscription/suite")
@public
def registered() -> str:
    """What to do after having registered: the same page for everybody."""
    return render_template("people/registered.html")


@blueprint.get("/connexion-par-mail/lien")
@public
def open_link() -> str | BaseResponse:
    """The page an e-mailed link leads to: one button, so that no program signs in by itself."""
    values = {key: request.args.get(key, "") for key in ("id", "code", "next")}
    if not values["id"] or not values["code"]:
        flash(_("Ce lien n’est pas complet. Demandez-en un autre."), "error")
        return redirect(url_for("security.us_signin"))
    return render_template("people/open_link.html", values=values)


def _described(profile: Profile | None) -> list[tuple[str, str]]:
    """The profile in words, what was left empty left out."""
    if profile is None:
        return []
    gender = profile.gender_described or (GENDER_LABELS[profile.gender] if profile.gender else "")
    rows = [
        (_("Ce qui vous amène"), AUDIENCE_LABELS[profile.audience]),
        (_("Matière"), Theirs(profile.teaches_what or "")),
        (_("Niveau ou établissement"), Theirs(profile.teaches_where or "")),
        (_("Ville"), profile.town),
        (_("Ce que vous visez"), Theirs(profile.aims or "")),
        (_("Tranche d’âge"), AGE_LABELS[profile.age_band] if profile.age_band else ""),
        (_("Genre"), gender),
    ]
    return [(term, text) for term, text in rows if text]


@blueprint.get("/compte")
@signed_in
def account() -> str:
    """One's account: what is known, and the way out."""
    person = current_person()
    return render_template(
        "people/account.html",
        person=person,
        profile=_described(person.profile),
        takes_part=find_consent(db.session(), person.id, ConsentKind.RESEARCH),
    )


@blueprint.route("/compte/profil", methods=["GET", "POST"])
@signed_in
def profile() -> str | BaseResponse | tuple[str, int]:
    """One's profile, to read and to change."""
    person = current_person()
    is_new = person.profile is None
    form = ProfileForm(obj=_Filled(person))
    if form.validate_on_submit():
        try:
            lock_for_writing(db.session())
            rename(db.session(), person, form.name.data or "")
            save_profile(db.session(), person, now=clock.now(), **form.values())
            for follows in house().all(AfterProfile):
                follows.act(db.session(), person.id, clock.now())
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            db.session.commit()
            flash(_("Votre profil est à jour."), "success")
            # Who opened an account to do something comes back to it.
            wanted = session.pop(WANTED, None) if is_new else None
            return redirect(wanted or url_for("people.account"))
    page = render_template("people/profile.html", form=form, is_new=person.profile is None)
    return (page, 422) if form.errors else page


class _Filled:
    """A person as the form shows them: enums by their value, nothing as an empty text."""

    def __init__(self, person: User) -> None:
        self.name = person.name
        if person.profile is not None:
            for column in Profile.__table__.columns:
                value = getattr(person.profile, column.name)
                setattr(self, column.name, getattr(value, "value", value) or "")


@blueprint.route("/compte/adresses", methods=["GET", "POST"])
@signed_in
@step_up_to_send
def addresses() -> str | BaseResponse | tuple[str, int]:
    """One's addresses: the account's, the others; ask for another."""
    person, form = current_person(), AddressForm()
    if form.validate_on_submit():
        try:
            moving.ask_address(
                db.session(),
                person.id,
                form.email.data or "",
                takes_over=form.use.data == "account",
                now=clock.now(),
            )
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            db.session.commit()
            flash(
                _("Un mail vient de partir à cette adresse : ouvrez le lien qu’il contient."),
                "success",
            )
            return redirect(url_for("people.addresses"))
    page = render_template(
        "people/addresses.html",
        form=form,
        person=person,
        others=list_other_addresses(db.session(), person.id),
    )
    return (page, 422) if form.errors else page


@blueprint.route("/compte/adresses/confirmer", methods=["GET", "POST"])
@public
def prove_address() -> str | BaseResponse | tuple[str, int]:
    """The page a mailed link leads to: one button, so that no program confirms by itself. Only for
    the account that asked: somebody else's address is not added by that person's own click."""
    secret = request.values.get("cle", "")[:100]
    asked = moving.find_asked(db.session(), secret, clock.now())
    asker = current_user if current_user.is_authenticated else None
    is_theirs = asked is not None and asker is not None and asker.id == asked.user_id
    if asked is not None and is_theirs and moving.has_account(db.session(), asked.email):
        return redirect(url_for("people.join", cle=secret))
    if request.method == "POST" and (is_theirs or asked is None):
        try:
            user_id = current_person().id if is_theirs else None
            person, took_over = moving.prove_address(
                db.session(), secret, now=clock.now(), user_id=user_id
            )
        except Refused as refused:
            db.session.rollback()
            flash(refused.message, "error")
            return redirect(url_for("people.addresses"))
        db.session.commit()
        if took_over:
            proved_at = session.get("fs_paa")
            login_user(person, authn_via=["link"])  # their other sessions are over
            # A mailbox says where to write, not who sits here: this is no recent sign-in.
            session["fs_paa"] = proved_at
            end_others(db.session(), person.id, current_secret())
            db.session.commit()
        flash(
            _("C’est fait : cette adresse est maintenant celle de votre compte.")
            if took_over
            else _("C’est fait : cette adresse est reconnue comme la vôtre."),
            "success",
        )
        return redirect(url_for("people.addresses"))
    page = render_template(
        "people/prove_address.html", asked=asked, secret=secret, is_theirs=is_theirs
    )
    if asked is None:
        return page, 410
    return (page, 403) if request.method == "POST" else page


@blueprint.post("/compte/adresses/<uuid:address_id>/oublier")
@signed_in
def forget_address(address_id: UUID) -> BaseResponse:
    """Remember an other address no longer."""
    moving.forget_address(db.session(), current_person().id, address_id)
    db.session.commit()
    flash(_("Cette adresse est oubliée."), "success")
    return redirect(url_for("people.addresses"))


@blueprint.get("/compte/accords")
@signed_in
def consents() -> str:
    """The two separate things one agreed to, with their dates."""
    person = current_person()
    return render_template(
        "people/consents.html",
        notice=find_consent(db.session(), person.id, ConsentKind.NOTICE),
        research=find_consent(db.session(), person.id, ConsentKind.RESEARCH),
        past=[c for c in list_consents(db.session(), person.id) if c.withdrawn_at],
    )


@blueprint.post("/compte/accords/notice")
@signed_in
def agree_to_notice() -> BaseResponse:
    """Note that the data-protection notice was read."""
    return _agree(ConsentKind.NOTICE)


@blueprint.post("/compte/accords/recherche")
@signed_in
def agree_to_research() -> BaseResponse:
    """Take part in the research."""
    return _agree(ConsentKind.RESEARCH)


def _agree(kind: ConsentKind) -> BaseResponse:
    give_consent(db.session(), current_person().id, kind, now=clock.now())
    db.session.commit()
    flash(_("C’est noté. Vous pouvez changer d’avis quand vous voulez."), "success")
    return redirect(url_for("people.consents"))


@blueprint.post("/compte/accords/recherche/retrait")
@signed_in
def withdraw() -> BaseResponse:
    """Leave the research, in one click."""
    withdraw_consent(db.session(), current_person().id, ConsentKind.RESEARCH, now=clock.now())
    db.session.commit()
    flash(
        _("C’est noté : vos données n’iront plus à la recherche. Rien d’autre ne change."),
        "success",
    )
    return redirect(url_for("people.consents"))
