"""What the two bases offer to the pages that gather."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from tierslieu.clock import to_local, to_utc
from tierslieu.community.aid.offers import OFFERS as AID_OFFERS
from tierslieu.community.contents import table as contents_table
from tierslieu.community.contents.models import Content, Rights
from tierslieu.community.contents.queries import ContentsWanted, count_contents
from tierslieu.community.entries.queries import AnyEntry, list_owned, viewer_of
from tierslieu.community.entries.rules import forget_owner
from tierslieu.community.events import table as events_table
from tierslieu.community.events.models import Event
from tierslieu.community.events.queries import list_coming, list_said
from tierslieu.community.events.rules import is_over
from tierslieu.community.imports.queries import list_drafts_of
from tierslieu.community.imports.rules import forget_old_drafts
from tierslieu.community.jobs import sweep_drafts
from tierslieu.community.pilots.queries import list_memberships
from tierslieu.community.scenes import play
from tierslieu.house import (
    Card,
    HomeCard,
    Job,
    PersonalData,
    Scene,
    TimelineEvent,
    TimelineSource,
)
from tierslieu.house_joining import Joining
from tierslieu.house_kept import Retention
from tierslieu.people.models import FACILITATOR, ROLES, User
from tierslieu.people.queries import list_own_addresses
from tierslieu.register import Basis
from tierslieu.web.written import Theirs

SHOWN = 3


def home_cards(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """Where one said one comes, soonest first, and the pilots one is in, if there is any of it."""
    viewer = viewer_of(db, db.get(User, user_id))
    coming = [event for event, _said in list_coming(db, viewer) if not is_over(event, now)]
    pilots = () if viewer.is_team else viewer.pilots
    if coming or pilots:
        context = {"coming": coming[:SHOWN], "pilots": pilots}
        yield Card("community/_card.html", context, urgency=60, span=6)


def timeline(db: Session, user_id: UUID, now: datetime) -> Iterable[TimelineEvent]:
    """The events one said one comes to, whose date was understood: on their first possible day,
    or on the last one once that is behind and the event may still come."""
    viewer, today = viewer_of(db, db.get(User, user_id)), to_local(now).date()
    for event, _said in list_coming(db, viewer):
        if event.earliest is None or event.latest is None:
            continue
        day = event.earliest if event.earliest > today else event.latest
        at = to_utc(datetime.combine(day, time(12)))
        yield TimelineEvent(
            at, Theirs(event.name), Theirs(event.date_words), "event", f"/evenements/{event.id}"
        )


def team_cards(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """Contents whose rights are to be checked, if there are any."""
    viewer = viewer_of(db, db.get(User, user_id))
    count = count_contents(db, viewer, ContentsWanted(rights=Rights.TO_CHECK))
    if count:
        yield Card("community/_card_rights.html", {"count": count}, urgency=35, span=6)


def _told(entry: AnyEntry, columns: Iterable[str], cells: Iterable[str]) -> dict[str, Any]:
    return {
        **dict(zip(columns, cells, strict=True)),
        "is_public": entry.is_public,
        "in_pilot": entry.pilot_id is not None,
        "created_at": entry.created_at.isoformat(),
        "hidden_at": entry.hidden_at.isoformat() if entry.hidden_at else None,
        "hidden_reason": entry.hidden_reason,
        "files": [file.upload.filename for file in entry.files],
    }


def export(db: Session, user_id: UUID) -> dict[str, Any]:
    """What a person shared, where they come, the pilots they were invited to, files read in."""
    contents, events = list_owned(db, Content, user_id), list_owned(db, Event, user_id)
    return {
        "contents": [
            _told(one, contents_table.COLUMNS, contents_table.row(one)) for one in contents
        ],
        "events": [_told(one, events_table.COLUMNS, events_table.row(one)) for one in events],
        "coming": [
            {"event": name, "is_named": said.is_named, "said_at": said.said_at.isoformat()}
            for said, name in list_said(db, user_id)
        ],
        "pilots": [
            {"pilot": pilot.name, "email": one.email, "invited_at": one.invited_at.isoformat()}
            for one, pilot in list_memberships(db, list_own_addresses(db, user_id))
        ],
        "imports": [
            {"filename": draft.filename, "created_at": draft.created_at.isoformat()}
            for draft in list_drafts_of(db, user_id)
        ],
    }


def erase(db: Session, user_id: UUID) -> None:
    """Cut the tie to what was shared, the author's name included; forget the rest."""
    person = db.get(User, user_id)
    name = person.name if person is not None else ""
    forget_owner(db, list_owned(db, Content, user_id), name)
    forget_owner(db, list_owned(db, Event, user_id), name)
    for one, _pilot in list_memberships(db, list_own_addresses(db, user_id)):
        db.delete(one)
    for said, _name in list_said(db, user_id):
        db.delete(said)
    for draft in list_drafts_of(db, user_id):
        db.delete(draft)
    db.flush()


OFFERS = (
    Retention(
        "community_drafts",
        label=_l("Tableaux montrés avant d’être ajoutés"),
        term=_l("sept jours"),
        sweep=forget_old_drafts,
        job="community_drafts",
    ),
    Joining(
        "community",
        frozenset({"aid_member", "aid_offer", "aid_report", "community_event_comer"}),
    ),
    TimelineSource("community", timeline),
    HomeCard("community", frozenset(ROLES), home_cards),
    HomeCard("rights_to_check", frozenset({FACILITATOR}), team_cards),
    PersonalData(
        "community",
        _l(
            "Les ressources et les événements que vous ajoutez, ceux où vous dites venir, et les "
            "pilotes où votre adresse est invitée."
        ),
        _l("Pour les partager, pour qu’on sache qui vient, et pour n’ouvrir un pilote qu’à lui."),
        _l("Exécution du service que vous demandez."),
        _l(
            "Avec votre compte partent vos fichiers, vos « je viens », vos invitations, et votre "
            "nom là où vous êtes l’auteur ; les fiches restent, sans vous."
        ),
        export,
        erase,
        treatment="community",
        grounds=(Basis.CONTRACT,),
        swept_by=("community_drafts",),
    ),
    Job("community_drafts", timedelta(days=1), sweep_drafts),
    Scene("community", play),
    *AID_OFFERS,
)
