"""Accounts, roles, profiles, consents."""

from __future__ import annotations

import enum
import unicodedata
import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from flask_security import RoleMixin, UserMixin
from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Table, UniqueConstraint, text
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.register import Whose, kept, of_nobody

LEARNER = "learner"
FACILITATOR = "facilitator"
RESEARCHER = "researcher"
COORDINATOR = "coordinator"
ADMINISTRATOR = "administrator"
ROLES = (LEARNER, FACILITATOR, RESEARCHER, COORDINATOR, ADMINISTRATOR)


class Audience(enum.Enum):
    """For whom a person comes: the four publics of the place."""

    TEACHER = "teacher"
    CAREER_CHANGER = "career_changer"
    GRADUATE_OR_VAE = "graduate_or_vae"
    ANYBODY = "anybody"


class AgeBand(enum.Enum):
    """A band, never a birth date."""

    FROM_15 = "15-24"
    FROM_25 = "25-34"
    FROM_35 = "35-44"
    FROM_45 = "45-54"
    FROM_55 = "55+"


class Gender(enum.Enum):
    """Optional, self-described if wished; shown only in aggregates that reveal nobody."""

    WOMAN = "woman"
    MAN = "man"
    SELF_DESCRIBED = "self_described"


class ConsentKind(enum.Enum):
    """Two separate boxes: having read the data-protection notice; taking part in research."""

    NOTICE = "notice"
    RESEARCH = "research"


def fold(text: str) -> str:
    """``text`` as one looks for it: «Zoé Le Bœuf» and «zoe le boeuf» are the same."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return plain.replace("œ", "oe").replace("æ", "ae").replace("’", "'")


user_roles = Table(
    "user_roles",
    Base.metadata,
    Column("user_id", ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id", ondelete="CASCADE"), primary_key=True, index=True),
    info={"kept": kept("account", plain="user_id role_id", whose=(Whose.MEMBERS, Whose.TEAM))},
)


class Role(Base, RoleMixin):
    """What a person may do here; a person may hold several."""

    __tablename__ = "role"
    __kept__ = of_nobody(
        _("La liste des rôles du lieu"),
        "id name description",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(default="")


class User(Base, UserMixin):
    """An account. The name is how this person wishes to be called, on the roll and on badges."""

    __tablename__ = "user_account"  # "user" is reserved in PostgreSQL
    __kept__ = kept(
        "account",
        plain="id active confirmed_at is_15_or_over is_demo created_at",
        says={
            "email": _("L’adresse qui ouvre le compte et où écrire"),
            "name": _("Le nom dont la personne veut être appelée"),
            "sort_name": _("Le même nom sans accents, pour trier et chercher"),
            "password": _("L’empreinte du mot de passe, illisible (argon2)"),
            "fs_uniquifier": _(
                "Un nombre au hasard qui, changé, ferme toutes les visites en cours"
            ),
            "us_totp_secrets": _("De quoi vérifier le lien de connexion envoyé par mail"),
            "us_phone_number": _("Jamais demandé : la bibliothèque de connexion attend la colonne"),
            "tf_primary_method": _("La façon de la double vérification"),
            "tf_totp_secret": _("Le secret de l’application des codes, chiffré"),
            "tf_last_counter": _("Le dernier code qui a servi, pour qu’il ne serve qu’une fois"),
            "mf_recovery_codes": _("Les codes de secours, chiffrés"),
            "language": _("La langue choisie, des pages et des mails"),
            "tf_phone_number": _("Jamais demandé : la bibliothèque de connexion attend la colonne"),
        },
        whose=(
            Whose.MEMBERS,
            Whose.TEAM,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(  # type: ignore[assignment]
        primary_key=True, default=new_id
    )
    email: Mapped[str] = mapped_column(unique=True)  # normalised, lower case
    name: Mapped[str] = mapped_column(default="")
    # The name without accents or capitals: both databases sort and search it alike.
    sort_name: Mapped[str] = mapped_column(default="", index=True)
    password: Mapped[str | None]  # argon2 hash; None: signs in by link only
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)  # changed to end all sessions
    confirmed_at: Mapped[datetime | None]
    us_totp_secrets: Mapped[str | None]  # one-time codes of the e-mailed link
    us_phone_number: Mapped[str | None]  # Flask-Security expects the column; never asked
    tf_primary_method: Mapped[str | None]
    tf_totp_secret: Mapped[str | None]
    tf_phone_number: Mapped[str | None]
    tf_last_counter: Mapped[int | None]  # the interval of the last code used: none serves twice
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(  # encrypted
        MutableList.as_mutable(JSON(none_as_null=True))
    )
    is_15_or_over: Mapped[bool] = mapped_column(default=False)  # said so; never a birth date
    is_demo: Mapped[bool] = mapped_column(default=False)  # refused by a production instance
    # fr or en: of pages and mails; empty: not chosen, what the browser asks for, and French mails
    language: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)

    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]
        secondary=user_roles, order_by=Role.id
    )
    profile: Mapped[Profile | None] = relationship(
        back_populates="user", cascade="all, delete-orphan", uselist=False
    )

    @validates("name")
    def _keep_sort_name(self, key: str, name: str) -> str:
        self.sort_name = fold(name)
        return name

    def holds(self, *roles: str) -> bool:
        """Whether this person holds at least one of these roles."""
        return any(role.name in roles for role in self.roles)

    @property
    def needs_second_factor(self) -> bool:
        """Whether a password or a mailbox alone must not open this account: who awards, exports or
        administers. Demonstration accounts are exempt, for everybody knows their password."""
        return not self.is_demo and self.holds(*(role for role in ROLES if role != LEARNER))

    def check_tf_required_setup(self) -> bool:
        """What the library asks before it lets somebody switch it off."""
        return self.needs_second_factor

    @property
    def initials(self) -> str:
        """Two letters for the round at the top of the page."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if words[1:] else words)).upper()


class Profile(Base):
    """What serves: for whom one comes, from where, with what aim. The rest is optional."""

    __tablename__ = "profile"
    __kept__ = kept(
        "profile",
        plain="user_id audience age_band gender updated_at",
        says={
            "teaches_what": _("La matière enseignée, pour proposer les parcours qui conviennent"),
            "teaches_where": _("L’établissement ou le niveau, pour la même raison"),
            "town": _("La ville, pour savoir d’où l’on vient, en nombre"),
            "country": _("Le pays, pour la même raison"),
            "aims": _("Ce que la personne vise, pour l’orienter"),
            "gender_described": _("Le genre dans ses propres mots, facultatif"),
        },
    )

    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    audience: Mapped[Audience]
    teaches_what: Mapped[str] = mapped_column(default="")  # subject(s), teachers only
    teaches_where: Mapped[str] = mapped_column(default="")  # level or school, teachers only
    town: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="FR")  # ISO 3166-1 alpha-2
    aims: Mapped[str] = mapped_column(default="")
    age_band: Mapped[AgeBand | None]
    gender: Mapped[Gender | None]
    gender_described: Mapped[str] = mapped_column(default="")
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)

    user: Mapped[User] = relationship(back_populates="profile")


class Consent(Base):
    """A yes, dated, to a text in a version; withdrawn by a date, never erased by a click."""

    __tablename__ = "consent"
    __table_args__ = (
        Index(
            "uq_consent_active",
            "user_id",
            "kind",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )
    __kept__ = kept(
        "consents",
        plain="id user_id kind given_at withdrawn_at",
        says={
            "text_version": _("La version du texte accepté, pour prouver à quoi l’on a dit oui"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[ConsentKind]
    text_version: Mapped[str]
    given_at: Mapped[datetime] = mapped_column(default=clock.now)
    withdrawn_at: Mapped[datetime | None]


class AccountSuspension(Base):
    """This account is closed for a while, and why; the row goes when it is reopened. Who did it
    stands in the logbook."""

    __tablename__ = "account_suspension"
    __kept__ = kept(
        "account",
        plain="user_id since",
        says={"reason": _("Pourquoi le compte est fermé pour un temps, comme la personne le lit")},
    )

    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    reason: Mapped[str]  # as the person read it
    since: Mapped[datetime] = mapped_column(default=clock.now)


class OtherAddress(Base):
    """An address of this person's besides the account's: an earlier one, one more, or one that
    waits to be proved. Nothing else is sent there; badges made out to it are known as theirs."""

    __tablename__ = "other_address"
    __table_args__ = (UniqueConstraint("user_id", "email"),)
    __kept__ = kept(
        "addresses",
        plain="id user_id asked_at proved_at takes_over",
        says={
            "email": _("Une autre adresse de la personne, pour reconnaître ses badges"),
            "secret_hash": _("L’empreinte du lien qui prouve l’adresse"),
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    email: Mapped[str]  # normalised, lower case
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    proved_at: Mapped[datetime | None]
    takes_over: Mapped[bool] = mapped_column(default=False)  # becomes the account's once proved
    # SHA-256, hex, of the secret in the mailed link; None: no link leads here.
    secret_hash: Mapped[str | None] = mapped_column(unique=True)


class OpenSession(Base):
    """A browser somebody is signed in with. Its cookie holds the secret; without this row it opens
    nothing. No network address is kept."""

    __tablename__ = "open_session"
    __kept__ = kept(
        "devices",
        plain="id user_id is_kept is_strong created_at last_seen_at ends_at",
        says={
            "secret_hash": _("L’empreinte de ce que garde le navigateur, pour le reconnaître"),
            "device": _("La sorte d’appareil, en mots"),
        },
        whose=(Whose.MEMBERS, Whose.TEAM),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    secret_hash: Mapped[str] = mapped_column(unique=True)  # SHA-256, hex
    device: Mapped[str]  # «Firefox|Android»
    is_kept: Mapped[bool] = mapped_column(default=False)  # outlives the browser's window
    is_strong: Mapped[bool] = mapped_column(default=False)  # begun with a second factor
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_seen_at: Mapped[datetime] = mapped_column(default=clock.now)  # within a quarter of an hour
    ends_at: Mapped[datetime] = mapped_column(index=True)


class Passkey(Base):
    """A passkey (WebAuthn) of this person: the public half of a key their device keeps. It opens
    the account by itself, for the device asks who holds it."""

    __tablename__ = "passkey"
    __kept__ = kept(
        "passkeys",
        plain="id user_id added_at last_used_at",
        says={
            "name": _("Le nom que la personne lui donne, pour la reconnaître dans sa liste"),
            "credential_id": _("Le numéro de la clé, choisi au hasard par l’appareil"),
            "public_key": _("La moitié publique de la clé, qui ne fait que vérifier"),
            "sign_count": _("Le compteur de l’appareil, pour reconnaître une clé copiée"),
            "last_asked_at": _("L’heure de la dernière demande signée, qui ne sert qu’une fois"),
        },
        whose=(Whose.MEMBERS, Whose.TEAM),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    credential_id: Mapped[str] = mapped_column(unique=True)  # base64url
    public_key: Mapped[str]  # COSE, base64url
    sign_count: Mapped[int] = mapped_column(BigInteger)  # unsigned 32 bits; always 0 where synced
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_used_at: Mapped[datetime | None]
    # When the challenge signed last was made: none of that moment or before serves again.
    last_asked_at: Mapped[datetime | None]
