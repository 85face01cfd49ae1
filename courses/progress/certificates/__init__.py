"""A certificate shown by its link: shape and uniqueness checked here, the rest by the team."""
