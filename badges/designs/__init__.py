"""Badge classes: picture, criteria, skills."""
