"""Where to begin: a few questions about a path, and what they lead to; the person decides."""
