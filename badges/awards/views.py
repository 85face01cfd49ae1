"""Awarding and withdrawing badges, by facilitators; sharing them, by their holders."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from badges.awards import badge2_pages as _badge2_pages  # noqa: F401 - more on the same blueprint
from badges.awards import candidate_queries, queries, rules, suspension
from badges.awards import pages as _pages  # noqa: F401 - more pages on the same blueprint
from badges.awards.batches.views import IN_NUMBER, award_in_number
from badges.awards.desk import blueprint, house, settings, signer
from badges.awards.facts import Judgement
from badges.awards.forms import (
    AwardForm,
    Entries,
    Entry,
    RevocationForm,
    SuspensionForm,
    read_judgements,
)
from badges.awards.judging import check_room
from badges.awards.keys import KeyUnreadable
from badges.awards.papers.views import papers_of
from badges.awards.proposals import list_proposals, list_ready
from badges.awards.sources import Source, find_source, shown
from badges.awards.waiting.rules import find_list
from badges.designs.models import BadgeClass, CriterionKind
from badges.designs.queries import find_badge
from badges.designs.words import asked_words
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.nightly.rules import MOST
from tierslieu.people.models import FACILITATOR, User
from tierslieu.uploads.rules import keep_file
from tierslieu.web.access import current_person, current_person_or_none, roles, signed_in
from tierslieu.web.paging import PER_PAGE, asked_page, long_page

MOST_AT_ONCE = 200  # people awarded in one press: more would keep the browser waiting


def _badge(slug: str) -> BadgeClass:
    badge = find_badge(db.session(), slug, drafts=True)
    if badge is None:
        raise NotYours()
    return badge


@blueprint.get("/badges/propositions")
@roles(FACILITATOR)
def proposals() -> str:
    """Everything that waits: badge by badge, who may receive it now, and why."""
    return _proposals_page()


def _proposals_page(
    wrong: BadgeClass | None = None, entries: Entries | None = None, ticked: set[UUID] | None = None
) -> str:
    """``wrong``: the badge whose judgements are to be written again, as they were typed."""
    large, made_at = find_list(db.session())
    only = wrong.slug if wrong and large else request.args.get("badge", "")
    return render_template(
        "awards/proposals.html",
        proposals=list_proposals(
            db.session(), house(), viewer_id=current_person().id, now=clock.now(), only=only
        ),
        only=only,
        wrong=wrong,
        entries=entries or {},
        ticked=ticked,
        blank=Entry(),
        most=MOST_AT_ONCE,
        is_large=large,
        made_at=made_at,
        counted=MOST,
    )


@blueprint.get("/badges/<slug>/attribuer")
@roles(FACILITATOR)
def choose(slug: str) -> str:
    """First click: from which session or path. Second: to those who meet the criteria."""
    badge = _badge(slug)
    source = find_source(badge, request.args.get("seance", ""), request.args.get("parcours", ""))
    if source is None:
        session = db.session()
        about = {c.path_id for c in badge.conditions} | {
            c.step.version.path_id for c in badge.conditions if c.step is not None
        }
        needs_session = any(
            c.kind is CriterionKind.SESSION_ATTENDED
            for group in badge.groups
            if group.needed is None
            for c in group.conditions
        )
        paths = [
            (path, count)
            for path, count in candidate_queries.list_followed_paths(session)
            if path.id in about or not about - {None}
        ]
        recent = candidate_queries.list_recent_sessions(session, clock.now())
        present = candidate_queries.count_present(session, [one.id for one in recent])
        return render_template(
            "awards/choose.html",
            badge=badge,
            sessions=[(one, present.get(one.id, 0)) for one in recent],
            most=candidate_queries.COUNTED,
            paths=[] if needs_session else paths,
            asked=asked_words(badge),
        )
    return _candidates_page(badge, source)


def _candidates_page(
    badge: BadgeClass,
    source: Source,
    entries: Entries | None = None,
    ticked: set[UUID] | None = None,
) -> str:
    return render_template(
        "awards/candidates.html",
        badge=badge,
        entries=entries or {},
        ticked=ticked,
        blank=Entry(),
        **shown(source, request.args.get("voir", ""), {user_id for user_id, _c in entries or {}}),
    )


@blueprint.url_value_preprocessor
def _take_several_files(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Before anything is read: whoever judges several people may join a file to each. Each is
    looked at for itself, so that one too heavy is said beside it and no word is lost."""
    if endpoint != "awards.give":
        return
    person = current_person_or_none()
    if person is not None and person.holds(FACILITATOR):
        request.max_content_length = Entry.together


@blueprint.post("/badges/<slug>/attribuer")
@roles(FACILITATOR)
def give(slug: str) -> Response | tuple[str, int]:
    """Award it to the people ticked; whoever may not have it is named with the reason."""
    badge = _badge(slug)
    name, badge_id = badge.name, badge.id
    chosen = request.form.getlist("people")
    form = AwardForm()
    form.people.choices = [SelectChoice(value) for value in chosen]
    back = _back_from(form, slug)
    try:
        ids = [UUID(value) for value in chosen]
        session_id = UUID(form.seance.data) if form.seance.data else None
    except ValueError:
        raise NotYours() from None
    if form.propositions.data and "tous" in request.form:
        ids = list_ready(
            db.session(),
            badge,
            house(),
            viewer_id=current_person().id,
            now=clock.now(),
            most=MOST_AT_ONCE,
        )
    elif "tous" in request.form:
        ids = _source_of(form, badge).new
    keep = partial(keep_file, settings().uploads)
    if not ids and (typed := _typed_about()):
        entries, _stated = read_judgements(request.form, request.files, badge, typed, keep)
        flash(_("Rien n’a été attribué : cochez la personne dont vous parlez."), "error")
        return _ask_again(form, badge, entries, set()), 422
    if not form.validate() or not ids:
        flash(_("Cochez au moins une personne."), "error")
        return redirect(back)
    entries, stated = read_judgements(request.form, request.files, badge, ids, keep)
    for user_id, judgements in stated.items():
        _look_for_room(user_id, judgements, entries)
    if any(entry.errors for entry in entries.values()):
        return _ask_again(form, badge, entries, set(ids)), 422
    if len(ids) > IN_NUMBER and not stated:
        return award_in_number(badge_id, ids, session_id)
    outcome = rules.award_many(
        db.session(),
        badge_id,
        ids,
        signer(),
        house=house(),
        now=clock.now(),
        actor_id=current_person().id,
        session_id=session_id,
        judgements=stated,
    )
    count = len(outcome.awards)
    renewed = sum(award.renews_id is not None for award in outcome.awards)
    db.session.commit()
    for words in _say_awarded(name, count - renewed, renewed):
        flash(words, "success")
    for _user_id, refusal in outcome.refused:
        flash(refusal.message, "error")
    done = back if form.propositions.data else url_for("awards.holders", slug=slug)
    return redirect(done if count else back)


def _typed_about() -> list[UUID]:
    """Of whom the form says something, ticked or not."""
    found = set()
    for name, words in request.form.items():
        kind, _dash, key = name.partition("-")
        if kind in ("reason", "url") and words.strip():
            try:
                found.add(UUID(key[:36]))
            except ValueError:
                continue
    return sorted(found)


def _look_for_room(user_id: UUID, stated: dict[UUID, Judgement], entries: Entries) -> None:
    """Whether the files joined to what is judged of a person are too many, said beside each."""
    person = db.session().get(User, user_id)
    try:
        if person is not None:
            check_room(db.session(), person, stated.values())
    except Refused as refused:
        for condition_id, judgement in stated.items():
            if judgement.file:
                entries[user_id, condition_id].errors["file"] = refused.message


def _say_awarded(badge: str, awarded: int, renewed: int) -> Iterator[str]:
    if awarded:
        yield ngettext(
            "Badge attribué à %(num)s personne : %(badge)s.",
            "Badge attribué à %(num)s personnes : %(badge)s.",
            awarded,
            badge=badge,
        )
    if renewed:
        yield ngettext(
            "Badge renouvelé pour %(num)s personne : %(badge)s.",
            "Badge renouvelé pour %(num)s personnes : %(badge)s.",
            renewed,
            badge=badge,
        )


def _back_from(form: AwardForm, slug: str) -> str:
    """The page this form stood on."""
    if form.propositions.data:
        return url_for("awards.proposals", _anchor=slug)
    kept: dict[str, Any] = {f.name: f.data for f in (form.seance, form.parcours) if f.data}
    kept |= {name: request.args[name] for name in ("voir", "page") if name in request.args}
    return url_for("awards.choose", slug=slug, **kept)


def _ask_again(form: AwardForm, badge: BadgeClass, entries: Entries, ticked: set[UUID]) -> str:
    """The same page, with what was typed and what is wrong with it."""
    if form.propositions.data:
        return _proposals_page(badge, entries, ticked)
    return _candidates_page(badge, _source_of(form, badge), entries, ticked)


def _source_of(form: AwardForm, badge: BadgeClass) -> Source:
    source = find_source(badge, form.seance.data or "", form.parcours.data or "")
    if source is None:
        raise NotYours()
    return source


@blueprint.get("/badges/<slug>/attribues")
@roles(FACILITATOR)
def holders(slug: str) -> str:
    """Who received it, and what became of it."""
    badge, session, number = _badge(slug), db.session(), asked_page()
    page = long_page(
        queries.list_holders(session, badge.id, (number - 1) * PER_PAGE, PER_PAGE + 1),
        number,
        queries.count_holders(session, badge.id),
    )
    return render_template(
        "awards/holders.html",
        badge=badge,
        page=page,
        withdrawn=queries.count_withdrawn(session, badge.id),
        now=clock.now(),
        papers=papers_of(badge),
    )


@blueprint.route("/credentials/<uuid:award_id>/retirer", methods=["GET", "POST"])
@roles(FACILITATOR)
def revoke(award_id: UUID) -> str | Response | tuple[str, int]:
    """Withdraw an award, with a reason."""
    award = queries.get_award(db.session(), award_id)
    if award is None or not award.credential:
        raise NotYours()
    form = RevocationForm()
    if form.validate_on_submit():
        try:
            list_id = rules.revoke(
                db.session(),
                award_id,
                reason=form.reason.data,
                now=clock.now(),
                actor_id=current_person().id,
            ).status_list_id
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            _publish(list_id)
            flash(_("Le badge est retiré ; la personne a reçu un mail."), "success")
            return redirect(url_for("awards.show", award_id=award_id))
    page = render_template("awards/revoke.html", award=award, form=form)
    return (page, 422) if form.is_submitted() else page


@blueprint.route("/credentials/<uuid:award_id>/suspendre", methods=["GET", "POST"])
@roles(FACILITATOR)
def suspend(award_id: UUID) -> str | Response | tuple[str, int]:
    """Suspend an award for a while, with a reason."""
    award = queries.get_award(db.session(), award_id)
    if award is None or not award.credential or not award.badge.suspendable:
        raise NotYours()
    form = SuspensionForm()
    if form.validate_on_submit():
        me, now = current_person().id, clock.now()
        try:
            held = suspension.suspend(
                db.session(), award_id, reason=form.reason.data, now=now, actor_id=me
            )
            list_id = queries.suspension_list(held.status_list_id)
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            _publish(list_id)
            flash(_("Le badge est suspendu ; la personne a reçu un mail."), "success")
            return redirect(url_for("awards.show", award_id=award_id))
    page = render_template("awards/suspend.html", award=award, form=form)
    return (page, 422) if form.is_submitted() else page


@blueprint.post("/credentials/<uuid:award_id>/reprendre")
@roles(FACILITATOR)
def lift_suspension(award_id: UUID) -> Response:
    """The award holds again."""
    held = suspension.lift(db.session(), award_id, now=clock.now())
    list_id = queries.suspension_list(held.status_list_id)
    db.session.commit()
    _publish(list_id)
    flash(_("La suspension est levée ; la personne a reçu un mail."), "success")
    return redirect(url_for("awards.show", award_id=award_id))


def _publish(list_id: int) -> None:
    """Sign the list anew. Without a key the withdrawal stands all the same: the list is signed
    when it is asked for."""
    try:
        rules.publish_status_list(db.session(), list_id, settings())
        db.session.commit()
    except KeyUnreadable:
        db.session.rollback()


@blueprint.post("/mes-badges/<uuid:award_id>/partager")
@signed_in
def share(award_id: UUID) -> Response:
    """Open its page to whoever has the address."""
    rules.share(db.session(), award_id, current_person().id, now=clock.now())
    db.session.commit()
    flash(
        _("Ce badge est partagé : copiez son adresse et envoyez-la à qui vous voulez."), "success"
    )
    return redirect(url_for("awards.backpack", _anchor=f"b-{award_id}"))


@blueprint.post("/mes-badges/<uuid:award_id>/ne-plus-partager")
@signed_in
def stop_sharing(award_id: UUID) -> Response:
    """Close its page again."""
    rules.stop_sharing(db.session(), award_id, current_person().id)
    db.session.commit()
    flash(_("Ce badge est de nouveau privé : son adresse ne mène plus nulle part."), "success")
    return redirect(url_for("awards.backpack", _anchor=f"b-{award_id}"))
