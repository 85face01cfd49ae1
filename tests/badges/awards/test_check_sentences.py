"""Every finding of a verification is said in a sentence, whatever the step and the facts."""

from __future__ import annotations

import re
from typing import Any, cast

import pytest
from flask import Flask

from badges.awards import checks, sentences
from badges.engine import codes
from badges.engine.report import STEPS, Check, Outcome, Report, overall

OUTCOMES: tuple[Outcome, ...] = ("passed", "failed", "unknown", "not_applicable")
FACTS: dict[str, str | int] = {
    "path": "credentialSubject.achievement.name",
    "address": "https://lieu.example/status/1",
    "suite": "ecdsa-sd-2023",
    "from": "2026-11-20T10:00:00Z",
    "until": "2029-11-20T10:00:00Z",
}


def check(name: str, outcome: Outcome, code: str, **params: str | int) -> Check:
    return Check(cast("Any", name), outcome, code, "an English default", params)


def report(**found: tuple[Outcome, str]) -> Report:
    """A report in which all went well but for these steps."""
    settled = {"status": "status", "recipient": "recipient_unclaimed", "proof": "signature"}
    made = tuple(
        check(step, *found.get(step, ("passed", settled.get(step, step)))) for step in STEPS
    )
    return Report(overall(made), made, {}, "json")


def is_sentence(text: str) -> bool:
    return bool(re.fullmatch(r"[A-ZÀ-ÖL].*[.…)]", text, re.S)) and "_" not in text


@pytest.mark.parametrize("code", sorted(codes.ALL))
def test_every_code_of_the_engine_has_a_sentence_of_its_own(app: Flask, code: str) -> None:
    with app.test_request_context():
        assert code in sentences.SENTENCES, f"no sentence for {code}"
        for step in STEPS:
            for params in (FACTS, {}):
                said = checks.say(check(step, "failed", code, **params))
                assert is_sentence(said), said
                assert f"({code}" not in said
                assert "English" not in said
                assert "%(" not in said


def test_what_is_said_of_the_badge_is_not_said_of_a_list_met_on_the_way(app: Flask) -> None:
    with app.test_request_context():
        own = checks.say(check("read", "failed", "not_json"))
        met = checks.say(check("status", "unknown", "not_json"))
    assert "copiez-le en entier" in own
    assert met == "La liste des badges retirés n’a pas pu être lue."


def test_each_way_of_not_being_reached_is_told_apart(app: Flask) -> None:
    with app.test_request_context():
        said = {
            checks.say(
                check("read", "failed", f"fetch_{kind}", why=why, address="https://x.example/")
            )
            for kind, whys in {
                "failed": ("", "name", "absent", "slow", "long", "ours"),
                "refused": ("", "private", "malformed"),
            }.items()
            for why in whys
        }
    assert len(said) == 9


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_step_nobody_here_has_heard_of_is_said_all_the_same(app: Flask, outcome: Outcome) -> None:
    with app.test_request_context():
        for name in ("refresh", "endorsements", "seal"):
            one = check(name, outcome, "never_heard_of", path="x")
            assert is_sentence(checks.say(one))
            (line,) = checks.describe(Report("valid", (one,), None))
            assert line.aside
            assert line.code == "never_heard_of"


def test_the_mandatory_members_are_called_by_their_name(app: Flask) -> None:
    with app.test_request_context():
        known = checks.say(check("shape", "failed", "shape_missing", path="issuer"))
        other = checks.say(check("shape", "failed", "shape_missing", path="x.y"))
    assert known == "Il y manque ce que la norme exige\u00a0: qui l’a délivré."
    assert other == "Il y manque ce que la norme exige\u00a0: x.y."


VERDICTS: list[tuple[dict[str, tuple[Outcome, str]], str]] = [
    ({}, "authentique et en cours de validité"),
    ({"status": ("failed", "revoked")}, "authentique, mais l’émetteur l’a retiré."),
    ({"status": ("failed", "suspended")}, "authentique, mais l’émetteur l’a suspendu."),
    ({"dates": ("failed", "expired")}, "authentique, mais il n’est plus valable."),
    ({"dates": ("failed", "not_yet_valid")}, "authentique, mais il n’est pas encore valable."),
    ({"dates": ("failed", "expired"), "status": ("failed", "revoked")}, "l’a retiré."),
    ({"recipient": ("failed", "recipient_mismatch")}, "authentique, mais il a été délivré à"),
    ({"status": ("unknown", "fetch_failed")}, "on n’a pas pu savoir s’il a été retiré"),
    ({"proof": ("unknown", "suite_unsupported")}, "tout n’a pas pu être vérifié"),
    ({"read": ("failed", "not_json")}, "Aucun badge n’a pu être lu."),
    ({"proof": ("failed", "signature_wrong")}, "Ce badge n’est pas valable."),
    ({"dates": ("failed", "date_invalid")}, "Ce badge n’est pas valable."),
]


@pytest.mark.parametrize(("found", "words"), VERDICTS)
def test_the_whole_is_said_in_one_sentence(
    app: Flask, found: dict[str, tuple[Outcome, str]], words: str
) -> None:
    with app.test_request_context():
        assert words in checks.verdict(report(**found))


@pytest.mark.parametrize("step", ["status", "dates", "recipient"])
def test_nothing_is_called_authentic_whose_signature_was_not_checked(app: Flask, step: str) -> None:
    codes_of: dict[str, str] = {
        "status": "revoked",
        "dates": "expired",
        "recipient": "recipient_mismatch",
    }
    found: dict[str, tuple[Outcome, str]] = {
        "proof": ("unknown", "suite_unsupported"),
        step: ("failed", codes_of[step]),
    }
    with app.test_request_context():
        assert "authentique" not in checks.verdict(report(**found))
