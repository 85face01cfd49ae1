"""The figures of results in French: two decimals, signs, intervals; pure functions."""

from __future__ import annotations

from babel.numbers import format_decimal
from flask_babel import gettext as _

from tierslieu.evaluation.disclosure import ShownShare
from tierslieu.evaluation.results.scales import ScaleChange, ScaleScores
from tierslieu.evaluation.statistics.change import Change
from tierslieu.evaluation.statistics.intervals import Interval
from tierslieu.evaluation.statistics.verdict import LEAST_PAIRS, LEAST_ROWS, Verdict
from tierslieu.web import formats
from tierslieu.web.formats import NNBSP, number
from tierslieu.web.languages import LOCALES, current

MINUS = "\u2212"


def decimal(value: float | None) -> str:
    """``3,42`` or ``−0,50``; a dash where there is none."""
    return "–" if value is None else _two(value)


def signed(value: float | None) -> str:
    """``+0,84``, ``−0,50`` or ``0,00``; a dash where there is none."""
    if value is None:
        return "–"
    text = _two(value)
    return f"+{text}" if value > 0 and text != _two(0) else text


def _two(value: float) -> str:
    rounded = round(value, 2) or 0.0  # no minus before zero
    text = str(format_decimal(rounded, format="#,##0.00", locale=LOCALES[current()]))
    return text.replace("\u00a0", NNBSP).replace("-", MINUS)


def between(interval: Interval | None) -> str:
    """``de +0,41 à +1,22``, or that it cannot be worked out."""
    if interval is None:
        return str(_("non calculable"))
    return str(_("de %(low)s à %(high)s", low=signed(interval.low), high=signed(interval.high)))


def count(value: int | None) -> str:
    """A number of people, or that it is hidden."""
    return str(_("masqué")) if value is None else number(value)


def percent(shown: ShownShare) -> str:
    """``32,5 %``, or that it is hidden."""
    if shown.percent is None:
        return str(_("masqué")) if shown.part is None else "–"
    return formats.percent(shown.percent)


def share(value: float) -> str:
    """``33 %`` of a share out of 100: what is drawn is read to the point, not closer."""
    return formats.percent(round(value))


def reach(change: Change) -> float:
    """How far an axis goes on both sides of 0 to show a difference and its interval, above 0."""
    interval = change.difference_interval
    ends = [change.difference or 0.0, *((interval.low, interval.high) if interval else ())]
    return max(abs(one) for one in ends) * 1.25 or 1.0


def alpha_words(scores: ScaleScores) -> str:
    """The alpha, or why there is none."""
    found = scores.reliability
    if found is None:
        return str(_("masqué"))
    if found.alpha is None:
        return str(_("une seule question") if found.k < 2 else _("non calculable"))
    return decimal(found.alpha)


def doubt_of_alpha(scores: ScaleScores) -> str:
    """Why one may not rely on an alpha; empty where one may, or without one."""
    if scores.reliability is None or scores.verdict is not Verdict.TOO_FEW:
        return ""
    return str(
        _(
            "Alpha : n trop petit pour conclure. %(n)s personnes ont répondu à toutes ses "
            "questions, il en faut %(least)s au moins.",
            n=number(scores.reliability.n),
            least=LEAST_ROWS,
        )
    )


def doubt_of_change(change: ScaleChange) -> str:
    """Why one may not conclude from a change; empty where one may, or without one."""
    if change.n is None or change.verdict is not Verdict.TOO_FEW:
        return ""
    return str(
        _(
            "n trop petit pour conclure : %(n)s paires, il en faut %(least)s au moins.",
            n=number(change.n),
            least=LEAST_PAIRS,
        )
    )
