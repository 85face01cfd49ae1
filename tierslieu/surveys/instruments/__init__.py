"""What a questionnaire is made of, what may be answered to it, and what its scales say.

Pure: no database, no page. An instrument is a JSON document (``../shipped/*.json``, or written on
the page): pages of items, each with its whole wording and a short label (80 characters at most:
data files cut longer ones), and scales made of items. A version never changes once somebody
answered it: its hash says so.
"""
