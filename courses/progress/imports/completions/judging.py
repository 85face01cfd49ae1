"""From a completion report of Moodle to outcomes: which activity is about which step, under the
settings of the path."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from flask_babel import gettext as _

from courses.progress.imports.completions.reading import CompletionLine, CompletionReport
from courses.progress.imports.completions.words import Completion, read_when
from courses.progress.imports.grading import MAX_NAME
from courses.progress.imports.models import CompletionSettings, Provider
from courses.progress.imports.outcomes import Origin, Outcome
from courses.progress.imports.reading import MAX_WRITTEN
from courses.progress.models import RecordSource
from tierslieu.errors import Refused
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.web.formats import long_day

AHEAD = timedelta(days=1)  # what another clock, or another zone, may be before ours
EMAIL, USERNAME = "email", "username"
_SAYS_EMAIL = re.compile(r"e-?mail\b|courriel|mél\b", re.IGNORECASE)
_SAYS_USERNAME = re.compile(r"username|nom d.utilisateur|identifiant de connexion", re.IGNORECASE)


def guess_identity(title: str) -> str:
    """What a column seems to say of people, for a form to propose: ``email``, ``username``, or
    nothing."""
    if _SAYS_EMAIL.search(title):
        return EMAIL
    return USERNAME if _SAYS_USERNAME.search(title) else ""


class Plan:
    """How a path's completion reports are read: what is remembered, or nothing yet."""

    def __init__(self, settings: CompletionSettings | None) -> None:
        self.is_set = settings is not None
        self.provider = settings.provider if settings else Provider.MOODLE
        # The name of an activity, and the key of the step it is about: empty for «not counted».
        self.activities = (
            {a["activity"]: a["step"] for a in settings.activities} if settings else {}
        )
        # The title of a column, and what it says of the person.
        self.identities = {i["column"]: i["says"] for i in settings.identities} if settings else {}

    @property
    def origin(self) -> Origin:
        """Where these outcomes come from."""
        apart = frozenset(key for key in self.activities.values() if key)
        return Origin(RecordSource.MOODLE, self.provider, apart)

    def new_in(self, report: CompletionReport) -> list[str]:
        """The activities of this report of which nothing was said yet."""
        return [name for name in report.activities if name not in self.activities]

    def column(self, report: CompletionReport, says: str) -> str:
        """The title of the column that says this; empty for none."""
        return next((t for t in report.identities if self.identities.get(t) == says), "")

    def can_read(self, report: CompletionReport) -> bool:
        """Whether somebody said who the people of this report are."""
        return bool(self.column(report, EMAIL) or self.column(report, USERNAME))

    def steps(self, report: CompletionReport) -> dict[str, list[str]]:
        """The activities of this report by the key of their step."""
        found: dict[str, list[str]] = {}
        for name in report.activities:
            if self.activities.get(name):
                found.setdefault(self.activities[name], []).append(name)
        return found


def check_plan(report: CompletionReport, plan: Plan) -> None:
    """Raises :class:`Refused` ``mapping_missing`` where nobody said yet what counts."""
    if not plan.can_read(report) or not plan.steps(report):
        raise Refused(
            _(
                "Personne n’a encore dit quelle activité de ce relevé de Moodle valide quelle "
                "étape : donnez-le d’abord sur la page du parcours, qui s’en souviendra."
            ),
            code="mapping_missing",
            field="file",
            status=422,
        )


def judge_completions(
    report: CompletionReport, plan: Plan, filename: str, now: datetime
) -> list[Outcome]:
    """One outcome a line."""
    reader = _Reader(report, plan, filename[:MAX_NAME], now)
    return [reader.judge(line) for line in report.lines]


class _Fault(ValueError):
    """Why a line is not used."""


class _Reader:
    def __init__(self, report: CompletionReport, plan: Plan, filename: str, now: datetime) -> None:
        self.report, self.filename, self.now = report, filename, now
        self.steps = plan.steps(report)
        self.email_title = plan.column(report, EMAIL)
        self.username_title = plan.column(report, USERNAME)

    def judge(self, line: CompletionLine) -> Outcome:
        email = self.report.identity(line, self.email_title)
        username = self.report.identity(line, self.username_title)[: MAX_WRITTEN + 1]
        written = (email or username)[:MAX_WRITTEN]
        if line.fault:
            return Outcome(line.position, written, fault=line.fault)
        if not written or len(username) > MAX_WRITTEN:
            fault = _("il n’y a ni adresse ni identifiant pour reconnaître la personne")
            return Outcome(line.position, written, fault=str(fault))
        try:
            address = normalise_email(email) if email else None
        except BadAddress:
            address = None
            if not username:
                fault = _("l’adresse n’est pas complète")
                return Outcome(line.position, written, fault=str(fault))
        try:
            done = self._done(line)
        except _Fault as fault_said:
            return Outcome(line.position, written, fault=str(fault_said))
        return Outcome(
            line.position,
            written,
            address,
            username,
            done={key: self._proof(line, key, when) for key, when in done.items()},
            times=done,
            merit=len(done),
            note=self._note(line),
        )

    def _done(self, line: CompletionLine) -> dict[str, datetime]:
        """The steps of which every activity is done, and when the last of them was."""
        found = {}
        for key, names in self.steps.items():
            places = [place for name in names for place in self.report.places[name]]
            if all(line.states[place] in (Completion.DONE, Completion.PASSED) for place in places):
                found[key] = max(self._when(line, place) for place in places)
        return found

    def _when(self, line: CompletionLine, place: int) -> datetime:
        written = self.report.date(line, place)
        when = read_when(written)
        if when is None:
            raise _Fault(_("la date « %(date)s » ne se lit pas", date=written[:60]))
        if when > self.now + AHEAD:
            raise _Fault(_("la date « %(date)s » est encore à venir", date=written[:60]))
        return min(when, self.now)

    def _proof(self, line: CompletionLine, key: str, when: datetime) -> str:
        place = f"{self.filename}, {_('ligne %(line)s', line=line.position)}"
        return f"{place}, {', '.join(self.steps[key])}\u00a0: {long_day(when)}"

    def _note(self, line: CompletionLine) -> str:
        """What somebody went through without the grade to pass, which is not counted."""
        missed = [
            name
            for names in self.steps.values()
            for name in names
            if any(line.states[p] is Completion.FAILED for p in self.report.places[name])
        ]
        if not missed:
            return ""
        names = ", ".join(missed)
        return str(
            _("terminée sans la note pour réussir, donc pas comptée : %(names)s", names=names)
        )
