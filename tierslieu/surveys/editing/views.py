"""The pages on which researchers write questionnaires, page by page, question by question."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import RESEARCHER
from tierslieu.surveys.desk import blueprint
from tierslieu.surveys.editing import changes, rules, trying, words
from tierslieu.surveys.editing.desk import (
    BASE,
    Answer,
    answer_with,
    change,
    languages,
    to_version,
    try_to,
    variables_before,
    version_of,
)
from tierslieu.surveys.editing.forms import (
    BeginForm,
    ItemForm,
    PageForm,
    ScaleForm,
    SheetForm,
    item_values,
    scale_values,
    spoken,
)
from tierslieu.surveys.editing.queries import count_waves, list_answered, list_versions
from tierslieu.surveys.forms import page_form, sent_answers, show_faults
from tierslieu.surveys.instruments.checking import BadAnswers, check_answers
from tierslieu.surveys.instruments.following import map_variables
from tierslieu.surveys.instruments.items import ItemKind
from tierslieu.surveys.instruments.reading import find_faults, read_questionnaire, scalable
from tierslieu.surveys.models import Instrument
from tierslieu.surveys.queries import find_instrument, list_instruments
from tierslieu.web.access import roles

ACTS = {"monter": -1, "descendre": 1}


@blueprint.route("/questionnaires", methods=["GET", "POST"])
@roles(RESEARCHER)
def instruments() -> Answer:
    """Every questionnaire; a new one (POST)."""
    session, form = db.session(), BeginForm()
    if form.validate_on_submit():
        begun = rules.begin_instrument(session, form.title.data or "", now=clock.now())
        session.commit()
        return to_version(begun)
    newest = {one.slug: one for one in list_instruments(session)}
    page = render_template(
        "surveys/editing/list.html",
        instruments=sorted(newest.values(), key=lambda one: one.title.casefold()),
        answered=list_answered(session),
        form=form,
    )
    return answer_with(page, form)


@blueprint.get(BASE)
@roles(RESEARCHER)
def instrument(slug: str, version: int) -> str:
    """One version: what it asks, and the ways to change it while nobody answered."""
    session, found = db.session(), version_of(slug, version)
    read = read_questionnaire(found.content)
    return render_template(
        "surveys/editing/instrument.html",
        instrument=found,
        read=read,
        frozen=rules.why_frozen(session, found),
        faults=find_faults(found.content),
        versions=list_versions(session, slug),
        waves=count_waves(session, found.id),
        kinds=words.kind_words(),
        known={one.name: one for one in read.variables()},
        follows=_followed(found),
        words=words,
    )


def _followed(found: Instrument) -> list[tuple[str, str]]:
    """Each variable, and the one of the version before that it goes on."""
    before = found.content.get("follows", {}).get("version")
    older = find_instrument(db.session(), found.slug, before) if before else None
    return list(map_variables(found.content, older.content).items()) if older else []


@blueprint.route(f"{BASE}/essayer", methods=["GET", "POST"])
@roles(RESEARCHER)
def attempt(slug: str, version: int) -> Answer:
    """All its pages at once, and what the data would say; nothing is kept."""
    found = version_of(slug, version)
    read = read_questionnaire(found.content, request.args.get("langue", ""))
    pages = trying.on_one_page(read)
    items = tuple(item for page in pages for item in page.items)
    values, form = None, page_form(items, {})
    if request.method == "POST":
        sent = sent_answers(request.form.items())
        try:
            answers = {name: text for name, text in check_answers(items, sent).items() if text}
        except BadAnswers as bad:
            show_faults(form, bad)
        else:
            values = trying.say_values(read, answers)
    page = render_template(
        "surveys/editing/attempt.html",
        instrument=found,
        read=read,
        pages=pages,
        form=form,
        values=values,
    )
    return answer_with(page, form)


@blueprint.route(f"{BASE}/fiche", methods=["GET", "POST"])
@roles(RESEARCHER)
def sheet(slug: str, version: int) -> Answer:
    """Title, languages, licence, source, scoring."""
    found = version_of(slug, version)
    shown = {**found.content, **spoken(found.content["title"], "title")}
    form = SheetForm(data={**shown, "languages": languages(found), "revision": found.revision})
    if form.validate_on_submit() and try_to(
        form, lambda: change(slug, version, form, changes.with_sheet(form.facts()))
    ):
        db.session.commit()
        return to_version(version_of(slug, version))
    return _form_page("sheet.html", slug, version, form)


def _form_page(template: str, slug: str, version: int, form: Any, **more: Any) -> Answer:
    """A form of a draft. Whoever was told that it changed meanwhile may save over it."""
    found = version_of(slug, version)
    if form.is_submitted() and "revision" in form:
        form.revision.data, form.revision.raw_data = found.revision, None
    page = render_template(
        f"surveys/editing/{template}",
        instrument=found,
        languages=languages(found),
        form=form,
        **more,
    )
    return answer_with(page, form)


@blueprint.route(f"{BASE}/page-nouvelle", methods=["GET", "POST"])
@roles(RESEARCHER)
def new_page(slug: str, version: int) -> Answer:
    """A page more, at the end."""
    return _edit_page(slug, version, None)


@blueprint.route(f"{BASE}/pages/<int:number>", methods=["GET", "POST"])
@roles(RESEARCHER)
def edit_page(slug: str, version: int, number: int) -> Answer:
    """A page's title, words and condition."""
    return _edit_page(slug, version, number - 1)


def _edit_page(slug: str, version: int, number: int | None) -> Answer:
    found = version_of(slug, version)
    spoken_here = languages(found)
    old = {} if number is None else changes.find_page(found.content, number)
    shown = {**spoken(old.get("title"), "title"), **spoken(old.get("intro"), "intro")}
    form = PageForm(data={**shown, "revision": found.revision})
    form.speak(spoken_here)
    place = len(found.content["pages"]) if number is None else number
    form.offer_before(variables_before(found, place, None), old.get("when"))

    def facts() -> dict[str, Any]:
        intro = form.wording("intro", spoken_here)
        return {
            "title": form.wording("title", spoken_here),
            "intro": intro if any(intro.values()) else "",
            "when": form.when(old.get("when")),
        }

    if form.validate_on_submit() and try_to(
        form, lambda: change(slug, version, form, changes.with_page(number, facts()))
    ):
        db.session.commit()
        return to_version(version_of(slug, version), f"page-{place + 1}")
    return _form_page("page.html", slug, version, form, number=number)


@blueprint.get(f"{BASE}/pages/<int:number>/question-nouvelle")
@roles(RESEARCHER)
def choose_kind(slug: str, version: int, number: int) -> str:
    """Which kind of question."""
    found = version_of(slug, version)
    changes.find_page(found.content, number - 1)
    return render_template(
        "surveys/editing/kinds.html", instrument=found, number=number, kinds=words.kind_words()
    )


@blueprint.route(f"{BASE}/pages/<int:number>/question-nouvelle/<kind>", methods=["GET", "POST"])
@roles(RESEARCHER)
def new_item(slug: str, version: int, number: int, kind: str) -> Answer:
    """A question more, of this kind, at the end of a page."""
    if kind not in {one.value for one in ItemKind}:
        raise NotYours
    found = version_of(slug, version)
    changes.find_page(found.content, number - 1)
    return _edit_item(slug, version, number - 1, ItemKind(kind), None)


@blueprint.route(f"{BASE}/questions/<name>", methods=["GET", "POST"])
@roles(RESEARCHER)
def edit_item(slug: str, version: int, name: str) -> Answer:
    """One question."""
    found = version_of(slug, version)
    page, rank = changes.find_item(found.content, name)
    old = found.content["pages"][page]["items"][rank]
    return _edit_item(slug, version, page, ItemKind(old["kind"]), old)


def _edit_item(
    slug: str, version: int, page: int, kind: ItemKind, old: dict[str, Any] | None
) -> Answer:
    found = version_of(slug, version)
    spoken_here = languages(found)
    usual = {"required": True, "minimum": 0, "maximum": 10, "decimals": 0, "step": 1}
    shown = item_values(old, spoken_here) if old else {**usual, "max_length": 500}
    form = ItemForm(data={**shown, "revision": found.revision})
    form.become(kind, spoken_here)
    if old:
        del form.name
    before = variables_before(found, page, old["name"] if old else "")
    form.offer_before(before, old.get("when") if old else None)

    keep = changes.with_item if old else changes.with_new_item
    if form.validate_on_submit() and try_to(
        form, lambda: change(slug, version, form, keep(page, form.item(kind, spoken_here, old)))
    ):
        db.session.commit()
        return to_version(version_of(slug, version), f"page-{page + 1}")
    return _form_page(
        "item.html", slug, version, form, kind=words.kind_words()[kind], old=old, page=page
    )


@blueprint.route(f"{BASE}/echelle-nouvelle", methods=["GET", "POST"])
@roles(RESEARCHER)
def new_scale(slug: str, version: int) -> Answer:
    """A scale more."""
    return _edit_scale(slug, version, None)


@blueprint.route(f"{BASE}/echelles/<name>", methods=["GET", "POST"])
@roles(RESEARCHER)
def edit_scale(slug: str, version: int, name: str) -> Answer:
    """One scale."""
    scales = version_of(slug, version).content.get("scales", ())
    old = next((one for one in scales if one["name"] == name), None)
    if old is None:
        raise NotYours
    return _edit_scale(slug, version, old)


def _edit_scale(slug: str, version: int, old: dict[str, Any] | None) -> Answer:
    found = version_of(slug, version)
    spoken_here = languages(found)
    shown = scale_values(old) if old else {}
    form = ScaleForm(data={**shown, "revision": found.revision})
    form.speak(spoken_here)
    if old:
        del form.name
    form.offer(scalable(read_questionnaire(found.content)))
    keep = changes.with_scale if old else changes.with_new_scale
    if form.validate_on_submit() and try_to(
        form,
        lambda: change(slug, version, form, keep(form.scale(spoken_here, old))),
    ):
        db.session.commit()
        return to_version(version_of(slug, version), "echelles")
    return _form_page("scale.html", slug, version, form, old=old)


@blueprint.post(f"{BASE}/ranger/<what>/<name>/<act>")
@roles(RESEARCHER)
def arrange(slug: str, version: int, what: str, name: str, act: str) -> BaseResponse:
    """A page, a question or a scale: earlier, later, or gone, in the revision that was shown."""
    found = version_of(slug, version)
    # A page is known by its place: pressed twice, the second would take the page that came there.
    revision = request.form.get("revision", -1, type=int)
    try:
        rules.change_draft(
            db.session(), found.id, _arranged(what, name, act), revision=revision, now=clock.now()
        )
    except NotYours:
        raise
    except Refused as refused:
        db.session.rollback()
        flash(refused.message, "error")
    else:
        db.session.commit()
    return to_version(version_of(slug, version), request.form.get("ancre"))


def _arranged(what: str, name: str, act: str) -> changes.Change:
    if act not in (*ACTS, "retirer") or (what == "echelle" and act != "retirer"):
        raise NotYours
    if what == "echelle":
        return changes.without_scale(name)
    if what == "question":
        return changes.moved_item(name, ACTS[act]) if act in ACTS else changes.without_item(name)
    if what != "page" or not (name.isascii() and name.isdigit() and len(name) < 5):
        raise NotYours
    number = int(name) - 1
    return changes.moved_page(number, ACTS[act]) if act in ACTS else changes.without_page(number)


@blueprint.post(f"{BASE}/nouvelle-version")
@roles(RESEARCHER)
def new_version(slug: str, version: int) -> BaseResponse:
    """The next version, a draft like this one."""
    found = version_of(slug, version)
    try:
        begun = rules.begin_version(db.session(), found.id, now=clock.now())
    except NotYours:
        raise
    except Refused as refused:
        db.session.rollback()
        flash(refused.message, "error")
        return to_version(version_of(slug, version))
    db.session.commit()
    return to_version(begun)


@blueprint.post(f"{BASE}/effacer")
@roles(RESEARCHER)
def remove(slug: str, version: int) -> BaseResponse:
    """Forget a draft."""
    found = version_of(slug, version)
    try:
        rules.remove_draft(db.session(), found.id)
    except NotYours:
        raise
    except Refused as refused:
        db.session.rollback()
        flash(refused.message, "error")
        return to_version(version_of(slug, version))
    db.session.commit()
    flash(_("Le brouillon est effacé."), "success")
    return redirect(url_for(".instruments"))
