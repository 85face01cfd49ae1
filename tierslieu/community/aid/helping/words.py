"""Offers of help as pages say them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from tierslieu.community.aid.models import AidOffer


def ways(offer: AidOffer) -> str:
    """«au tiers-lieu, en ligne»."""
    said = (
        (offer.on_site, _("au tiers-lieu")),
        (offer.online, _("en ligne dans ce groupe")),
        (offer.forum, _("sur le forum")),
    )
    return ", ".join(str(word) for is_so, word in said if is_so)


def steps(offer: AidOffer, titles: Mapping[str, str]) -> list[str]:
    """The steps it is for, in the path's order; those that are gone left out."""
    return [title for key, title in titles.items() if key in offer.step_keys]
