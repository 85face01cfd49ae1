"""A partner's word: asked for by a link, given once, carried, withdrawn, forgotten."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from badges.awards import making, publishing
from badges.awards import rules as award_rules
from badges.awards.keys import Signer
from badges.awards.making import Recipient, draft_awards, record_awards
from badges.awards.models import Award
from badges.designs.documents import achievement_document
from badges.designs.models import BadgeClass, BadgeEndorsement
from badges.designs.queries import get_badge
from badges.designs.rules import update_badge
from badges.designs.versions import begin_version, publish_version
from badges.endorsements import giving, queries, rules, signing
from badges.endorsements.models import Endorsement, EndorsementState
from badges.engine import proofs
from tests.support.badges import NOW, design, house_here, settings_here
from tests.support.endorsements import ask, award_to, endorsements_step, give, refusal, statement
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.errors import NotYours
from tierslieu.house import Invariant, PersonalData
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail
from tierslieu.people.models import User

both = pytest.mark.both_databases


def test_a_partner_is_asked_by_a_mail_whose_secret_is_kept_nowhere_else(
    db: Session, badge: BadgeClass, team: User
) -> None:
    asked = ask(db, badge, team)
    (mail,) = db.scalars(select(OutboxMessage))
    assert (mail.recipient, mail.template) == ("formation@rectorat.example", "endorsements_asked")
    rendered = render_mail(mail, settings_here())
    assert f"http://localhost/soutiens/{asked.secret}" in rendered.text
    for words in ("Camille Roux", "un mot de vous", badge.name, "60 jours", "Rectorat (exemple)"):
        assert words in rendered.text
        assert words.replace("'", "&#39;") in rendered.html
    kept = asked.endorsement
    assert asked.secret not in repr([getattr(kept, c.key) for c in Endorsement.__table__.columns])
    assert queries.find_by_secret(db, asked.secret) is kept
    assert queries.find_by_secret(db, kept.secret_hash) is None, "the hash opens nothing"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"email": "pas une adresse"}, "bad_address"),
        ({"email": "x@rectorat.example\nBcc: y@z.example"}, "bad_address"),
        ({"website": "javascript:alert(1)"}, "bad_link"),
        ({"website": "https://connu.example@ailleurs.example"}, "bad_link"),
    ],
)
def test_a_question_that_leads_nowhere_is_refused_and_nothing_written(
    db: Session, badge: BadgeClass, team: User, changes: dict[str, str], code: str
) -> None:
    assert refusal(lambda: ask(db, badge, team, **changes), db) == code
    assert db.scalar(select(func.count()).select_from(Endorsement)) == 0
    assert db.scalar(select(func.count()).select_from(OutboxMessage)) == 0


@both
def test_nobody_asks_themselves_nor_twice_the_same_address_nor_without_end(
    db: Session, badge: BadgeClass, team: User, make: Factory
) -> None:
    assert refusal(lambda: ask(db, badge, team, email=team.email.upper()), db) == "own_address"
    ask(db, badge, team)
    again = make.user("facilitator")
    assert refusal(lambda: ask(db, badge, again), db) == "already_asked"
    for number in range(rules.MOST_OF_A_BADGE - 1):
        ask(db, badge, team, email=f"p{number}@partenaire.example")
    assert refusal(lambda: ask(db, badge, team, email="p9@partenaire.example"), db) == "too_many"


def test_one_person_asks_so_many_a_day(
    db: Session, badge: BadgeClass, team: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_A_DAY", 2)
    ask(db, badge, team, email="a@x.example")
    ask(db, badge, team, email="b@x.example")
    assert refusal(lambda: ask(db, badge, team, email="c@x.example"), db) == "too_often"


def test_a_holder_has_fewer_people_written_to_a_day_than_the_team(
    db: Session, award: Award, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rules.MOST_A_DAY_OF_A_HOLDER < rules.MOST_A_DAY
    monkeypatch.setattr(rules, "MOST_A_DAY_OF_A_HOLDER", 2)
    holder = award.user
    assert holder is not None
    for number in range(2):
        ask(db, award, holder, email=f"h{number}@x.example")
    assert refusal(lambda: ask(db, award, holder, email="h9@x.example"), db) == "too_often"


def test_what_a_facilitator_asks_for_the_place_is_not_counted_against_their_own_badges(
    db: Session, award: Award, badge: BadgeClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_A_DAY_OF_A_HOLDER", 1)
    holder = award.user
    assert holder is not None
    ask(db, badge, holder, email="b@x.example")
    ask(db, award, holder, email="h@x.example")
    assert refusal(lambda: ask(db, award, holder, email="h2@x.example"), db) == "too_often"


@both
def test_taking_back_gives_no_more_mails_a_day_and_keeps_nothing_written(
    db: Session, badge: BadgeClass, team: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_A_DAY", 2)
    for _ in range(2):  # the same address may be asked again: only the day's number holds
        asked = ask(db, badge, team)
        rules.cancel(db, asked.endorsement.id, user_id=team.id, is_team=True, now=NOW)
        db.commit()
        assert queries.find_by_secret(db, asked.secret) is None
    assert refusal(lambda: ask(db, badge, team), db) == "too_often"
    assert queries.list_all(db, badge_id=badge.id) == []
    for row in db.scalars(select(Endorsement)):
        assert row.state is EndorsementState.CANCELLED
        written = (row.email, row.message, row.organisation, row.website, row.mail_domain)
        assert (*written, row.reminder_hash) == (None, "", "", "", "", None)
    (data,) = [d for d in house_here().all(PersonalData) if d.name == "endorsements"]
    assert {one["state"] for one in data.export(db, team.id)} == {"cancelled"}
    assert rules.forget(db, NOW + rules.COUNTED_FOR) == 0
    assert rules.forget(db, NOW + rules.COUNTED_FOR + timedelta(seconds=1)) == 2
    db.commit()
    assert db.scalar(select(func.count()).select_from(Endorsement)) == 0


def test_a_draft_and_an_archived_badge_cannot_be_endorsed(
    db: Session, badge: BadgeClass, team: User, signer: Signer
) -> None:
    asked = ask(db, badge, team)
    award_to(db, badge, signer, "a@example.org")
    draft = begin_version(db, badge.id, now=NOW, actor_id=None)
    db.commit()
    assert refusal(lambda: ask(db, draft, team), db) == "draft"
    publish_version(db, draft.id, now=NOW)
    db.commit()
    assert refusal(lambda: ask(db, badge, team, email="n@x.example"), db) == "badge_archived"
    assert refusal(lambda: give(db, asked), db) == "badge_archived"


def test_only_its_holder_asks_for_an_award(
    db: Session, award: Award, team: User, make: Factory
) -> None:
    with pytest.raises(NotYours):
        ask(db, award, team)
    with pytest.raises(NotYours):
        ask(db, award, make.user())
    holder = award.user
    assert holder is not None
    asked = ask(db, award, holder)
    text = render_mail(db.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at.desc(),
        OutboxMessage.id.desc())).first(), settings_here()).text  # fmt: skip
    assert "Ada Lovelace a reçu de" in text
    award_rules.revoke(db, award.id, reason="Erreur.", now=NOW, actor_id=team.id)
    db.commit()
    assert refusal(lambda: give(db, asked), db) == "award_gone"


# A badge class


@both
def test_a_given_endorsement_is_published_and_carried_by_what_is_awarded_next(
    db: Session, badge: BadgeClass, team: User, signer: Signer
) -> None:
    (before,) = award_to(db, badge, signer, "avant@example.org")
    text_before = before.credential
    given = give(db, ask(db, badge, team))
    document = json.loads(given.credential)
    assert document["issuer"]["id"].startswith("did:key:z6Mk")
    assert document["issuer"]["name"] == "Rectorat «\u202fexemple\u202f»"
    assert document["issuer"]["official"] == "Dominique Œuvrard, délégation à la formation"
    assert document["credentialSubject"]["endorsementComment"].endswith("\nIl compte pour nous.")
    published = json.loads(
        publishing.own_documents(db, settings_here())(f"http://localhost/badges/{badge.slug}")
        or b""
    )
    assert published["endorsement"] == [document]
    assert document["credentialSubject"]["id"] == published["id"]
    (after,) = award_to(db, badge, signer, "apres@example.org")
    carried = json.loads(after.credential)["credentialSubject"]["achievement"]["endorsement"]
    assert carried == [document]
    assert endorsements_step(db, after) == ("valid", "passed", "Rectorat «\u202fexemple\u202f»")
    db.refresh(before)
    assert before.credential == text_before, "what was signed before is not touched"
    assert endorsements_step(db, before)[:2] == ("valid", "not_applicable")


def test_awards_in_number_of_an_endorsed_badge_are_those_signed_one_by_one(
    db: Session, badge: BadgeClass, team: User, signer: Signer
) -> None:
    give(db, ask(db, badge, team))
    give(
        db,
        ask(db, badge, team, email="deux@autre.example"),
        comment='«"é" 🎓»\n\n- un',
        months=None,
    )
    awards = award_to(db, badge, signer, *(f"eleve{n}@example.org" for n in range(40)))
    for one in awards:
        document, _ = proofs.split(json.loads(one.credential))
        alone = proofs.sign(document, signer.key, signer.method, created=one.awarded_at)
        assert one.credential == json.dumps(alone, ensure_ascii=False, separators=(",", ":"))
        assert len(document["credentialSubject"]["achievement"]["endorsement"]) == 2
    assert endorsements_step(db, awards[-1])[:2] == ("valid", "passed")


def test_an_endorsed_version_does_not_change_and_the_next_has_endorsements_of_its_own(
    db: Session, badge: BadgeClass, team: User
) -> None:
    give(db, ask(db, badge, team))
    assert refusal(lambda: update_badge(db, badge.id, design()), db) == "badge_awarded"
    draft = begin_version(db, badge.id, now=NOW, actor_id=None)
    db.commit()
    assert "endorsement" not in achievement_document(draft, "http://localhost")


def test_what_the_partner_did_not_read_is_not_endorsed(
    db: Session, badge: BadgeClass, team: User
) -> None:
    asked = ask(db, badge, team)
    read = signing.fingerprint(asked.endorsement)
    update_badge(db, badge.id, replace(design(), description="Tout autre chose."))
    db.commit()
    found = queries.find_by_secret(db, asked.secret)
    assert found is not None
    signed = signing.sign_here(db, settings_here(), found, statement(), now=NOW)
    code = refusal(
        lambda: giving.give(db, settings_here(), asked.secret, signed, read=read, now=NOW), db
    )
    assert code == "changed"
    assert db.scalar(select(func.count()).select_from(BadgeEndorsement)) == 0


def test_a_picture_changed_since_it_was_read_counts_as_a_change(
    db: Session, badge: BadgeClass, team: User
) -> None:
    asked = ask(db, badge, team)
    read = signing.fingerprint(asked.endorsement)
    badge.colour = "terra"
    db.commit()
    assert signing.fingerprint(asked.endorsement) != read


@both
def test_an_endorsement_that_comes_while_a_badge_is_signed_makes_that_award_begin_again(
    db: Session, badge: BadgeClass, team: User, signer: Signer
) -> None:
    asked = ask(db, badge, team)
    found = get_badge(db, badge.id)
    assert found is not None
    told = making.remember(found, signer)
    recipients = [Recipient(None, "x@example.org", "", ["Vu."])]
    drafts = draft_awards(db, found, recipients, signer, now=NOW, actor_id=None)
    give(db, asked)
    code = refusal(lambda: record_awards(db, badge.id, drafts, told=told, now=NOW), db)
    assert code == "try_again"
    assert award_to(db, badge, signer, "x@example.org")


@both
def test_one_link_takes_one_answer(db: Session, badge: BadgeClass, team: User) -> None:
    asked = ask(db, badge, team)
    give(db, asked)
    assert refusal(lambda: give(db, asked), db) == "answered"
    assert refusal(lambda: rules.decline(db, asked.secret, now=NOW), db) == "answered"
    with pytest.raises(NotYours):
        rules.decline(db, "inconnu", now=NOW)


@both
def test_answering_erases_the_address_and_sends_the_link_that_withdraws(
    db: Session, badge: BadgeClass, team: User
) -> None:
    asked = ask(db, badge, team)
    given = give(db, asked)
    assert (given.email, given.message, given.mail_domain) == (None, "", "rectorat.example")
    by_template = {m.template: m for m in db.scalars(select(OutboxMessage))}
    confirmed = by_template["endorsements_given"]
    assert confirmed.recipient == "formation@rectorat.example"
    assert f"/soutiens/{asked.secret}" in render_mail(confirmed, settings_here()).text
    told = render_mail(by_template["endorsements_answered"], settings_here())
    assert by_template["endorsements_answered"].recipient == team.email
    assert "soutient le badge" in told.text


def test_declining_erases_the_address_and_asks_nothing(
    db: Session, badge: BadgeClass, team: User
) -> None:
    asked = ask(db, badge, team)
    found = rules.decline(db, asked.secret, now=NOW)
    db.commit()
    assert (found.state, found.email, found.message) == (EndorsementState.DECLINED, None, "")
    left = db.scalars(select(OutboxMessage).where(OutboxMessage.recipient != "")).all()
    assert [mail.recipient for mail in left] == [team.email], "nor is it in the outbox"
    assert refusal(lambda: give(db, asked), db) == "answered"
    assert db.scalar(select(func.count()).select_from(BadgeEndorsement)) == 0


@both
def test_a_withdrawn_endorsement_is_signed_no_more_and_stays_in_what_was(
    db: Session, badge: BadgeClass, team: User, signer: Signer
) -> None:
    asked = ask(db, badge, team)
    give(db, asked)
    (before,) = award_to(db, badge, signer, "avant@example.org")
    giving.withdraw(db, settings_here(), asked.secret, now=NOW)
    db.commit()
    (after,) = award_to(db, badge, signer, "apres@example.org")
    assert endorsements_step(db, after)[:2] == ("valid", "not_applicable")
    db.refresh(before)
    assert endorsements_step(db, before)[:2] == ("valid", "passed")
    with pytest.raises(NotYours):
        giving.withdraw(db, settings_here(), asked.secret, now=NOW)
    db.rollback()
    (shown,) = queries.list_shown(db, badge_id=badge.id)
    assert shown.withdrawn_at == NOW


@both
def test_the_team_hides_a_wrong_one_with_a_reason(
    db: Session, badge: BadgeClass, team: User, signer: Signer
) -> None:
    given = give(db, ask(db, badge, team))
    giving.hide(db, settings_here(), given.id, reason="Adresse usurpée.", actor_id=team.id, now=NOW)
    db.commit()
    assert queries.list_shown(db, badge_id=badge.id) == []
    (after,) = award_to(db, badge, signer, "apres@example.org")
    assert endorsements_step(db, after)[:2] == ("valid", "not_applicable")
    with pytest.raises(NotYours):
        giving.hide(db, settings_here(), given.id, reason="x", actor_id=team.id, now=NOW)


@both
def test_an_endorsement_that_is_over_takes_nothing_from_a_badge_and_is_signed_no_more(
    db: Session, badge: BadgeClass, team: User, signer: Signer
) -> None:
    give(db, ask(db, badge, team), months=12)
    with clock.fixed_at(NOW):
        (before,) = award_to(db, badge, signer, "avant@example.org")
    later = NOW + timedelta(days=370)
    assert endorsements_step(db, before, later)[:2] == ("valid", "unknown")
    with clock.fixed_at(later):
        found = get_badge(db, badge.id)
        assert found is not None
        assert "endorsement" not in achievement_document(found, "http://localhost")
        (check,) = [i for i in house_here().all(Invariant) if i.name == "endorsements_carried"]
        assert check.check(db).broken == []
    assert giving.take_down_ended(db, later) == 1
    db.commit()
    assert giving.take_down_ended(db, later) == 0
    assert queries.list_standing(db, badge_id=badge.id, now=later) == []
