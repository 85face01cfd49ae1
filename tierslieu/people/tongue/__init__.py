"""The language of a person."""
