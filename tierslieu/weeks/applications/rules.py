"""An application from first word to last: who may move it, where to, and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import update
from sqlalchemy.orm import Session

from courses.paths.models import Path
from tierslieu.bookings.models import Booking
from tierslieu.bookings.rules import hold_all_of
from tierslieu.clock import to_local
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.people.models import User
from tierslieu.people.queries import list_own_addresses
from tierslieu.web.formats import day, hour
from tierslieu.weeks import notices
from tierslieu.weeks.applications.claims import blocked, claim_week, has_begun, release_week
from tierslieu.weeks.applications.models import (
    ApplicationEvent,
    ApplicationState,
    Sharing,
    StayMeal,
    StayNight,
    WeekApplication,
)
from tierslieu.weeks.applications.queries import (
    find_application,
    find_own,
    list_kept,
    list_living,
    list_own,
)
from tierslieu.weeks.models import Meal, Week
from tierslieu.weeks.rules import check_stands, lock_week
from tierslieu.weeks.stays.beds import free_stay, take_stay
from tierslieu.weeks.stays.needs import forget_needs

_S = ApplicationState
LIVING = frozenset({_S.SUBMITTED, _S.TO_COMPLETE, _S.ACCEPTED, _S.WAITING})
# Where the team may move an application, from where it stands. Who holds all of it can only give
# it back: what was promised is not taken away by a click on another button.
MOVES: dict[ApplicationState, tuple[ApplicationState, ...]] = {
    _S.SUBMITTED: (_S.ACCEPTED, _S.WAITING, _S.TO_COMPLETE, _S.DECLINED),
    _S.TO_COMPLETE: (_S.ACCEPTED, _S.WAITING, _S.DECLINED),
    _S.WAITING: (_S.ACCEPTED, _S.TO_COMPLETE, _S.DECLINED),
    _S.ACCEPTED: (_S.WITHDRAWN,),
    _S.DECLINED: (_S.ACCEPTED, _S.WAITING),
    _S.WITHDRAWN: (),
}
NEEDS_WORD = frozenset({_S.TO_COMPLETE, _S.DECLINED, _S.WITHDRAWN})


@dataclass(frozen=True)
class Stay:
    """What one wants of the stay: nights, none possible, meals, and with whom in a room; ``wish``
    is that person's address."""

    nights: Sequence[date] = ()
    meals: Sequence[tuple[date, Meal]] = ()
    sharing: Sharing = Sharing.ALONE
    wish: str = ""


@dataclass(frozen=True)
class Wanted:
    """What one writes to apply."""

    motivation: str
    path_id: UUID | None = None
    stay: Stay = Stay()


def apply(
    db: Session, week_id: UUID, user_id: UUID, wanted: Wanted, *, now: datetime
) -> WeekApplication:
    """Apply, change what one wrote while applications are open, complete what the team asked for,
    or apply anew after having withdrawn.

    Raises :class:`NotYours` for a week that is not published, :class:`Refused` with ``closed``,
    ``no_profile``, ``decided``, or naming a field.
    """
    week = lock_week(db, week_id)
    if week.published_at is None:
        raise NotYours
    check_stands(week)
    user = db.get_one(User, user_id)
    if user.profile is None:
        raise Refused(
            _("Dites d’abord pour quoi vous venez : votre profil prend une minute."),
            code="no_profile",
        )
    if user.confirmed_at is None:
        raise Refused(_("Confirmez d’abord votre adresse."), code="not_eligible")
    application = find_own(db, week_id, user_id)
    asked = application is not None and application.state is _S.TO_COMPLETE
    if not asked:
        check_window(week, now)
    elif has_begun(week, now):
        raise Refused(_("La semaine a commencé."), code="closed")
    if application is None:
        application = WeekApplication(week=week, user=user, submitted_at=now)
    elif application.state not in (_S.SUBMITTED, _S.TO_COMPLETE, _S.WITHDRAWN):
        raise Refused(
            _("L’équipe s’est prononcée : cette candidature ne se récrit plus."), code="decided"
        )
    if wanted.path_id is not None and db.get(Path, wanted.path_id) is None:
        raise Refused(_("Ce parcours n’existe plus : choisissez-en un autre."), field="path")
    was = application.state if application.id is not None else None
    application.motivation, application.path_id = wanted.motivation, wanted.path_id
    application.audience, application.state = user.profile.audience, _S.SUBMITTED
    _write_stay(db, application, wanted.stay)
    if was is not _S.SUBMITTED:
        if was is _S.WITHDRAWN:
            application.submitted_at = now
        word = str(_("complétée")) if was is _S.TO_COMPLETE else ""
        _note(db, application, was, now, user_id, word)
        notices.tell_state(db, application, now, word="")
        if was is _S.TO_COMPLETE:
            notices.tell_team_completed(db, application, now)
    db.flush()
    return application


def change_stay(
    db: Session, week_id: UUID, user_id: UUID, stay: Stay, *, now: datetime
) -> WeekApplication:
    """Change nights, meals and room wish until the cut-off; who is accepted gets all that they now
    want, or keeps what they had: :class:`Refused` with ``blocked`` says why."""
    week = lock_week(db, week_id)
    application = find_own(db, week_id, user_id)
    if application is None or application.state not in LIVING:
        raise NotYours
    check_cutoff(week, now)
    everything = db.begin_nested()
    if application.state is _S.ACCEPTED:
        # Who still shares as before keeps their room: it may be the one the team gave them.
        as_before = (application.sharing, application.wish) == (stay.sharing, _wish_of(stay))
        gone = set(week.nights) - set(stay.nights) if as_before else None
        free_stay(db, application, date.min, nights=gone)
    _write_stay(db, application, stay)
    blocks = take_stay(db, application, now) if application.state is _S.ACCEPTED else []
    if blocks:
        everything.rollback()
        raise blocked(blocks)
    everything.commit()
    return application


def withdraw(
    db: Session, application_id: UUID, *, now: datetime, actor_id: UUID, word: str = ""
) -> WeekApplication:
    """Take an application back, whoever does so: the person, or the team for them, with a word.

    All that it held is free again, and the team hears who is next. Raises ``already``,
    and ``over`` once everybody has left.
    """
    application = _lock(db, application_id)
    if application.state not in LIVING:
        raise Refused(_("Cette candidature n’est plus en cours."), code="already")
    if to_local(now).date() > application.week.ends_on:
        raise Refused(_("La semaine est finie : rien ne se rend plus."), code="over")
    held = application.state is _S.ACCEPTED
    given_back: list[Booking] = []
    if held:
        given_back = release_week(db, application, now=now, actor_id=actor_id)
    _move(db, application, _S.WITHDRAWN, now, actor_id, word)
    forget_needs(db, application.id)
    by_self = actor_id == application.user_id
    notices.tell_state(db, application, now, word=word, by_self=by_self, given_back=given_back)
    if held:
        notices.tell_team_freed(db, application.week, application.user.name, now)
    return application


def withdraw_all(db: Session, week: Week, *, now: datetime, actor_id: UUID) -> None:
    """Withdraw every application in progress of a week that is called off, which must be locked
    with its half-days; one mail to each says why."""
    for application_id in list_living(db, week.id, LIVING):
        application = find_application(db, application_id)
        assert application is not None  # the week is locked
        given_back: list[Booking] = []
        kept = list_kept(db, application.id, now)
        if application.state is _S.ACCEPTED:
            given_back = release_week(db, application, now=now, actor_id=actor_id)
        _move(db, application, _S.WITHDRAWN, now, actor_id, week.cancel_reason)
        forget_needs(db, application.id)
        notices.tell_called_off(db, application, now, given_back=given_back, kept=kept)


def decide(
    db: Session,
    application_id: UUID,
    to_state: ApplicationState,
    *,
    word: str,
    now: datetime,
    actor_id: UUID,
) -> WeekApplication:
    """The team's answer, with a word for the person; it leaves by mail.

    Accepting claims everything together. Raises :class:`Refused` with ``blocked`` and every reason,
    ``cannot_move``, ``own``, ``word_missing``, ``begun``.
    """
    application = _lock(db, application_id)
    check_stands(application.week)
    if application.user_id == actor_id:
        raise Refused(_("On ne répond pas à sa propre candidature."), code="own")
    if to_state not in MOVES[application.state]:
        raise Refused(
            _("Cette candidature a bougé entre-temps : relisez-la avant de répondre."),
            code="cannot_move",
        )
    if to_state in NEEDS_WORD and not word:
        raise Refused(_("Écrivez un mot : la personne le lira."), code="word_missing", field="word")
    if to_state is _S.WITHDRAWN:
        return withdraw(db, application_id, now=now, actor_id=actor_id, word=word)
    if to_state is _S.ACCEPTED:
        if has_begun(application.week, now):
            raise Refused(_("La semaine a commencé : on n’y entre plus."), code="begun")
        claim_week(db, application, now=now, actor_id=actor_id)
    _move(db, application, to_state, now, actor_id, word)
    if to_state is _S.DECLINED:
        forget_needs(db, application.id)
    if to_state is _S.ACCEPTED:
        notices.tell_accepted(db, application, now, word=word)
    else:
        notices.tell_state(db, application, now, word=word)
    return application


def check_window(week: Week, now: datetime) -> None:
    """Raises :class:`Refused` with ``closed`` before applications open and once they are closed."""
    if (words := say_window(week, now)) is not None:
        raise Refused(words, code="closed")


def say_window(week: Week, now: datetime) -> str | None:
    """Why nobody can apply now; None when one can."""
    if week.cancelled_at is not None:
        return str(_("Cette semaine est annulée."))
    if now < week.opens_at:
        return str(
            _(
                "Les candidatures ouvrent le %(day)s à %(hour)s.",
                day=day(week.opens_at, year=True),
                hour=hour(week.opens_at),
            )
        )
    if now >= week.closes_at or has_begun(week, now):
        return str(
            _("Les candidatures sont closes depuis le %(day)s.", day=day(week.closes_at, year=True))
            if now >= week.closes_at
            else _("La semaine a commencé.")
        )
    return None


def check_cutoff(week: Week, now: datetime) -> None:
    """Raises :class:`Refused` with ``closed`` once the boarding school was told."""
    if now >= week.cutoff_at or has_begun(week, now):
        raise Refused(
            _(
                "L’internat a reçu sa liste le %(day)s : écrivez à l’équipe pour tout changement.",
                day=day(week.cutoff_at),
            ),
            code="closed",
        )


def forget_person(db: Session, user_id: UUID, now: datetime) -> None:
    """Take a person out of every week: beds and meals are free again, and the team of a week to
    come hears that a place is, not whose. Their bookings go with bookings."""
    lock_for_writing(db)
    # In the order of locks: all their weeks, then their sessions, then the houses.
    weeks = [lock_week(db, i) for i in sorted({one.week_id for one in list_own(db, user_id)})]
    hold_all_of(db, user_id)
    for week in weeks:
        week_id = week.id
        application = find_own(db, week_id, user_id)
        if application is None:
            continue
        held = application.state is _S.ACCEPTED
        if held:
            free_stay(db, application, date.min)
            week.accepted -= 1
        db.delete(application)
        db.flush()
        if held and not has_begun(week, now):
            notices.tell_team_freed(db, week, "", now)
    _forget_wishes(db, user_id)


def _forget_wishes(db: Session, user_id: UUID) -> None:
    """Their address goes from what others wished for: these keep a room to themselves."""
    db.execute(
        update(WeekApplication)
        .where(WeekApplication.wish.in_(list_own_addresses(db, user_id)))
        .values(sharing=Sharing.ALONE, wish="")
    )


def _lock(db: Session, application_id: UUID) -> WeekApplication:
    lock_for_writing(db)
    found = db.get(WeekApplication, application_id)
    if found is None:
        raise NotYours
    lock_week(db, found.week_id)
    application = find_application(db, application_id)
    if application is None:
        raise NotYours
    return application


def _move(
    db: Session,
    application: WeekApplication,
    to_state: ApplicationState,
    now: datetime,
    actor_id: UUID,
    word: str,
) -> None:
    was, application.state = application.state, to_state
    application.waiting_since = now if to_state is _S.WAITING else None
    _note(db, application, was, now, actor_id, word)


def _note(
    db: Session,
    application: WeekApplication,
    was: ApplicationState | None,
    now: datetime,
    by_id: UUID,
    word: str,
) -> None:
    application.events.append(
        ApplicationEvent(from_state=was, to_state=application.state, at=now, by_id=by_id, word=word)
    )
    db.add(application)
    db.flush()


def _wish_of(stay: Stay) -> str:
    if stay.sharing is not Sharing.SOMEBODY:
        return ""
    try:
        return normalise_email(stay.wish)
    except BadAddress:
        raise Refused(
            _("Écrivez l’adresse avec laquelle cette personne a son compte ici."), field="wish"
        ) from None


def _write_stay(db: Session, application: WeekApplication, stay: Stay) -> None:
    week = application.week
    served = {(one.day, one.meal) for one in week.meals}
    if not set(stay.nights) <= set(week.nights):
        raise Refused(
            _("Cette nuit n’est pas de la semaine : choisissez dans la liste."), field="nights"
        )
    if not set(stay.meals) <= served:
        raise Refused(_("Ce repas n’est pas servi : choisissez dans la liste."), field="meals")
    application.sharing = stay.sharing
    application.wish = _wish_of(stay)
    held = {one.night: one for one in application.nights}
    for night, one in held.items():
        if night not in stay.nights:
            application.nights.remove(one)
    for night in sorted(set(stay.nights) - set(held)):
        application.nights.append(StayNight(night=night))
    eaten = {(one.day, one.meal): one for one in application.meals}
    for key, meal in eaten.items():
        if key not in stay.meals:
            application.meals.remove(meal)
    for on, what in sorted(set(stay.meals) - set(eaten), key=lambda key: (key[0], key[1].value)):
        application.meals.append(StayMeal(day=on, meal=what, is_taken=False))
    db.add(application)
    db.flush()
