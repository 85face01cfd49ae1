"""A person's words in somebody else's tracker: read as they were written, obeyed by nobody.

GitHub and GitLab link, ping and act on what a text holds (``@name``, ``#1``, ``!2``, a line that
begins with ``/close``), even behind a backslash. Nothing of it works inside a block of code, and
GitLab's quick actions stand at the beginning of a line; a title can't hold a block of code, so
there what makes a reference is cut in two by a space that is not seen.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata

ZERO_WIDTH = "\u200b"
WIDTH = 100  # characters a line: a block of code does not wrap by itself
_FENCE = re.compile("`{3,}")
# Signs that GitLab's references begin with, GitHub's among them, and addresses.
_REFERENCES = re.compile(r"(?<=[@#!~%&$^*:\[\]<>`_|\\/])(?=\S)|(?<=\bGH|\bGL)(?=-)", re.IGNORECASE)


def visible(text: str) -> str:
    """Without what is not seen: control characters, and those that turn the reading direction."""
    return "".join(
        c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )


def block(text: str) -> str:
    """Some paragraphs as a block of code, its lines wrapped; no line begins with a slash."""
    lines = [
        part
        for line in visible(text.replace("\r\n", "\n").replace("\r", "\n")).splitlines()
        for part in textwrap.wrap(
            line, WIDTH, break_long_words=False, break_on_hyphens=False, drop_whitespace=False
        )
        or [""]
    ]
    kept = "\n".join(_harmless_line(line) for line in lines)
    return f"```text\n{kept}\n```"


def _harmless_line(line: str) -> str:
    # No longer fence is needed, which simple readers would not know: there is none in the text.
    line = _FENCE.sub(lambda match: ZERO_WIDTH.join(match[0]), line)
    line = line.rstrip()
    return ZERO_WIDTH + line if line.lstrip().startswith("/") else line


def span(text: str) -> str:
    """A few words as code within a line: on one line, whatever they hold; nothing for nothing."""
    words = " ".join(visible(text).split()).replace("`", "ˋ")
    return f"`{words}`" if words else ""


def title(text: str, most: int = 120) -> str:
    """One line of at most ``most`` seen characters that refers to nobody and to nothing."""
    words = " ".join(visible(text).split())
    if len(words) > most:
        words = words[: most - 1].rstrip() + "…"
    return _REFERENCES.sub(ZERO_WIDTH, words)
