"""The pages of asks: asking, the thread, answering, solved, thanks."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from tierslieu import clock
from tierslieu.community.aid.asks import rules, words
from tierslieu.community.aid.asks.forms import AnswerForm, AskForm, SolveForm
from tierslieu.community.aid.asks.queries import find_ask
from tierslieu.community.aid.desk import GROUPS, aid_reader, group_url, the_group
from tierslieu.community.aid.groups.queries import Group, Reader, names_of, team_of
from tierslieu.community.aid.groups.words import group_name
from tierslieu.community.aid.helping.queries import count_shown, steps_by_key
from tierslieu.community.aid.models import AidAsk, AidMessage
from tierslieu.community.aid.moderation.queries import count_reports, last_words
from tierslieu.community.desk import blueprint
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.web.access import signed_in
from tierslieu.web.written import Theirs

Answer = str | Response | tuple[str, int]
# What one may not do now, with the page on which one may do something about it.
_ELSEWHERE = {"not_joined": ".aid_join", "charter_changed": ".aid_join"}


def join_first(refused: Refused) -> Response | None:
    """The charter's page, for who must agree to it first; it leads back."""
    if refused.code not in _ELSEWHERE:
        return None
    flash(refused.message, "info")
    return redirect(url_for(_ELSEWHERE[refused.code], suite=request.path))


@blueprint.route(f"/entraide/{GROUPS}/demander", methods=["GET", "POST"])
@signed_in
def aid_new_ask(kind: str, group_id: UUID) -> Answer:
    """Ask a group."""
    session, reader = db.session(), aid_reader()
    group = the_group(reader, kind, group_id)
    titles = words.step_titles(list(steps_by_key(session, group.path.id).values()))
    form = AskForm(data={"step": request.args.get("etape", "")})
    form.step.choices = [
        ("", _("Aucune en particulier")),
        *((key, Theirs(title)) for key, title in titles.items()),
    ]
    status = 200
    try:
        rules.check_may_write(session, reader, clock.now())
        if form.validate_on_submit():
            ask = rules.ask_for_help(
                session,
                reader,
                group,
                title=form.title.data or "",
                words=form.words.data or "",
                step_key=form.step.data or "",
                steps=titles,
                now=clock.now(),
            )
            session.commit()
            flash(_("Votre demande est posée. Le groupe la voit."), "success")
            return redirect(url_for(".aid_ask", ask_id=ask.id))
        status = 422 if form.is_submitted() else 200
    except Refused as refused:
        session.rollback()
        moved = join_first(refused)
        if moved is not None:
            return moved
        form.refuse(refused)
        status = refused.status if refused.status == 429 else 422
    page = render_template(
        "community/aid/new_ask.html", form=form, name=group_name(group), back_url=group_url(group)
    )
    return page, status


@blueprint.route("/entraide/demandes/<uuid:ask_id>", methods=["GET", "POST"])
@signed_in
def aid_ask(ask_id: UUID) -> Answer:
    """A thread; a POST answers in it."""
    session, reader, form = db.session(), aid_reader(), AnswerForm()
    status = 200
    if form.validate_on_submit():
        try:
            message = rules.answer(session, reader, ask_id, form.words.data or "", now=clock.now())
            session.commit()
        except Refused as refused:
            session.rollback()
            if isinstance(refused, NotYours):
                raise
            moved = join_first(refused)
            if moved is not None:
                return moved
            form.refuse(refused)
            status = refused.status if refused.status == 429 else 422
        else:
            flash(_("Votre réponse est publiée."), "success")
            return redirect(url_for(".aid_ask", ask_id=ask_id, _anchor=f"m-{message.id}"))
    elif form.is_submitted():
        status = 422
    ask = find_ask(session, aid_reader(), ask_id)
    if ask is None:
        raise NotYours
    return _show(ask, reader, form), status


def _show(ask: AidAsk, reader: Reader, form: AnswerForm) -> str:
    session, group = db.session(), Group(ask.path, ask.cohort)
    titles = words.step_titles(list(steps_by_key(session, ask.path_id).values()))
    names = names_of(session, [message.author_id for message in ask.messages])
    ids = [message.id for message in ask.messages]
    today = clock.to_local(clock.now()).date()
    return render_template(
        "community/aid/ask.html",
        ask=ask,
        reader=reader,
        form=form,
        solve_form=_solve_form(ask, reader, names),
        group=group,
        group_name=group_name(group),
        group_url=group_url,
        step=titles.get(ask.step_key, ""),
        helpers=count_shown(session, ask.path_id, today, ask.step_key) if ask.step_key else 0,
        names=names,
        team=team_of(session, [message.author_id for message in ask.messages]),
        words=words,
        reports=count_reports(session, ids) if reader.is_team else {},
        hidden_words=last_words(session, ids),
    )


def _solve_form(ask: AidAsk, reader: Reader, names: dict[UUID, str]) -> SolveForm:
    form = SolveForm(formdata=None)

    def others(message: AidMessage) -> bool:
        return message.author_id != reader.user_id and not message.hidden_at

    form.thanked.choices = [
        (str(one.id), Theirs(f"{words.author_name(names, one)} : « {_start(one.words)} »"))
        for one in ask.messages[1:]
        if one.words and others(one)
    ]
    return form


def _start(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59].rstrip()}…"


@blueprint.post("/entraide/demandes/<uuid:ask_id>/resolue")
@signed_in
def aid_solve(ask_id: UUID) -> Response:
    """Say that one's ask is solved, and thank."""
    asked = set(request.form.getlist("thanked"))
    session, reader = db.session(), aid_reader()
    ask = find_ask(session, reader, ask_id)
    chosen = {one.id for one in ask.messages if str(one.id) in asked} if ask else set()
    count = rules.solve(session, reader, ask_id, chosen, now=clock.now())
    session.commit()
    said = _("Votre demande est résolue.")
    if count:
        said += " " + ngettext("%(num)s merci est parti.", "%(num)s mercis sont partis.", count)
    flash(said, "success")
    return redirect(url_for(".aid_ask", ask_id=ask_id))


@blueprint.post("/entraide/demandes/<uuid:ask_id>/rouvrir")
@signed_in
def aid_reopen(ask_id: UUID) -> Response:
    """Open one's ask again."""
    rules.reopen(db.session(), aid_reader(), ask_id, now=clock.now())
    db.session.commit()
    flash(_("Votre demande est de nouveau ouverte."), "success")
    return redirect(url_for(".aid_ask", ask_id=ask_id))


@blueprint.post("/entraide/messages/<uuid:message_id>/merci")
@signed_in
def aid_thank(message_id: UUID) -> Response:
    """Thank for an answer to one's ask."""
    message = rules.thank(db.session(), aid_reader(), message_id, now=clock.now())
    ask_id = message.ask_id
    db.session.commit()
    flash(_("Merci transmis."), "success")
    return redirect(url_for(".aid_ask", ask_id=ask_id, _anchor=f"m-{message_id}"))


@blueprint.post("/entraide/messages/<uuid:message_id>/retirer")
@signed_in
def aid_take_back(message_id: UUID) -> Response:
    """Take one's own message away."""
    ask = rules.take_back(db.session(), aid_reader(), message_id, now=clock.now())
    url = url_for(".aid_ask", ask_id=ask.id) if ask is not None else url_for(".aid")
    db.session.commit()
    flash(_("Votre message est retiré."), "success")
    return redirect(url)
