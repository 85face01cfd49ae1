"""Which pages and items are asked, given what was answered before them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tierslieu.surveys.instruments.items import Item, Questionnaire, Sheet


def is_asked(page: Sheet, before: Mapping[str, str]) -> bool:
    """Whether a page is asked after these answers."""
    return page.when is None or page.when.holds(before)


def asked_items(
    questionnaire: Questionnaire, answers: Mapping[str, str]
) -> Iterator[tuple[int, Item]]:
    """Every item that is asked, with the index of its page.

    An answer to what is not asked any more (somebody went back and chose otherwise) counts for
    nothing in the conditions that follow.
    """
    kept: dict[str, str] = {}
    for number, page in enumerate(questionnaire.pages):
        if not is_asked(page, kept):
            continue
        for item in page.items:
            if item.when is None or item.when.holds(kept):
                yield number, item
                names = [one.name for one in item.variables if one.name in answers]
                kept |= {name: answers[name] for name in names}


def effective_answers(questionnaire: Questionnaire, answers: Mapping[str, str]) -> dict[str, str]:
    """``answers`` without those to what is not asked."""
    names = [
        one.name for _page, item in asked_items(questionnaire, answers) for one in item.variables
    ]
    return {name: answers[name] for name in names if name in answers}


def answers_before(
    questionnaire: Questionnaire, number: int, answers: Mapping[str, str]
) -> dict[str, str]:
    """What was answered on the pages before the one of index ``number``."""
    names = {
        one.name
        for page, item in asked_items(questionnaire, answers)
        if page < number
        for one in item.variables
    }
    return {name: text for name, text in answers.items() if name in names}


def asked_pages(questionnaire: Questionnaire, answers: Mapping[str, str]) -> list[int]:
    """The indexes of the pages that are asked: those with an item that is, and those that have
    none of their own accord, for they only say something."""
    with_items = {number for number, _item in asked_items(questionnaire, answers)}
    return [
        number
        for number, page in enumerate(questionnaire.pages)
        if number in with_items
        or (not page.items and is_asked(page, answers_before(questionnaire, number, answers)))
    ]


def first_gap(questionnaire: Questionnaire, answers: Mapping[str, str]) -> int | None:
    """The index of the first page that is asked and still waits for a required answer."""
    for number, item in asked_items(questionnaire, answers):
        if item.required and any(one.name not in answers for one in item.variables):
            return number
    return None


def page_to_resume(questionnaire: Questionnaire, answers: Mapping[str, str], reached: int) -> int:
    """The index of the page at which one goes on who had come to page ``reached``: there, or at
    what is missing before, on a page that going back and choosing otherwise brought in."""
    gap = first_gap(questionnaire, answers)
    if gap is not None and gap <= reached:
        return gap
    asked = asked_pages(questionnaire, answers)
    return max((one for one in asked if one <= reached), default=asked[0])
