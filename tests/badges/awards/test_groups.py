"""Groups of conditions: some of these, all of those; badges, hours, judgements; in words."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from badges.awards import facts, jobs, offers, proposals, rules
from badges.awards.criteria import Assessment, assess
from badges.awards.facts import Judgement
from badges.designs import asking
from badges.designs.models import BadgeClass, CriterionKind
from badges.designs.queries import get_badge, list_askable_badges
from badges.designs.rules import Condition, Group, update_badge
from badges.designs.words import asked_words
from tests.support.badges import (
    NOW,
    design,
    finish_path,
    house_here,
    make_award,
    make_badge,
    open_badges,
    settings_here,
)
from tests.support.courses import counted_queries, make_path, steps_of
from tests.support.crowd import make_crowd
from tests.support.factories import Factory
from tests.support.sessions import make_session
from tierslieu.attendance.models import Presence
from tierslieu.attendance.rules import RollEntry, note_presence
from tierslieu.errors import Refused
from tierslieu.people.models import User

K = CriterionKind
both = pytest.mark.both_databases


def look(db: Session, badge: BadgeClass, user: User, **more: Any) -> Assessment:
    found = get_badge(db, badge.id)
    assert found is not None
    return assess(db, found, [user.id], house_here(), now=NOW, **more)[user.id]


def held(badge: BadgeClass) -> Condition:
    return Condition(K.BADGE_HELD, asked_badge_id=badge.id)


def make_meta(db: Session, count: int, needed: int | None) -> tuple[BadgeClass, list[BadgeClass]]:
    """A badge for who holds ``needed`` of ``count`` others, each given by a judgement."""
    parts = [
        make_badge(db, Condition(K.JUDGEMENT, statement="est là"), name=f"Partie {n}")
        for n in range(count)
    ]
    meta = make_badge(db, name="Ensemble", groups=[Group([held(p) for p in parts], needed)])
    return meta, parts


def give(db: Session, badge: BadgeClass, user: User, team: User, signer: Any, **more: Any) -> Any:
    found = get_badge(db, badge.id)
    assert found is not None
    stated = {c.id: Judgement("Vu.") for c in found.conditions if c.kind is K.JUDGEMENT}
    award = rules.award(
        db,
        badge.id,
        user.id,
        signer,
        house=house_here(),
        now=more.pop("now", NOW),
        actor_id=team.id,
        judgements={user.id: stated},
        **more,
    )
    db.commit()
    return award


@both
def test_three_of_these_five_badges(db: Session, make: Factory) -> None:
    signer, ada, team = open_badges(db), make.user(), make.user("facilitator")
    meta, parts = make_meta(db, 5, 3)
    assert look(db, meta, ada).missing == (
        "0 sur 3\u00a0: il manque 3 de ces points\u00a0: "
        + "\u202f; ".join(f"détenir le badge «\u202fPartie {n}\u202f»" for n in range(5)),
    )
    for part in parts[:2]:
        give(db, part, ada, team, signer)
    found = look(db, meta, ada)
    assert not found.qualifies
    assert len(found.met) == 2
    assert found.missing == (
        "2 sur 3\u00a0: il manque l’un de ces points\u00a0: détenir le badge «\u202fPartie "
        "2\u202f»\u202f; détenir le badge «\u202fPartie 3\u202f»\u202f; détenir le badge "
        "«\u202fPartie 4\u202f»",
    )
    later = NOW + timedelta(days=2)
    give(db, parts[4], ada, team, signer, now=later)
    found = look(db, meta, ada)
    assert found.qualifies
    assert found.since == later
    award = give(db, meta, ada, team, signer, now=later)
    assert "badge «\u202fPartie 4\u202f» reçu le 22\u00a0novembre\u00a02026" in award.grounds
    assert len(award.grounds) == 3


@both
def test_a_badge_withdrawn_or_over_counts_no_more(db: Session, make: Factory) -> None:
    signer, ada, team = open_badges(db), make.user(), make.user("facilitator")
    short = make_badge(
        db, Condition(K.JUDGEMENT, statement="est là"), name="Un mois", valid_months=1
    )
    meta = make_badge(db, held(short), name="Après")
    give(db, short, ada, team, signer, now=NOW - timedelta(days=60))
    found = look(db, meta, ada)
    assert "n’est plus valable depuis le" in found.missing[0]
    other = make_badge(db, Condition(K.JUDGEMENT, statement="est là"), name="Retiré")
    meta = make_badge(db, held(other), name="Après l’autre")
    award = give(db, other, ada, team, signer)
    assert look(db, meta, ada).qualifies
    rules.revoke(db, award.id, reason="Erreur.", now=NOW, actor_id=None)
    db.commit()
    assert look(db, meta, ada).missing == ("n’a pas le badge «\u202fRetiré\u202f»",)


@both
def test_any_version_of_a_badge_counts_where_it_is_asked_proposed_or_refused_as_a_circle(
    db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer, ada, team = open_badges(db), make.user(), make.user("facilitator")
    first = make_award(db, ada, team, signer, valid_months=12).badge
    path_id = first.conditions[0].path_id
    second = make_badge(db, Condition(K.PATH_COMPLETED, path_id=path_id), automatic=True)
    meta = make_badge(db, held(second), name="Après")
    waiting = lambda: proposals.find_waiting(db, [second], house_here(), now=NOW)[0].ready  # noqa: E731
    assert not look(db, meta, ada).qualifies
    assert [w.user_id for w in waiting()] == [ada.id]

    def one_family(db: Session) -> dict[UUID, UUID]:
        return {badge.id: badge.id for badge in list_askable_badges(db)} | {second.id: first.id}

    for module in (facts, proposals, asking):
        monkeypatch.setattr(module, "list_families", one_family)
    assert look(db, meta, ada).qualifies, "an older version is the badge too"
    assert waiting() == [], "who holds it is not proposed the next version"
    db.rollback()
    assert jobs.award_automatic(db, house_here(), settings_here(), now=NOW) == 0
    with pytest.raises(Refused) as refused:
        update_badge(db, second.id, design(held(meta)))
    assert refused.value.code == "badge_circle"


@both
def test_hours_are_those_of_the_roll_and_of_finished_paths_and_none_counts_twice(
    db: Session, make: Factory
) -> None:
    ada, team = make.user(), make.user("facilitator")
    whole = make_path(db, "tout", hours=10)
    part = make_path(db, "part", hours=4, parent="tout")
    badge = make_badge(db, Condition(K.HOURS, count=13))
    session = make_session(db, starts=datetime(2026, 11, 5, 11, 0), hours=3.5)  # noqa: DTZ001
    note_presence(db, session.id, [RollEntry(Presence.PRESENT, ada.id)], now=NOW, actor_id=team.id)
    db.commit()
    finish_path(db, ada, part, team)
    said = look(db, badge, ada).missing
    assert said == ("7\u00a0h\u00a030 de présence et de travail sur 13\u00a0h",), "3 h 30 and 4 h"
    finish_path(db, ada, whole, team)
    found = look(db, badge, ada)
    assert found.met == ("13\u00a0h\u00a030 de présence et de travail, pour 13\u00a0h demandées",)
    of_path = make_badge(db, Condition(K.HOURS, path_id=part.id, count=4))
    assert look(db, of_path, ada).met == (
        "4\u00a0h de présence et de travail pour le parcours «\u202fPART\u202f», "
        "pour 4\u00a0h demandées",
    )
    assert (
        asked_words(of_path)[0]
        .conditions[0]
        .startswith("Totaliser 4\u00a0h pour le parcours «\u202fPART\u202f»\u00a0:")
    )
    assert not look(db, make_badge(db, Condition(K.HOURS, count=14)), ada).qualifies


@both
def test_hours_of_steps_count_before_the_path_is_finished_but_not_of_presence(
    db: Session, make: Factory
) -> None:
    ada, team = make.user(), make.user("facilitator")
    steps = [
        {"code": "A", "title": "A", "kind": "online", "hours": 2, "units": [], "is_required": True},
        {"code": "B", "title": "B", "kind": "online", "hours": 3, "units": [], "is_required": True},
    ]
    path = make_path(db, "heures", steps=steps, hours=9)
    badge = make_badge(db, Condition(K.HOURS, path_id=path.id, count=9))
    finish_path(db, ada, path, team, steps=1)
    assert look(db, badge, ada).missing == (
        "2\u00a0h de présence et de travail sur 9\u00a0h pour le parcours «\u202fHEURES\u202f»",
    )


@both
def test_what_a_facilitator_judges_is_kept_and_published_as_far_as_they_say(
    db: Session, make: Factory
) -> None:
    signer, ada, team = open_badges(db), make.user(), make.user("facilitator")
    statement = "a conduit une séance devant une classe"
    badge = make_badge(db, Condition(K.JUDGEMENT, statement=statement), name="Conduire")
    found = look(db, badge, ada)
    assert found.missing == (f"reste à constater par l’équipe\u00a0: {statement}",)
    (condition,) = found.judgements
    with pytest.raises(Refused) as refused:
        rules.award(db, badge.id, ada.id, signer, house=house_here(), now=NOW, actor_id=team.id)
    assert refused.value.code == "criteria_unmet"

    def award_with(user: User, judgement: Judgement) -> Any:
        award = rules.award(
            db,
            badge.id,
            user.id,
            signer,
            house=house_here(),
            now=NOW,
            actor_id=team.id,
            judgements={user.id: {condition.id: judgement}},
        )
        db.commit()
        return award

    link = "https://example.org/sa-classe"
    by_default = award_with(ada, Judgement("Vue en Seconde 4.", url=link))
    document = json.loads(by_default.credential)
    assert document["evidence"] == [
        {"type": ["Evidence"], "name": statement, "narrative": "Vue en Seconde 4."}
    ]
    assert link not in by_default.credential, "a link is shown only where that is asked for"
    assert by_default.grounds == [f"constaté par l’équipe\u00a0: {statement}"]
    assert by_default.judgements[0].evidence_url == link
    private = award_with(make.user(), Judgement("Entre nous.", is_reason_public=False))
    assert "evidence" not in json.loads(private.credential)
    assert "Entre nous" not in private.credential
    shown = award_with(make.user(), Judgement("Entre nous.", False, link, True))
    assert json.loads(shown.credential)["evidence"] == [
        {"id": link, "type": ["Evidence"], "name": statement}
    ]
    assert offers.check_credentials(db).broken == []
    (given,) = offers.export(db, ada.id)
    assert given["judgements"][0]["reason"] == "Vue en Seconde 4."
    rules.erase_holder(db, ada.id)
    db.commit()
    assert by_default.judgements == []


@both
@pytest.mark.parametrize(
    ("judgement", "code"),
    [
        (Judgement("  "), "reason_missing"),
        (Judgement("x" * 2001), "reason_too_long"),
        (Judgement("Vu.", url="javascript:alert(1)"), "bad_link"),
    ],
)
def test_a_judgement_without_a_reason_or_with_a_false_link_is_refused_and_nothing_is_written(
    db: Session, make: Factory, judgement: Judgement, code: str
) -> None:
    signer, ada = open_badges(db), make.user()
    badge = make_badge(db, Condition(K.JUDGEMENT, statement="est là"))
    (condition,) = badge.conditions
    with pytest.raises(Refused) as refused:
        rules.award(
            db,
            badge.id,
            ada.id,
            signer,
            house=house_here(),
            now=NOW,
            actor_id=None,
            judgements={ada.id: {condition.id: judgement}},
        )
    assert refused.value.code == code
    assert offers.check_grounds(db).checked == 0


def test_the_page_says_which_conditions_are_enough(db: Session) -> None:
    meta, _parts = make_meta(db, 5, 3)
    (asked,) = asked_words(meta)
    assert asked.heading == "Au moins 3 de ces 5 conditions"
    assert asked.conditions[0] == "Détenir le badge «\u202fPartie 0\u202f»"
    (plain,) = asked_words(make_badge(db, Condition(K.HALF_DAYS, count=2)))
    assert plain.heading == "", "nothing to tell apart"


@both
def test_assessing_many_takes_no_more_queries_than_assessing_few(
    db: Session, make: Factory
) -> None:
    path, other = make_path(db, "un"), make_path(db, "deux")
    crowd = [person.id for person in make_crowd(db, make, 200, [path, other])]
    badge = make_badge(
        db,
        name="Tout",
        groups=[
            Group([Condition(K.PATH_COMPLETED, path_id=path.id), Condition(K.HOURS, count=9)], 1),
            Group(
                [
                    Condition(K.HALF_DAYS, count=2),
                    Condition(K.STEP_DONE, step_id=steps_of(db, other)[0].id),
                    held(make_badge(db)),
                ],
                2,
            ),
        ],
    )
    counts, badge_id = [], badge.id
    for many in (10, 200):
        db.expunge_all()
        found = get_badge(db, badge_id)
        assert found is not None
        with counted_queries(db) as queries:
            results = assess(db, found, crowd[:many], house_here(), now=NOW)
        assert len(results) == many
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[1] <= 15
    assert any(a.qualifies for a in results.values())
    assert not all(a.qualifies for a in results.values())
