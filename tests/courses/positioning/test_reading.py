"""What answers lead to: always something, always why, always the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from courses.paths.facts import PathFacts
from courses.paths.rules import read_catalogue
from courses.positioning.facts import ProposalKind, QuizFacts
from courses.positioning.reading import (
    UNKNOWN,
    Around,
    Result,
    Verdict,
    read_answers,
    tidy_answers,
)
from courses.positioning.rules import read_shipped
from tests.support.courses import path_facts, step_facts
from tests.support.positioning import choice, question, quiz_facts

QUIZ = QuizFacts.model_validate(quiz_facts())
STEPS = PathFacts.model_validate(
    path_facts(steps=[step_facts("A"), step_facts("B", needs=["a"]), step_facts("C")])
).steps
AROUND = Around(STEPS, {"facile": "Facile", "loin": "Loin"})
KEYS = ["a", "b", "c", "gone"]


@st.composite
def some_quizzes(draw: st.DrawFn) -> QuizFacts:
    """Questions as anybody might write them, about steps and paths that may be gone."""
    proposals: list[dict[str, Any]] = []
    for number in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(ProposalKind))
        target = draw(st.sampled_from(KEYS if kind.is_of_step else ["facile", "loin", "gone"]))
        proposals.append(
            {
                "key": f"p{number}",
                "kind": kind.value,
                "step" if kind.is_of_step else "path": target,
                "at_least": draw(st.integers(1, 3)),
            }
        )
    keys = st.lists(st.sampled_from([p["key"] for p in proposals] or ["none"]), max_size=3)
    questions = [
        question(
            f"q{number}",
            *(choice(f"c{one}", *draw(keys)) for one in range(draw(st.integers(1, 4)))),
            is_several=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 6)))
    ]
    return QuizFacts.model_validate(quiz_facts(proposals=proposals, questions=questions))


raw_answers = st.dictionaries(
    st.sampled_from([f"q{n}" for n in range(7)]),
    st.lists(st.sampled_from(["c0", "c1", "c2", "c3", UNKNOWN, "strange"]), max_size=4),
)


def read(quiz: QuizFacts, raw: Any, around: Around = AROUND) -> Result:
    return read_answers(quiz, tidy_answers(quiz, raw), around)


@given(some_quizzes(), raw_answers)
def test_any_answers_lead_somewhere_and_say_why(quiz: QuizFacts, raw: Any) -> None:
    result = read(quiz, raw)
    assert result.verdict in Verdict  # the path itself is always there; the verdict says how
    everything = (*result.first, *result.others, *result.known)
    for proposal in everything:
        assert len(proposal.reasons) >= proposal.at_least >= 1
        assert proposal.path in (None, "facile", "loin")
        if proposal.step is not None:  # a step of now, and what opens it
            assert proposal.step in STEPS
            assert {one.key for one in proposal.needs} == set(proposal.step.needs)
    targets = [one.path or f"step {one.step.key if one.step else ''}" for one in everything]
    assert len(set(targets)) == len(targets)  # nothing is both to do and to skip, nor said twice
    if result.verdict is Verdict.AT_ONCE:
        assert not result.first + result.others
    if result.first or result.easier:
        assert not result.further


@given(some_quizzes(), raw_answers)
def test_the_same_answers_always_lead_to_the_same(quiz: QuizFacts, raw: Any) -> None:
    turned = {key: raw[key][::-1] for key in reversed(raw)}
    several = all(one.is_several for one in quiz.questions)
    assert read(quiz, raw) == read(quiz, raw)
    if several:  # the order in which a form sends its ticks changes nothing
        assert read(quiz, turned) == read(quiz, raw)


@given(some_quizzes())
def test_not_knowing_speaks_for_nothing(quiz: QuizFacts) -> None:
    unsure = read(quiz, {one.key: [UNKNOWN] for one in quiz.questions})
    assert unsure.verdict is Verdict.UNSAID
    assert not unsure.first + unsure.others + unsure.known
    assert unsure.unsure == len(quiz.questions)


def test_each_rule_is_made_by_the_answers_it_names() -> None:
    first = read(QUIZ, {"un": ["non"]})
    assert first.verdict is Verdict.STEPS_FIRST
    (step,) = first.first
    assert (step.title, [one.title for one in step.needs]) == ("B\u00a0· Étape B", ["Étape A"])
    assert step.reasons[0].answers == ("Réponse non",)
    assert not first.easier  # it takes two
    assert read(QUIZ, {"un": ["non"], "deux": ["non"]}).verdict is Verdict.EASIER
    assert read(QUIZ, {"un": ["oui"], "deux": ["oui"]}).verdict is Verdict.FURTHER
    known = read(QUIZ, {"trois": ["x", "y", UNKNOWN]})
    assert known.verdict is Verdict.AT_ONCE
    assert [one.step.key for one in known.known if one.step] == ["a"]


def test_of_a_single_choice_one_answer_counts() -> None:
    assert tidy_answers(QUIZ, {"un": ["non", "oui"], "trois": ["y", "x"]}) == {
        "un": ("oui",),
        "trois": ("x", "y"),
    }


def test_a_step_that_is_gone_is_never_proposed() -> None:
    without = Around([one for one in STEPS if one.key != "b"], {})
    assert read(QUIZ, {"un": ["non"], "deux": ["non"]}, without).verdict is Verdict.AT_ONCE


def test_every_shipped_quiz_can_lead_to_each_of_its_proposals() -> None:
    catalogue = {one["slug"]: PathFacts.model_validate(one) for one in read_catalogue()}
    for entry in read_shipped():
        quiz = QuizFacts.model_validate(entry)
        titles = {slug: path.title for slug, path in catalogue.items() if slug != quiz.path}
        around = Around(catalogue[quiz.path].steps, titles)
        for proposal in quiz.proposals:
            # Whoever gives every answer that speaks for it, and no other, is offered it.
            answers = {
                one.key: [c.key for c in one.choices if proposal.key in c.counts_for]
                for one in quiz.questions
            }
            result = read(quiz, answers, around)
            made = (*result.first, *result.others, *result.known)
            offered = {one.path or (one.step.key if one.step else "") for one in made}
            hidden = proposal.kind in (ProposalKind.FURTHER_PATH, ProposalKind.SKIP_STEP)
            assert proposal.target in offered or hidden, (quiz.path, proposal.key)
