"""What the check of several badges at once found, in French: for pages, machines and terminals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from badges.awards import checks
from badges.awards.checks import CheckLine
from badges.engine.presentations import Member, PresentationReport
from badges.engine.report import Check
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
        [*checks.describe(report), checks.line(member.holder)],
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
    unshown = sum(member.is_controlled is False for member in report.members)
    others = {member.report.outcome for member in report.members} | {
        "incomplete" for check in report.checks if check.outcome == "unknown"
    }
    if unshown and others == {"valid"}:
        return str(
            ngettext(
                "Rien ne montre que qui présente cet ensemble détient la clé de l’un de ses "
                "badges.",
                "Rien ne montre que qui présente cet ensemble détient les clés de %(num)s de ses "
                "badges.",
                unshown,
            )
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
        "checks": [_told(check) for check in report.checks],
        "credential": None,
        "credentials": [_member_to_json(member) for member in report.members],
    }


def _member_to_json(member: Member) -> dict[str, Any]:
    """As for a badge alone, with one more check: ``holder``."""
    told = checks.to_json(member.report)
    return {**told, "checks": [*told["checks"], _told(member.holder)]}


def _told(check: Check) -> dict[str, Any]:
    return {"name": check.name, "outcome": check.outcome, "message": checks.say(check)}
