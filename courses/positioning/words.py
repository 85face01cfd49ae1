"""Questions, proposals and results in words: the same on every page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from courses.paths.facts import StepFacts
from courses.positioning.facts import Goal, ProposalFacts, ProposalKind, QuizFacts
from courses.positioning.reading import Around, Proposal, Reason, Verdict, name_of
from tierslieu.web.formats import quoted


def goal_words() -> dict[Goal, str]:
    """What one comes for, as one would say it."""
    return {
        Goal.UNDERSTAND_AI: _("Comprendre l’intelligence artificielle"),
        Goal.TEACH: _("Enseigner l’informatique"),
        Goal.PROGRAM: _("Apprendre à programmer"),
        Goal.BRUSH_UP: _("Me remettre à niveau"),
    }


def kind_words() -> dict[ProposalKind, str]:
    """What a proposal proposes, for who writes it."""
    return {
        ProposalKind.FIRST_STEP: _("Commencer par une étape de ce parcours"),
        ProposalKind.EASIER_PATH: _("Suivre d’abord un parcours plus accessible"),
        ProposalKind.FURTHER_PATH: _("Suivre plutôt un parcours qui va plus loin"),
        ProposalKind.SKIP_STEP: _("Demander une dispense d’une étape déjà connue"),
    }


def verdict_words(title: str) -> dict[Verdict, str]:
    """The result in one line."""
    return {
        Verdict.UNSAID: _("« %(path)s » se commence au début, à votre rythme", path=title),
        Verdict.AT_ONCE: _("Vous pouvez commencer « %(path)s » tout de suite", path=title),
        Verdict.STEPS_FIRST: _("« %(path)s » vous va, en commençant par ceci", path=title),
        Verdict.EASIER: _("Un parcours plus accessible peut venir avant « %(path)s »", path=title),
        Verdict.FURTHER: _("Vous connaissez déjà une bonne part de « %(path)s »", path=title),
    }


def verdict_details() -> dict[Verdict, str]:
    """What that means, and that nobody has to follow it."""
    return {
        Verdict.UNSAID: _(
            "Vous n’avez pas répondu, ou vous ne savez pas encore : ce n’est pas un problème. Le "
            "parcours ne suppose rien de plus que l’envie d’essayer, et l’équipe vous aide."
        ),
        Verdict.AT_ONCE: _("Rien dans vos réponses ne demande une préparation."),
        Verdict.STEPS_FIRST: _(
            "Les étapes ci-dessous vous donneront ce qui manque pour être à l’aise ensuite."
        ),
        Verdict.EASIER: _(
            "Rien ne vous empêche de commencer celui-ci : c’est à vous de choisir ce qui vous "
            "tente."
        ),
        Verdict.FURTHER: _("Un autre parcours vous apprendrait davantage ; à vous de voir."),
    }


def proposal_title(proposal: Proposal) -> str:
    """What is proposed, in a few words."""
    said: dict[ProposalKind, str] = {
        ProposalKind.FIRST_STEP: _("Commencer par « %(title)s »", title=proposal.title),
        ProposalKind.EASIER_PATH: _("Suivre d’abord « %(title)s »", title=proposal.title),
        ProposalKind.FURTHER_PATH: _("Suivre plutôt « %(title)s »", title=proposal.title),
        ProposalKind.SKIP_STEP: quoted(proposal.title),
    }
    return said[proposal.kind]


def names_of(steps: Iterable[StepFacts]) -> str:
    """``« Bloc 1 », « Bloc 2 »``: those steps by name."""
    return ", ".join(quoted(name_of(step)) for step in steps)


def reason_words(reason: Reason) -> str:
    """«You answered … to …»."""
    return str(
        _(
            "Vous avez répondu %(answers)s à « %(question)s »",
            answers=", ".join(_("« %(answer)s »", answer=one) for one in reason.answers),
            question=reason.question,
        )
    )


def why_words(proposal: Proposal) -> str:
    """The rule that made the proposal."""
    if proposal.at_least == 1:
        return str(_("Une réponse suffit pour que cela vous soit proposé."))
    return str(
        ngettext(
            "Proposé dès %(least)s réponses en ce sens : vous en avez donné %(num)s.",
            "Proposé dès %(least)s réponses en ce sens : vous en avez donné %(num)s.",
            len(proposal.reasons),
            least=proposal.at_least,
        )
    )


def target_words(proposal: ProposalFacts, around: Around) -> str:
    """The step or the path that a written proposal is about; what it was called, if it is gone."""
    if proposal.kind.is_of_step:
        step = around.step(proposal.step)
        return name_of(step) if step else (proposal.step or "—")
    return around.paths.get(proposal.path or "", proposal.path or "—")


def short_words(proposal: ProposalFacts, around: Around) -> str:
    """A proposal beside a box to tick."""
    title = target_words(proposal, around)
    said: dict[ProposalKind, str] = {
        ProposalKind.FIRST_STEP: _("Étape d’abord : %(title)s", title=title),
        ProposalKind.EASIER_PATH: _("Parcours d’abord : %(title)s", title=title),
        ProposalKind.FURTHER_PATH: _("Parcours plutôt : %(title)s", title=title),
        ProposalKind.SKIP_STEP: _("Dispense : %(title)s", title=title),
    }
    return said[proposal.kind]


def speaking_words(quiz: QuizFacts, proposal: ProposalFacts) -> list[str]:
    """The answers that speak for a proposal, for who writes it."""
    return [
        str(_("« %(answer)s » à « %(question)s »", answer=one.text, question=question.text))
        for question in quiz.questions
        for one in question.choices
        if proposal.key in one.counts_for
    ]


def rule_words(proposal: ProposalFacts, speaking: Sequence[str]) -> str:
    """The rule of a proposal in a sentence; the answers it names follow."""
    if not speaking:
        return str(_("Aucune réponse ne parle encore pour elle."))
    return str(
        ngettext(
            "Proposée dès %(num)s question où l’on répond :",
            "Proposée dès %(num)s questions où l’on répond :",
            proposal.at_least,
        )
    )
