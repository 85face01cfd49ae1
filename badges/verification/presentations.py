"""What the check of several badges at once found, in French: for pages, machines and terminals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from badges.awards import checks
from badges.awards.checks import CheckLine
from badges.engine.presentations import Member, PresentationReport
from badges.verification.summary import Summary, summarise


@dataclass(frozen=True)
class MemberView:
    """One badge of several, as a page shows it."""

    about: Summary
    outcome: str
    sentence: str
    lines: list[CheckLine]
    is_controlled: bool | None


def describe_member(member: Member, base_url: str, own_id: str) -> MemberView:
    """One badge: what it says of itself, and every step of its own check. ``own_id``: who we are
    as an issuer, or ''."""
    report = member.report
    return MemberView(
        summarise(report.credential or {}, report, base_url, own_id),
        report.outcome,
        checks.verdict(report),
        checks.describe(report),
        member.is_controlled,
    )


def verdict(report: PresentationReport) -> str:
    """The whole in one sentence."""
    if not report.members:
        return str(_("Aucun badge n’a pu être lu dans cet ensemble."))
    wrong = sum(member.report.outcome == "invalid" for member in report.members)
    if wrong:
        return str(
            ngettext(
                "%(num)s badge de cet ensemble n’est pas valable, ou ne l’est plus.",
                "%(num)s badges de cet ensemble ne sont pas valables, ou ne le sont plus.",
                wrong,
            )
        )
    if report.outcome == "invalid":
        return str(
            _("Les badges sont authentiques, mais l’ensemble n’est pas signé comme il faut.")
        )
    if report.outcome == "incomplete":
        return str(_("Rien de faux n’a été trouvé, mais tout n’a pas pu être vérifié."))
    return str(
        ngettext(
            "Le badge de cet ensemble est authentique et en cours de validité.",
            "Les %(num)s badges de cet ensemble sont authentiques et en cours de validité.",
            len(report.members),
        )
    )


def to_json(report: PresentationReport) -> dict[str, Any]:
    """The answer for machines: as for one badge, with one more list."""
    return {
        "outcome": report.outcome,
        "checks": [
            {"name": check.name, "outcome": check.outcome, "message": checks.say(check)}
            for check in report.checks
        ],
        "credential": None,
        "credentials": [checks.to_json(member.report) for member in report.members],
    }
