"""The welcome pack of who is accepted."""
