"""A person's rights over their data: reading all of it, taking it away, leaving."""
