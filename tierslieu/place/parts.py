"""The parts of the house that a place may switch off: the one table that says what each holds.

Off: not in the navigation, its pages answer 404 with a sentence, its jobs begin nothing new; what
it holds is kept, and what forgets old data goes on forgetting. What stands nowhere here cannot be
switched off: checking a badge, its status, its page and its issuer, and what a person may ask of
their own data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Part:
    """A part that may be switched off.

    ``endpoints``: names, or beginnings of names that end with ``.`` or ``_``. ``spared``: of these,
    what stays open, for it is a right over one's own data. ``cards``: beginnings of the templates
    of its cards on other pages. ``jobs``: those that begin something new.
    """

    key: str
    label: Any
    about: Any
    endpoints: tuple[str, ...]
    spared: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()

    def holds(self, endpoint: str) -> bool:
        """Whether this endpoint is closed with it."""
        return endpoint not in self.spared and any(
            endpoint.startswith(one) if one.endswith((".", "_")) else endpoint == one
            for one in self.endpoints
        )


_AID = ("community.aid", "community.aid_")

PARTS = (
    Part(
        "weeks",
        _l("Semaines intensives"),
        _l("Semaines, candidatures, internat, accueil."),
        ("weeks.",),
        spared=("weeks.erase_needs",),
        cards=("weeks/",),
        jobs=("boarding_sheets",),
    ),
    Part(
        "support",
        _l("Rendez-vous et suivi"),
        _l("Rendez-vous, créneaux, notes, plans, prise de nouvelles."),
        ("support.",),
        spared=("support.own_attention", "support.own_take_up"),
        cards=("support/",),
        jobs=("appointment_reminders", "plan_reminders", "attention_list"),
    ),
    Part(
        "aid",
        _l("Entraide"),
        _l("Groupes d’entraide, demandes et réponses."),
        _AID,
        spared=("community.aid_stop",),  # in mails that left before
        cards=("community/aid/",),
        jobs=("aid_digests",),
    ),
    Part(
        "shared",
        _l("Ressources, événements et pilotes"),
        _l("Ce que la communauté partage, les événements, les pilotes."),
        tuple(
            f"community.{name}"
            for name in (
                *("apply_import", "coming", "content", "contents", "contents_csv", "detach"),
                *("discard_import", "draft", "edit_content", "edit_event", "edit_pilot", "event"),
                *("events", "events_csv", "file", "files", "hide", "import_file", "invite"),
                *("new_content", "new_event", "new_pilot", "not_coming", "pilot", "pilots"),
                *("remove", "restore", "withdraw"),
            )
        ),
        cards=("community/_",),
    ),
    Part(
        "surveys",
        _l("Questionnaires"),
        _l("Questionnaires, leur écriture, et les études qui les posent. Les chiffres restent."),
        ("surveys.",),
        spared=("surveys.forget_draft", "surveys.decline", "surveys.cut_link"),
        cards=("surveys/",),
        jobs=("invite_to_answer",),
    ),
    Part(
        "foreign",
        _l("Badges reçus ailleurs"),
        _l(
            "Ajouter un badge d’ailleurs, s’en servir de preuve. Ceux déjà rangés restent lisibles."
        ),
        ("backpack.bring", "proofs."),
        cards=("proofs/",),
    ),
    Part(
        "statements",
        _l("Traces d’apprentissage"),
        _l("Ce que d’autres systèmes envoient par xAPI."),
        ("statements.", "xapi."),
        cards=("statements/",),
        jobs=("use_statements",),
    ),
)
BY_KEY = {part.key: part for part in PARTS}


def part_of(endpoint: str | None) -> Part | None:
    """The part that this endpoint is closed with; None for what is always open."""
    return next((part for part in PARTS if endpoint and part.holds(endpoint)), None)


def part_of_card(template: str) -> Part | None:
    """The part that a card drawn with this template belongs to."""
    return next((part for part in PARTS if part.cards and template.startswith(part.cards)), None)


def part_of_job(name: str) -> Part | None:
    """The part whose job this is."""
    return next((part for part in PARTS if name in part.jobs), None)
