"""What may happen to accounts, roles, profiles and consents."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.people.models import (
    ADMINISTRATOR,
    LEARNER,
    ROLES,
    AgeBand,
    Audience,
    Consent,
    ConsentKind,
    Gender,
    OpenSession,
    Profile,
    Role,
    User,
    fold,
)
from tierslieu.people.queries import (
    count_administrators,
    count_demo_accounts,
    find_consent,
    list_roles,
)

PASSWORD_MINIMUM = 12  # characters
BETWEEN = str.maketrans("", "", " -_.'")  # what people put between words
SEQUENCES = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "azertyuiopqsdfghjklm", "qwertyuiop")
# What most people begin with, and what a place like this is about.
PASSWORD_WORDS = (
    "password", "passwort", "motdepasse", "mot de passe", "bonjour", "bienvenue", "welcome",
    "soleil", "jetaime", "iloveyou", "princess", "football", "administrator", "administrateur",
    "admin", "utilisateur", "tiers", "lieu", "badge", "parcours", "sophia",
)  # fmt: skip
NAME_LIMIT = 120  # characters; the longest a roll and a badge can show
JOINERS = "\u200c\u200d"  # invisible, and needed to write some names (Persian, Hindi)
# The texts people agree to, by version: a new text is a new version and asks again.
NOTICE_VERSION = "2026-11"
RESEARCH_VERSION = "2026-11"
TEXT_VERSIONS = {ConsentKind.NOTICE: NOTICE_VERSION, ConsentKind.RESEARCH: RESEARCH_VERSION}


def new_uniquifier() -> str:
    """What ties sessions to an account; replaced, it ends them all."""
    return uuid.uuid4().hex


def is_guessable(password: str, known: Sequence[str]) -> bool:
    """Whether anybody would try this password: few characters again and again, a row of keys,
    words that everybody takes, or what is ``known`` of the person and the place (names, addresses),
    and little more."""
    plain = fold(password)
    if len(set(plain)) < 5:
        return True
    rest = plain
    for text in (*SEQUENCES, *(keys[::-1] for keys in SEQUENCES)):
        for start in range(len(text) - 4):
            rest = rest.replace(text[start : start + 5], "")
    for text in (*known, *PASSWORD_WORDS):
        for word in (fold(text), *fold(text).replace("@", " ").split()):
            rest = rest.replace(word, "") if len(word) > 2 else rest
    return len(rest.translate(BETWEEN)) < 5


def check_name(name: str) -> str:
    """The name tidied (NFC, single spaces). Raises :class:`Refused` for one no page can show."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not any(c.isalnum() for c in name):
        raise Refused(_("Écrivez votre nom, tel que vous voulez qu’on vous appelle."), field="name")
    if len(name) > NAME_LIMIT:
        raise Refused(
            _("Ce nom est trop long : %(count)d caractères au plus.", count=NAME_LIMIT),
            field="name",
        )
    if any(unicodedata.category(c)[0] == "C" and c not in JOINERS for c in name):
        raise Refused(
            _("Ce nom contient un caractère invisible : effacez-le et réessayez."), field="name"
        )
    return name


def _roles_named(db: Session, names: Sequence[str]) -> list[Role]:
    unknown = sorted(set(names) - set(ROLES))
    if unknown:
        raise Refused(
            _(
                "Rôle inconnu : %(unknown)s. Les rôles sont : %(roles)s.",
                unknown=", ".join(unknown),
                roles=", ".join(ROLES),
            ),
            code="unknown_role",
            field="role",
        )
    make_roles(db)
    return list_roles(db, names)


def make_roles(db: Session) -> None:
    """The roles of the house, those that are missing."""
    have = set(db.scalars(select(Role.name)))
    missing = [Role(name=name) for name in ROLES if name not in have]
    if missing:
        db.add_all(missing)
        db.flush()


def choose_language(person: User, language: str) -> None:
    """``fr`` or ``en``: of this person's pages and of the mails they get."""
    person.language = language


def create_user(
    db: Session,
    *,
    email: str,
    name: str,
    roles: Sequence[str] = (LEARNER,),
    password_hash: str | None = None,
    now: datetime,
    confirmed: bool = True,
    is_15_or_over: bool = False,
    is_demo: bool = False,
) -> User:
    """A new account. ``password_hash`` is made before, outside the transaction (argon2 is slow).

    Raises :class:`Refused` for no address, one that has an account, no name, an unknown role.
    """
    try:
        address = normalise_email(email)
    except BadAddress:
        raise Refused(
            _("Cette adresse mail n’est pas complète. Exemple : prenom@exemple.fr."),
            code="bad_email",
            field="email",
        ) from None
    name = check_name(name)
    lock_for_writing(db)
    held = _roles_named(db, roles)
    known = Refused(
        _("Un compte existe déjà pour cette adresse."), code="already_known", field="email"
    )
    if db.scalar(select(User.id).where(User.email == address)):
        raise known
    user = User(
        email=address,
        name=name,
        password=password_hash,
        active=True,
        fs_uniquifier=new_uniquifier(),
        confirmed_at=now if confirmed else None,
        is_15_or_over=is_15_or_over,
        is_demo=is_demo,
        created_at=now,
        roles=held,
    )
    db.add(user)
    try:
        db.flush()
    except IntegrityError:  # somebody else wrote the same address at the same instant
        raise known from None
    return user


def rename(db: Session, user: User, name: str) -> None:
    """Change how this person wishes to be called. Raises :class:`Refused` for no name."""
    user.name = check_name(name)
    db.flush()


def save_profile(
    db: Session,
    user: User,
    *,
    audience: Audience,
    now: datetime,
    teaches_what: str = "",
    teaches_where: str = "",
    town: str = "",
    country: str = "FR",
    aims: str = "",
    age_band: AgeBand | None = None,
    gender: Gender | None = None,
    gender_described: str = "",
) -> Profile:
    """Write this person's profile. What a choice makes pointless is emptied with it."""
    if user.profile is None:
        user.profile = Profile(user_id=user.id, audience=audience)
    profile = user.profile
    teaches = audience is Audience.TEACHER
    profile.audience = audience
    profile.teaches_what = teaches_what if teaches else ""
    profile.teaches_where = teaches_where if teaches else ""
    profile.town, profile.country, profile.aims = town, country, aims
    profile.age_band, profile.gender = age_band, gender
    profile.gender_described = gender_described if gender is Gender.SELF_DESCRIBED else ""
    profile.updated_at = now
    db.flush()
    return profile


def give_consent(db: Session, user_id: UUID, kind: ConsentKind, *, now: datetime) -> Consent:
    """Note a yes to today's text. A second yes to the same text changes nothing."""
    lock_for_writing(db)
    db.get(User, user_id, with_for_update=True)
    version = TEXT_VERSIONS[kind]
    standing = find_consent(db, user_id, kind)
    if standing is not None:
        if standing.text_version == version:
            return standing
        standing.withdrawn_at = now  # a new text was agreed to: the old yes ends here
        db.flush()
    consent = Consent(user_id=user_id, kind=kind, text_version=version, given_at=now)
    db.add(consent)
    db.flush()
    return consent


def withdraw_consent(
    db: Session, user_id: UUID, kind: ConsentKind, *, now: datetime
) -> Consent | None:
    """Note that a yes is taken back; returns it, or None when there was none to take back."""
    lock_for_writing(db)
    standing = find_consent(db, user_id, kind)
    if standing is not None:
        standing.withdrawn_at = now
        db.flush()
    return standing


def change_roles(
    db: Session, user_id: UUID, *, give: Sequence[str] = (), take: Sequence[str] = ()
) -> User:
    """Give and take roles. The place always keeps one person who administers it.

    Raises :class:`Refused` for an unknown role or the last administrator, :class:`NotYours` for
    nobody.
    """
    lock_for_writing(db)
    given = _roles_named(db, give)
    taken = {role.name for role in _roles_named(db, take)}
    # All writers of roles pass by this row in turn, so that two cannot each remove the other.
    db.scalar(select(Role.id).where(Role.name == ADMINISTRATOR).with_for_update())
    user = db.get(User, user_id, with_for_update=True, populate_existing=True)
    if user is None:
        raise NotYours()
    loses_administration = ADMINISTRATOR in taken and user.active and user.holds(ADMINISTRATOR)
    if loses_administration and count_administrators(db) == 1:
        raise Refused(
            _(
                "%(name)s est la dernière personne qui administre le lieu : "
                "donnez d’abord ce rôle à quelqu’un d’autre.",
                name=user.name,
            ),
            code="last_administrator",
        )
    new = [role for role in given if not user.holds(role.name)]
    gone = [role.name for role in user.roles if role.name in taken]
    user.roles = [*(role for role in user.roles if role.name not in taken), *new]
    db.flush()
    for role in new:
        note(db, Act.ROLE_GIVEN, subject_id=user_id, about={"role": role.name})
    for name in gone:
        note(db, Act.ROLE_TAKEN, subject_id=user_id, about={"role": name})
    return user


def end_all_sessions(db: Session) -> int:
    """End everybody's sessions, and the links to sign in that were mailed; how many accounts."""
    ids = list(db.scalars(select(User.id).order_by(User.id)))
    for start in range(0, len(ids), 500):
        changed = [
            {"id": id_, "fs_uniquifier": new_uniquifier()} for id_ in ids[start : start + 500]
        ]
        db.execute(update(User), changed)
    db.execute(delete(OpenSession))
    db.flush()
    return len(ids)


def close_account(db: Session, user_id: UUID) -> None:
    """Empty an account of everything that tells who it was; nobody can enter it any more.

    The row stays, so that what it did for others (a roll called, a badge signed) stays true.
    """
    lock_for_writing(db)
    user = db.get(User, user_id, with_for_update=True)
    if user is None:
        return
    user.email = f"{user.id}@effacee.invalid"  # RFC 2606: no mail ever goes there
    user.name = _("Personne partie")
    user.password = user.confirmed_at = user.us_totp_secrets = None
    user.tf_primary_method = user.tf_totp_secret = user.tf_last_counter = None
    user.mf_recovery_codes = None
    user.active = False
    user.roles = []
    user.fs_uniquifier = new_uniquifier()
    db.flush()


def erase_profile(db: Session, user_id: UUID) -> None:
    """Forget the profile."""
    db.execute(delete(Profile).where(Profile.user_id == user_id))


def erase_consents(db: Session, user_id: UUID) -> None:
    """Forget the consents, given and withdrawn."""
    db.execute(delete(Consent).where(Consent.user_id == user_id))


def refuse_demo_accounts(db: Session) -> None:
    """Raise :class:`Refused` if demonstration accounts stand in this database.

    Their password is public: a production instance does not start with them.
    """
    count = count_demo_accounts(db)
    if count:
        raise Refused(
            _(
                "Cette base contient %(count)d comptes de démonstration, dont le mot de passe est "
                "public. Démarrez sur une base neuve, ou mettez TIERSLIEU_DEMO=1.",
                count=count,
            ),
            code="demo_accounts",
        )
