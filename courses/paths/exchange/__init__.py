"""A path as a file, out and in."""
