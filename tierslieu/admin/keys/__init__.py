"""The keys of the place: those that sign badges, and those by which programs come in."""
