"""What an agreement keeps of a plan: its aims and what is to be done by when, as plain values.

What was ticked, the order of the steps and why one wants it are not agreed: they are one’s own.
"""

from __future__ import annotations

from typing import Any

from tierslieu.support.plans.models import Plan, PlanStep


def freeze(plan: Plan) -> dict[str, Any]:
    """``aims`` and ``own_aim``, ``steps`` (title, link, due as an ISO date or None), and
    ``checklists`` (title, link, year, their steps)."""
    return {
        "aims": list(plan.aims),
        "own_aim": plan.own_aim,
        "steps": [_frozen(step) for step in plan.steps if step.checklist_id is None],
        "checklists": [
            {
                "title": one.title,
                "url": one.url,
                "year": one.year,
                "steps": [_frozen(step) for step in plan.steps if step.checklist_id == one.id],
            }
            for one in plan.checklists
        ],
    }


def says_the_same(plan: Plan, content: dict[str, Any]) -> bool:
    """Whether the plan says what was frozen, in whatever order."""
    return _in_order(freeze(plan)) == _in_order(content)


def _frozen(step: PlanStep) -> dict[str, Any]:
    return {
        "title": step.title,
        "url": step.url,
        "advice": step.advice,
        "due": step.due.isoformat() if step.due else None,
    }


def _in_order(content: dict[str, Any]) -> dict[str, Any]:
    def key(one: dict[str, Any]) -> tuple[str, str]:
        return one["title"], one.get("due") or ""

    return {
        **content,
        "aims": sorted(content["aims"]),
        "steps": sorted(content["steps"], key=key),
        "checklists": sorted(
            ({**one, "steps": sorted(one["steps"], key=key)} for one in content["checklists"]),
            key=key,
        ),
    }
