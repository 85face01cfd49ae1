"""Competency frameworks a badge can be aligned to: facts with their sources (``frameworks.json``).

Only the frameworks' own codes, names and addresses are kept here; no course's text.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("frameworks.json")
MAX_FOUND = 24
UNSAID_CODES = {"ESCO", "PROGRAMMES"}  # frameworks whose codes say nothing to people


@dataclass(frozen=True)
class Skill:
    """One item of a framework. ``key`` is its name in forms: ``CRCN:3.4``."""

    framework: str
    framework_name: str
    framework_title: str
    code: str
    name: str
    url: str

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.framework}:{self.code}"

    @property
    def label(self) -> str:
        """``CRCN 3.4 Programmer``; some codes are for machines and stay unsaid."""
        code = "" if self.framework in UNSAID_CODES else f" {self.code}"
        return f"{self.framework_name}{code} {self.name}"


@cache
def list_skills() -> tuple[Skill, ...]:
    """Every item of every framework, in the order of the file."""
    frameworks = json.loads(_FILE.read_text("utf-8"))
    return tuple(
        Skill(
            framework=key,
            framework_name=framework["name"],
            framework_title=framework["title"],
            code=item["code"],
            name=item["name"],
            url=item.get("url", framework["url"]),
        )
        for key, framework in frameworks.items()
        for item in framework["items"]
    )


@cache
def _languages() -> dict[str, str]:
    frameworks = json.loads(_FILE.read_text("utf-8"))
    return {key: framework["language"] for key, framework in frameworks.items()}


def framework_language(key: str) -> str:
    """In which language the items of this framework are named here; French where it is unknown."""
    return _languages().get(key, "fr")


def find_skill(key: str) -> Skill | None:
    """The item that a form names ``key``, if there is one."""
    return next((skill for skill in list_skills() if skill.key == key), None)


def _plain(text: str) -> str:
    """Lower case, without accents: what a person types in a hurry."""
    parts = unicodedata.normalize("NFKD", text.replace("’", "'").lower())
    return "".join(c for c in parts if not unicodedata.combining(c))


def search_skills(text: str) -> list[Skill]:
    """Items whose framework, code or name holds every word of ``text``.

    First those whose framework is the one named («DigComp», not «DigCompEdu»), then exact codes.
    """
    words = _plain(text).split()[:6]
    asked = f" {' '.join(words)} "
    if not words:
        return []
    found = []
    for place, skill in enumerate(list_skills()):
        hay = _plain(f"{skill.framework_name} {skill.framework_title} {skill.code} {skill.name}")
        if all(word in hay for word in words):
            exact = _plain(skill.code) in words
            named = any(word in _plain(skill.name) for word in words)
            framework = f" {_plain(skill.framework_name)} "
            whole = len(framework) if framework in asked else 0
            found.append((-whole, not exact, not named, place, skill))
    return [skill for *_, skill in sorted(found, key=lambda f: f[:4])][:MAX_FOUND]
