"""Cards that features above give to a page below: each fragment is its own feature's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import current_app, render_template
from markupsafe import Markup

from tierslieu.house import Card


def render_cards(cards: Iterable[Card]) -> Sequence[tuple[Card, Markup]]:
    """Each card with its rendered text, the most urgent first; none of a part switched off."""
    is_shown = current_app.extensions["tierslieu.shows_card"]  # known above: `place/guard.py`
    return [
        # A fragment of the feature's own, escaped by its own template.
        (card, Markup(render_template(card.template, **card.context)))  # noqa: S704
        for card in sorted(cards, key=lambda card: card.urgency)
        if is_shown(card.template)
    ]
