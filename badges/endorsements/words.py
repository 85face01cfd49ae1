"""Endorsements in words: who, since when, until when, how it was signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from badges.endorsements import cautions
from badges.endorsements.models import Endorsement, EndorsementState
from tierslieu.web.formats import long_day


@dataclass(frozen=True)
class Shown:
    """An endorsement as a page shows it. ``is_standing``: it holds today; else ``ended`` says
    since when not. ``caution``: what keeps the name from being proven; '' where it need not be
    said."""

    organisation: str
    website: str
    signer: str
    comment: str
    since: str
    until: str
    how: str
    is_standing: bool
    ended: str
    caution: str = ""

    @property
    def title(self) -> str:
        """Under which name: the organisation's, or the one that somebody gives themself."""
        if not self.caution:
            return self.organisation
        words: str = _("Se présente comme « %(name)s »", name=self.organisation)
        return words


def show(found: Endorsement, now: datetime) -> Shown:
    """A given endorsement in words."""
    over = found.valid_until is not None and found.valid_until <= now
    withdrawn = found.state is EndorsementState.WITHDRAWN
    ended = ""
    if withdrawn and found.withdrawn_at is not None:
        ended = _("Soutien retiré le %(day)s", day=long_day(found.withdrawn_at))
    elif over and found.valid_until is not None:
        ended = _("Soutien terminé le %(day)s", day=long_day(found.valid_until))
    caution, website = caution_of(found, found.website)
    return Shown(
        organisation=found.organisation,
        website=website,
        signer=", ".join(part for part in (found.signer_name, found.signer_role) if part),
        comment=found.comment,
        since=long_day(found.answered_at) if found.answered_at else "",
        until=long_day(found.valid_until) if found.valid_until else "",
        how=how_signed(found),
        is_standing=not (over or withdrawn),
        ended=ended,
        caution=caution,
    )


def caution_of(found: Endorsement, website: str) -> tuple[str, str]:
    """For an award and a key of one use, what is to be said with the name, and the site if the
    address that answered is one of it; else nothing, and the site."""
    if found.award_id is None or found.has_own_key:
        return "", website
    domain = found.mail_domain
    shown = website if cautions.is_of_site(domain, website) else ""
    return cautions.caution(domain, website), shown


def how_signed(found: Endorsement) -> str:
    """By which kind of key, and what that is worth."""
    if not found.has_own_key:
        return signed_here(found)
    # A site can call itself anything: where the link went is said of it too.
    words: str = _(
        "Signé avec sa propre clé (%(did)s), vérifiée ici ; le lien avait été envoyé à une adresse "
        "en @%(domain)s.",
        did=found.issuer_did[:120],
        domain=found.mail_domain,
    )
    return words


def signed_here(found: Endorsement) -> str:
    """By a key of one use: where the link went, and for an award who asked for it."""
    words: str = (
        _(
            "Signé ici avec une clé faite pour ce seul soutien ; le lien avait été envoyé à une "
            "adresse en @%(domain)s.",
            domain=found.mail_domain,
        )
        if found.award_id is None
        else _(
            "Signé ici avec une clé faite pour ce seul soutien, demandé par la personne qui a reçu "
            "le badge ; le lien avait été envoyé à une adresse en @%(domain)s.",
            domain=found.mail_domain,
        )
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
