"""What answers lead to. No score: a proposal is made when enough answers speak for it, and says
which; the same answers always lead to the same.

Nothing here asks the database: whoever reads says which steps and paths there are now.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from courses.paths.facts import StepFacts
from courses.positioning.facts import Choices, ProposalFacts, ProposalKind, QuestionFacts, QuizFacts

UNKNOWN = "ne-sais-pas"  # always an answer; it speaks for nothing and against nothing


class Verdict(enum.Enum):
    """What comes first: too little was said, this path at once, some of its steps before the
    others, another path that is easier, another that goes further."""

    UNSAID = "unsaid"
    AT_ONCE = "at_once"
    STEPS_FIRST = "steps_first"
    EASIER = "easier"
    FURTHER = "further"


@dataclass(frozen=True)
class Around:
    """The path as it stands now: its steps in order, and the titles of the other paths that are
    proposed, by slug."""

    steps: Sequence[StepFacts]
    paths: Mapping[str, str]

    def step(self, key: str | None) -> StepFacts | None:
        """The step of that key, while there is one."""
        return next((step for step in self.steps if step.key == key), None)


@dataclass(frozen=True)
class Reason:
    """«You answered that …»: a question and what was ticked there."""

    question: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """Something proposed, and why. ``needs``: the steps that come before this one."""

    kind: ProposalKind
    title: str
    reasons: tuple[Reason, ...]
    at_least: int
    step: StepFacts | None = None
    path: str | None = None
    needs: tuple[StepFacts, ...] = ()


@dataclass(frozen=True)
class Result:
    """All that the answers propose. The path itself is always there: ``verdict`` says how."""

    verdict: Verdict
    first: tuple[Proposal, ...] = ()
    easier: tuple[Proposal, ...] = ()
    further: tuple[Proposal, ...] = ()
    known: tuple[Proposal, ...] = ()
    unsure: int = 0  # questions without an answer, or «I do not know»
    said: tuple[Reason, ...] = ()  # what was answered and speaks for no step or path before

    @property
    def others(self) -> tuple[Proposal, ...]:
        """The other paths, the easier before those that go further."""
        return self.easier + self.further


def tidy_answers(quiz: QuizFacts, raw: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Of what was sent, the answers there are, in the order of the questions: one where one is
    asked; «I do not know» beside nothing else. Anything strange is no answer."""
    found = {}
    for question in quiz.questions:
        sent = set(raw.get(question.key, ()))
        ticked = tuple(one.key for one in question.choices if one.key in sent)
        if ticked:
            found[question.key] = ticked if question.is_several else ticked[:1]
        elif UNKNOWN in sent:
            found[question.key] = (UNKNOWN,)
    return found


def read_answers(quiz: QuizFacts, answers: Choices, around: Around) -> Result:
    """What ``answers`` (as :func:`tidy_answers` gives them) propose, for the path as it is now."""
    made = [
        proposal
        for facts in quiz.proposals
        if (proposal := _propose(quiz, facts, answers, around)) is not None
    ]
    by_kind = {kind: _once([one for one in made if one.kind is kind]) for kind in ProposalKind}
    order = {step.key: place for place, step in enumerate(around.steps)}
    first = sorted(by_kind[ProposalKind.FIRST_STEP], key=lambda one: order[_key(one)])
    to_do = {_key(one) for one in first}
    known = [one for one in by_kind[ProposalKind.SKIP_STEP] if _key(one) not in to_do]
    easier = by_kind[ProposalKind.EASIER_PATH]
    lower = {one.path for one in easier}
    # Who has something to learn before does not need what goes further.
    further = (
        []
        if first or easier
        else [one for one in by_kind[ProposalKind.FURTHER_PATH] if one.path not in lower]
    )
    answered = [key for key, ticked in answers.items() if ticked and ticked != (UNKNOWN,)]
    return Result(
        verdict=_verdict(answered, first, easier, further),
        first=tuple(first),
        easier=tuple(easier),
        further=tuple(further),
        known=tuple(sorted(known, key=lambda one: order[_key(one)])),
        unsure=len(quiz.questions) - len(answered),
        said=_said(quiz, answers),
    )


def _verdict(
    answered: Sequence[str],
    first: Sequence[Proposal],
    easier: Sequence[Proposal],
    further: Sequence[Proposal],
) -> Verdict:
    if not answered:
        return Verdict.UNSAID
    if easier:
        return Verdict.EASIER
    if first:
        return Verdict.STEPS_FIRST
    return Verdict.FURTHER if further else Verdict.AT_ONCE


def _key(proposal: Proposal) -> str:
    return proposal.step.key if proposal.step else ""


def _once(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Two rules may propose the same thing: it stands once, for the reasons of the first."""
    found: dict[tuple[str, str | None], Proposal] = {}
    for one in proposals:
        found.setdefault((_key(one), one.path), one)
    return list(found.values())


def _propose(
    quiz: QuizFacts, facts: ProposalFacts, answers: Choices, around: Around
) -> Proposal | None:
    reasons = tuple(_reasons(quiz.questions, facts.key, answers))
    if len(reasons) < facts.at_least:
        return None
    if not facts.kind.is_of_step:
        title = around.paths.get(facts.path or "")
        if title is None or facts.path == quiz.path:
            return None
        return Proposal(facts.kind, title, reasons, facts.at_least, path=facts.path)
    step = around.step(facts.step)
    if step is None:  # gone from the path since
        return None
    needs = tuple(one for one in around.steps if one.key in step.needs)
    return Proposal(facts.kind, name_of(step), reasons, facts.at_least, step=step, needs=needs)


def name_of(step: StepFacts) -> str:
    """``Bloc 2 · Programmation``; the title alone where the source has no code."""
    return f"{step.code}\u00a0· {step.title}" if step.code else step.title


def _reasons(questions: Sequence[QuestionFacts], key: str, answers: Choices) -> Iterable[Reason]:
    for question in questions:
        ticked = answers.get(question.key, ())
        texts = tuple(
            one.text for one in question.choices if one.key in ticked and key in one.counts_for
        )
        if texts:
            yield Reason(question.text, texts)


def _said(quiz: QuizFacts, answers: Choices) -> tuple[Reason, ...]:
    """The answers that hold nobody back: why the path may be begun at once."""
    before = {
        one.key
        for one in quiz.proposals
        if one.kind in (ProposalKind.FIRST_STEP, ProposalKind.EASIER_PATH)
    }
    found = []
    for question in quiz.questions:
        ticked = answers.get(question.key, ())
        texts = tuple(
            one.text
            for one in question.choices
            if one.key in ticked and not before.intersection(one.counts_for)
        )
        if texts:
            found.append(Reason(question.text, texts))
    return tuple(found)
