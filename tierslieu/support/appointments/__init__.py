"""A facilitator opens slots; a person takes one, with a reason."""
