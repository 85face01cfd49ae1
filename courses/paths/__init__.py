"""The catalogue of learning paths and their steps."""
