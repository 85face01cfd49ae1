"""What feedback offers to the pages that gather."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import median
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from courses.feedback.digests.jobs import JOBS
from courses.feedback.digests.queries import list_contacts_at
from courses.feedback.joining import join_feedback
from courses.feedback.models import CourseContact, FeedbackKind, FeedbackState
from courses.feedback.queries import (
    Filter,
    count_fixed,
    count_received,
    count_reports,
    list_days_to_fix,
    list_me_too_of,
    list_reports,
    list_reports_of,
)
from courses.feedback.scenes import play
from courses.feedback.words import state_words
from tierslieu.house import (
    Card,
    Column,
    Figure,
    HomeCard,
    Indicator,
    PersonalData,
    ResearchTable,
    Scene,
    TimelineEvent,
    TimelineSource,
)
from tierslieu.house_joining import Joining
from tierslieu.people.models import FACILITATOR
from tierslieu.people.queries import list_own_addresses
from tierslieu.register import Basis
from tierslieu.web.written import Theirs


def timeline(db: Session, user_id: UUID, now: datetime) -> Iterable[TimelineEvent]:
    """What a person reported and what became of it."""
    for report in list_reports_of(db, [user_id]):
        where = Theirs(f"{report.step.version.path.short_title}, {report.step.title}")
        url = "/mes-signalements"
        yield TimelineEvent(report.created_at, str(_("Signalement envoyé")), where, "feedback", url)
        for event in report.events:
            if event.merged_into_id is not None:
                title = str(_("Signalement réuni à un autre"))
            else:
                state = str(state_words()[event.to_state])
                title = str(_("Signalement : %(state)s", state=state))
            yield TimelineEvent(event.at, title, where, "feedback", url)


def facilitator_cards(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """New reports, if there are any."""
    new = Filter(state=FeedbackState.NEW)
    count = count_reports(db, new)
    if count:
        context = {"count": count, "newest": list_reports(db, new, limit=3)}
        yield Card("feedback/_card_new.html", context, urgency=30, span=6)


def export(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    """A person's reports with what was answered."""
    return [
        {
            "path": report.step.version.path.slug,
            "step": report.step.title,
            "unit": report.unit,
            "location": report.location,
            "kind": report.kind.value,
            "body": report.body,
            "state": report.state.value,
            "created_at": report.created_at.isoformat(),
            "picture": report.picture.filename if report.picture else None,
            "picture_sha256": report.picture.sha256 if report.picture else None,
            "picture_text": report.picture_text,
            "me_too": len(report.me_too),
            "upstream_url": report.upstream_url,
            "history": [
                {
                    "at": e.at.isoformat(),
                    "to_state": e.to_state.value,
                    "word": e.word,
                    "merged": e.merged_into_id is not None,
                }
                for e in report.events
            ],
        }
        for report in list_reports_of(db, [user_id])
    ]


def erase(db: Session, user_id: UUID) -> None:
    """Cut the tie to the person; what the course should mend stays, without its screenshot."""
    for report in list_reports_of(db, [user_id]):
        upload = report.picture
        report.author_id, report.picture, report.picture_text = None, None, ""
        if upload is not None:
            db.flush()
            db.delete(upload)
    db.flush()


def export_me_too(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    """Where a person said «moi aussi», and what they added; not what others wrote."""
    return [
        {
            "path": report.step.version.path.slug,
            "step": report.step.title,
            "report": str(report.id),
            "state": report.state.value,
            "detail": said.detail,
            "wants_mail": said.wants_mail,
            "at": said.at.isoformat(),
        }
        for said, report in list_me_too_of(db, user_id)
    ]


def erase_me_too(db: Session, user_id: UUID) -> None:
    """Cut the tie to the person, and empty what they added; the count stays, for the course."""
    for said, _report in list_me_too_of(db, user_id):
        said.user_id, said.detail = None, ""
    db.flush()


def _contacts_of(db: Session, user_id: UUID) -> list[CourseContact]:
    # Proved ones only: whoever types the address of somebody else learns nothing of it.
    own = list_own_addresses(db, user_id)
    return [contact for email in own for contact in list_contacts_at(db, email)]


def export_contacts(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    """The courses whose digest goes to this person's proved addresses."""
    return [
        {
            "path": contact.path.slug,
            "email": contact.email,
            "added_at": contact.added_at.isoformat(),
            "unsubscribed_at": contact.unsubscribed_at and contact.unsubscribed_at.isoformat(),
        }
        for contact in _contacts_of(db, user_id)
    ]


def erase_contacts(db: Session, user_id: UUID) -> None:
    """Write to this person's addresses no more."""
    for contact in _contacts_of(db, user_id):
        db.delete(contact)
    db.flush()


def days_to_fix(db: Session, since: datetime, until: datetime) -> Figure:
    """The median, in whole days, with how many reports it is drawn from."""
    found = list_days_to_fix(db, since=since, until=until)
    return Figure(round(median(found)) if found else 0, made_of=len(found))


RESEARCH_COLUMNS = (
    Column("path", "string", "Parcours (identifiant du catalogue)"),
    Column("version", "integer", "Version du parcours"),
    Column("step", "integer", "Rang de l’étape dans cette version"),
    Column("names_unit", "boolean", "Le retour nomme une unité de l’étape"),
    Column("names_place", "boolean", "Le retour précise l’endroit"),
    Column(
        "kind",
        "string",
        "Genre du retour",
        {
            FeedbackKind.ERROR.value: "erreur",
            FeedbackKind.UNCLEAR.value: "pas clair",
            FeedbackKind.MISSING.value: "manque",
            FeedbackKind.SUGGESTION.value: "proposition",
        },
    ),
    Column(
        "state",
        "string",
        "État du retour au moment de l’export",
        {
            FeedbackState.NEW.value: "nouveau",
            FeedbackState.CONFIRMED.value: "confirmé",
            FeedbackState.SENT.value: "transmis",
            FeedbackState.FIXED.value: "corrigé",
            FeedbackState.REFUSED.value: "non retenu",
        },
    ),
    Column("characters", "integer", "Longueur du texte, arrondie à la centaine de caractères"),
    Column("answered_after_days", "integer", "Jours entiers jusqu’à la première réponse"),
    Column("me_too", "integer", "Personnes de plus qui ont dit « moi aussi »"),
    Column("merged", "boolean", "Le retour a été réuni à un autre, qui dit la même chose"),
    Column("has_picture", "boolean", "Une capture d’écran est jointe"),
)


def research_rows(
    db: Session, user_ids: Sequence[UUID]
) -> Iterable[tuple[UUID, datetime, Sequence[Any]]]:
    """One row a report; its words are left out, for a text may name its author."""
    for report in list_reports_of(db, user_ids):
        assert report.author_id is not None
        first = report.events[0].at - report.created_at if report.events else None
        yield (
            report.author_id,
            report.created_at,
            (
                report.step.version.path.slug,
                report.step.version.number,
                report.step.position,
                bool(report.unit),
                bool(report.location),
                report.kind.value,
                report.state.value,
                # Coarse on purpose: who reads the reports by name must not find a row by its size.
                round(len(report.body), -2),
                first.days if first is not None else None,
                len(report.me_too),
                report.merged_into_id is not None,
                report.picture_id is not None,
            ),
        )


OFFERS = (
    Joining("feedback", tables=frozenset({"course_feedback_me_too"}), join=join_feedback),
    TimelineSource("feedback", timeline),
    HomeCard("new_feedback", frozenset({FACILITATOR}), facilitator_cards),
    PersonalData(
        "course_feedback",
        _l("Ce que vous signalez sur les cours, la capture que vous y joignez, et les réponses."),
        _l(
            "Pour que l’équipe du cours corrige, et pour vous répondre. Elle reçoit le texte sans "
            "votre nom ; lu par l’équipe du lieu, il peut être montré, sans nom, à qui signale sur "
            "la même étape. La capture n’est vue que de vous et de l’équipe du lieu."
        ),
        _l("Mission d’intérêt public du lieu : améliorer les cours."),
        _l("Votre nom en est détaché avec votre compte ; le texte reste, pour corriger le cours."),
        export,
        erase,
        treatment="learning",
        grounds=(Basis.PUBLIC_TASK,),
    ),
    PersonalData(
        "course_feedback_me_too",
        _l("Les signalements d’autrui où vous dites « moi aussi », et ce que vous y ajoutez."),
        _l(
            "Pour que l’équipe du cours sache combien de personnes butent au même endroit, et pour "
            "vous dire la fin si vous le voulez. Seul leur nombre lui parvient ; ce que vous "
            "ajoutez est lu par l’équipe du lieu."
        ),
        _l("Mission d’intérêt public du lieu : améliorer les cours."),
        _l(
            "Jusqu’à ce que vous le retiriez. Avec votre compte partent votre nom et vos mots ; "
            "le nombre reste."
        ),
        export_me_too,
        erase_me_too,
        treatment="learning",
        grounds=(Basis.PUBLIC_TASK,),
    ),
    PersonalData(
        "course_contacts",
        _l("Les parcours dont les retours arrivent chaque semaine à une de vos adresses mail."),
        _l("Pour dire à l’équipe d’un cours ce qu’il faut y corriger."),
        _l("Intérêt légitime : améliorer les cours. Chaque mail permet de se désabonner."),
        _l(
            "Jusqu’à ce que l’équipe du lieu retire l’adresse, ou que votre compte soit effacé. "
            "Après un désabonnement, elle reste notée pour qu’on n’y écrive plus."
        ),
        export_contacts,
        erase_contacts,
        treatment="mails",
        grounds=(Basis.LEGITIMATE,),
    ),
    ResearchTable(
        "course_feedback", "Retours sur les cours, sans leur texte", RESEARCH_COLUMNS, research_rows
    ),
    Indicator(
        "feedback_handled",
        _l("Retours traités"),
        _l(
            "Parmi les retours sur les cours reçus pendant la période, ceux auxquels l’équipe a "
            "donné une suite : confirmés, transmis, corrigés ou non retenus."
        ),
        lambda db, since, until: Figure(*count_received(db, since, until)),
    ),
    Indicator(
        "feedback_days_to_fix",
        _l("Temps médian de correction, en jours"),
        _l(
            "Parmi les retours notés « corrigé » pendant la période, et qui le sont encore, le "
            "nombre de jours de l’arrivée du retour à cette note : la moitié a demandé moins, "
            "l’autre plus. Masqué sous cinq retours."
        ),
        days_to_fix,
    ),
    Indicator(
        "feedback_fixed",
        _l("Retours corrigés dans le cours"),
        _l(
            "Parmi les retours reçus pendant la période, sans les doubles, ceux qui sont corrigés "
            "à ce jour ; le reste ne l’est pas encore, ou n’est pas retenu."
        ),
        lambda db, since, until: Figure(*count_fixed(db, since, until)),
    ),
    *JOBS,
    Scene("feedback", play),
)
