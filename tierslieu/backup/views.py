"""«Sauvegardes»: how the copies of the place went, and one more now.

No download: a stolen session of an administrator would be enough to carry off the whole place, and
a file that is meant to survive this machine does not belong in a browser's folder.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import UnprocessableEntity
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.backup import rules
from tierslieu.backup.jobs import NAME
from tierslieu.backup.models import RunState
from tierslieu.backup.queries import list_runs
from tierslieu.backup.words import in_french
from tierslieu.db import db, lock_for_writing
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.mail.queries import count_held, list_held
from tierslieu.mail.rules import forget_mails, release_held
from tierslieu.people.models import ADMINISTRATOR
from tierslieu.people.stepping_up import step_up
from tierslieu.settings import Settings
from tierslieu.web.access import roles

blueprint = Blueprint("backup", __name__)
SOME = 500  # mails at once


def _settings() -> Settings:
    told: Settings = current_app.config["TIERSLIEU"]
    return told


@blueprint.get("/administration/sauvegardes")
@roles(ADMINISTRATOR)
def overview() -> str:
    """Those that are kept, those that failed and why, and what is wrong today."""
    session, settings = db.session(), _settings()
    runs = list_runs(session)
    trouble = rules.find_trouble(session, settings, clock.now())
    return render_template(
        "backup/overview.html",
        kept=[run for run in runs if run.state is RunState.KEPT],
        failed=[run for run in runs if run.state is RunState.FAILED],
        asked=next((run for run in runs if run.state is RunState.ASKED), None),
        trouble=[in_french(code) for code in trouble],
        can_make=not {"not_set", "no_passphrase"} & set(trouble),
        held=count_held(session),
        settings=settings,
        why=in_french,
    )


@blueprint.post("/administration/sauvegardes")
@roles(ADMINISTRATOR)
@step_up
def make() -> BaseResponse:
    """Ask for one now; the worker makes it."""
    rules.ask_backup(db.session(), clock.now())
    db.session.commit()
    if not current_app.testing:
        current_app.extensions["tierslieu.wake"](NAME)
    flash(_("La sauvegarde est demandée. Elle se fait pendant que le lieu tourne."), "success")
    return _back()


@blueprint.post("/administration/sauvegardes/mails")
@roles(ADMINISTRATOR)
def mails() -> BaseResponse:
    """Send (``do=send``) or drop (``do=drop``) the mails that a restore held back."""
    session, count = db.session(), 0
    wanted: Any = request.form.get("do")
    if wanted not in ("send", "drop"):
        raise UnprocessableEntity
    lock_for_writing(session)
    if wanted == "send":
        count = release_held(session, now=clock.now())
        said = ngettext("%(num)s mail part.", "%(num)s mails partent.", count)
    else:
        while found := list_held(session, SOME):
            count += forget_mails(session, found)
        said = ngettext("%(num)s mail ne partira pas.", "%(num)s mails ne partiront pas.", count)
    if count:
        act = Act.HELD_MAILS_SENT if wanted == "send" else Act.HELD_MAILS_DROPPED
        note(session, act, now=clock.now(), about={"mails": count})
    session.commit()
    flash(said, "success")
    return _back()


def _back() -> BaseResponse:
    return redirect(url_for("backup.overview"))
