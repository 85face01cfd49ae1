"""What awards give to the pages that gather: cards, timeline, data, figures, checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from badges.awards import jobs, publishing, queries
from badges.awards.batches import jobs as batch_jobs
from badges.awards.batches.rules import erase_lines
from badges.awards.candidate_queries import list_held
from badges.awards.claims import jobs as claim_jobs
from badges.awards.claims.queries import list_waiting_for
from badges.awards.desk import house, settings
from badges.awards.issuing import set_bits
from badges.awards.joining import count_judged, join_awards
from badges.awards.keys import find_moved_address, find_trouble, find_weakness, open_keys
from badges.awards.models import Award, StatusList
from badges.awards.papers import jobs as paper_jobs
from badges.awards.papers.rules import withdraw_papers
from badges.awards.reach import list_awarded, list_dated
from badges.awards.renewals import jobs as renewal_jobs
from badges.awards.renewals.checks import check_renewals
from badges.awards.renewals.queries import count_renewals
from badges.awards.rules import erase_holder
from badges.awards.scenes import play
from badges.awards.waiting import offers as waiting_offers
from badges.awards.waiting.queries import list_of_person, remove_person
from badges.designs.queries import list_askable_badges, list_completed_paths, list_families
from badges.engine.status import read_bit
from tierslieu import clock
from tierslieu.house import (
    Card,
    Check,
    Column,
    Evidence,
    EvidenceItem,
    Figure,
    Finding,
    HomeCard,
    Indicator,
    Invariant,
    Job,
    PersonalData,
    ResearchTable,
    Scene,
    Setup,
    TimelineEvent,
    TimelineSource,
)
from tierslieu.house_joining import Joining
from tierslieu.house_paths import BadgeChoice, BadgeChoices
from tierslieu.house_reach import AWARDED, FunnelStage
from tierslieu.people.models import LEARNER, ROLES
from tierslieu.register import Basis
from tierslieu.settings import Settings
from tierslieu.web.written import Theirs

AUTOMATIC_EVERY = timedelta(minutes=10)
SOON = timedelta(days=365)


def timeline(db: Session, user_id: UUID, now: datetime) -> Iterable[TimelineEvent]:
    """Badges received, renewed and withdrawn."""
    for award in queries.list_awards(db, user_id):
        url = f"/credentials/{award.id}"
        name = Theirs(award.badge.name)
        words = _("Badge renouvelé") if award.renews_id is not None else _("Badge reçu")
        yield TimelineEvent(award.awarded_at, name, str(words), "badge", url)
        if award.revoked_at is not None:
            yield TimelineEvent(award.revoked_at, name, str(_("Badge retiré")), "badge", url)
        elif award.renewed_at is None and award.valid_until and award.valid_until < now + SOON:
            ends = str(_("Badge valable jusqu’à ce jour"))
            yield TimelineEvent(award.valid_until, name, ends, "badge", url)


def earned_card(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """One's badges, the newest first."""
    standing = [
        a for a in queries.list_awards(db, user_id) if a.revoked_at is None and a.renewed_at is None
    ]
    if standing:
        context = {"awards": standing[:4], "count": len(standing)}
        yield Card("awards/_card_earned.html", context, urgency=40, span=6)


def waiting_card(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """Badges that wait at one's address: they were awarded before there was an account."""
    waiting = list_waiting_for(db, user_id)
    if waiting:
        yield Card("awards/_card_waiting.html", {"awards": waiting}, urgency=5, span=12, tone="ask")


def _award_automatic(db: Session, now: datetime) -> int:
    return jobs.award_automatic(db, house(), settings(), now=now)


def export(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    """A person's badges: the signed files themselves, and what surrounds them."""
    return [
        {
            "badge": award.badge.name,
            "awarded_at": award.awarded_at.isoformat(),
            "valid_until": award.valid_until.isoformat() if award.valid_until else None,
            "renewed_at": award.renewed_at.isoformat() if award.renewed_at else None,
            "grounds": award.grounds,
            "is_automatic": award.is_automatic,
            "judgements": [
                {
                    "statement": judgement.statement,
                    "reason": judgement.reason,
                    "is_reason_public": judgement.is_reason_public,
                    "evidence_url": judgement.evidence_url,
                    "is_url_public": judgement.is_url_public,
                    "file": judgement.upload.filename if judgement.upload else None,
                }
                for judgement in award.judgements
            ],
            "sharing": award.sharing.value,
            "revoked_at": award.revoked_at.isoformat() if award.revoked_at else None,
            "revocation_reason": award.revocation_reason,
            "suspended_at": award.suspended_at.isoformat() if award.suspended_at else None,
            "suspension_reason": award.suspension_reason,
            "credential": award.credential,
        }
        for award in (*queries.list_awards(db, user_id), *list_waiting_for(db, user_id))
    ] + [
        {"badge": name, "listed_at_night": made_at.isoformat()}
        for name, made_at in list_of_person(db, user_id)
    ]


def erase(db: Session, user_id: UUID) -> None:
    """Forget this person in awards, in the lists they were made from and in what was printed."""
    withdraw_papers(db, user_id)
    erase_lines(db, user_id)
    remove_person(db, user_id)
    erase_holder(db, user_id)


RESEARCH_COLUMNS = (
    Column("badge", "string", "Badge (identifiant)"),
    Column("hours", "integer", "Heures de travail du badge"),
    Column("criteria", "integer", "Nombre de critères remplis"),
    Column("is_shared", "boolean", "Partagé par sa détentrice ou son détenteur"),
    Column("is_revoked", "boolean", "Retiré depuis"),
    Column("is_renewal", "boolean", "Renouvelle un badge reçu auparavant"),
)


def research_rows(
    db: Session, user_ids: Sequence[UUID]
) -> Iterable[tuple[UUID, datetime, Sequence[Any]]]:
    """One row an award; never its identifier, which leads to a page."""
    for award in queries.list_awards_of(db, user_ids):
        if award.user_id is not None:
            yield (
                award.user_id,
                award.awarded_at,
                (
                    award.badge.slug,
                    award.badge.hours,
                    len(award.grounds),
                    award.shared_at is not None,
                    award.revoked_at is not None,
                    award.renews_id is not None,
                ),
            )


def _awarded(db: Session, since: datetime, until: datetime) -> Figure:
    return Figure(queries.count_awarded(db, since, until))


def _renewed(db: Session, since: datetime, until: datetime) -> Figure:
    return Figure(count_renewals(db, since, until))


def _revoked(db: Session, since: datetime, until: datetime) -> Figure:
    return Figure(queries.count_revoked(db, since, until))


def check_credentials(db: Session) -> Finding:
    """Every stored credential verifies as a stranger would do it, but for what was withdrawn."""
    awards = [award for award in queries.list_all_awards(db) if award.credential]
    broken = []
    for award in awards:
        report = publishing.check_award(db, settings(), award, clock.now())
        # Being over is no fault, and being withdrawn is none where it was.
        known = {"expired"}
        known |= {"revoked"} if award.revoked_at is not None else set()
        known |= {"suspended"} if award.suspended_at is not None else set()
        wrong = [
            check
            for check in report.checks
            if check.outcome in ("failed", "unknown") and check.code not in known
        ]
        if wrong:
            found = ", ".join(f"{check.name} {check.code}" for check in wrong)
            broken.append(f"award {award.id}: {found}")
    return Finding(len(awards), broken)


def check_bits(db: Session) -> Finding:
    """A bit is set for each revoked award, and for no other."""
    lists = {listing.id: listing for listing in queries.list_status_lists(db)}
    awards = queries.list_all_awards(db)
    twins = [lists[number] for number in lists if number >= queries.FIRST_SUSPENSION_LIST]
    broken = [
        f"award {award.id}: bit {award.status_index} of list {award.status_list_id}"
        for award in awards
        if read_bit(lists[award.status_list_id].bits, award.status_index)
        != (award.revoked_at is not None)
    ]
    broken += _suspensions_broken(twins, awards)
    former = queries.list_former_places(db)
    broken += [
        f"award {place.award_id}: former bit {place.index} of list {place.list_id} is not set"
        for place in former
        if not read_bit(lists[place.list_id].bits, place.index)
    ]
    for listing in lists.values():
        if listing.id >= queries.FIRST_SUSPENSION_LIST:
            continue  # twins, looked at above; or of programs, looked at on their own floor
        known = {a.status_index for a in awards if a.status_list_id == listing.id}
        known |= {place.index for place in former if place.list_id == listing.id}
        strays = sorted(set(set_bits(listing.bits)) - known)
        broken += [f"list {listing.id}: bit {index} is set for nobody" for index in strays]
    return Finding(len(awards), broken)


def _suspensions_broken(twins: Sequence[StatusList], awards: Sequence[Award]) -> list[str]:
    """Where a suspension's bit and its award disagree."""
    suspended = {
        (queries.suspension_list(award.status_list_id), award.status_index)
        for award in awards
        if award.suspended_at is not None
    }
    told = {
        (twin.id, index)
        for twin in twins
        if twin.id < queries.FIRST_EXCHANGE_LIST
        for index in set_bits(twin.bits)
    }
    return [f"list {number}: suspension at {index}" for number, index in sorted(suspended ^ told)]


def check_grounds(db: Session) -> Finding:
    """Nobody was awarded a badge without the criteria met being written down."""
    awards = [award for award in queries.list_all_awards(db) if award.credential]
    return Finding(
        len(awards), [f"award {award.id}: no grounds" for award in awards if not award.grounds]
    )


def check_holders(db: Session) -> Finding:
    """An award belongs to an account or waits at an address, never both."""
    awards = queries.list_all_awards(db)
    return Finding(
        len(awards),
        [
            f"award {award.id}: an account and an address"
            for award in awards
            if award.user_id is not None and award.recipient_email is not None
        ],
    )


def _set_up(db: Session, settings: Settings) -> None:
    open_keys(db, settings, clock.now())


def _keys_work(db: Session, now: datetime) -> str | None:
    return find_trouble(db, settings())


def _keys_are_guarded(db: Session, now: datetime) -> str | None:
    return find_weakness(db, settings())


def _address_stands(db: Session, now: datetime) -> str | None:
    return find_moved_address(db, settings())


def find_evidence(
    db: Session, user_ids: Sequence[UUID], step_ids: Sequence[UUID]
) -> Iterable[EvidenceItem]:
    """Who holds the badge that a step asks for, in any of its versions, since they first did."""
    steps = queries.list_badge_steps(db, step_ids)
    family = list_families(db) if steps else {}
    asked = {step_id: family[badge_id] for step_id, badge_id, _name in steps}
    names = {step_id: name for step_id, _badge_id, name in steps}
    versions = [badge_id for badge_id, own in family.items() if own in set(asked.values())]
    seen: set[tuple[UUID, UUID]] = set()
    for badge_id, user_id, at, _until in list_held(db, versions, user_ids):
        for step_id, own in asked.items():
            if own == family[badge_id] and (user_id, step_id) not in seen:
                seen.add((user_id, step_id))
                yield EvidenceItem(user_id, step_id, at, f"badge:{badge_id}", names[step_id])


def badge_choices(db: Session) -> list[BadgeChoice]:
    """The badges that a step of a path may ask for."""
    asked = list_completed_paths(db)
    return [
        BadgeChoice(badge.slug, badge.name, frozenset(asked.get(badge.id, ())))
        for badge in list_askable_badges(db)
    ]


OFFERS = (
    FunnelStage(AWARDED, list_awarded),
    Joining(
        "awards",
        frozenset({"award_batch_line", "badge_waiting", "holder_page"}),
        frozenset({"award"}),
        join_awards,
        judged=count_judged,
    ),
    Evidence("badges", find_evidence, list_dated),
    BadgeChoices("badges", badge_choices),
    Setup("badge_keys", _set_up),
    TimelineSource("badges", timeline, timeline),
    HomeCard("my_badges", frozenset({LEARNER}), earned_card),
    HomeCard("badges_waiting", frozenset(ROLES), waiting_card),
    PersonalData(
        "badges",
        what=_(
            "Les badges reçus : le fichier signé (votre nom ; une empreinte de votre "
            "adresse mail, ou la clé que vous avez choisie), les critères remplis, ce que "
            "l’équipe a constaté et son lien, le partage, le retrait ou la suspension éventuels et "
            "leur raison. Un badge donné à une adresse qui n’a pas encore de compte : cette "
            "adresse, jusqu’à ce que le badge soit reçu ou refusé. Dans un grand lieu, les badges "
            "qui vous attendaient la nuit dernière."
        ),
        why=_("Pour attester ce que vous savez faire, et permettre de le vérifier."),
        basis=_("Exécution du service que vous demandez."),
        how_long=_(
            "Tant que votre compte existe. Ensuite, seul reste un numéro sans nom dans la liste "
            "des badges retirés : les fichiers en votre possession restent vérifiables. "
            "Une attestation que l’équipe imprime est effacée du serveur après un jour."
        ),
        export=export,
        erase=erase,
        treatment="badges",
        grounds=(Basis.CONTRACT,),
        swept_by=(
            "forget_unclaimed_awards",
            "forget_award_batches",
            "forget_papers",
        ),
    ),
    ResearchTable("badges", "Badges reçus", RESEARCH_COLUMNS, research_rows),
    Indicator(
        "badges_awarded",
        _("Badges attribués"),
        _(
            "Attributions faites pendant la période, retirées depuis ou non ; les renouvellements "
            "sont comptés à part."
        ),
        _awarded,
    ),
    Indicator(
        "badges_renewed",
        _("Badges renouvelés"),
        _("Attributions de la période à une personne dont le même badge finissait ou avait fini."),
        _renewed,
    ),
    Indicator(
        "badges_revoked",
        _("Badges retirés"),
        _("Attributions retirées pendant la période, quelle que soit leur date."),
        _revoked,
    ),
    Invariant("credentials_verify", "Every stored credential verifies", check_credentials),
    Invariant("status_bits_match", "Every status bit matches its award", check_bits),
    Invariant("awards_have_grounds", "No award without its criteria", check_grounds),
    Invariant("awards_one_holder", "An award has one holder", check_holders),
    Invariant("renewals_match", "A renewal renews an award of the same badge", check_renewals),
    Check("badge_keys", _keys_work),
    Check("badge_keys_guarded", _keys_are_guarded, is_vital=False),
    Check("badge_address", _address_stands, is_vital=False),
    Job("badges_automatic", AUTOMATIC_EVERY, _award_automatic),
    Scene("badges", play),
    *(*claim_jobs.JOBS, *claim_jobs.RULES),
    *(*batch_jobs.JOBS, *batch_jobs.RULES),
    *(*paper_jobs.JOBS, *paper_jobs.RULES),
    *(*renewal_jobs.JOBS, *jobs.JOBS),
    *waiting_offers.OFFERS,
)
