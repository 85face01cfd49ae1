"""What the logbook offers: its check, its sweeping, what it holds of a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from tierslieu.house import Invariant, Job, PersonalData
from tierslieu.house_kept import Retention
from tierslieu.logbook.acts import VIA_WORDS, Act, Via, word_of
from tierslieu.logbook.checks import check_logbook
from tierslieu.logbook.queries import accounts_of, list_entries
from tierslieu.logbook.rules import forget_in_logbook, sweep
from tierslieu.register import Basis
from tierslieu.web.written import Ours


def _sweep(db: Session, now: datetime) -> int:
    return sweep(db, now=now)


def _export(db: Session, user_id: UUID) -> Any:
    theirs = accounts_of(db, user_id)
    return [
        {
            "at": one.at.isoformat(),
            "turn": Ours(word_of(one.act)),
            "done_by_me": one.actor_id in theirs,
            "done_to_me": one.subject_id in theirs,
            "from_where": Ours(VIA_WORDS[Via(one.via)]),
            "words": one.words
            if one.subject_id in theirs and one.act != Act.ACCOUNTS_JOINED.value
            else "",
        }
        for one in list_entries(db, user_ids=theirs)
    ]


OFFERS = (
    Invariant("logbook", "the logbook is whole, row after row", check_logbook),
    Job("sweep_logbook", timedelta(days=1), _sweep),
    Retention(
        "logbook",
        label=_l("Lignes du journal"),
        term=_l("trois ans"),
        sweep=_sweep,
        job="sweep_logbook",
    ),
    PersonalData(
        name="logbook",
        what=_l(
            "Ce que l’équipe a fait sur votre compte (rôles, badges, suspension…), ce que vous "
            "avez fait vous-même d’important pour le lieu, et quand ; jamais l’adresse de votre "
            "réseau."
        ),
        why=_l("Savoir qui a fait quoi, quand une erreur ou un abus est signalé."),
        basis=_l("Intérêt légitime : la sécurité du lieu et de vos données (RGPD, article 6.1.f)."),
        how_long=_l(
            "Trois ans. Si vous partez avant, la ligne reste, mais plus rien n’y dit que c’est "
            "vous."
        ),
        export=_export,
        erase=forget_in_logbook,
        treatment="security",
        grounds=(Basis.LEGITIMATE,),
        swept_by=("sweep_logbook",),
    ),
)
