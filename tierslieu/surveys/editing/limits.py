"""How long what one writes may be: the same on the page and in a file that is imported."""

from __future__ import annotations

MOST_TITLE = 120  # characters of a title, of a page or of a questionnaire; of a licence
MOST_TEXT = 1000  # of a question
MOST_INTRO = 2000  # of a page's first words, of a source, of what is said of scores
MOST_UNIT, MOST_END = 40, 60  # of a unit, of the words at an end of a slider
MOST_LINES = 40  # answers, or rows, of a question
MOST_IN_LINES = 4000  # characters of all of them, as one writes them
MOST_MINUTES = 90
MOST_STEP = 1_000_000
MOST_CODES = 400  # characters of the codes of a condition
