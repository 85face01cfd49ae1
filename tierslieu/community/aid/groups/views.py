"""The pages of groups: all of one's own, one of them, joining, choices, leaving, the charter."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tierslieu import clock
from tierslieu.community.aid.asks.queries import STATES, AsksWanted, count_asks, list_asks
from tierslieu.community.aid.asks.words import (
    ask_title,
    author_name,
    state_choices,
    state_of,
    step_titles,
)
from tierslieu.community.aid.desk import GROUPS, aid_reader, came_from, group_url, the_group
from tierslieu.community.aid.groups import rules
from tierslieu.community.aid.groups.forms import (
    CharterForm,
    ForumForm,
    JoinForm,
    LeaveForm,
    MemberForm,
)
from tierslieu.community.aid.groups.queries import (
    count_open,
    current_charter,
    find_stopper,
    forum_of,
    has_group,
    list_groups,
    names_of,
)
from tierslieu.community.aid.groups.words import (
    first_charter,
    first_name_and_initial,
    group_name,
)
from tierslieu.community.aid.helping import words as helping_words
from tierslieu.community.aid.helping.queries import (
    find_offer,
    list_offers_of,
    list_shown,
    steps_by_key,
)
from tierslieu.community.aid.models import Notices
from tierslieu.community.aid.moderation.queries import count_queue, suspended_until
from tierslieu.community.desk import PER_PAGE, blueprint
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import ADMINISTRATOR, FACILITATOR
from tierslieu.web.access import current_person, public, roles, signed_in
from tierslieu.web.languages import current
from tierslieu.web.paging import Page, asked_page
from tierslieu.web.written import Theirs

Answer = str | Response | tuple[str, int]


def charter_text() -> tuple[int, Sequence[str]]:
    """The charter in force: its number, its lines."""
    charter = current_charter(db.session())
    # The first charter is ours, in the reader's language; another was written here.
    text = charter.text if charter is not None else first_charter()
    lines = [one for one in text.splitlines() if one.strip()]
    return (charter.number, [Theirs(one) for one in lines]) if charter else (0, lines)


@blueprint.get("/entraide")
@signed_in
def aid() -> str:
    """One's groups; one's offers of help; what the team has to look at."""
    session, reader = db.session(), aid_reader()
    groups = list_groups(session, reader)
    today = clock.to_local(clock.now()).date()
    return render_template(
        "community/aid/index.html",
        reader=reader,
        groups=groups,
        waiting=count_open(session, groups) if reader.may_read else {},
        group_name=group_name,
        group_url=group_url,
        offers=list_offers_of(session, reader.user_id),
        queue=count_queue(session) if reader.is_team else 0,
        today=today,
        is_outdated=reader.member and reader.member.charter_number != charter_text()[0],
        suspended=suspended_until(session, reader.user_id, clock.now()),
    )


def _asked(steps: dict[str, str], *, is_team: bool) -> AsksWanted:
    text, state = request.args.get("q", ""), request.args.get("etat", "")
    step = request.args.get("etape", "")
    return AsksWanted(
        text=text.strip()[:200] if text.isprintable() else "",
        step_key=step if step in steps else "",
        state=state if state in STATES else "",
        is_hidden=is_team and request.args.get("masquees") == "1",
    )


@blueprint.get(f"/entraide/{GROUPS}")
@signed_in
def aid_group(kind: str, group_id: UUID) -> str:
    """One group: its forum, who helps, what is asked; before joining, only what it is."""
    session, reader, number = db.session(), aid_reader(), asked_page()
    group = the_group(reader, kind, group_id)
    shown = {
        "group": group,
        "name": group_name(group),
        "group_url": group_url,
        "reader": reader,
        "forum": forum_of(session, group),
    }
    if not reader.may_read:
        return render_template("community/aid/outside.html", **shown)
    titles = step_titles(list(steps_by_key(session, group.path.id).values()))
    wanted = _asked(titles, is_team=reader.is_team)
    asks = list_asks(session, reader, group, wanted, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    today = clock.to_local(clock.now()).date()
    return render_template(
        "community/aid/group.html",
        **shown,
        page=Page(asks, number, count_asks(session, reader, group, wanted), PER_PAGE),
        wanted=wanted,
        titles=titles,
        states=state_choices(),
        state_of=state_of,
        ask_title=ask_title,
        author_name=author_name,
        names=names_of(session, [ask.author_id for ask in asks]),
        helpers=list_shown(session, group.path.id, today, wanted.step_key),
        own_offer=find_offer(session, reader.user_id, group.path.id),
        helping=helping_words,
    )


@blueprint.route("/entraide/rejoindre", methods=["GET", "POST"])
@signed_in
def aid_join() -> Answer:
    """Read the charter, agree to it, choose one's name; also when the charter changed."""
    session, reader = db.session(), aid_reader()
    if not (reader.is_team or has_group(session, reader.user_id)):
        return render_template("community/aid/no_group.html")
    number, lines = charter_text()
    member = reader.member
    form = JoinForm(
        data={
            "shown_name": member.shown_name if member else first_name_and_initial(reader.name),
            "notices": (member.notices if member else Notices.DIGEST).value,
            "charter": number,
        }
    )
    if form.validate_on_submit():
        try:
            rules.join_aid(
                session,
                reader.user_id,
                shown_name=form.shown_name.data or "",
                accepts=form.charter.data if form.accepts.data else None,
                notices=form.wanted(),
                now=clock.now(),
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            if isinstance(refused, NotYours):
                raise
            form.refuse(refused)
            form.charter.data, form.charter.raw_data = number, None
        else:
            flash(_("Bienvenue : vous pouvez lire, demander et répondre."), "success")
            return redirect(came_from())
    page = render_template(
        "community/aid/join.html", form=form, charter=lines, number=number, member=member
    )
    return (page, 422) if form.is_submitted() else page


@blueprint.route("/entraide/reglages", methods=["GET", "POST"])
@signed_in
def aid_settings() -> Answer:
    """Another name, other mails."""
    session, reader = db.session(), aid_reader()
    if reader.member is None:
        return redirect(url_for(".aid_join"))
    shown = {"shown_name": reader.member.shown_name, "notices": reader.member.notices.value}
    form = MemberForm(data=shown)
    if form.validate_on_submit():
        try:
            rules.change_member(
                session,
                reader.user_id,
                shown_name=form.shown_name.data or "",
                notices=form.wanted(),
                now=clock.now(),
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            flash(_("Vos choix sont enregistrés."), "success")
            return redirect(url_for(".aid"))
    page = render_template("community/aid/settings.html", form=form)
    return (page, 422) if form.is_submitted() else page


@blueprint.route("/entraide/quitter", methods=["GET", "POST"])
@signed_in
def aid_leave() -> Answer:
    """Leave all groups, and say what becomes of one's words."""
    session, reader = db.session(), aid_reader()
    if reader.member is None:
        return redirect(url_for(".aid"))
    form = LeaveForm()
    if form.validate_on_submit():
        rules.leave_aid(
            session, reader.user_id, with_words=form.words.data == "remove", now=clock.now()
        )
        session.commit()
        flash(_("Vous avez quitté l’entraide. Vous pouvez y revenir quand vous voulez."), "success")
        return redirect(url_for(".aid"))
    return render_template("community/aid/leave.html", form=form)


@blueprint.route("/entraide/arreter/<stop_key>", methods=["GET", "POST"])
@public
def aid_stop(stop_key: str) -> str:
    """End the mails of mutual aid, from a mail, without signing in.

    The link shows one button: programs that open the links of a mail beforehand end nothing.
    """
    session = db.session()
    if find_stopper(session, stop_key) is None:
        raise NotYours
    if request.method == "POST":
        rules.stop_notices(session, stop_key)
        session.commit()
    return render_template("community/aid/stop.html", is_done=request.method == "POST")


@blueprint.get("/entraide/charte")
@signed_in
def aid_charter() -> str:
    """The charter in force."""
    number, lines = charter_text()
    return render_template(
        "community/aid/charter.html",
        charter=lines,
        number=number,
        published=current_charter(db.session()),
        may_edit=current_person().holds(FACILITATOR, ADMINISTRATOR),
    )


@blueprint.route("/entraide/charte/modifier", methods=["GET", "POST"])
@roles(FACILITATOR, ADMINISTRATOR)
def aid_edit_charter() -> Answer:
    """Publish another charter."""
    session = db.session()
    number, lines = charter_text()
    form = CharterForm(data={"seen": number, "text": "\n".join(lines)})
    if not number:
        form.text.render_kw = {**form.text.render_kw, "lang": current()}
    if form.validate_on_submit():
        try:
            rules.publish_charter(
                session,
                current_person().id,
                form.text.data or "",
                seen=form.seen.data if form.seen.data is not None else -1,
                now=clock.now(),
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            flash(_("La charte est publiée : chaque membre l’accepte avant d’écrire."), "success")
            return redirect(url_for(".aid_charter"))
    page = render_template("community/aid/edit_charter.html", form=form, number=number)
    return (page, 422) if form.is_submitted() else page


@blueprint.route("/entraide/parcours/<uuid:path_id>/forum", methods=["GET", "POST"])
@roles(FACILITATOR)
def aid_forum(path_id: UUID) -> Answer:
    """Say where the forum of a path is."""
    session, reader = db.session(), aid_reader()
    group = the_group(reader, "parcours", path_id)
    form = ForumForm(data={"url": forum_of(session, group)})
    if form.validate_on_submit():
        try:
            rules.set_forum(session, reader, path_id, form.url.data or "")
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            flash(_("L’adresse du forum est enregistrée."), "success")
            return redirect(group_url(group))
    page = render_template(
        "community/aid/forum.html", form=form, name=group_name(group), back_url=group_url(group)
    )
    return (page, 422) if form.is_submitted() else page
