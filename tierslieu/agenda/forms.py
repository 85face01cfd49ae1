"""Forms of rooms and sessions: shape only; the rules say what can be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from courses.paths.queries import current_version, list_paths
from tierslieu.agenda.models import Admission, LearningSession, Level, SeatMode
from tierslieu.agenda.planning import Keep, Plan
from tierslieu.agenda.queries import list_facilitators, list_rooms
from tierslieu.agenda.series.rules import Scope
from tierslieu.agenda.words import (
    admission_labels,
    audience_labels,
    every_labels,
    level_labels,
    scope_labels,
)
from tierslieu.clock import now, to_local
from tierslieu.people.models import Audience
from tierslieu.web.forms import Form, no_control_characters, tidy
from tierslieu.web.written import Theirs

MOST_SEATS = 1000


class DayField(DateField):
    """A date, refused in plain words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse; a date that isn't one is said to be so."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Cette date n’existe pas : choisissez-en une autre.")) from None


def not_over(_form: Any, field: Any) -> None:
    """Refuse a last day that is past: what ends there would be kept, and stand nowhere."""
    if field.data and field.data < to_local(now()).date():
        raise ValidationError(_("Ce jour est déjà passé : choisissez une date à venir."))


class HourField(TimeField):
    """An hour, refused in plain words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse; an hour that isn't one is said to be so."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Écrivez l’heure ainsi : 14:00.")) from None


class MomentField(DateTimeLocalField):
    """A day and an hour, refused in plain words; empty is None unless it is ``required``."""

    def __init__(self, label: Any, *, required: Any = None, **more: Any) -> None:
        # The browser sends the first; who types by hand may use the others.
        formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"]
        rules = [InputRequired(required) if required else Optional()]
        super().__init__(label, format=formats, validators=rules, **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse; what isn't a day and an hour is said to be so."""
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Écrivez un jour et une heure : 24/03/2027 14:00.")) from None


class CountField(IntegerField):
    """A whole number, refused in plain words; empty is None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse; anything but digits is said to be so."""
        if valuelist and not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Écrivez un nombre entier, sans lettre.")) from None


class ChosenField(SelectField):
    """One of a list of things with identifiers, or none of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, coerce=_identifier, validate_choice=False, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse; what isn't of the list is said to be so."""
        if valuelist:
            self.data = _identifier(valuelist[0])


class SeveralField(SelectMultipleField):
    """Some of a list of things with identifiers, as boxes to tick."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            *args,
            coerce=_identifier,
            validate_choice=False,
            widget=ListWidget(prefix_label=False),
            option_widget=CheckboxInput(),
            **kwargs,
        )

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse; what isn't of the list is said to be so."""
        self.data = [_identifier(value) for value in valuelist]


def _identifier(value: Any) -> UUID | None:
    if value in (None, "", "None"):
        return None
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError:
        raise ValueError(_("Choisissez dans la liste.")) from None


def web_address(form: Any, field: Any) -> None:
    """Refuse what no browser would open."""
    if field.data and (
        not field.data.startswith(("https://", "http://")) or any(c.isspace() for c in field.data)
    ):
        raise ValidationError(_("Un lien commence par https:// et ne contient pas d’espace."))


def text_field(
    label: Any, length: int, *, area: bool = False, required: Any = None, **more: Any
) -> Any:
    """A text of so many characters at most, tidied; empty is ``""``."""
    kind = TextAreaField if area else StringField
    rules = [
        DataRequired(required) if required else Optional(),
        Length(max=length, message=_("%(length)s caractères au plus.", length=length)),
        no_control_characters,
    ]
    return kind(label, validators=rules, filters=[tidy, lambda text: text or ""], **more)


def _seats(label: Any) -> CountField:
    between = _("Entre 1 et %(most)s places.", most=MOST_SEATS)
    return CountField(
        label, validators=[Optional(), NumberRange(min=1, max=MOST_SEATS, message=between)]
    )


def _options(labels: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    return [(one.value, words) for one, words in labels.items()]


class SessionForm(Form):
    """A session, on its one day, by the clock on the wall."""

    title = text_field(_("Titre"), 160, required=_("Donnez un titre à cette séance."))
    description = text_field(_("Ce qu’on y fait"), 4000, area=True)
    bring = text_field(_("Que faut-il apporter ?"), 300)
    step = ChosenField(
        _("Pour une étape d’un parcours"),
        description=_("Y participer vaudra pour cette étape."),
    )
    day = DayField(_("Jour"), validators=[InputRequired(_("Choisissez un jour."))])
    starts = HourField(
        _("Début"), validators=[InputRequired(_("À quelle heure commence-t-elle ?"))]
    )
    ends = HourField(_("Fin"), validators=[InputRequired(_("À quelle heure finit-elle ?"))])
    room = ChosenField(_("Salle"))
    onsite = _seats(_("Places dans la salle"))
    online = _seats(_("Places en ligne"))
    online_link = StringField(
        _("Lien de la réunion en ligne"),
        description=_("Montré aux seules personnes inscrites en ligne."),
        validators=[
            Optional(),
            Length(max=500, message=_("%(length)s caractères au plus.", length=500)),
            web_address,
        ],
        filters=[tidy, lambda text: text or ""],
    )
    facilitators = SeveralField(_("Qui anime"))
    repeat = SelectField(_("Répéter"), choices=[], default="")
    times = CountField(
        _("Combien de fois en tout"), description=_("Vous verrez chaque date avant de l’ajouter.")
    )
    bundle = BooleanField(
        _("À suivre en entier"),
        description=_(
            "On réserve toutes les dates ou aucune ; la liste d’attente vaut pour l’ensemble."
        ),
    )
    anyway = BooleanField(_("Je le sais : planifier quand même"))
    scope = RadioField(_("Changer"), choices=[], default=Scope.ONE.value)
    level = SelectField(_("Niveau"), choices=[])
    audience = SelectField(_("Pour qui"), choices=[])
    prerequisites = text_field(_("Que faut-il savoir déjà ?"), 300)
    admission = SelectField(_("Qui peut réserver"), choices=[])
    invitation_code = text_field(
        _("Code d’invitation"),
        40,
        description=_("Majuscules, espaces et tirets ne comptent pas. Donnez-le aux invités."),
    )
    bookable_from = MomentField(
        _("Ouverture des réservations"), description=_("Vide : tout de suite.")
    )
    bookable_until = MomentField(
        _("Clôture des réservations"), description=_("Vide : au début de la séance.")
    )
    kept = CountField(
        _("Places gardées"),
        validators=[
            Optional(),
            NumberRange(
                min=0, max=MOST_SEATS, message=_("Entre 0 et %(most)s places.", most=MOST_SEATS)
            ),
        ],
        description=_("Dans la salle, ou en ligne s’il n’y a pas de salle."),
    )
    kept_for = SelectField(_("Gardées pour"), choices=[])
    kept_until = MomentField(
        _("Gardées jusqu’à"), description=_("Ensuite, elles vont à la liste d’attente et à tous.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nobody = [("", _("Tout le monde"))]
        audiences = [(one.value, words) for one, words in audience_labels().items()]
        self.level.choices = [("", _("Sans précision")), *_options(level_labels())]
        self.audience.choices = [*nobody, *audiences]
        self.admission.choices = _options(admission_labels())
        self.repeat.choices = [("", _("Une seule fois")), *_options(every_labels())]
        self.repeat.data = self.repeat.data or ""
        self.scope.choices = _options(scope_labels())
        self.scope.data = self.scope.data or Scope.ONE.value
        self.kept_for.choices = [("", _("Choisissez")), *audiences]
        if self.admission.data is None:  # what a form of before does not send
            self.admission.data = Admission.OPEN.value
        for field in (self.level, self.audience, self.kept_for):
            field.data = field.data or ""

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Each field, and that seats are kept for somebody, until a date."""
        is_right: bool = super().validate(*args, **kwargs)
        if self.repeat.data and self.times.data is None and not self.times.errors:
            self.times.errors = [*self.times.errors, _("Combien de séances, celle-ci comprise ?")]
            is_right = False
        if self.kept.data:
            for field, words in (
                (self.kept_for, _("Pour qui sont-elles gardées ?")),
                (self.kept_until, _("Jusqu’à quand sont-elles gardées ?")),
            ):
                if not field.data and not field.errors:
                    field.errors = [*field.errors, words]
                    is_right = False
        return is_right

    def _keep(self) -> Keep | None:
        if not self.kept.data:
            return None
        return Keep(self.kept.data, Audience(self.kept_for.data), self.kept_until.data)

    def plan(self) -> Plan:
        """What was asked for, once the form is valid."""
        return Plan(
            title=self.title.data,
            description=self.description.data,
            bring=self.bring.data,
            step_id=self.step.data,
            starts_local=datetime.combine(self.day.data, self.starts.data),
            ends_local=datetime.combine(self.day.data, self.ends.data),
            room_id=self.room.data,
            onsite=self.onsite.data,
            online=self.online.data,
            online_link=self.online_link.data,
            facilitator_ids=tuple(i for i in self.facilitators.data or () if i is not None),
            prerequisites=self.prerequisites.data,
            level=Level(self.level.data) if self.level.data else None,
            audience=Audience(self.audience.data) if self.audience.data else None,
            admission=Admission(self.admission.data),
            invitation_code=self.invitation_code.data,
            bookable_from=self.bookable_from.data,
            bookable_until=self.bookable_until.data,
            keep=self._keep(),
            anyway=bool(self.anyway.data),
        )


def offer_choices(db: Session, form: SessionForm, session: LearningSession | None = None) -> None:
    """Put rooms, facilitators and steps into the form; what the session holds now stays in it."""
    form.room.choices = [
        ("", _("Aucune : en ligne seulement")),
        *(
            (room.id, _("%(name)s (%(count)s places)", name=room.name, count=room.places))
            for room in list_rooms(db)
        ),
    ]
    form.facilitators.choices = [(user.id, user.name) for user in list_facilitators(db)]
    steps: dict[Any, list[tuple[Any, str]]] = {
        _("Rien de particulier"): [("", _("Pour tout le monde"))]
    }
    for path in list_paths(db, with_retired=True):  # who follows one may still finish it
        version = current_version(db, path.id)
        if version is not None:
            steps[Theirs(path.title)] = [(step.id, Theirs(step.title)) for step in version.steps]
    held = session.step if session is not None else None
    if held is not None and not any(held.id == i for group in steps.values() for i, _t in group):
        steps[_("Version précédente")] = [(held.id, Theirs(held.title))]
    form.step.choices = steps


def session_values(session: LearningSession) -> dict[str, Any]:
    """A session as its form shows it."""
    seats = {pool.mode: pool.capacity for pool in session.pools if pool.capacity}
    keeping = next((pool for pool in session.pools if pool.kept), None)
    return {
        "title": session.title,
        "description": session.description,
        "bring": session.bring,
        "step": session.step_id,
        "day": session.starts_local.date(),
        "starts": session.starts_local.time(),
        "ends": session.ends_local.time(),
        "room": session.room_id,
        "onsite": seats.get(SeatMode.ONSITE),
        "online": seats.get(SeatMode.ONLINE),
        "online_link": session.online_link,
        "facilitators": [person.id for person in session.facilitators],
        "prerequisites": session.prerequisites,
        "level": session.level.value if session.level else "",
        "audience": session.audience.value if session.audience else "",
        "admission": session.admission.value,
        "invitation_code": session.invitation_code,
        "bookable_from": _wall(session.bookable_from),
        "bookable_until": _wall(session.bookable_until),
        "kept": keeping.kept if keeping else None,
        "kept_for": keeping.kept_for.value if keeping and keeping.kept_for else "",
        "kept_until": _wall(keeping.kept_until) if keeping else None,
    }


def _wall(instant: datetime | None) -> datetime | None:
    return to_local(instant) if instant is not None else None
