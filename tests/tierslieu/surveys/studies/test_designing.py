"""Designing a study: what it takes to open it, what stays once people were asked, how it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.courses import make_path
from tests.support.factories import Factory
from tests.support.surveys import make_own_study, occasions, settings, study_key, wave_facts
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import User
from tierslieu.surveys.editing.rules import begin_instrument, change_draft
from tierslieu.surveys.models import Study
from tierslieu.surveys.pseudonyms import has_key
from tierslieu.surveys.rules import invite_due
from tierslieu.surveys.studies import designing
from tierslieu.surveys.studies.agreeing import agree
from tierslieu.surveys.studies.designing import StudyFacts
from tierslieu.surveys.studies.models import StudyResearcher
from tierslieu.surveys.studies.queries import find_draft_text, find_text, may_research

pytestmark = pytest.mark.both_databases
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
FACTS = StudyFacts("Usages de l’IA", "Ce que l’on en fait.", "Labo, labo@example.org", None)
ITEM = {"name": "sure", "kind": "number", "text": "Combien ?", "label": "Combien"}
WHOLE = {**ITEM, "minimum": 0, "maximum": 9, "required": False}


@pytest.fixture
def researcher(make: Factory) -> User:
    return make.user("researcher")


def refusal(act: object, *args: object, **more: object) -> str:
    with pytest.raises(Refused) as refused:
        act(*args, **more)  # type: ignore[operator]
    return refused.value.code


def keys() -> object:
    return settings().keys


def test_a_draft_opens_once_nothing_is_missing_with_its_text_and_a_key_of_its_own(
    db: Session, researcher: User
) -> None:
    facts = wave_facts(db)
    study = designing.begin_study(db, "Clé à part", researcher.id, now=NOW)
    other = designing.begin_study(db, "Clé à part", researcher.id, now=NOW)
    assert (study.slug, other.slug) == ("cle-a-part", "cle-a-part-2")
    assert len(designing.list_missing(db, study)) == 4
    assert refusal(designing.open_study, db, study.id, keys(), now=NOW) == "not_ready"
    assert not has_key(settings().keys, study.slug)
    designing.describe_study(db, study.id, FACTS)
    begun = find_draft_text(db, study.id)
    assert begun is not None
    half = begun.body.replace("(À écrire.)", "Tout.", 1)  # one passage is left to write
    designing.write_text(db, study.id, half)
    assert "à écrire" in " ".join(designing.list_missing(db, study))
    designing.write_text(db, study.id, "Oui à ceci.")
    designing.add_wave(db, study.id, facts, {})
    assert find_text(db, study.id) is None  # nobody sees it yet
    designing.open_study(db, study.id, settings().keys, now=NOW)
    text = find_text(db, study.id)
    assert text is not None
    assert (text.version, text.published_at, study.opened_at) == (1, NOW, NOW)
    assert study_key(study) != study_key(make_own_study(db, researcher, now=NOW))
    assert refusal(designing.open_study, db, study.id, keys(), now=NOW) == "already_open"


def test_what_people_agreed_to_does_not_change_under_them(db: Session, researcher: User) -> None:
    study = make_own_study(db, researcher, now=NOW)
    moved = replace(FACTS, path_id=make_path(db, "un").id)
    assert refusal(designing.describe_study, db, study.id, moved) == "path_settled"
    designing.write_text(db, study.id, "Autre chose.")
    kept, draft = find_text(db, study.id), find_draft_text(db, study.id)
    assert kept is not None
    assert draft is not None
    assert (kept.body, draft.version) == ("**Oui** à ceci.", 2)
    designing.write_text(db, study.id, "Autre chose encore.")
    assert find_draft_text(db, study.id) is draft
    designing.publish_text(db, study.id, asks_anew=True, now=NOW)
    refused = refusal(designing.publish_text, db, study.id, asks_anew=True, now=NOW)
    assert refused == "nothing_written"


def test_a_wave_that_asked_somebody_keeps_what_it_asks_and_when(
    db: Session, make: Factory, researcher: User
) -> None:
    study = make_own_study(db, researcher, now=NOW - timedelta(days=1))
    [wave] = study.waves
    facts = wave_facts(db)
    designing.change_wave(db, study.id, wave.id, replace(facts, delay_days=3), {})
    designing.change_wave(db, study.id, wave.id, facts, {})
    agree(db, make.user().id, study.id, 1, now=NOW - timedelta(hours=1))
    assert len(invite_due(db, {}, NOW)) == 1
    for changed in (replace(facts, delay_days=3), wave_facts(db, slug="semaine")):
        refused = refusal(designing.change_wave, db, study.id, wave.id, changed, {})
        assert refused == "wave_settled"
    designing.change_wave(db, study.id, wave.id, replace(facts, title="Autre", reminders=3), {})
    assert (wave.title, wave.reminders) == ("Autre", 3)


def test_a_wave_asks_only_what_is_whole_and_fits_the_files(db: Session, researcher: User) -> None:
    study = designing.begin_study(db, "Usages", researcher.id, now=NOW)
    empty = begin_instrument(db, "Vide", now=NOW)
    facts = replace(wave_facts(db), instrument_id=empty.id)
    assert refusal(designing.add_wave, db, study.id, facts, {}) == "bad_wave"
    item = {**WHOLE, "name": "a" * 31}
    page = {"title": "Page", "intro": "", "items": [item]}
    change_draft(db, empty.id, lambda c: {**c, "pages": [page]}, revision=None, now=NOW)
    assert refusal(designing.add_wave, db, study.id, facts, {}) == "bad_wave"  # + «_t1»
    at_once = wave_facts(db, "soon"), occasions({"soon": []}, is_ahead=True)
    assert refusal(designing.add_wave, db, study.id, *at_once) == "bad_wave"  # before, by no day
    unknown = wave_facts(db, "full_moon")
    assert refusal(designing.add_wave, db, study.id, unknown, {}) == "bad_wave"


def test_a_draft_that_an_open_study_asks_stays_whole(db: Session, researcher: User) -> None:
    draft = begin_instrument(db, "À nous", now=NOW)
    page = {"title": "Page", "intro": "", "items": [WHOLE]}
    change_draft(db, draft.id, lambda c: {**c, "pages": [page]}, revision=None, now=NOW)
    facts = replace(wave_facts(db), instrument_id=draft.id)
    make_own_study(db, researcher, facts, now=NOW)
    for pages in ([], [{**page, "items": []}], [{**page, "items": [{**WHOLE, "name": "b" * 31}]}]):
        with pytest.raises(Refused) as refused:
            change_draft(db, draft.id, lambda c, p=pages: {**c, "pages": p}, revision=None, now=NOW)
        assert refused.value.code == "bad_instrument"
        db.rollback()


def test_waves_keep_their_names_when_one_is_taken_away(db: Session, researcher: User) -> None:
    study = make_own_study(db, researcher, wave_facts(db), wave_facts(db), now=NOW)
    first, second = study.waves
    assert designing.remove_wave(db, study.id, first.id, now=NOW) is True
    designing.add_wave(db, study.id, wave_facts(db), occasions({}))
    db.expire(study)
    assert [one.slug for one in study.waves] == ["t2", "t3"]
    assert second in study.waves


def test_a_study_always_has_somebody_who_runs_it(
    db: Session, make: Factory, researcher: User
) -> None:
    study = make_own_study(db, researcher, now=NOW)
    other, learner = make.user("researcher"), make.user()
    assert may_research(db, study, other.id) is False
    for wrong in (learner.email, "personne@example.org", "n’importe quoi"):
        assert refusal(designing.add_researcher, db, study.id, wrong, now=NOW) == "no_researcher"
    refused = refusal(designing.remove_researcher, db, study.id, researcher.id)
    assert refused == "last_researcher"
    designing.add_researcher(db, study.id, other.email.upper(), now=NOW)
    designing.add_researcher(db, study.id, other.email, now=NOW)
    assert may_research(db, study, other.id) is True
    designing.remove_researcher(db, study.id, researcher.id)
    assert [one.user_id for one in db.scalars(select(StudyResearcher))] == [other.id]


def test_the_link_is_cut_only_of_a_closed_study_by_its_name(db: Session, researcher: User) -> None:
    study = make_own_study(db, researcher, now=NOW)
    assert refusal(designing.cut_link, db, study.id, keys(), study.slug) == "not_closed"
    designing.close_study(db, study.id, now=NOW)
    assert refusal(designing.write_text, db, study.id, "Trop tard.") == "closed"
    assert refusal(designing.cut_link, db, study.id, keys(), "usages") == "wrong_name"
    path = settings().keys.folder / f"study-{study.slug}.key"
    linked = settings().keys.folder / "a-second-name"
    linked.hardlink_to(path)
    designing.cut_link(db, study.id, settings().keys, study.slug)
    assert not has_key(settings().keys, study.slug)
    assert set(linked.read_text("ascii")) == {"0"}  # written over, not only forgotten
    designing.cut_link(db, study.id, settings().keys, study.slug)  # again: nothing
    linked.unlink()


def test_the_places_own_study_is_nobodys_to_change(db: Session, researcher: User) -> None:
    make_own_study(db, researcher, now=NOW)
    place = db.scalar(select(Study).where(Study.has_own_consent.is_(False)))
    assert place is not None
    with pytest.raises(NotYours):
        designing.close_study(db, place.id, now=NOW)
    assert may_research(db, place, researcher.id) is True


def test_only_a_draft_is_erased(db: Session, researcher: User) -> None:
    study = make_own_study(db, researcher, now=NOW)
    assert refusal(designing.forget_draft, db, study.id) == "already_open"
    draft = designing.begin_study(db, "Brouillon", researcher.id, now=NOW)
    db.commit()
    designing.forget_draft(db, draft.id)
    db.commit()
    assert db.get(Study, draft.id) is None
