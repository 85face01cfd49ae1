"""The sign-in page of who leads: forms for any browser, and what its script needs offline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal
from uuid import UUID

from flask import (
    Response,
    current_app,
    flash,
    json,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from pydantic import Field
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.agenda.models import LearningSession
from tierslieu.agenda.queries import Filter, list_sessions
from tierslieu.attendance.desk import blueprint
from tierslieu.attendance.rules import HalfDay, list_half_days, span_of_today
from tierslieu.attendance.showing import choose_half_day, half_day_slug, half_day_words
from tierslieu.attendance.signing.chains import Link, Sealed
from tierslieu.attendance.signing.desk import codes, find_held
from tierslieu.attendance.signing.device.rules import Sent, receive
from tierslieu.attendance.signing.forms import CounterForm, OwnCodeForm, TypedForm, WalkInForm
from tierslieu.attendance.signing.models import Manner
from tierslieu.attendance.signing.rules import (
    countersign,
    opens_at,
    sign_by_code,
    sign_expected,
    sign_walk_in,
)
from tierslieu.attendance.signing.showing import make_state
from tierslieu.chaining import read_instant
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.place.showing import the_place
from tierslieu.web.access import current_person, public, roles
from tierslieu.web.api import Body, read_body
from tierslieu.web.forms import Form
from tierslieu.web.languages import current

Answer = str | BaseResponse | tuple[str, int]
AT_ONCE = 200  # records in one sending


@blueprint.after_request
def _let_the_camera(answered: Response) -> Response:
    """The device's page reads codes: it may ask for the camera."""
    if request.endpoint == "attendance.device":
        answered.headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=()"
    return answered


@blueprint.get("/emargement/appareil/")
@roles(FACILITATOR)
def devices() -> str:
    """The sessions of today that one can sign people in at; one's own first."""
    now, person = clock.now(), current_person()
    since, until = span_of_today(now)
    found = list_sessions(db.session(), Filter(since=since, until=until, standing=True))
    own_first = sorted(found, key=lambda session: person not in session.facilitators)
    return render_template("attendance/signing/devices.html", sessions=own_first)


@blueprint.route("/emargement/appareil/<uuid:session_id>", methods=["GET", "POST"])
@roles(FACILITATOR)
def device(session_id: UUID) -> Answer:
    """Sign in those who come, one by one, on the device of who leads; countersign at the end."""
    found = find_held(session_id)
    half_day = choose_half_day(found, request.values.get("demi", ""), clock.now())
    forms = _Forms(request.form.get("do", ""))
    if request.method == "GET":
        return _page(found, half_day, forms)
    if forms.asked is not None and forms.asked.validate():
        try:
            said = _DOES[forms.do](found, half_day, forms)
        except Refused as refused:
            db.session.rollback()
            if isinstance(refused, NotYours):
                raise
            forms.asked.refuse(refused)
        else:
            db.session.commit()
            flash(said, "success")
            slug = half_day_slug(half_day)
            return redirect(url_for("attendance.device", session_id=session_id, demi=slug))
    return _page(find_held(session_id), half_day, forms), 422


class _Forms:
    """The forms of the page, of which at most one was sent."""

    def __init__(self, do: str) -> None:
        self.do = do
        self.typed = TypedForm(formdata=None if do not in ("typed", "team") else request.form)
        self.own = OwnCodeForm(formdata=None if do != "own" else request.form)
        self.walk_in = WalkInForm(formdata=None if do != "walk_in" else request.form)
        self.counter = CounterForm(formdata=None if do != "counter" else request.form)

    @property
    def asked(self) -> Form | None:
        """The one that was sent."""
        asked = "typed" if self.do == "team" else self.do
        form: Form | None = getattr(self, asked, None) if asked in _DOES else None
        return form


def _do_typed(found: LearningSession, half_day: HalfDay, forms: _Forms) -> str:
    try:
        key = UUID(request.form.get("who", ""))
    except ValueError:
        raise NotYours from None
    manner = Manner.TYPED if forms.do == "typed" else Manner.TEAM
    one = sign_expected(
        db.session(),
        found.id,
        half_day,
        key,
        manner=manner,
        written=(forms.typed.written.data or "") if manner is Manner.TYPED else "",
        now=clock.now(),
        actor_id=current_person().id,
    )
    if one.manner is Manner.TEAM:  # else they had signed before the team saw them
        return str(_("La présence de %(name)s est notée, sans signature.", name=one.name))
    return str(_("%(name)s a signé.", name=one.name))


def _do_own(found: LearningSession, half_day: HalfDay, forms: _Forms) -> str:
    actor_id, code = current_person().id, forms.own.code.data
    _one, who = sign_by_code(
        db.session(), found.id, half_day, code, codes(), now=clock.now(), actor_id=actor_id
    )
    return str(_("%(name)s a signé.", name=who.name))


def _do_walk_in(found: LearningSession, half_day: HalfDay, forms: _Forms) -> str:
    name, email = forms.walk_in.name.data, forms.walk_in.guest_email.data
    actor_id = current_person().id
    sign_walk_in(db.session(), found.id, half_day, name, email, now=clock.now(), actor_id=actor_id)
    return str(_("%(name)s est sur la feuille.", name=name))


def _do_counter(found: LearningSession, half_day: HalfDay, forms: _Forms) -> str:
    name, actor_id = forms.counter.leader.data, current_person().id
    done = countersign(db.session(), found.id, half_day, name, now=clock.now(), actor_id=actor_id)
    if done is None:
        return str(_("Rien n’attendait votre contreseing."))
    return str(_("La demi-journée est contresignée."))


_DOES: dict[str, Callable[[LearningSession, HalfDay, _Forms], str]] = {
    "typed": _do_typed,
    "team": _do_typed,
    "own": _do_own,
    "walk_in": _do_walk_in,
    "counter": _do_counter,
}


def _page(found: LearningSession, half_day: HalfDay, forms: _Forms) -> str:
    half_days = list_half_days(found)
    opens = opens_at(found, half_day)
    return render_template(
        "attendance/signing/device.html",
        session=found,
        state=make_state(db.session(), found.id, half_day, codes()),
        forms=forms,
        who=request.form.get("who", ""),
        half_day=half_day_slug(half_day),
        half_days=[
            (half_day_slug(h), half_day_words(h, with_day=half_days[0][0] != half_days[-1][0]))
            for h in half_days
        ],
        is_open=clock.to_local(clock.now()) >= opens,
        opens_at=opens,
        leader=current_person().name,
    )


Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Words = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
Instant = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]


class RecordSent(Body):
    """One record as the device kept it."""

    number: int = Field(ge=1)
    previous: Hex
    nonce: Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    manner: Literal["own", "typed", "team", "counter"]
    day: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
    half: Literal["am", "pm"]
    at: Instant
    salt: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    who: Words = Field(max_length=254)
    name: Words = Field(max_length=120)
    written: Words = Field(max_length=120)
    digest: Hex


class Sending(Body):
    """What a device has. ``clock``: what its clock says as it sends."""

    chain: UUID
    clock: Instant
    records: list[RecordSent] = Field(max_length=AT_ONCE)


@blueprint.post("/emargement/appareil/<uuid:session_id>/envoi")
@roles(FACILITATOR)
def device_send(session_id: UUID) -> Response:
    """Take what a device kept; sent again, it changes nothing."""
    asked = read_body(Sending)
    try:
        skew = clock.now() - read_instant(asked.clock)
        records = [_sent(asked.chain, record) for record in asked.records]
    except ValueError:
        raise Refused(
            _("Une date de cet envoi n’existe pas : rien n’a été enregistré."),
            code="malformed_body",
            status=400,
        ) from None
    heard = receive(
        db.session(),
        session_id,
        asked.chain,
        records,
        codes(),
        skew=skew,
        now=clock.now(),
        actor_id=current_person().id,
    )
    db.session.commit()
    told = [{"nonce": str(one.nonce), "state": "noted" if one.is_new else "known"} for one in heard]
    answer = Response(json.dumps({"heard": told}), content_type="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _sent(chain: UUID, record: RecordSent) -> Sent:
    sealed = Sealed(record.salt, record.who, record.name, record.written)
    link = Link(
        chain=str(chain),
        number=record.number,
        previous=record.previous,
        nonce=record.nonce,
        manner=record.manner,
        day=record.day,
        half=record.half,
        at=record.at,
        seal=sealed.seal,
    )
    sent = Sent(link, sealed, record.digest)
    sent.half_day, read_instant(record.at)  # dates that exist, or ValueError
    return sent


@blueprint.get("/emargement/appareil/service.js")
@public
def device_worker() -> Response:
    """The worker that shows the page without network. Here, because it may serve no page that
    lies above its own address."""
    answer = current_app.send_static_file("js/signing/service.js")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@blueprint.get("/emargement/appareil/manifeste.webmanifest")
@public
def device_manifest() -> Response:
    """What a phone needs to put the sign-in page among its applications."""
    said = {
        "name": _("Émargement, %(place)s", place=the_place().name_here),
        "short_name": _("Émargement"),
        "lang": current(),
        "start_url": url_for("attendance.devices"),
        "scope": url_for("attendance.devices"),
        "display": "standalone",
        "background_color": "#fbf7f0",
        "theme_color": "#fbf7f0",
        "icons": [
            {
                "src": url_for("static", filename="img/favicon.svg"),
                "sizes": "any",
                "type": "image/svg+xml",
            }
        ],
    }
    return Response(json.dumps(said), content_type="application/manifest+json")
