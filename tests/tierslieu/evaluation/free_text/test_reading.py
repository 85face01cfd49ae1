"""Nothing of what people wrote leaves that was not asked for, read, let out and agreed to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.evaluation import as_text, keep, read_zip
from tests.support.factories import Factory
from tests.support.free_text import (
    CONTENT,
    NOW,
    OPENED,
    allow_texts,
    ask,
    begin,
    copies,
    make_written_study,
    write_words,
)
from tests.support.surveys import make_own_study, make_study, make_wave, study_key
from tierslieu.errors import NotYours, Refused
from tierslieu.evaluation.free_text import rules
from tierslieu.evaluation.free_text.models import ReadingState, ReadText, TextRequest
from tierslieu.evaluation.free_text.queries import list_waiting_for
from tierslieu.evaluation.kept.rules import list_held_back
from tierslieu.evaluation.package import Package
from tierslieu.evaluation.rules import prepare_package
from tierslieu.house import House
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import User
from tierslieu.surveys.models import Study
from tierslieu.surveys.rules import erase_answers
from tierslieu.surveys.studies.agreeing import agree, withdraw
from tierslieu.surveys.studies.designing import add_researcher, publish_text, write_text

pytestmark = pytest.mark.both_databases


@pytest.fixture
def researcher(make: Factory) -> User:
    return make.user("researcher")


@pytest.fixture
def reader(make: Factory) -> User:
    return make.user("coordinator")


def pack(db: Session, study: Study) -> Package:
    db.rollback()
    return prepare_package(db, study, study_key(study), House(()), "Ici", now=NOW)


def texts_in(package: Package) -> dict[str, list[str]]:
    """The lines of each file of texts."""
    return {
        path.removeprefix("data/free-text/"): data.decode().splitlines()[1:]
        for path, data in read_zip(package).items()
        if path.startswith("data/free-text/")
    }


def says(package: Package, word: str) -> bool:
    """Whether any file of the package, whatever its format, says this word."""
    return any(word in as_text(file) for file in read_zip(package).items())


def let_it_out(*where: Any, user_id: UUID) -> ReadText:
    """Let out the text as it stands, as who has just read it does."""
    text = where[0].get_one(ReadText, where[3])
    return rules.let_out(*where, seen=rules.wording_of(text), user_id=user_id)


def let_all_out(db: Session, request: TextRequest, reader: User) -> None:
    key = study_key(request.study)
    for one in begin(db, request, reader):
        let_it_out(db, request.study_id, request.id, one.id, key, user_id=reader.id)
    rules.agree(db, request.study_id, request.id, key, "Bon.", user_id=reader.id, now=NOW)
    db.commit()


def refusal(act: object, *args: object, **more: object) -> str:
    with pytest.raises(Refused) as refused:
        act(*args, **more)  # type: ignore[operator]
    return refused.value.code


def test_only_the_texts_that_were_let_out_and_agreed_to_are_in_any_byte_of_the_package(
    db: Session, make: Factory, researcher: User, reader: User
) -> None:
    study, wave, _people = make_written_study(
        db, make, researcher, 14, lambda n: (f"idee{n}mot à Lyon{n}ville", f"souhait{n}mot")
    )
    key = study_key(study)
    request = ask(db, study, wave, researcher, ("idea", "wish"))
    where = (db, study.id, request.id)
    assert not says(pack(db, study), "idee")  # asked is not agreed
    out, kept = set(), set()
    for number, one in enumerate(begin(db, request, reader)):
        word = one.text.split(" ")[0]
        town = one.text.rsplit(" ", 1)[-1] if " " in one.text else None
        fate = ("out", "struck", "kept", "struck, then kept")[number % 4]
        if "struck" in fate and town:
            rules.replace_passage(
                *where, one.id, key, passage=town.lower(), by="", user_id=reader.id
            )
            kept.add(town)
        if "kept" in fate:
            rules.keep_in(*where, one.id, key, user_id=reader.id)
            kept |= {word, town} - {None}
        else:
            let_it_out(*where, one.id, key, user_id=reader.id)
            out.add(word)
    db.commit()
    read = pack(db, study)
    assert not [word for word in out if says(read, word)]  # read is not agreed
    rules.agree(*where, key, "Bonne lecture.", user_id=reader.id, now=NOW)
    db.commit()
    package = pack(db, study)
    assert len(out) > 10
    assert all(says(package, word) for word in out)
    assert not [word for word in kept if says(package, word)]
    assert set(texts_in(package)) == {"idea_t9.csv", "wish_t9.csv"}
    # Without a pseudonym, in the order of the letters: no file says whose a text is.
    lines = texts_in(package)["wish_t9.csv"]
    assert lines == sorted(lines)
    assert all(line.endswith(",t9") and line.count(",") == 1 for line in lines)
    assert pack(db, study).content == package.content


def test_the_package_says_what_was_let_out_and_on_whose_agreement(
    db: Session, make: Factory, researcher: User, reader: User
) -> None:
    study, wave, _people = make_written_study(db, make, researcher)
    let_all_out(db, ask(db, study, wave, researcher), reader)
    files = read_zip(pack(db, study))
    readme = files["README.md"].decode()
    assert "`data/free-text/idea_t9.csv`, 8 textes" in readme
    assert "coordination" in readme
    assert reader.name not in readme
    assert "coordination" in files["VALIDATION.json"].decode()
    assert '"data/free-text/idea_t9.csv"' in files["VALIDATION.json"].decode()
    for path in ("metadata/codebook.html", "metadata/ddi-codebook-2.5.xml"):
        assert "data/free-text/idea_t9.csv" in files[path].decode()
    assert "Vos réponses écrites." in files["consent/usages-de-l-ia-v2.md"].decode()
    assert "free-text" not in files["scripts/import.R"].decode()


def test_a_study_whose_text_of_agreement_does_not_say_so_asks_for_nothing(
    db: Session, make: Factory, researcher: User
) -> None:
    own = make_own_study(db, researcher, now=OPENED)
    wave = make_wave(db, own, CONTENT, "t9")
    of_the_place = make_study(db)
    facts = {"user_id": researcher.id, "now": NOW}
    chosen = [(wave.id, "idea")]
    assert refusal(rules.ask_texts, db, own.id, chosen, "x", **facts) == "consent_silent"
    assert refusal(rules.ask_texts, db, of_the_place.id, chosen, "x", **facts) == "consent_silent"
    allow_texts(db, own)
    assert refusal(rules.ask_texts, db, own.id, [], "x", **facts) == "no_question"
    strange = [(wave.id, "sure")]
    assert refusal(rules.ask_texts, db, own.id, strange, "x", **facts) == "no_question"
    assert ask(db, own, wave, researcher).asked_by_id == researcher.id
    assert refusal(rules.ask_texts, db, own.id, chosen, "x", **facts) == "already_asked"
    with pytest.raises(NotYours):
        rules.ask_texts(db, own.id, chosen, "x", user_id=make.user("researcher").id, now=NOW)


def test_only_those_are_read_whose_yes_is_to_a_text_that_says_so(
    db: Session, make: Factory, researcher: User, reader: User
) -> None:
    study, wave, people = make_written_study(db, make, researcher, 9)
    write_text(db, study.id, "Sans textes.")
    silent = publish_text(db, study.id, asks_anew=False, now=OPENED + timedelta(days=2))
    agree(db, people[0].id, study.id, silent.version, now=OPENED + timedelta(days=3))
    withdraw(db, people[1].id, study.id, study_key(study), now=NOW)
    db.commit()
    request = ask(db, study, wave, researcher)
    found = {one.text for one in begin(db, request, reader)}
    assert found == {f"idee{n}mot" for n in range(2, 9)}


def test_a_person_who_leaves_takes_their_text_out_of_the_next_package(
    db: Session, make: Factory, researcher: User, reader: User
) -> None:
    study, wave, people = make_written_study(db, make, researcher, 7)
    request = ask(db, study, wave, researcher)
    let_all_out(db, request, reader)
    assert says(pack(db, study), "idee3mot")
    withdraw(db, people[3].id, study.id, study_key(study), now=NOW)
    db.commit()
    assert not says(pack(db, study), "idee3mot")
    assert says(pack(db, study), "idee4mot")
    # Whoever has their answers erased leaves no copy in the reading.
    erase_answers(db, people[4].id, study.id, study_key(study))
    db.commit()
    assert "idee4mot" not in {one.text for one in copies(db, request)}
    assert len(copies(db, request)) == 6


def test_texts_of_fewer_than_five_people_are_neither_read_nor_let_out(
    db: Session, make: Factory, researcher: User, reader: User
) -> None:
    study, wave, people = make_written_study(
        db, make, researcher, 8, lambda n: (f"idee{n}mot", f"souhait{n}mot" if n < 4 else "")
    )
    key = study_key(study)
    request = ask(db, study, wave, researcher, ("idea", "wish"))
    found = begin(db, request, reader)
    assert {one.item for one in found} == {"idea"}  # four wishes are not shown to anybody
    for number, one in enumerate(found):
        decide = let_it_out if number < 5 else rules.keep_in
        decide(db, study.id, request.id, one.id, key, user_id=reader.id)
    rules.agree(db, study.id, request.id, key, "", user_id=reader.id, now=NOW)
    db.commit()
    assert len(texts_in(pack(db, study))["idea_t9.csv"]) == 5
    gone = next(p for n, p in enumerate(people) if f"idee{n}mot" == found[0].text)
    withdraw(db, gone.id, study.id, key, now=NOW)
    db.commit()
    assert texts_in(pack(db, study)) == {}


def test_what_is_written_later_waits_and_enters_by_five_people(
    db: Session, make: Factory, researcher: User, reader: User
) -> None:
    study, wave, people = make_written_study(db, make, researcher, 6)
    let_all_out(db, ask(db, study, wave, researcher), reader)
    before = texts_in(pack(db, study))
    for person in people[:4]:
        write_words(db, person, "plustardmot", now=NOW - timedelta(days=2))
    assert texts_in(pack(db, study)) == before
    request = ask(db, study, wave, researcher)
    facts = {"user_id": reader.id, "now": NOW}
    where = (db, study.id, request.id, study_key(study))
    assert refusal(rules.begin_reading, *where, **facts) == "too_few_texts"
    write_words(db, people[4], "plustardmot", now=NOW - timedelta(days=1))
    assert {one.text for one in begin(db, request, reader)} == {"plustardmot"}  # not the old ones
    assert refusal(rules.agree, *where, "", **facts) == "still_unread"
    for one in copies(db, request):
        let_it_out(*where[:3], one.id, where[3], user_id=reader.id)
    rules.agree(*where, "", **facts)
    db.commit()
    assert len(texts_in(pack(db, study))["idea_t9.csv"]) == 11


def test_who_runs_the_study_or_asked_does_not_read(
    db: Session, make: Factory, researcher: User, reader: User
) -> None:
    study, wave, _people = make_written_study(db, make, researcher, 5)
    both = make.user("researcher", "coordinator")
    add_researcher(db, study.id, both.email, now=OPENED)
    db.commit()
    request = ask(db, study, wave, researcher)
    key = study_key(study)
    for person in (both, researcher):
        assert not list_waiting_for(db, person.id)
        with pytest.raises(NotYours):
            rules.begin_reading(db, study.id, request.id, key, user_id=person.id, now=NOW)
    assert [one.id for one in list_waiting_for(db, reader.id)] == [request.id]
    told = set(db.scalars(select(OutboxMessage.recipient)))
    assert reader.email in told
    assert both.email not in told


def test_an_agreement_is_dated_told_and_can_be_taken_back(
    db: Session, make: Factory, researcher: User, reader: User
) -> None:
    study, wave, _people = make_written_study(db, make, researcher, 6)
    request = ask(db, study, wave, researcher)
    let_all_out(db, request, reader)
    assert (request.decided_at, request.decided_by_id) == (NOW, reader.id)
    kept = keep(db, study, pack(db, study), NOW)
    assert list_held_back(db, study, [kept]) == set()
    later = NOW + timedelta(days=1)
    rules.withdraw(db, study.id, request.id, user_id=reader.id, now=later)
    db.commit()
    assert (request.withdrawn_at, request.withdrawn_by_id) == (later, reader.id)
    assert copies(db, request) == []
    assert texts_in(pack(db, study)) == {}
    assert list_held_back(db, study, [kept]) == {kept.id}
    told = [
        one.context["state"]
        for one in db.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
        if one.template == "texts_decided"
    ]
    assert sorted(told) == ["agreed", "withdrawn"]
    rules.forget_person(db, reader.id)
    assert (request.decided_by_id, request.decided_at) == (None, NOW)


def test_a_refusal_says_why_and_keeps_no_copy(
    db: Session, make: Factory, researcher: User, reader: User
) -> None:
    study, wave, _people = make_written_study(db, make, researcher, 6)
    request = ask(db, study, wave, researcher)
    begin(db, request, reader)
    where = (db, study.id, request.id)
    assert refusal(rules.refuse, *where, "", user_id=reader.id, now=NOW) == "why"
    rules.refuse(*where, "Trop de noms.", user_id=reader.id, now=NOW)
    db.commit()
    assert db.scalar(select(func.count()).select_from(ReadText)) == 0
    assert texts_in(pack(db, study)) == {}
    again = ask(db, study, wave, researcher)
    assert len(begin(db, again, reader)) == 6


def test_a_passage_is_replaced_wherever_it_stands_and_the_text_is_read_again(
    db: Session, make: Factory, researcher: User, reader: User
) -> None:
    study, wave, _people = make_written_study(
        db, make, researcher, 5, lambda n: ("Avec Zoé\nDupont, puis zoé dupont (=2+3)", "")
    )
    key = study_key(study)
    request = ask(db, study, wave, researcher)
    one = begin(db, request, reader)[0]
    where = (db, study.id, request.id, one.id, key)
    let_it_out(*where, user_id=reader.id)
    rules.replace_passage(*where, passage="Zoé Dupont", by=r"\1 quelqu’un", user_id=reader.id)
    assert one.text == "Avec \\1 quelqu’un, puis \\1 quelqu’un (=2+3)"
    assert one.state is ReadingState.WAITING
    facts = {"by": "", "user_id": reader.id}
    assert refusal(rules.replace_passage, *where, passage="Zoé", **facts) == "not_there"
    rules.keep_in(*where, user_id=reader.id)
    assert (one.text, one.state) == ("", ReadingState.KEPT)
    assert refusal(let_it_out, *where, user_id=reader.id) == "already_kept"


def test_who_read_an_older_wording_does_not_let_the_newer_one_out(
    db: Session, make: Factory, researcher: User, reader: User
) -> None:
    study, wave, _people = make_written_study(
        db, make, researcher, 5, lambda n: ("Avec Zoé Dupont", "")
    )
    key, request = study_key(study), ask(db, study, wave, researcher)
    one = begin(db, request, reader)[0]
    where = (db, study.id, request.id, one.id, key)
    seen = rules.wording_of(one)
    rules.replace_passage(*where, passage="Zoé", by="[un prénom]", user_id=reader.id)
    assert refusal(rules.let_out, *where, seen=seen, user_id=reader.id) == "wording_changed", (
        "a second reader looks at it first"
    )
    assert one.state is ReadingState.WAITING
    rules.let_out(*where, seen=rules.wording_of(one), user_id=reader.id)
    assert one.state is ReadingState.LET_OUT


def test_a_text_that_a_spreadsheet_would_run_is_written_as_words(
    db: Session, make: Factory, researcher: User, reader: User
) -> None:
    study, wave, _people = make_written_study(db, make, researcher, 5, lambda n: ("=1+1", "-99"))
    let_all_out(db, ask(db, study, wave, researcher, ("idea", "wish")), reader)
    assert texts_in(pack(db, study)) == {"idea_t9.csv": ["'=1+1,t9"] * 5}
