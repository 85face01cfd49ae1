"""The pages on which the team writes a path, publishes it, and takes it in and out as a file."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from courses.paths import words
from courses.paths.desk import blueprint
from courses.paths.editing import rules
from courses.paths.editing.desk import Answer, answer_with, me, to_draft, try_to
from courses.paths.editing.forms import (
    DraftForm,
    FactsForm,
    NewPathForm,
    PoolForm,
    PublishForm,
    StepForm,
    step_values,
)
from courses.paths.editing.queries import find_draft, list_drafts, list_keys
from courses.paths.facts import PathFacts, PoolFacts, StepFacts, make_key
from courses.paths.models import PathDraft
from courses.paths.queries import current_version, find_path, list_paths
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.house import House
from tierslieu.house_paths import BadgeChoice, BadgeChoices, PathReferences
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import roles
from tierslieu.web.forms import Form
from tierslieu.web.links import clean_url


def _draft(slug: str) -> PathDraft:
    draft = find_draft(db.session(), slug)
    if draft is None:
        raise NotYours
    return draft


@blueprint.route("/parcours/nouveau", methods=["GET", "POST"])
@roles(FACILITATOR)
def new() -> Answer:
    """Begin a path of the place's own."""
    form, made = NewPathForm(), []

    def create() -> None:
        made.append(
            rules.create_draft(
                db.session(),
                form.title.data or "",
                form.short_title.data or "",
                actor_id=me(),
                now=clock.now(),
            ).slug
        )

    if form.validate_on_submit() and try_to(form, create):
        db.session.commit()
        return to_draft(made[0])
    page = render_template(
        "paths/new.html", form=form, drafts=list_drafts(db.session()), facts_in=rules.facts_in
    )
    return answer_with(page, form)


@blueprint.route("/parcours/<slug>/modifier", methods=["GET", "POST"])
@roles(FACILITATOR)
def edit(slug: str) -> Answer:
    """The draft of a path; where there is none, the way to begin one (POST)."""
    session, form = db.session(), Form()
    if form.validate_on_submit() and try_to(
        form, lambda: rules.begin_draft(session, slug, actor_id=me(), now=clock.now())
    ):
        db.session.commit()
        return to_draft(slug)
    draft, path = find_draft(session, slug), find_path(session, slug)
    if draft is None and path is None:
        raise NotYours
    version = current_version(session, path.id) if path else None
    if draft is None:
        return render_template("paths/edit_begin.html", path=path, version=version)
    facts = rules.facts_in(draft)
    return _edit_page(draft, facts, PublishForm(formdata=None, revision=draft.revision))


def _edit_page(draft: PathDraft, facts: PathFacts, form: PublishForm) -> str:
    session = db.session()
    path = find_path(session, draft.slug)
    version = current_version(session, path.id) if path else None
    return render_template(
        "paths/edit.html",
        draft=draft,
        facts=facts,
        path=path,
        version=version,
        problems=rules.problems_of(session, facts, _badges_and_paths()),
        broken=_broken(draft.slug, _keys(facts)) if path else [],
        form=form,
        words=words,
        names={step.key: step.title for step in facts.steps},
        pools={pool.key: pool for pool in facts.pools},
    )


@blueprint.route("/parcours/<slug>/modifier/fiche", methods=["GET", "POST"])
@roles(FACILITATOR)
def edit_facts(slug: str) -> Answer:
    """What the path is, whatever its steps."""
    draft = _draft(slug)
    facts = rules.facts_in(draft)
    shown = {**facts.model_dump(), "parent": facts.parent or "", "revision": draft.revision}
    form = FactsForm(_other_paths(slug, facts.parent), facts.language, data=shown)

    def change() -> None:
        values = form.values()
        values["url"] = clean_url(values["url"])
        _change(slug, rules.with_facts(**values), form)

    if form.validate_on_submit() and try_to(form, change):
        db.session.commit()
        return to_draft(slug)
    _look_again(form, slug)
    return answer_with(render_template("paths/edit_facts.html", facts=facts, form=form), form)


def _change(slug: str, change: rules.Change, form: DraftForm) -> None:
    rules.change_draft(
        db.session(),
        slug,
        change,
        revision=form.revision.data or 0,
        actor_id=me(),
        now=clock.now(),
    )


def _look_again(form: DraftForm, slug: str) -> None:
    """Whoever was told that the draft changed meanwhile may save over it, knowing so."""
    form.revision.data, form.revision.raw_data = _draft(slug).revision, None


def _other_paths(slug: str, *chosen: str | None) -> list[tuple[str, str]]:
    """The paths there are to choose, and what was chosen already, proposed or not."""
    return [
        (path.slug, path.short_title)
        for path in list_paths(db.session(), with_retired=True)
        if path.slug != slug and (path.retired_at is None or path.slug in chosen)
    ]


def _house() -> House:
    house: House = current_app.extensions["tierslieu.house"]
    return house


def _badges() -> list[BadgeChoice]:
    return [one for offer in _house().all(BadgeChoices) for one in offer.list_all(db.session())]


def _broken(slug: str, keys: frozenset[str] | None) -> list[str]:
    """What refers to this path, and leads nowhere with these steps (None: once retired)."""
    return [
        sentence
        for offer in _house().all(PathReferences)
        for sentence in offer.find_broken(db.session(), slug, keys)
    ]


def _keys(facts: PathFacts) -> frozenset[str]:
    return frozenset(step.key for step in facts.steps)


def _badges_and_paths() -> dict[str, frozenset[str]]:
    return {badge.slug: badge.paths for badge in _badges()}


@blueprint.route("/parcours/<slug>/modifier/etape-nouvelle", methods=["GET", "POST"])
@roles(FACILITATOR)
def new_step(slug: str) -> Answer:
    """A step more, at the end."""
    return _edit_step(slug, None)


@blueprint.route("/parcours/<slug>/modifier/etapes/<key>", methods=["GET", "POST"])
@roles(FACILITATOR)
def edit_step(slug: str, key: str) -> Answer:
    """One step of the draft."""
    return _edit_step(slug, key)


def _edit_step(slug: str, key: str | None) -> Answer:
    draft = _draft(slug)
    facts = rules.facts_in(draft)
    step = _step(facts, key) if key else None
    shown: dict[str, Any] = {"revision": draft.revision, "kind": "online", "place": "required"}
    shown |= step_values(step) if step else {}
    form = StepForm(
        facts,
        key,
        badges=[(badge.slug, badge.name) for badge in _badges()],
        paths=_other_paths(slug, step.subpath if step else None),
        data=shown,
    )

    def change() -> None:
        # Nor a key that another step had in an older version: it would inherit what was done.
        taken = {one.key for one in facts.steps} | list_keys(db.session(), slug)
        own = key or make_key(form.code.data, form.title.data, taken)
        form.url.data = clean_url(form.url.data or "")
        _change(slug, rules.with_step(form.step(own), key=key), form)

    if form.validate_on_submit() and try_to(form, change):
        db.session.commit()
        return to_draft(slug, "etapes")
    _look_again(form, slug)
    page = render_template("paths/edit_step.html", facts=facts, step=step, form=form)
    return answer_with(page, form)


def _step(facts: PathFacts, key: str) -> StepFacts:
    found = next((step for step in facts.steps if step.key == key), None)
    if found is None:
        raise NotYours
    return found


@blueprint.post("/parcours/<slug>/modifier/etapes/<key>/<act>")
@roles(FACILITATOR)
def arrange(slug: str, key: str, act: str) -> BaseResponse:
    """A step up, down or out: one tap each."""
    changes = {
        "monter": rules.with_step_moved(key, -1),
        "descendre": rules.with_step_moved(key, 1),
        "retirer": rules.without_step(key),
    }
    if act not in changes:
        raise NotYours
    # A move rests on nothing that was read but the step itself.
    rules.change_draft(
        db.session(), slug, changes[act], revision=None, actor_id=me(), now=clock.now()
    )
    db.session.commit()
    return to_draft(slug, "etapes" if act == "retirer" else f"etape-{key}")


@blueprint.route("/parcours/<slug>/modifier/choix-nouveau", methods=["GET", "POST"])
@roles(FACILITATOR)
def new_pool(slug: str) -> Answer:
    """A pool more."""
    return _edit_pool(slug, None)


@blueprint.route("/parcours/<slug>/modifier/choix/<key>", methods=["GET", "POST"])
@roles(FACILITATOR)
def edit_pool(slug: str, key: str) -> Answer:
    """One pool of the draft."""
    return _edit_pool(slug, key)


def _edit_pool(slug: str, key: str | None) -> Answer:
    draft = _draft(slug)
    facts = rules.facts_in(draft)
    pool = _pool(facts, key) if key else None
    shown: dict[str, Any] = {"revision": draft.revision, "needed": 1}
    shown |= {"title": pool.title, "needed": pool.needed} if pool else {}
    form = PoolForm(data=shown)

    def change() -> None:
        own = key or make_key("", form.title.data, [one.key for one in facts.pools])
        _change(slug, rules.with_pool(form.pool(own), key=key), form)

    if form.validate_on_submit() and try_to(form, change):
        db.session.commit()
        return to_draft(slug, "choix")
    _look_again(form, slug)
    page = render_template("paths/edit_pool.html", facts=facts, pool=pool, form=form)
    return answer_with(page, form)


def _pool(facts: PathFacts, key: str) -> PoolFacts:
    found = next((pool for pool in facts.pools if pool.key == key), None)
    if found is None:
        raise NotYours
    return found


@blueprint.post("/parcours/<slug>/modifier/choix/<key>/retirer")
@roles(FACILITATOR)
def remove_pool(slug: str, key: str) -> BaseResponse:
    """A pool out; its steps stay."""
    rules.change_draft(
        db.session(), slug, rules.without_pool(key), revision=None, actor_id=me(), now=clock.now()
    )
    db.session.commit()
    return to_draft(slug, "choix")


@blueprint.post("/parcours/<slug>/modifier/publier")
@roles(FACILITATOR)
def publish(slug: str) -> Answer:
    """What was written becomes what everybody sees."""
    form, made = PublishForm(), []
    draft = _draft(slug)
    keys = _keys(rules.facts_in(draft))

    def act() -> None:
        made.append(
            rules.publish_draft(
                db.session(),
                slug,
                revision=form.revision.data or 0,
                actor_id=me(),
                now=clock.now(),
                changes=form.changes.data or "",
                badges=_badges_and_paths(),
            )[1]
        )

    if form.validate_on_submit() and try_to(form, act):
        db.session.commit()
        version = made[0]
        flash(
            _("Version %(number)s publiée.", number=version.number)
            if version is not None
            else _("Fiche publiée ; les étapes n’ont pas changé."),
            "success",
        )
        _warn(slug, keys)
        return redirect(url_for(".path", slug=slug))
    _look_again(form, slug)
    form.sure.data = False  # what is shown now was not read yet
    draft = _draft(slug)
    return answer_with(_edit_page(draft, rules.facts_in(draft), form), form)


def _warn(slug: str, keys: frozenset[str] | None) -> None:
    for sentence in _broken(slug, keys):
        flash(sentence, "info")


@blueprint.post("/parcours/<slug>/modifier/abandonner")
@roles(FACILITATOR)
def give_up(slug: str) -> BaseResponse:
    """Throw the draft away."""
    session = db.session()
    rules.give_up_draft(session, slug)
    session.commit()
    flash(_("Brouillon abandonné."), "success")
    is_there = find_path(session, slug) is not None
    return redirect(url_for(".path", slug=slug) if is_there else url_for(".new"))


@blueprint.post("/parcours/<slug>/<any(retirer, remettre):act>")
@roles(FACILITATOR)
def retire(slug: str, act: str) -> BaseResponse:
    """Propose a path no longer, or again."""
    session, is_retired = db.session(), act == "retirer"
    try:
        rules.retire_path(session, slug, is_retired=is_retired, now=clock.now())
    except Refused as refused:
        session.rollback()
        if isinstance(refused, NotYours):
            raise
        flash(refused.message, "error")
        return redirect(url_for(".path", slug=slug))
    session.commit()
    flash(
        _("Ce parcours n’est plus proposé. Les personnes qui le suivent peuvent finir.")
        if is_retired
        else _("Ce parcours est de nouveau proposé."),
        "success",
    )
    if is_retired:
        _warn(slug, None)
    return redirect(url_for(".path", slug=slug))
