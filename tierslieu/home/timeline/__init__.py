"""A person's timeline (*frise*): all that happened and what is next, in three phases."""
