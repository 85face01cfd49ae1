"""What holders and the world look at: the backpack, a credential's page and files, the issuer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any
from uuid import UUID

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from badges.awards import certificates, checks, files, publishing, queries, tokens
from badges.awards.certificate_words import read_language
from badges.awards.claims.views import collect_waiting
from badges.awards.criteria import Assessment, put_in_words, weigh
from badges.awards.desk import blueprint, house, settings, signer
from badges.awards.facts import Facts
from badges.awards.keys import KeyUnreadable, Signer, public_key
from badges.awards.models import Award, AwardJudgement, HolderPage, Sharing
from badges.awards.papers.queries import find_printable
from badges.awards.renewals.queries import find_renewal, standing_of
from badges.designs.models import BadgeClass
from badges.designs.negotiation import document_type, json_asked
from badges.designs.queries import list_badges, list_families
from badges.designs.words import level_label, level_sentence, skill_label, validity_label
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.house import AwardPanel, BackpackPanel
from tierslieu.people.models import FACILITATOR
from tierslieu.uploads.sending import send_upload
from tierslieu.web.access import current_person, current_person_or_none, public, signed_in
from tierslieu.web.doors import stand_behind
from tierslieu.web.markdown import render_markdown
from tierslieu.web.panels import render_cards
from tierslieu.web.unseen import unseen
from tierslieu.web.visitors import same_for_visitors

VC_JWT = "application/vc+jwt"
STATUS_AGE = 300  # seconds a status list may be kept by others


@blueprint.get("/mes-badges")
@signed_in
def backpack() -> str:
    """One's own badges, and those within reach."""
    session, person = db.session(), current_person()
    collect_waiting(person)
    awards = queries.list_awards(session, person.id)
    held = {award.badge_id for award in awards if award.revoked_at is None}
    return render_template(
        "awards/backpack.html",
        awards=[award for award in awards if award.credential and award.renewed_at is None],
        renewed=[award for award in awards if award.credential and award.renewed_at is not None],
        renewable=_renewable(awards),
        coming=_coming(person.id, held),
        level_label=level_label,
        panels=_panels(person.id),
        address=lambda award: files.public_address(award, settings()),
        now=clock.now(),
    )


def _renewable(awards: Sequence[Award]) -> set[UUID]:
    """Of those, what may be renewed now: the badge is still awarded, in whatever version, and none
    of them is one of it that lasts longer."""
    family = list_families(db.session())
    current = [a for a in awards if a.revoked_at is None and a.renewed_at is None]
    may = {a.id for a in current if standing_of(a).may_be_renewed(clock.now())}
    lasting = {family[a.badge_id] for a in current if a.id not in may}
    awarded = {family[badge.id] for badge in list_badges(db.session())} - lasting
    return {a.id for a in current if a.id in may and family[a.badge_id] in awarded}


def _panels(user_id: UUID) -> list[Markup]:
    """What other features keep in one's backpack."""
    panels = house().all(BackpackPanel)
    cards = chain.from_iterable(p.build(db.session(), user_id, clock.now()) for p in panels)
    return [fragment for _card, fragment in render_cards(cards)]


def _coming(user_id: UUID, held: set[UUID]) -> list[tuple[BadgeClass, Assessment]]:
    """Badges this person has begun to earn, the nearest first."""
    session = db.session()
    badges = [badge for badge in list_badges(session) if badge.id not in held]
    facts = Facts(session, badges, [user_id], house(), now=clock.now())
    found = [(badge, put_in_words(user_id, weigh(badge, user_id, facts))) for badge in badges]
    begun = [(badge, a) for badge, a in found if a.met]
    return sorted(begun, key=lambda pair: (len(pair[1].missing), pair[0].name))[:6]


@blueprint.get("/credentials/<uuid:award_id>")
@same_for_visitors
@public
def show(award_id: UUID) -> str | Response:
    """One credential: its page, or the signed JSON for machines."""
    person = current_person_or_none()
    if request.accept_mimetypes.best_match(["text/html", VC_JWT]) == VC_JWT:
        return _send(_file(award_id), "jwt", VC_JWT)
    media_type = json_asked()
    if media_type:
        return _send(_file(award_id), "json", media_type)
    award = queries.find_page_for(db.session(), person, award_id)
    if award is None:
        raise NotYours()
    report = publishing.check_award(db.session(), settings(), award, clock.now())
    is_team = person is not None and person.holds(FACILITATOR)
    is_holder = person is not None and award.user_id == person.id
    if is_holder or is_team:
        stand_behind("/mes-badges" if is_holder else "/badges")
    picture = url_for("designs.picture_png", slug=award.badge.slug)
    return render_template(
        "awards/show.html",
        award=award,
        # Where the file names nobody, the page says who is awaited, to the team alone.
        holder=award.holder_name
        or (is_team and award.recipient_email)
        or _("une personne que le badge ne nomme pas"),
        badge=award.badge,
        report=report,
        lines=checks.describe(report),
        sentence=checks.verdict(report),
        criteria=render_markdown(award.badge.criteria),
        skills=[(skill_label(s), s.url) for s in award.badge.skills],
        validity=validity_label(award.badge),
        level_label=level_label,
        level_sentence=level_sentence,
        judgements=_readable(award, is_holder or is_team),
        is_holder=is_holder,
        own_page=_own_page(award),
        name=award.holder_name if is_holder or is_team else award.shown_name,
        page_url=f"{settings().base_url}/credentials/{award.id}",
        picture_url=f"{settings().base_url}{picture}",
        # A renewal is private until its holder shares it: nobody else learns of it here.
        renewal=find_renewal(db.session(), award.id) if is_holder or is_team else None,
        is_shared=award.sharing.is_open,
        is_public=award.sharing is Sharing.PUBLIC,
        may_download=is_holder or award.sharing.is_open,
        may_print=is_team
        and not (is_holder or award.sharing.is_open)
        and find_printable(db.session(), award.id) is not None,
        is_team=is_team,
        may_revoke=is_team and not award.revoked_at,
        may_suspend=is_team and award.badge.suspendable and not award.revoked_at,
        panels=render_cards(
            card
            for offer in house().all(AwardPanel)
            for card in offer.build(
                db.session(), award.id, person.id if person else None, clock.now()
            )
        ),
    )


def _readable(award: Award, all_of_it: bool) -> list[dict[str, Any]]:
    """What was judged, as far as this reader may know: others read what the file itself says."""
    return [
        {
            "statement": judgement.statement,
            "reason": judgement.reason if all_of_it or judgement.is_reason_public else "",
            "url": judgement.evidence_url if all_of_it or judgement.is_url_public else "",
            "kept": _kept_words(judgement) if all_of_it else "",
            "file": _file_words(award, judgement) if all_of_it else None,
        }
        for judgement in award.judgements
        if all_of_it or judgement.is_reason_public or judgement.is_url_public
    ]


def _file_words(award: Award, judgement: AwardJudgement) -> dict[str, Any] | None:
    """What leads to the file joined, if one is."""
    if judgement.upload is None:
        return None
    return {
        "url": url_for("awards.evidence", award_id=award.id, judgement_id=judgement.id),
        "name": judgement.upload.filename,
        "size": judgement.upload.size,
    }


@blueprint.get("/credentials/<uuid:award_id>/preuves/<uuid:judgement_id>")
@signed_in
def evidence(award_id: UUID, judgement_id: UUID) -> Response:
    """The file that a facilitator joined to their judgement, as a download."""
    found = queries.find_evidence_for(db.session(), current_person(), award_id, judgement_id)
    if found is None:
        raise NotYours()
    return send_upload(settings().uploads, found)


def _kept_words(judgement: AwardJudgement) -> str:
    """What is not in the badge itself, said to those who read it all the same."""
    hides_reason = not judgement.is_reason_public
    hides_link = bool(judgement.evidence_url) and not judgement.is_url_public
    if hides_reason and (hides_link or not judgement.evidence_url):
        words = _(
            "Rien de ceci n’est dans le badge : seules l’équipe et la personne qui le détient le "
            "voient."
        )
    elif hides_reason:
        words = _(
            "Ces mots ne sont pas dans le badge : seules l’équipe et la personne qui le détient "
            "les lisent."
        )
    elif hides_link:
        words = _(
            "Ce lien n’est pas dans le badge : seules l’équipe et la personne qui le détient le "
            "voient."
        )
    else:
        words = ""
    return str(words)


def _own_page(award: Award) -> HolderPage | None:
    """The public page that shows this badge among others of its holder's, if it is public."""
    if award.sharing is not Sharing.PUBLIC or award.user_id is None or award.revoked_at:
        return None
    return queries.find_holder_page(db.session(), award.user_id)


@blueprint.get("/credentials/<uuid:award_id>.<any(json, jwt, png, svg, pdf):form>")
@public
def download(award_id: UUID, form: str) -> Response:
    """One form of the credential, for its holder or for whoever has the shared address."""
    return _send(_file(award_id), form, document_type())


def _file(award_id: UUID) -> Award:
    award = queries.find_file_for(db.session(), current_person_or_none(), award_id)
    if award is None:
        raise NotYours()
    return award


def _send(award: Award, form: str, document: str) -> Response:
    if form == "pdf":
        return send_certificate(award)
    if form == "jwt":
        made = files.make_jwt(award, _token_signer(request.args.get("alg", tokens.DEFAULT)))
    else:
        make = {"json": files.make_json, "png": files.make_png, "svg": files.make_svg}[form]
        made = make(award)
    answer = Response(made.data, content_type=document if form == "json" else made.media_type)
    return _as_file(answer, made.filename)


def send_certificate(award: Award, *, for_team: bool = False) -> Response:
    """The certificate in the language asked for (``?lang=``). Raises :class:`Refused`:
    ``suspended``, ``revoked``, ``language_unknown``.

    ``for_team``: printed to be handed over; without the signed file where the badge is private.
    """
    if award.suspended_at is not None:
        raise Refused(
            _("Ce badge est suspendu : son attestation n’est pas délivrée pour le moment."),
            code="suspended",
        )
    if award.revoked_at is not None:
        # Paper cannot say that it was withdrawn; the signed file can: its status says it.
        raise Refused(
            _("Ce badge a été retiré : son attestation n’est plus délivrée."),
            code="revoked",
            status=410,
        )
    language = read_language(request.args.get("lang", "fr"))
    if language is None:
        raise Refused(
            _("Une attestation existe en français (fr) et en anglais (en), rien d’autre."),
            code="language_unknown",
            status=400,
        )
    certificate = certificates.compose(award, settings(), language, for_team=for_team)
    answer = Response(content_type="application/pdf")
    # Weak: letters that our fonts lack come from those of the machine.
    answer.set_etag(certificate.fingerprint, weak=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    if request.if_none_match.contains_weak(certificate.fingerprint):
        answer.status_code = 304
    else:
        answer.data = certificate.draw()
    return _as_file(answer, certificate.filename)


def _as_file(answer: Response, filename: str) -> Response:
    kind = "attachment" if "telecharger" in request.args else "inline"
    answer.headers["Content-Disposition"] = f'{kind}; filename="{filename}"'
    answer.headers["Vary"] = "Accept, Cookie"
    answer.headers["X-Robots-Tag"] = "noindex"  # of a public badge too: its page is enough
    return answer


def _token_signer(algorithm: str) -> Signer:
    """What signs tokens this way; RS256 unless asked otherwise (``?alg=es256``)."""
    kind = tokens.KINDS.get(algorithm.lower())
    if kind is None:
        raise Refused(
            _("Un jeton se signe en RS256 ou en ES256 : demandez l’un des deux."),
            code="algorithm_unknown",
            status=400,
        )
    return signer(kind)


@blueprint.get("/badges/keys/<name>")
@public
def key(name: str) -> Response:
    """One public key as a JWK: where the ``kid`` of a token leads."""
    document = publishing.key_document(db.session(), name)
    if document is None:
        raise NotYours()
    return _document(document, "application/jwk+json")


@blueprint.get("/badges/issuer")
@public
def issuer() -> str | Response:
    """Who signs: a page, or the Profile for machines."""
    media_type = json_asked()
    try:
        if media_type:
            document = publishing.profile_document(db.session(), settings())
            return _document(document, media_type)
        who = signer()
    except KeyUnreadable as error:
        raise Refused(_("Le lieu ne peut pas signer pour le moment."), status=503) from error
    return render_template(
        "awards/issuer.html",
        did=who.did,
        keys=[(row, public_key(row).name) for row in queries.list_keys(db.session())],
    )


@blueprint.get("/.well-known/did.json")
@public
def did() -> Response:
    """The issuer's DID document."""
    document = publishing.did_document(db.session())
    if document is None:
        raise NotYours()
    return _document(document, json_asked() or "application/did+ld+json")


def _document(document: Mapping[str, Any], media_type: str) -> Response:
    answer = Response(json.dumps(document, ensure_ascii=False), content_type=media_type)
    answer.headers["Vary"] = "Accept"
    answer.headers["Cache-Control"] = f"public, max-age={STATUS_AGE}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


@blueprint.get("/status/<int(max=2147483647):list_id>")
@same_for_visitors
@unseen
@public
def status(list_id: int) -> Answer:
    """A signed status list: which badges were withdrawn, without saying whose."""
    try:
        text = publishing.status_list_text(db.session(), settings(), list_id)
    except KeyUnreadable as error:
        raise Refused(_("Le lieu ne peut pas signer pour le moment."), status=503) from error
    return _list(text, document_type())


@blueprint.get("/status/<int(max=2147483647):list_id>.<any(es256, rs256):algorithm>.jwt")
@public
def status_token(list_id: int, algorithm: str) -> Answer:
    """The same list signed as a token, for badges that are tokens."""
    try:
        text = publishing.status_list_token(db.session(), settings(), list_id, algorithm)
    except KeyUnreadable as error:
        raise Refused(_("Le lieu ne peut pas signer pour le moment."), status=503) from error
    return _list(text, VC_JWT)


def _list(text: str | None, media_type: str) -> Answer:
    if text is None:
        raise NotYours()
    answer = Response(text, content_type=media_type)
    answer.headers["Cache-Control"] = f"public, max-age={STATUS_AGE}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Vary"] = "Accept"
    answer.add_etag()
    return answer.make_conditional(request)
