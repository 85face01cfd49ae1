"""Showing a plan to the team, agreeing on it, closing it.

Both agree, each dated and signed: the person asks, one of the team agrees to what they have before
their eyes (``seen``, the plan's revision). What was agreed is frozen as a
:class:`PlanAgreement`; the plan itself goes on living in the person's hands.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.support.plans import notices
from tierslieu.support.plans.freezing import freeze
from tierslieu.support.plans.models import Plan, PlanAgreement, PlanState, PlanTurn
from tierslieu.support.plans.queries import find_followed
from tierslieu.support.plans.rules import MAX_WORD, check_length, lock_own, lock_plan, tell


def share_plan(db: Session, user_id: UUID, *, now: datetime) -> Plan:
    """Let the team read it."""
    plan = lock_own(db, user_id)
    if plan.shared_at is None:
        plan.shared_at = now
        tell(db, plan, PlanTurn.SHARED, user_id, now)
    return plan


def withdraw_plan(
    db: Session, user_id: UUID, *, now: datetime, plan_id: UUID | None = None
) -> Plan:
    """No longer: a plan is its owner's, the open one or (``plan_id``) one that is done. The team
    reads nothing more of it, its past included, and a mail that waits for the morning is not sent.
    Raises :class:`NotYours`."""
    if plan_id is None:
        plan = lock_own(db, user_id)
    else:
        lock_for_writing(db)
        lock_plan(db, plan_id)
        found = db.get(Plan, plan_id, populate_existing=True)
        if found is None or found.user_id != user_id:
            raise NotYours
        plan = found
    if plan.shared_at is not None:
        plan.shared_at = plan.asked_at = None
        notices.forget(db, plan)
        tell(db, plan, PlanTurn.WITHDRAWN, user_id, now)
    return plan


def ask_agreement(db: Session, user_id: UUID, *, now: datetime) -> Plan:
    """The person's own agreement, and the wish for the team's. Raises :class:`Refused`
    ``not_shared``, ``agreed_already``, ``no_steps``."""
    plan = lock_own(db, user_id)
    if plan.shared_at is None:
        raise Refused(
            _("L’équipe ne voit pas encore ce plan : montrez-le d’abord."), code="not_shared"
        )
    if plan.state is PlanState.AGREED:
        raise Refused(_("Ce plan est déjà convenu, tel qu’il est."), code="agreed_already")
    if not plan.steps:
        raise Refused(
            _("Ce plan n’a pas encore d’étape : ajoutez-en une avant de demander l’accord."),
            code="no_steps",
        )
    if plan.asked_at is None:
        plan.asked_at = now
        event = tell(db, plan, PlanTurn.ASKED, user_id, now)
        notices.tell_asked(db, plan, event, now)
    return plan


def _lock_followed(db: Session, plan_id: UUID, reader_id: UUID) -> Plan:
    lock_plan(db, plan_id)
    plan = find_followed(db, plan_id, reader_id)
    if plan is None:
        raise NotYours
    if plan.state is PlanState.DONE:
        raise Refused(_("Ce plan est terminé."), code="closed")
    return plan


def propose_change(
    db: Session, plan_id: UUID, reader_id: UUID, word: str, *, now: datetime
) -> Plan:
    """A word of the team on what might be changed; it answers a wish for agreement with «not yet».

    Raises :class:`Refused` ``no_word``, ``too_long``, ``closed``; NotYours for who may not read it.
    """
    plan = _lock_followed(db, plan_id, reader_id)
    word = _checked_word(word)
    plan.asked_at = None
    event = tell(db, plan, PlanTurn.PROPOSED, reader_id, now, word)
    notices.tell_person(db, plan, event, now)
    return plan


def agree(db: Session, plan_id: UUID, reader_id: UUID, seen: int, *, now: datetime) -> Plan:
    """Agree to the plan as it was at that revision, and keep what it says.

    Raises :class:`Refused` ``not_asked``, ``changed_meanwhile``, ``closed``; NotYours for who may
    not read it.
    """
    plan = _lock_followed(db, plan_id, reader_id)
    if plan.revision != seen:
        raise Refused(
            _("Ce plan vient de changer : relisez-le avant de donner votre accord."),
            code="changed_meanwhile",
        )
    if plan.asked_at is None:
        raise Refused(
            _("Personne n’attend d’accord sur ce plan : il a peut-être déjà été donné."),
            code="not_asked",
        )
    agreement = PlanAgreement(
        plan=plan,
        number=len(plan.agreements) + 1,
        content=freeze(plan),
        asked_at=plan.asked_at,
        agreed_at=now,
        agreed_by_id=reader_id,
    )
    db.add(agreement)
    plan.state, plan.asked_at = PlanState.AGREED, None
    event = tell(db, plan, PlanTurn.AGREED, reader_id, now)
    notices.tell_person(db, plan, event, now)
    return plan


def close_plan(db: Session, user_id: UUID, word: str, *, now: datetime) -> Plan:
    """It is done, with a word; a new one may follow. From a draft too: nobody needs anybody's
    leave to have finished. Raises :class:`Refused` ``no_word``, ``too_long``."""
    plan = lock_own(db, user_id)
    plan.close_word = _checked_word(word)
    plan.state, plan.closed_at, plan.asked_at = PlanState.DONE, now, None
    event = tell(db, plan, PlanTurn.DONE, user_id, now)
    notices.tell_closed(db, plan, event, now)
    return plan


def _checked_word(word: str) -> str:
    word = word.strip()
    if not word:
        raise Refused(_("Écrivez quelques mots."), code="no_word", field="word", status=422)
    check_length(word, MAX_WORD, "word")
    return word
