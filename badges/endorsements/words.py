"""Endorsements in words: who, since when, until when, how it was signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from badges.endorsements.models import Endorsement, EndorsementState
from tierslieu.web.formats import long_day


@dataclass(frozen=True)
class Shown:
    """An endorsement as a page shows it. ``is_standing``: it holds today; else ``ended`` says
    since when not."""

    organisation: str
    website: str
    signer: str
    comment: str
    since: str
    until: str
    how: str
    is_standing: bool
    ended: str


def show(found: Endorsement, now: datetime) -> Shown:
    """A given endorsement in words."""
    over = found.valid_until is not None and found.valid_until <= now
    withdrawn = found.state is EndorsementState.WITHDRAWN
    ended = ""
    if withdrawn and found.withdrawn_at is not None:
        ended = _("Soutien retiré le %(day)s", day=long_day(found.withdrawn_at))
    elif over and found.valid_until is not None:
        ended = _("Soutien terminé le %(day)s", day=long_day(found.valid_until))
    return Shown(
        organisation=found.organisation,
        website=found.website,
        signer=", ".join(part for part in (found.signer_name, found.signer_role) if part),
        comment=found.comment,
        since=long_day(found.answered_at) if found.answered_at else "",
        until=long_day(found.valid_until) if found.valid_until else "",
        how=how_signed(found),
        is_standing=not (over or withdrawn),
        ended=ended,
    )


def how_signed(found: Endorsement) -> str:
    """By which kind of key, and what that is worth."""
    if not found.has_own_key:
        return signed_here(found.mail_domain)
    # A site can call itself anything: where the link went is said of it too.
    words: str = _(
        "Signé avec sa propre clé (%(did)s), vérifiée ici ; le lien avait été envoyé à une adresse "
        "en @%(domain)s.",
        did=found.issuer_did[:120],
        domain=found.mail_domain,
    )
    return words


def signed_here(domain: str) -> str:
    """By a key of one use; ``domain``: where the link went."""
    words: str = _(
        "Signé ici avec une clé faite pour ce seul soutien ; le lien avait été envoyé à une "
        "adresse en @%(domain)s.",
        domain=domain,
    )
    return words


def state_label(found: Endorsement, now: datetime) -> tuple[str, str]:
    """Where a question stands, and the tone of its tag."""
    if found.hidden_at is not None:
        return _("Masqué"), "terra"
    if found.state is EndorsementState.GIVEN and found.valid_until and found.valid_until <= now:
        return _("Terminé"), "plain"
    return {
        EndorsementState.ASKED: (_("En attente"), "sun"),
        EndorsementState.GIVEN: (_("En cours"), "ok"),
        EndorsementState.DECLINED: (_("Décliné"), "plain"),
        EndorsementState.WITHDRAWN: (_("Retiré"), "terra"),
        EndorsementState.EXPIRED: (_("Sans réponse"), "plain"),
        EndorsementState.CANCELLED: (_("Annulé"), "plain"),
    }[found.state]
