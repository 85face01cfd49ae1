"""``tierslieu badges …``: what it says and how it exits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy.orm import Session

from badges import commands
from badges.awards import badge2, files, queries, rules
from badges.awards.keys import load_signer, open_keys
from badges.awards.models import Award
from badges.designs import pictures
from tests.support.badges import (
    NOW,
    finish_path,
    make_award,
    make_path_badge,
    open_badges,
    settings_here,
)
from tests.support.factories import Factory
from tierslieu.people.models import User

Run = Callable[..., Result]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>'


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, in this test's place."""
    monkeypatch.setattr(commands, "open_app", lambda: app)
    return lambda *args, **more: CliRunner().invoke(commands.badges, [*map(str, args)], **more)


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(name="Ada", email="ada@example.org")


@pytest.fixture
def award(db: Session, make: Factory, ada: User) -> Award:
    return make_award(db, ada, make.user("facilitator"), open_badges(db))


def test_a_valid_badge_exits_0_and_is_told_step_by_step(
    run: Run, award: Award, tmp_path: Path
) -> None:
    for made in (files.make_json(award), files.make_png(award)):
        file = tmp_path / made.filename
        file.write_bytes(made.data)
        done = run("verify", file, "--recipient", "ada@example.org")
        assert done.exit_code == 0, done.output
        assert done.output.startswith("valid: ")
        assert "✓ recipient" in done.output
    piped = run("verify", "-", input=award.credential)
    assert piped.exit_code == 0


def test_a_forged_badge_exits_1(run: Run, award: Award, tmp_path: Path) -> None:
    file = tmp_path / "faux.json"
    file.write_text(award.credential.replace('"Ada"', '"Eve"'), "utf-8")
    done = run("verify", file, "--json")
    assert done.exit_code == 1
    report = json.loads(done.output)
    assert report["outcome"] == "invalid"
    assert {"name", "outcome", "message"} == set(report["checks"][0])


def test_the_terminal_says_first_what_the_page_says_and_exactly_when_asked(
    run: Run, award: Award, tmp_path: Path
) -> None:
    file = tmp_path / "badge.json"
    file.write_text(award.credential, "utf-8")
    plain = run("verify", file).output.splitlines()
    assert plain[0] == "valid: Ce badge est authentique et en cours de validité."
    assert "Délivré à Ada" in plain[1]
    assert "valable jusqu’au 20\u00a0novembre\u00a02029" in plain[1]
    assert not [line for line in plain if "eddsa-rdfc-2022" in line]
    exact = run("verify", file, "--details").output
    assert "passed, signature (suite=eddsa-rdfc-2022, method=did:key:" in exact


def test_several_badges_are_verified_at_once_and_one_bad_one_is_enough(
    run: Run, award: Award, tmp_path: Path
) -> None:
    good, bad = tmp_path / "bon.json", tmp_path / "faux.json"
    good.write_text(award.credential, "utf-8")
    bad.write_text(award.credential.replace('"Ada"', '"Eve"'), "utf-8")
    done = run("verify", good, bad)
    assert done.exit_code == 1
    assert done.output.index(f"{good}:\nvalid: ") < done.output.index(f"{bad}:\ninvalid: ")
    reports = json.loads(run("verify", good, bad, "--json").output)
    assert [(r["source"], r["outcome"]) for r in reports] == [
        (str(good), "valid"),
        (str(bad), "invalid"),
    ]
    assert run("verify", good, good).exit_code == 0
    assert run("verify", good, tmp_path / "absent").exit_code == 2


def test_a_stranger_s_words_do_not_command_the_terminal(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "badge.json"
    nasty = "\x1b[2J\rvalid: parfait"
    document = {
        "type": [f"OpenBadgeCredential{nasty}"],
        "issuer": {"id": nasty, "name": nasty},
        "name": nasty,
        "validFrom": nasty,
        "credentialSubject": {"achievement": {"name": nasty}},
        "proof": {"type": "DataIntegrityProof", "cryptosuite": nasty, "verificationMethod": nasty},
    }
    file.write_text(json.dumps(document), "utf-8")
    done = run("verify", file, "--details")
    assert done.exit_code == 1
    assert "\x1b" not in done.output
    assert not [line for line in done.output.splitlines() if line.startswith("valid")]


def test_what_is_no_badge_is_answered_in_the_same_words_as_on_the_page(
    run: Run, award: Award, tmp_path: Path
) -> None:
    file = tmp_path / "x.json"
    file.write_text('{"a": 1}', "utf-8")
    done = run("verify", file)
    assert done.exit_code == 1
    assert "Ce document se lit, mais ce n’est pas un badge" in done.output
    private = run("verify", f"http://localhost/credentials/{award.id}")
    assert private.exit_code == 1
    assert "Demandez à la personne le fichier de son badge" in private.output


def test_a_missing_file_or_option_exits_2(run: Run, tmp_path: Path) -> None:
    assert run("verify", tmp_path / "rien.json").exit_code == 2
    assert run("verify").exit_code == 2
    assert run("revoke", "pas-un-uuid", "--reason", "x").exit_code == 2


def test_an_address_of_ours_is_verified_if_shared(run: Run, db: Session, award: Award) -> None:
    address = f"http://localhost/credentials/{award.id}"
    assert run("verify", address).exit_code == 1
    assert award.user_id is not None
    rules.share(db, award.id, award.user_id, now=NOW)
    db.commit()
    assert run("verify", address).exit_code == 0


def test_awarding_and_revoking_from_a_terminal(
    run: Run, db: Session, make: Factory, ada: User
) -> None:
    open_badges(db)
    team = make.user("facilitator")
    badge, path = make_path_badge(db)
    unmet = run("award", badge.slug, ada.email)
    assert unmet.exit_code == 1
    assert "ne remplit pas encore les critères" in unmet.output
    finish_path(db, ada, path, team)
    done = run("award", badge.slug, ada.email, "--by", team.email)
    assert done.exit_code == 0, done.output
    db.rollback()  # what the command wrote is seen by a new transaction
    (made,) = queries.list_awards(db, ada.id)
    assert done.output.strip() == str(made.id)
    assert run("award", badge.slug, ada.email).exit_code == 1, "held already"
    assert run("award", "inconnu", ada.email).exit_code == 1
    assert run("award", badge.slug, ada.email, "--by", "personne@example.org").exit_code == 1
    gone = run("revoke", made.id, "--reason", "Attribué par erreur.")
    assert gone.exit_code == 0, gone.output
    assert run("revoke", made.id, "--reason", "Encore.").exit_code == 1
    db.rollback()
    assert queries.list_awards(db, ada.id)[0].revocation_reason == "Attribué par erreur."


def test_baking_and_taking_out_give_the_same_bytes(run: Run, award: Award, tmp_path: Path) -> None:
    credential = tmp_path / "badge.json"
    credential.write_bytes(award.credential.encode())
    for made in (files.make_png(award), files.make_svg(award)):
        picture, baked, out = tmp_path / made.filename, tmp_path / "cuit", tmp_path / "sorti"
        picture.write_bytes(made.data)
        assert run("bake", picture, credential, baked).exit_code == 0
        assert run("unbake", baked, out).exit_code == 0
        assert out.read_bytes() == credential.read_bytes()
        assert run("unbake", baked).output == award.credential
    assert run("unbake", credential.with_name("absent")).exit_code == 2
    nothing = tmp_path / "rien.bin"
    nothing.write_bytes(b"\xff\xfe rien")
    assert run("unbake", nothing).exit_code == 1
    assert run("bake", nothing, credential, tmp_path / "x").exit_code == 1


@pytest.mark.parametrize("form", ["png", "svg"])
def test_an_open_badge_2_is_baked_where_its_readers_look_and_verifies(
    run: Run, db: Session, award: Award, ada: User, tmp_path: Path, form: str
) -> None:
    open_keys(db, settings_here(), NOW, ("RSA",))
    rules.share(db, award.id, ada.id, now=NOW)
    db.commit()
    base = settings_here().base_url
    hosted = json.dumps(badge2.hosted(award, base), ensure_ascii=False)
    token = badge2.sign(db, award, load_signer(db, settings_here(), "RSA"))
    picture, credential, baked = tmp_path / "image", tmp_path / "badge", tmp_path / "cuit"
    picture.write_bytes(pictures.png_of(award.badge) if form == "png" else SVG)
    for text in (hosted, token):
        credential.write_text(f"{text}\n", "utf-8")
        done = run("bake", picture, credential, baked)
        assert done.exit_code == 0, done.output
        data = baked.read_bytes()
        assert (b"openbadges\0" if form == "png" else b'"http://openbadges.org"') in data
        assert b"openbadgecredential" not in data
        assert run("unbake", baked).output == text
        done = run("verify", baked, "--recipient", "ada@example.org", "--details")
        assert done.exit_code == 0, done.output
        assert "shape_badge2" in done.output


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"type": "Assertion", "verification": {"type": "SignedBadge"}}', "token"),
        ('{"type": "Assertion", "verification": {"type": "HostedBadge"}}', "web address"),
        ('{"type": "Assertion", "id": "urn:uuid:1", "verify": {"type": "hosted"}}', "web address"),
        ("bonjour", "JSON"),
        (SVG.decode(), "no badge"),
    ],
)
def test_what_would_not_verify_once_baked_is_not_baked(
    run: Run, tmp_path: Path, text: str, why: str
) -> None:
    picture, credential = tmp_path / "image.svg", tmp_path / "badge.json"
    picture.write_bytes(SVG)
    credential.write_text(text, "utf-8")
    done = run("bake", picture, credential, tmp_path / "cuit.svg")
    assert done.exit_code == 1
    assert why in done.output
    assert not (tmp_path / "cuit.svg").exists()


def test_a_baked_picture_is_not_baked_into_another(run: Run, award: Award, tmp_path: Path) -> None:
    picture, baked = tmp_path / "image.svg", tmp_path / "badge.svg"
    picture.write_bytes(SVG)
    baked.write_bytes(files.make_svg(award).data)
    done = run("bake", picture, baked, tmp_path / "cuit.svg")
    assert done.exit_code == 1
    assert "unbake" in done.output


def test_a_place_that_was_never_opened_can_verify_too(
    run: Run, award: Award, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    def no_table(db: Session, settings: object, others: object) -> None:
        raise OperationalError("SELECT", {}, Exception("no such table"))

    file = tmp_path / "badge.json"
    file.write_text(award.credential, "utf-8")
    monkeypatch.setattr(commands, "own_documents", no_table)
    monkeypatch.setattr(
        "badges.verification.fetching.Fetcher._look_up",
        lambda self, host, port, deadline, url: "10.0.0.1",
    )
    monkeypatch.setattr(
        "badges.verification.fetching._connect", lambda *args: (_ for _ in ()).throw(OSError())
    )
    done = run("verify", file)
    assert done.exit_code == 1
    assert done.output.startswith("incomplete: ")
    assert "✓ proof" in done.output


def test_a_csv_is_tried_dry_then_awarded_from_a_terminal_and_a_second_run_is_well(
    run: Run, db: Session, make: Factory, ada: User, tmp_path: Path
) -> None:
    open_badges(db)
    team = make.user("facilitator")
    badge, path = make_path_badge(db)
    finish_path(db, ada, path, team)
    file = tmp_path / "liste.csv"
    file.write_text(f"email\n{ada.email}\neve@example.org\n{ada.email}\n", "utf-8")
    dry = run("award", badge.slug, "--csv", file, "--dry-run", "--json")
    assert dry.exit_code == 0, dry.output
    counts = json.loads(dry.output)
    assert (counts["lines"], counts["awarded"], counts["claimable"]) == (2, 1, 1)
    db.rollback()
    assert not queries.list_all_awards(db), "a dry run writes nothing"
    bare = run("award", badge.slug, "--csv", file)
    assert bare.exit_code == 1, "an address without account takes a ground"
    assert "sur quoi repose" in bare.output
    done = run("award", badge.slug, "--csv", file, "--ground", "Vues.", "--by", team.email)
    assert done.exit_code == 0, done.output
    assert "claimable  1" in done.output
    db.rollback()
    assert len(queries.list_all_awards(db)) == 2
    again = run("award", badge.slug, "--csv", file, "--json")
    assert again.exit_code == 0, again.output
    assert json.loads(again.output) | {"lines": 2, "held": 2} == json.loads(again.output)


def test_a_line_that_cannot_be_awarded_exits_1_and_wrong_use_exits_2(
    run: Run, db: Session, make: Factory, ada: User, tmp_path: Path
) -> None:
    open_badges(db)
    badge, _path = make_path_badge(db)
    file = tmp_path / "liste.csv"
    file.write_text(f"email\n{ada.email}\nfaux\n", "utf-8")
    unmet = run("award", badge.slug, "--csv", file, "--json")
    assert unmet.exit_code == 1
    assert json.loads(unmet.output) | {"unmet": 1, "invalid": 1} == json.loads(unmet.output)
    file.write_text("rien\n", "utf-8")
    assert run("award", badge.slug, "--csv", file).exit_code == 1
    assert run("award", badge.slug).exit_code == 2
    assert run("award", badge.slug, ada.email, "--csv", file).exit_code == 2
    assert run("award", badge.slug, ada.email, "--dry-run").exit_code == 2
    assert run("award", badge.slug, "--csv", tmp_path / "absent.csv").exit_code == 2
    assert run("award", "inconnu", "--csv", file).exit_code == 1
