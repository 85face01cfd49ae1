"""For whom a badge waits in a large place: the list made at night (``tierslieu/nightly``), and what
changed since. It proposes; who is shown is judged again, and again when the badge is given."""
