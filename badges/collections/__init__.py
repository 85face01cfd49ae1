"""Several badges under one title, signed and shown together."""
