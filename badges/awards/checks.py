"""What a verification found, step by step, in French: for pages, machines and terminals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from badges.awards import endorsers, sentences, step_words
from badges.engine.report import ESSENTIAL, Check, Report
from tierslieu.web.formats import long_day

_Words = Mapping[str, str | int]


@dataclass(frozen=True)
class CheckLine:
    """One step as a page shows it: ``label`` is the sentence, ``aside`` how it was looked at;
    ``code`` and ``params`` are what the engine said, for whoever wants to know exactly."""

    name: str
    outcome: str
    label: str
    aside: str
    detail: str = ""
    code: str = ""
    params: _Words = field(default_factory=dict)
    #: It is there, as somebody signed it; that they are who they say was not verified.
    is_only_said: bool = False

    @property
    def is_routine(self) -> bool:
        """Went well and interests machines only: the page of our own badges leaves it out."""
        return self.outcome == "passed" and self.name in ("read", "shape", "contexts")

    @property
    def asks(self) -> bool:
        """Is not as it should be, or keeps the whole from being sure: said first."""
        return self.outcome == "failed" or (self.outcome == "unknown" and self.name in ESSENTIAL)


def _facts(check: Check) -> dict[str, str | int]:
    """The facts of the case as people say them: dates in words, places by name."""
    facts = dict(check.params)
    for name in ("from", "until"):
        if name in facts:
            try:
                facts[name] = long_day(datetime.fromisoformat(str(facts[name])))
            except (ValueError, OverflowError):
                continue
    if "path" in facts:
        facts["path"] = step_words.places().get(str(facts["path"]), facts["path"])
    return facts


def _sentence(check: Check) -> str | None:
    """The sentence of this finding: the most particular one there is."""
    code, params = check.code, check.params
    why = params.get("why") or params.get("form") or ""
    if code == "dates":
        code = next((f"dates_{name}" for name in ("until", "from") if name in params), code)
    if code == "revoked" and params.get("reason"):
        code = "revoked_reason"
    if code in sentences.ABOUT_THE_DOCUMENT and check.name != "read":
        return None
    known = sentences.SENTENCES
    found = known.get(f"{code}/{why}", known.get(code))
    return None if found is None else str(found)


def say(check: Check) -> str:
    """One step's finding as a sentence for people."""
    sentence = _sentence(check)
    if sentence is not None:
        try:
            return sentence % _facts(check)
        except (KeyError, ValueError, TypeError):
            pass  # a fact is missing: say what the step was about
    about = step_words.abouts().get(check.name)
    if about is not None and check.outcome in ("failed", "unknown"):
        return about
    step = step_words.asides().get(check.name, check.name)
    return step_words.outcomes()[check.outcome] % {"step": step[:1].upper() + step[1:]}


def _aside(check: Check) -> str:
    if check.name == "issuer" and check.code.startswith("presentation_"):
        return str(_("qui présente"))
    if check.name == "proof" and "suite" in check.params:
        return str(check.params["suite"])
    if check.name == "issuer" and str(check.params.get("issuer", "")).startswith("did:"):
        return ":".join(str(check.params["issuer"]).split(":")[:2])
    return step_words.asides().get(check.name, check.name)


def describe(report: Report) -> list[CheckLine]:
    """Every step, in order, as a page shows it."""
    said = zip(findings(report), report.checks, strict=True)
    return [replace(line(told), params=check.params) for told, check in said]


def findings(report: Report) -> list[Check]:
    """Every step, in order, with what the document adds to it for the sentence."""
    return [endorsers.told(report) if c.name == "endorsements" else c for c in report.checks]


def line(check: Check) -> CheckLine:
    """One step, as a page shows it."""
    who = str(check.params.get("holder", "")) if check.code == "presentation_holder" else ""
    return CheckLine(
        check.name,
        check.outcome,
        say(check),
        _aside(check),
        who,
        code=check.code,
        params=check.params,
        is_only_said=endorsers.is_only_said(check),
    )


def is_proven(report: Report) -> bool:
    """Whether the issuer is known to have said exactly this."""
    passed = {check.name for check in report.checks if check.outcome == "passed"}
    return {"proof", "issuer"} <= passed


def verdict(report: Report) -> str:
    """The whole in one sentence."""
    if report.outcome == "valid":
        return str(_("Ce badge est authentique et en cours de validité."))
    if report.outcome == "incomplete":
        return _incomplete(report)
    failed = {str(check.name): check for check in report.checks if check.outcome == "failed"}
    if "read" in failed:
        return str(_("Aucun badge n’a pu être lu."))
    if not is_proven(report):
        if set(failed) == {"status"}:
            # What is left of a withdrawn Open Badge 2.0 proves nothing about the one given.
            return str(_("L’émetteur a retiré ou suspendu ce badge."))
        if "recipient" in failed and set(failed) == {"recipient"}:
            return str(_("Ce badge a été délivré à quelqu’un d’autre."))
        return str(_("Ce badge n’est pas valable."))
    if "status" in failed and set(failed) <= {"status", "dates"}:
        if failed["status"].code == "suspended":
            return str(_("Ce badge est authentique, mais l’émetteur l’a suspendu."))
        return str(_("Ce badge est authentique, mais l’émetteur l’a retiré."))
    if set(failed) == {"dates"} and failed["dates"].code == "expired":
        return str(_("Ce badge est authentique, mais il n’est plus valable."))
    if set(failed) == {"dates"} and failed["dates"].code == "not_yet_valid":
        return str(_("Ce badge est authentique, mais il n’est pas encore valable."))
    if set(failed) == {"recipient"}:
        return str(_("Ce badge est authentique, mais il a été délivré à quelqu’un d’autre."))
    return str(_("Ce badge n’est pas valable."))


def _incomplete(report: Report) -> str:
    """Nothing wrong, something unknown: say what is sure."""
    unknown = {c.name for c in report.checks if c.outcome == "unknown" and c.name in ESSENTIAL}
    if is_proven(report) and unknown == {"status"}:
        return str(_("Ce badge est authentique ; on n’a pas pu savoir s’il a été retiré depuis."))
    return str(_("Rien de faux n’a été trouvé, mais tout n’a pas pu être vérifié."))


def to_json(report: Report) -> dict[str, Any]:
    """The answer promised to machines."""
    return {
        "outcome": report.outcome,
        "checks": [
            {"name": check.name, "outcome": check.outcome, "message": say(check)}
            for check in findings(report)
        ],
        "credential": report.credential,
    }
