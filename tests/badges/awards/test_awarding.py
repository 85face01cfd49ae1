"""Awarding, revoking, sharing: the rules."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards import candidate_queries, issuing, publishing, queries, rules
from badges.awards.models import Award, Sharing, StatusList
from badges.engine.errors import FetchFailed
from badges.engine.status import read_bit
from badges.engine.verify import verify
from tests.support.badges import (
    NOW,
    finish_path,
    house_here,
    make_award,
    make_path_badge,
    open_badges,
    settings_here,
)
from tests.support.factories import Factory
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail

pytestmark = pytest.mark.both_databases


def test_an_award_is_a_signed_credential_that_verifies(db: Session, make: Factory) -> None:
    signer = open_badges(db)
    ada = make.user(name="Ada Lovelace", email="ada@example.org")
    award = make_award(db, ada, make.user("facilitator"), signer)
    report = publishing.check_award(db, settings_here(), award, NOW)
    assert report.outcome == "valid", [(c.name, c.code) for c in report.checks]
    document = json.loads(award.credential)
    assert document["id"] == f"http://localhost/credentials/{award.id}"
    assert document["issuer"]["id"] == signer.did
    assert document["validUntil"] == "2029-11-20T10:00:00Z"
    assert award.grounds
    assert document["credentialSubject"]["narrative"] == f"- {award.grounds[0]}"
    assert award.badge.frozen_at == NOW
    mine = verify(award.credential, fetch=None, now=NOW, recipient="ada@example.org")
    assert mine.check("recipient").outcome == "passed"
    other = verify(award.credential, fetch=None, now=NOW, recipient="bob@example.org")
    assert other.check("recipient").outcome == "failed"


def test_the_address_of_the_holder_is_nowhere_in_the_credential(db: Session, make: Factory) -> None:
    ada = make.user(name="Ada Lovelace", email="ada.secret@example.org")
    award = make_award(db, ada, make.user("facilitator"), open_badges(db))
    assert "ada.secret" not in award.credential
    hashed, named = json.loads(award.credential)["credentialSubject"]["identifier"]
    assert hashed["hashed"] is True
    assert hashed["identityHash"].startswith("sha256$")
    assert len(hashed["salt"]) >= 16
    assert named["identityHash"] == "Ada Lovelace"


def test_a_letter_changed_is_seen(db: Session, make: Factory) -> None:
    award = make_award(db, make.user(name="Ada"), make.user("facilitator"), open_badges(db))
    forged = award.credential.replace('"Ada"', '"Eve"')
    assert forged != award.credential
    report = verify(forged, fetch=None, now=NOW)
    assert report.check("proof").code == "signature_wrong"


def test_the_holder_hears_of_it_once(db: Session, make: Factory) -> None:
    ada = make.user()
    make_award(db, ada, make.user("facilitator"), open_badges(db))
    mails = db.scalars(
        select(OutboxMessage).where(OutboxMessage.template == "awards_awarded")
    ).all()
    assert [mail.recipient for mail in mails] == [ada.email]


def test_the_mails_say_what_happened_and_where_to_look(
    app: Flask, db: Session, make: Factory
) -> None:
    nasty = "<b>Ada</b>"
    award = make_award(db, make.user(name=nasty), make.user("facilitator"), open_badges(db))
    rules.revoke(db, award.id, reason="Une autre\npersonne.", now=NOW, actor_id=None)
    db.commit()
    with app.test_request_context():
        given, gone = [
            render_mail(message, settings_here())
            for message in db.scalars(
                select(OutboxMessage)
                .where(OutboxMessage.template.startswith("awards_"))
                .order_by(OutboxMessage.template)
            )
        ]
    assert given.subject == "Vous avez reçu un badge\u00a0: Enseigner SNT\u00a0: Python"
    assert "http://localhost/mes-badges" in given.text
    assert nasty in given.text
    assert nasty not in given.html
    assert gone.subject.startswith("Un badge vous a été retiré")
    assert "Une autre\npersonne." in gone.text


@pytest.mark.parametrize("steps", [None, 0, 1])
def test_nobody_is_awarded_without_the_criteria(
    db: Session, make: Factory, steps: int | None
) -> None:
    signer = open_badges(db)
    ada, team = make.user(), make.user("facilitator")
    badge, path = make_path_badge(db)
    if steps is not None:
        finish_path(db, ada, path, team, steps=steps)
    with pytest.raises(Refused) as refused:
        rules.award(
            db,
            badge.id,
            ada.id,
            signer,
            house=house_here(),
            now=NOW,
            actor_id=team.id,
            grounds=["je le connais bien"],
        )
    assert refused.value.code == "criteria_unmet"
    assert ada.name in refused.value.message
    db.rollback()
    assert not queries.list_awards(db, ada.id)
    assert badge.frozen_at is None


def test_nobody_awards_themselves(db: Session, make: Factory) -> None:
    signer = open_badges(db)
    team, other = make.user("facilitator"), make.user("facilitator")
    badge, path = make_path_badge(db)
    finish_path(db, team, path, other)
    with pytest.raises(Refused) as refused:
        rules.award(db, badge.id, team.id, signer, house=house_here(), now=NOW, actor_id=team.id)
    assert refused.value.code == "own_award"


def test_a_badge_is_held_once_and_again_after_a_revocation(db: Session, make: Factory) -> None:
    signer = open_badges(db)
    ada, team = make.user(), make.user("facilitator")
    award = make_award(db, ada, team, signer)
    again = lambda: rules.award(  # noqa: E731
        db, award.badge_id, ada.id, signer, house=house_here(), now=NOW, actor_id=team.id
    )
    with pytest.raises(Refused) as refused:
        again()
    assert refused.value.code == "already_held"
    db.rollback()
    rules.revoke(db, award.id, reason="Erreur.", now=NOW, actor_id=team.id)
    db.commit()
    second = again()
    db.commit()
    assert second.id != award.id
    assert second.status_index != award.status_index


def test_an_archived_badge_is_not_awarded(db: Session, make: Factory) -> None:
    signer = open_badges(db)
    ada, team = make.user(), make.user("facilitator")
    badge, path = make_path_badge(db)
    finish_path(db, ada, path, team)
    badge.archived_at = NOW
    db.commit()
    with pytest.raises(Refused) as refused:
        rules.award(db, badge.id, ada.id, signer, house=house_here(), now=NOW, actor_id=team.id)
    assert refused.value.code == "badge_archived"


def test_a_closed_account_receives_nothing(db: Session, make: Factory) -> None:
    signer = open_badges(db)
    ada, team = make.user(), make.user("facilitator")
    badge, path = make_path_badge(db)
    finish_path(db, ada, path, team)
    ada.active = False
    db.commit()
    with pytest.raises(Refused) as refused:
        rules.award(db, badge.id, ada.id, signer, house=house_here(), now=NOW, actor_id=team.id)
    assert refused.value.code == "no_account"


def test_of_several_people_those_who_may_have_it_do_and_the_others_are_named(
    db: Session, make: Factory
) -> None:
    signer = open_badges(db)
    ada, bob, team = make.user(), make.user(), make.user("facilitator")
    badge, path = make_path_badge(db)
    finish_path(db, ada, path, team)
    finish_path(db, bob, path, team, steps=1)
    outcome = rules.award_many(
        db,
        badge.id,
        [ada.id, bob.id, ada.id],
        signer,
        house=house_here(),
        now=NOW,
        actor_id=team.id,
    )
    db.commit()
    assert [award.user_id for award in outcome.awards] == [ada.id]
    assert [(user_id, r.code) for user_id, r in outcome.refused] == [(bob.id, "criteria_unmet")]


def test_revoking_sets_the_bit_and_a_verifier_sees_it(db: Session, make: Factory) -> None:
    signer = open_badges(db)
    ada, team = make.user(), make.user("facilitator")
    award, other = make_award(db, ada, team, signer), make_award(db, ada, team, signer)
    later = NOW + timedelta(hours=1)
    rules.revoke(db, award.id, reason="Attribué par erreur.", now=later, actor_id=team.id)
    db.commit()
    listing = db.get_one(StatusList, award.status_list_id)
    assert read_bit(listing.bits, award.status_index)
    assert not read_bit(listing.bits, other.status_index)
    assert issuing.set_bits(listing.bits) == [award.status_index]
    report = publishing.check_award(db, settings_here(), award, later)
    assert report.outcome == "invalid"
    assert report.check("status").code == "revoked"
    assert report.check("proof").outcome == "passed", "the credential itself stays what it was"
    assert publishing.check_award(db, settings_here(), other, later).outcome == "valid"


def test_the_published_list_is_never_behind_the_bits(db: Session, make: Factory) -> None:
    signer = open_badges(db)
    award = make_award(db, make.user(), make.user("facilitator"), signer)
    before = rules.publish_status_list(db, 1, settings_here())
    db.commit()
    rules.revoke(db, award.id, reason="Erreur.", now=NOW, actor_id=None)
    db.commit()
    # Not yet signed anew, as after a crash: what is served says it all the same.
    assert db.get_one(StatusList, 1).credential == ""
    served = publishing.status_list_text(db, settings_here(), 1)
    assert served is not None
    assert served != before
    assert rules.publish_status_list(db, 1, settings_here()) == served
    db.commit()
    assert db.get_one(StatusList, 1).credential == served


def test_revoking_takes_a_reason_and_happens_once(db: Session, make: Factory) -> None:
    ada = make.user()
    award = make_award(db, ada, make.user("facilitator"), open_badges(db))
    with pytest.raises(Refused) as refused:
        rules.revoke(db, award.id, reason="  ", now=NOW, actor_id=None)
    assert refused.value.field == "reason"
    rules.revoke(db, award.id, reason="Attribué par erreur.", now=NOW, actor_id=None)
    db.commit()
    with pytest.raises(Refused) as again:
        rules.revoke(db, award.id, reason="Encore.", now=NOW, actor_id=None)
    assert again.value.code == "already_revoked"
    db.rollback()
    mails = db.scalars(
        select(OutboxMessage).where(OutboxMessage.template == "awards_revoked")
    ).all()
    assert [(m.recipient, m.context["reason"]) for m in mails] == [
        (ada.email, "Attribué par erreur.")
    ]


def test_indexes_are_scattered_and_a_half_full_list_gives_way_to_the_next(
    db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = open_badges(db)
    ada, team = make.user(), make.user("facilitator")
    indexes = [make_award(db, ada, team, signer).status_index for _ in range(4)]
    assert len(set(indexes)) == 4
    assert indexes != sorted(indexes) or max(indexes) - min(indexes) > 100
    monkeypatch.setattr(issuing, "count_in_list", lambda db, list_id: 65_536)
    award = make_award(db, ada, team, signer)
    assert award.status_list_id == 2
    assert publishing.check_award(db, settings_here(), award, NOW).outcome == "valid"


def test_an_index_taken_meanwhile_is_refused_with_nothing_written(
    db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = open_badges(db)
    ada, team = make.user(), make.user("facilitator")
    first = make_award(db, ada, team, signer)
    place = issuing.Place(first.status_list_id, first.status_index)
    monkeypatch.setattr(issuing, "pick_places", lambda db, count: [place])
    with pytest.raises(Refused) as refused:
        make_award(db, ada, team, signer)
    assert refused.value.code == "try_again"
    db.rollback()
    assert len(queries.list_awards(db, ada.id)) == 1


def test_only_its_holder_shares_a_badge(db: Session, make: Factory) -> None:
    ada, eve, team = make.user(), make.user(), make.user("facilitator")
    award = make_award(db, ada, team, open_badges(db))
    assert award.sharing is Sharing.PRIVATE
    for other in (eve, team):
        with pytest.raises(NotYours):
            rules.share(db, award.id, other.id, now=NOW)
        db.rollback()
    rules.share(db, award.id, ada.id, now=NOW)
    db.commit()
    assert award.sharing is Sharing.LINK
    with pytest.raises(NotYours):
        rules.stop_sharing(db, award.id, eve.id)
    db.rollback()
    rules.stop_sharing(db, award.id, ada.id)
    db.commit()
    assert award.sharing is Sharing.PRIVATE


def test_forgetting_a_person_leaves_a_bit_and_no_name(db: Session, make: Factory) -> None:
    ada = make.user(name="Ada Lovelace")
    award = make_award(db, ada, make.user("facilitator"), open_badges(db))
    rules.share(db, award.id, ada.id, now=NOW)
    index, kept = award.status_index, award.credential
    rules.erase_holder(db, ada.id)
    db.commit()
    row = db.scalars(select(Award)).one()
    assert (row.user_id, row.holder_name, row.credential, row.grounds) == (None, "", "", [])
    assert row.status_index == index
    assert queries.find_page_for(db, None, award.id) is None
    own = publishing.own_documents(db, settings_here())

    def fetch(address: str) -> bytes:
        found = own(address)
        assert found is not None
        return found

    assert verify(kept, fetch=fetch, now=NOW).outcome == "valid", "the file in their hands"


def test_people_to_award_stand_in_the_order_of_the_alphabet_accents_or_not(
    db: Session, make: Factory
) -> None:
    ids = [make.user(name=name).id for name in ("Zoé", "Émilie", "Denis")]
    assert [p.name for p in candidate_queries.list_people(db, ids)] == ["Denis", "Émilie", "Zoé"]


@pytest.mark.parametrize("form", ["", ".json", ".png", ".svg", ".pdf", ".png?telecharger=1"])
def test_the_address_of_any_form_leads_to_a_shared_badge_and_to_no_private_one(
    db: Session, make: Factory, form: str
) -> None:
    ada = make.user()
    award = make_award(db, ada, make.user("facilitator"), open_badges(db))
    own = publishing.own_documents(db, settings_here())
    address = f"http://localhost/credentials/{award.id}{form}"
    with pytest.raises(FetchFailed):
        own(address)
    rules.share(db, award.id, ada.id, now=NOW)
    db.commit()
    assert own(address) == award.credential.encode()


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ((2026, 1, 31), 1, (2026, 2, 28)),
        ((2024, 2, 29), 12, (2025, 2, 28)),
        ((2026, 11, 20), 36, (2029, 11, 20)),
        ((2026, 12, 1), 1, (2027, 1, 1)),
    ],
)
def test_validity_is_counted_in_calendar_months(
    start: tuple[int, int, int], months: int, end: tuple[int, int, int]
) -> None:
    assert issuing.add_months(datetime(*start, tzinfo=UTC), months) == datetime(*end, tzinfo=UTC)
