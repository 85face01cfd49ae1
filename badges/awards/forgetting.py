"""Taking the person out of an award."""

from __future__ import annotations

from badges.awards.models import Award, Sharing


def forget_holder(found: Award) -> None:
    """Keep of an award its bit and its dates alone."""
    found.judgements.clear()
    found.user_id = found.recipient_email = found.claim_token = None
    found.holder_name = found.credential = ""
    found.grounds, found.revocation_reason, found.suspension_reason = [], "", ""
    found.sharing, found.shared_at = Sharing.PRIVATE, None
