"""Asking for an endorsement, and what becomes of the question; giving is in ``giving.py``."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from badges.awards.endorsing import award_gone
from badges.awards.models import Award
from badges.awards.queries import find_own_award
from badges.designs.models import BadgeClass
from badges.designs.queries import find_badge
from badges.endorsements import queries
from badges.endorsements.models import Endorsement, EndorsementState
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.rules import forget_mails, write_mail
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.people.models import User
from tierslieu.web.links import clean_url

ANSWER_WITHIN = timedelta(days=60)
REMIND_AFTER = timedelta(days=21)
FORGET_AFTER = timedelta(days=180)  # a question answered by no, or by nobody
# Together no more than the eight that a verifier looks at in one badge.
MOST_OF_A_BADGE = 5
MOST_OF_AN_AWARD = 3
# Questions of one person, those taken back included: their mail has left.
MOST_A_DAY = 20  # of the team, for the badges of the place
MOST_A_DAY_OF_A_HOLDER = 5  # whoever has an account and a badge can have strangers written to
MOST_FILES = 20  # tried with one link
COUNTED_FOR = timedelta(days=1)
AT_ONCE = 100


@dataclass(frozen=True)
class Question:
    """Whom one asks, and a word for them."""

    organisation: str
    website: str
    email: str
    message: str


@dataclass(frozen=True)
class Asked:
    """The question as it is kept, and the secret of its link, which is kept nowhere."""

    endorsement: Endorsement
    secret: str


def ask_about_badge(
    db: Session, slug: str, question: Question, *, asker: User, now: datetime
) -> Asked:
    """Ask a partner to endorse a badge class; they get a mail with a link.

    Raises :class:`NotYours`, :class:`Refused`: ``draft``, ``badge_archived``, and as :func:`_ask`.
    """
    asker_id = asker.id
    lock_for_writing(db)
    badge = find_badge(db, slug, drafts=True)
    if badge is None:
        raise NotYours()
    check_badge(badge)
    return _ask(db, question, asker_id, now=now, badge=badge)


def check_badge(badge: BadgeClass) -> None:
    """Raises :class:`Refused` ``draft`` or ``badge_archived`` for what nobody can endorse."""
    if badge.published_at is None:
        raise Refused(
            _("Ce badge est un brouillon : publiez-le avant de demander un soutien."), code="draft"
        )
    if badge.archived_at is not None:
        raise Refused(
            _("Ce badge n’est plus attribué : un soutien ne servirait à personne."),
            code="badge_archived",
        )


def ask_about_award(
    db: Session, award_id: UUID, question: Question, *, asker: User, now: datetime
) -> Asked:
    """A holder asks a partner to endorse their own award.

    Raises :class:`NotYours`, :class:`Refused`: ``award_gone``, and as :func:`_ask`.
    """
    asker_id = asker.id
    lock_for_writing(db)
    award = find_own_award(db, db.get_one(User, asker_id), award_id)
    if award is None or not award.credential:
        raise NotYours()
    if award.revoked_at is not None:
        raise award_gone()
    return _ask(db, question, asker_id, now=now, award=award)


def _ask(
    db: Session,
    question: Question,
    asker_id: UUID,
    *,
    now: datetime,
    badge: BadgeClass | None = None,
    award: Award | None = None,
) -> Asked:
    """Raises :class:`Refused`: ``bad_address``, ``bad_link``, ``own_address``, ``already_asked``,
    ``too_many``, ``too_often``."""
    asker = db.get_one(User, asker_id)
    email, website = _read_address(question.email, asker), clean_website(question.website)
    badge_id, award_id = (badge.id if badge else None), (award.id if award else None)
    if queries.is_asked(db, email, badge_id=badge_id, award_id=award_id):
        raise _already_asked()
    most = MOST_OF_A_BADGE if badge else MOST_OF_AN_AWARD
    if queries.count_taken(db, badge_id=badge_id, award_id=award_id, now=now) >= most:
        raise Refused(
            _(
                "Un badge porte %(most)s soutiens au plus, demandes en attente comprises : "
                "attendez une réponse, ou annulez une demande.",
                most=most,
            ),
            code="too_many",
        )
    most_a_day = MOST_A_DAY if badge else MOST_A_DAY_OF_A_HOLDER
    since = now - COUNTED_FOR
    if queries.count_asked_since(db, asker_id, since, of_awards=badge is None) >= most_a_day:
        raise Refused(
            _("Vous avez déjà beaucoup demandé aujourd’hui : reprenez demain."),
            code="too_often",
            status=429,
        )
    secret = secrets.token_urlsafe(32)
    endorsement = Endorsement(
        badge=badge,
        award=award,
        asked_by_id=asker_id,
        asked_at=now,
        expires_at=now + ANSWER_WITHIN,
        organisation=question.organisation.strip(),
        website=website,
        email=email,
        mail_domain=email.rpartition("@")[2],
        message=question.message.strip(),
        secret_hash=queries.hash_secret(secret),
        state=EndorsementState.ASKED,
    )
    try:
        with db.begin_nested():
            db.add(endorsement)
    except IntegrityError as error:  # asked by somebody else this very moment
        raise _already_asked() from error
    _write(db, endorsement, secret, now=now)
    return Asked(endorsement, secret)


def _read_address(text: str, asker: User) -> str:
    try:
        email = normalise_email(text)
    except BadAddress as error:
        raise Refused(
            _("Cette adresse mail est incomplète ou mal écrite : corrigez-la."),
            code="bad_address",
            field="email",
            status=422,
        ) from error
    if email == asker.email:
        raise Refused(
            _("C’est votre propre adresse : un soutien vient de quelqu’un d’autre."),
            code="own_address",
            field="email",
            status=422,
        )
    return email


def clean_website(text: str) -> str:
    """The organisation's site, or nothing. Raises :class:`Refused` ``bad_link``."""
    try:
        return clean_url(text)
    except Refused as refused:
        raise Refused(
            refused.message, code=refused.code, field="website", status=refused.status
        ) from refused


def _already_asked() -> Refused:
    return Refused(
        _("Cette adresse a déjà reçu cette demande et n’a pas encore répondu."),
        code="already_asked",
        field="email",
    )


def _write(
    db: Session, endorsement: Endorsement, secret: str, *, now: datetime, again: bool = False
) -> None:
    assert endorsement.email is not None
    award = endorsement.award
    asker = db.get(User, endorsement.asked_by_id) if endorsement.asked_by_id else None
    write_mail(
        db,
        endorsement.email,
        "endorsements_asked",
        {
            "organisation": endorsement.organisation,
            "badge": endorsement.subject.name,
            "holder": award.holder_name if award else "",
            "asker": asker.name if asker else "",
            "message": endorsement.message,
            "path": f"/soutiens/{secret}",
            "days": (endorsement.expires_at - now).days,
            "is_reminder": again,
        },
        now=now,
        due_key=queries.letter_key(endorsement.id, again=again),
    )


def cancel(
    db: Session, endorsement_id: UUID, *, user_id: UUID, is_team: bool, now: datetime
) -> Endorsement:
    """Take a question back: the link leads nowhere, and nothing of what was written is kept.

    That one was asked still counts for the day: otherwise asking and taking back, over and over,
    would send anybody any number of mails.

    Raises :class:`NotYours` for one that is not this person's or was answered.
    """
    lock_for_writing(db)
    found = queries.find_asked_by(db, endorsement_id, user_id, is_team=is_team)
    if found is None:
        raise NotYours()
    close(db, found, EndorsementState.CANCELLED, now=now)
    found.organisation = found.website = found.mail_domain = ""
    # The hash of a secret that nobody was given.
    found.secret_hash = queries.hash_secret(secrets.token_urlsafe(32))
    found.reminder_hash = None
    db.flush()
    return found


def open_question(db: Session, secret: str, *, now: datetime, lock: bool = False) -> Endorsement:
    """The question that waits at this link.

    Raises :class:`NotYours`; :class:`Refused` ``answered``, ``expired``, ``award_gone``,
    ``badge_archived``.
    """
    found = queries.find_by_secret(db, secret, lock=lock)
    if found is None:
        raise NotYours()
    if found.state is not EndorsementState.ASKED:
        expired = found.state is EndorsementState.EXPIRED
        raise lapsed() if expired else _answered()
    if found.expires_at <= now:
        raise lapsed()
    if found.award is not None and (found.award.revoked_at or not found.award.credential):
        raise award_gone()
    if found.badge is not None:
        check_badge(found.badge)
    return found


def lapsed() -> Refused:
    """The time to answer is over."""
    return Refused(
        _("Le temps de répondre à cette demande est passé : qui l’a faite peut la refaire."),
        code="expired",
        status=410,
    )


def _answered() -> Refused:
    return Refused(
        _("Une réponse a déjà été donnée par ce lien : il n’en prend qu’une."), code="answered"
    )


def decline(db: Session, secret: str, *, now: datetime) -> Endorsement:
    """No, thank you: the address is erased, and nobody is asked why.

    Raises: as :func:`open_question`.
    """
    lock_for_writing(db)
    found = open_question(db, secret, now=now, lock=True)
    close(db, found, EndorsementState.DECLINED, now=now)
    tell_asker(db, found, now=now)
    return found


def close(db: Session, found: Endorsement, state: EndorsementState, *, now: datetime) -> None:
    """The question is over: the address and the word that went to it are erased, in the outbox
    too."""
    found.state, found.answered_at = state, now
    found.email, found.message = None, ""
    forget_mails(db, queries.list_letters(db, found.id))


def tell_asker(db: Session, found: Endorsement, *, now: datetime) -> None:
    """Who asked reads what became of it; for an award, that its files are new."""
    asker = db.get(User, found.asked_by_id) if found.asked_by_id else None
    if asker is None or not asker.active:
        return
    write_mail(
        db,
        asker.email,
        "endorsements_answered",
        {
            "name": asker.name,
            "organisation": found.organisation,
            "badge": found.subject.name,
            "state": found.state.value,
            "path": f"/credentials/{found.award_id}"
            if found.award_id
            else f"/badges/{found.subject.slug}",
            "is_award": found.award_id is not None,
        },
        now=now,
        due_key=f"endorsement:{found.id}:{found.state.value}:asker",
    )


def count_attempt(db: Session, secret: str, *, now: datetime) -> None:
    """A file handed in: each may send us to somebody's web site, so one link allows a few.

    Raises :class:`Refused` ``too_often``, and as :func:`open_question`.
    """
    lock_for_writing(db)
    found = open_question(db, secret, now=now, lock=True)
    if found.attempts >= MOST_FILES:
        raise Refused(
            _("Trop de fichiers ont été essayés par ce lien. Demandez-en un autre."),
            code="too_often",
            status=429,
        )
    found.attempts += 1
    db.flush()


def remind(db: Session, now: datetime) -> int:
    """One reminder of each question that waits since three weeks, with a link of its own."""
    lock_for_writing(db)
    found = queries.list_to_remind(db, now, now - REMIND_AFTER, AT_ONCE)
    for endorsement in found:
        endorsement.reminded_at = now
        if _is_moot(endorsement):
            continue
        secret = secrets.token_urlsafe(32)
        endorsement.reminder_hash = queries.hash_secret(secret)
        _write(db, endorsement, secret, now=now, again=True)
    db.flush()
    return len(found)


def _is_moot(found: Endorsement) -> bool:
    """There is nothing left to endorse: nobody is reminded of that."""
    if found.award is not None:
        return found.award.revoked_at is not None or not found.award.credential
    return found.subject.archived_at is not None


def lapse(db: Session, now: datetime) -> int:
    """Questions nobody answered in time: the address is erased."""
    lock_for_writing(db)
    found = queries.list_lapsed(db, now, AT_ONCE)
    for endorsement in found:
        close(db, endorsement, EndorsementState.EXPIRED, now=now)
    db.flush()
    return len(found)


def forget(db: Session, now: datetime) -> int:
    """Nothing is kept of old questions that came to nothing, nor of those taken back once they no
    longer count."""
    lock_for_writing(db)
    found = queries.list_to_forget(db, now - FORGET_AFTER, now - COUNTED_FOR, AT_ONCE)
    for endorsement in found:
        db.delete(endorsement)
    db.flush()
    return len(found)


def erase_person(db: Session, user_id: UUID) -> None:
    """What was asked and said about this person's awards goes; of what they asked for the place,
    who asked."""
    for endorsement in queries.list_of_person(db, user_id):
        if endorsement.award_id is not None:
            db.delete(endorsement)
        else:
            endorsement.asked_by_id, endorsement.message = None, ""
    db.flush()
