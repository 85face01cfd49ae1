"""What people offer: roles, the demonstration's people, their data, what research may know."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.db import lock_for_writing
from tierslieu.errors import Refused
from tierslieu.house import (
    Card,
    Check,
    Figure,
    HomeCard,
    Indicator,
    Job,
    PersonalData,
    Scene,
    Setup,
)
from tierslieu.house_accounts import Reader
from tierslieu.house_joining import Joining
from tierslieu.house_kept import Retention
from tierslieu.mail.queries import list_mails_due, list_mails_to
from tierslieu.mail.rendering import render_mail
from tierslieu.mail.rules import forget_mails
from tierslieu.people.devices.queries import list_open
from tierslieu.people.devices.rules import erase_sessions
from tierslieu.people.devices.rules import sweep as sweep_sessions
from tierslieu.people.devices.words import describe_device
from tierslieu.people.entry import offers as entry
from tierslieu.people.joining.rules import join_people
from tierslieu.people.models import ROLES, User
from tierslieu.people.moving import asked_for, erase_addresses, forget_unproved
from tierslieu.people.passkeys import offers as passkeys
from tierslieu.people.queries import (
    count_administrators,
    count_confirmed,
    find_language,
    find_person,
    list_consents,
    list_other_addresses,
)
from tierslieu.people.register import offers as register
from tierslieu.people.rules import (
    close_account,
    erase_consents,
    erase_profile,
    make_roles,
    refuse_demo_accounts,
)
from tierslieu.people.scenes import play
from tierslieu.people.second.rules import has_second_factor
from tierslieu.people.suspending import find_suspension
from tierslieu.register import Basis
from tierslieu.settings import Settings
from tierslieu.web.written import Ours, Theirs


def _set_up(db: Session, settings: Settings) -> None:
    make_roles(db)


def _no_demo_accounts(db: Session, now: datetime) -> str | None:
    settings: Settings = current_app.config["TIERSLIEU"]
    if settings.demo:
        return None
    try:
        refuse_demo_accounts(db)
    except Refused as refusal:
        return refusal.message
    return None


def _somebody_administers(db: Session, now: datetime) -> str | None:
    if count_administrators(db):
        return None
    return (
        "nobody administers the place: tierslieu user create EMAIL --name NAME --role administrator"
    )


def _introduce_yourself(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    person = find_person(db, user_id)
    if person is not None and person.profile is None:
        yield Card("people/_card_profile.html", {}, urgency=0, span=12, tone="ask")


def _export_account(db: Session, user_id: UUID) -> dict[str, Any]:
    person = find_person(db, user_id)
    if person is None:
        return {}
    suspended = find_suspension(db, user_id)
    return {
        "email": person.email,
        "name": person.name,
        "roles": [role.name for role in person.roles],
        "is_15_or_over": person.is_15_or_over,
        "language": person.language or None,
        "created_at": person.created_at.isoformat(),
        "confirmed_at": person.confirmed_at.isoformat() if person.confirmed_at else None,
        "has_password": person.password is not None,
        "has_second_factor": has_second_factor(person),
        "suspended_at": suspended.since.isoformat() if suspended else None,
        "suspension_reason": suspended.reason if suspended else "",
    }


def _export_profile(db: Session, user_id: UUID) -> dict[str, Any] | None:
    person = find_person(db, user_id)
    profile = person.profile if person else None
    if profile is None:
        return None
    return {
        "audience": profile.audience.value,
        "teaches_what": profile.teaches_what,
        "teaches_where": profile.teaches_where,
        "town": profile.town,
        "country": profile.country,
        "aims": profile.aims,
        "age_band": profile.age_band.value if profile.age_band else None,
        "gender": profile.gender.value if profile.gender else None,
        "gender_described": profile.gender_described,
        "updated_at": profile.updated_at.isoformat(),
    }


def _export_consents(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "kind": consent.kind.value,
            "text_version": consent.text_version,
            "given_at": consent.given_at.isoformat(),
            "withdrawn_at": consent.withdrawn_at.isoformat() if consent.withdrawn_at else None,
        }
        for consent in list_consents(db, user_id)
    ]


def _export_mails(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    person = find_person(db, user_id)
    if person is None:
        return []
    settings: Settings = current_app.config["TIERSLIEU"]
    return [
        {
            "subject": Theirs(rendered.subject, rendered.language),
            "template": mail.template,
            "written_at": mail.created_at.isoformat(),
            "sent_at": mail.sent_at.isoformat() if mail.sent_at else None,
        }
        for address in _proved(db, person)
        for mail in list_mails_to(db, address)
        for rendered in [render_mail(mail, settings)]
    ]


def _erase_mails(db: Session, user_id: UUID) -> None:
    person = find_person(db, user_id)
    if person is not None:
        lock_for_writing(db)
        for address in _proved(db, person):
            forget_mails(db, list_mails_to(db, address))
        forget_mails(db, list_mails_due(db, asked_for(user_id)))


def _proved(db: Session, person: User) -> list[str]:
    """The account's address, then every other one that was proved: an address merely asked for may
    be anybody's, and so may its mails."""
    others = list_other_addresses(db, person.id)
    return [person.email, *(row.email for row in others if row.proved_at is not None)]


def _export_addresses(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "email": row.email,
            "asked_at": row.asked_at.isoformat(),
            "proved_at": row.proved_at.isoformat() if row.proved_at else None,
        }
        for row in list_other_addresses(db, user_id)
    ]


def _export_devices(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "device": Ours(describe_device(row.device)),
            "is_kept": row.is_kept,
            "signed_in_at": row.created_at.isoformat(),
            "last_seen_at": row.last_seen_at.isoformat(),
            "ends_at": row.ends_at.isoformat(),
        }
        for row in list_open(db, user_id, clock.now())
    ]


def _new_people(db: Session, since: datetime, until: datetime) -> Figure:
    return Figure(count_confirmed(db, since, until))


OFFERS = (
    Reader(find_language),
    Retention(
        "unproved_addresses",
        label=_("Autres adresses jamais confirmées"),
        term=_("sept jours"),
        sweep=forget_unproved,
    ),
    *register.OFFERS,
    *entry.OFFERS,
    *passkeys.OFFERS,
    Joining(
        "people",
        frozenset({"account_suspension", "user_roles"}),
        frozenset({"consent", "other_address", "profile"}),
        join_people,
    ),
    Setup("roles", _set_up),
    Scene("people", play),
    Check("demo_accounts", _no_demo_accounts),
    Check("administrator", _somebody_administers, is_vital=False),
    HomeCard("profile", frozenset(ROLES), _introduce_yourself),
    PersonalData(  # before the account, whose address finds them
        name="mails",
        what=_("Les mails que le lieu vous a écrits."),
        why=_("Les envoyer, et les envoyer à nouveau si un serveur de messagerie est en panne."),
        basis=_("Exécution du service que vous demandez."),
        how_long=_("Trente jours après l’envoi."),
        export=_export_mails,
        erase=_erase_mails,
        is_identity=True,
        treatment="mails",
        grounds=(Basis.CONTRACT,),
        swept_by=("forget_sent_mails",),
    ),
    PersonalData(
        name="addresses",
        what=_(
            "Vos autres adresses mail : les anciennes, et celles que vous avez ajoutées "
            "pour reconnaître vos badges."
        ),
        why=_("Savoir qu’un badge délivré à l’une d’elles est à vous, même après un changement."),
        basis=_("Exécution du service que vous demandez."),
        how_long=_(
            "Tant que votre compte existe ; chacune peut être oubliée avant. Une adresse jamais "
            "confirmée : sept jours."
        ),
        export=_export_addresses,
        erase=erase_addresses,
        is_identity=True,
        treatment="accounts",
        grounds=(Basis.CONTRACT,),
        swept_by=("retention",),
    ),
    PersonalData(
        name="devices",
        what=_(
            "Les appareils où votre compte est ouvert : sorte d’appareil, dates. Jamais l’adresse "
            "de votre réseau."
        ),
        why=_("Vous les montrer, et vous laisser fermer celui qui n’est pas à vous."),
        basis=_("Exécution du service que vous demandez ; sécurité de votre compte."),
        how_long=_("Jusqu’à la fin de la session : six mois au plus."),
        export=_export_devices,
        erase=erase_sessions,
        treatment="security",
        grounds=(Basis.CONTRACT, Basis.LEGITIMATE),
        swept_by=("sweep_open_sessions",),
    ),
    Job("sweep_open_sessions", timedelta(hours=1), sweep_sessions),
    Retention(
        "open_sessions",
        label=_("Sessions finies"),
        term=_("leur fin, six mois au plus"),
        sweep=sweep_sessions,
        job="sweep_open_sessions",
    ),
    PersonalData(
        name="account",
        what=_("Votre compte : nom, adresse mail, mot de passe sous une forme illisible, rôles."),
        why=_("Vous reconnaître, vous écrire quand une place ou un badge vous concerne."),
        basis=_("Exécution du service que vous demandez."),
        how_long=_(
            "Tant que votre compte existe. Si rien n’y bouge pendant trois ans, un mail annonce "
            "qu’il sera fermé, et il l’est trente jours plus tard."
        ),
        export=_export_account,
        erase=close_account,
        is_identity=True,
        treatment="accounts",
        grounds=(Basis.CONTRACT,),
        swept_by=("unused_accounts",),
    ),
    PersonalData(
        name="profile",
        what=_("Votre profil : public, ville, ce que vous visez ; âge et genre si vous le voulez."),
        why=_("Vous proposer ce qui vous correspond ; savoir, en nombre, à qui le lieu sert."),
        basis=_("Mission d’intérêt public ; votre accord pour l’âge et le genre, facultatifs."),
        how_long=_("Tant que votre compte existe ; chaque réponse peut être vidée avant."),
        export=_export_profile,
        erase=erase_profile,
        is_identity=True,
        treatment="accounts",
        grounds=(
            Basis.PUBLIC_TASK,
            Basis.CONSENT,
        ),
    ),
    PersonalData(
        name="consents",
        what=_("Vos accords et leurs dates : protection des données, recherche."),
        why=_("Pouvoir montrer ce que vous avez accepté, et respecter ce que vous retirez."),
        basis=_("Obligation légale de prouver un accord."),
        how_long=_("Tant que votre compte existe."),
        export=_export_consents,
        erase=erase_consents,
        is_identity=True,
        treatment="accounts",
        grounds=(Basis.LEGAL_DUTY,),
    ),
    Indicator(
        key="people_new",
        label=_("Personnes nouvelles"),
        definition=_("Comptes ouverts dans la période et dont l’adresse a été confirmée."),
        compute=_new_people,
    ),
)
