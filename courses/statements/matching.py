"""Who statements are about: by a proved address, its hash, a declared username; never a name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from courses.progress.imports.models import Provider, fold_username
from courses.progress.imports.queries import match_addresses, match_usernames
from courses.statements.models import XapiHomePage
from courses.statements.queries import find_home_pages, match_hashes
from courses.statements.reading import Received
from courses.statements.shape import Agent
from tierslieu.people.addresses import BadAddress, normalise_email


def match_actors(db: Session, successes: Sequence[Received], now: datetime) -> dict[UUID, UUID]:
    """Who these statements are about, by the statement's id; nobody here is not in it."""
    agents = {one.id: one.agent for one in successes if one.agent is not None}
    emails = {i: e for i, agent in agents.items() if (e := _email(agent)) is not None}
    by_email = match_addresses(db, sorted(set(emails.values())))
    sums = {i: a.mbox_sha1sum.lower() for i, a in agents.items() if a.mbox_sha1sum}
    by_sum = match_hashes(db, sorted(set(sums.values())))
    found = {i: by_email[email] for i, email in emails.items() if email in by_email}
    found |= {i: by_sum[value] for i, value in sums.items() if value in by_sum}
    return found | _match_accounts(db, agents, now)


def _email(agent: Agent) -> str | None:
    if agent.mbox is None:
        return None
    try:
        return normalise_email(agent.mbox.removeprefix("mailto:"))
    except BadAddress:
        return None


def _match_accounts(db: Session, agents: dict[UUID, Agent], now: datetime) -> dict[UUID, UUID]:
    accounts = {i: a.account for i, a in agents.items() if a.account is not None}
    pages = _home_pages(db, sorted({a.homePage for a in accounts.values()}), now)
    named: dict[Provider, dict[str, list[UUID]]] = {}
    for statement_id, account in accounts.items():
        page = pages.get(account.homePage)
        if page is not None and page.provider is not None:
            folded = fold_username(account.name)
            named.setdefault(page.provider, {}).setdefault(folded, []).append(statement_id)
    found: dict[UUID, UUID] = {}
    for provider, names in named.items():
        for folded, user_id in match_usernames(db, provider, sorted(names)).items():
            found |= dict.fromkeys(names[folded], user_id)
    return found


def _home_pages(db: Session, addresses: Sequence[str], now: datetime) -> dict[str, XapiHomePage]:
    """The sites of these, those not met before written down for somebody to say whose they are."""
    found = find_home_pages(db, addresses)
    missing = [address for address in addresses if address not in found]
    if missing:
        try:
            with db.begin_nested():
                db.add_all([XapiHomePage(address=one, first_at=now) for one in missing])
                db.flush()
        except IntegrityError:
            pass
        found = find_home_pages(db, addresses)
    return found
